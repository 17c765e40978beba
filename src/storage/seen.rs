//! The facts that tell an object from a later one of the same name.

use object_store::ObjectMeta;

/// The facts that tell an object from another of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) size: u64,
    pub(super) etag: Option<String>,
    pub(super) modified_unix_ms: i64,
}

impl Seen {
    pub(super) fn new(meta: &ObjectMeta) -> Self {
        Self {
            size: meta.size,
            etag: meta.e_tag.clone(),
            modified_unix_ms: meta.last_modified.timestamp_millis(),
        }
    }

    /// An ETag that promises the same bytes, not only the same meaning: no other may be demanded (RFC 9110,
    /// 13.1.1).
    pub(super) fn strong_etag(&self) -> Option<String> {
        let etag = self.etag.as_ref();
        etag.filter(|etag| !etag.starts_with("W/")).cloned()
    }

    /// Whether an answer is of this object.
    pub(super) fn is_same(&self, meta: &ObjectMeta) -> bool {
        let etags = self.etag.as_ref().zip(meta.e_tag.as_ref());
        self.size == meta.size && etags.is_none_or(|(seen, found)| seen == found)
    }
}

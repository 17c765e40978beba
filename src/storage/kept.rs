//! An object of which only some parts are at hand: the parts kept of one that came through a pipe.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use object_store::path::Path;
use object_store::{
    Attributes, Error, GetOptions, GetResult, GetResultPayload, ObjectMeta, Result,
};

use super::read_only::{ReadOnly, Reads};
use crate::storage::Store;

impl Store {
    /// The object of this size with these parts, each with its place. Other parts of it cannot be read.
    pub fn of_parts(
        description: &str,
        size: u64,
        parts: impl IntoIterator<Item = (u64, Bytes)>,
    ) -> Self {
        let mut kept = BTreeMap::<u64, Bytes>::new();
        for (at, part) in parts {
            let known = kept.entry(at).or_default();
            if known.len() < part.len() {
                *known = part;
            }
        }
        Self {
            objects: Arc::new(ReadOnly(Parts { size, parts: kept })),
            path: Path::from("pipe"),
            local: None,
            seen: Arc::default(),
            counters: Arc::default(),
            pace: super::pace::Pace::default(),
            description: description.into(),
        }
    }
}

#[derive(Debug)]
struct Parts {
    size: u64,
    parts: BTreeMap<u64, Bytes>,
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pipe")
    }
}

fn failure(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic {
        store: "pipe",
        source: what.into(),
    }
}

impl Parts {
    fn find(&self, range: &Range<u64>) -> Option<Bytes> {
        let candidates = self.parts.range(..=range.start).rev();
        candidates
            .filter_map(|(start, part)| {
                let from = usize::try_from(range.start - start).ok()?;
                let to = usize::try_from(range.end - start).ok()?;
                (to <= part.len()).then(|| part.slice(from..to))
            })
            .next()
    }
}

#[async_trait]
impl Reads for Parts {
    const REFUSAL: &'static str = "an archive from a pipe can only be read";

    async fn read(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: self.size,
            e_tag: None,
            version: None,
        };
        let (range, part) = match &options.range {
            Some(range) if !options.head => {
                let range = range.as_range(self.size).map_err(failure)?;
                let part = self.find(&range);
                (
                    range,
                    part.ok_or_else(|| failure("this part of it was not kept"))?,
                )
            }
            _ => (0..0, Bytes::new()),
        };
        Ok(GetResult {
            payload: GetResultPayload::Stream(stream::iter([Ok(part)]).boxed()),
            meta,
            range,
            attributes: Attributes::default(),
            extensions: Default::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_kept_is_read_and_the_rest_is_an_error()
    -> std::result::Result<(), crate::storage::Error> {
        let part = |text: &'static str| Bytes::from_static(text.as_bytes());
        let store = Store::of_parts(
            "-",
            30,
            [
                (0, part("abc")),
                (10, part("0123456789")),
                (26, part("tail")),
            ],
        );
        assert_eq!(store.size().await?, 30);
        assert_eq!(store.read_range(0..3).await?, "abc");
        assert_eq!(store.read_range(12..15).await?, "234");
        assert_eq!(store.tail(2).await?, (part("il"), 30));
        assert_eq!(store.tail(4).await?, (part("tail"), 30));
        for range in [3..4, 0..4, 9..12, 19..21] {
            assert!(store.read_range(range).await.is_err());
        }
        let empty = Store::of_parts("-", 0, []);
        assert_eq!(empty.tail(2048).await?, (Bytes::new(), 0));
        Ok(())
    }
}

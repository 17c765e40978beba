//! The facts seen of members, compared with the manifest once that is known.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::archive::decode::OpenEnd;
use crate::archive::manifest::Manifest;
use crate::archive::{Damage, layout};
use crate::digest::{Sha256, Sha256Hasher};

use super::super::member::{Decoded, ImpliedHeader, Sight, Target};
use super::super::rows::Counted;

const HIDDEN: &str = "it cannot be checked in a pipe, because something before it is no tar header and hides its place";

/// The facts seen of a member, or of the bytes where one must be.
pub(super) struct Seen {
    pub(super) header_at: u64,
    pub(super) header: Header,
    pub(super) content_at: u64,
    pub(super) body: Body,
    /// The end of its content and the rows counted, if it was decoded.
    pub(super) data: Option<(OpenEnd, Counted)>,
}

/// The bytes before the content.
pub(super) enum Header {
    /// Those that follow from this.
    Canonical { name: String, size: u64, mtime: i64 },
    /// These.
    Raw(Bytes),
}

/// The content.
pub(super) enum Body {
    Known {
        size: u64,
        sha256: Sha256,
        padding_differs: Option<u64>,
    },
    /// Up to the next header: the size follows from the manifest alone.
    Astray {
        /// Of all but the last block.
        hasher: Sha256Hasher,
        held: Bytes,
        bytes: u64,
    },
}

impl Header {
    /// The shortest way to keep these bytes.
    pub(super) fn new(raw: Bytes, name: &str, size: u64) -> Self {
        let mtime = tar::Header::from_byte_slice(&raw[..raw.len().min(512)]).mtime();
        let mtime = mtime.ok().and_then(|mtime| i64::try_from(mtime).ok());
        let canonical = mtime.map(|mtime| Self::Canonical {
            name: name.to_owned(),
            size,
            mtime,
        });
        match canonical {
            Some(canonical) if canonical.bytes().as_ref() == Some(&raw) => canonical,
            _ => Self::Raw(raw),
        }
    }

    /// `None` where there is no header that says this, which is never kept.
    fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Canonical { name, size, mtime } => {
                layout::header(name, *size, *mtime).ok().map(Bytes::from)
            }
            Self::Raw(raw) => Some(raw.clone()),
        }
    }

    pub(super) fn kept_bytes(&self) -> u64 {
        match self {
            Self::Canonical { name, .. } => name.len() as u64,
            Self::Raw(raw) => raw.len() as u64,
        }
    }
}

/// Compares all members with the manifest. Returns the damage, and the number of rows counted.
pub(super) fn judge(
    members: Vec<Seen>,
    targets: &[Target],
    manifest: &Manifest,
) -> (Vec<Damage>, u64) {
    let members = members.into_iter().map(|seen| (seen.content_at, seen));
    let mut members: BTreeMap<u64, Seen> = members.collect();
    let (mut damages, mut rows) = (Vec::new(), 0);
    for target in targets {
        let header_differs = header_differs(&members, target, manifest);
        let Some(seen) = members.remove(&target.content.start) else {
            let place = target.place(manifest, target.header_at);
            damages.push(Damage::new(place, HIDDEN));
            continue;
        };
        let sight = seen.sight(header_differs, target, manifest);
        let (found, counted) = sight.judge(target, manifest);
        damages.extend(found);
        rows += counted;
    }
    (damages, rows)
}

/// The first byte of the header that is not what the manifest implies. A broken header may have been taken
/// for several.
fn header_differs(
    members: &BTreeMap<u64, Seen>,
    target: &Target,
    manifest: &Manifest,
) -> Option<u64> {
    let size = target.content.end - target.content.start;
    let implied = ImpliedHeader::new(&target.name, size, manifest);
    let mut from = target.header_at;
    let mut complete = false;
    for seen in members
        .range(target.header_at..=target.content.start)
        .map(|(_, seen)| seen)
    {
        let Some(offset) = seen.header_at.checked_sub(target.header_at) else {
            return Some(target.header_at);
        };
        let Some(found) = seen.header.bytes() else {
            return Some(seen.header_at);
        };
        if let Some(at) = implied.first_difference(offset, &found) {
            return Some(seen.header_at + at);
        }
        complete |= seen.header_at == from && seen.content_at == target.content.start;
        from = seen.content_at;
    }
    (!complete).then_some(target.header_at)
}

impl Seen {
    fn sight(self, header_differs: Option<u64>, target: &Target, manifest: &Manifest) -> Sight {
        let wanted = target.content.end - target.content.start;
        let (sha256, padding_differs) = match self.body {
            Body::Known {
                size,
                sha256,
                padding_differs,
            } if size == wanted => (Some(sha256), padding_differs),
            Body::Astray {
                mut hasher,
                held,
                bytes,
            } if bytes == target.end - target.content.start => {
                let padding = layout::padding(wanted);
                let (content, padding) = held.split_at(held.len().saturating_sub(padding));
                hasher.update(content);
                let differs = padding.iter().position(|&byte| byte != 0);
                let differs = differs.map(|at| target.content.end + at as u64);
                (Some(hasher.finish()), differs)
            }
            _ => (None, None),
        };
        let data = self.data.zip(target.data(manifest));
        Sight {
            header_differs,
            sha256,
            decoded: data.map(|((end, counted), data)| Decoded {
                end: end.judge(data.content(), data.chunk.raw_bytes),
                counted,
            }),
            padding_differs,
        }
    }
}

//! One member as it comes by, from the first byte of its header to the last of its padding.
//!
//! No I/O: [`super::sweep`] reads the file in pieces and hands each member its part.

use std::ops::Range;

use bytes::Bytes;

use crate::archive::decode::Piece;
use crate::archive::manifest::{Chunk, Manifest, Table};
use crate::archive::place::qualified;
use crate::archive::{ChunkDecoder, Content, Damage, DecodeError, Place, layout, names};
use crate::digest::{Sha256, Sha256Hasher};
use crate::monitor::units;

use super::agreement::Subject;
use super::rows::{Counted, RowCounter};

pub(super) const HEADER_DIFFERS: &str = "its tar header contradicts the manifest";
pub(super) const HASH_DIFFERS: &str = "its content is not the content written: its SHA-256 differs";
const PADDING_DIFFERS: &str = "the padding after it is not zero";

/// A member and where it must be.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) header_at: u64,
    pub(super) content: Range<u64>,
    pub(super) end: u64,
    pub(super) sha256: Sha256,
    pub(super) subject: Subject,
}

impl Target {
    /// Where it is, in the user's terms.
    pub(super) fn place(&self, manifest: &Manifest, offset: u64) -> Place {
        let mut place = Place::of_member(&self.name, offset);
        if let Some((table, _)) = rows_of(manifest, self.subject) {
            place.table = Some(qualified(&table.schema, &table.name));
        }
        place
    }
}

/// The table and the chunk that a member holds.
fn rows_of(manifest: &Manifest, subject: Subject) -> Option<(&Table, &Chunk)> {
    let Subject::Rows {
        database,
        table,
        chunk,
    } = subject
    else {
        return None;
    };
    let table = manifest.databases.get(database)?.tables.get(table)?;
    Some((table, table.chunks.get(chunk)?))
}

/// What the manifest says of a member's data.
#[derive(Clone, Copy)]
pub(super) struct Data<'a> {
    pub(super) chunk: &'a Chunk,
    /// Of its rows; none for large objects.
    columns: Option<u32>,
}

impl Data<'_> {
    pub(super) fn content(self) -> Content {
        match self.columns {
            Some(_) => Content::Rows,
            None => Content::Sql,
        }
    }
}

impl Target {
    /// The data that it holds, if any.
    pub(super) fn data<'a>(&self, manifest: &'a Manifest) -> Option<Data<'a>> {
        if let Subject::LargeObjects { database, chunk } = self.subject {
            let large = manifest.databases.get(database)?.large_objects.as_ref()?;
            let chunk = large.chunks.get(chunk)?;
            let columns = None;
            return Some(Data { chunk, columns });
        }
        let (table, chunk) = rows_of(manifest, self.subject)?;
        let columns = Some(table.columns);
        Some(Data { chunk, columns })
    }
}

/// The facts seen of a member.
pub(super) struct Sight {
    /// The first byte of its header that is not what the manifest implies.
    pub(super) header_differs: Option<u64>,
    /// The digest of its content; none where the surrounding bytes do not show where the content ends.
    pub(super) sha256: Option<Sha256>,
    /// The decoded content, if it holds data and was decoded.
    pub(super) decoded: Option<Decoded>,
    pub(super) padding_differs: Option<u64>,
}

/// What a chunk decodes to.
pub(super) struct Decoded {
    pub(super) end: Result<(), DecodeError>,
    pub(super) counted: Counted,
}

impl Sight {
    /// Compares the member with the manifest. Returns the damage and the number of rows counted.
    pub(super) fn judge(self, target: &Target, manifest: &Manifest) -> (Vec<Damage>, u64) {
        let place = |offset| target.place(manifest, offset);
        let content_at = target.content.start;
        let mut damages = Vec::new();
        if let Some(at) = self.header_differs {
            damages.push(Damage::new(place(at), HEADER_DIFFERS));
        }
        let mut rows = 0;
        match self.sha256 {
            Some(found) if found != target.sha256 => {
                // What the content decodes to follows from that and says nothing more.
                let damage = Damage::new(place(content_at), HASH_DIFFERS);
                damages.push(damage.compared(target.sha256, found));
            }
            _ => {
                if let Some((decoded, data)) = self.decoded.zip(target.data(manifest)) {
                    rows = data.columns.map_or(0, |_| decoded.counted.rows);
                    damages.extend(decoded.judge(data, place(content_at)));
                }
            }
        }
        if let Some(at) = self.padding_differs {
            damages.push(Damage::new(place(at), PADDING_DIFFERS));
        }
        (damages, rows)
    }
}

impl Decoded {
    fn judge(self, data: Data<'_>, place: Place) -> Vec<Damage> {
        if let Err(error) = &self.end {
            return vec![Damage::new(place, error.to_string())];
        }
        let Some(columns) = data.columns else {
            return Vec::new();
        };
        let (chunk, counted) = (data.chunk, self.counted);
        let mut damages = Vec::new();
        let mut differs = |what: &str, expected: String, found: String| {
            if expected != found {
                damages.push(Damage::new(place.clone(), what).compared(expected, found));
            }
        };
        differs(
            "its rows are not the manifest's",
            chunk.rows.to_string(),
            counted.rows.to_string(),
        );
        differs(
            "its raw bytes are not the manifest's",
            chunk.raw_bytes.to_string(),
            counted.raw_bytes.to_string(),
        );
        differs(
            "its row digest is not the manifest's",
            chunk.digest.to_string(),
            counted.digest.to_string(),
        );
        if counted.is_cut {
            damages.push(Damage::new(place.clone(), "its last row has no end"));
        }
        if let Some(wrong) = counted.wrong(columns) {
            let what = format!(
                "row {} of the chunk has {}",
                wrong.number,
                units::counted(wrong.columns, "column", "columns")
            );
            damages.push(Damage::new(place, what));
        }
        damages
    }
}

/// The bytes that the manifest implies before a content. Where no tar header can say what the manifest says,
/// there are none, and nothing that is found there is as it must be.
pub(super) struct ImpliedHeader(Option<Vec<u8>>);

impl ImpliedHeader {
    /// The header of a member of this name and size.
    pub(super) fn new(name: &str, size: u64, manifest: &Manifest) -> Self {
        Self(layout::header(name, size, manifest.created_unix).ok())
    }

    /// The first byte of `found` that is not the implied one. `found` begins `from` bytes into the header.
    pub(super) fn first_difference(&self, from: u64, found: &[u8]) -> Option<u64> {
        let implied = self.0.as_deref().unwrap_or_default();
        let expected = |at: usize| {
            let at = from.checked_add(at as u64)?;
            implied.get(usize::try_from(at).ok()?)
        };
        // A byte that nothing is implied for is a difference, never the end of the comparison.
        let differing = (0..found.len()).find(|&at| expected(at) != Some(&found[at]));
        differing.map(|at| at as u64)
    }
}

/// Checks one member.
pub(super) struct MemberCheck<'a> {
    target: &'a Target,
    manifest: &'a Manifest,
    header: ImpliedHeader,
    hasher: Sha256Hasher,
    header_differs: Option<u64>,
    padding_differs: Option<u64>,
    data: Option<DataCheck>,
}

impl<'a> MemberCheck<'a> {
    /// A check of its bytes, and of its rows where `deep`.
    pub(super) fn new(target: &'a Target, manifest: &'a Manifest, deep: bool) -> Self {
        let size = target.content.end - target.content.start;
        Self {
            target,
            manifest,
            header: ImpliedHeader::new(&target.name, size, manifest),
            hasher: Sha256Hasher::new(),
            header_differs: None,
            padding_differs: None,
            data: deep.then(|| DataCheck::new(target, manifest)).flatten(),
        }
    }

    /// Takes bytes of the file, in order, that begin at `at` and lie within the member.
    pub(super) fn feed(&mut self, at: u64, bytes: &Bytes) {
        let target = self.target;
        let (header_at, content) = (target.header_at, &target.content);
        let header = overlap(at, bytes, &(header_at..content.start));
        let from = at.saturating_sub(header_at);
        if let Some(differs) = self.header.first_difference(from, &header) {
            self.header_differs.get_or_insert(at + differs);
        }
        let stored = overlap(at, bytes, content);
        self.hasher.update(&stored);
        if let Some(data) = &mut self.data {
            let ends = at + bytes.len() as u64 >= content.end;
            if !stored.is_empty() {
                data.feed(stored, if ends { Piece::Last } else { Piece::First });
            }
        }
        let padding = overlap(at, bytes, &(content.end..target.end));
        if let Some(differs) = padding.iter().position(|&byte| byte != 0) {
            let differs = at.max(content.end) + differs as u64;
            self.padding_differs.get_or_insert(differs);
        }
    }

    /// Ends the reading. Returns the damage and the number of rows counted.
    pub(super) fn finish(self) -> (Vec<Damage>, u64) {
        let sight = Sight {
            header_differs: self.header_differs,
            sha256: Some(self.hasher.finish()),
            decoded: self.data.map(DataCheck::finish),
            padding_differs: self.padding_differs,
        };
        sight.judge(self.target, self.manifest)
    }
}

/// The part of `bytes`, which begin at `at`, that lies in `range`.
fn overlap(at: u64, bytes: &Bytes, range: &Range<u64>) -> Bytes {
    let end = at + bytes.len() as u64;
    let (from, to) = (range.start.clamp(at, end), range.end.clamp(at, end));
    // Both are within `bytes`, whose length is a usize.
    bytes.slice((from - at) as usize..(to - at) as usize)
}

/// Decodes a chunk and counts its rows.
struct DataCheck {
    decoder: Result<ChunkDecoder, DecodeError>,
    rows: Option<RowCounter>,
}

impl DataCheck {
    /// `None` for a member that holds no data.
    fn new(target: &Target, manifest: &Manifest) -> Option<Self> {
        let data = target.data(manifest)?;
        let compressed = names::is_compressed(&target.name);
        let content = data.content();
        Some(Self {
            decoder: ChunkDecoder::in_pieces(compressed, content, data.chunk.raw_bytes),
            rows: data.columns.map(|_| RowCounter::default()),
        })
    }

    fn feed(&mut self, stored: Bytes, piece: Piece) {
        let Ok(decoder) = &mut self.decoder else {
            return;
        };
        decoder.feed(stored, piece);
        loop {
            match decoder.next_block() {
                Ok(Some(block)) => {
                    if let Some(rows) = &mut self.rows {
                        rows.push(block);
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    self.decoder = Err(error);
                    return;
                }
            }
        }
    }

    fn finish(self) -> Decoded {
        Decoded {
            end: self.decoder.map(drop),
            counted: self.rows.map(|rows| rows.counted()).unwrap_or_default(),
        }
    }
}

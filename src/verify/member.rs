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

use super::agreement::Subject;
use super::rows::RowCounter;

pub(super) const HEADER_DIFFERS: &str = "its tar header is not what the manifest implies";
pub(super) const HASH_DIFFERS: &str = "its content is not what was written: its SHA-256 differs";
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

/// Checks one member.
pub(super) struct MemberCheck<'a> {
    target: &'a Target,
    manifest: &'a Manifest,
    header: Vec<u8>,
    hasher: Sha256Hasher,
    header_differs: Option<u64>,
    padding_differs: Option<u64>,
    data: Option<DataCheck<'a>>,
}

impl<'a> MemberCheck<'a> {
    /// A check of its bytes, and of its rows where `deep`.
    pub(super) fn new(target: &'a Target, manifest: &'a Manifest, deep: bool) -> Self {
        let size = target.content.end - target.content.start;
        let header = layout::header(&target.name, size, manifest.created_unix);
        Self {
            target,
            manifest,
            header: header.unwrap_or_default(),
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
        let from = usize::try_from(at.saturating_sub(header_at)).unwrap_or(usize::MAX);
        let expected = self.header.get(from..).unwrap_or_default();
        let difference = header
            .iter()
            .zip(expected)
            .position(|(found, expected)| found != expected);
        if let Some(differs) = difference {
            self.header_differs.get_or_insert(at + differs as u64);
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

    /// What is wrong, and how many rows were counted.
    pub(super) fn finish(self) -> (Vec<Damage>, u64) {
        let place = |offset| self.target.place(self.manifest, offset);
        let content_at = self.target.content.start;
        let mut damages = Vec::new();
        if let Some(at) = self.header_differs {
            damages.push(Damage::new(place(at), HEADER_DIFFERS));
        }
        let found = self.hasher.finish();
        let mut rows = 0;
        if found != self.target.sha256 {
            // What the content decodes to follows from that and says nothing more.
            let damage = Damage::new(place(content_at), HASH_DIFFERS);
            damages.push(damage.compared(self.target.sha256, found));
        } else if let Some(data) = self.data {
            rows = data.rows.as_ref().map_or(0, RowCounter::rows);
            damages.extend(data.finish(place(content_at)));
        }
        if let Some(at) = self.padding_differs {
            damages.push(Damage::new(place(at), PADDING_DIFFERS));
        }
        (damages, rows)
    }
}

/// The part of `bytes`, which begin at `at`, that lies in `range`.
fn overlap(at: u64, bytes: &Bytes, range: &Range<u64>) -> Bytes {
    let end = at + bytes.len() as u64;
    let (from, to) = (range.start.clamp(at, end), range.end.clamp(at, end));
    // Both are within `bytes`, whose length is a usize.
    bytes.slice((from - at) as usize..(to - at) as usize)
}

/// Decodes a chunk and counts what is in it.
struct DataCheck<'a> {
    decoder: Result<ChunkDecoder, DecodeError>,
    rows: Option<RowCounter>,
    chunk: &'a Chunk,
}

impl<'a> DataCheck<'a> {
    /// `None` for a member that holds no data.
    fn new(target: &Target, manifest: &'a Manifest) -> Option<Self> {
        let (chunk, content, rows) = match target.subject {
            Subject::Rows { .. } => {
                let (table, chunk) = rows_of(manifest, target.subject)?;
                (chunk, Content::Rows, Some(RowCounter::new(table.columns)))
            }
            Subject::LargeObjects { database, chunk } => {
                let large = manifest.databases.get(database)?.large_objects.as_ref()?;
                (large.chunks.get(chunk)?, Content::Sql, None)
            }
            _ => return None,
        };
        let compressed = names::is_compressed(&target.name);
        Some(Self {
            decoder: ChunkDecoder::in_pieces(compressed, content, chunk.raw_bytes),
            rows,
            chunk,
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

    fn finish(self, place: Place) -> Vec<Damage> {
        if let Err(error) = &self.decoder {
            return vec![Damage::new(place, error.to_string())];
        }
        let Some(rows) = self.rows else {
            return Vec::new();
        };
        let mut damages = Vec::new();
        let mut differs = |what: &str, expected: String, found: String| {
            if expected != found {
                damages.push(Damage::new(place.clone(), what).compared(expected, found));
            }
        };
        let chunk = self.chunk;
        differs(
            "its rows are not the manifest's",
            chunk.rows.to_string(),
            rows.rows().to_string(),
        );
        differs(
            "its raw bytes are not the manifest's",
            chunk.raw_bytes.to_string(),
            rows.raw_bytes().to_string(),
        );
        differs(
            "its row digest is not the manifest's",
            chunk.digest.to_string(),
            rows.digest().to_string(),
        );
        if rows.is_cut() {
            damages.push(Damage::new(place.clone(), "its last row has no end"));
        }
        if let Some(wrong) = rows.wrong() {
            let what = format!(
                "row {} of the chunk has {} columns",
                wrong.number, wrong.columns
            );
            damages.push(Damage::new(place, what));
        }
        damages
    }
}

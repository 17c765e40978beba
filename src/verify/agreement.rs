//! Does the manifest agree with itself, with the trailer, and with the shape of a tar? Pure.
//!
//! The manifest's hash is pinned by the trailer, so a disagreement is not a flipped bit but a broken
//! or hostile writer. Nothing in it is believed all the same before this has looked at it.

use std::collections::HashSet;

use crate::archive::layout::{self, NAME_BYTES_MAX};
use crate::archive::manifest::{Chunk, Database, Member, Table};
use crate::archive::place::qualified;
use crate::archive::{ArchiveReader, Compression, Damage, Place, chunk, names};
use crate::digest::{RowDigest, Sha256};

/// What a member is about. Positions are those in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// No one says.
    Unknown,
    Readme,
    Toc {
        database: usize,
    },
    GlobalsToc,
    Rows {
        database: usize,
        table: usize,
        chunk: usize,
    },
    LargeObjects {
        database: usize,
        chunk: usize,
    },
}

/// The findings, and the subject of each member.
pub(super) struct Agreement {
    pub(super) damages: Vec<Damage>,
    pub(super) subjects: Vec<Subject>,
}

/// Looks at everything that can be said without reading a member.
pub(super) fn check(reader: &ArchiveReader) -> Agreement {
    let members = &reader.manifest().members;
    let mut claims = Claims {
        reader,
        damages: Vec::new(),
        subjects: vec![Subject::Unknown; members.len()],
    };
    claims.check_places();
    claims.check_sums();
    claims.check_compression();
    claims.claim_fixed();
    for (at, database) in reader.manifest().databases.iter().enumerate() {
        claims.claim_database(at, database);
    }
    claims.check_all_claimed();
    claims.check_order();
    Agreement {
        damages: claims.damages,
        subjects: claims.subjects,
    }
}

struct Claims<'a> {
    reader: &'a ArchiveReader,
    damages: Vec<Damage>,
    subjects: Vec<Subject>,
}

impl Claims<'_> {
    /// Members follow one another without a gap, from the first byte to the manifest.
    fn check_places(&mut self) {
        let mut start = 0;
        let mut seen = HashSet::new();
        for member in &self.reader.manifest().members {
            if !is_member_name(&member.name) || !seen.insert(member.name.as_str()) {
                self.damages
                    .push(of(member, "cannot be a member's name, or is one twice"));
                return;
            }
            let extent = layout::extent(start, &member.name, member.size);
            let Some((content, end)) = extent else {
                self.damages
                    .push(of(member, "lies beyond the end of any file"));
                return;
            };
            if content != member.offset {
                let damage = of(member, "does not follow the member before it");
                self.damages.push(damage.compared(content, member.offset));
                return;
            }
            start = end;
        }
        let manifest = self.reader.trailer().manifest.offset;
        let expected = start.saturating_add(layout::header_bytes(names::MANIFEST));
        if expected != manifest {
            let place = Place::of_member(names::MANIFEST, manifest);
            let damage = Damage::new(place, "does not follow the last member it names");
            self.damages.push(damage.compared(expected, manifest));
        }
    }

    /// SHA256SUMS says what the manifest says.
    fn check_sums(&mut self) {
        let manifest = self.reader.manifest();
        let implied = layout::sums(&manifest.members, self.reader.digest());
        let sums = self.reader.trailer().sums;
        let implied = Sha256::of(implied.as_bytes());
        if implied != sums.sha256 {
            let place = Place::of_member(names::SUMS, sums.offset);
            let damage = Damage::new(place, "contradicts the manifest");
            self.damages.push(damage.compared(implied, sums.sha256));
        }
    }

    /// All chunks are of the kind that the dump's options say.
    fn check_compression(&mut self) {
        let manifest = self.reader.manifest();
        let place = || Place::of_member(names::MANIFEST, self.reader.trailer().manifest.offset);
        let said = &manifest.options.compression;
        let Ok(compression) = said.parse::<Compression>() else {
            let damage = Damage::new(place(), "names no compression that archives have");
            return self
                .damages
                .push(damage.compared("zstd:LEVEL or none", said));
        };
        let mut chunks = manifest.members.iter();
        let other = chunks.find(|member| {
            names::dump_id_of(&member.name).is_some()
                && names::is_compressed(&member.name) != compression.is_compressed()
        });
        if let Some(member) = other {
            let what = "is not compressed as the manifest says of all chunks";
            let damage = of(member, what).compared(compression, &member.name);
            self.damages.push(damage);
        }
    }

    /// A database's table of contents comes after its last chunk.
    fn check_order(&mut self) {
        let mut written = HashSet::new();
        let members = &self.reader.manifest().members;
        for (member, subject) in members.iter().zip(&self.subjects) {
            match subject {
                Subject::Toc { database } => {
                    written.insert(database);
                }
                Subject::Rows { database, .. } | Subject::LargeObjects { database, .. }
                    if written.contains(database) =>
                {
                    self.damages
                        .push(of(member, "comes after its table of contents"));
                }
                _ => {}
            }
        }
    }

    fn claim_fixed(&mut self) {
        match self.reader.manifest().members.first() {
            Some(first) if first.name == names::README => self.subjects[0] = Subject::Readme,
            _ => self.complain(Place::at(0), "README.txt is not the first member"),
        }
        if self.reader.manifest().globals.is_some() {
            self.claim(names::GLOBALS_TOC, None, Subject::GlobalsToc);
        }
    }

    fn claim_database(&mut self, at: usize, database: &Database) {
        if names::directory_for(&database.name.0) != database.directory {
            let what = format!("its folder would not be {}", database.directory);
            self.complain(of_database(database), what);
        }
        let toc = names::toc_member(&database.directory);
        self.claim(&toc, None, Subject::Toc { database: at });
        for (number, table) in database.tables.iter().enumerate() {
            self.check_table(database, table);
            for (position, chunk) in table.chunks.iter().enumerate() {
                let subject = Subject::Rows {
                    database: at,
                    table: number,
                    chunk: position,
                };
                let marker = chunk::END_MARKER.len() as u64;
                self.claim_chunk(database, chunk, marker, subject);
            }
        }
        let large = database
            .large_objects
            .iter()
            .flat_map(|large| &large.chunks);
        for (position, chunk) in large.enumerate() {
            let subject = Subject::LargeObjects {
                database: at,
                chunk: position,
            };
            self.claim_chunk(database, chunk, 0, subject);
        }
    }

    /// A table's figures are the sums over its chunks.
    fn check_table(&mut self, database: &Database, table: &Table) {
        let mut digest = RowDigest::default();
        // A sum that is too large is none, and equal to nothing.
        let (mut rows, mut raw_bytes) = (Some(0_u64), Some(0_u64));
        for chunk in &table.chunks {
            digest.merge(chunk.digest);
            rows = rows.and_then(|rows| rows.checked_add(chunk.rows));
            raw_bytes = raw_bytes.and_then(|bytes| bytes.checked_add(chunk.raw_bytes));
        }
        let place = || Place {
            table: Some(qualified(&table.schema, &table.name)),
            ..of_database(database)
        };
        if table.chunks.is_empty() {
            self.complain(place(), "has no chunk, which even an empty table has");
        }
        let figures = (Some(table.rows), Some(table.raw_bytes), table.digest);
        if figures != (rows, raw_bytes, digest) {
            self.complain(
                place(),
                "its rows, bytes and digest are not the sums of its chunks'",
            );
        }
    }

    fn claim_chunk(
        &mut self,
        database: &Database,
        chunk: &Chunk,
        end_bytes: u64,
        subject: Subject,
    ) {
        let place = Place {
            chunk: Some(chunk.dump_id),
            ..of_database(database)
        };
        let Some(whole) = chunk.raw_bytes.checked_add(end_bytes) else {
            return self.complain(place, "has more raw bytes than can be");
        };
        // Compressed or not is the dump's choice for all of them; the name tells.
        for compressed in [true, false] {
            let name = names::data_member(&database.directory, chunk.dump_id, compressed);
            if self.reader.find(&name).is_some() {
                return self.claim(&name, Some(whole), subject);
            }
        }
        self.complain(place, "has no member with its data");
    }

    /// A member belongs to one thing only, and decodes to the size that this says.
    fn claim(&mut self, name: &str, raw_bytes: Option<u64>, subject: Subject) {
        let Some(at) = self.reader.position(name) else {
            let place = Place {
                offset: None,
                ..Place::of_member(name, 0)
            };
            return self.complain(place, "is missing");
        };
        let member = &self.reader.manifest().members[at];
        if self.subjects[at] != Subject::Unknown {
            self.damages.push(of(member, "is claimed twice"));
        }
        if member.raw_bytes != raw_bytes {
            self.damages
                .push(of(member, "its raw size is not that of its content"));
        }
        self.subjects[at] = subject;
    }

    fn check_all_claimed(&mut self) {
        let members = &self.reader.manifest().members;
        for (member, subject) in members.iter().zip(&self.subjects) {
            if *subject == Subject::Unknown {
                self.damages
                    .push(of(member, "belongs to nothing in the manifest"));
            }
        }
    }

    fn complain(&mut self, place: Place, what: impl Into<String>) {
        self.damages.push(Damage::new(place, what));
    }
}

fn of(member: &Member, what: &str) -> Damage {
    Damage::new(Place::of_member(&member.name, member.offset), what)
}

fn of_database(database: &Database) -> Place {
    Place {
        database: Some(database.name.clone()),
        ..Place::default()
    }
}

/// The names that a writer makes, and no other: nothing that leads out of the folder it is unpacked in.
fn is_member_name(name: &str) -> bool {
    if name == names::README || name == names::GLOBALS_TOC {
        return true;
    }
    if name.len() > NAME_BYTES_MAX {
        return false;
    }
    let Some(directory) = names::directory_of(name) else {
        return false;
    };
    let is_toc = name == names::toc_member(directory);
    let is_data = names::dump_id_of(name).is_some_and(|id| {
        let compressed = names::is_compressed(name);
        id > 0 && name == names::data_member(directory, id, compressed)
    });
    names::database_for(directory).is_some() && (is_toc || is_data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_writer_makes_are_names() {
        for name in ["README.txt", "globals/toc.dat", "databases/a%20b/toc.dat"] {
            assert!(is_member_name(name), "{name}");
        }
        assert!(is_member_name("databases/x/12.dat") && is_member_name("databases/x/12.dat.zst"));
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "databases/../toc.dat",
            "databases/x/../toc.dat",
            "databases/x/012.dat",
            "databases/x/+1.dat",
            "databases/x/-1.dat",
            "databases/x/1.dat.gz",
            "databases//toc.dat",
            "manifest.json",
            "README.txt/",
            "databases/x/y/toc.dat",
        ] {
            assert!(!is_member_name(name), "{name}");
        }
    }
}

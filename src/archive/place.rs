//! A spot in an archive, said so that a person finds it: which database, table, chunk, member, byte.

use std::fmt;

use serde::Serialize;

use super::manifest::{Manifest, Name};
use super::names;

/// The place of a fault. A field is absent where it is unknown or does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The database.
    pub database: Option<Name>,
    /// The table, `schema.name`.
    pub table: Option<Name>,
    /// The chunk's TOC entry.
    pub chunk: Option<i32>,
    /// The member of the tar.
    pub member: Option<String>,
    /// The byte in the file.
    pub offset: Option<u64>,
}

impl Place {
    /// A byte of the file.
    pub fn at(offset: u64) -> Self {
        Self {
            offset: Some(offset),
            ..Self::default()
        }
    }

    /// A member; its folder and file name tell the database and the chunk.
    pub fn of_member(name: &str, offset: u64) -> Self {
        let directory = names::directory_of(name);
        Self {
            database: directory.and_then(names::database_for).map(Name),
            chunk: names::dump_id_of(name),
            member: Some(name.to_owned()),
            offset: Some(offset),
            table: None,
        }
    }

    /// The same place with the table that the manifest names for the chunk.
    pub fn with_table(mut self, manifest: &Manifest) -> Self {
        let (Some(database), Some(chunk)) = (&self.database, self.chunk) else {
            return self;
        };
        let database = manifest.database(&database.0);
        let table = database.iter().flat_map(|d| &d.tables).find(|table| {
            let mut chunks = table.chunks.iter();
            chunks.any(|candidate| candidate.dump_id == chunk)
        });
        self.table = table.map(|table| qualified(&table.schema, &table.name));
        self
    }
}

/// `schema.name` for people.
pub fn qualified(schema: &Name, name: &Name) -> Name {
    let mut out = schema.0.clone();
    out.push(b'.');
    out.extend_from_slice(&name.0);
    Name(out)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(database) = &self.database {
            parts.push(format!("database \"{database}\""));
        }
        if let Some(table) = &self.table {
            parts.push(format!("table \"{table}\""));
        }
        if let Some(chunk) = self.chunk {
            parts.push(format!("chunk {chunk}"));
        }
        match (&self.member, self.offset) {
            (Some(member), Some(offset)) => parts.push(format!("{member} at byte {offset}")),
            (Some(member), None) => parts.push(member.clone()),
            (None, Some(offset)) => parts.push(format!("byte {offset}")),
            (None, None) => {}
        }
        if parts.is_empty() {
            parts.push("the archive".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_from_the_outside_in() {
        let place = Place::of_member("databases/a%20b/12.dat.zst", 1024);
        let said = "database \"a b\", chunk 12, databases/a%20b/12.dat.zst at byte 1024";
        assert_eq!(place.to_string(), said);
        assert_eq!(Place::at(7).to_string(), "byte 7");
        assert_eq!(Place::default().to_string(), "the archive");
        let manifest = Place::of_member(names::MANIFEST, 9);
        assert_eq!(manifest.to_string(), "manifest.json at byte 9");
    }
}

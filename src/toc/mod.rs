//! The table of contents: the vocabulary every other module speaks.
//!
//! Pure data in pg_dump's own terms: no I/O, no serde, no byte format (`pgdump::toc_dat` has that).
//! Strings are bytes in the database's encoding. [`entry`] holds the entry and its identifiers,
//! [`kind`] the `desc` field as an enum, [`quote`] how names and literals are written in SQL ([`keywords`]
//! are the names that need quotes), [`lex`] how they are found in it, [`list`] what `pg_restore -l` prints,
//! [`pattern`] what users write to mean many names, [`filter_file`] the file in which they do.

pub mod entry;
pub mod filter_file;
pub mod keywords;
pub mod kind;
pub mod lex;
pub mod list;
pub mod pattern;
pub mod quote;

use bstr::{BString, ByteSlice};

/// The schema in which a restore keeps its journal until it is complete. It is no part of what the
/// database holds: neither dumped nor restored.
pub const JOURNAL_SCHEMA: &str = "pgark_restore";

/// The definition of a TABLE DATA entry whose rows go through the partition root, which is named after it;
/// also the mark of a table's chunks in our archives. pg_restore does not TRUNCATE the table of such an
/// entry in parallel mode (`restore_toc_entry()` in pg_backup_archiver.c).
pub const LOAD_VIA_ROOT: &[u8] = b"-- load via partition root ";

pub use entry::{CatalogId, DumpId, Section, Subject, TocEntry};
pub use kind::ObjectKind;

/// When an archive was made, broken down as `struct tm` is (pg_dump writes local time; we write UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CreatedAt {
    /// 0 to 60.
    pub sec: i32,
    /// 0 to 59.
    pub min: i32,
    /// 0 to 23.
    pub hour: i32,
    /// Day of the month, 1 to 31.
    pub mday: i32,
    /// Month, 0 to 11.
    pub mon: i32,
    /// Years since 1900.
    pub year: i32,
    /// Positive when daylight saving time was in effect.
    pub isdst: i32,
}

/// One database's table of contents, in the order in which pg_restore would go through it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toc {
    /// When it was made.
    pub created: CreatedAt,
    /// The database's name.
    pub database: BString,
    /// The server's version as it calls itself, for instance `15.18 (Debian 15.18-0+deb12u1)`.
    pub server_version: BString,
    /// The version of the pg_dump that wrote it.
    pub dump_version: BString,
    /// The entries.
    pub entries: Vec<TocEntry>,
}

impl Toc {
    /// The entry with this dump id.
    pub fn entry(&self, id: DumpId) -> Option<&TocEntry> {
        self.entries.iter().find(|entry| entry.dump_id == id)
    }

    /// The largest dump id in use, zero in an empty TOC.
    pub fn max_dump_id(&self) -> DumpId {
        self.entries
            .iter()
            .map(|entry| entry.dump_id)
            .max()
            .unwrap_or(DumpId(0))
    }

    /// The `client_encoding` that the texts and the data are in, from the ENCODING entry.
    pub fn encoding(&self) -> Option<&[u8]> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.kind == ObjectKind::Encoding)?;
        let defn = entry.defn.as_ref()?;
        let start = defn.find_byte(b'\'')? + 1;
        let end = start + defn[start..].find_byte(b'\'')?;
        Some(&defn[start..end])
    }
}

//! The structs of `manifest.json`. `inspect` and `verify` report in the same structs.
//!
//! Every field is described in FORMAT.md too. Names and texts from a database are bytes and go into
//! JSON through [`Name`]. Readers skip fields they do not know: a later version may add some, but
//! may not change what the present ones mean.

use serde::{Deserialize, Serialize};

use crate::digest::{RowDigest, Sha256};

pub use super::text::Name;
use super::text::digest;

/// The whole manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format's version, [`FORMAT_VERSION`](super::FORMAT_VERSION).
    pub format: u32,
    /// The program that wrote the archive, for instance `pgark 0.1.0`.
    pub creator: String,
    /// When, in seconds since 1970 UTC; also the modification time of every tar header.
    pub created_unix: i64,
    /// How.
    pub options: DumpOptionsRecord,
    /// From where.
    pub server: ServerFacts,
    /// The version of the pg_dump that read the schema, or whose words the schema is in.
    pub pg_dump_version: String,
    /// Who read the schema: `catalogs`, or `pg_dump`, which absent means too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_reader: Option<String>,
    /// The time between the first and the last database's snapshot, in microseconds.
    pub snapshot_spread_us: u64,
    /// The content of globals/toc.dat; absent where globals were not asked for.
    pub globals: Option<GlobalsFacts>,
    /// The databases, in the order in which they were named.
    pub databases: Vec<Database>,
    /// Of a dump of all databases: those of the server that are not in the archive, template0 apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Every member above manifest.json, in the order of the file.
    pub members: Vec<Member>,
}

/// The options of the dump, as the user gave them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpOptionsRecord {
    /// `zstd:LEVEL` or `none`.
    pub compression: String,
    /// The raw size at which a chunk ends.
    pub chunk_bytes: u64,
    /// How many workers there were.
    pub jobs: u32,
    /// `schema-only`, `data-only`, or absent for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sections: Option<String>,
    /// Filters, one text per option, for instance `--table=public.samples`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
}

/// The server the databases came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    /// `server_version_num`, for instance 150018.
    pub version_num: u32,
    /// `server_version`, for instance `15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
    /// The host as it was named; absent for a Unix socket.
    pub host: Option<String>,
    /// The number that this server and its physical copies share and no other server has; absent where the
    /// server gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_identifier: Option<String>,
}

/// The fate of role passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Passwords {
    /// They are in the archive.
    Included,
    /// The user of the dump may not read them.
    Unreadable,
    /// They were not asked for.
    Excluded,
}

/// The content of globals/toc.dat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalsFacts {
    /// Roles.
    pub roles: u64,
    /// Role memberships.
    pub memberships: u64,
    /// Tablespaces.
    pub tablespaces: u64,
    /// Role passwords.
    pub passwords: Passwords,
}

/// A database that a dump of all left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub name: Name,
    /// Why.
    pub why: WhyLeftOut,
}

/// Why a dump of all databases left one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLeftOut {
    /// `--exclude-database` names it.
    Excluded,
    /// `datallowconn` is false.
    NoConnections,
    /// DROP DATABASE of it was interrupted.
    Invalid,
    /// template1 as initdb made it.
    Fresh,
    /// template1 that did not let the user of the dump in.
    Closed,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}

impl WhyLeftOut {
    /// The reason in words, to stand in brackets behind the name.
    pub fn words(self) -> &'static str {
        match self {
            Self::Excluded => "--exclude-database",
            Self::NoConnections => "allows no connections",
            Self::Invalid => "invalid: its DROP DATABASE did not end",
            Self::Fresh => "as every server has it",
            Self::Closed => "the user of the dump may not connect to it",
            Self::Unknown => "for a reason of a later version",
        }
    }
}

impl LeftOut {
    /// All of a list in one line for people; none where the list is empty.
    pub fn in_words(left_out: &[Self]) -> Option<String> {
        let words = left_out
            .iter()
            .map(|left| format!("{} ({})", left.name, left.why.words()));
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// Its name.
    pub name: Name,
    /// Its folder below `databases/`.
    pub directory: String,
    /// Its owner.
    pub owner: Name,
    /// Its encoding, in which all its names, definitions and rows are.
    pub encoding: String,
    /// `LC_COLLATE`.
    pub collate: String,
    /// `LC_CTYPE`.
    pub ctype: String,
    /// `libc`, `icu` or `builtin`.
    pub locale_provider: String,
    /// The provider's locale, for `icu` and `builtin`.
    pub locale: Option<String>,
    /// Tailoring rules of an ICU locale.
    pub icu_rules: Option<String>,
    /// The version of the collation that the source's indexes were built with.
    pub collation_version: Option<String>,
    /// Its default tablespace.
    pub tablespace: Name,
    /// `CONNECTION LIMIT`, -1 for none.
    pub connection_limit: i32,
    /// `ALTER DATABASE ... SET` and `ALTER ROLE ... IN DATABASE ... SET`.
    pub settings: Vec<Setting>,
    /// Its comment.
    pub comment: Option<Name>,
    /// `pg_database_size` on the source.
    pub size_bytes: u64,
    /// The server's version, as in [`ServerFacts::version`].
    pub server_version: String,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// The snapshot that everything in it was read from.
    pub snapshot: Snapshot,
    /// Its tables with data, in the order of their TOC entries.
    pub tables: Vec<Table>,
    /// Its large objects; absent where there are none or they were not asked for.
    pub large_objects: Option<LargeObjects>,
    /// How many entries its TOC has.
    pub toc_entries: u64,
}

/// One `name=value` that is set for a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The role it is for; absent for all.
    pub role: Option<Name>,
    /// `name=value`, as in `pg_db_role_setting`.
    pub setting: Name,
}

/// An installed extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Name,
    /// The schema it is in.
    pub schema: Name,
}

/// An exported snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The result of `pg_export_snapshot`.
    pub name: String,
    /// The WAL position, for instance `0/1A2B3C4`.
    pub wal_position: String,
    /// When, RFC 3339 in UTC with microseconds.
    pub taken_at: String,
}

/// A table whose rows are in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its schema.
    pub schema: Name,
    /// Its name.
    pub name: Name,
    /// Its OID on the source.
    pub oid: u32,
    /// The TOC entry that creates the table, which for a configuration table is that of its extension.
    /// None where the TOC has none: in a dump of data only, or of such a table without its extension.
    pub dump_id: Option<i32>,
    /// Rows, over all chunks.
    pub rows: u64,
    /// Bytes of COPY text with newlines and without end markers, over all chunks.
    pub raw_bytes: u64,
    /// The sum of the chunks' row digests.
    #[serde(with = "digest")]
    pub digest: RowDigest,
    /// How many columns its COPY statement names.
    pub columns: u32,
    /// Whether one worker must load the chunks in their order: the table was CLUSTERed, or carries a
    /// BRIN index.
    pub in_order: bool,
    /// Its chunks, in the order of the table. An empty table has one without rows.
    pub chunks: Vec<Chunk>,
}

/// Some rows of a table, or some large objects: one TOC entry, one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Its TOC entry, and its member's file name.
    pub dump_id: i32,
    /// Rows; zero for large objects.
    pub rows: u64,
    /// Bytes of COPY text with newlines, without the end marker; for large objects, of SQL.
    pub raw_bytes: u64,
    /// The digest of the rows; zero for large objects.
    #[serde(with = "digest")]
    pub digest: RowDigest,
}

/// A database's large objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeObjects {
    /// How many.
    pub count: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// The members with their content.
    pub chunks: Vec<Chunk>,
}

/// One file in the tar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its path.
    pub name: String,
    /// Where its content begins in the file.
    pub offset: u64,
    /// How many bytes that is.
    pub size: u64,
    /// Their SHA-256.
    #[serde(with = "digest")]
    pub sha256: Sha256,
    /// For data: how many bytes it decodes to, the end marker included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_bytes: Option<u64>,
}

impl Manifest {
    /// The manifest of these bytes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The bytes of manifest.json: one line.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut out = serde_json::to_vec(self)?;
        out.push(b'\n');
        Ok(out)
    }

    /// The database of this name.
    pub fn database(&self, name: &[u8]) -> Option<&Database> {
        self.databases
            .iter()
            .find(|database| database.name.0 == name)
    }
}

impl Database {
    /// Rows in all tables.
    pub fn rows(&self) -> u64 {
        let rows = self.tables.iter().map(|table| table.rows);
        rows.fold(0, u64::saturating_add)
    }

    /// Every chunk of every table, then those of the large objects.
    pub fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        let large = self.large_objects.iter().flat_map(|large| &large.chunks);
        self.tables
            .iter()
            .flat_map(|table| &table.chunks)
            .chain(large)
    }
}

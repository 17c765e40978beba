//! Who reads the schema: we from the catalogs, or a pg_dump.
//!
//! Both give the same table of contents. [`definitions`](super::definitions) needs nothing but a session;
//! [`program`](super::program) is there for servers and objects that it refuses.

use super::definitions::DIALECT;
use super::program::{self, PgDump, Program};
use crate::pg::ServerVersion;

/// The reader that was chosen.
#[derive(Debug, Clone)]
pub enum SchemaReader {
    /// We, from the server's catalogs.
    Catalogs,
    /// A pg_dump, where it is or may be found.
    PgDump(PgDump),
}

/// A reader that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// We.
    Catalogs,
    /// This program.
    PgDump(Program),
}

impl SchemaReader {
    /// The reader for a server of this version.
    pub async fn find(&self, version: ServerVersion) -> Result<Reader, program::Error> {
        match self {
            Self::Catalogs => Ok(Reader::Catalogs),
            Self::PgDump(pg_dump) => program::find(pg_dump, version).await.map(Reader::PgDump),
        }
    }
}

impl Reader {
    /// `catalogs` or `pg_dump`, as manifests and options call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Catalogs => "catalogs",
            Self::PgDump(_) => "pg_dump",
        }
    }

    /// The version of pg_dump whose words its texts are.
    pub fn dialect(&self) -> &str {
        match self {
            Self::Catalogs => DIALECT,
            Self::PgDump(program) => &program.version,
        }
    }
}

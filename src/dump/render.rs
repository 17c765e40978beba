//! A dump's plan as a person reads it (`--dry-run`).

use std::fmt;

use bstr::BString;

use super::job::Prepared;
use super::plan::{self, Cut, Work};
use crate::archive::manifest::LeftOut;
use crate::monitor::units::{self, counted};
use crate::pg::Session;
use crate::schema::reader::Reader;

/// How many tables of each database are listed.
const TABLES_LISTED: usize = 10;

/// What a dump would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpPlan {
    server_version: String,
    schema: String,
    databases: Vec<PlannedDatabase>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PlannedDatabase {
    name: BString,
    entries: usize,
    tasks: usize,
    bytes: u64,
    large_objects: usize,
    /// Size, name and number of parts; largest first.
    tables: Vec<(u64, BString, usize)>,
}

impl DumpPlan {
    pub(super) fn new(reader: &Reader, session: &Session, left_out: Vec<LeftOut>) -> Self {
        Self {
            server_version: session.server_version_text().to_owned(),
            schema: match reader {
                Reader::Catalogs => "read from the catalogs".to_owned(),
                Reader::PgDump(program) => {
                    let path = program.path.display();
                    format!("read by {path} ({})", program.version)
                }
            },
            databases: vec![],
            left_out,
        }
    }

    pub(super) fn add(&mut self, prepared: &Prepared, server_major: u32, cut: Cut) {
        let contents = &prepared.contents;
        let tasks = plan::tasks(0, contents, server_major, cut);
        let mut parts = vec![0; contents.tables.len()];
        for task in &tasks {
            if let Work::Table { table, .. } = task.work {
                parts[table] += 1;
            }
        }
        let tables = contents.tables.iter().zip(parts);
        let mut tables: Vec<_> = tables
            .map(|(table, parts)| (table.size_bytes, table.qualified.clone(), parts))
            .collect();
        tables.sort_by_key(|table| std::cmp::Reverse(table.0));
        self.databases.push(PlannedDatabase {
            name: prepared.facts.name.clone(),
            entries: prepared.entries,
            tasks: tasks.len(),
            bytes: tasks.iter().map(|task| task.size_bytes).sum(),
            large_objects: contents.large_objects.len(),
            tables,
        });
    }
}

impl fmt::Display for DumpPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "server:  PostgreSQL {}", self.server_version)?;
        writeln!(f, "schema:  {}", self.schema)?;
        for database in &self.databases {
            writeln!(
                f,
                "database \"{}\": {}, {} and {} of about {}, {}",
                database.name,
                counted(database.entries as u64, "definition", "definitions"),
                counted(database.tables.len() as u64, "table", "tables"),
                counted(
                    database.large_objects as u64,
                    "large object",
                    "large objects"
                ),
                units::bytes(database.bytes),
                counted(database.tasks as u64, "task", "tasks")
            )?;
            for (bytes, name, parts) in database.tables.iter().take(TABLES_LISTED) {
                let parts = counted(*parts as u64, "part", "parts");
                writeln!(f, "  {:>12}  {name} in {parts}", units::bytes(*bytes))?;
            }
            let more = database.tables.len().saturating_sub(TABLES_LISTED);
            if more > 0 {
                let more = counted(more as u64, "more table", "more tables");
                writeln!(f, "  ... and {more}")?;
            }
        }
        if let Some(words) = LeftOut::in_words(&self.left_out) {
            writeln!(f, "left out: {words}")?;
        }
        Ok(())
    }
}

//! The chosen part of an archive: which databases, under which names, with which tables of contents.
//!
//! Reads TOCs and nothing else. Names are changed here (`DB=NEWNAME`), so every later step sees the target's.
//! `select` decides which entries are wanted.

mod arrange;
mod facts;

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::error::Error;
use super::options::{DatabaseChoice, RestoreOptions};
use super::outcome::Skipped;
use super::selection::Selection;
use super::statements::rename::{rename_database, without_tablespace};
use super::statements::standard_strings::{self, Constants};
use crate::monitor::chain;
use crate::source::{self, Data, Source};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};
pub(crate) use arrange::arrange;
pub(crate) use facts::DataFacts;

/// What a restore works from.
pub(crate) struct Contents {
    pub(crate) databases: Vec<DatabaseContents>,
    /// Roles, memberships and tablespaces, where they are wanted and there.
    pub(crate) globals: Option<Toc>,
}

/// One database to be restored.
pub(crate) struct DatabaseContents {
    /// Its name in the archive.
    pub(crate) source: BString,
    /// Its name on the target.
    pub(crate) target: BString,
    /// What the archive says about it.
    pub(crate) facts: source::Database,
    /// Its table of contents, speaking of the target's name.
    pub(crate) toc: Toc,
    /// The data of its entries.
    pub(crate) chunks: HashMap<DumpId, Data>,
    /// The chunks of each table whose rows must arrive in order.
    pub(crate) in_order: Vec<Vec<DumpId>>,
    /// How the archive writes string constants.
    pub(crate) constants: Constants,
    /// The entries that the user's list names, where there is one.
    pub(crate) listed: Option<HashSet<DumpId>>,
}

impl Contents {
    /// Reads the tables of contents of the databases that `options` choose.
    pub(crate) async fn read(source: &Source, options: &RestoreOptions) -> Result<Self, Error> {
        Self::read_whole(source, options, &mut Vec::new()).await
    }

    /// The same. With `--skip-damaged`, those that are damaged are left out and added to `damaged`.
    pub(crate) async fn read_whole(
        source: &Source,
        options: &RestoreOptions,
        damaged: &mut Vec<Skipped>,
    ) -> Result<Self, Error> {
        let mut pass_over = |database: &BString, error: Error| {
            if !(options.skip_damaged && error.is_damage()) {
                return Err(error);
            }
            damaged.push(Skipped {
                database: database.clone(),
                object: "everything".to_owned(),
                because: chain(&error),
            });
            Ok(())
        };
        index(source, options).await?;
        let mut databases = Vec::new();
        if options.wants_databases() {
            for choice in choices(source, &options.databases)? {
                let target = choice.target.clone();
                let mut database = match read_database(source, choice).await {
                    Ok(database) => database,
                    Err(error) => {
                        pass_over(&target, error)?;
                        continue;
                    }
                };
                simplify(&mut database.toc, &options.selection);
                databases.push(database);
            }
        }
        if let Some(list) = &options.list {
            databases = arrange(list, databases, !options.databases.is_empty())?;
        }
        let globals = if options.wants_globals() {
            match source.globals().await {
                Ok(globals) => globals,
                Err(error) => {
                    // Roles and tablespaces belong to no database.
                    pass_over(&BString::default(), error.into())?;
                    None
                }
            }
        } else {
            None
        };
        if globals.is_none() && !options.wants_databases() {
            let what = "--globals-only: the archive holds no roles and tablespaces".to_owned();
            return Err(Error::Usage { what });
        }
        Ok(Self { databases, globals })
    }
}

/// Finds the data whose place the archive's table of contents does not know. That may take as long as reading
/// the archive, so it runs beside its caller and can be given up.
async fn index(source: &Source, options: &RestoreOptions) -> Result<(), Error> {
    let selection = &options.selection;
    let wants_data = selection.sections.data && selection.content.data;
    if !wants_data || !options.wants_databases() {
        return Ok(());
    }
    let source = source.clone();
    match tokio::spawn(async move { source.index() }).await {
        Ok(done) => Ok(done?),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// The databases that the user chose, or all.
pub(crate) fn choices(
    source: &Source,
    chosen: &[DatabaseChoice],
) -> Result<Vec<DatabaseChoice>, Error> {
    let present = || source.databases().iter().map(|database| &database.name);
    if chosen.is_empty() {
        let all = present().map(|name| DatabaseChoice {
            source: name.clone(),
            target: name.clone(),
        });
        return Ok(all.collect());
    }
    let missing: Vec<BString> = chosen
        .iter()
        .filter(|choice| source.database(&choice.source).is_none())
        .map(|choice| choice.source.clone())
        .collect();
    if !missing.is_empty() {
        let present = present().cloned().collect();
        return Err(Error::UnknownDatabases { missing, present });
    }
    let mut targets = HashSet::new();
    if let Some(twice) = chosen.iter().find(|choice| !targets.insert(&choice.target)) {
        let what = format!("database \"{}\" is named twice as a target", twice.target);
        return Err(Error::Usage { what });
    }
    Ok(chosen.to_vec())
}

async fn read_database(source: &Source, choice: DatabaseChoice) -> Result<DatabaseContents, Error> {
    let facts = source.database(&choice.source).cloned();
    let source::Contents {
        mut toc,
        mut data,
        in_order,
    } = source.contents(&choice.source).await?;
    if choice.source != choice.target {
        rename(&mut toc, &choice.source, &choice.target);
    }
    let constants = standard_strings::normalise(&mut toc, &mut data);
    Ok(DatabaseContents {
        source: choice.source,
        target: choice.target,
        facts: facts.unwrap_or_default(),
        toc,
        chunks: data,
        in_order,
        constants,
        listed: None,
    })
}

/// Removes from the entries the clauses that `--no-tablespaces` and `--no-table-access-method` leave to the
/// target.
fn simplify(toc: &mut Toc, selection: &Selection) {
    for entry in &mut toc.entries {
        if !selection.tablespaces {
            entry.tablespace = None;
            if entry.kind == ObjectKind::Database {
                entry.defn = entry.defn.as_deref().map(|sql| without_tablespace(sql));
            }
        }
        if !selection.table_access_methods {
            entry.table_am = None;
        }
    }
}

/// Makes all that is about the database itself speak of `new`.
fn rename(toc: &mut Toc, old: &[u8], new: &[u8]) {
    for entry in toc
        .entries
        .iter_mut()
        .filter(|entry| entry.is_about_database())
    {
        for sql in [&mut entry.defn, &mut entry.drop_stmt]
            .into_iter()
            .flatten()
        {
            *sql = rename_database(sql, old, new);
        }
        entry.tag = match entry.kind {
            ObjectKind::Database | ObjectKind::DatabaseProperties => new.into(),
            _ => [&b"DATABASE "[..], new].concat().into(),
        };
    }
}

impl DatabaseContents {
    /// Sizes and orders for the graph.
    pub(crate) fn data_facts(&self) -> DataFacts {
        let weights = self.chunks.iter().map(|(id, data)| (*id, data.weight()));
        DataFacts {
            raw_bytes: weights.collect(),
            in_order: self.in_order.clone(),
        }
    }

    /// The entry for people: kind, name and, of a table in several chunks, which one.
    pub(crate) fn describe(&self, entry: &TocEntry) -> String {
        let whole = self.describe_whole(entry);
        let chunk = self.chunks.get(&entry.dump_id);
        match chunk.filter(|chunk| chunk.chunk_count > 1) {
            Some(chunk) => format!(
                "{whole} (chunk {} of {})",
                chunk.chunk_number, chunk.chunk_count
            ),
            None => whole,
        }
    }

    /// Kind and name.
    pub(crate) fn describe_whole(&self, entry: &TocEntry) -> String {
        match entry.schema() {
            b"" => format!("{} {}", entry.kind, entry.tag),
            schema => format!("{} {}.{}", entry.kind, schema.as_bstr(), entry.tag),
        }
    }
}

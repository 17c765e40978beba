//! What a session is told before anything else, and between entries.
//!
//! Pure. The rules are those of `_doSetFixedOutputState`, `_selectOutputSchema`, `_selectTablespace` and
//! `_selectTableAccessMethod` in PostgreSQL's `pg_backup_archiver.c`.

use crate::restore::statements::owner::session_user;
use bstr::{BString, ByteSlice, ByteVec};

use crate::pg::PARAMETERS;
use crate::restore::options::RestoreOptions;
use crate::restore::statements::creation::PARTITIONED_TABLE;
use crate::restore::statements::text::joined;
use crate::toc::{ObjectKind, Toc, TocEntry, quote};

/// Whether triggers see the rows that are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Triggers {
    /// As they are.
    Leave,
    /// None does: `--disable-triggers`, where only data is restored.
    Disable,
}

/// The first statements of every session.
///
/// `version_num` is the target's `server_version_num`: a parameter that it does not know is left out.
pub(crate) fn prelude(
    toc: &Toc,
    version_num: u32,
    options: &RestoreOptions,
    triggers: Triggers,
) -> BString {
    let mut sql = BString::from(TIMEOUTS);
    if version_num >= 170_000 {
        sql.push_str("SET transaction_timeout = 0;\n");
    }
    if knows_restriction(version_num) {
        // A materialized view reads views and foreign tables.
        sql.push_str("SET restrict_nonsystem_relation_kind = '';\n");
    }
    push_fixed(&mut sql, toc, options);
    sql.push_str("SET synchronous_commit = off;\n");
    if triggers == Triggers::Disable {
        if let Some(superuser) = &options.superuser {
            sql.push_str(session_user(superuser));
        }
        // Not ALTER TABLE .. DISABLE TRIGGER as in pg_restore: the chunks of a table are loaded by
        // several sessions, and a restore that ends early would leave the triggers disabled. Those that fire
        // all the same are `firing`'s business.
        sql.push_str("SET session_replication_role = replica;\n");
    }
    sql
}

/// Whether a server has `restrict_nonsystem_relation_kind`, which came with minor releases (August 2024).
fn knows_restriction(version_num: u32) -> bool {
    let (major, minor) = (version_num / 10_000, version_num % 10_000);
    let since = [(12, 20), (13, 16), (14, 13), (15, 8), (16, 4)];
    let since = since.iter().find(|(of, _)| *of == major);
    since.map_or(major >= 17, |(_, since)| minor >= *since)
}

/// psql runs a script under its caller's path: before anything is looked up there, it is emptied,
/// as it is in every session of ours.
const EMPTY_PATH: &str = "SELECT pg_catalog.set_config('search_path', '', false);\n";

const TIMEOUTS: &str = "SET statement_timeout = 0;\n\
    SET lock_timeout = 0;\n\
    SET idle_in_transaction_session_timeout = 0;\n";

/// The same for a script, which may be run on a server of any version, by psql, in sessions that nobody has
/// told anything.
pub(crate) fn script_prelude(toc: &Toc, options: &RestoreOptions) -> BString {
    let mut sql = BString::from(EMPTY_PATH);
    sql.push_str(PARAMETERS);
    sql.push_str(TIMEOUTS);
    push_fixed(&mut sql, toc, options);
    sql
}

/// The settings that are the same wherever the statements go.
fn push_fixed(sql: &mut BString, toc: &Toc, options: &RestoreOptions) {
    if let Some(encoding) = toc.encoding() {
        sql.push_str("SET client_encoding = ");
        sql.push_str(quote::literal(encoding));
        sql.push_str(";\n");
    }
    let definition = |kind| {
        let entry = toc.entries.iter().find(|entry| entry.kind == kind);
        entry.map_or(&b""[..], TocEntry::definition)
    };
    let is_standard = !definition(ObjectKind::StdStrings).contains_str("'off'");
    sql.push_str(if is_standard {
        "SET standard_conforming_strings = on;\n"
    } else {
        "SET standard_conforming_strings = off;\n"
    });
    if let Some(role) = &options.role {
        sql.push_str("SET ROLE ");
        sql.push_str(quote::ident(role));
        sql.push_str(";\n");
    }
    sql.push_str(definition(ObjectKind::SearchPath));
    sql.push_str(
        "SET check_function_bodies = false;\n\
         SET xmloption = content;\n\
         SET client_min_messages = warning;\n",
    );
    if !is_standard {
        sql.push_str("SET escape_string_warning = off;\n");
    }
    sql.push_str(if options.row_security {
        "SET row_security = on;\n"
    } else {
        "SET row_security = off;\n"
    });
}

/// What a session's defaults are, so that they are only set where they differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Defaults {
    tablespace: Option<BString>,
    table_am: Option<BString>,
    schema: Schema,
}

/// Where the names in statements are looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Schema {
    /// Nowhere: the archive's SEARCHPATH entry has emptied the path, and names are qualified.
    #[default]
    Qualified,
    /// In the schema of each entry, the last of which was this one. Archives without such an entry, of
    /// pg_dump before 10.3 and 9.6.8, do not qualify names (`_selectOutputSchema`).
    OfEntry(Option<BString>),
}

impl Defaults {
    /// Those of a session that has just begun with the entries of `toc`.
    pub(crate) fn of(toc: &Toc) -> Self {
        let mut entries = toc.entries.iter();
        let is_qualified = entries.any(|entry| entry.kind == ObjectKind::SearchPath);
        Self {
            schema: if is_qualified {
                Schema::Qualified
            } else {
                Schema::OfEntry(None)
            },
            ..Self::default()
        }
    }

    /// The path under which the entry's statements keep their meaning.
    fn switch_schema(&mut self, entry: &TocEntry) -> Option<BString> {
        let Schema::OfEntry(last) = &mut self.schema else {
            return None;
        };
        let wanted = entry.namespace.as_ref().filter(|name| !name.is_empty())?;
        if last.as_ref() == Some(wanted) {
            return None;
        }
        *last = Some(wanted.clone());
        let also = match wanted.as_slice() {
            b"pg_catalog" => &b""[..],
            _ => b", pg_catalog",
        };
        let schema = quote::ident(wanted);
        let path: [&[u8]; 4] = [b"SET search_path = ", &schema, also, b";\n"];
        Some(joined(&path))
    }

    /// The statements that make the defaults those that `entry` was dumped under. An entry without a
    /// tablespace or access method leaves them as they are.
    pub(crate) fn switch_to(&mut self, entry: &TocEntry) -> Vec<BString> {
        let mut sql: Vec<BString> = self.switch_schema(entry).into_iter().collect();
        if let Some(tablespace) = &entry.tablespace
            && self.tablespace.as_ref() != Some(tablespace)
        {
            let value = if tablespace.is_empty() {
                BString::from("''")
            } else {
                quote::ident(tablespace)
            };
            sql.push(joined(&[b"SET default_tablespace = ", &value, b";\n"]));
            self.tablespace = Some(tablespace.clone());
        }
        if let Some(table_am) = &entry.table_am
            && entry.relkind != PARTITIONED_TABLE
            && self.table_am.as_ref() != Some(table_am)
        {
            sql.push(joined(&[
                b"SET default_table_access_method = ",
                &quote::ident(table_am),
                b";\n",
            ]));
            self.table_am = Some(table_am.clone());
        }
        sql
    }
}

/// The statement that bounds how long a session waits for somebody's lock.
pub(crate) fn lock_timeout(options: &RestoreOptions) -> BString {
    let limit_ms = options.lock_wait_timeout_ms;
    let sql = limit_ms.map(|limit_ms| format!("SET lock_timeout = {limit_ms};\n"));
    sql.unwrap_or_default().into()
}

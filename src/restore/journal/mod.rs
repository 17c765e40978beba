//! The journal of a restore: notes in the target database about finished work, made in the work's own
//! transactions.
//!
//! Schema `pgark_restore` of each target database holds one row about the restore and one for each committed
//! part of an entry: a statement of its definition, its rows, its DROP. A row is inserted in front of its
//! statements, and its key is unique. So a session that repeats another session's finished or running work
//! waits and is refused before the first row is sent.
//!
//! [`store`] reads and writes it. [`event_triggers`] keeps event triggers from seeing that. `resume` decides
//! what the notes mean for the next restore.

mod event_triggers;
mod part;
pub(crate) mod store;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use crate::digest::{Sha256, Sha256Hasher};
use crate::pg;
use crate::restore::contents::DatabaseContents;
use crate::restore::options::RestoreOptions;
use crate::restore::select::Need;
use crate::restore::statements::Owners;
use crate::restore::statements::parts::statements;
use crate::restore::statements::{Defaults, Triggers, prelude};
use crate::toc::{DumpId, JOURNAL_SCHEMA as SCHEMA, TocEntry};

pub(crate) use part::Part;

/// The parts of one entry that are done.
pub(crate) type Parts = BTreeSet<Part>;

/// What a journal belongs to. With another archive or another plan it is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The archive's digest.
    pub(crate) archive: Sha256,
    /// The part of the archive that is restored into this database, and the statements that do it.
    pub(crate) plan: Sha256,
}

/// A journal that a restore has left behind.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) identity: Identity,
    /// Entries that the restore has in this database.
    pub(crate) entries: u64,
    /// Entries of which something is done.
    pub(crate) begun_entries: u64,
    /// When it began and when something was last noted, for people.
    pub(crate) began_at: String,
    pub(crate) noted_at: String,
    /// Whether everything that comes before the first definition is done.
    pub(crate) is_prepared: bool,
    /// The plans of all databases of the restore, once everything is done in all of them.
    pub(crate) complete: Vec<Sha256>,
    pub(crate) done: HashMap<DumpId, Parts>,
    /// Rows that the server took of an entry, where they were not those that were sent.
    pub(crate) taken: HashMap<DumpId, u64>,
}

/// How the parts of one entry are noted, and which are known to be done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes {
    /// The entry; none where no journal is kept.
    pub(crate) dump_id: Option<DumpId>,
    pub(crate) done: Parts,
}

impl Notes {
    /// Whether this part needs nothing more.
    pub(crate) fn is_done(&self, part: Part) -> bool {
        self.done.contains(&part)
    }

    /// `sql` with the note of this part in front, for one message.
    pub(crate) fn with(&self, part: Part, sql: &[u8]) -> Vec<u8> {
        let mut noted = self.note(part);
        noted.extend_from_slice(sql);
        noted
    }

    /// `sql` that undoes this part, with its note withdrawn.
    pub(crate) fn without(&self, part: Part, sql: &[u8]) -> Vec<u8> {
        let withdrawn = self.dump_id.map(|dump_id| {
            let entry = dump_id.0;
            format!(
                "DELETE FROM ONLY {SCHEMA}.done WHERE entry OPERATOR(pg_catalog.=) {entry} \
                 AND part OPERATOR(pg_catalog.=) {};\n",
                part.code()
            )
        });
        [withdrawn.unwrap_or_default().as_bytes(), sql].concat()
    }

    /// The note of this part; nothing where no journal is kept.
    pub(crate) fn note(&self, part: Part) -> Vec<u8> {
        match self.dump_id {
            Some(dump_id) => note(&[(dump_id, part)]),
            None => Vec::new(),
        }
    }
}

/// The statement that notes these parts.
pub(crate) fn note(parts: &[(DumpId, Part)]) -> Vec<u8> {
    let mut sql = format!("INSERT INTO {SCHEMA}.done (entry, part, noted_at) VALUES ");
    for (index, (dump_id, part)) in parts.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            "{comma}({},{},pg_catalog.now())",
            dump_id.0,
            part.code()
        );
    }
    sql.push_str(";\n");
    sql.into_bytes()
}

/// Whether a statement failed because the work of its note is done: a transaction that seemed lost has
/// committed.
pub(crate) fn is_done_already(error: &pg::Error) -> bool {
    error.db().is_some_and(|error| {
        error.code == "23505"
            && error.schema.as_deref() == Some(SCHEMA)
            && error.table.as_deref() == Some("done")
    })
}

/// The parts that an entry has of which this much is wanted.
pub(crate) fn parts_of(
    database: &DatabaseContents,
    entry: &TocEntry,
    need: Need,
    owners: Owners,
) -> Parts {
    let mut parts = Parts::new();
    if need.definition || !entry.had_dumper {
        let count = statements(&database.toc, entry, owners).len();
        parts.extend((0..count).map(Part::statement));
    }
    if need.data && entry.had_dumper {
        parts.insert(Part::Data);
    }
    parts
}

/// One digest of a database's plan: the entries to restore, their target, the preparation and the statements.
pub(crate) fn plan_digest(
    database: &DatabaseContents,
    needs: &[Need],
    options: &RestoreOptions,
    triggers: Triggers,
) -> Sha256 {
    let mut hasher = Sha256Hasher::new();
    let mut add = |piece: &[u8]| {
        hasher.update(&piece.len().to_be_bytes());
        hasher.update(piece);
    };
    add(&database.source);
    add(&database.target);
    add(&[options.create, options.clean, options.if_exists].map(u8::from));
    // Settings that only servers of one version get do not change the plan.
    add(&prelude(&database.toc, 0, options, triggers));
    let entries = database.toc.entries.iter().zip(needs);
    for (entry, need) in entries.filter(|(_, need)| need.any()) {
        add(&entry.dump_id.0.to_be_bytes());
        add(&[u8::from(need.definition), u8::from(need.data)]);
        for setting in Defaults::of(&database.toc).switch_to(entry) {
            add(&setting);
        }
        for statement in statements(&database.toc, entry, Owners::of(options)) {
            add(&statement.sql);
        }
        add(entry.copy_stmt.as_deref().map_or(b"", |sql| sql));
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{database, entry, options, toc};
    use crate::toc::ObjectKind;
    use bstr::ByteSlice;

    #[test]
    fn notes_stand_in_front_of_what_they_note() {
        let notes = Notes {
            dump_id: Some(DumpId(17)),
            done: [Part::Statement(2)].into(),
        };
        assert_eq!(
            notes.with(Part::Data, b"COPY t FROM stdin;").as_bstr(),
            "INSERT INTO pgark_restore.done (entry, part, noted_at) VALUES (17,-1,pg_catalog.now());\nCOPY t FROM stdin;"
        );
        assert!(notes.is_done(Part::Statement(2)) && !notes.is_done(Part::Data));
        assert_eq!(
            notes.without(Part::Added, b"DROP;").as_bstr(),
            "DELETE FROM ONLY pgark_restore.done WHERE entry OPERATOR(pg_catalog.=) 17 AND part \
             OPERATOR(pg_catalog.=) -4;\nDROP;"
        );
        assert_eq!(Notes::default().without(Part::Added, b"x"), b"x");
        assert_eq!(Notes::default().with(Part::Statement(0), b"x"), b"x");
        let several = note(&[
            (DumpId(1), Part::Statement(0)),
            (DumpId(2), Part::Statement(1)),
        ]);
        assert!(several.ends_with(b"VALUES (1,0,pg_catalog.now()),(2,1,pg_catalog.now());\n"));
    }

    #[test]
    fn a_plan_is_what_is_wanted_and_how() {
        let mut table = entry(1, ObjectKind::Table, Some("s"), "t");
        (table.owner, table.drop_stmt) = (Some("o".into()), Some("DROP TABLE s.t;\n".into()));
        let database = database("d", toc(vec![table]));
        let need = |definition, data| [Need { definition, data }];
        let parts = |owners| {
            parts_of(
                &database,
                &database.toc.entries[0],
                need(true, false)[0],
                owners,
            )
        };
        assert_eq!(
            parts(Owners::Restore),
            [Part::Statement(0), Part::Statement(1)].into()
        );
        assert_eq!(parts(Owners::Skip), [Part::Statement(0)].into());
    }

    /// Everything that makes another restore of the same archive makes another plan.
    #[test]
    fn plans_differ_where_restores_do() {
        let given = || {
            let mut rows = entry(1, ObjectKind::TableData, Some("s"), "t");
            rows.copy_stmt = Some("COPY s.t (a) FROM stdin;\n".into());
            (rows.tablespace, rows.table_am) = (Some("fast".into()), Some("heap".into()));
            database("d", toc(vec![rows]))
        };
        let both = [Need {
            definition: true,
            data: true,
        }];
        let plan = |database: &DatabaseContents, options: &RestoreOptions| {
            plan_digest(database, &both, options, Triggers::Leave)
        };
        let mut plans = vec![plan(&given(), &options())];
        assert_eq!(plans[0], plan(&given(), &options()));
        plans.push(plan_digest(&given(), &both, &options(), Triggers::Disable));
        plans.push(plan_digest(
            &given(),
            &[Need::default()],
            &options(),
            Triggers::Leave,
        ));
        let changes: [fn(&mut DatabaseContents); 5] = [
            |database| database.source = "e".into(),
            |database| database.target = "e".into(),
            |database| database.toc.entries[0].tablespace = None,
            |database| database.toc.entries[0].table_am = None,
            |database| database.toc.entries[0].copy_stmt = Some("COPY s.t FROM stdin;\n".into()),
        ];
        for change in changes {
            let mut other = given();
            change(&mut other);
            plans.push(plan(&other, &options()));
        }
        let changes: [fn(&mut RestoreOptions); 5] = [
            |options| options.role = Some("r".into()),
            |options| options.row_security = true,
            |options| options.create = true,
            |options| options.clean = true,
            |options| options.if_exists = true,
        ];
        for change in changes {
            let mut other = options();
            change(&mut other);
            plans.push(plan(&given(), &other));
        }
        let count = plans.len();
        plans.sort_by_key(|plan| *plan.as_bytes());
        plans.dedup();
        assert_eq!(plans.len(), count);
    }
}

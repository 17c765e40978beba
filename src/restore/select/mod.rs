//! Options to required entries, with pg_restore's semantics.
//!
//! Pure. The rules are those of `_tocEntryRequired` in PostgreSQL's `pg_backup_archiver.c`. `names` finds the
//! entries that names mean, `graph` their order.

pub(crate) mod dependants;
pub(crate) mod filter_file;
pub(crate) mod list;
pub(crate) mod lookup;
pub(crate) mod names;

use std::collections::HashSet;

use bstr::ByteSlice;

use super::selection::{Content, Sections, Selection};
use crate::toc::kind::Family;
use crate::toc::{
    DumpId, JOURNAL_SCHEMA, LOAD_VIA_ROOT, ObjectKind, Section, Subject, Toc, TocEntry,
};
use dependants::{is_subordinate, with_dependants};
use lookup::Lookup;
use names::Filters;

/// The wanted part of an entry. With neither the entry is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Need {
    /// Its definition; of statistics, the statements that set them.
    pub(crate) definition: bool,
    /// Its data; for an entry without a data member, the statements in its definition.
    pub(crate) data: bool,
}

impl Need {
    const NOTHING: Self = Self {
        definition: false,
        data: false,
    };

    pub(crate) const DEFINITION: Self = Self {
        definition: true,
        data: false,
    };

    /// Whether anything is wanted.
    pub(crate) fn any(self) -> bool {
        self.definition || self.data
    }
}

/// Whether the database itself is created, which decides about the entries that describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatabaseEntries {
    /// `-C`
    Create,
    /// The database is there.
    Leave,
}

/// Whether the archive holds another restore's journal, which another tool has taken along: a schema of that
/// name with our comment, and nothing in it but our tables.
pub(crate) fn holds_journal(toc: &Toc) -> bool {
    const COMMENT: &[u8] = b" IS 'The journal of a pgark restore that has not ended.";
    let is_ours = |entry: &TocEntry| {
        let table = entry.tag.split(|byte| *byte == b' ').next();
        entry.schema().is_empty() || matches!(table, Some(b"journal" | b"done"))
    };
    let mut entries = toc
        .entries
        .iter()
        .filter(|entry| is_of_journal_schema(entry));
    let is_comment = |entry: &TocEntry| {
        entry.kind == ObjectKind::Comment
            && entry.schema().is_empty()
            && entry.definition().contains_str(COMMENT)
    };
    entries.clone().any(is_comment) && entries.all(is_ours)
}

/// Whether the entry is the schema that journals are kept in, is said of it or is in it.
pub(crate) fn is_of_journal_schema(entry: &TocEntry) -> bool {
    let name = JOURNAL_SCHEMA.as_bytes();
    // The tag of an entry about a schema has a word before the schema's name.
    let is_said_of_it = entry.tag.strip_prefix(b"SCHEMA ") == Some(name);
    let is_it = entry.kind == ObjectKind::Schema && entry.tag == name;
    entry.schema() == name || (entry.schema().is_empty() && (is_it || is_said_of_it))
}

/// The criteria for entries.
pub(crate) struct Criteria<'a> {
    pub(crate) selection: &'a Selection,
    pub(crate) filters: &'a Filters,
    pub(crate) database: DatabaseEntries,
    /// The entries that a list file names, where there is one.
    pub(crate) listed: Option<&'a HashSet<DumpId>>,
}

/// The wanted part of each entry of `toc`, in the same order.
pub(crate) fn required(toc: &Toc, criteria: &Criteria<'_>) -> Vec<Need> {
    let lookup = Lookup::new(toc);
    let chosen = criteria.chosen(&lookup);
    let has_journal = holds_journal(toc);
    let mut needs: Vec<Need> = Vec::with_capacity(toc.entries.len());
    let mut section = Section::PreData;
    for (position, entry) in toc.entries.iter().enumerate() {
        if entry.section != Section::None {
            section = entry.section;
        }
        let is_let_through = || match &chosen {
            _ if entry.is_about_database() => criteria.database == DatabaseEntries::Create,
            Some(chosen) => chosen[position],
            None if is_subordinate(entry) => criteria.follow(&lookup, entry, &needs),
            None => criteria.filters.let_through(&lookup, entry),
        };
        needs.push(if criteria.always(entry) {
            Need::DEFINITION
        } else if has_journal && is_of_journal_schema(entry) {
            Need::NOTHING
        } else if criteria.allow(entry, section) && is_let_through() {
            components(entry, criteria.selection.content)
        } else {
            Need::NOTHING
        });
    }
    needs
}

impl Criteria<'_> {
    /// The database is created with `-C` and not otherwise, whatever else is asked.
    fn always(&self, entry: &TocEntry) -> bool {
        is_database(entry) && self.database == DatabaseEntries::Create
    }

    /// Whether no option excludes the entry by its kind or section.
    fn allow(&self, entry: &TocEntry, section: Section) -> bool {
        !is_setting(entry)
            && !is_database(entry)
            && !is_left_out(entry, self.selection)
            && has_section(self.selection.sections, section)
            && self
                .listed
                .is_none_or(|listed| listed.contains(&entry.dump_id))
    }

    /// With `--with-dependants`, which entries are named or go with those that are.
    fn chosen(&self, lookup: &Lookup<'_>) -> Option<Vec<bool>> {
        if !self.selection.with_dependants || !self.filters.any() {
            return None;
        }
        let is_named = |entry: &TocEntry| {
            let is_object = !is_subordinate(entry) && !is_setting(entry) && !is_database(entry);
            is_object && self.filters.let_through(lookup, entry)
        };
        let named = lookup.toc.entries.iter().map(is_named).collect();
        let is_excluded = |entry: &TocEntry| self.filters.exclude(lookup, entry);
        Some(with_dependants(lookup, named, &is_excluded))
    }

    /// Whether the object of a subordinate entry is wanted. Without names of objects all are, also objects in
    /// no archive: for instance built-in functions with grants.
    fn follow(&self, lookup: &Lookup<'_>, entry: &TocEntry, needs: &[Need]) -> bool {
        let there = entry.dependencies.iter();
        let mut there = there.filter_map(|id| lookup.position(*id));
        let is_wanted = |position: usize| needs.get(position).is_some_and(|need| need.any());
        if !self.filters.any() {
            return true;
        }
        if entry.kind.is_statistics_data() {
            // As _tocEntryRequired(): by the name of the relation, whether it is restored itself or not.
            // Those of a view that is refreshed also list the refresh, for order only.
            let of = there.next().map(|position| &lookup.toc.entries[position]);
            return of.is_some_and(|of| self.filters.let_through(lookup, of));
        }
        // A column's ACL also lists its table's ACL, for order only.
        there.any(|position| {
            lookup.toc.entries[position].kind != ObjectKind::Acl && is_wanted(position)
        })
    }
}

/// What a session is told at its beginning, see `statements::settings`.
fn is_setting(entry: &TocEntry) -> bool {
    entry.kind.facts().family == Family::Setting
}

fn is_database(entry: &TocEntry) -> bool {
    entry.kind.facts().family == Family::Database
}

/// Whether one of the options that leave out a sort of entries means it.
fn is_left_out(entry: &TocEntry, selection: &Selection) -> bool {
    use ObjectKind as Kind;
    let subject = entry.subject();
    (!selection.owners && is_ownership(entry))
        || (!selection.privileges && matches!(entry.kind, Kind::Acl | Kind::DefaultAcl))
        || (!selection.comments && entry.kind == Kind::Comment)
        || (!selection.security_labels && entry.kind == Kind::SecurityLabel)
        || (!selection.policies && subject == Subject::Policy)
        || (!selection.publications && subject == Subject::Publication)
        || (!selection.subscriptions && subject == Subject::Subscription)
}

/// Whether the entry gives large objects to their owner, which an archive of ours does in entries of
/// its own (see FORMAT.md).
pub(crate) fn is_ownership(entry: &TocEntry) -> bool {
    entry.kind == ObjectKind::Blob && entry.tag.starts_with(b"OWNER ")
}

fn has_section(sections: Sections, section: Section) -> bool {
    match section {
        Section::PreData => sections.pre_data,
        Section::Data => sections.data,
        Section::PostData => sections.post_data,
        Section::None => false,
    }
}

/// The parts that the entry has, less those that `-s`, `-a` and their kin leave out.
fn components(entry: &TocEntry, content: Content) -> Need {
    let definition = entry.definition();
    if entry.kind.is_statistics_data() {
        return Need {
            definition: !definition.is_empty() && content.statistics,
            data: false,
        };
    }
    let only_data = !entry.had_dumper && is_data_by_definition(entry);
    let has_definition =
        !definition.is_empty() && !definition.starts_with(LOAD_VIA_ROOT) && !only_data;
    let has_data = entry.had_dumper || only_data;
    Need {
        definition: has_definition && content.definitions,
        data: has_data && content.data,
    }
}

/// Entries that are data though they have no data member: sequence values, and all there is to large
/// objects.
fn is_data_by_definition(entry: &TocEntry) -> bool {
    entry.kind.facts().is_data || entry.subject() == Subject::LargeObjects
}

#[cfg(test)]
mod tests;

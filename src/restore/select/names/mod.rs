//! Names given to `-n -N -t -I -P -T`, compared with entries.
//!
//! Pure. A plain name is compared byte by byte, case included, as pg_restore does. One that holds `*`,
//! `?`, a dot or a double quote is, beyond that, a pattern as psql and `pgark dump` understand it:
//! wildcards, `schema.name` and `database.schema.name`, letters folded to lower case outside quotes.
//! pg_dump tags a function with its arguments and a trigger with its table; the bare names of both
//! are understood too. Names that nothing bears are `unmatched`'s business.

mod unmatched;

use bstr::BString;

use super::lookup::Lookup;
use crate::restore::selection::Selection;
use crate::toc::kind::NamedBy;
use crate::toc::pattern::{self, Part};
use crate::toc::{ObjectKind, TocEntry};

pub(crate) use unmatched::Unmatched;

/// What the names of one option are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Schema,
    Relation,
    Function,
}

/// One name as the user gave it.
#[derive(Debug, Clone)]
struct Name {
    given: BString,
    /// The pattern that it is, if it is not plain.
    pattern: Option<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    database: Option<BString>,
    schema: Option<Part>,
    name: Part,
}

/// A name with more dots than the object it is for can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("improper qualified name (too many dotted names): {given}")]
pub(crate) struct Improper {
    given: BString,
}

impl Name {
    fn new(given: &BString, subject: Subject) -> Result<Self, Improper> {
        // Dots and quotes among the arguments of a function are not those of a pattern; wildcards are.
        let head_length = match subject {
            Subject::Function => arguments_start(given),
            _ => given.len(),
        };
        let (head, arguments) = given.split_at(head_length);
        let is_special = |byte: &u8| matches!(byte, b'*' | b'?' | b'.' | b'"');
        let has_wildcards = arguments.iter().any(|byte| matches!(byte, b'*' | b'?'));
        if !head.iter().any(is_special) && !has_wildcards {
            return Ok(Self {
                given: given.clone(),
                pattern: None,
            });
        }
        let mut parts = pattern::split(head);
        let name = parts.pop().unwrap_or_default().continued(arguments);
        let schema = match subject {
            Subject::Schema => None,
            _ => parts.pop(),
        };
        let database = parts.pop().map(|part| part.literal().into());
        if !parts.is_empty() {
            return Err(Improper {
                given: given.clone(),
            });
        }
        Ok(Self {
            given: given.clone(),
            pattern: Some(Pattern {
                database,
                schema,
                name,
            }),
        })
    }

    fn matches(&self, database: &[u8], schema: &[u8], name: &[u8]) -> bool {
        if self.given == name {
            return true;
        }
        self.pattern.as_ref().is_some_and(|pattern| {
            let in_database = |wanted: &BString| wanted == database;
            let in_schema = |wanted: &Part| wanted.matches(schema);
            pattern.database.as_ref().is_none_or(in_database)
                && pattern.schema.as_ref().is_none_or(in_schema)
                && pattern.name.matches(name)
        })
    }

    /// Whether it names the entry, which is of a kind that the name is for.
    fn names(&self, lookup: &Lookup<'_>, entry: &TocEntry) -> bool {
        let matches = |name: &[u8]| self.matches(&lookup.toc.database, entry.schema(), name);
        if matches(&entry.tag) {
            return true;
        }
        let may_be_bare = match entry.kind {
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
                !self.given.contains(&b'(')
            }
            ObjectKind::Trigger => true,
            _ => false,
        };
        may_be_bare && bare_name(lookup, entry).is_some_and(matches)
    }
}

/// Where the arguments in `name(arguments)` begin; the end where there are none.
fn arguments_start(function: &[u8]) -> usize {
    let mut is_quoted = false;
    let start = function.iter().position(|&byte| {
        is_quoted ^= byte == b'"';
        byte == b'(' && !is_quoted
    });
    start.unwrap_or(function.len())
}

/// The name of an entry without a function's arguments or a trigger's table.
fn bare_name<'a>(lookup: &Lookup<'_>, entry: &'a TocEntry) -> Option<&'a [u8]> {
    match entry.kind {
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            Some(&entry.tag[..arguments_start(&entry.tag)])
        }
        ObjectKind::Trigger => own_name(lookup, entry),
        _ => Some(&entry.tag),
    }
}

/// The name of a trigger, whose tag begins with its table's name and a space.
fn own_name<'a>(lookup: &Lookup<'_>, trigger: &'a TocEntry) -> Option<&'a [u8]> {
    let ids = trigger.dependencies.iter();
    let relations = ids.filter_map(|id| Some(&lookup.toc.entries[lookup.position(*id)?]));
    relations
        .filter(|entry| is_table_like(&entry.kind))
        .find_map(|entry| {
            let rest = trigger.tag.strip_prefix(entry.tag.as_slice())?;
            rest.strip_prefix(b" ")
        })
}

/// The kinds that `-t` means.
fn is_table_like(kind: &ObjectKind) -> bool {
    kind.facts().named_by == Some(NamedBy::Table)
}

/// All names of a selection.
#[derive(Debug, Clone)]
pub(crate) struct Filters {
    schemas: Vec<Name>,
    exclude_schemas: Vec<Name>,
    tables: Vec<Name>,
    indexes: Vec<Name>,
    functions: Vec<Name>,
    triggers: Vec<Name>,
}

impl Filters {
    /// The names that `selection` holds.
    pub(crate) fn new(selection: &Selection) -> Result<Self, Improper> {
        let names = |given: &[BString], subject| {
            let names = given.iter().map(|name| Name::new(name, subject));
            names.collect::<Result<Vec<Name>, Improper>>()
        };
        Ok(Self {
            schemas: names(&selection.schemas, Subject::Schema)?,
            exclude_schemas: names(&selection.exclude_schemas, Subject::Schema)?,
            tables: names(&selection.tables, Subject::Relation)?,
            indexes: names(&selection.indexes, Subject::Relation)?,
            functions: names(&selection.functions, Subject::Function)?,
            triggers: names(&selection.triggers, Subject::Relation)?,
        })
    }

    /// Whether objects are named, themselves or by their schema.
    pub(crate) fn any(&self) -> bool {
        !self.schemas.is_empty() || !self.exclude_schemas.is_empty() || self.any_object()
    }

    fn any_object(&self) -> bool {
        let named = [&self.tables, &self.indexes, &self.functions, &self.triggers];
        named.iter().any(|names| !names.is_empty())
    }

    /// Whether they let an entry through that is for itself, not about another.
    pub(crate) fn let_through(&self, lookup: &Lookup<'_>, entry: &TocEntry) -> bool {
        self.pass_schema(lookup, entry) && self.pass_object(lookup, entry)
    }

    fn pass_schema(&self, lookup: &Lookup<'_>, entry: &TocEntry) -> bool {
        let Some(namespace) = &entry.namespace else {
            // An object in no schema: `-n` leaves it out, `-N` cannot mean it.
            return self.schemas.is_empty();
        };
        let mut schemas = self.schemas.iter();
        let mut is_named =
            || schemas.any(|name| name.matches(&lookup.toc.database, b"", namespace));
        (self.schemas.is_empty() || is_named()) && !self.exclude(lookup, entry)
    }

    /// Whether the entry is in a schema of which nothing is wanted.
    pub(crate) fn exclude(&self, lookup: &Lookup<'_>, entry: &TocEntry) -> bool {
        entry.namespace.as_ref().is_some_and(|namespace| {
            let mut excluded = self.exclude_schemas.iter();
            excluded.any(|name| name.matches(&lookup.toc.database, b"", namespace))
        })
    }

    /// With `-t` and its kin, only the named objects are restored: not a table's indexes, constraints or
    /// triggers.
    fn pass_object(&self, lookup: &Lookup<'_>, entry: &TocEntry) -> bool {
        !self.any_object()
            || entry.kind.facts().named_by.is_some_and(|sort| {
                let mut names = self.of_sort(sort).iter();
                names.any(|name| name.names(lookup, entry))
            })
    }

    fn of_sort(&self, sort: NamedBy) -> &[Name] {
        match sort {
            NamedBy::Table => &self.tables,
            NamedBy::Index => &self.indexes,
            NamedBy::Function => &self.functions,
            NamedBy::Trigger => &self.triggers,
        }
    }
}

#[cfg(test)]
mod tests;

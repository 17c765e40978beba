//! Names of `-n -t -I -P -T` that match nothing in the archive, and the nearest existing names.
//!
//! Pure. What a name means is said in the module above.

use bstr::BString;

use super::{Filters, Name, arguments_start, bare_name};
use crate::monitor::nearest::nearest;
use crate::restore::select::lookup::Lookup;
use crate::toc::kind::NamedBy;
use crate::toc::{ObjectKind, TocEntry, quote};

/// A name that nothing bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmatched {
    /// Its sort and the name as it was given, for instance `table "nots"`.
    pub(crate) text: String,
    /// The nearest existing name, written so that it is found.
    pub(crate) meant: Option<BString>,
}

impl Unmatched {
    /// The notice for the case that other names choose something.
    pub(crate) fn notice(self) -> String {
        let Self { text, meant } = self;
        match meant {
            Some(meant) => format!("no {text} is in the archive; did you mean {meant}?"),
            None => format!("no {text} is in the archive"),
        }
    }
}

impl Filters {
    /// The names that no entry of any of `tocs` bears.
    pub(crate) fn unmatched(&self, tocs: &[Lookup<'_>]) -> Vec<Unmatched> {
        let schemas = self.schemas.iter();
        let mut unmatched: Vec<Unmatched> = schemas
            .filter(|name| !is_schema(name, tocs))
            .map(|name| Unmatched {
                text: format!("schema \"{}\"", name.given),
                meant: near_schema(name, tocs),
            })
            .collect();
        for (what, sort) in [
            ("table", NamedBy::Table),
            ("index", NamedBy::Index),
            ("function", NamedBy::Function),
            ("trigger", NamedBy::Trigger),
        ] {
            let names = self.of_sort(sort).iter();
            let missing = names.filter(|name| !is_borne(name, sort, tocs));
            unmatched.extend(missing.map(|name| Unmatched {
                text: format!("{what} \"{}\"", name.given),
                meant: near_object(name, sort, tocs),
            }));
        }
        unmatched
    }

    /// Whether names were given and match no entry at all, so that a restore would do nothing and call it a
    /// success. A schema that is there and empty is no mistake.
    pub(crate) fn choose_nothing(&self, tocs: &[Lookup<'_>]) -> bool {
        if self.any_object() {
            return !entries(tocs).any(|(lookup, entry)| self.let_through(lookup, entry));
        }
        let mut schemas = self.schemas.iter();
        !self.schemas.is_empty() && !schemas.any(|name| is_schema(name, tocs))
    }
}

/// Every entry of `tocs`.
fn entries<'a, 'b>(tocs: &'a [Lookup<'b>]) -> impl Iterator<Item = (&'a Lookup<'b>, &'b TocEntry)> {
    tocs.iter()
        .flat_map(|lookup| lookup.toc.entries.iter().map(move |entry| (lookup, entry)))
}

/// The schema that an entry is, or is in.
fn schema_of(entry: &TocEntry) -> Option<&BString> {
    match entry.kind {
        ObjectKind::Schema => Some(&entry.tag),
        _ => entry.namespace.as_ref(),
    }
}

fn is_schema(name: &Name, tocs: &[Lookup<'_>]) -> bool {
    entries(tocs).any(|(lookup, entry)| {
        schema_of(entry).is_some_and(|schema| name.matches(&lookup.toc.database, b"", schema))
    })
}

fn is_borne(name: &Name, sort: NamedBy, tocs: &[Lookup<'_>]) -> bool {
    entries(tocs).any(|(lookup, entry)| {
        entry.kind.facts().named_by == Some(sort) && name.names(lookup, entry)
    })
}

fn near_schema(name: &Name, tocs: &[Lookup<'_>]) -> Option<BString> {
    let given = literal(name)?;
    let schemas = entries(tocs).filter_map(|(_, entry)| schema_of(entry));
    let near = nearest(&given, schemas.map(|schema| schema.as_slice()))?;
    Some(near.into())
}

/// The object of that sort with the nearest name. Its schema goes along: the name may be in several.
fn near_object(name: &Name, sort: NamedBy, tocs: &[Lookup<'_>]) -> Option<BString> {
    let given = literal(name)?;
    let of_sort: Vec<(&[u8], &[u8])> = entries(tocs)
        .filter(|(_, entry)| entry.kind.facts().named_by == Some(sort))
        .filter_map(|(lookup, entry)| Some((entry.schema(), bare_name(lookup, entry)?)))
        .collect();
    // The name alone may be right: its letters were folded, or it is in another schema.
    let same = |(_, name): &&(&[u8], &[u8])| name.eq_ignore_ascii_case(&given);
    let (schema, name) = match of_sort.iter().find(same) {
        Some(found) => *found,
        None => {
            let near = nearest(&given, of_sort.iter().map(|(_, name)| *name))?;
            *of_sort.iter().find(|(_, name)| *name == near)?
        }
    };
    let is_plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$');
    if schema.iter().chain(name).all(is_plain) {
        return Some([schema, b".", name].concat().into());
    }
    Some(quote::qualified(schema, name))
}

/// The name itself, without schema, quotes and a function's arguments; nothing of one with wildcards.
fn literal(name: &Name) -> Option<Vec<u8>> {
    let mut bytes = match &name.pattern {
        Some(pattern) => pattern.name.literal(),
        None => name.given.to_vec(),
    };
    bytes.truncate(arguments_start(&bytes));
    (!bytes.iter().any(|byte| matches!(byte, b'*' | b'?'))).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::selection::Selection;
    use crate::restore::testing::{entry, toc};
    use crate::toc::Toc;

    fn sample() -> Toc {
        toc(vec![
            entry(1, ObjectKind::Schema, None, "app"),
            entry(2, ObjectKind::Schema, None, "empty"),
            entry(3, ObjectKind::Table, Some("app"), "notes"),
            entry(4, ObjectKind::Table, Some("Other"), "Jobs"),
            entry(5, ObjectKind::Function, Some("app"), "twice(integer)"),
        ])
    }

    fn judged(set: impl Fn(&mut Selection)) -> (bool, Vec<Unmatched>) {
        let mut selection = Selection::default();
        set(&mut selection);
        let filters = Filters::new(&selection).unwrap();
        let toc = sample();
        let tocs = [Lookup::new(&toc)];
        (filters.choose_nothing(&tocs), filters.unmatched(&tocs))
    }

    fn meant(set: impl Fn(&mut Selection)) -> Vec<Option<String>> {
        let unmatched = judged(set).1.into_iter();
        unmatched
            .map(|name| name.meant.map(|meant| meant.to_string()))
            .collect()
    }

    #[test]
    fn the_nearest_object_is_named_as_it_is_found() {
        let table = |name: &str| meant(|selection| selection.tables = vec![name.into()]);
        assert_eq!(table("nots"), [Some("app.notes".to_owned())]);
        assert_eq!(table("other.notes"), [Some("app.notes".to_owned())]);
        assert_eq!(table("jobs"), [Some("\"Other\".\"Jobs\"".to_owned())]);
        assert_eq!(table("Other.Jobs"), [Some("\"Other\".\"Jobs\"".to_owned())]);
        assert_eq!(table("not?"), [None]);
        assert_eq!(table("twice"), [None]);
        let function = |name: &str| meant(|selection| selection.functions = vec![name.into()]);
        assert_eq!(function("twise(integer)"), [Some("app.twice".to_owned())]);
        let schema = |name: &str| meant(|selection| selection.schemas = vec![name.into()]);
        assert_eq!(schema("other"), [Some("Other".to_owned())]);
        assert_eq!(schema("ap"), [Some("app".to_owned())]);
    }

    #[test]
    fn names_that_choose_nothing_are_told_from_those_that_choose_little() {
        let nothing = |schemas: &[&str], tables: &[&str]| {
            judged(|selection| {
                selection.schemas = schemas.iter().map(|&name| name.into()).collect();
                selection.tables = tables.iter().map(|&name| name.into()).collect();
            })
            .0
        };
        assert!(!nothing(&[], &[]));
        assert!(nothing(&[], &["nots"]));
        assert!(!nothing(&[], &["nots", "notes"]));
        assert!(nothing(&["nope"], &[]));
        assert!(!nothing(&["nope", "empty"], &[]));
        // Both are there, the one not in the other.
        assert!(nothing(&["Other"], &["notes"]));
        assert!(!nothing(&["app"], &["notes"]));
    }
}

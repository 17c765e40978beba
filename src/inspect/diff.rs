//! Two archives of ours, held against each other: databases, settings, definitions, rows, roles. No row is
//! read.
//!
//! Pure, but for [`diff`], which reads what is compared. Rows are the same where their number, their columns
//! and their digest are, in whatever order and chunks. Numbers of entries, chunks and the planner's
//! statistics do not count. Not here: a server against an archive (`compare`).

use std::collections::BTreeMap;
use std::fmt;

use bstr::{BString, ByteSlice};
use serde_json::{Value, json};

use super::contents::Contents;
use super::{Error, read_contents};
use crate::archive::ArchiveReader;
use crate::archive::manifest::{Database, Manifest, Name};
use crate::monitor::Monitor;
use crate::monitor::units::counted;
use crate::source::{Origin, Source};
use crate::storage::Store;
use crate::toc::kind::Family;
use crate::toc::{Toc, TocEntry};

/// How a thing differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the first archive has it.
    Removed,
    /// Only the second archive has it.
    Added,
    /// Both have it, and it is not the same: what it is in the first, and in the second.
    Changed(String, String),
    /// Both have it, and nobody can tell from here whether it is the same.
    Unknown,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The kind of thing, for instance `rows of` or `INDEX`.
    pub what: String,
    /// Its name.
    pub name: String,
    /// How it differs.
    pub change: Change,
}

/// All that differs: by database, roles and tablespaces under no name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences(Vec<(Option<Name>, Vec<Difference>)>);

impl Differences {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, differences)| differences.is_empty())
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let one = |difference: &Difference| {
            let (change, before, after) = match &difference.change {
                Change::Removed => ("removed", None, None),
                Change::Added => ("added", None, None),
                Change::Changed(before, after) => ("changed", Some(before), Some(after)),
                Change::Unknown => ("unknown", None, None),
            };
            json!({
                "what": difference.what,
                "name": difference.name,
                "change": change,
                "before": before,
                "after": after,
            })
        };
        let groups = self.0.iter().map(|(database, differences)| {
            json!({
                "database": database,
                "differences": differences.iter().map(one).collect::<Vec<_>>(),
            })
        });
        json!({ "equal": self.is_empty(), "groups": groups.collect::<Vec<_>>() })
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "nothing differs");
        }
        for (database, differences) in self.0.iter().filter(|(_, all)| !all.is_empty()) {
            match database {
                Some(name) => writeln!(f, "database {name}")?,
                None => writeln!(f, "roles and tablespaces")?,
            }
            for difference in differences {
                let (what, name) = (&difference.what, &difference.name);
                match &difference.change {
                    Change::Removed => writeln!(f, "- {what} {name}")?,
                    Change::Added => writeln!(f, "+ {what} {name}")?,
                    Change::Changed(before, after) => {
                        writeln!(f, "~ {what} {name}: {before} -> {after}")?;
                    }
                    Change::Unknown => writeln!(f, "? {what} {name}")?,
                }
            }
        }
        Ok(())
    }
}

/// Reads what is compared of both archives, and compares it.
pub async fn diff(first: &Store, second: &Store, monitor: &Monitor) -> Result<Differences, Error> {
    let both = async {
        let (first, second) = (read(first, monitor).await?, read(second, monitor).await?);
        Ok(compare(&first, &second))
    };
    tokio::select! {
        differences = both => differences,
        () = monitor.interrupted() => Err(Error::Interrupted),
    }
}

/// What is compared of an archive.
struct Side {
    manifest: Manifest,
    contents: Vec<Contents>,
}

impl Side {
    fn toc(&self, database: Option<&Name>) -> Option<&Toc> {
        let mut all = self.contents.iter();
        let found = all.find(|contents| contents.database.as_ref() == database);
        found.map(|contents| &contents.toc)
    }
}

async fn read(store: &Store, monitor: &Monitor) -> Result<Side, Error> {
    let source = Source::open(store.clone()).await?;
    let Origin::Ours(reader) = source.origin() else {
        return Err(Error::NotOurs {
            location: store.describe().to_owned(),
        });
    };
    let reader: &ArchiveReader = reader;
    Ok(Side {
        manifest: reader.manifest().clone(),
        contents: read_contents(reader, monitor).await?,
    })
}

fn compare(first: &Side, second: &Side) -> Differences {
    let mut groups = vec![];
    let names = |side: &Side| -> Vec<Name> {
        let databases = side.manifest.databases.iter();
        databases.map(|database| database.name.clone()).collect()
    };
    let (before, after) = (names(first), names(second));
    let added = after.iter().filter(|name| !before.contains(name));
    for name in before.iter().chain(added) {
        let find = |side: &'_ Side| side.manifest.database(&name.0).cloned();
        let differences = match (find(first), find(second)) {
            (Some(one), Some(other)) => {
                let mut found = of_database(&one, &other);
                let tocs = (first.toc(Some(name)), second.toc(Some(name)));
                found.extend(of_tocs(tocs));
                found
            }
            (one, _) => vec![Difference {
                what: "database".into(),
                name: name.to_string(),
                change: if one.is_some() {
                    Change::Removed
                } else {
                    Change::Added
                },
            }],
        };
        groups.push((Some(name.clone()), differences));
    }
    groups.push((None, of_tocs((first.toc(None), second.toc(None)))));
    Differences(groups)
}

/// Things by name, each as what it is compared by.
type Things = BTreeMap<(String, String), String>;

/// Of things that both have, one line says both.
fn between(before: &Things, after: &Things) -> Vec<Difference> {
    let of = |(what, name): &(String, String), change| Difference {
        what: what.clone(),
        name: name.clone(),
        change,
    };
    let mut found = vec![];
    for (key, one) in before {
        match after.get(key) {
            None => found.push(of(key, Change::Removed)),
            Some(other) if one != other => {
                found.push(of(key, Change::Changed(one.clone(), other.clone())));
            }
            Some(_) => {}
        }
    }
    let added = after.keys().filter(|key| !before.contains_key(*key));
    found.extend(added.map(|key| of(key, Change::Added)));
    found
}

fn of_database(one: &Database, other: &Database) -> Vec<Difference> {
    let mut found = between(&properties(one), &properties(other));
    found.extend(between(&rows(one), &rows(other)));
    // The same number of rows may be others.
    for table in &one.tables {
        let mut others = other.tables.iter();
        let same = others.find(|own| (&own.schema, &own.name) == (&table.schema, &table.name));
        let is_other = same.is_some_and(|own| own.rows == table.rows && own.digest != table.digest);
        if is_other {
            let count = counted(table.rows, "row", "rows");
            found.push(Difference {
                what: "rows of".into(),
                name: format!("{}.{}", table.schema, table.name),
                change: Change::Changed(count, "as many, others".into()),
            });
        }
    }
    let (before, after) = (one.large_objects.as_ref(), other.large_objects.as_ref());
    if before
        .zip(after)
        .is_some_and(|(one, other)| one.bytes == other.bytes)
    {
        found.push(Difference {
            what: "content of".into(),
            name: "large objects, which have no digest".into(),
            change: Change::Unknown,
        });
    }
    found
}

fn properties(database: &Database) -> Things {
    let none = || "none".to_owned();
    let mut things: Things = [
        ("owner", database.owner.to_string()),
        ("encoding", database.encoding.clone()),
        ("collate", database.collate.clone()),
        ("ctype", database.ctype.clone()),
        ("locale provider", database.locale_provider.clone()),
        ("locale", database.locale.clone().unwrap_or_else(none)),
        ("tablespace", database.tablespace.to_string()),
        ("connection limit", database.connection_limit.to_string()),
        ("server version", database.server_version.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (("property".to_owned(), name.to_owned()), value))
    .collect();
    for extension in &database.extensions {
        let key = ("extension".to_owned(), extension.name.to_string());
        things.insert(key, extension.version.to_string());
    }
    if let Some(large) = &database.large_objects {
        let key = ("large objects".to_owned(), String::new());
        things.insert(key, format!("{}, {} bytes", large.count, large.bytes));
    }
    things
}

fn rows(database: &Database) -> Things {
    let tables = database.tables.iter();
    tables
        .map(|table| {
            let key = (
                "rows of".to_owned(),
                format!("{}.{}", table.schema, table.name),
            );
            let rows = counted(table.rows, "row", "rows");
            let columns = counted(table.columns.into(), "column", "columns");
            (key, format!("{rows} of {columns}"))
        })
        .collect()
}

/// Definitions by kind, schema and tag; several of one name in their order.
fn of_tocs((one, other): (Option<&Toc>, Option<&Toc>)) -> Vec<Difference> {
    let found = between(&definitions(one), &definitions(other));
    let brief = |difference: Difference| match difference.change {
        Change::Changed(..) => Difference {
            change: Change::Changed("one definition".into(), "another".into()),
            ..difference
        },
        _ => difference,
    };
    found.into_iter().map(brief).collect()
}

fn definitions(toc: Option<&Toc>) -> Things {
    let mut things = Things::new();
    let entries = toc.into_iter().flat_map(|toc| &toc.entries);
    for entry in entries.filter(|entry| is_compared(entry)) {
        let schema = match entry.schema() {
            b"" => String::new(),
            schema => format!("{}.", Name::from(schema)),
        };
        let name = format!("{schema}{}", Name::from(entry.tag.as_slice()));
        let what = String::from_utf8_lossy(entry.kind.desc()).into_owned();
        let mut key = (what, name);
        let mut number = 1;
        while things.contains_key(&key) {
            number += 1;
            key.1 = format!(
                "{} ({number})",
                key.1.trim_end_matches(&format!(" ({})", number - 1))
            );
        }
        things.insert(key, compared(entry));
    }
    things
}

fn is_compared(entry: &TocEntry) -> bool {
    let is_left_out = matches!(
        entry.kind.facts().family,
        Family::Statistics | Family::Setting | Family::LargeObject
    );
    !is_left_out && !entry.kind.facts().is_data && !entry.had_dumper
}

/// Everything of an entry that a restore would act on.
fn compared(entry: &TocEntry) -> String {
    let text = |value: &Option<BString>| value.as_ref().map(|value| value.as_bstr().to_string());
    format!(
        "{:?}",
        (
            text(&entry.defn),
            text(&entry.owner),
            text(&entry.tablespace),
            text(&entry.table_am)
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toc::ObjectKind;

    fn toc(entries: &[(ObjectKind, &str, &str)]) -> Toc {
        let entries = entries.iter().map(|(kind, tag, defn)| TocEntry {
            kind: kind.clone(),
            tag: (*tag).into(),
            namespace: Some("s".into()),
            defn: Some((*defn).into()),
            ..TocEntry::default()
        });
        Toc {
            entries: entries.collect(),
            ..Toc::default()
        }
    }

    #[test]
    fn definitions_are_told_as_gone_new_or_another() {
        use ObjectKind as Kind;
        let one = toc(&[
            (Kind::Table, "t", "a"),
            (Kind::View, "v", "old"),
            (Kind::Index, "i", "x"),
            (Kind::StatisticsData, "t", "1"),
        ]);
        let other = toc(&[
            (Kind::Table, "t", "a"),
            (Kind::View, "v", "new"),
            (Kind::Function, "f()", "x"),
            (Kind::StatisticsData, "t", "2"),
        ]);
        let found = Differences(vec![(None, of_tocs((Some(&one), Some(&other))))]);
        let expected = "roles and tablespaces\n\
            - INDEX s.i\n\
            ~ VIEW s.v: one definition -> another\n\
            + FUNCTION s.f()\n";
        assert_eq!(found.to_string(), expected);
        assert!(!found.is_empty());
        let json = found.to_json();
        assert_eq!(json["equal"], false);
        assert_eq!(json["groups"][0]["differences"][0]["change"], "removed");
        let same = Differences(vec![(None, of_tocs((Some(&one), Some(&one))))]);
        assert_eq!(same.to_string(), "nothing differs\n");
    }

    #[test]
    fn several_entries_of_one_name_are_all_compared() {
        let one = toc(&[
            (ObjectKind::Comment, "c", "1"),
            (ObjectKind::Comment, "c", "2"),
        ]);
        let other = toc(&[
            (ObjectKind::Comment, "c", "1"),
            (ObjectKind::Comment, "c", "3"),
        ]);
        assert_eq!(of_tocs((Some(&one), Some(&other))).len(), 1);
        assert!(of_tocs((Some(&one), Some(&one))).is_empty());
    }
}

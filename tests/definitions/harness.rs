//! Two tables of contents, entry by entry.
//!
//! An entry is known by its kind, schema and tag, and by how many of that name came before. Numbers differ;
//! needs are compared as sorted lists of such keys, and the order of all entries as it is.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use pgark::pg::{ServerConfig, Session};
use pgark::pgdump;
use pgark::schema::chosen::Chosen;
use pgark::schema::definitions::{self, Definitions};
use pgark::schema::program::{self, PgDump, Request};
use pgark::schema::snapshot::{self, Isolation};
use pgark::toc::{DumpId, ObjectKind, Toc, TocEntry};

use crate::support::cluster::Cluster;
use crate::support::in_process::server;
use crate::support::peers::{self, Missing};

/// The pg_dump that says how it should be.
const ORACLE_MAJOR: u32 = 18;

/// Differences that are meant.
enum Known {
    /// pg_dump 18 and 19 do not quote the name of a NOT NULL constraint of a column that a parent has too.
    UnquotedNotNull,
    /// pg_dump lists the roles of a policy as the catalog finds them, we by name.
    RolesOfPolicies,
    /// pg_dump 19 does not escape backslashes in the settings and labels of a database; as a version 18 we do.
    EscapedSettings,
    /// pg_dump lists the labels of several providers as its sort happens to leave them, we by provider.
    OrderOfLabels,
}

const KNOWN: [Known; 4] = [
    Known::UnquotedNotNull,
    Known::RolesOfPolicies,
    Known::EscapedSettings,
    Known::OrderOfLabels,
];

impl Known {
    fn apply(&self, entry: &mut TocEntry) {
        let kind = entry.kind.desc().to_string();
        let is_of_database = kind == "DATABASE PROPERTIES" || entry.tag.starts_with(b"DATABASE ");
        let Some(defn) = &mut entry.defn else { return };
        match self {
            Self::UnquotedNotNull if kind.ends_with("TABLE") => {
                let lines = defn.lines().map(|line| {
                    if line.starts_with(b"    CONSTRAINT ") && line.contains_str(" NOT NULL ") {
                        line.replace("\"", "")
                    } else {
                        line.to_vec()
                    }
                });
                *defn = bstr::join("\n", lines).into();
            }
            Self::RolesOfPolicies if kind == "POLICY" => {
                let Some(at) = defn.find(" TO ") else { return };
                let rest = defn[at + 4..].to_vec();
                let ends = [" USING (", " WITH CHECK (", ";"];
                let ends = ends.iter().filter_map(|end| rest.find(end));
                let end = ends.min().unwrap_or(rest.len());
                let mut roles: Vec<&[u8]> = rest[..end].split_str(", ").collect();
                roles.sort_unstable();
                let roles = bstr::join(", ", roles);
                *defn = [&defn[..at + 4], &roles, &rest[end..]].concat().into();
            }
            Self::EscapedSettings if is_of_database => {
                *defn = defn.replace(" E'", " '").replace(r"\\", r"\").into();
            }
            Self::OrderOfLabels if kind == "SECURITY LABEL" => {
                let mut labels: Vec<&[u8]> = defn.split_str("SECURITY LABEL FOR ").collect();
                labels.sort_unstable();
                *defn = bstr::join("SECURITY LABEL FOR ", labels).into();
            }
            Self::UnquotedNotNull
            | Self::RolesOfPolicies
            | Self::EscapedSettings
            | Self::OrderOfLabels => {}
        }
    }
}

/// Reads a database, which has so many entries at least, with both and compares.
#[track_caller]
pub fn assert_equal(cluster: &Cluster, database: &str, entries_min: usize) -> Result<(), Missing> {
    let (ours, theirs) = both(cluster, database, &Chosen::default(), vec![])?;
    let found = differences(&ours.toc, &theirs);
    let major = cluster.major();
    let count = theirs.entries.len();
    assert!(
        count >= entries_min,
        "{database} on {major}: {count} entries"
    );
    assert!(
        found.is_empty(),
        "{database} on {major}, {count} entries, {} differences:\n{}",
        found.len(),
        found
            .iter()
            .take(30)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    Ok(())
}

/// The definitions as we read them, and as pg_dump does.
pub fn both(
    cluster: &Cluster,
    database: &str,
    selection: &Chosen,
    filters: Vec<(&'static str, BString)>,
) -> Result<(Definitions, Toc), Missing> {
    let oracle = peers::client(ORACLE_MAJOR.max(cluster.major()))?;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    Ok(runtime.block_on(async {
        let config = server(cluster).with_dbname(database.as_bytes());
        let (mut leader, helper, name) = in_a_snapshot(&config).await;
        let encoding = leader.parameter("server_encoding").unwrap().to_vec();
        let mut helpers = [helper];
        let wanted = definitions::Wanted {
            chosen: selection,
            encoding: &encoding,
            has_statistics: true,
        };
        let ours = definitions::read(&mut leader, &mut helpers, &wanted);
        let ours = ours
            .await
            .unwrap_or_else(|error| panic!("{database}: {error:?}"));
        let version = leader.server_version();
        let oracle = PgDump::SearchIn(vec![oracle]);
        let program = program::find(&oracle, version);
        // Ours are off whatever the database says.
        let quotes = "-c quote_all_identifiers=off";
        let mut environment = config.libpq_env();
        environment.push(("PGOPTIONS".into(), Some(quotes.into())));
        let request = Request {
            database: database.into(),
            environment,
            snapshot: &name,
            encoding: encoding.as_bstr(),
            lock_wait_timeout_ms: 0,
            role: None,
            planner_statistics: true,
            filters,
        };
        let theirs = program::read_schema(&program.await.unwrap(), request).await;
        let mut theirs = pgdump::read_custom_toc(&theirs.unwrap().archive).unwrap();
        without_statistics_of_nothing(&mut theirs);
        (ours, theirs)
    }))
}

/// pg_dump has statistics of every index it looks at, also of tables that are not dumped: an extension's, and
/// parents of those that were named. A restore would not find these. (`getIndexes()`, which marks them as
/// wanted whatever is wanted of the table.)
fn without_statistics_of_nothing(toc: &mut Toc) {
    let ids: BTreeSet<DumpId> = toc.entries.iter().map(|entry| entry.dump_id).collect();
    toc.entries.retain(|entry| {
        let mut needs = entry.dependencies.iter();
        entry.kind != ObjectKind::StatisticsData || needs.any(|id| ids.contains(id))
    });
}

/// A leader, a helper in its snapshot, and the snapshot's name.
pub async fn in_a_snapshot(config: &ServerConfig) -> (Session, Session, String) {
    let mut leader = Session::connect(config).await.unwrap();
    snapshot::set_up(&mut leader, None, None).await.unwrap();
    let isolation = Isolation::RepeatableRead;
    snapshot::begin(&mut leader, isolation).await.unwrap();
    let name = snapshot::export(&mut leader).await.unwrap().name;
    let mut helper = Session::connect(config).await.unwrap();
    snapshot::set_up(&mut helper, None, None).await.unwrap();
    snapshot::follow(&mut helper, &name).await.unwrap();
    (leader, helper, name)
}

/// Kind, schema, tag, and how many of that came before.
type Key = (String, String, String, usize);

fn keys(toc: &Toc) -> Vec<Key> {
    let mut seen: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let text = |bytes: &[u8]| bytes.as_bstr().to_string();
    let entries = toc.entries.iter();
    entries
        .map(|entry| {
            let key = (
                entry.kind.desc().to_string(),
                text(entry.schema()),
                text(&entry.tag),
            );
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            (key.0, key.1, key.2, *count)
        })
        .collect()
}

/// Every difference, as a line.
pub fn differences(ours: &Toc, theirs: &Toc) -> Vec<String> {
    let (our_keys, their_keys) = (keys(ours), keys(theirs));
    let by_key = |toc: &Toc, keys: &[Key]| -> BTreeMap<Key, TocEntry> {
        keys.iter()
            .cloned()
            .zip(toc.entries.iter().cloned())
            .collect()
    };
    let (our_entries, their_entries) = (by_key(ours, &our_keys), by_key(theirs, &their_keys));
    let names = |toc: &Toc, keys: &[Key]| -> BTreeMap<DumpId, String> {
        let ids = toc.entries.iter().map(|entry| entry.dump_id);
        ids.zip(keys.iter().map(|key| format!("{key:?}"))).collect()
    };
    let (our_names, their_names) = (names(ours, &our_keys), names(theirs, &their_keys));
    let mut found = vec![];
    for key in their_keys
        .iter()
        .filter(|key| !our_entries.contains_key(*key))
    {
        found.push(format!("lacking {key:?}"));
    }
    for (key, ours) in &our_entries {
        match their_entries.get(key) {
            None => found.push(format!("extra {key:?}")),
            Some(theirs) => found.extend(fields(key, (ours, &our_names), (theirs, &their_names))),
        }
    }
    if found.is_empty() && our_keys != their_keys {
        let at = (0..our_keys.len()).find(|&at| our_keys[at] != their_keys[at]);
        let at = at.unwrap_or(0);
        found.push(format!(
            "order at {at}: {:?}, not {:?}",
            our_keys[at], their_keys[at]
        ));
    }
    found
}

type Side<'a> = (&'a TocEntry, &'a BTreeMap<DumpId, String>);

fn fields(key: &Key, (ours, our_names): Side<'_>, (theirs, their_names): Side<'_>) -> Vec<String> {
    let needs = |entry: &TocEntry, names: &BTreeMap<DumpId, String>| {
        let needs = entry.dependencies.iter();
        let name = |id: &DumpId| names.get(id).cloned().unwrap_or("no entry".into());
        let mut needs: Vec<String> = needs.map(name).collect();
        needs.sort();
        if entry.kind == ObjectKind::Rule {
            // Each repair of a circle adds the view once more (repairViewRuleMultiLoop()), and pg_dump 19 numbers
            // statistics otherwise than 18, so that it finds others.
            needs.dedup();
        }
        needs
    };
    let (our_needs, their_needs) = (needs(ours, our_names), needs(theirs, their_names));
    let plain = |entry: &TocEntry| {
        let mut entry = TocEntry {
            dump_id: DumpId(0),
            dependencies: vec![],
            ..entry.clone()
        };
        for known in &KNOWN {
            known.apply(&mut entry);
        }
        entry
    };
    let (ours, theirs) = (plain(ours), plain(theirs));
    let mut found = vec![];
    if ours.defn != theirs.defn {
        found.push(format!(
            "{key:?}\n  ours   {:?}\n  theirs {:?}",
            ours.defn, theirs.defn
        ));
    } else if ours != theirs {
        found.push(format!("{key:?}\n  ours   {ours:?}\n  theirs {theirs:?}"));
    }
    if our_needs != their_needs {
        found.push(format!(
            "{key:?} needs\n  ours   {our_needs:?}\n  theirs {their_needs:?}"
        ));
    }
    found
}

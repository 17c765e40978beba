//! The definitions of a database held against an archive's table of contents.
//!
//! pg_dump writes the server's table of contents; [`differences`] is pure. Definitions are compared as
//! text where the same major version of server and of pg_dump wrote both, since every version words
//! some differently; otherwise only whether each object is there.

use std::collections::{BTreeMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::CompareOptions;
use super::database::Database;
use super::report::Difference;
use crate::pg::{self, Session};
use crate::pgdump;
use crate::schema::older;
use crate::schema::program::{self, Request};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

const EXISTING: &[u8] = include_bytes!("sql/existing.sql");

/// How long pg_dump waits for a lock that somebody else holds.
const LOCK_WAIT_TIMEOUT_MS: u64 = 60_000;

/// What came of the definitions.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) definitions: u64,
    pub(super) differences: Vec<Difference>,
    pub(super) not_comparable: Vec<Difference>,
    pub(super) notices: Vec<String>,
}

/// What of an entry is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Depth {
    definitions: bool,
    owners: bool,
}

/// Reads the server's table of contents and compares.
pub(super) async fn compare(
    database: &Database,
    session: &mut Session,
    options: &CompareOptions,
) -> Result<Compared, pg::Error> {
    let archive = &database.contents.toc;
    let wanted = database.pair.entries.as_ref();
    let version = session.server_version();
    let program = match program::find(&options.pg_dump, version).await {
        Ok(program) => program,
        Err(error) => return by_names(archive, wanted, session, &error).await,
    };
    let encoding = archive.encoding().unwrap_or(b"UTF8");
    let request = Request {
        database: BStr::new(&database.pair.target),
        environment: database.target.server.libpq_env(),
        snapshot: &database.target.snapshot,
        encoding: encoding.as_bstr(),
        lock_wait_timeout_ms: LOCK_WAIT_TIMEOUT_MS,
        filters: Vec::new(),
    };
    let read = program::read_schema(&program, request).await;
    let read = read.map_err(|error| chain(&error));
    let toc = read
        .and_then(|schema| pgdump::read_custom_toc(&schema.archive).map_err(|error| chain(&error)));
    let mut server = match toc {
        Ok(toc) => toc,
        Err(why) => {
            return Ok(Compared {
                not_comparable: vec![Difference::new("definitions", why)],
                ..Compared::default()
            });
        }
    };
    older::fit_for(version.major(), &mut server);
    let is_same_version = major_of(&archive.server_version) == Some(version.major())
        && major_of(&archive.dump_version) == Some(program.major);
    let depth = Depth {
        definitions: is_same_version,
        owners: options.owners,
    };
    let mut compared = differences(archive, wanted, &server, depth);
    if !is_same_version {
        let text = "definitions were looked for by name only: archive and server, or their pg_dump, are of \
            different versions";
        compared.notices.push(text.to_owned());
    }
    Ok(compared)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// `15.18 (Debian ..)`
fn major_of(version: &[u8]) -> Option<u32> {
    let digits = version
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    version[..digits].to_str().ok()?.parse().ok()
}

/// Kind, schema and name.
type Key<'a> = (&'a BStr, &'a [u8], &'a [u8]);

fn key(entry: &TocEntry) -> Key<'_> {
    (entry.kind.desc(), entry.schema(), &entry.tag)
}

/// Whether a schema-only dump of a database holds such an entry, whatever the database is called. What
/// is said about schema public depends on the version that it was born with.
fn is_definition(entry: &TocEntry) -> bool {
    use ObjectKind as Kind;
    let is_data = matches!(
        entry.kind,
        Kind::Encoding
            | Kind::StdStrings
            | Kind::SearchPath
            | Kind::Database
            | Kind::DatabaseProperties
            | Kind::TableData
            | Kind::SequenceSet
            | Kind::MaterializedViewData
            | Kind::LargeObjectData
            | Kind::Blob
            | Kind::Blobs
            | Kind::BlobMetadata
            | Kind::StatisticsData
    );
    let is_said = matches!(entry.kind, Kind::Acl | Kind::Comment | Kind::SecurityLabel);
    let about = |what: &[u8]| is_said && entry.tag.starts_with(what);
    let is_public = entry.kind == Kind::Schema && entry.tag == "public" || about(b"SCHEMA public");
    !is_data && !is_public && !about(b"DATABASE ") && !about(b"LARGE OBJECT")
}

fn is_grant(entry: &TocEntry) -> bool {
    matches!(entry.kind, ObjectKind::Acl | ObjectKind::DefaultAcl)
}

/// What of the archive is not on the server, or other than there.
fn differences(
    archive: &Toc,
    wanted: Option<&HashSet<DumpId>>,
    server: &Toc,
    depth: Depth,
) -> Compared {
    let mut there: BTreeMap<Key<'_>, Vec<&TocEntry>> = BTreeMap::new();
    for entry in server.entries.iter().filter(|entry| is_definition(entry)) {
        there.entry(key(entry)).or_default().push(entry);
    }
    let mut compared = Compared::default();
    for entry in archive.entries.iter().filter(|entry| is_definition(entry)) {
        let is_wanted = wanted.is_none_or(|ids| ids.contains(&entry.dump_id));
        let same = there.get_mut(&key(entry));
        let best = same.and_then(|entries| take_best(entries, entry));
        let needs_versions = is_grant(entry) && !(depth.definitions && depth.owners);
        if !is_wanted || needs_versions {
            continue;
        }
        compared.definitions += 1;
        let object = describe(entry);
        match best {
            None => compared
                .differences
                .push(Difference::new(object, "is missing")),
            Some(found) => {
                let what = difference(entry, found, depth);
                compared
                    .differences
                    .extend(what.map(|what| Difference::new(object, what)));
            }
        }
    }
    let is_extra = |entry: &&&TocEntry| !is_grant(entry) && entry.kind != ObjectKind::Comment;
    let extra: Vec<&TocEntry> = there.values().flatten().filter(is_extra).copied().collect();
    if let Some(first) = extra.first() {
        let (count, example) = (extra.len(), describe(first));
        let text = format!("{count} objects are not in the archive, {example} among them");
        compared.notices.push(text);
    }
    compared
}

/// Of several with one name (grants, comments) the one that is worded alike.
fn take_best<'a>(entries: &mut Vec<&'a TocEntry>, like: &TocEntry) -> Option<&'a TocEntry> {
    let alike = entries
        .iter()
        .position(|found| found.definition() == like.definition());
    match alike.or((!entries.is_empty()).then_some(0)) {
        Some(at) => Some(entries.remove(at)),
        None => None,
    }
}

fn difference(entry: &TocEntry, found: &TocEntry, depth: Depth) -> Option<String> {
    if depth.definitions && entry.definition().trim() != found.definition().trim() {
        return Some("is defined otherwise".to_owned());
    }
    let owner = |entry: &TocEntry| entry.owner.clone().unwrap_or_default();
    let (ours, theirs) = (owner(entry), owner(found));
    let differs = depth.owners && !ours.is_empty() && ours != theirs;
    differs.then(|| format!("belongs to \"{theirs}\", in the archive to \"{ours}\""))
}

fn describe(entry: &TocEntry) -> String {
    match entry.schema() {
        b"" => format!("{} {}", entry.kind, entry.tag),
        schema => format!("{} {}.{}", entry.kind, schema.as_bstr(), entry.tag),
    }
}

/// Without a pg_dump: whether relations, schemas and extensions are there.
async fn by_names(
    archive: &Toc,
    wanted: Option<&HashSet<DumpId>>,
    session: &mut Session,
    why: &program::Error,
) -> Result<Compared, pg::Error> {
    let mut there: HashSet<(BString, BString, BString)> = HashSet::new();
    for row in session.query(EXISTING, &[]).await? {
        there.insert((
            row.text(0)?.into(),
            row.text(1)?.into(),
            row.text(2)?.into(),
        ));
    }
    let mut compared = Compared::default();
    let text = format!("only relations, schemas and extensions were looked for, by name: {why}");
    compared.notices.push(text);
    for entry in &archive.entries {
        let is_wanted = wanted.is_none_or(|ids| ids.contains(&entry.dump_id));
        let is_known = matches!(
            entry.kind,
            ObjectKind::Table
                | ObjectKind::View
                | ObjectKind::MaterializedView
                | ObjectKind::Sequence
                | ObjectKind::ForeignTable
                | ObjectKind::Index
                | ObjectKind::Schema
                | ObjectKind::Extension
        );
        if !is_wanted || !is_known {
            continue;
        }
        compared.definitions += 1;
        let key = (
            entry.kind.desc().into(),
            entry.schema().into(),
            entry.tag.clone(),
        );
        let schema_less = matches!(entry.kind, ObjectKind::Schema | ObjectKind::Extension);
        let key = match schema_less {
            true => (key.0, BString::default(), key.2),
            false => key,
        };
        if !there.contains(&key) {
            compared
                .differences
                .push(Difference::new(describe(entry), "is missing"));
        }
    }
    Ok(compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i32, kind: ObjectKind, tag: &str, sql: &str, owner: &str) -> TocEntry {
        TocEntry {
            dump_id: DumpId(id),
            kind,
            tag: tag.into(),
            namespace: Some("s".into()),
            defn: Some(sql.into()),
            owner: Some(owner.into()),
            ..TocEntry::default()
        }
    }

    fn toc(entries: Vec<TocEntry>) -> Toc {
        Toc {
            entries,
            ..Toc::default()
        }
    }

    /// What an archive holds, and what a server.
    fn sample() -> (Toc, Toc) {
        use ObjectKind as Kind;
        let archive = toc(vec![
            entry(1, Kind::Table, "same", "CREATE TABLE s.same ();", "a"),
            entry(2, Kind::Table, "gone", "CREATE TABLE s.gone ();", "a"),
            entry(
                3,
                Kind::Table,
                "left_out",
                "CREATE TABLE s.left_out ();",
                "a",
            ),
            entry(
                4,
                Kind::View,
                "changed",
                "CREATE VIEW s.changed AS SELECT 1;",
                "a",
            ),
            entry(
                5,
                Kind::View,
                "given",
                "CREATE VIEW s.given AS SELECT 1;",
                "a",
            ),
            entry(
                6,
                Kind::Acl,
                "TABLE same",
                "GRANT SELECT ON TABLE s.same TO b;",
                "a",
            ),
            entry(7, Kind::TableData, "same", "", "a"),
        ]);
        let server = toc(vec![
            entry(1, Kind::Table, "same", "CREATE TABLE s.same ();\n", "a"),
            entry(2, Kind::Table, "more", "CREATE TABLE s.more ();", "a"),
            entry(
                3,
                Kind::View,
                "changed",
                "CREATE VIEW s.changed AS SELECT 2;",
                "a",
            ),
            entry(
                4,
                Kind::View,
                "given",
                "CREATE VIEW s.given AS SELECT 1;",
                "c",
            ),
        ]);
        (archive, server)
    }

    #[test]
    fn what_is_missing_changed_or_given_away_is_named() {
        let (archive, server) = sample();
        let wanted: HashSet<DumpId> = [1, 2, 4, 5, 6, 7].into_iter().map(DumpId).collect();
        let found = |definitions, owners| {
            let depth = Depth {
                definitions,
                owners,
            };
            let compared = differences(&archive, Some(&wanted), &server, depth);
            let all = compared.differences.iter();
            let lines: Vec<String> = all.map(|d| format!("{} {}", d.object, d.what)).collect();
            (lines, compared.notices)
        };
        let (lines, notices) = found(true, true);
        assert_eq!(
            lines,
            [
                "TABLE s.gone is missing",
                "VIEW s.changed is defined otherwise",
                "VIEW s.given belongs to \"c\", in the archive to \"a\"",
                "ACL s.TABLE same is missing",
            ]
        );
        assert_eq!(
            notices,
            ["1 objects are not in the archive, TABLE s.more among them"]
        );
        assert_eq!(found(false, false).0, ["TABLE s.gone is missing"]);
    }
}

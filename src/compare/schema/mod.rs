//! The definitions of a database held against an archive's table of contents.
//!
//! [`read`] has the server's table of contents read; [`differences`] is pure. Definitions are compared as
//! text. Every major version of server and of pg_dump words some differently: where they are not the same
//! on both sides, another text may mean the same, so that nothing can be said about it.

mod read;

use std::collections::{BTreeMap, HashSet};

use bstr::{BStr, ByteSlice};

use self::read::Read;
use super::database::Database;
use super::major::major_of;
use super::options::CompareOptions;
use super::own_entries::impersonal;
use super::report::Difference;
use crate::monitor::units::counted;
use crate::pg::{self, Session};
use crate::schema::older;
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// The outcome of the definitions.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) definitions: u64,
    pub(super) differences: Vec<Difference>,
    pub(super) not_comparable: Vec<Difference>,
    pub(super) notices: Vec<String>,
}

/// How entries are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Depth<'a> {
    wording: Wording,
    /// Owners and grants too, and the database's own properties: everything that options of a restore can
    /// change.
    owners: bool,
    /// What the database is called, in the archive and on the server.
    names: [&'a [u8]; 2],
}

/// The meaning of an equal but different text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wording {
    /// Another definition.
    Same,
    /// Nothing: servers or pg_dumps of different versions chose the words.
    OfVersions,
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
    let read = read::read(database, session, options).await?;
    let Read {
        toc: mut server,
        dialect,
        notices,
    } = match read {
        Ok(read) => read,
        Err(why) => return Ok(Compared::none(&why)),
    };
    older::fit_for(version.major(), &mut server);
    let is_same_version = major_of(&archive.server_version) == Some(version.major())
        && major_of(&archive.dump_version) == major_of(dialect.as_bytes());
    let depth = Depth {
        wording: if is_same_version {
            Wording::Same
        } else {
            Wording::OfVersions
        },
        owners: options.owners,
        names: [&database.pair.source, &database.pair.target],
    };
    let mut compared = differences(archive, wanted, &server, depth);
    compared.notices.splice(0..0, notices);
    Ok(compared)
}

/// Kind, schema and name.
type Key<'a> = (&'a BStr, &'a [u8], &'a [u8]);

fn key(entry: &TocEntry) -> Key<'_> {
    if entry.is_about_database() {
        return (entry.kind.desc(), b"", b"DATABASE");
    }
    (entry.kind.desc(), entry.schema(), &entry.tag)
}

/// Whether a schema-only dump of a database has such an entry, whatever the database's name. Entries about
/// schema public depend on the version in which the database was made.
fn is_definition(entry: &TocEntry) -> bool {
    use ObjectKind as Kind;
    let is_data = matches!(
        entry.kind,
        Kind::Encoding
            | Kind::StdStrings
            | Kind::SearchPath
            | Kind::TableData
            | Kind::SequenceSet
            | Kind::MaterializedViewData
            | Kind::LargeObjectData
            | Kind::Blob
            | Kind::Blobs
            | Kind::BlobMetadata
            | Kind::StatisticsData
            | Kind::ExtendedStatisticsData
    );
    let is_said = matches!(entry.kind, Kind::Acl | Kind::Comment | Kind::SecurityLabel);
    let about = |what: &[u8]| is_said && entry.tag.starts_with(what);
    let is_public = entry.kind == Kind::Schema && entry.tag == "public" || about(b"SCHEMA public");
    !is_data && !is_public && !about(b"LARGE OBJECT")
}

fn is_grant(entry: &TocEntry) -> bool {
    matches!(entry.kind, ObjectKind::Acl | ObjectKind::DefaultAcl)
}

/// Whether both say the same.
fn is_alike(entry: &TocEntry, found: &TocEntry, depth: Depth<'_>) -> bool {
    let (ours, theirs) = (entry.definition(), found.definition());
    if entry.is_about_database() {
        impersonal(ours, depth.names) == impersonal(theirs, depth.names)
    } else {
        ours.trim() == theirs.trim()
    }
}

/// Entries of the archive that the server lacks, or has with another definition.
fn differences(
    archive: &Toc,
    wanted: Option<&HashSet<DumpId>>,
    server: &Toc,
    depth: Depth<'_>,
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
        let needs_owners = is_grant(entry) || entry.is_about_database();
        if !is_wanted || needs_owners && !depth.owners {
            continue;
        }
        compared.definitions += 1;
        compared.add(entry, best, depth);
    }
    let is_extra = |entry: &&&TocEntry| {
        let is_said = is_grant(entry) || entry.kind == ObjectKind::Comment;
        !is_said && !entry.is_about_database()
    };
    let extra: Vec<&TocEntry> = there.values().flatten().filter(is_extra).copied().collect();
    if let Some(first) = extra.first() {
        let (count, example) = (extra.len(), describe(first));
        let count = counted(count as u64, "object is", "objects are");
        let text = format!("{count} not in the archive, {example} among them");
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

impl Compared {
    /// Nothing could be compared.
    fn none(why: &str) -> Self {
        Self {
            not_comparable: vec![Difference::new("definitions", why)],
            ..Self::default()
        }
    }

    /// Holds an entry of the archive against the one that was `found`.
    fn add(&mut self, entry: &TocEntry, found: Option<&TocEntry>, depth: Depth<'_>) {
        let is_same_wording = depth.wording == Wording::Same;
        let Some(found) = found else {
            let missing = Difference::new(describe(entry), "is missing");
            // Versions differ in which rights they write down.
            if is_same_wording || !is_grant(entry) {
                self.differences.push(missing)
            } else {
                self.not_comparable.push(missing)
            }
            return;
        };
        let owner = |entry: &TocEntry| entry.owner.clone().unwrap_or_default();
        let (ours, theirs) = (owner(entry), owner(found));
        let is_given_away = depth.owners && !ours.is_empty() && ours != theirs;
        if !is_alike(entry, found, depth) {
            if is_same_wording {
                self.differs(entry, "is defined otherwise".to_owned())
            } else {
                let what = "is worded otherwise, by another version of PostgreSQL";
                let difference = Difference::new(describe(entry), what);
                self.not_comparable.push(difference);
            }
        } else if is_given_away {
            let what = format!("belongs to \"{theirs}\", in the archive to \"{ours}\"");
            self.differs(entry, what);
        }
    }

    fn differs(&mut self, entry: &TocEntry, what: String) {
        self.differences
            .push(Difference::new(describe(entry), what));
    }
}

fn describe(entry: &TocEntry) -> String {
    match entry.schema() {
        b"" => format!("{} {}", entry.kind, entry.tag),
        schema => format!("{} {}.{}", entry.kind, schema.as_bstr(), entry.tag),
    }
}

#[cfg(test)]
mod tests;

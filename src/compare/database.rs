//! One database on both sides: the expected state, the state read so far, and their comparison.
//!
//! Workers add what they have read. [`Database::outcome`] compares when all of it is there. Pure.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::expected::{Expected, Group};
use super::objects::Objects;
use super::options::Pair;
use super::report::{DatabaseComparison, Difference};
use super::target::Target;
use crate::digest::RowDigest;
use crate::monitor::units::counted;
use crate::source::Contents;
use crate::toc::TocEntry;

/// One database, and the findings in it.
pub(super) struct Database {
    pub(super) pair: Pair,
    pub(super) contents: Contents,
    pub(super) expected: Expected,
    pub(super) target: Target,
    found: Mutex<Found>,
}

/// The facts read so far.
#[derive(Default)]
pub(super) struct Found {
    pub(super) report: DatabaseComparison,
    /// For each group: rows and digest of the archive, as far as decoded, and of the server.
    pub(super) sums: Vec<(Rows, Rows)>,
    /// Groups about which something has been said already.
    pub(super) settled: HashSet<usize>,
    /// Objects of the archive, of the server, and those that exist there.
    pub(super) archived: Objects,
    pub(super) objects: Objects,
    pub(super) existing: HashSet<u32>,
    /// Whether large objects could not be read on either side.
    pub(super) no_objects: bool,
}

const LSN_TEXT: &str = "the rows are as many, and hold values of type pg_lsn, which PostgreSQL 19 writes otherwise \
    than older versions";

/// Rows and their digest.
pub(super) type Rows = (u64, RowDigest);

impl Database {
    /// A database of which nothing has been read.
    pub(super) fn new(pair: Pair, contents: Contents, expected: Expected, target: Target) -> Self {
        let sums = expected.groups.iter().map(|group| {
            let archived = group.sum.unwrap_or_default();
            (archived, Rows::default())
        });
        let found = Found {
            report: DatabaseComparison {
                source: pair.source.clone(),
                target: pair.target.clone(),
                left_out: pair.left_out,
                not_comparable: expected.not_comparable.clone(),
                ..DatabaseComparison::default()
            },
            sums: sums.collect(),
            ..Found::default()
        };
        Self {
            pair,
            contents,
            expected,
            target,
            found: Mutex::new(found),
        }
    }

    /// The findings. Never locked across an await.
    pub(super) fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entries of the archive that must be there.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &TocEntry> {
        let wanted = self.pair.entries.as_ref();
        let entries = self.contents.toc.entries.iter();
        entries.filter(move |entry| wanted.is_none_or(|ids| ids.contains(&entry.dump_id)))
    }

    /// Notes a difference.
    pub(super) fn differs(&self, object: &str, what: impl Into<String>) {
        self.found()
            .report
            .differences
            .push(Difference::new(object, what));
    }

    /// Notes an object that could not be compared.
    pub(super) fn is_unknown(&self, object: &str, what: impl Into<String>) {
        self.found()
            .report
            .not_comparable
            .push(Difference::new(object, what));
    }

    /// Whether the server may write the group's rows otherwise than the archive, and mean the same.
    fn is_worded_otherwise(&self, group: &Group) -> bool {
        let mut keys = group
            .members
            .iter()
            .map(|member| (member.schema.clone(), member.name.clone()));
        keys.any(|key| self.target.worded_otherwise.contains(&key))
    }

    /// The outcome, once everything was read.
    pub(super) fn outcome(&self) -> DatabaseComparison {
        let mut found = self.found();
        let found = &mut *found;
        let mut report = std::mem::take(&mut found.report);
        for (number, group) in self.expected.groups.iter().enumerate() {
            let (archived, read) = found.sums[number];
            report.rows += read.0;
            if found.settled.contains(&number) {
                continue;
            }
            report.tables += group.members.len() as u64;
            let Some(what) = row_difference(archived, read) else {
                continue;
            };
            let is_maybe_the_same = archived.0 == read.0 && self.is_worded_otherwise(group);
            if is_maybe_the_same {
                report
                    .not_comparable
                    .push(Difference::new(&group.name, LSN_TEXT))
            } else {
                report.differences.push(Difference::new(&group.name, what))
            }
        }
        if !found.no_objects {
            report.large_objects = self.expected.objects.len() as u64;
            report
                .differences
                .extend(object_differences(&self.expected, found));
        }
        report.differences.sort();
        report.not_comparable.sort();
        report
    }
}

fn row_difference(archived: Rows, read: Rows) -> Option<String> {
    let counts = format!("the archive has {}, the server {}", archived.0, read.0);
    match archived.0.cmp(&read.0) {
        std::cmp::Ordering::Greater => Some(format!(
            "{} missing: {counts}",
            counted(archived.0 - read.0, "row is", "rows are")
        )),
        std::cmp::Ordering::Less => {
            let more = counted(read.0 - archived.0, "row", "rows");
            Some(format!("{more} too many: {counts}"))
        }
        std::cmp::Ordering::Equal if archived.1 != read.1 => Some(format!(
            "the rows differ, all {} taken together",
            archived.0
        )),
        std::cmp::Ordering::Equal => None,
    }
}

fn object_differences(expected: &Expected, found: &Found) -> Vec<Difference> {
    let name = |oid: &u32| format!("LARGE OBJECT {oid}");
    let (there, missing): (Vec<&u32>, Vec<&u32>) = expected
        .objects
        .iter()
        .partition(|oid| found.existing.contains(oid));
    let missing = missing
        .into_iter()
        .map(|oid| Difference::new(name(oid), "is missing"));
    let changed = there
        .into_iter()
        .filter(|oid| found.archived.get(oid) != found.objects.get(oid));
    let changed = changed.map(|oid| Difference::new(name(oid), "has another content"));
    missing.chain(changed).collect()
}

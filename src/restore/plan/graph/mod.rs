//! The order in one database's restore: which entry waits for which.
//!
//! Pure. Made of the TOC's dependencies, adjusted as pg_restore adjusts them for parallel work
//! (`fix_dependencies`, `repoint_table_dependencies`, `identify_locking_dependencies` in
//! `pg_backup_archiver.c`), with four additions. A table's data is many chunks. An object added to a
//! partitioned table waits for the rows of its partitions. The chunks of an ordered table come one after the
//! other. Statistics wait for their table's rows, and what comes after the rows waits for them: it is planned
//! with them, and would shut them out. `schedule` decides who works on which entry and when.

use crate::restore::contents::DataFacts;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::restore::select::Need;
use crate::restore::statements::foreign_keys;
use crate::toc::kind::Pass;
use crate::toc::{DumpId, ObjectKind, Section, Subject, Toc, TocEntry};

/// The time of an entry's restore. The passes are pg_restore's `RestorePass`. Grants come after everything,
/// because the restore may need rights that they take away. Entries that run the user's code or ask for the
/// user's rights come after the grants. Event triggers, which pg_restore has in its last pass with the
/// refreshes, come behind the refreshes: they would see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// One after the other in TOC order: the definitions that rows need, with their comments and labels.
    PreData,
    /// In parallel: rows, then indexes, constraints, triggers.
    Main,
    /// One after the other: grants.
    Acl,
    /// In parallel: refreshes of materialized views.
    PostAcl,
    /// In parallel: event triggers.
    EventTriggers,
}

/// The cost of work on a table's loaded rows, as a part of the cost of loading them: an index reads them once
/// more.
const WORK_SHARE: u64 = 4;

impl Node {
    /// The work that an entry is beside its data, in bytes of rows that take as long to load, roughly:
    /// indexes, and the constraints that are indexes or are checked.
    pub(crate) fn other_work(&self, entry: &TocEntry) -> u64 {
        use ObjectKind as Kind;
        let reads_rows = matches!(
            entry.kind,
            Kind::Index | Kind::Constraint | Kind::FkConstraint | Kind::MaterializedViewData
        );
        if self.need.any() && reads_rows {
            self.size / WORK_SHARE
        } else {
            0
        }
    }
}

/// One entry's place among the others. Numbers are positions in `Toc::entries`.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) need: Need,
    pub(crate) stage: Stage,
    /// Raw bytes of the table that the entry is about; zero where there is none.
    pub(crate) size: u64,
    /// The entries that the archive says it depends on.
    pub(crate) depends_on: Vec<usize>,
    /// How many entries it waits for.
    pub(crate) waits_for: usize,
    /// The entries that wait for it.
    pub(crate) releases: Vec<usize>,
    /// The tables that it locks.
    pub(crate) tables: Vec<usize>,
    /// Whether it locks them so that nobody else can.
    pub(crate) exclusive: bool,
    /// Whether it gives back statistics of something that is made after the rows: of what failed there are
    /// none.
    pub(crate) is_late_statistics: bool,
    /// For a foreign key that is added first and checked afterwards: the table whose rows are checked, the
    /// only one that stays locked meanwhile.
    pub(crate) checks: Option<usize>,
}

/// All nodes of one database, one for each entry of its TOC.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    /// The partitioned table that a partition is attached to.
    pub(crate) parents: HashMap<usize, usize>,
}

impl Graph {
    /// The graph for the entries of `toc`. `needs` says which of them are wanted.
    pub(crate) fn new(toc: &Toc, needs: &[Need], facts: &DataFacts) -> Self {
        let index = Index::new(toc, facts);
        let stages = stages(toc);
        let mut waits: Vec<BTreeSet<usize>> = Vec::with_capacity(toc.entries.len());
        let mut nodes = Vec::with_capacity(toc.entries.len());
        for (position, entry) in toc.entries.iter().enumerate() {
            waits.push(index.waits(position, entry, stages[position]));
            let tables = index.tables(entry);
            nodes.push(Node {
                need: needs[position],
                stage: stages[position],
                size: index.size(entry, &tables),
                depends_on: index.dependencies(entry).collect(),
                waits_for: 0,
                releases: Vec::new(),
                exclusive: locks_exclusively(entry),
                is_late_statistics: entry.kind.is_statistics_data()
                    && entry.section == Section::PostData,
                checks: index.checked_table(entry, &tables),
                tables,
            });
        }
        index.add_order(facts, &mut waits);
        for (position, waits) in waits.into_iter().enumerate() {
            nodes[position].waits_for = waits.len();
            for other in waits {
                nodes[other].releases.push(position);
            }
        }
        let partitions = index.partitions.iter();
        let parents = partitions
            .flat_map(|(&parent, parts)| parts.iter().map(move |&part| (part, parent)))
            .collect();
        Self { nodes, parents }
    }
}

/// The stage of each entry.
///
/// Entries of no section that come before the first data entry are restored with the definitions
/// they follow, as pg_restore does in `restore_toc_entries_prefork`. A definition that needs something from
/// after the rows (a function that returns rows of a materialized view that needs a key) waits for it there.
/// pg_restore with one session makes it in the order of the table of contents, and with several fails.
fn stages(toc: &Toc) -> Vec<Stage> {
    let mut past_definitions = false;
    let mut postponed = HashSet::new();
    let stage = |entry: &TocEntry| {
        past_definitions |= matches!(entry.section, Section::Data | Section::PostData);
        match pass(entry) {
            Stage::Main if entry.section == Section::PreData || !past_definitions => {
                if entry.dependencies.iter().any(|id| postponed.contains(id)) {
                    postponed.insert(entry.dump_id);
                    return Stage::Main;
                }
                Stage::PreData
            }
            stage => {
                if entry.section == Section::PostData {
                    postponed.insert(entry.dump_id);
                }
                stage
            }
        }
    };
    toc.entries.iter().map(stage).collect()
}

/// `_tocEntryRestorePass`: never [`Stage::PreData`].
pub(crate) fn pass(entry: &TocEntry) -> Stage {
    let is_late = entry.kind.is_statistics_data() && entry.section == Section::PostData;
    match entry.kind.facts().pass {
        Pass::Acl => Stage::Acl,
        Pass::PostAcl => Stage::PostAcl,
        Pass::Last => Stage::EventTriggers,
        Pass::Main if entry.subject() == Subject::EventTrigger => Stage::EventTriggers,
        Pass::Main if is_late => Stage::PostAcl,
        Pass::Main => Stage::Main,
    }
}

/// Most work after the rows is some ALTER TABLE and shuts everybody else out. Building an index does not, and
/// a refresh only reads its tables.
fn locks_exclusively(entry: &TocEntry) -> bool {
    entry.section == Section::PostData && entry.kind.facts().locks_exclusively
}

/// The look-up tables for making the graph.
struct Index<'a> {
    toc: &'a Toc,
    positions: HashMap<DumpId, usize>,
    /// The data entries of a table, or of an extension for its configuration tables.
    chunks: HashMap<usize, Vec<usize>>,
    /// The entries that give a table's statistics back.
    statistics: HashMap<usize, Vec<usize>>,
    /// The partitions that are attached to a table.
    partitions: HashMap<usize, Vec<usize>>,
    /// The raw bytes of a table.
    table_bytes: HashMap<usize, u64>,
    raw_bytes: &'a HashMap<DumpId, u64>,
}

impl<'a> Index<'a> {
    fn new(toc: &'a Toc, facts: &'a DataFacts) -> Self {
        let positions = toc
            .entries
            .iter()
            .enumerate()
            .map(|(position, entry)| (entry.dump_id, position))
            .collect();
        let mut index = Self {
            toc,
            positions,
            chunks: HashMap::new(),
            statistics: HashMap::new(),
            partitions: HashMap::new(),
            table_bytes: HashMap::new(),
            raw_bytes: &facts.raw_bytes,
        };
        for (position, entry) in toc.entries.iter().enumerate() {
            match entry.kind {
                ObjectKind::TableData => index.add_chunk(position, entry),
                ObjectKind::TableAttach => index.add_partition(entry),
                ObjectKind::StatisticsData if entry.section == Section::Data => {
                    let of = index.dependencies(entry).next();
                    if let Some(of) = of {
                        index.statistics.entry(of).or_default().push(position);
                    }
                }
                _ => {}
            }
        }
        index
    }

    /// The first dependency of a TABLE DATA entry is the table (`buildTocEntryArrays`).
    fn add_chunk(&mut self, position: usize, entry: &TocEntry) {
        let owner = entry.dependencies.first().and_then(|id| self.find(*id));
        if let Some(owner) = owner {
            self.chunks.entry(owner).or_default().push(position);
            let bytes = self.raw_bytes.get(&entry.dump_id).copied().unwrap_or(0);
            *self.table_bytes.entry(owner).or_default() += bytes;
        }
    }

    /// A TABLE ATTACH entry bears the partition's name and depends on it and on its parent.
    fn add_partition(&mut self, entry: &TocEntry) {
        let tables: Vec<usize> = self
            .dependencies(entry)
            .filter(|&position| self.toc.entries[position].kind.is_table())
            .collect();
        let is_partition = |&&position: &&usize| {
            let table = &self.toc.entries[position];
            table.tag == entry.tag && table.namespace == entry.namespace
        };
        let Some(&partition) = tables.iter().find(is_partition) else {
            return;
        };
        for parent in tables.into_iter().filter(|&table| table != partition) {
            self.partitions.entry(parent).or_default().push(partition);
        }
    }

    fn find(&self, id: DumpId) -> Option<usize> {
        self.positions.get(&id).copied()
    }

    /// Dependencies on entries outside the archive are passed over.
    fn dependencies(&self, entry: &'a TocEntry) -> impl Iterator<Item = usize> {
        entry.dependencies.iter().filter_map(|id| self.find(*id))
    }

    fn waits(&self, position: usize, entry: &TocEntry, stage: Stage) -> BTreeSet<usize> {
        let mut waits = BTreeSet::new();
        for dependency in self.dependencies(entry) {
            let is_late = stage != Stage::PreData && entry.section == Section::PostData;
            let is_statistics = entry.kind.is_statistics_data();
            let mut rows = Vec::new();
            if is_late || is_statistics {
                for table in self.with_partitions(dependency) {
                    rows.extend(self.chunks.get(&table).into_iter().flatten().copied());
                }
            }
            if rows.is_empty() {
                waits.insert(dependency);
            }
            if is_late && !is_statistics {
                rows.extend(self.statistics.get(&dependency).into_iter().flatten());
            }
            waits.extend(rows);
        }
        waits.remove(&position);
        waits
    }

    /// The tables among an entry's dependencies, partitions included; a data entry stands for its
    /// table.
    fn tables(&self, entry: &TocEntry) -> Vec<usize> {
        let mut tables = BTreeSet::new();
        for position in self.dependencies(entry) {
            let dependency = &self.toc.entries[position];
            let table = match dependency.kind {
                // The owner of an extension's configuration table is the extension.
                ObjectKind::TableData => dependency
                    .dependencies
                    .first()
                    .and_then(|id| self.find(*id))
                    .filter(|&owner| self.toc.entries[owner].kind.is_table()),
                ref kind if kind.is_table() => Some(position),
                _ => None,
            };
            tables.extend(
                table
                    .into_iter()
                    .flat_map(|table| self.with_partitions(table)),
            );
        }
        tables.into_iter().collect()
    }

    /// The referencing table of a foreign key that [`foreign_keys::split`] can take apart, between plain
    /// tables: VALIDATE CONSTRAINT treats partitions differently in different versions.
    fn checked_table(&self, entry: &TocEntry, tables: &[usize]) -> Option<usize> {
        let is_split =
            entry.kind == ObjectKind::FkConstraint && foreign_keys::split(entry).is_some();
        if !is_split
            || tables
                .iter()
                .any(|table| self.partitions.contains_key(table))
        {
            return None;
        }
        // The tag of a constraint is its table's name, a space and its own (`dumpConstraint`).
        let is_its = |&table: &usize| {
            let table = &self.toc.entries[table];
            let rest = entry.tag.strip_prefix(table.tag.as_slice());
            table.namespace == entry.namespace && rest.is_some_and(|rest| rest.starts_with(b" "))
        };
        tables.iter().copied().find(is_its)
    }

    fn with_partitions(&self, table: usize) -> Vec<usize> {
        let mut found = vec![table];
        let mut seen = BTreeSet::from([table]);
        let mut next = 0;
        while next < found.len() {
            let partitions = self.partitions.get(&found[next]).into_iter().flatten();
            found.extend(
                partitions
                    .copied()
                    .filter(|&partition| seen.insert(partition)),
            );
            next += 1;
        }
        found
    }

    /// Chunks count as much as their whole table: the sooner a big table is complete, the sooner its
    /// indexes are begun.
    fn size(&self, entry: &TocEntry, tables: &[usize]) -> u64 {
        let own = self.raw_bytes.get(&entry.dump_id).copied().unwrap_or(0);
        let of_tables = match entry.section {
            Section::Data | Section::PostData => tables
                .iter()
                .map(|table| self.table_bytes.get(table).copied().unwrap_or(0))
                .sum(),
            _ => 0,
        };
        own.max(of_tables)
    }

    /// Each chunk of an ordered table waits for the one before it.
    fn add_order(&self, facts: &DataFacts, waits: &mut [BTreeSet<usize>]) {
        for chunks in &facts.in_order {
            let positions: Vec<usize> = chunks.iter().filter_map(|id| self.find(*id)).collect();
            for pair in positions.windows(2) {
                waits[pair[1]].insert(pair[0]);
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! The plan of a restore: everything decided before the first statement. `--dry-run` prints it.
//!
//! Made by pure functions from the archive's contents, the options and what the target said; carried
//! out by `worker`.

pub(crate) mod earlier;
mod given_back;
pub(crate) mod globals;
pub(crate) mod graph;
pub(crate) mod losses;
pub(crate) mod resume;
pub(crate) mod statistics;

use std::num::NonZeroUsize;

use bstr::BString;

use super::contents::{Contents, DatabaseContents};
use super::error::Error;
use super::journal;
use super::options::{RestoreOptions, Transactions};
use super::select::lookup::Lookup;
use super::select::names::{Filters, Unmatched};
use super::select::{Criteria, DatabaseEntries, Need, required};
use super::statements::Triggers;
use crate::digest::Sha256;
use crate::restore::contents::DataFacts;
use crate::restore::finding::{Finding, Severity};
use crate::restore::plan::earlier::Earlier;
use crate::restore::plan::globals::GlobalsPlan;
use crate::toc::{ObjectKind, Section, Toc, TocEntry};
use graph::{Graph, Stage};
use losses::Dropped;
use statistics::{Analysis, analyses};

/// The steps of a restore, and the findings about the target.
#[derive(Debug, Clone)]
pub struct RestorePlan {
    /// How many sessions work at once.
    pub jobs: usize,
    /// Settings of its sessions that are not the server's own.
    pub settings: Vec<String>,
    /// The objects on the target that are dropped first.
    pub dropped: Vec<Dropped>,
    /// Faults, and facts that the user should know. With a [`Severity::Problem`] among them the restore does
    /// nothing.
    pub findings: Vec<Finding>,
    /// Roles, memberships and tablespaces to be restored, for instance `ROLE reader`.
    pub globals: Vec<String>,
    /// How many of them are roles.
    pub new_roles: usize,
    /// Roles of the archive that the target has: they stay as they are.
    pub existing_roles: Vec<BString>,
    /// The databases.
    pub databases: Vec<DatabasePlan>,
}

/// The work on one database.
#[derive(Debug, Clone)]
pub struct DatabasePlan {
    /// Its name in the archive.
    pub source: BString,
    /// Its name on the target.
    pub target: BString,
    /// The first step: creating, filling, replacing or cleaning the database.
    pub preparation: Preparation,
    /// Rows to be loaded, where the archive knows their number.
    pub rows: Option<u64>,
    /// Bytes of COPY text and of large objects' SQL to be loaded. An archive of pg_dump's does not know that;
    /// its own size stands here instead.
    pub bytes: u64,
    /// The entries to be restored, each with the part of the restore it belongs to.
    pub steps: Vec<(&'static str, String)>,
}

/// The preparation of a database before anything is restored into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preparation {
    /// The database is created.
    Create,
    /// It is there, as on every server, and gets its properties.
    Fill,
    /// The database is dropped, if it is there, and created.
    Replace,
    /// The objects to be restored are dropped first.
    Clean,
    /// Nothing.
    Use,
    /// Nothing that an earlier restore has done.
    Resume,
}

impl Preparation {
    fn of(options: &RestoreOptions) -> Self {
        match (options.create, options.clean) {
            (true, false) => Self::Create,
            (true, true) => Self::Replace,
            (false, true) => Self::Clean,
            (false, false) => Self::Use,
        }
    }
}

/// The names that `options` gives, and a notice for each that nothing in the chosen databases bears.
///
/// An error where the names choose nothing at all, or where `--strict-names` demands that each is borne.
pub(crate) fn filters(
    contents: &Contents,
    options: &RestoreOptions,
) -> Result<(Filters, Vec<String>), Error> {
    let filters = Filters::new(&options.selection).map_err(|error| Error::Usage {
        what: error.to_string(),
    })?;
    if !filters.any() || contents.databases.is_empty() {
        return Ok((filters, Vec::new()));
    }
    let tocs = contents.databases.iter();
    let lookups: Vec<Lookup<'_>> = tocs.map(|database| Lookup::new(&database.toc)).collect();
    let unmatched = filters.unmatched(&lookups);
    let is_refused = options.selection.strict_names && !unmatched.is_empty();
    if is_refused || filters.choose_nothing(&lookups) {
        let databases = contents.databases.iter();
        let databases = databases.map(|database| database.source.clone()).collect();
        return Err(Error::unknown_names(databases, unmatched));
    }
    let notices = unmatched.into_iter().map(Unmatched::notice).collect();
    Ok((filters, notices))
}

/// Decides which parts of each entry of a database are wanted.
pub(crate) fn needs(
    database: &DatabaseContents,
    options: &RestoreOptions,
    filters: &Filters,
) -> Vec<Need> {
    let criteria = Criteria {
        selection: &options.selection,
        filters,
        database: if options.create {
            DatabaseEntries::Create
        } else {
            DatabaseEntries::Leave
        },
        listed: database.listed.as_ref(),
    };
    required(&database.toc, &criteria)
}

/// `--disable-triggers` means something only where no object is defined: with `-a`, or where the other
/// options leave no definition over (the "implied no-schema restore" of pg_restore's `RestoreArchive`).
pub(crate) fn triggers(toc: &Toc, needs: &[Need], options: &RestoreOptions) -> Triggers {
    let defines =
        |(entry, need): (&TocEntry, &Need)| need.definition && !entry.kind.is_statistics_data();
    let has_definitions =
        options.selection.content.definitions && toc.entries.iter().zip(needs).any(defines);
    if options.disable_triggers && !has_definitions {
        Triggers::Disable
    } else {
        Triggers::Leave
    }
}

/// Sizes and orders for the graph. One worker alone goes by the order of the user's list, not by sizes.
fn facts(database: &DatabaseContents, options: &RestoreOptions) -> DataFacts {
    let mut facts = database.data_facts();
    if database.listed.is_some() && options.jobs == NonZeroUsize::MIN {
        facts.raw_bytes.clear();
    }
    facts
}

/// What the workers need to know about one database.
pub(crate) struct DatabaseWork {
    pub(crate) preparation: Preparation,
    pub(crate) triggers: Triggers,
    /// Positions of the entries that make the database itself, in TOC order.
    pub(crate) of_database: Vec<usize>,
    /// The wanted part of each entry; none of the database's own entries.
    pub(crate) needs: Vec<Need>,
    pub(crate) graph: Graph,
    /// Tables that get statistics.
    pub(crate) analyses: Vec<Analysis>,
    /// The digest of all this, as the journal names it.
    pub(crate) plan: Sha256,
    /// What an earlier restore has done of it.
    pub(crate) earlier: Earlier,
}

impl DatabaseWork {
    /// Decides for one database. `plan` is the digest of the first decision, where that is known: the
    /// contents may have been fitted to a target since, and a journal belongs to the first decision.
    pub(crate) fn new(
        database: &DatabaseContents,
        options: &RestoreOptions,
        filters: &Filters,
        plan: Option<Sha256>,
    ) -> Self {
        let toc = &database.toc;
        let mut needs = needs(database, options, filters);
        let triggers = triggers(toc, &needs, options);
        let mut of_database = Vec::new();
        for (position, entry) in toc.entries.iter().enumerate() {
            let makes_it = matches!(
                entry.kind,
                ObjectKind::Database | ObjectKind::DatabaseProperties
            );
            if makes_it && std::mem::take(&mut needs[position]).any() {
                of_database.push(position);
            }
        }
        let graph = Graph::new(toc, &needs, &facts(database, options));
        let mut analyses = analyses(database, &needs, &graph, options.statistics, options.vacuum);
        if options.transactions == Transactions::Database {
            // After the COMMIT: one that fails takes its transaction with it.
            analyses
                .iter_mut()
                .for_each(|analysis| analysis.waits.clear());
        }
        Self {
            plan: plan.unwrap_or_else(|| journal::plan_digest(database, &needs, options, triggers)),
            earlier: Earlier::default(),
            preparation: Preparation::of(options),
            triggers,
            of_database,
            needs,
            graph,
            analyses,
        }
    }

    /// The entries that are wanted, with their positions.
    pub(crate) fn wanted<'a>(
        &'a self,
        database: &'a DatabaseContents,
    ) -> impl Iterator<Item = (usize, &'a TocEntry)> {
        let entries = database.toc.entries.iter().enumerate();
        entries.filter(|(position, _)| self.needs[*position].any())
    }

    /// Entries to be restored, for progress.
    pub(crate) fn count(&self) -> u64 {
        self.needs.iter().filter(|need| need.any()).count() as u64
    }

    /// Rows to be loaded, where that is known of all of them, and bytes.
    pub(crate) fn volume(&self, database: &DatabaseContents) -> (Option<u64>, u64) {
        let wanted = self.wanted(database);
        let with_data = wanted.filter(|(position, _)| self.needs[*position].data);
        let chunks = with_data.filter_map(|(_, entry)| database.chunks.get(&entry.dump_id));
        chunks.fold((Some(0), 0), |(rows, bytes), chunk| {
            let rows: Option<u64> = rows.zip(chunk.rows).map(|(all, more)| all + more);
            (rows, bytes + chunk.weight())
        })
    }

    /// The plan for people.
    pub(crate) fn describe(&self, database: &DatabaseContents) -> DatabasePlan {
        let (rows, bytes) = self.volume(database);
        let entries = &database.toc.entries;
        let of_database = self.of_database.iter().map(|&position| {
            let description = database.describe(&entries[position]);
            ("database", description)
        });
        let mut ordered: Vec<(usize, &TocEntry)> = self.wanted(database).collect();
        ordered.sort_by_key(|(position, _)| self.graph.nodes[*position].stage);
        let others = ordered.into_iter().map(|(position, entry)| {
            let part = part_of(self.graph.nodes[position].stage, entry);
            (part, database.describe(entry))
        });
        DatabasePlan {
            source: database.source.clone(),
            target: database.target.clone(),
            preparation: self.preparation,
            rows,
            bytes,
            steps: of_database.chain(others).collect(),
        }
    }
}

fn part_of(stage: Stage, entry: &TocEntry) -> &'static str {
    match (stage, entry.section) {
        (Stage::PreData, _) => "pre-data",
        (Stage::Main, Section::Data) => "data",
        (Stage::Main, _) => "post-data",
        (Stage::Acl, _) => "grants",
        (Stage::PostAcl | Stage::EventTriggers, _) => "last",
    }
}

impl RestorePlan {
    pub(crate) fn new(
        options: &RestoreOptions,
        contents: &Contents,
        work: &[DatabaseWork],
        globals: &GlobalsPlan,
        findings: Vec<Finding>,
    ) -> Self {
        let entries = contents.globals.iter().flat_map(|toc| {
            let positions = globals.entries.iter();
            positions.map(|&position| &toc.entries[position])
        });
        let databases = contents.databases.iter().zip(work);
        Self {
            jobs: options.jobs.get(),
            settings: Vec::new(),
            dropped: Vec::new(),
            findings,
            new_roles: entries
                .clone()
                .filter(|entry| entry.kind == ObjectKind::Role)
                .count(),
            existing_roles: globals.existing.clone(),
            globals: entries
                .map(|entry| format!("{} {}", entry.kind, entry.tag))
                .collect(),
            databases: databases
                .map(|(database, work)| work.describe(database))
                .collect(),
        }
    }

    /// Whether the restore would begin at all.
    pub fn is_possible(&self) -> bool {
        let is_problem = |finding: &Finding| finding.severity == Severity::Problem;
        !self.findings.iter().any(is_problem)
    }
}

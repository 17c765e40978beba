//! Which file of a top-level module needs which other, and where that goes round in a circle.
//!
//! A name counts for the file that defines it: `use super::Error` where `mod.rs` has it from `error.rs` needs `error.rs`.
//! So a `mod.rs` may be the face of its folder, and the files in it may use that face. To declare a module or to pass a
//! name on (`pub use`) is no need. Reading source is [`super::source`]'s.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// The circles that are left, to become fewer.
pub const KNOWN: &[&[&str]] = &[
    &["archive/testing.rs", "archive/testing/entries.rs"],
    &["cli/args/help.rs", "cli/args/mod.rs"],
    &[
        "cli/progress/json.rs",
        "cli/progress/mod.rs",
        "cli/progress/plain.rs",
        "cli/progress/terminal.rs",
    ],
    &[
        "restore/apply.rs",
        "restore/clean.rs",
        "restore/contents.rs",
        "restore/define.rs",
        "restore/engine.rs",
        "restore/error.rs",
        "restore/extension_schema.rs",
        "restore/firing.rs",
        "restore/foreign_keys.rs",
        "restore/globals.rs",
        "restore/graph.rs",
        "restore/journal/mod.rs",
        "restore/list.rs",
        "restore/lock/keep.rs",
        "restore/lock/mod.rs",
        "restore/lock/waits.rs",
        "restore/options.rs",
        "restore/plan.rs",
        "restore/preflight/locale.rs",
        "restore/preflight/rights.rs",
        "restore/preflight/target.rs",
        "restore/prepare.rs",
        "restore/report.rs",
        "restore/resume.rs",
        "restore/schedule/analyses.rs",
        "restore/schedule/mod.rs",
        "restore/schedule/progress.rs",
        "restore/sessions.rs",
        "restore/statements.rs",
        "restore/statements/drops.rs",
        "restore/statements/settings.rs",
        "restore/statistics.rs",
        "restore/timing.rs",
        "restore/worker/mod.rs",
        "restore/worker/transaction.rs",
    ],
    &[
        "restore/leave_out.rs",
        "restore/preflight/forbidden/globals.rs",
        "restore/preflight/forbidden/mod.rs",
        "restore/preflight/forbidden/owners.rs",
        "restore/preflight/forbidden/rules.rs",
    ],
    &[
        "restore/older.rs",
        "restore/older/constraints.rs",
        "restore/older/replication.rs",
    ],
    &["restore/script/mod.rs", "restore/script/output.rs"],
    &[
        "storage/cloud/azure.rs",
        "storage/cloud/gcs.rs",
        "storage/cloud/http.rs",
        "storage/cloud/mod.rs",
        "storage/cloud/profile.rs",
        "storage/cloud/s3.rs",
        "storage/cloud/web.rs",
        "storage/error.rs",
        "storage/location.rs",
        "storage/mistaken.rs",
    ],
    &["storage/mod.rs", "storage/read.rs", "storage/traffic.rs"],
    &[
        "storage/partial.rs",
        "storage/parts.rs",
        "storage/upload.rs",
    ],
    &[
        "verify/mod.rs",
        "verify/pg_dump.rs",
        "verify/report.rs",
        "verify/sweep.rs",
    ],
];

/// Files by number, and the numbers of those that each one needs.
pub struct Needs<'a> {
    sources: &'a [Source],
    needs: Vec<BTreeSet<usize>>,
}

/// A module's file, and the names that it has from elsewhere: each with the path that it comes from.
struct Module {
    file: usize,
    imports: BTreeMap<String, Vec<String>>,
}

type Modules = BTreeMap<Vec<String>, Module>;

impl<'a> Needs<'a> {
    /// The needs of all files among these.
    pub fn of(sources: &'a [Source]) -> Self {
        let mut modules = Modules::new();
        for (file, source) in sources.iter().enumerate() {
            let imports = source.imports().into_iter().filter_map(|(path, _)| {
                let name = path.last()?.clone();
                Some((name, absolute(source, &path)))
            });
            let imports = imports.collect();
            modules.insert(owned(&source.module_path()), Module { file, imports });
        }
        let needs = sources.iter().enumerate().map(|(file, source)| {
            let imports = source.imports();
            let passed_on: BTreeSet<_> = imports
                .iter()
                .filter(|(_, is_public)| *is_public)
                .map(|(path, _)| path)
                .collect();
            let paths = source.paths().into_iter().map(|(_, path)| path);
            let needed = paths
                .filter(|path| !passed_on.contains(path) && !is_variable(path))
                .filter_map(|path| definer(&modules, absolute(source, &path)));
            needed.filter(|&needed| needed != file).collect()
        });
        Self {
            sources,
            needs: needs.collect(),
        }
    }

    /// The circles: files of one top-level module of which each needs every other, by detours. Sorted.
    pub fn knots(&self) -> Vec<Vec<&'a str>> {
        let reached: Vec<BTreeSet<usize>> = (0..self.needs.len())
            .map(|file| self.reached_from(file))
            .collect();
        let mut knots = BTreeSet::new();
        for file in 0..self.needs.len() {
            if !reached[file].contains(&file) {
                continue;
            }
            let both = reached[file]
                .iter()
                .filter(|&&other| reached[other].contains(&file));
            let mut knot: Vec<&str> = both
                .map(|&other| self.sources[other].path.as_str())
                .collect();
            knot.sort_unstable();
            knots.insert(knot);
        }
        knots.into_iter().collect()
    }

    /// All that a file needs by detours within its top-level module.
    fn reached_from(&self, file: usize) -> BTreeSet<usize> {
        let module = self.sources[file].module();
        let mut reached = BTreeSet::new();
        let mut next = vec![file];
        while let Some(at) = next.pop() {
            for &needed in &self.needs[at] {
                if self.sources[needed].module() == module && reached.insert(needed) {
                    next.push(needed);
                }
            }
        }
        reached
    }
}

/// A name alone in small letters is a variable or a function, which may be called as a module is.
fn is_variable(path: &[String]) -> bool {
    let starts_small = |name: &String| name.starts_with(|first: char| !first.is_uppercase());
    path.len() == 1 && path.iter().any(starts_small)
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|segment| (*segment).to_owned()).collect()
}

/// The path from the crate's root, if it is one of the crate's: otherwise it leads nowhere.
fn absolute(source: &Source, path: &[String]) -> Vec<String> {
    let own = owned(&source.module_path());
    let rest = path
        .iter()
        .skip_while(|segment| matches!(segment.as_str(), "super" | "self"));
    let climbs = path
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    let base = match path.first().map(String::as_str) {
        Some("crate") => return path[1..].to_vec(),
        Some("super") => &own[..own.len().saturating_sub(climbs)],
        _ => &own[..],
    };
    base.iter().chain(rest).cloned().collect()
}

/// The file that defines what the path leads to.
fn definer(modules: &Modules, mut path: Vec<String>) -> Option<usize> {
    // A name that is passed on in a circle would not compile; the bound is for snippets.
    for _ in 0..modules.len() + 1 {
        let depth = (1..=path.len())
            .rev()
            .find(|&depth| modules.contains_key(&path[..depth]))?;
        let module = &modules[&path[..depth]];
        let Some(from) = path.get(depth).and_then(|name| module.imports.get(name)) else {
            return Some(module.file);
        };
        path = from.iter().chain(&path[depth + 1..]).cloned().collect();
    }
    None
}

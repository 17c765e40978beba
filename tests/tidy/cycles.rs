//! Which file of a top-level module needs which other, and where that goes round in a circle.
//!
//! A name counts for the file that defines it: `use super::Error` where `mod.rs` has it from `error.rs` needs
//! `error.rs`. So a `mod.rs` may be the face of its folder, and the files in it may use that face. To declare
//! a module or to pass a name on (`pub use`) is no need. Reading source is [`super::source`]'s.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::Broken;
use super::source::Source;

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

    /// What breaks a picture of rooms: `floors` says of each folder or file of a module on which floor it is,
    /// and files may need only files of their own room and of lower floors. The module's own `mod.rs` may
    /// need all.
    pub fn rooms(&self, module: &str, floors: &BTreeMap<String, u32>) -> Broken {
        let mut broken = Broken::new();
        for (at, source) in self.sources.iter().enumerate() {
            let Some(room) = room(module, &source.path) else {
                continue;
            };
            let Some(floor) = floors.get(room) else {
                broken.push(format!("{}: {room} is not in the picture", source.path));
                continue;
            };
            for &needed in &self.needs[at] {
                let needed = self.sources[needed].path.as_str();
                let other = match room_of_need(module, needed) {
                    Some(other) if other != room => other,
                    _ => continue,
                };
                if floors.get(other).is_none_or(|below| below >= floor) {
                    broken.push(format!(
                        "{} needs {needed}, which is no room below",
                        source.path
                    ));
                }
            }
        }
        broken
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

/// The folder or file of `module` that a file is in; none for its `mod.rs`, and for files of other modules.
fn room<'a>(module: &str, path: &'a str) -> Option<&'a str> {
    room_of_need(module, path).filter(|room| *room != "mod")
}

fn room_of_need<'a>(module: &str, path: &'a str) -> Option<&'a str> {
    let inside = path.strip_prefix(module)?.strip_prefix('/')?;
    let room = inside.split('/').next()?;
    Some(room.strip_suffix(".rs").unwrap_or(room))
}

/// The picture in a module's page: lines of a number and names, up to two blanks or more that a description
/// follows.
pub fn floors(page: &str, rooms: &BTreeSet<&str>) -> BTreeMap<String, u32> {
    let mut floors = BTreeMap::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("//! ")) {
        let mut words = line.split_whitespace();
        let Some(floor) = words.next().and_then(|word| word.parse().ok()) else {
            continue;
        };
        for word in words.take_while(|word| rooms.contains(word)) {
            floors.insert(word.to_owned(), floor);
        }
    }
    floors
}

/// The rooms that a module has.
pub fn rooms_of<'a>(module: &str, sources: &'a [Source]) -> BTreeSet<&'a str> {
    sources
        .iter()
        .filter_map(|source| room(module, &source.path))
        .collect()
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

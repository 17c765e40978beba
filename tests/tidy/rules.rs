//! The rules, each a pure function from sources to the places that break it.

use std::collections::BTreeMap;

use super::source::Source;

/// `file:line: what`.
pub type Broken = Vec<String>;

/// What each top-level module may import. A new arrow is a decision: it is made here, in review.
pub const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("digest", &[]),
    ("monitor", &[]),
    ("toc", &[]),
    ("storage", &["monitor", "digest"]),
    ("pg", &["monitor"]),
    ("archive", &["storage", "toc", "digest"]),
    ("pgdump", &["storage", "toc"]),
    ("schema", &["pg", "toc"]),
    ("source", &["archive", "pgdump", "storage", "toc", "digest"]),
    (
        "dump",
        &[
            "schema", "archive", "pgdump", "pg", "storage", "toc", "digest", "monitor",
        ],
    ),
    (
        "restore",
        &[
            "source", "schema", "archive", "pgdump", "pg", "storage", "toc", "digest", "monitor",
        ],
    ),
    (
        "verify",
        &[
            "source", "archive", "pgdump", "storage", "toc", "digest", "monitor",
        ],
    ),
    (
        "compare",
        &[
            "source", "schema", "pgdump", "pg", "storage", "toc", "digest", "monitor",
        ],
    ),
    (
        "inspect",
        &[
            "source", "archive", "pgdump", "storage", "toc", "digest", "monitor",
        ],
    ),
    (
        "cli",
        &[
            "dump", "restore", "verify", "compare", "inspect", "archive", "schema", "storage",
            "pg", "digest", "monitor",
        ],
    ),
    ("main", &["cli"]),
];

const OPERATIONS: &[&str] = &["dump", "restore", "verify", "compare", "inspect"];

/// Lines of a file, tests and tables not counted.
const FILE_LINES_MAX: usize = 400;

/// Columns of a comment. rustfmt holds code to less, but for literals.
const COMMENT_COLUMNS_MAX: usize = 110;

/// Statements longer than this live in `.sql` files, where psql can run them.
const SQL_LINES_MAX: usize = 2;

fn at(source: &Source, line: usize, what: impl std::fmt::Display) -> String {
    format!("src/{}:{line}: {what}", source.path)
}

fn may_import(module: &str) -> Option<&'static [&'static str]> {
    MAY_IMPORT
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, arrows)| *arrows)
}

/// Imports follow [`MAY_IMPORT`], in every way of naming another module.
pub fn arrows(sources: &[Source]) -> Broken {
    let mut broken = Broken::new();
    for source in sources.iter().filter(|source| source.module() != "lib") {
        let module = source.module();
        let Some(allowed) = may_import(module) else {
            broken.push(at(
                source,
                1,
                format!("module {module} is not in the table of layers"),
            ));
            continue;
        };
        for (line, path) in source.paths() {
            let root = path.first().map_or("", String::as_str);
            let (true, Some(target)) = (matches!(root, "crate" | "pgark"), path.get(1)) else {
                continue;
            };
            // macros of ours would be exported at the root; there are none
            if target != module && !allowed.contains(&target.as_str()) {
                broken.push(at(
                    source,
                    line,
                    format!("{module} may not import {target}"),
                ));
            }
        }
    }
    broken
}

/// Layer numbers as the picture in `lib.rs` draws them.
pub fn layers(lib: &str) -> BTreeMap<String, u32> {
    let declared: Vec<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).collect();
    let mut layers = BTreeMap::new();
    for line in lib.lines().filter_map(|line| line.strip_prefix("//! ")) {
        let mut words = line.split_whitespace();
        let Some(layer) = words.next().and_then(|word| word.parse().ok()) else {
            continue;
        };
        for word in words.filter(|word| declared.contains(word)) {
            layers.insert(word.to_owned(), layer);
        }
    }
    layers
}

/// [`MAY_IMPORT`] itself: every module is in the picture, every arrow points down.
pub fn table(layers: &BTreeMap<String, u32>, arrows: &[(&str, &[&str])]) -> Broken {
    let mut broken = Broken::new();
    for (module, targets) in arrows {
        let Some(layer) = layers.get(*module) else {
            broken.push(format!("{module} is not in the picture of src/lib.rs"));
            continue;
        };
        for target in *targets {
            // main and cli share a line of the picture
            let down = layers.get(*target).is_some_and(|below| below < layer);
            if !down && (*module, *target) != ("main", "cli") {
                broken.push(format!(
                    "the arrow from {module} to {target} does not point down"
                ));
            }
        }
    }
    broken
}

/// Only the operations spawn tasks.
pub fn spawns(sources: &[Source]) -> Broken {
    let spawn = |path: &[String]| {
        let ends = |names: &[&str]| path.windows(2).any(|pair| pair == names);
        ends(&["tokio", "spawn"]) || ends(&["task", "spawn"]) || path.iter().any(|n| n == "JoinSet")
    };
    find_paths(
        sources,
        |module| OPERATIONS.contains(&module),
        spawn,
        "spawns a task",
    )
}

/// Only `cli` prints, reads the environment, ends the process or starts threads.
pub fn surroundings(sources: &[Source]) -> Broken {
    let mine = |module: &str| module == "cli";
    let reaches = |path: &[String]| {
        let has = |names: &[&str]| path.windows(2).any(|pair| pair == names);
        has(&["std", "env"])
            || path.first().is_some_and(|first| first == "env") && path.len() > 1
            || has(&["process", "exit"])
            || has(&["process", "abort"])
            || has(&["io", "stdout"])
            || has(&["io", "stderr"])
            || has(&["thread", "spawn"])
            || has(&["thread", "Builder"])
    };
    let mut broken = find_paths(sources, mine, reaches, "is for cli alone");
    for source in sources.iter().filter(|source| !mine(source.module())) {
        for (line, name) in source.macros() {
            if ["println", "print", "eprintln", "eprint", "dbg"].contains(&name.as_str()) {
                broken.push(at(source, line, format!("{name}! is for cli alone")));
            }
        }
    }
    broken
}

fn find_paths(
    sources: &[Source],
    exempt: impl Fn(&str) -> bool,
    bad: impl Fn(&[String]) -> bool,
    why: &str,
) -> Broken {
    let mut broken = Broken::new();
    for source in sources.iter().filter(|source| !exempt(source.module())) {
        for (line, path) in source.paths() {
            if bad(&path) {
                broken.push(at(source, line, format!("{} {why}", path.join("::"))));
            }
        }
    }
    broken
}

/// Every file says first what it is: Rust with `//!`, SQL with `--`.
pub fn openings(files: &[(String, String)]) -> Broken {
    let opening = |path: &str| {
        if path.ends_with(".sql") {
            "-- "
        } else {
            "//! "
        }
    };
    files
        .iter()
        .filter(|(path, text)| !text.starts_with(opening(path)))
        .map(|(path, _)| format!("{path}:1: does not open with {}", opening(path).trim_end()))
        .collect()
}

/// What may be named in which files only: what leads to a session. `Session::connect` is the way; all others
/// would have to see to the search path themselves.
const SESSION_STEPS: &[([&str; 2], &[&str])] = &[
    (["attempt", "open"], &["pg/session.rs"]),
    (
        ["startup", "start"],
        &["pg/connect/attempt.rs", "pg/connect/pooler.rs"],
    ),
    (["Wire", "new"], &["pg/connect/startup.rs"]),
    (["Session", "open"], &["pg/path.rs"]),
    (
        ["PathAtStart", "Users"],
        &[
            "pg/connect/opening.rs",
            "pg/connect/attempt.rs",
            "pg/path.rs",
        ],
    ),
];

/// A session is opened in one place, which empties its search path first.
pub fn sessions(sources: &[Source]) -> Broken {
    let mut broken = Broken::new();
    for source in sources {
        let paths = source.paths();
        let names = |step: [&'static str; 2]| {
            let paths = paths.iter();
            paths.filter(move |(_, path)| path.windows(2).any(|pair| pair == step))
        };
        for (step, files) in SESSION_STEPS {
            if !files.contains(&source.path.as_str()) {
                let named = names(*step);
                broken.extend(named.map(|(line, path)| {
                    at(
                        source,
                        *line,
                        format!("{} leads round Session::connect", path.join("::")),
                    )
                }));
            }
        }
        let starts = names(["startup", "start"]).count();
        let emptied = match source.path.as_str() {
            "pg/connect/attempt.rs" => names(["pooler", "empty_path"]).count() == starts,
            // What `attempt.rs` calls, and the experiment's own sessions.
            "pg/connect/pooler.rs" => names(["opening", "empty_path"]).count() == starts + 1,
            _ => true,
        };
        if starts > 0 && !emptied {
            broken.push(at(
                source,
                1,
                "a session begins whose search path is not emptied",
            ));
        }
    }
    broken
}

/// No file is longer than a reader can hold in mind.
pub fn lengths(sources: &[Source]) -> Broken {
    sources
        .iter()
        .map(|source| (source, counted_lines(source)))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(source, lines)| {
            at(
                source,
                1,
                format!("{lines} lines of at most {FILE_LINES_MAX}"),
            )
        })
        .collect()
}

/// Lines outside of tests and of constant tables. Blank lines and comments count.
fn counted_lines(source: &Source) -> usize {
    let mut count = 0;
    let mut in_table = false;
    for (line, code) in source.text.lines().zip(source.code.lines()) {
        let blanked_by_tests = code.trim().is_empty()
            && !line.trim().is_empty()
            && !line.trim_start().starts_with("//");
        let code = code.trim_end();
        let begins = code.trim_start().trim_start_matches("pub ");
        if (begins.starts_with("const ") || begins.starts_with("static ")) && code.ends_with('[') {
            in_table = true;
        }
        if !in_table && !blanked_by_tests {
            count += 1;
        }
        if code.trim() == "];" {
            in_table = false;
        }
    }
    count
}

/// No comment is wider than a reader's window.
pub fn comment_widths(sources: &[Source]) -> Broken {
    let mut broken = Broken::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            let columns = line.chars().count();
            let is_picture = line.starts_with("//! ") && line.contains("   ");
            if line.trim_start().starts_with("//") && columns > COMMENT_COLUMNS_MAX && !is_picture {
                broken.push(at(
                    source,
                    index + 1,
                    format!("a comment of {columns} columns"),
                ));
            }
        }
    }
    broken
}

/// No module reads what lies in another one, past the table of layers.
pub fn includes(sources: &[Source]) -> Broken {
    let mut broken = Broken::new();
    for source in sources {
        for (line, literal) in &source.strings {
            let climbs = literal.split('/').take_while(|part| *part == "..").count();
            let depth = source.path.matches('/').count();
            let is_test = source.path.ends_with("/testing.rs");
            if !is_test && climbs > 0 && climbs >= depth && literal.contains("../") {
                broken.push(at(source, *line, format!("{literal} is another module's")));
            }
        }
    }
    broken
}

/// A module of one style: `x/mod.rs`, never `x.rs` beside a folder `x`. Tests in files of their own are called so.
pub fn names_of_files(sources: &[Source]) -> Broken {
    let mut broken = Broken::new();
    for source in sources {
        let folder = source.path.trim_end_matches(".rs").to_owned() + "/";
        if sources.iter().any(|other| other.path.starts_with(&folder)) {
            broken.push(at(source, 1, format!("is to be {folder}mod.rs")));
        }
        for test in source.test_modules() {
            let name = test.rsplit('/').next().unwrap_or(&test);
            if !matches!(name, "tests" | "testing") && !name.ends_with("_tests") {
                broken.push(at(
                    source,
                    1,
                    format!("{test} is a test and not called one"),
                ));
            }
        }
    }
    broken
}

/// Whole statements of SQL are in `.sql` files.
pub fn sql(sources: &[Source]) -> Broken {
    const BEGINNINGS: &[&str] = &[
        "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "COPY", "CREATE", "ALTER", "DROP", "SET",
        "BEGIN", "DO", "LOCK", "TRUNCATE", "VALUES", "GRANT", "REVOKE", "COMMENT", "select",
        "with",
    ];
    let is_long_sql = |literal: &str| {
        // a line ends with an escaped newline, a continuation, or both
        let literal = ["\\n\\\n", "\\\n", "\\n"]
            .iter()
            .fold(literal.to_owned(), |text, end| text.replace(end, "\n"));
        literal.split(';').any(|statement| {
            let first = statement.split_whitespace().next().unwrap_or_default();
            let lines = statement
                .lines()
                .filter(|line| !line.trim().is_empty())
                .count();
            BEGINNINGS.contains(&first) && lines > SQL_LINES_MAX
        })
    };
    let mut broken = Broken::new();
    for source in sources {
        for (line, _) in source
            .strings
            .iter()
            .filter(|(_, literal)| is_long_sql(literal))
        {
            broken.push(at(
                source,
                *line,
                "a statement this long belongs in a .sql file",
            ));
        }
    }
    broken
}

/// The first line of FORMAT.md names the format the code writes.
pub fn format_version(document: &str, version: u32) -> Broken {
    let title = document.lines().next().unwrap_or_default();
    if title.trim_end().ends_with(&format!("format {version}")) {
        return Broken::new();
    }
    vec![format!(
        "src/archive/FORMAT.md:1: \"{title}\" is not the title of format {version}"
    )]
}

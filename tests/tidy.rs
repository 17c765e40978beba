//! The house rules that a compiler does not hold: layers, who may print and spawn, who opens a session, how
//! files open, how long they are, where SQL lives and that it names nothing twice, and that the format's
//! document goes with its code.
//!
//! Each rule is checked twice: on this project, and on a snippet that breaks it, so that a rule that
//! has stopped seeing anything fails too. How source is read is in [`source`]; the length of
//! functions is clippy's `too_many_lines`.

mod cycles;
mod names;
mod rules;
mod source;

use std::fs;
use std::path::Path;

use rules::{Broken, MAY_IMPORT};
use source::Source;

/// All files below `folder` with one of these endings: path from the project's root, and text.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project") {
            let path = entry.expect("an entry of a folder").path();
            let name = path
                .strip_prefix(root)
                .expect("below the root")
                .display()
                .to_string();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(&path).expect("text");
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

/// The crate without the files that are tests as a whole.
fn sources() -> Vec<Source> {
    let all: Vec<Source> = files("src", &[".rs"])
        .iter()
        .map(|(path, text)| Source::new(path.strip_prefix("src/").unwrap_or(path), text))
        .collect();
    let tests: Vec<String> = all.iter().flat_map(Source::test_modules).collect();
    let is_test = |path: &str| {
        let below = |test: &String| path.starts_with(&format!("{test}/"));
        tests
            .iter()
            .any(|test| path == format!("{test}.rs") || below(test))
    };
    all.into_iter()
        .filter(|source| !is_test(&source.path))
        .collect()
}

#[track_caller]
fn assert_kept(broken: &Broken) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// One file that breaks a rule.
fn snippet(path: &str, text: &str) -> Vec<Source> {
    vec![Source::new(path, text)]
}

#[test]
fn imports_point_down_along_the_table() {
    assert_kept(&rules::arrows(&sources()));
}

#[test]
fn an_arrow_that_is_not_in_the_table_is_found() {
    let bad = [
        ("archive/mod.rs", "use crate::pg::Session;"),
        ("dump/plan.rs", "use crate::{toc, restore::Error};"),
        ("pgdump/mod.rs", "fn f() -> crate::archive::Error {}"),
        ("verify.rs", "use super::inspect;"),
        ("dump/deep/x.rs", "use super::super::super::cli;"),
        ("schema/mod.rs", "use crate::*;"),
        ("brand_new/mod.rs", ""),
        ("main.rs", "fn main() { pgark::dump::dump() }"),
    ];
    for (path, text) in bad {
        assert_eq!(
            rules::arrows(&snippet(path, text)).len(),
            1,
            "{path}: {text}"
        );
    }
    let good = snippet("dump/plan.rs", "use crate::{dump::x, toc, digest::Sha256};");
    assert_kept(&rules::arrows(&good));
}

#[test]
fn the_table_agrees_with_the_picture() {
    let lib = include_str!("../src/lib.rs");
    assert_kept(&rules::table(&rules::layers(lib), MAY_IMPORT));
}

#[test]
fn a_table_with_an_arrow_upwards_is_found() {
    let layers = rules::layers("//! 1  toc\n//! 0  digest  monitor\n");
    assert_eq!(layers.len(), 3);
    let broken = rules::table(
        &layers,
        &[("digest", &["toc"]), ("monitor", &["digest"]), ("pg", &[])],
    );
    assert_eq!(broken.len(), 3, "{broken:?}");
}

#[test]
fn only_operations_spawn_tasks() {
    assert_kept(&rules::spawns(&sources()));
}

#[test]
fn a_spawn_elsewhere_is_found() {
    let bad = [
        "fn f() { tokio::spawn(g()); }",
        "use tokio::task::JoinSet;",
        "use tokio::{net, task::{self, spawn}};",
        "fn f() { task::spawn(g()); }",
    ];
    for text in bad {
        assert_eq!(rules::spawns(&snippet("pg/x.rs", text)).len(), 1, "{text}");
        assert_kept(&rules::spawns(&snippet("dump/x.rs", text)));
    }
}

#[test]
fn only_cli_touches_the_surroundings() {
    assert_kept(&rules::surroundings(&sources()));
}

#[test]
fn a_print_or_an_exit_elsewhere_is_found() {
    let bad = [
        "fn f() { println!(\"x\"); }",
        "fn f() { dbg!(1); }",
        "fn f() { std::env::var(\"HOME\"); }",
        "use std::{env, fs};",
        "fn f() { env::temp_dir(); }",
        "fn f() { std::process::exit(1); }",
        "fn f() { io::stderr(); }",
        "fn f() { std::thread::spawn(g); }",
    ];
    for text in bad {
        assert_eq!(
            rules::surroundings(&snippet("dump/x.rs", text)).len(),
            1,
            "{text}"
        );
        assert_kept(&rules::surroundings(&snippet("cli/x.rs", text)));
    }
    let version = snippet("dump/x.rs", "const V: &str = env!(\"CARGO_PKG_VERSION\");");
    assert_kept(&rules::surroundings(&version));
}

#[test]
fn every_file_says_first_what_it_is() {
    let mut all = files("src", &[".rs", ".sql"]);
    all.extend(files("tests", &[".rs"]));
    assert!(all.len() > 40, "the scan found only {} files", all.len());
    assert_kept(&rules::openings(&all));
}

#[test]
fn a_file_that_does_not_is_found() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let bad = [
        file("a.rs", "use x;\n//! late"),
        file("b.rs", ""),
        file("c.sql", "SELECT 1;"),
    ];
    assert_eq!(rules::openings(&bad).len(), 3);
}

#[test]
fn no_file_is_too_long() {
    assert_kept(&rules::lengths(&sources()));
}

#[test]
fn a_file_that_is_too_long_is_found_and_tests_and_tables_do_not_count() {
    let long = "fn f() {}\n".repeat(601);
    assert_eq!(rules::lengths(&snippet("x.rs", &long)).len(), 1);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
    assert_kept(&rules::lengths(&snippet("x.rs", &tests)));
    let table = format!("pub const T: &[u8] = &[\n{}];\n", "    1,\n".repeat(601));
    assert_kept(&rules::lengths(&snippet("x.rs", &table)));
}

#[test]
fn sql_lives_in_sql_files() {
    assert_kept(&rules::sql(&sources()));
}

#[test]
fn a_long_statement_in_a_literal_is_found() {
    let bad = "const Q: &str = \"SELECT a,\n b\n FROM c\";";
    let raw = "const Q: &str = r#\"\n    SELECT a,\n b\n FROM c\"#;";
    let short = "const Q: &str = \"SELECT a\\\n FROM c\"; const P: &str = \"Some\n words\n here\";";
    assert_eq!(rules::sql(&snippet("x.rs", bad)).len(), 1);
    assert_eq!(rules::sql(&snippet("x.rs", raw)).len(), 1);
    assert_kept(&rules::sql(&snippet("x.rs", short)));
    let several = "const Q: &str = \"SET a = 1;\\n\\\n SET b = 2;\\n\\\n SET c = 3;\\n\";";
    assert_kept(&rules::sql(&snippet("x.rs", several)));
}

#[test]
fn a_session_is_opened_in_one_place() {
    assert_kept(&rules::sessions(&sources()));
}

#[test]
fn a_way_round_that_place_is_found() {
    let bad = [
        (
            "restore/x.rs",
            "async fn f() { attempt::open(&config).await; }",
        ),
        ("pg/x.rs", "use super::startup::start;"),
        (
            "pg/cancel.rs",
            "async fn f() { startup::start(c, d, None, p).await; }",
        ),
        (
            "pg/x.rs",
            "fn f() { Session::open(&config, PathAtStart::Empty) }",
        ),
        ("dump/x.rs", "fn f() -> PathAtStart { PathAtStart::Users }"),
        ("pg/x.rs", "fn f() { Wire::new(socket) }"),
        (
            "pg/connect/attempt.rs",
            "fn f() { startup::start(c, d, None, p); }",
        ),
        (
            "pg/connect/pooler.rs",
            "fn f() { startup::start(c, d, None, p); }",
        ),
    ];
    for (path, text) in bad {
        assert_eq!(
            rules::sessions(&snippet(path, text)).len(),
            1,
            "{path}: {text}"
        );
    }
    let good = "async fn f() { startup::start(c, d, None, p); pooler::empty_path(&mut wire); }";
    assert_kept(&rules::sessions(&snippet("pg/connect/attempt.rs", good)));
}

#[test]
fn sql_says_whose_operators_and_functions_it_means() {
    let all = files("src", &[".sql"]);
    assert!(all.len() > 40, "the scan found only {} files", all.len());
    assert_kept(&names::qualified(&all));
}

#[test]
fn a_name_that_is_looked_up_on_the_search_path_is_found() {
    let bad = [
        "SELECT a\n  FROM b WHERE c = 'x'",
        "SELECT a ->> 'x'",
        "SELECT a || 'it''s = not'",
        "SELECT a WHERE b IN ('c')",
        "SELECT a WHERE b NOT BETWEEN 1 AND 2",
        "SELECT a FROM b JOIN c USING (d)",
        "SELECT a IS DISTINCT FROM b",
        "SELECT CASE a WHEN 1 THEN 2 END",
        "SELECT a LIKE 'x'",
        "SELECT current_setting('a')",
        "SELECT 1 -1",
        "SELECT a::text",
        "CREATE TABLE a.b (c text)",
        "SELECT 1 FROM pg_class",
    ];
    for sql in bad {
        let file = ("x.sql".to_owned(), format!("-- what\n{sql};"));
        assert_eq!(names::qualified(&[file]).len(), 1, "{sql}");
    }
    let good = "-- a = b, f(x)\nSET a = 'b';\nUPDATE s.t SET c = $1, d = true;\n\
        SELECT *, count.x, coalesce(a, b), CASE WHEN NOT a THEN '=' ELSE -1 END, pg_catalog.count(*)\n\
        FROM pg_catalog.f(a) AS x(b, c) WHERE a OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])\n\
        AND b = 1; -- qualified: for the test\n";
    assert_kept(&names::qualified(&[("x.sql".to_owned(), good.to_owned())]));
}

#[test]
fn the_format_s_document_is_of_the_format_that_is_written() {
    let document = include_str!("../src/archive/FORMAT.md");
    assert_kept(&rules::format_version(
        document,
        pgark::archive::FORMAT_VERSION,
    ));
    let next = pgark::archive::FORMAT_VERSION + 1;
    assert_eq!(rules::format_version(document, next).len(), 1);
}

#[test]
fn files_do_not_need_one_another_in_circles() {
    let sources = sources();
    let knots = cycles::Needs::of(&sources).knots();
    assert_eq!(knots, Vec::<Vec<&str>>::new(), "circles of files");
}

#[test]
fn a_circle_of_files_is_found() {
    let knots = |files: &[(&str, &str)]| {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source::new(path, text))
            .collect();
        let knots = cycles::Needs::of(&sources).knots();
        knots.iter().map(|knot| knot.join(" ")).collect::<Vec<_>>()
    };
    let two = [
        ("dump/mod.rs", "mod plan; pub fn dump() { plan::plan() }"),
        ("dump/plan.rs", "pub fn plan() { super::dump() }"),
    ];
    assert_eq!(knots(&two), ["dump/mod.rs dump/plan.rs"]);
    let by_a_detour = [
        ("dump/a.rs", "use super::b::B;"),
        ("dump/b.rs", "use crate::dump::deep::C; pub struct B;"),
        ("dump/deep/mod.rs", "mod c; pub use c::C;"),
        ("dump/deep/c.rs", "pub struct C(super::super::a::A);"),
    ];
    assert_eq!(knots(&by_a_detour), ["dump/a.rs dump/b.rs dump/deep/c.rs"]);
    let by_a_face = [
        (
            "dump/mod.rs",
            "mod error; mod plan; pub use error::Error; pub use plan::plan;",
        ),
        ("dump/error.rs", "pub struct Error;"),
        (
            "dump/plan.rs",
            "use super::Error; pub fn plan() -> Result<(), Error> { Ok(()) }",
        ),
    ];
    assert_eq!(knots(&by_a_face), Vec::<String>::new());
}

#[test]
fn rooms_need_lower_floors_only() {
    let sources = sources();
    let pages = [
        ("restore", include_str!("../src/restore/mod.rs")),
        ("pg", include_str!("../src/pg/mod.rs")),
        ("cli", include_str!("../src/cli/mod.rs")),
    ];
    for (module, page) in pages {
        let floors = cycles::floors(page, &cycles::rooms_of(module, &sources));
        assert_kept(&cycles::Needs::of(&sources).rooms(module, &floors));
    }
}

#[test]
fn a_room_that_needs_a_higher_one_is_found() {
    let page = "//! 1  run    the work\n//! 0  plan   words\n";
    let broken = |files: &[(&str, &str)]| {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source::new(path, text))
            .collect();
        let floors = cycles::floors(page, &cycles::rooms_of("restore", &sources));
        cycles::Needs::of(&sources).rooms("restore", &floors).len()
    };
    let run = ("restore/run/mod.rs", "pub struct Run(super::plan::Plan);");
    let plan = ("restore/plan.rs", "pub struct Plan;");
    assert_eq!(broken(&[run, plan]), 0);
    let climbs = (
        "restore/plan.rs",
        "pub struct Plan; fn f(_: super::run::Run) {}",
    );
    assert_eq!(broken(&[run, climbs]), 1);
    let stranger = ("restore/attic.rs", "");
    assert_eq!(broken(&[run, plan, stranger]), 1);
}

#[test]
fn comments_are_not_wider_than_a_window() {
    assert_kept(&rules::comment_widths(&sources()));
    let wide = format!("/// {}\n", "x".repeat(107));
    assert_eq!(rules::comment_widths(&snippet("dump/x.rs", &wide)).len(), 1);
    let fits = format!("/// {}\n", "x".repeat(106));
    assert_kept(&rules::comment_widths(&snippet("dump/x.rs", &fits)));
}

#[test]
fn modules_include_files_of_their_own() {
    assert_kept(&rules::includes(&sources()));
    let bad = r#"const A: &[u8] = include_bytes!("../schema/sql/x.sql");"#;
    assert_eq!(rules::includes(&snippet("dump/x.rs", bad)).len(), 1);
    let good = r#"const A: &[u8] = include_bytes!("../sql/x.sql");"#;
    assert_kept(&rules::includes(&snippet("dump/deep/x.rs", good)));
}

#[test]
fn modules_and_tests_have_files_of_one_style() {
    assert_kept(&rules::names_of_files(&sources()));
    let sources = [("dump/x.rs", ""), ("dump/x/y.rs", "")];
    let sources = sources.map(|(path, text)| Source::new(path, text));
    assert_eq!(rules::names_of_files(&sources).len(), 1);
    let unnamed = "#[cfg(test)]\nmod properties;\n";
    assert_eq!(
        rules::names_of_files(&snippet("dump/mod.rs", unnamed)).len(),
        1
    );
}

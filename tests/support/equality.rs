//! The yardstick: when a copy of a database counts as equal to its source.
//!
//! Equal are the text that a stock pg_dump writes for the schema, and the contents as
//! `contents.sql` lists them: rows, sequences, large objects. Nothing of pgark takes part in the
//! measuring.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bstr::ByteSlice;

use super::cluster::Cluster;
use super::peers;
use super::run::run;

/// Demands that `copy` on `target` equals `database` on `source`. The servers may differ in their
/// major version: then the schema is compared with what stock tools make of the same database there.
#[track_caller]
pub fn assert_equal(source: &Cluster, database: &str, target: &Cluster, copy: &str) {
    assert_same_schema(source, database, target, copy);
    assert_same_contents(source, database, target, copy);
}

/// Demands the same schema, see [`assert_equal`].
#[track_caller]
pub fn assert_same_schema(source: &Cluster, database: &str, target: &Cluster, copy: &str) {
    let bin = client_for_both(source, target);
    let expected = if source.major() == target.major() {
        schema(source, database, &bin, &[])
    } else {
        let reference = stock_copy(source, database, target);
        schema(target, &reference, &bin, &[])
    };
    assert_same_lines(&expected, &schema(target, copy, &bin, &[]), copy);
}

/// Demands the same rows, sequences and large objects, see [`assert_equal`].
#[track_caller]
pub fn assert_same_contents(source: &Cluster, database: &str, target: &Cluster, copy: &str) {
    assert_same_lines(&contents(source, database), &contents(target, copy), copy);
}

/// The pg_dump whose words an archive of ours is in.
const DIALECT_MAJOR: u32 = 18;

/// Demands what `pg_dump --create` says of a database as such: encoding, locale, owner, comment,
/// rights, settings, settings of roles in it. Both have the same name, on servers of one version.
#[track_caller]
pub fn assert_same_properties(source: &Cluster, database: &str, target: &Cluster) {
    let bin = client_for_both(source, target);
    // A schema that no database has keeps the objects out.
    let options = ["--create", "--exclude-schema=*"];
    assert_same_lines(
        &schema(source, database, &bin, &options),
        &schema(target, database, &bin, &options),
        database,
    );
}

/// Demands the same roles with their passwords, settings and memberships, and the same tablespaces,
/// on servers of one version.
#[track_caller]
pub fn assert_same_globals(source: &Cluster, target: &Cluster) {
    let bin = client_for_both(source, target);
    assert_same_lines(&globals(source, &bin), &globals(target, &bin), "globals");
}

/// Demands that what `target` holds in its tables is what `source` does, and returns the lines of
/// [`contents`] that it lacks, each down to the name. Owners and rights of large objects do not count.
#[track_caller]
pub fn missing_contents(source: &Cluster, target: &Cluster, database: &str) -> BTreeSet<String> {
    let lines = |cluster: &Cluster| -> BTreeSet<String> {
        let cut = |line: &str| {
            if line.starts_with("large object ") {
                line.split('|').take(2).collect::<Vec<_>>().join("|")
            } else {
                line.to_owned()
            }
        };
        // A restore that had errors leaves its journal there, to be resumed.
        let is_journal = |line: &&str| line.starts_with("rows of pgark_restore.");
        let contents = contents(cluster, database);
        contents
            .lines()
            .filter(|line| !is_journal(line))
            .map(cut)
            .collect()
    };
    let (expected, found) = (lines(source), lines(target));
    let strange: Vec<_> = found.difference(&expected).collect();
    assert!(strange.is_empty(), "{database}: {strange:#?}");
    let missing = expected.difference(&found);
    missing
        .map(|line| line.split('|').next().unwrap().to_owned())
        .collect()
}

/// Whether what [`missing_contents`] returned is among these objects, as a restore names them.
pub fn is_among(missing: &str, objects: &BTreeSet<String>) -> bool {
    let named = |begin: &str, kind: &str| objects.contains(&missing.replacen(begin, kind, 1));
    named("rows of ", "TABLE DATA ")
        || named("rows of ", "MATERIALIZED VIEW DATA ")
        || named("materialized view ", "MATERIALIZED VIEW ")
        || named("sequence ", "SEQUENCE ")
        || named("sequence ", "SEQUENCE SET ")
}

/// What a database holds beyond its schema, a line each.
#[track_caller]
pub fn contents(cluster: &Cluster, database: &str) -> String {
    let finished = cluster
        .try_psql(database, include_str!("contents.sql"))
        .success();
    printable(&finished.stdout)
}

/// Copies a database with stock tools and without pgark, once per source and target; the copy's
/// name. The target has the roles.
#[track_caller]
pub fn stock_copy(source: &Cluster, database: &str, target: &Cluster) -> String {
    static COPIES: Mutex<BTreeSet<(u16, u16, String)>> = Mutex::new(BTreeSet::new());
    let name = format!("{database} of {} by stock tools", source.major());
    let key = (source.port(), target.port(), database.to_owned());
    let mut copies = COPIES
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if copies.contains(&key) {
        return name;
    }
    let tools = |major: u32| {
        let bin = peers::client(major.max(DIALECT_MAJOR));
        bin.unwrap_or_else(|missing| panic!("{}", missing.0))
    };
    let encoding = source.psql(database, "SHOW server_encoding");
    target.create_database_in(&name, &encoding);
    // As pgark does: what a newer pg_dump writes about privileges, for one, is not the same.
    let mut dump = source.command(tools(source.major()).join("pg_dump"));
    let archive = run(dump.env("PGDATABASE", database).arg("-Fc"), b"")
        .success()
        .stdout;
    // It knows only `-d` for a database, where a name is taken for a conninfo string if it has a `=`.
    let newer = source.major().max(target.major());
    let mut restore = target.command(tools(newer).join("pg_restore"));
    let restored = run(restore.arg("-d").arg(&name), &archive);
    // pg_restore 17 and newer sets a parameter that older servers do not have, and goes on.
    let errors = restored.stderr().matches("pg_restore: error: ").count();
    let expected = restored.stderr().matches("\"transaction_timeout\"").count();
    assert!(errors == expected, "stock tools: {}", restored.describe());
    copies.insert(key);
    name
}

/// The schema as `pg_dump --schema-only` of the tools in `bin` writes it, without the lines that
/// tell one run of it from another.
#[track_caller]
pub fn schema(cluster: &Cluster, database: &str, bin: &Path, options: &[&str]) -> String {
    let mut dump = cluster.command(bin.join("pg_dump"));
    dump.env("PGDATABASE", database)
        .arg("--schema-only")
        .args(options);
    printable(&without_run(&run(&mut dump, b"").success().stdout))
}

fn globals(cluster: &Cluster, bin: &Path) -> String {
    let mut dump = cluster.command(bin.join("pg_dumpall"));
    printable(&without_run(
        &run(dump.arg("--globals-only"), b"").success().stdout,
    ))
}

fn client_for_both(source: &Cluster, target: &Cluster) -> PathBuf {
    let major = source.major().max(target.major());
    // A test that measures has asked `peers::client_for` before, and was skipped without an answer.
    peers::client_for(major).unwrap_or_else(|missing| panic!("{}", missing.0))
}

/// `\restrict` has a key made at random; versions are those of the server and of pg_dump.
fn without_run(text: &[u8]) -> Vec<u8> {
    let of_run: [&[u8]; 3] = [b"\\restrict ", b"\\unrestrict ", b"-- Dumped "];
    text.lines_with_terminator()
        .filter(|line| !of_run.iter().any(|start| line.starts_with(start)))
        .flatten()
        .copied()
        .collect()
}

/// Bytes that are not UTF-8 as escapes, so that different bytes stay different.
fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("<{byte:02X}>"));
        }
    }
    text
}

/// Fails with the first lines that differ and what is around them.
#[track_caller]
fn assert_same_lines(expected: &str, found: &str, what: &str) {
    const SHOWN: usize = 12;
    if expected == found {
        return;
    }
    let expected: Vec<&str> = expected.lines().collect();
    let found: Vec<&str> = found.lines().collect();
    let same = expected
        .iter()
        .zip(&found)
        .take_while(|(a, b)| a == b)
        .count();
    let around = |lines: &[&str]| {
        let from = same.saturating_sub(SHOWN / 3).min(lines.len());
        let until = (same + SHOWN).min(lines.len());
        lines[from..until].join("\n")
    };
    panic!(
        "`{what}` differs from its source at line {} ({} lines expected, {} found)\n--- expected\n{}\n--- found\n{}",
        same + 1,
        expected.len(),
        found.len(),
        around(&expected),
        around(&found)
    );
}

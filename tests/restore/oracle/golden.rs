//! The same for archives that pg_dump wrote, of several versions and in all its formats.
//!
//! Large objects in them are written by other statements than pg_restore's `lowrite`: many to one
//! statement, and by their OIDs. That part is left out of the comparison.

use bstr::{BString, ByteSlice};

use super::EVERYWHERE;
use super::normal::statements;
use crate::need;
use crate::support::cluster::clean_command;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::run;

const ARCHIVES: &[&str] = &[
    "15/custom.dump",
    "15/tar",
    "17/directory",
    "17/inserts.dump",
    "18/custom.dump",
];

const OPTIONS: &[&str] = &[
    "",
    "-s",
    "-a --disable-triggers",
    "-c --if-exists",
    "-C -O -x",
    "--section data",
    "--section post-data --no-comments",
];

/// Without what writes large objects, and the transactions about it.
fn without_contents(statements: Vec<BString>) -> Vec<BString> {
    const WRITES: [&str; 4] = ["lo_open(", "lowrite(0", "lo_close(0)", "lo_put("];
    let writes = |statement: &BString| {
        let has = |call: &str| statement.contains_str(format!("pg_catalog.{call}"));
        statement == "BEGIN;" || statement == "COMMIT;" || WRITES.iter().any(|call| has(call))
    };
    statements
        .into_iter()
        .filter(|statement| !writes(statement))
        .collect()
}

#[test]
fn scripts_of_pg_dumps_archives_hold_what_pg_restores_hold() {
    let pg_restore = need!(peers::client(18)).join("pg_restore");
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pgdump");
    for archive in ARCHIVES.iter().map(|name| fixtures.join(name)) {
        for line in OPTIONS {
            let options = line.split_whitespace();
            let options: Vec<&str> = options
                .chain(["-f", "-", "--restrict-key", "key"])
                .collect();
            let mut theirs = clean_command(&pg_restore);
            let theirs = run(theirs.args(&options).arg(&archive), b"").success();
            let ours = Pgark::new(["restore", "-q", "--progress", "none"]).arg(&archive);
            let ours = ours.args(&options).run().success();
            let mut theirs = statements(&theirs.stdout);
            for difference in EVERYWHERE {
                difference.apply(&mut theirs);
            }
            let ours = without_contents(statements(&ours.stdout));
            let theirs = without_contents(theirs);
            let found = ours
                .iter()
                .zip(&theirs)
                .find(|(ours, theirs)| ours != theirs);
            let lengths = (ours.len(), theirs.len());
            assert_eq!(found, None, "{} {line}", archive.display());
            assert_eq!(lengths.0, lengths.1, "{} {line}", archive.display());
        }
    }
}

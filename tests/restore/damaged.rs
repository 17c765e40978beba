//! An archive that is damaged in the middle: what a restore says, how it goes on with a whole copy, and how
//! it goes on without one.

use bstr::ByteSlice as _;
use pgark::archive::ArchiveReader;

use super::ground::{block_on, open};
use super::resume::said;
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

/// A table in many chunks, one that refers to it, one beside it, and large objects.
const TABLES: &str = "
    CREATE TABLE big (i int PRIMARY KEY, pad text);
    INSERT INTO big SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 4000) AS i;
    CREATE INDEX ON big (pad);
    CREATE TABLE plain (i int, note text);
    INSERT INTO plain SELECT i, md5(i::text) FROM generate_series(1, 3000) AS i;
    CREATE TABLE child (i int REFERENCES big);
    INSERT INTO child SELECT i FROM generate_series(1, 20) AS i;
    SELECT lo_from_bytea(880000 + i, md5(i::text)::bytea) FROM generate_series(1, 30) AS i;";

/// Two databases in an archive, the target without them, and the archive's bytes as they were.
struct Set {
    source: &'static Cluster,
    target: Cluster,
    archive: Archive,
    whole: Vec<u8>,
    names: [String; 2],
}

impl Set {
    fn new(name: &str) -> Result<Self, Missing> {
        let major = peers::installed_major()?;
        let source = fixtures::source(major)?;
        let names = [format!("{name}_a"), format!("{name}_b")];
        for name in &names {
            source.create_database(name);
            source.psql(name, TABLES);
        }
        let options = ["--chunk-size", "64kB", "--no-globals", &names[0], &names[1]];
        let archive = Archive::dump(source, &options);
        Ok(Self {
            source,
            target: Cluster::start(major)?,
            whole: std::fs::read(archive.path()).unwrap(),
            archive,
            names,
        })
    }

    /// Damages some members, by their names.
    fn damage(&self, members: &[&str]) {
        let reader = block_on(ArchiveReader::open(open(&self.archive.path()))).unwrap();
        let mut bytes = self.whole.clone();
        for member in members {
            let found = reader.find(member);
            let found = found.unwrap_or_else(|| panic!("no {member}"));
            bytes[found.offset as usize + 5] ^= 1;
        }
        std::fs::write(self.archive.path(), bytes).unwrap();
    }

    /// Damages a chunk of a table of the first database.
    fn damage_chunk(&self, table: &str, chunk: usize) {
        let name = &self.names[0];
        let table = self.archive.table(name, "public", table);
        let member = format!("databases/{name}/{}.dat.zst", table.chunks[chunk].dump_id);
        self.damage(&[&member]);
    }

    /// Damages all data of large objects of the first database.
    fn damage_large_objects(&self) {
        let name = &self.names[0];
        let chunks = self.archive.database(name).large_objects.unwrap().chunks;
        let members = chunks
            .iter()
            .map(|chunk| format!("databases/{name}/{}.dat.zst", chunk.dump_id));
        let members: Vec<String> = members.collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        self.damage(&members);
    }

    fn mend(&self) {
        std::fs::write(self.archive.path(), &self.whole).unwrap();
    }

    fn restore(&self, args: &[&str]) -> Finished {
        let args = [&["--create"], args].concat();
        self.archive.try_restore(&self.target, &args)
    }

    #[track_caller]
    fn assert_equal(&self, database: usize) {
        let name = &self.names[database];
        assert_equal(self.source, name, &self.target, name);
    }

    fn count(&self, table: &str) -> String {
        let count = format!("SELECT count(*) FROM {table}");
        self.target.psql(&self.names[0], count)
    }
}

/// All but one table is there.
#[track_caller]
fn assert_all_but_big(set: &Set, finished: &Finished) {
    let report = finished.stdout();
    let missing = format!(
        "missing, as the archive is damaged:\n  {}: TABLE DATA public.big: ",
        set.names[0]
    );
    assert!(report.contains(&missing), "{}", finished.describe());
    assert_eq!(set.count("plain"), "3000");
    assert_eq!(set.count("child"), "20");
    assert_eq!(set.count("pg_largeobject_metadata"), "30");
    let other = set.target.psql(&set.names[1], "SELECT count(*) FROM big");
    assert_eq!(other, "4000");
}

#[test]
fn damage_in_the_middle_is_said_with_the_ways_to_go_on() {
    let set = need!(Set::new("d_middle"));
    set.damage_chunk("big", 1);
    let refused = set.restore(&[]).code(3);
    said(&refused, &format!("\"{}\"", set.names[0]));
    said(&refused, "filled in part");
    said(&refused, "table \"public.big\"");
    said(
        &refused,
        "the same command with --resume goes on where this",
    );
    said(&refused, "--resume --skip-damaged leaves out the tables");
    set.mend();
    set.restore(&["--resume"]).success();
    set.assert_equal(0);
    set.assert_equal(1);
}

#[test]
fn without_the_damaged_table_everything_else_is_restored_and_a_whole_copy_adds_it() {
    let set = need!(Set::new("d_skip"));
    set.damage_chunk("big", 1);
    let verified = Pgark::new(["verify", "--progress", "none"])
        .arg(set.archive.path())
        .run()
        .code(3);
    said(&verified, "restore --skip-damaged");
    let planned = set.restore(&["--skip-damaged", "--dry-run"]).success();
    let left_out = "TABLE DATA public.big is left out: ";
    assert!(
        planned.stdout().contains(left_out),
        "{}",
        planned.describe()
    );
    let skipped = set.restore(&["--skip-damaged"]).code(3);
    said(
        &skipped,
        "the archive is damaged: 1 object is missing for that reason",
    );
    assert_all_but_big(&set, &skipped);
    assert_eq!(set.count("big"), "0");
    // As with every row that is not there.
    let key = "FK CONSTRAINT public.child child_i_fkey";
    assert!(skipped.stdout().contains(key), "{}", skipped.describe());
    set.mend();
    set.restore(&["--resume"]).success();
    set.assert_equal(0);
    set.assert_equal(1);
}

/// The objects are there, with their owners, and have no content.
#[test]
fn without_the_content_of_large_objects_everything_else_is_restored() {
    let set = need!(Set::new("d_objects"));
    set.damage_large_objects();
    let refused = set.restore(&[]).code(3);
    said(&refused, "filled in part");
    let skipped = set.restore(&["--resume", "--skip-damaged"]).code(3);
    let report = skipped.stdout();
    let missing = format!(
        "missing, as the archive is damaged:\n  {}: LARGE OBJECT DATA ",
        set.names[0]
    );
    assert!(report.contains(&missing), "{}", skipped.describe());
    let counts = [
        "big",
        "plain",
        "child",
        "pg_largeobject_metadata",
        "pg_largeobject",
    ];
    assert_eq!(
        counts.map(|table| set.count(table)),
        ["4000", "3000", "20", "30", "0"]
    );
    let other = set
        .target
        .psql(&set.names[1], "SELECT count(*) FROM pg_largeobject");
    assert_eq!(other, "30");
    set.mend();
    set.restore(&["--resume"]).success();
    set.assert_equal(0);
    set.assert_equal(1);
}

/// What was loaded of a table before the damage was found stays, and is said.
#[test]
fn a_restore_that_met_damage_goes_on_without_the_table() {
    let set = need!(Set::new("d_goes_on"));
    set.damage_chunk("big", 1);
    set.restore(&["-j", "1"]).code(3);
    let before = set.count("big");
    let skipped = set.restore(&["--resume", "--skip-damaged"]).code(3);
    assert_all_but_big(&set, &skipped);
    assert_eq!(set.count("big"), before);
    if before != "0" {
        let report = skipped.stdout();
        let stays = "its rows restored before stay: ";
        assert!(report.contains(stays), "{}", skipped.describe());
    }
    set.mend();
    set.restore(&["--resume", "--skip-damaged"]).success();
    set.assert_equal(0);
}

#[test]
fn a_database_whose_table_of_contents_is_damaged_is_left_out_whole() {
    let set = need!(Set::new("d_toc"));
    let member = format!("databases/{}/toc.dat", set.names[0]);
    set.damage(&[&member]);
    set.restore(&[]).code(3);
    let skipped = set.restore(&["--skip-damaged", "--json"]).code(3);
    let outcome: serde_json::Value = serde_json::from_slice(&skipped.stdout).unwrap();
    assert_eq!(outcome["damaged"][0]["object"], "everything", "{outcome}");
    assert_eq!(
        outcome["damaged"][0]["database"],
        set.names[0].as_str(),
        "{outcome}"
    );
    assert_eq!(outcome["databases"].as_array().map(Vec::len), Some(1));
    let count = "SELECT (SELECT count(*) FROM big), (SELECT count(*) FROM child)";
    assert_eq!(set.target.psql(&set.names[1], count), "4000|20");
    set.mend();
    set.restore(&["--resume"]).success();
    set.assert_equal(0);
    set.assert_equal(1);
}

#[test]
fn in_one_transaction_what_is_whole_is_restored() {
    let set = need!(Set::new("d_single"));
    set.damage_chunk("plain", 0);
    for name in &set.names {
        set.target.create_database(name);
    }
    let refused = set.archive.try_restore(&set.target, &["-1"]).code(3);
    assert!(
        !refused
            .stderr()
            .contains(&format!("\"{}\" is filled in part", set.names[0]))
    );
    let args = [
        "-1",
        "--skip-damaged",
        "--allow-non-empty",
        "--clean",
        "--if-exists",
    ];
    set.archive.try_restore(&set.target, &args).code(3);
    assert_eq!(
        (set.count("plain"), set.count("big")),
        ("0".into(), "4000".into())
    );
    set.assert_equal(1);
}

/// Without checksums, what cannot be decompressed is found.
#[test]
fn of_an_archive_of_pg_dump_the_rest_is_restored_too() {
    let set = need!(Set::new("d_custom"));
    let client = need!(peers::client_for(set.source.major()));
    let file = set.archive.folder().join("a.dump");
    let mut dump = set.source.command(client.join("pg_dump"));
    dump.args(["-Fc", "--no-sync", "-d", &set.names[0], "-f"])
        .arg(&file);
    run(&mut dump, b"").success();
    let mut bytes = std::fs::read(&file).unwrap();
    // Most of the file is the compressed rows of the big table.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0x55);
    std::fs::write(&file, &bytes).unwrap();
    assert!(bytes.find("big").is_some());
    let restore = [
        "restore",
        "--progress",
        "none",
        "-w",
        "--create",
        "--skip-damaged",
    ];
    let skipped = Pgark::new(restore).at(&set.target).arg(&file).run().code(3);
    let report = skipped.stdout();
    assert!(
        report.contains("TABLE DATA public.big: "),
        "{}",
        skipped.describe()
    );
    assert_eq!(
        (set.count("big"), set.count("plain")),
        ("0".into(), "3000".into())
    );
}

//! `inspect` and `verify` of pg_dump's archives: every fixture in `fixtures/pgdump`.

use std::path::{Path, PathBuf};

use crate::need;
use crate::support::cluster::clean_command;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::run;

/// Every archive in `fixtures/pgdump`.
fn archives() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pgdump");
    let mut found = Vec::new();
    for version in ["15", "16", "17", "18"] {
        let folder = std::fs::read_dir(root.join(version)).unwrap();
        found.extend(folder.map(|entry| entry.unwrap().path()));
    }
    found.sort();
    assert!(found.len() >= 40, "{found:?}");
    found
}

fn is_without_data(archive: &Path) -> bool {
    archive.ends_with("schema.dump")
}

#[test]
fn the_list_is_pg_restores() {
    let client = need!(peers::client(18));
    for archive in archives() {
        let mut command = clean_command(client.join("pg_restore"));
        command.env("TZ", "UTC").arg("-l").arg(&archive);
        let theirs = run(&mut command, b"").success().stdout();
        // The zone is that of pg_restore's own surroundings: the archive does not know it.
        let theirs = theirs.replacen(" UTC\n", "\n", 1);
        let ours = Pgark::new(["inspect", "--list"]).arg(&archive).run();
        assert_eq!(ours.success().stdout(), theirs, "{}", archive.display());
        // The list to be edited for -L has another head and the same entries.
        let entries = |list: &str| {
            let lines = list
                .lines()
                .filter(|line| !line.starts_with(';') && !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let ours = Pgark::new(["restore", "-l"]).arg(&archive).run().success();
        assert_eq!(entries(&ours.stdout()), entries(&theirs));
    }
}

#[test]
fn what_is_in_them_is_said_as_text_and_as_json() {
    for archive in archives() {
        let text = Pgark::new(["inspect"]).arg(&archive).run().success();
        let text = text.stdout();
        assert!(text.contains("golden in UTF8"), "{text}");
        assert!(text.contains("checksums none"), "{text}");
        let json = Pgark::new(["inspect", "--json"]).arg(&archive).run();
        let json: serde_json::Value = serde_json::from_slice(&json.success().stdout).unwrap();
        assert_eq!(json["database"], "golden");
        let tables = json["tables"].as_array().unwrap();
        if is_without_data(&archive) {
            assert!(tables.is_empty());
            continue;
        }
        assert_eq!(json["large_objects"], 3, "{}", archive.display());
        assert_eq!(tables.len(), 6, "{}", archive.display());
        // Where pg_dump wrote to a pipe nobody knows without reading it all.
        let is_known = !archive.ends_with("pipe.dump");
        assert_eq!(tables[0]["stored_bytes"].is_u64(), is_known, "{tables:?}");
        assert!(!is_known || tables[0]["name"] == "bulk", "{tables:?}");
    }
}

#[test]
fn verify_decodes_everything_and_proves_nothing() {
    for archive in archives() {
        let verify = |options: &[&str]| {
            let words = ["verify", "--progress", "none"];
            let verify = Pgark::new(words).args(options).arg(&archive).run();
            verify.code(4).stdout()
        };
        let said = verify(&["-j", "2"]);
        assert!(said.contains("carries no checksums"), "{said}");
        let name = archive.file_name().unwrap().to_str().unwrap();
        let decoded = match name {
            _ if is_without_data(&archive) => "0 tables, 0 rows, 0 large objects",
            // Rows in statements are not counted.
            "inserts.dump" | "inserts.tar" => "6 tables, 0 rows, 3 large objects",
            _ => "6 tables, 205 rows, 3 large objects",
        };
        assert!(said.contains(decoded), "{said}");
        assert!(verify(&["--quick"]).contains("its data was not looked at"));
        let json: serde_json::Value = serde_json::from_str(&verify(&["--deep", "--json"])).unwrap();
        assert_eq!(json["verdict"], "not_verifiable");
        let digest = "0".repeat(64);
        let said = verify(&["--digest", &digest]);
        assert!(said.contains("no digest to compare"), "{said}");
    }
}

#[test]
fn a_table_of_contents_by_itself_leads_to_its_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pgdump/18/directory");
    let finished = Pgark::new(["inspect"]).arg(folder.join("toc.dat")).run();
    let said = finished.code(1).stderr();
    assert!(said.contains("name its folder"), "{said}");
}

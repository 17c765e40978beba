//! Archives of every released format version: they are read for ever, and system tools understand them.
//!
//! `fixtures/archives/v<version>` holds golden archives that are never edited. What a later pgark
//! makes of them is compared with what was true when they were written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pgark::archive::FORMAT_VERSION;
use pgark::inspect::{Depth, InspectOptions, Inspected, inspect};
use pgark::monitor::Monitor;
use pgark::storage::Store;
use pgark::verify::{Mode, Verdict, VerifyOptions, verify};

/// Every golden archive, with its digest.
const GOLDEN: [(&str, &str); 2] = [
    (
        "v1/plain.tar",
        "26e6a701b3e59375414ca327ccc08182ddb0c4f735fc41b15d84133cc3bc9d04",
    ),
    (
        "v1/zstd.tar",
        "a413f39d9f6abced2e5c3af53206cc57f6ee844fe690375d9da723dd3d67302d",
    ),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/archives")
}

fn store(name: &str) -> Store {
    Store::open(folder().join(name).to_str().unwrap()).unwrap()
}

#[test]
fn every_golden_archive_is_in_the_list() {
    let mut found = Vec::new();
    for version in fs::read_dir(folder()).unwrap() {
        let version = version.unwrap();
        let name = version.file_name().into_string().unwrap();
        for file in fs::read_dir(version.path()).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            found.push(format!("{name}/{file}"));
        }
    }
    found.sort();
    assert_eq!(found, GOLDEN.map(|(name, _)| name));
    let present = format!("v{FORMAT_VERSION}/");
    assert!(found.iter().any(|name| name.starts_with(&present)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_golden_archive_is_whole_and_has_its_digest() {
    for (name, digest) in GOLDEN {
        let options = VerifyOptions {
            mode: Mode::Deep,
            jobs: 2,
            digest: Some(digest.parse().unwrap()),
        };
        let outcome = verify(&store(name), &options, &Monitor::void())
            .await
            .unwrap();
        assert_eq!(outcome.verdict, Verdict::Whole, "{name}");
        assert_eq!(
            (outcome.databases, outcome.tables, outcome.rows),
            (5, 6, 207)
        );
        assert_eq!(outcome.rows_counted, Some(207));
    }
}

#[tokio::test]
async fn a_golden_archive_is_described_as_when_it_was_written() {
    for (name, digest) in GOLDEN {
        let options = InspectOptions {
            depth: Depth::Contents,
        };
        let inspected = inspect(&store(name), &options, &Monitor::void())
            .await
            .unwrap();
        let Inspected::Ours(description) = &inspected else {
            panic!("{inspected:?}");
        };
        assert_eq!(description.digest, digest);
        assert_eq!(description.created, "2026-11-20T05:33:09Z");
        assert_eq!(description.contents.len(), 6);
        let lines = inspected.list().to_string();
        assert!(lines.contains("\n11; 0 16384 TABLE DATA public people postgres\n14; "));
        assert!(
            inspected
                .summary()
                .contains("5 databases, 6 tables, 207 rows")
        );
    }
}

/// Runs a tool in a folder; `None` where it is not installed.
fn tool(folder: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) => {
            let missing = crate::support::peers::Missing(format!("{program}: {error}"));
            crate::support::peers::skip(&missing);
            None
        }
    }
}

#[test]
fn system_tools_unpack_and_check_without_a_word_of_complaint() {
    for (name, digest) in GOLDEN {
        let here = tempfile::tempdir().unwrap();
        let archive = folder().join(name);
        let arguments = ["-xf", archive.to_str().unwrap()];
        let Some(unpacked) = tool(here.path(), "tar", &arguments) else {
            return;
        };
        assert!(
            unpacked.status.success() && unpacked.stderr.is_empty(),
            "{unpacked:?}"
        );
        let Some(checked) = tool(here.path(), "sha256sum", &["-c", "SHA256SUMS"]) else {
            return;
        };
        assert!(
            checked.status.success() && checked.stderr.is_empty(),
            "{checked:?}"
        );
        let said = String::from_utf8(checked.stdout).unwrap();
        assert!(said.lines().all(|line| line.ends_with(": OK")), "{said}");
        let manifest = fs::read(here.path().join("manifest.json")).unwrap();
        assert_eq!(pgark::digest::Sha256::of(&manifest).to_string(), digest);
        let members = said.lines().count();
        let listed = tool(here.path(), "tar", &["-tf", archive.to_str().unwrap()]).unwrap();
        let names = String::from_utf8(listed.stdout).unwrap();
        assert_eq!(names.lines().next(), Some("README.txt"));
        // The sums and the trailer are the two that SHA256SUMS does not name.
        assert_eq!(names.lines().count(), members + 2);
    }
}

#[test]
fn the_format_document_names_every_field_of_the_manifest() {
    let document = include_str!("../src/archive/FORMAT.md");
    let bytes = fs::read(folder().join("v1/plain.tar")).unwrap();
    let mut archive = tar::Archive::new(&bytes[..]);
    let manifest = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().unwrap().to_str() == Some("manifest.json"));
    let manifest: serde_json::Value = serde_json::from_reader(manifest.unwrap()).unwrap();
    let mut fields = Vec::new();
    collect_fields(&manifest, &mut fields);
    for field in fields {
        let named = [format!("`{field}`"), format!("\"{field}\"")];
        assert!(
            named.iter().any(|named| document.contains(named)),
            "{field}"
        );
    }
}

fn collect_fields(value: &serde_json::Value, fields: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                fields.push(name.clone());
                collect_fields(value, fields);
            }
        }
        serde_json::Value::Array(values) => {
            values
                .iter()
                .for_each(|value| collect_fields(value, fields));
        }
        _ => {}
    }
}

//! The whole way as a user goes it, dump, verify and restore, and the copy held against its source: all
//! fixtures, from every server version into the same and into every newer one.

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{
    assert_equal, assert_same_contents, assert_same_globals, assert_same_properties,
};
use crate::support::fixture_archive::{self, databases};
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;

#[test]
fn everything_comes_back_equal() {
    let fixtures = need!(fixture_archive::of(need!(peers::installed_major())));
    let verify = Pgark::new(["verify", "--deep", "--progress", "none"]);
    verify.arg(fixtures.archive.path()).run().success();
    let target = need!(Cluster::start(fixtures.source.major()));
    fixtures.archive.restore(&target, &["--create", "-j", "3"]);
    assert_same_globals(&fixtures.source, &target);
    for database in databases() {
        assert_equal(&fixtures.source, database, &target, database);
        assert_same_properties(&fixtures.source, database, &target);
    }
    // The figures of the manifest are those of the copy.
    for database in fixtures.archive.manifest().databases {
        let name = database.name.to_string();
        for table in database.tables.iter().filter(|table| table.rows < 100) {
            let (schema, table_name) = (table.schema.to_string(), table.name.to_string());
            if name.starts_with("fixture_") {
                continue; // names that are not UTF-8
            }
            let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
            let count = format!(
                "SELECT count(*) FROM ONLY {}.{}",
                quote(&schema),
                quote(&table_name)
            );
            let count: u64 = target.psql(&name, count).parse().unwrap();
            if !table_name.starts_with("by_enum") {
                assert_eq!(count, table.rows, "{name} {schema}.{table_name}");
            }
        }
    }
}

/// Restores the archives of every version from 13 up to its own into a server, one after the other.
fn every_older_version_into(major: u32) -> Result<(), Missing> {
    let target = Cluster::start(major)?;
    for older in peers::SERVER_MAJORS
        .into_iter()
        .filter(|&from| from <= major)
    {
        let fixtures = fixture_archive::of(older)?;
        fixtures.archive.restore(&target, &["--create", "-j", "2"]);
        for database in databases() {
            // A hostile name's settings change how pg_dump prints, and only --create copies settings.
            if older == major || database != crate::support::fixtures::HOSTILE {
                assert_equal(&fixtures.source, database, &target, database);
            } else {
                assert_same_contents(&fixtures.source, database, &target, database);
            }
            target.drop_database(database);
        }
    }
    Ok(())
}

#[test]
fn matrix_into_13() {
    need!(every_older_version_into(13));
}

#[test]
fn matrix_into_14() {
    need!(every_older_version_into(14));
}

#[test]
fn matrix_into_15() {
    need!(every_older_version_into(15));
}

#[test]
fn matrix_into_16() {
    need!(every_older_version_into(16));
}

#[test]
fn matrix_into_17() {
    need!(every_older_version_into(17));
}

#[test]
fn matrix_into_18() {
    need!(every_older_version_into(18));
}

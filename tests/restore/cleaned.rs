//! `--clean` over a database that holds all of it already, and schemas that are there because of an
//! extension.

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};

/// Partitions of several levels, whose names come before and after their parents', with keys, indexes and
/// foreign keys that are inherited; constraints that are inherited otherwise.
const TABLES: &str = "
    CREATE TABLE city (id int PRIMARY KEY, next int REFERENCES city);
    CREATE TABLE m (k int NOT NULL, v int REFERENCES city, w int, PRIMARY KEY (k), UNIQUE (k, w)) PARTITION BY RANGE (k);
    CREATE TABLE a1 PARTITION OF m FOR VALUES FROM (0) TO (10);
    CREATE TABLE z1 PARTITION OF m FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (k);
    CREATE TABLE b1 PARTITION OF z1 FOR VALUES FROM (10) TO (15);
    CREATE INDEX ON m (v);
    CREATE INDEX zz ON m (lower(w::text));
    CREATE TABLE refers (k int REFERENCES m);
    CREATE TABLE base (a int CHECK (a > 0));
    CREATE TABLE kid (PRIMARY KEY (a)) INHERITS (base);
    CREATE VIEW v AS SELECT * FROM m;
    INSERT INTO city VALUES (1, 1); INSERT INTO m VALUES (1, 1, 1), (11, 1, 2); INSERT INTO refers VALUES (11);";

#[test]
fn partitions_with_keys_are_cleaned_without_a_complaint() {
    let cluster = need!(fixtures::target(need!(peers::installed_major())));
    let name = "c_partitions";
    let copy = "c_partitions_copy";
    for database in [name, copy] {
        cluster.drop_database(database);
        cluster.create_database(database);
        cluster.psql(database, TABLES);
    }
    let archive = Archive::dump(cluster, &[name, "--no-globals"]);
    let given = format!("{name}={copy}");
    for options in [&[][..], &["--if-exists"], &["-e", "-j", "4"], &["-1"]] {
        let args = [&["--clean", given.as_str()], options].concat();
        archive.restore(cluster, &args);
        assert_equal(cluster, name, cluster, copy);
    }
    // What is not the archive's is not dropped, and is named.
    cluster.psql(copy, "CREATE VIEW extra AS SELECT id FROM city");
    let refused = archive.try_restore(cluster, &["--clean", &given]).code(1);
    let report = refused.stdout();
    let is_named = report.contains("2BP01") && report.contains("view public.extra depends on");
    assert!(is_named, "{}", refused.describe());
}

/// A database of the target that has an extension already, in a schema of its own.
fn with_extension(name: &str) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::target(peers::installed_major()?)?;
    cluster.drop_database(name);
    cluster.create_database(name);
    cluster.psql(
        name,
        "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext",
    );
    Ok(cluster)
}

const IN_EXT: &str = "CREATE TABLE public.t (a ext.citext); INSERT INTO public.t VALUES ('X')";

#[test]
fn a_schema_that_is_there_with_its_extension_is_as_good_as_restored() {
    let (name, copy) = ("c_schema", "c_schema_copy");
    let cluster = need!(with_extension(name));
    cluster.psql(name, IN_EXT);
    let archive = Archive::dump(cluster, &[name, "--no-globals"]);
    let given = format!("{name}={copy}");
    for options in [&[][..], &["-1"], &["-e"]] {
        need!(with_extension(copy));
        let args = [&["--allow-non-empty", given.as_str()], options].concat();
        archive.restore(cluster, &args);
        assert_equal(cluster, name, cluster, copy);
    }
    // One that holds anything else is somebody's.
    cluster.drop_database(copy);
    cluster.create_database(copy);
    cluster.psql(copy, "CREATE SCHEMA ext");
    let args = ["--allow-non-empty", &given];
    let failed = archive.try_restore(cluster, &args).code(1);
    assert!(failed.stdout().contains("42P06"), "{}", failed.describe());
}

#[test]
fn a_schema_stays_where_the_targets_extension_needs_it() {
    let (name, copy) = ("c_stays", "c_stays_copy");
    let cluster = need!(with_extension(name));
    cluster.psql(
        name,
        "CREATE TABLE ext.own (a int); INSERT INTO ext.own VALUES (1)",
    );
    // A dump of a schema has no extensions in it.
    let archive = Archive::dump(cluster, &[name, "--no-globals", "-n", "ext"]);
    need!(with_extension(copy));
    cluster.psql(copy, "CREATE TABLE ext.own (a int)");
    let args = ["--clean", &format!("{name}={copy}")];
    archive.restore(cluster, &args);
    assert_equal(cluster, name, cluster, copy);
    // What else is in it, nobody has asked to keep.
    cluster.psql(copy, "CREATE TABLE ext.other (a int)");
    let failed = archive.try_restore(cluster, &args).code(1);
    let report = failed.stdout();
    assert!(
        report.contains("DROP of SCHEMA ext"),
        "{}",
        failed.describe()
    );
    assert!(report.contains("2BP01"), "{}", failed.describe());
}

//! The databases that both readers read.

use std::path::Path;

use crate::support::cluster::{Cluster, clean_command};
use crate::support::fixtures::{DATABASES, HOSTILE, LATIN1, SQL_ASCII};
use crate::support::peers::{self, Missing};
use crate::support::run::run;

/// The database of the zoo.
pub const ZOO: &str = "zoo";

/// The names of the fixtures' databases.
pub fn fixtures() -> Vec<&'static str> {
    let mut all = DATABASES.to_vec();
    all.extend([LATIN1, SQL_ASCII, HOSTILE, "postgres", "template1"]);
    all
}

/// A server with the zoo. A statement that the server does not know yet is passed over.
pub fn zoo(major: u32) -> Result<Cluster, Missing> {
    let cluster = Cluster::start(major)?;
    cluster.create_database(ZOO);
    let sql = "\\set ON_ERROR_STOP 0\n".to_owned() + include_str!("zoo.sql");
    cluster.try_psql(ZOO, sql);
    cluster.psql(ZOO, include_str!("labels.sql"));
    Ok(cluster)
}

/// The database of PostgreSQL's regression tests.
pub const REGRESSION: &str = "regression";

/// A server with the schema that the SQL of PostgreSQL 18.6's regression tests leaves in a server 18 (`psql` ran
/// `src/test/regress/sql/*.sql` in the order of `parallel_schedule`, without the tests' own library; pg_dump 18
/// wrote `regression.dump` with `-s`). An older server takes what it understands.
pub fn regression(major: u32) -> Result<Cluster, Missing> {
    let pg_restore = peers::client(major.max(18))?.join("pg_restore");
    let cluster = Cluster::start(major)?;
    cluster.create_database(REGRESSION);
    cluster.psql("postgres", "CREATE ROLE regress_priv_user2");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions");
    let mut command = clean_command(pg_restore);
    command
        .args(["--no-owner", "-d"])
        .arg(cluster.url(REGRESSION));
    run(command.arg(folder.join("regression.dump")), b"");
    Ok(cluster)
}

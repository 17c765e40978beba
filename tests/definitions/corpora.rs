//! The databases that both readers read.

use crate::support::cluster::Cluster;
use crate::support::fixtures::{DATABASES, HOSTILE, LATIN1, SQL_ASCII};
use crate::support::peers::Missing;

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
    Ok(cluster)
}

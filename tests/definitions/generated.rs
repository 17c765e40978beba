//! Databases at random ([`super::generator`]), read as pg_dump reads them; some are restored and read again.

use std::ops::Range;

use pgark::schema::chosen::Chosen;
use pgark::toc::{CatalogId, Toc};

use super::generator::{ROLES, script};
use super::harness;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers::Missing;

/// Out of so many databases one is restored.
const RESTORED: u64 = 10;

/// A server with the roles of the scripts.
pub fn server(major: u32) -> Result<Cluster, Missing> {
    let cluster = Cluster::start(major)?;
    cluster.psql("postgres", ROLES);
    Ok(cluster)
}

/// The seeds of a server. `PGARK_SEEDS=FROM-TO` names others, to look for more or to see one again.
pub fn seeds(usual: Range<u64>) -> Range<u64> {
    let Ok(given) = std::env::var("PGARK_SEEDS") else {
        return usual;
    };
    let bounds = given
        .split_once('-')
        .map(|(from, to)| (from.parse(), to.parse()));
    match bounds {
        Some((Ok(from), Ok(to))) => from..to,
        _ => panic!("PGARK_SEEDS={given}: not FROM-TO"),
    }
}

/// Makes the database of a seed, compares, and drops it. Says whether it was restored and read again.
pub fn check(cluster: &Cluster, seed: u64) -> Result<bool, Missing> {
    let name = format!("seed_{seed}");
    cluster.psql(
        "postgres",
        format!("CREATE DATABASE {name} TEMPLATE template0"),
    );
    cluster.try_psql(&name, script(seed));
    harness::assert_equal(cluster, &name, 5)?;
    let is_restored = seed.is_multiple_of(RESTORED) && restored(cluster, &name)?;
    cluster.drop_database(&name);
    Ok(is_restored)
}

/// What was restored has the definitions of its source. There are circles that no dump can restore; of such
/// a database it says no.
fn restored(cluster: &Cluster, name: &str) -> Result<bool, Missing> {
    let all = Chosen::default();
    let (source, _) = harness::both(cluster, name, &all, vec![])?;
    let archive = Archive::dump(cluster, &["-d", name, "--schema-only"]);
    cluster.drop_database(name);
    let args = ["--create", "--no-globals", "--schema-only"];
    if archive.try_restore(cluster, &args).status.code() != Some(0) {
        return Ok(false);
    }
    let (again, _) = harness::both(cluster, name, &all, vec![])?;
    let found = harness::differences(&without_oids(again.toc), &without_oids(source.toc));
    assert!(found.is_empty(), "{name} restored:\n{}", found.join("\n"));
    Ok(true)
}

fn without_oids(mut toc: Toc) -> Toc {
    for entry in &mut toc.entries {
        entry.catalog_id = CatalogId {
            table_oid: 0,
            oid: 0,
        };
    }
    toc
}

//! Whole databases.

use std::process::Command;

use super::ground::{Ground, assert_equal, everything, restored};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::run::run;

/// The seven databases of the fixtures.
const DATABASES: [&str; 7] = [
    "accounts",
    "analysis",
    "filestore",
    "jobs",
    "metrics",
    "results",
    "results201709",
];

fn load_fixtures(cluster: &Cluster) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/load.sh");
    let mut command: Command = cluster.command(script);
    let bin = peers::installed_client().unwrap_or_else(|missing| panic!("{}", missing.0));
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", bin.display()));
    run(&mut command, b"").success();
}

#[test]
fn seven_databases_come_back_equal() {
    let major = need!(peers::installed_major());
    let source = need!(Cluster::start(major));
    let target = need!(Cluster::start(major));
    load_fixtures(&source);
    let ground = Ground::new();
    let store = ground.dump(&source, &DATABASES, 64 << 10);
    let outcome = restored(&target, &store, &everything());
    assert_eq!(outcome.databases.len(), DATABASES.len());
    for database in DATABASES {
        assert_equal((&source, database), (&target, database));
    }
}

//! Whole servers: the fixtures and everything beside them.

use super::ground::{Ground, everything, restored};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_globals, assert_same_properties};
use crate::support::fixtures::{self, DATABASES, HOSTILE, LATIN1, SQL_ASCII};
use crate::support::peers;

#[test]
fn all_databases_and_roles_come_back_equal() {
    let major = need!(peers::installed_major());
    // Roles are compared, and other tests add some to the shared server.
    let source = need!(Cluster::start(major));
    fixtures::load(&source, &["--extra", "1"]);
    let target = need!(Cluster::start(major));
    let mut databases = DATABASES.to_vec();
    databases.extend([LATIN1, SQL_ASCII, HOSTILE]);
    let ground = Ground::new();
    let store = ground.dump(&source, &databases, 64 << 10);
    let outcome = restored(&target, &store, &everything());
    assert_eq!(outcome.databases.len(), databases.len());
    assert_same_globals(&source, &target);
    for database in databases {
        assert_same_properties(&source, database, &target);
        assert_equal(&source, database, &target, database);
    }
}

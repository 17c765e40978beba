//! What the target lacks: it stops the restore before anything is done, or is left out where the user says
//! so.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

const EVERYTHING: &str = "
    CREATE ROLE gone; CREATE ROLE there;
    CREATE DATABASE d OWNER gone TEMPLATE template0;
    ALTER ROLE gone IN DATABASE d SET work_mem = '5MB';
    ALTER DATABASE d SET work_mem = '6MB';";

const CONTENT: &str = "
    CREATE EXTENSION pgark_fixture;
    CREATE TABLE needs (setting text REFERENCES pgark_fixture.setting);
    CREATE TABLE owned (a int); INSERT INTO owned VALUES (1);
    ALTER TABLE owned OWNER TO gone;
    GRANT SELECT ON owned TO there;";

/// An archive of pg_dump's, which holds no roles.
struct Dumped {
    server: Cluster,
    folder: tempfile::TempDir,
}

impl Dumped {
    fn new() -> Result<Self, Missing> {
        let major = peers::installed_major()?;
        let server = Cluster::start(major)?;
        server.psql("postgres", EVERYTHING.replace("; ", ";\n"));
        server.psql("d", CONTENT);
        let folder = server.scratch();
        let dumped = Self { server, folder };
        let mut dump = dumped
            .server
            .command(peers::client_for(major)?.join("pg_dump"));
        run(dump.args(["-Fc", "-f"]).arg(dumped.path()).arg("d"), b"").success();
        Ok(dumped)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("d.dump")
    }

    fn restore(&self, target: &Cluster, options: &[&str]) -> Finished {
        let restore = ["restore", "--progress", "none", "-w", "--no-analyze"];
        Pgark::new(restore)
            .at(target)
            .arg(self.path())
            .args(options)
            .run()
    }
}

/// A server with the one role, and without the fixtures' extension.
fn target() -> Result<Cluster, Missing> {
    let target = Cluster::start(peers::installed_major()?)?;
    target.psql("postgres", "CREATE ROLE there");
    let installed = target.psql(
        "postgres",
        "SELECT setting FROM pg_config() WHERE name = 'SHAREDIR'",
    );
    let control = PathBuf::from(installed).join("extension/pgark_fixture.control");
    std::fs::remove_file(control).unwrap();
    Ok(target)
}

#[test]
fn what_is_missing_stops_a_restore_before_anything_is_done() {
    let (dumped, target) = (need!(Dumped::new()), need!(target()));
    let refused = dumped.restore(&target, &["--create"]).code(1);
    let stderr = refused.stderr();
    for said in [
        "extension \"pgark_fixture\" is not available on the target server",
        "the target server has no role \"gone\"; needed by owner of DATABASE d, part of DATABASE PROPERTIES d, \
         owner of TABLE public.owned",
        "--skip-unavailable leaves out the objects that need it",
        "--map-role OLD=NEW",
    ] {
        assert!(stderr.contains(said), "{said}: {}", refused.describe());
    }
    let there = target.psql(
        "postgres",
        "SELECT count(*) FROM pg_database WHERE datname = 'd'",
    );
    assert_eq!(there, "0");
}

#[test]
fn what_is_missing_is_left_out_where_that_is_said() {
    let (dumped, target) = (need!(Dumped::new()), need!(target()));
    let finished = dumped
        .restore(&target, &["--create", "--skip-unavailable"])
        .success();
    let said = format!("{}{}", finished.stdout(), finished.stderr());
    for item in [
        "EXTENSION pgark_fixture",
        "owner of DATABASE d",
        "part of DATABASE PROPERTIES d",
        "owner of TABLE public.owned",
        "FK CONSTRAINT public.needs",
        "TABLE DATA pgark_fixture.setting",
    ] {
        assert!(said.contains(item), "{item}: {}", finished.describe());
    }
    assert_eq!(target.psql("d", "SELECT * FROM owned"), "1");
    assert_eq!(target.psql("d", "SHOW work_mem"), "6MB");
    let owners = "SELECT pg_get_userbyid(datdba), pg_get_userbyid(relowner), has_table_privilege('there', c.oid, 'SELECT')
        FROM pg_database, pg_class AS c WHERE datname = 'd' AND relname = 'owned'";
    assert_eq!(target.psql("d", owners), "postgres|postgres|t");
}

/// Who wants neither owners nor grants is not stopped by a setting of a role.
#[test]
fn settings_of_a_missing_role_do_not_stop_who_wants_no_roles() {
    let (dumped, target) = (
        need!(Dumped::new()),
        need!(Cluster::start(need!(peers::installed_major()))),
    );
    let finished = dumped.restore(&target, &["--create", "-O", "-x"]).success();
    let said =
        "the target server has no role \"gone\"; needed by part of DATABASE PROPERTIES d; left out";
    assert!(finished.stderr().contains(said), "{}", finished.describe());
    assert_eq!(target.psql("d", "SHOW work_mem"), "6MB");
}

/// `pg_database_owner` came with 14, and nobody can create a role of that name.
#[test]
fn the_owner_of_a_database_takes_the_place_of_the_role_that_stands_for_it() {
    let source = need!(Cluster::start_fetched(15));
    let target = need!(Cluster::start_fetched(13));
    for server in [&source, &target] {
        server.psql("postgres", "CREATE ROLE alice");
    }
    source.psql(
        "postgres",
        "CREATE DATABASE d OWNER alice TEMPLATE template0",
    );
    source.psql(
        "d",
        "CREATE TABLE t (a int); ALTER TABLE t OWNER TO pg_database_owner;
         CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO pg_database_owner, pg_checkpoint, pg_monitor;",
    );
    let archive = Archive::dump(&source, &["d"]);
    let finished = archive.try_restore(&target, &["--create"]).success();
    let stderr = finished.stderr();
    for said in [
        "does not know the role \"pg_database_owner\": in database \"d\" its owner \"alice\" takes its place",
        "does not know the predefined role \"pg_checkpoint\"; needed by part of ACL SCHEMA s; left out",
    ] {
        assert!(stderr.contains(said), "{said}: {}", finished.describe());
    }
    assert_eq!(
        target.psql(
            "d",
            "SELECT tableowner FROM pg_tables WHERE tablename = 't'"
        ),
        "alice"
    );
    let rights = "SELECT has_schema_privilege('alice', 's', 'USAGE'), has_schema_privilege('pg_monitor', 's', 'USAGE')";
    assert_eq!(target.psql("d", rights), "t|t");
}

/// A folder that the server may look into and not take: that shows when the tablespace is made, before any
/// database.
#[test]
fn a_folder_that_is_of_no_use_stops_a_restore_before_the_databases() {
    let major = need!(peers::installed_major());
    let (source, target) = (need!(Cluster::start(major)), need!(Cluster::start(major)));
    let folder = source.data_dir().parent().unwrap().join("space");
    source.psql(
        "postgres",
        format!(
            "COPY (SELECT) TO PROGRAM 'mkdir {0}';
             CREATE TABLESPACE space LOCATION '{0}';
             CREATE DATABASE d TEMPLATE template0;",
            folder.display()
        ),
    );
    source.psql(
        "d",
        "CREATE TABLE t (a int) TABLESPACE space; INSERT INTO t VALUES (1)",
    );
    let archive = Archive::dump(&source, &["d"]);
    // It is the source's own, and so in use.
    let refused = archive.try_restore(&target, &["--create"]).code(1);
    let said = format!(
        "tablespace \"space\" cannot be created on the target server: folder {} holds a tablespace of such a server \
         already; needed by tablespace of TABLE public.t",
        folder.display()
    );
    assert!(refused.stderr().contains(&said), "{}", refused.describe());
    let finished = archive
        .try_restore(&target, &["--create", "--skip-unavailable"])
        .success();
    assert!(
        finished.stderr().contains("left out"),
        "{}",
        finished.describe()
    );
    assert_eq!(target.psql("d", "SELECT * FROM t"), "1");
    target.drop_database("d");

    // No look shows that the server may not take this one for itself: it belongs to somebody else.
    source.psql("postgres", "DROP DATABASE d; DROP TABLESPACE space");
    std::fs::remove_dir(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let owner = |path: &Path| std::fs::metadata(path).unwrap().uid();
    if owner(&folder) == owner(&source.data_dir()) {
        // Only root's servers run as somebody else.
        return;
    }
    let stopped = archive.try_restore(&target, &["--create"]).code(1);
    let failed = "TABLESPACE space\n    error 42501: could not set permissions on directory";
    assert!(stopped.stdout().contains(failed), "{}", stopped.describe());
    let databases = "SELECT count(*) FROM pg_database WHERE datname = 'd'";
    assert_eq!(target.psql("postgres", databases), "0");
    let args = ["--create", "--skip-unavailable"];
    let finished = archive.try_restore(&target, &args).code(1);
    assert!(
        finished.stdout().contains(failed),
        "{}",
        finished.describe()
    );
    assert_eq!(target.psql("d", "SELECT * FROM t"), "1");
    let spaces = "SELECT count(*) FROM pg_tablespace WHERE spcname = 'space'";
    assert_eq!(target.psql("postgres", spaces), "0");
}

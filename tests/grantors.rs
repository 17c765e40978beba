//! Who granted privileges on large objects, tablespaces and parameters: kept by an archive, given back by a
//! restore, by stock pg_restore too, and compared.

use std::path::Path;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::run;

const ROLES: &str = "CREATE ROLE \"Own er\"; CREATE ROLE helper; CREATE ROLE reader;";

/// Large objects of two owners, with grants by the owners and by those whom they let grant.
const OBJECTS: &str = "
    SELECT lo_create(oid) FROM unnest(ARRAY[501, 502, 503, 504]) AS oid;
    ALTER LARGE OBJECT 501 OWNER TO \"Own er\"; ALTER LARGE OBJECT 502 OWNER TO \"Own er\";
    GRANT SELECT ON LARGE OBJECT 501, 502, 503 TO helper WITH GRANT OPTION;
    SET SESSION AUTHORIZATION helper;
    GRANT SELECT ON LARGE OBJECT 501, 502, 503 TO reader;
    GRANT SELECT ON LARGE OBJECT 503 TO PUBLIC;
    RESET SESSION AUTHORIZATION;
    GRANT UPDATE ON LARGE OBJECT 504 TO reader;";

const OBJECT_ACL: &str =
    "SELECT string_agg(oid || ' ' || lomowner::regrole || ' ' || lomacl::text, E'\\n' ORDER BY oid)
    FROM pg_largeobject_metadata";
const EXPECTED: &str = "501 \"Own er\" {\"\\\"Own er\\\"=rw/\\\"Own er\\\"\",\"helper=r*/\\\"Own er\\\"\",reader=r/helper}
502 \"Own er\" {\"\\\"Own er\\\"=rw/\\\"Own er\\\"\",\"helper=r*/\\\"Own er\\\"\",reader=r/helper}
503 postgres {postgres=rw/postgres,helper=r*/postgres,reader=r/helper,=r/helper}
504 postgres {postgres=rw/postgres,reader=w/postgres}";

fn tablespace(cluster: &Cluster, folder: &Path) {
    let folder = folder.display();
    cluster.psql(
        "postgres",
        format!("CREATE TABLESPACE fast LOCATION '{folder}'"),
    );
    cluster.psql(
        "postgres",
        "ALTER TABLESPACE fast OWNER TO \"Own er\"; GRANT CREATE ON TABLESPACE fast TO helper WITH GRANT OPTION;
         SET SESSION AUTHORIZATION helper; GRANT CREATE ON TABLESPACE fast TO reader; RESET SESSION AUTHORIZATION;
         GRANT SET ON PARAMETER work_mem TO helper WITH GRANT OPTION;
         SET SESSION AUTHORIZATION helper; GRANT SET ON PARAMETER work_mem TO reader;",
    );
}

const SHARED_ACL: &str = "SELECT spcacl::text FROM pg_tablespace WHERE spcname = 'fast'
    UNION ALL SELECT paracl::text FROM pg_parameter_acl WHERE parname = 'work_mem'";

#[test]
fn who_granted_is_kept_and_compared() {
    let major = need!(peers::installed_major());
    let (source, target) = (need!(Cluster::start(major)), need!(Cluster::start(major)));
    source.psql("postgres", ROLES);
    source.create_database("files");
    source.psql("files", OBJECTS);
    assert_eq!(source.psql("files", OBJECT_ACL), EXPECTED);
    let archive = Archive::dump(&source, &["files"]).verified();
    archive.restore(&target, &["--create", "--verify", "-q"]);
    assert_eq!(target.psql("files", OBJECT_ACL), EXPECTED);

    // The owner in the grantor's place is a difference now.
    target.psql(
        "files",
        "SET SESSION AUTHORIZATION helper; REVOKE SELECT ON LARGE OBJECT 502 FROM reader; RESET SESSION AUTHORIZATION;
         GRANT SELECT ON LARGE OBJECT 502 TO reader; ALTER LARGE OBJECT 504 OWNER TO reader;",
    );
    let against = Pgark::new(["verify", "--against"]).arg(target.socket_url("postgres"));
    let compared = against.at(&target).arg(archive.path()).run().code(3);
    for text in [
        "LARGE OBJECT 502",
        "is granted otherwise",
        "LARGE OBJECT 504",
        "belongs to another role",
    ] {
        assert!(
            compared.stdout().contains(text),
            "no {text}\n{}",
            compared.describe()
        );
    }
    assert!(
        !compared.stdout().contains("LARGE OBJECT 501"),
        "{}",
        compared.describe()
    );

    // Stock pg_restore does the same.
    let folder = archive.folder().join("unpacked");
    std::fs::create_dir(&folder).unwrap();
    archive.unpack(&folder);
    target.psql("postgres", "DROP DATABASE files");
    let pg_restore = need!(peers::client_for(17)).join("pg_restore");
    let mut restore = target.command(pg_restore);
    restore
        .args(["-Fd", "--create", "-d", "postgres"])
        .arg(folder.join("databases/files"));
    // Of the setting that pg_restore 17 makes and an older server does not know, it complains, and goes on.
    let said = run(&mut restore, b"").stderr();
    let errors = said.lines().filter(|line| line.contains("error:"));
    let unexpected: Vec<&str> = errors
        .filter(|line| !line.contains("\"transaction_timeout\""))
        .collect();
    assert_eq!(unexpected, [""; 0], "{said}");
    assert_eq!(target.psql("files", OBJECT_ACL), EXPECTED);
}

#[test]
fn who_granted_on_tablespaces_and_parameters_is_kept_and_compared() {
    let major = need!(peers::installed_major());
    let (source, target) = (need!(Cluster::start(major)), need!(Cluster::start(major)));
    source.psql("postgres", ROLES);
    let folder = source.scratch();
    let owner = std::fs::metadata(source.data_dir()).unwrap();
    std::os::unix::fs::chown(
        folder.path(),
        Some(std::os::unix::fs::MetadataExt::uid(&owner)),
        None,
    )
    .unwrap();
    tablespace(&source, folder.path());
    let expected = source.psql("postgres", SHARED_ACL);
    assert_eq!(expected.matches("reader=C/helper").count(), 1, "{expected}");
    assert_eq!(expected.matches("reader=s/helper").count(), 1, "{expected}");
    source.create_database("empty");
    let archive = Archive::dump(&source, &["empty"]).verified();
    // The folder is taken by one server; another one gets it when that has left.
    source.psql("postgres", "DROP TABLESPACE fast");
    archive.restore(&target, &["--create", "--verify", "-q"]);
    assert_eq!(target.psql("postgres", SHARED_ACL), expected);

    let against = || {
        let against = Pgark::new(["verify", "--against"]).arg(target.socket_url("postgres"));
        against.at(&target).arg(archive.path()).run()
    };
    // More is no difference, less is one.
    target.psql("postgres", "GRANT ALTER SYSTEM ON PARAMETER port TO helper");
    against().success();
    target.psql(
        "postgres",
        "SET SESSION AUTHORIZATION helper; REVOKE SET ON PARAMETER work_mem FROM reader;
         REVOKE CREATE ON TABLESPACE fast FROM reader; RESET SESSION AUTHORIZATION;
         GRANT CREATE ON TABLESPACE fast TO reader",
    );
    let compared = against().code(3);
    let said = "roles and tablespaces: 2 differences
  differs: PARAMETER work_mem: is granted otherwise
  differs: TABLESPACE fast: is granted otherwise
";
    assert!(compared.stdout().contains(said), "{}", compared.describe());
    // A restore leaves a tablespace that is there as it is, and does not complain of that.
    target.psql("postgres", "GRANT SET ON PARAMETER work_mem TO reader");
    archive.restore(&target, &["--create", "--clean", "--verify", "-q"]);
    target.psql("postgres", "DROP TABLESPACE fast");
}

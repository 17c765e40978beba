//! A standby: it can be dumped from, and nothing can be restored into it.

use std::time::{Duration, Instant};

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::peers;

/// What the standby is to have.
const SAMPLE: &str = "
    CREATE TABLE public.rows (id int PRIMARY KEY, name text);
    INSERT INTO public.rows SELECT i, 'row ' || i FROM generate_series(1, 20000) AS i;
    CREATE INDEX ON public.rows (name);
    CREATE TABLE public.child (id int REFERENCES public.rows);
    INSERT INTO public.child SELECT generate_series(1, 500);
    CREATE SEQUENCE public.counter;
    SELECT setval('public.counter', 42);
    CREATE MATERIALIZED VIEW public.few AS SELECT * FROM public.rows WHERE id < 10;
    SELECT lo_from_bytea(4711, convert_to(repeat('large object', 1000), 'UTF8'));";

/// A primary with the database `sampled`, and its standby that has caught up with it.
fn pair() -> Result<(Cluster, Cluster), peers::Missing> {
    let primary = Cluster::start(peers::installed_major()?)?;
    let standby = Cluster::standby_of(&primary)?;
    primary.create_database("sampled");
    primary.psql("sampled", SAMPLE);
    catch_up(&primary, &standby);
    Ok((primary, standby))
}

/// Commits do not wait for the disk there, so what counts is what was inserted, not what was written.
fn catch_up(primary: &Cluster, standby: &Cluster) {
    let position = primary.psql("postgres", "SELECT pg_current_wal_insert_lsn()");
    let is_there = format!("SELECT pg_last_wal_replay_lsn() >= '{position}'");
    let deadline = Instant::now() + Duration::from_secs(60);
    while standby.psql("postgres", &is_there) != "t" {
        assert!(Instant::now() < deadline, "{}", standby.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_standby_can_be_dumped_from() {
    let (primary, standby) = need!(pair());
    assert_eq!(standby.psql("postgres", "SELECT pg_is_in_recovery()"), "t");
    let archive = Archive::dump(&standby, &["sampled", "-j", "3"]).verified();
    let target = need!(Cluster::start(primary.major()));
    archive.restore(&target, &["--create"]);
    assert_equal(&primary, "sampled", &target, "sampled");
    // Unlogged tables are empty there, and cannot be read.
    primary.psql(
        "sampled",
        "CREATE UNLOGGED TABLE public.fleeting AS SELECT 1 AS id",
    );
    catch_up(&primary, &standby);
    let archive = Archive::none_yet();
    let dumped = archive.try_dump(&standby, &["sampled"]).success();
    let said =
        "sampled: rows of unlogged tables are left out, since a standby does not have them: 1";
    assert!(dumped.stderr().contains(said), "{}", dumped.describe());
    let archive = archive.verified();
    archive.restore(&target, &["--create", "--clean"]);
    assert_eq!(
        target.psql("sampled", "SELECT count(*) FROM public.fleeting"),
        "0"
    );
}

#[test]
fn nothing_is_restored_into_a_standby() {
    let (primary, standby) = need!(pair());
    let archive = Archive::dump(&primary, &["sampled"]);
    for options in [
        &["--create", "sampled=other"][..],
        &["--rehearse"],
        &["--clean"],
    ] {
        let refused = archive.try_restore(&standby, options).code(1);
        let said = "pgark: error: nothing was restored: the target server is a standby, which takes no changes\n\
                    hint: Restore into the primary server.\n";
        assert_eq!(refused.stderr(), said, "{}", refused.describe());
    }
    primary.psql(
        "postgres",
        "ALTER SYSTEM SET default_transaction_read_only = on",
    );
    primary.psql("postgres", "SELECT pg_reload_conf()");
    let deadline = Instant::now() + Duration::from_secs(60);
    while primary.psql("postgres", "SHOW transaction_read_only") != "on" {
        assert!(Instant::now() < deadline, "{}", primary.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    let refused = archive
        .try_restore(&primary, &["--create", "sampled=other"])
        .code(1);
    let said =
        "nothing was restored: the target server takes no changes: its transactions are read-only";
    assert!(refused.stderr().contains(said), "{}", refused.describe());
}

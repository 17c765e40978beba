//! ANALYZE and VACUUM that fail: what nobody asked for is a notice, what was asked for a failure.

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;

/// Keeps the table from VACUUM and ANALYZE, and cancels whoever waits, until a VACUUM was.
const IN_THE_WAY: &str = "
    BEGIN;
    LOCK TABLE public.t IN SHARE UPDATE EXCLUSIVE MODE;
    DO $$
    DECLARE canceled text;
    BEGIN
        FOR i IN 1 .. 600 LOOP
            PERFORM pg_stat_clear_snapshot();
            FOR canceled IN SELECT query FROM pg_stat_activity
                WHERE CASE WHEN wait_event_type = 'Lock' AND datname = current_database()
                           THEN pg_cancel_backend(pid) END
            LOOP
                IF canceled LIKE 'VACUUM%' THEN RETURN; END IF;
            END LOOP;
            PERFORM pg_sleep(0.05);
        END LOOP;
        RAISE 'nobody vacuums';
    END $$;
    COMMIT;";

#[test]
fn a_vacuum_that_failed_is_a_failure_and_an_analyze_a_notice() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("maintained");
    let table = "CREATE TABLE public.t (a int);";
    cluster.psql("maintained", table);
    cluster.psql("maintained", "INSERT INTO public.t VALUES (1)");
    let archive = Archive::dump(&cluster, &["maintained"]);
    cluster.create_database("vacuumed");
    cluster.psql("vacuumed", table);
    let options = [
        "-q",
        "-a",
        "--vacuum",
        "--no-globals",
        "maintained=vacuumed",
    ];
    let finished = std::thread::scope(|scope| {
        let in_the_way = scope.spawn(|| cluster.psql("vacuumed", IN_THE_WAY));
        let finished = archive.try_restore(&cluster, &options).code(1);
        in_the_way.join().unwrap();
        finished
    });
    let (failures, notices) = (finished.stdout(), finished.stderr());
    let failure = "vacuumed: VACUUM of TABLE public.t\n    error 57014: ";
    assert!(failures.contains(failure), "{}", finished.describe());
    let notice = "notice: vacuumed: ANALYZE of TABLE public.t failed: ";
    assert!(notices.contains(notice), "{}", finished.describe());
}

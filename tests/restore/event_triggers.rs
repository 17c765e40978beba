//! Event triggers, of the archive's and of the target's: they see nothing of the journal, and nothing of the
//! restore that brings them.

use super::resume::said;
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::peers;
use crate::support::peers::SERVER_MAJORS;

/// Event triggers that log what they see, and one that lets nobody drop anything; `how` they are enabled.
fn triggers(how: &str) -> String {
    format!(
        "CREATE TABLE log (tag text, what text);
         CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO public.log SELECT tg_tag, object_identity FROM pg_event_trigger_ddl_commands();
         END $$;
         CREATE FUNCTION begun() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO public.log VALUES (tg_tag, 'begins');
         END $$;
         CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE 'nothing is dropped here';
         END $$;
         CREATE EVENT TRIGGER notes ON ddl_command_end EXECUTE FUNCTION note();
         CREATE EVENT TRIGGER begins ON ddl_command_start EXECUTE FUNCTION begun();
         CREATE EVENT TRIGGER no_drops ON sql_drop EXECUTE FUNCTION stop();
         COMMENT ON EVENT TRIGGER notes IS 'notes';
         ALTER EVENT TRIGGER notes {how};
         ALTER EVENT TRIGGER begins {how};
         ALTER EVENT TRIGGER no_drops {how};"
    )
}

/// In every version, with every way of being enabled, into a new database and into one that has them.
#[test]
fn event_triggers_see_nothing_of_a_restore() {
    let mut is_any = false;
    for major in SERVER_MAJORS {
        let Ok(cluster) = Cluster::start(major) else {
            continue;
        };
        is_any = true;
        for how in ["ENABLE", "ENABLE ALWAYS", "ENABLE REPLICA"] {
            cluster.drop_database("e_source");
            cluster.create_database("e_source");
            let tables = "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
                          CREATE MATERIALIZED VIEW m AS SELECT id FROM t; CREATE INDEX ON m (id);";
            cluster.psql("e_source", format!("{tables} {}", triggers(how)));
            let archive = Archive::dump(&cluster, &["e_source", "--no-globals"]);
            for name in ["e_new", "e_there"] {
                cluster.drop_database(name);
            }
            let args = ["e_source=e_new", "--no-globals", "--create"];
            let finished = archive.try_restore(&cluster, &args).success();
            assert_eq!(finished.stderr(), "", "{major} {how}");
            assert_equal(&cluster, "e_source", &cluster, "e_new");

            cluster.create_database("e_there");
            cluster.psql(
                "e_there",
                format!("CREATE TABLE t (id int PRIMARY KEY); {}", triggers(how)),
            );
            let args = ["e_source=e_there", "--no-globals", "-a", "-t", "t"];
            archive.try_restore(&cluster, &args).success();
            let there = "SELECT (SELECT count(*) FROM t), count(*), to_regnamespace('pgark_restore') IS NULL,
                                (SELECT string_agg(DISTINCT evtenabled::text, '') FROM pg_event_trigger)
                           FROM log WHERE what LIKE '%pgark_restore%' OR tag LIKE '%SCHEMA%'";
            let enabled = &how[how.len() - 6..];
            let enabled = match enabled {
                "ALWAYS" => "A",
                "ENABLE" => "O",
                _ => "R",
            };
            let expected = format!("1|0|t|{enabled}");
            assert_eq!(cluster.psql("e_there", there), expected, "{major} {how}");
        }
    }
    assert!(is_any || peers::installed_major().is_err());
}

/// Where the user may not switch them off, everything is restored, and how to drop the journal is said.
#[test]
fn a_journal_that_may_not_be_dropped_is_a_notice() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("e_plain");
    cluster.psql(
        "e_plain",
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1)",
    );
    let archive = Archive::dump(&cluster, &["e_plain", "--no-globals"]);
    cluster.create_database("e_kept");
    let sql = format!(
        "CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE e_kept TO plain;
         GRANT CREATE ON SCHEMA public TO plain; {}; GRANT INSERT ON log TO plain",
        triggers("ENABLE")
    );
    cluster.psql("e_kept", sql);
    let args = [
        "e_plain=e_kept",
        "--no-globals",
        "-O",
        "-x",
        "-U",
        "plain",
        "--allow-non-empty",
    ];
    let finished = archive.try_restore(&cluster, &args).success();
    said(
        &finished,
        "database \"e_kept\": everything is restored, and the journal could not be dropped (nothing is \
         dropped here (SQLSTATE P0001)); in the database, DROP SCHEMA pgark_restore CASCADE does it",
    );
    let there = "SELECT (SELECT count(*) FROM t), to_regnamespace('pgark_restore') IS NOT NULL";
    assert_eq!(cluster.psql("e_kept", there), "1|t");
    cluster.psql(
        "e_kept",
        "DROP EVENT TRIGGER no_drops; SET ROLE plain; DROP SCHEMA pgark_restore CASCADE",
    );
}

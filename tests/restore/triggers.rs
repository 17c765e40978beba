//! `-a --disable-triggers` over triggers and rules that are enabled ALWAYS or as REPLICA: none sees a row,
//! and all are as they were afterwards, whatever happened.

use super::resume::{begins, said, start};
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{TIMEOUT, run};

const TABLES: &str = "
    CREATE TABLE log (what text);
    CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.log VALUES (TG_TABLE_NAME || TG_NAME); RETURN NEW; END';
    CREATE TABLE t (a int);
    CREATE TRIGGER always AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION seen();
    ALTER TABLE t ENABLE ALWAYS TRIGGER always;
    CREATE TRIGGER \"Replica;\" BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION seen();
    ALTER TABLE t ENABLE REPLICA TRIGGER \"Replica;\";
    CREATE TRIGGER usual AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION seen();
    CREATE TRIGGER off AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION seen();
    ALTER TABLE t DISABLE TRIGGER off;
    -- Clones in partitions, one of which is enabled otherwise.
    CREATE TABLE p (k int, v text) PARTITION BY RANGE (k);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
    CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
    CREATE TRIGGER always AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION seen();
    ALTER TABLE p ENABLE ALWAYS TRIGGER always;
    ALTER TABLE p2 DISABLE TRIGGER always;
    CREATE TRIGGER leaf AFTER INSERT ON p2 FOR EACH ROW EXECUTE FUNCTION seen();
    ALTER TABLE p2 ENABLE REPLICA TRIGGER leaf;
    -- INSERT heeds rules, COPY does not.
    CREATE TABLE r (a int);
    CREATE RULE also AS ON INSERT TO r DO ALSO INSERT INTO public.log VALUES ('r');
    ALTER TABLE r ENABLE ALWAYS RULE also;
    -- The system's own triggers.
    CREATE TABLE other (id int PRIMARY KEY);
    CREATE TABLE refers (id int REFERENCES other);
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'refers'::regclass LOOP
            EXECUTE format('ALTER TABLE refers ENABLE ALWAYS TRIGGER %I', name);
        END LOOP;
    END $$;";

const ROWS: &str = "
    INSERT INTO t SELECT generate_series(1, 300000);
    INSERT INTO p SELECT i, repeat('x', 100) FROM generate_series(1, 19) AS i;
    INSERT INTO r VALUES (1), (2);
    INSERT INTO other VALUES (1); INSERT INTO refers VALUES (1);
    TRUNCATE log; INSERT INTO log VALUES ('the only one');";

const STATES: &str = "
    SELECT string_agg(concat_ws(' ', tgrelid::regclass, CASE WHEN tgisinternal THEN 'own' ELSE tgname END, tgenabled),
                      ', ' ORDER BY tgrelid::regclass::text, tgisinternal, tgname)
      FROM pg_trigger
    UNION ALL
    SELECT concat_ws(' ', rulename, ev_enabled) FROM pg_rewrite WHERE ev_class = 'public.r'::regclass";

/// The source, and a target that holds everything but rows.
fn set_up(major: u32) -> Result<Cluster, Missing> {
    let cluster = Cluster::start(major)?;
    for database in ["source", "target"] {
        cluster.create_database(database);
        cluster.psql(database, TABLES);
    }
    cluster.psql("source", ROWS);
    Ok(cluster)
}

const OPTIONS: [&str; 4] = ["--no-globals", "source=target", "-a", "--disable-triggers"];

fn dumped(cluster: &Cluster) -> Archive {
    Archive::dump(cluster, &["source", "--chunk-size", "64kB"])
}

#[track_caller]
fn assert_silent(cluster: &Cluster, states: &str) {
    assert_equal(cluster, "source", cluster, "target");
    assert_eq!(cluster.psql("target", STATES), states);
}

fn check(major: u32) {
    let cluster = need!(set_up(major));
    let states = cluster.psql("source", STATES);
    assert!(states.contains("t Replica; R"), "{states}");
    let archive = dumped(&cluster);
    for options in [
        &["-j", "1"][..],
        &["-j", "4"],
        &["-1"],
        &["--transaction-size", "3"],
    ] {
        let args = [&OPTIONS, options].concat();
        archive.try_restore(&cluster, &args).success();
        assert_silent(&cluster, &states);
        cluster.psql("target", "TRUNCATE t, p, r, log, other, refers");
    }
}

#[test]
fn triggers_that_fire_always_see_no_row() {
    check(need!(peers::installed_major()));
}

/// The oldest server: its commands on partitioned tables differ.
#[test]
fn nor_do_they_on_the_oldest_server() {
    check(13);
}

/// Rows as INSERT statements, and rows that are routed from the root.
#[test]
fn rules_and_triggers_behind_the_root_see_no_row_of_pg_dump_either() {
    let cluster = need!(set_up(need!(peers::installed_major())));
    let states = cluster.psql("source", STATES);
    let client = need!(peers::client_for(cluster.major()));
    let folder = cluster.scratch();
    for options in [
        &["--inserts"][..],
        &["--load-via-partition-root"],
        &["--inserts", "--load-via-partition-root"],
    ] {
        let file = folder.path().join(options.concat());
        let mut dump = cluster.command(client.join("pg_dump"));
        dump.args(["-Fc", "-d", "source", "-f"])
            .arg(&file)
            .args(options);
        run(&mut dump, b"").success();
        let restore = [
            "restore",
            "--progress",
            "none",
            "-w",
            "-j",
            "3",
            "-d",
            "target",
            "-a",
            "--disable-triggers",
        ];
        let restore = Pgark::new(restore).at(&cluster);
        restore.arg(&file).run().success();
        assert_silent(&cluster, &states);
        cluster.psql("target", "TRUNCATE t, p, r, log, other, refers");
    }
}

/// At every moment, for everybody else, the triggers are as they were.
#[test]
fn killed_or_cut_off_a_restore_leaves_every_trigger_as_it_was() {
    let cluster = need!(set_up(need!(peers::installed_major())));
    let states = cluster.psql("source", STATES);
    let archive = dumped(&cluster);
    let mut resume: &[&str] = &[];
    for signal in ["KILL", "INT", "KILL"] {
        let args = [&OPTIONS, resume].concat();
        let mut restore = start(&archive, &cluster, &args);
        assert!(begins(&mut restore, 4));
        assert_eq!(cluster.psql("target", STATES), states);
        restore.signal(signal);
        restore.finish(TIMEOUT);
        assert_eq!(cluster.psql("target", STATES), states);
        resume = &["--resume"];
    }
    let resumed = archive.try_restore(&cluster, &[&OPTIONS, resume].concat());
    said(&resumed.success(), "going on where");
    assert_silent(&cluster, &states);
}

//! What goes wrong on the way, and what is said about it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pgark::archive::ArchiveReader;
use pgark::monitor::{Event, Monitor, Sink};
use pgark::restore::{Content, RestoreOptions, RestoreOutcome, Sections, Selection, restore};

use super::ground::{
    Small, block_on, chain, config, creating, objects, open, options, refused, restored,
    try_restore,
};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::peers::Missing;

/// The small database's restore into one that has something in the way.
fn in_the_way(
    name: &str,
    sql: &str,
    change: impl Fn(&mut RestoreOptions),
) -> Result<(Small, &'static Cluster, RestoreOutcome), Missing> {
    let small = Small::new(name)?;
    let target = small.target(&[]);
    target.create_database(name);
    target.psql(name, sql);
    let mut options = RestoreOptions {
        allow_non_empty: true,
        ..options()
    };
    change(&mut options);
    let outcome = try_restore(target, &small.store, &options).unwrap();
    Ok((small, target, outcome))
}

#[test]
fn what_hangs_on_a_table_that_could_not_be_made_is_skipped_and_listed() {
    // A type in the place of the table's own row type.
    let sql = "CREATE SCHEMA app; CREATE TYPE app.child AS ENUM ('x')";
    let (_small, target, outcome) = need!(in_the_way("f_hangs", sql, |_| {}));
    let failed = objects(&outcome.failures);
    assert_eq!(
        failed,
        ["SCHEMA app", "TABLE app.child"],
        "{:#?}",
        outcome.failures
    );
    let table = &outcome.failures[1];
    assert_eq!(table.sqlstate.as_deref(), Some("42710"));
    assert_eq!(table.statement, "CREATE TABLE app.child (");
    assert_eq!(table.database, "f_hangs");
    for skipped in [
        "SEQUENCE app.child_id_seq",
        "TABLE DATA app.child",
        "INDEX app.child_by_payload",
        "FK CONSTRAINT app.child child_parent_fkey",
        "VIEW other.children",
        "MATERIALIZED VIEW DATA other.counts",
    ] {
        assert!(
            table.skipped.iter().any(|object| object == skipped),
            "{skipped}: {table:#?}"
        );
    }
    assert_eq!(outcome.skipped.len(), table.skipped.len());
    assert!(
        outcome
            .skipped
            .iter()
            .all(|skipped| skipped.because == "TABLE app.child failed")
    );
    assert_eq!(
        target.psql("f_hangs", "SELECT count(*) FROM app.parent"),
        "1000"
    );
    assert_eq!(
        target.psql("f_hangs", "SELECT count(*) FROM other.notes"),
        "4"
    );
}

#[test]
fn a_table_that_is_there_gets_its_rows_and_each_error_is_told() {
    let sql = "CREATE SCHEMA other; CREATE TABLE other.notes (note varchar(3))";
    let (_small, target, outcome) = need!(in_the_way("f_rows", sql, |_| {}));
    let failed = objects(&outcome.failures);
    assert_eq!(
        failed,
        [
            "SCHEMA other",
            "TABLE other.notes",
            "TABLE DATA other.notes"
        ]
    );
    let data = &outcome.failures[2];
    assert_eq!(data.sqlstate.as_deref(), Some("22001"));
    assert_eq!(data.statement, "COPY other.notes (note) FROM stdin;");
    assert!(
        data.context
            .as_deref()
            .unwrap()
            .starts_with("COPY notes, line 2"),
        "{data:#?}"
    );
    assert_eq!(
        target.psql("f_rows", "SELECT count(*) FROM other.notes"),
        "0"
    );
    assert_eq!(
        target.psql("f_rows", "SELECT count(*) FROM other.counts"),
        "1000"
    );
}

#[test]
fn rows_that_the_server_does_not_take_are_counted() {
    let sql = "CREATE SCHEMA other; CREATE TABLE other.notes (note text);
               CREATE FUNCTION other.drop_empty() RETURNS trigger LANGUAGE plpgsql AS
                   $$ BEGIN IF NEW.note IS NULL THEN RETURN NULL; END IF; RETURN NEW; END $$;
               CREATE TRIGGER t BEFORE INSERT ON other.notes FOR EACH ROW EXECUTE FUNCTION other.drop_empty()";
    let only_notes = |options: &mut RestoreOptions| {
        options.selection = Selection {
            content: Content::DATA_ONLY,
            tables: vec!["notes".into()],
            ..Selection::default()
        };
    };
    let (_small, _target, outcome) = need!(in_the_way("f_counted", sql, only_notes));
    assert_eq!(outcome.failures.len(), 1, "{:#?}", outcome.failures);
    assert_eq!(
        outcome.failures[0].message,
        "4 rows were sent, the server took 3"
    );
    assert_eq!(outcome.databases[0].rows, 0);
}

#[test]
fn the_first_error_is_the_last_with_exit_on_error() {
    let sql = "CREATE SCHEMA app; CREATE TYPE app.child AS ENUM ('x')";
    let (_small, target, outcome) = need!(in_the_way("f_first", sql, |options| {
        options.exit_on_error = true;
    }));
    assert_eq!(objects(&outcome.failures), ["SCHEMA app"]);
    assert_eq!(outcome.skipped.len(), 1);
    assert!(
        outcome.skipped[0].object.ends_with(" entries"),
        "{:?}",
        outcome.skipped
    );
    let made =
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r'";
    assert_eq!(target.psql("f_first", made), "0");
}

#[test]
fn a_damaged_chunk_reaches_no_table() {
    let small = need!(Small::new("f_damage"));
    let target = small.target(&[]);
    let reader = block_on(ArchiveReader::open(small.store.clone())).unwrap();
    let table = &reader.manifest().databases[0].tables;
    let notes = table.iter().find(|table| table.name.0 == "notes").unwrap();
    let member = format!("databases/f_damage/{}.dat.zst", notes.chunks[0].dump_id);
    let offset = reader.find(&member).unwrap().offset as usize;
    let mut bytes = std::fs::read(small.ground.path("1.tar")).unwrap();
    bytes[offset + 5] ^= 1;
    let path = small.ground.path("damaged.tar");
    std::fs::write(&path, bytes).unwrap();
    let error = refused(target, &open(&path), &creating());
    assert!(error.is_damage(), "{error}");
    for part in [
        "database \"f_damage\" is filled in part",
        "other.notes",
        &member,
    ] {
        assert!(chain(&error).contains(part), "{part}: {error}");
    }
    assert_eq!(
        target.psql("f_damage", "SELECT count(*) FROM other.notes"),
        "0"
    );
}

/// Interrupts when a task whose subject contains a word is begun.
struct Interrupter {
    word: &'static str,
    begun: std::sync::mpsc::Sender<()>,
}

impl Sink for Interrupter {
    fn event(&self, event: Event) {
        if let Event::Started { subject, .. } = event
            && subject.contains(self.word)
        {
            let _ = self.begun.send(());
        }
    }
}

#[test]
fn an_interrupt_cancels_what_the_server_is_doing() {
    let small = need!(Small::new("f_interrupt"));
    let target = small.target(&[]);
    target.create_database("f_interrupt");
    // Something to wait for: the refresh of the view calls the slow function that is there already.
    target.psql(
        "f_interrupt",
        "CREATE SCHEMA app; CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE
             AS 'SELECT CASE WHEN pg_sleep(60) IS NULL THEN n ELSE 2 * n END'",
    );
    let (begun, begins) = std::sync::mpsc::channel();
    let word = "TABLE DATA app.child";
    let (monitor, interrupt) = Monitor::new(Arc::new(Interrupter { word, begun }));
    std::thread::spawn(move || {
        begins.recv().unwrap();
        std::thread::sleep(Duration::from_millis(300));
        interrupt.interrupt();
        // Dropped only at the end: a monitor without its interrupt waits for ever, which is fine.
        std::thread::sleep(Duration::from_secs(30));
    });
    let options = RestoreOptions {
        allow_non_empty: true,
        ..options()
    };
    let config = config(target, "postgres");
    let started = Instant::now();
    let error = block_on(restore(&config, &small.store, &options, &monitor)).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    let busy =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'f_interrupt' AND state = 'active'";
    assert_eq!(target.psql("postgres", busy), "0");
}

#[test]
fn a_session_that_the_server_ends_costs_its_entry_and_no_more() {
    // The generated column of the table calls a function that is there already and ends its session.
    let sql =
        "CREATE SCHEMA app; CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE
                   AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN n; END'";
    let (_small, target, outcome) = need!(in_the_way("f_ended", sql, |_| {}));
    let failed = objects(&outcome.failures);
    let of_rows = |object: &&&str| object.starts_with("TABLE DATA app.child");
    let rows: Vec<_> = failed.iter().filter(of_rows).collect();
    assert!(rows.len() > 1, "{failed:?}");
    assert_eq!(
        failed.len(),
        rows.len() + 2,
        "the schema and the function: {failed:?}"
    );
    let ended = outcome.failures.last().unwrap();
    assert_eq!(ended.sqlstate.as_deref(), Some("57P01"), "{ended:#?}");
    assert_eq!(
        target.psql("f_ended", "SELECT count(*) FROM app.parent"),
        "1000"
    );
    assert_eq!(
        target.psql("f_ended", "SELECT count(*) FROM other.notes"),
        "4"
    );
    let keys = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'app.child'::regclass";
    assert_eq!(target.psql("f_ended", keys), "2");
}

#[test]
fn a_foreign_key_that_rows_violate_is_reported_and_not_left_behind() {
    let small = need!(Small::new("f_key"));
    let target = small.target(&[]);
    let sections = |sections| Selection {
        sections,
        ..Selection::default()
    };
    let rows = RestoreOptions {
        selection: sections(Sections {
            post_data: false,
            ..Sections::default()
        }),
        ..creating()
    };
    restored(target, &small.store, &rows);
    target.psql("f_key", "DELETE FROM app.parent WHERE id = 7");
    let rest = RestoreOptions {
        selection: sections(Sections {
            pre_data: false,
            data: false,
            post_data: true,
        }),
        ..options()
    };
    let outcome = try_restore(target, &small.store, &rest).unwrap();
    assert_eq!(
        objects(&outcome.failures),
        ["FK CONSTRAINT app.child child_parent_fkey"]
    );
    let failure = &outcome.failures[0];
    assert_eq!(failure.sqlstate.as_deref(), Some("23503"));
    assert_eq!(
        failure.statement,
        "ALTER TABLE ONLY app.child VALIDATE CONSTRAINT child_parent_fkey;"
    );
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(target.psql("f_key", keys), "0");
}

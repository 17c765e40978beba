//! Archives as pg_dump wrote them before 10.3: no entry for the search path, and names without their schema.
//!
//! No such pg_dump runs here. One of today's archives is turned into one, and stock pg_restore says what
//! comes of it.

use std::path::Path;

use bstr::{BString, ByteSlice as _};
use pgark::pgdump;
use pgark::toc::ObjectKind;

use super::pg_dump_archives::{pg_restore, target, whole};
use crate::need;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::run;

const SCHEMA: &str = r#"
    CREATE SCHEMA app; CREATE SCHEMA "Odd s";
    CREATE TABLE app.t (i serial PRIMARY KEY, note text DEFAULT 'x');
    INSERT INTO app.t (note) SELECT md5(i::text) FROM generate_series(1, 500) AS i;
    CREATE TABLE app.child (i int REFERENCES app.t, CHECK (i > 0));
    INSERT INTO app.child SELECT i FROM generate_series(1, 50) AS i;
    CREATE INDEX ON app.t (note);
    CREATE VIEW app.v AS SELECT i FROM app.t WHERE i < 10;
    CREATE MATERIALIZED VIEW app.m AS SELECT count(*) FROM app.t;
    COMMENT ON TABLE app.t IS 'one';
    COMMENT ON COLUMN app.child.i IS 'two';
    GRANT SELECT ON app.t TO golden_reader;
    CREATE FUNCTION app.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER noted BEFORE INSERT ON app.child FOR EACH ROW EXECUTE FUNCTION app.noted();
    -- The same names elsewhere.
    CREATE TABLE "Odd s".t (i int PRIMARY KEY, other text);
    INSERT INTO "Odd s".t VALUES (1, 'a'), (2, 'b');
    CREATE INDEX ON "Odd s".t (other);
    CREATE TABLE public.t (a int); INSERT INTO public.t VALUES (3);
"#;

/// Takes away the path, and the schemas in front of names where entries are of that schema.
fn make_old(folder: &Path) {
    let path = folder.join("toc.dat");
    let mut toc = pgdump::read_toc_dat(&std::fs::read(&path).unwrap()).unwrap();
    toc.entries
        .retain(|entry| entry.kind != ObjectKind::SearchPath);
    let mut shortened = 0;
    for entry in &mut toc.entries {
        let schema = entry.schema().to_vec();
        if schema.is_empty() {
            continue;
        }
        let prefix = match schema.as_slice() {
            b"Odd s" => b"\"Odd s\".".to_vec(),
            schema => [schema, b"."].concat(),
        };
        for sql in [&mut entry.defn, &mut entry.copy_stmt] {
            let Some(text) = sql else { continue };
            let short: BString = text.replace(&prefix, b"").into();
            shortened += usize::from(short != *text);
            *sql = Some(short);
        }
    }
    assert!(shortened > 15, "{shortened}");
    let bytes = pgdump::write_toc_dat(&toc, pgdump::TocCompression::None).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn names_without_a_schema_are_those_of_the_entry() {
    let target = need!(target());
    let client = need!(peers::client(18));
    target.create_database("source");
    target.psql("source", SCHEMA);
    let scratch = target.scratch();
    let folder = scratch.path().join("old");
    let mut dump = target.command(client.join("pg_dump"));
    dump.args(["-Fd", "-Z0", "-d", "source", "-f"]).arg(&folder);
    run(&mut dump, b"").success();
    make_old(&folder);
    pg_restore(&target, &folder, "expected");
    let expected = whole(&target, "expected");
    assert!(expected == whole(&target, "source"));
    let restore = |args: &[&str]| {
        let words = ["restore", "-w", "--progress", "none"];
        Pgark::new(words).at(&target).arg(&folder).args(args).run()
    };
    for args in [&["-j", "1"][..], &["-j", "4"], &["-1"], &["-e", "-j", "2"]] {
        target.create_database("copy");
        restore(&[&["-d", "copy"], args].concat()).success();
        assert!(whole(&target, "copy") == expected, "{args:?}");
        // What is there is dropped and made again.
        restore(&[&["-d", "copy", "--clean", "--if-exists"], args].concat()).success();
        assert!(whole(&target, "copy") == expected, "{args:?}");
        target.drop_database("copy");
    }
    let script = scratch.path().join("old.sql");
    restore(&["-f", script.to_str().unwrap()]).success();
    target.create_database("copy");
    let mut psql = target.command(client.join("psql"));
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "copy", "-f"]);
    run(psql.arg(&script), b"").success();
    assert!(whole(&target, "copy") == expected);
}

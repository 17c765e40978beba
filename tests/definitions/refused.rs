//! What the reader does not understand it names and refuses, and a pg_dump can take over.

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;

/// A server with a database of one function, changed by what a superuser is not supposed to do.
fn changed(sql: &str) -> Result<Cluster, peers::Missing> {
    let cluster = Cluster::start_fetched(18)?;
    cluster.create_database("d");
    let sql = format!(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'; \
         SET allow_system_table_mods = on; {sql}"
    );
    cluster.psql("d", sql);
    Ok(cluster)
}

/// A dump is refused, by these words and with both ways out, and a pg_dump does not mind.
#[track_caller]
fn assert_refused(cluster: &Cluster, words: &[&str]) {
    let archive = Archive::none_yet();
    let refused = archive.try_dump(cluster, &["d"]).code(1);
    let said = refused.stderr();
    for word in words.iter().chain(&["--schema-reader pg_dump", "d"]) {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(archive.left_behind().is_empty());
    let args = ["d", "--schema-reader", "pg_dump"];
    Archive::none_yet().try_dump(cluster, &args).code(0);
}

#[test]
fn a_server_with_another_column_is_refused() {
    let sql = "ALTER TABLE pg_catalog.pg_ts_template ADD COLUMN tmplcolour text;";
    let cluster = need!(changed(sql));
    need!(peers::client_for(18));
    let words = [
        "the catalogs of this server are not those of PostgreSQL 18",
        "unknown pg_ts_template.tmplcolour text",
    ];
    assert_refused(&cluster, &words);
}

#[test]
fn a_letter_that_means_nothing_to_us_is_refused() {
    let sql = "UPDATE pg_catalog.pg_proc SET provolatile = 'q' WHERE proname = 'f';";
    let cluster = need!(changed(sql));
    let archive = Archive::none_yet();
    let said = archive.try_dump(&cluster, &["d"]).code(1).stderr();
    assert!(said.contains("pg_proc.provolatile is \"q\""), "{said}");
}

#[test]
fn an_object_that_belongs_to_nothing_is_refused() {
    let sql = "CREATE OPERATOR FAMILY fam USING btree; \
               ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int4, int8); \
               DELETE FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_amop'::regclass AND objid >= 16384;";
    let cluster = need!(changed(sql));
    need!(peers::client_for(18));
    let words = [
        "objects that this pgark does not understand",
        "operator 1 (integer, bigint) of operator family public.fam",
    ];
    assert_refused(&cluster, &words);
}

/// A superuser's function in PostgreSQL's own schema is in no dump, which is said.
#[test]
fn what_no_dump_holds_is_said() {
    let sql = "CREATE FUNCTION pg_catalog.planted() RETURNS int LANGUAGE sql AS 'select 1';";
    let cluster = need!(changed(sql));
    let archive = Archive::none_yet();
    let said = archive.try_dump(&cluster, &["d"]).code(0).stderr();
    assert!(
        said.contains("function planted() is left out: it is in a schema of PostgreSQL itself"),
        "{said}"
    );
}

/// An empty list of libraries: no statement sets it, and the copy must let people in.
#[test]
fn an_empty_list_of_libraries_is_left_out_and_said() {
    let cluster = need!(changed(
        "CREATE FUNCTION g() RETURNS int LANGUAGE sql SET session_preload_libraries FROM CURRENT AS 'select 1'; \
         ALTER DATABASE d SET session_preload_libraries FROM CURRENT; \
         CREATE ROLE loader; ALTER ROLE loader SET local_preload_libraries FROM CURRENT;"
    ));
    let archive = Archive::none_yet();
    let said = archive.try_dump(&cluster, &["d"]).code(0).stderr();
    for (setting, of) in [
        ("session_preload_libraries", "g"),
        ("session_preload_libraries", "the database"),
        ("local_preload_libraries", "loader"),
    ] {
        let said_so = format!("the setting {setting} of {of}, which is an empty list, is left out");
        assert!(said.contains(&said_so), "{said_so}: {said}");
    }
    cluster.drop_database("d");
    archive.restore(&cluster, &["--create"]);
    assert_eq!(cluster.psql("d", "SELECT g()"), "1");
}

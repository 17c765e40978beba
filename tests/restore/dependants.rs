//! `--with-dependants`: a relation of the fixtures, alone, restored into an empty database, works as it
//! does where it came from.

use pgark::restore::{RestoreOptions, Selection};

use super::ground::{Small, creating, restored};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::fixture_archive::{self, FixtureArchive};
use crate::support::fixtures;
use crate::support::peers;
use crate::support::run::run;

/// What belongs to a relation, foreign keys to others left out: those come only where the others are.
const POSSESSIONS: &str = "
    SELECT (SELECT count(*) FROM pg_index WHERE indrelid = r),
           (SELECT count(*) FROM pg_trigger WHERE tgrelid = r AND NOT tgisinternal),
           (SELECT count(*) FROM pg_policy WHERE polrelid = r),
           (SELECT count(*) FROM pg_rewrite WHERE ev_class = r),
           (SELECT count(*) FROM pg_attrdef WHERE adrelid = r),
           (SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = r),
           (SELECT count(*) FROM pg_description WHERE objoid = r),
           (SELECT count(*) FROM pg_constraint WHERE conrelid = r AND contype <> 'f'),
           (SELECT relacl::text FROM pg_class WHERE oid = r),
           (SELECT relowner::regrole::text FROM pg_class WHERE oid = r),
           (SELECT relrowsecurity FROM pg_class WHERE oid = r)
      FROM (SELECT :relation::regclass) AS _ (r)";

const ROWS: &str = "SELECT count(*), sum(('x' || md5(t::text))::bit(48)::bigint) FROM :table AS t";
const VALUE: &str = "SELECT last_value, is_called FROM :table";

/// Schema and name, as SQL and as a pattern, of all relations that are no part of an extension.
fn relations(source: &Cluster, database: &str) -> Vec<String> {
    let sql = "SELECT format('\"%s\".\"%s\"', replace(nspname, '\"', '\"\"'), replace(relname, '\"', '\"\"'))
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
         WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND nspname !~ '^pg_|^information_schema$'
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
           AND (nspname || relname) !~ E'\\n'
           -- Which rows a hash partition holds may depend on OIDs, which no other database has.
           AND coalesce(pg_get_expr(relpartbound, c.oid), '') NOT LIKE 'FOR VALUES WITH%'
         ORDER BY 1";
    source
        .psql(database, sql)
        .lines()
        .map(str::to_owned)
        .collect()
}

fn about(cluster: &Cluster, database: &str, relation: &str) -> (String, String) {
    let quoted = format!("'{}'", relation.replace('\'', "''"));
    let possessions = POSSESSIONS.replace(":relation", &quoted);
    let kind = cluster.psql(
        database,
        format!("SELECT relkind FROM pg_class WHERE oid = {quoted}::regclass"),
    );
    // What inherits from a table does not come along.
    let rows = match kind.as_str() {
        "S" => VALUE.replace(":table", relation),
        "r" => ROWS.replace(":table", &format!("ONLY {relation}")),
        _ => ROWS.replace(":table", relation),
    };
    // Not everybody who owns a view may read what is under it, here as there.
    let bin = peers::installed_client().unwrap();
    let mut psql = cluster.command(bin.join("psql"));
    psql.args(["-X", "-A", "-t", "-d", database, "-c", &rows]);
    let rows = run(&mut psql, b"");
    (
        cluster.psql(database, possessions),
        rows.stdout() + &rows.stderr(),
    )
}

#[track_caller]
fn alone(fixtures: &FixtureArchive, target: &Cluster, (database, step): (&str, usize)) {
    let relations = relations(&fixtures.source, database);
    assert!(relations.len() > 5, "{database}");
    for relation in relations.into_iter().step_by(step) {
        target.drop_database("d_alone");
        let choice = format!("{database}=d_alone");
        let args = [
            &choice,
            "-C",
            "--no-analyze",
            "--no-globals",
            "-q",
            "-t",
            &relation,
            "--with-dependants",
        ];
        let finished = fixtures.archive.try_restore(target, &args);
        assert!(
            finished.status.success(),
            "{relation}: {}",
            finished.describe()
        );
        assert_eq!(
            about(target, "d_alone", &relation),
            about(&fixtures.source, database, &relation),
            "{database}: {relation}"
        );
    }
}

#[test]
fn a_relation_works_alone() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = need!(Cluster::start(fixtures.source.major()));
    fixtures::load_roles(&target);
    // Some of them, to be done in time; every one was tried.
    for database in [
        ("accounts", 4),
        ("jobs", 9),
        ("metrics", 15),
        ("results", 12),
    ] {
        alone(fixtures, &target, database);
    }
}

#[test]
fn a_foreign_key_comes_with_both_its_ends() {
    let small = need!(Small::new("d_keys"));
    let target = small.target(&[]);
    let keys = |tables: &[&str]| {
        target.drop_database("d_keys");
        let options = RestoreOptions {
            selection: Selection {
                tables: tables.iter().copied().map(Into::into).collect(),
                with_dependants: true,
                ..Selection::default()
            },
            ..creating()
        };
        let outcome = restored(target, &small.store, &options);
        let sql = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
        (target.psql("d_keys", sql), outcome.databases[0].rows)
    };
    assert_eq!(keys(&["child"]), ("0".to_owned(), 5000));
    assert_eq!(keys(&["app.*"]), ("1".to_owned(), 6000));
    let indexes = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'i' \
                   AND relnamespace = 'app'::regnamespace";
    assert_eq!(
        target.psql("d_keys", indexes),
        "child_by_payload child_pkey parent_pkey"
    );
    let next = "SELECT nextval('app.child_id_seq')";
    assert_eq!(target.psql("d_keys", next), "5001");
}

//! The definitions as our reader has them, entry by entry beside those of pg_dump.
//!
//! pg_dump 18 is the oracle for servers 13 to 18, and 19 for 19. Both read in one snapshot. What differs for a
//! reason is named in [`harness::Known`].

mod corpora;
mod drift;
mod filters;
mod generated;
mod generator;
mod harness;
mod refused;

use crate::need;
use crate::support::peers::SERVER_MAJORS;

/// Every database of the fixtures, the hostile ones and other encodings included.
#[test]
fn fixtures_are_read_as_pg_dump_reads_them() {
    for major in SERVER_MAJORS {
        let source = need!(crate::support::fixtures::source(major));
        for database in corpora::fixtures() {
            need!(harness::assert_equal(source, database, 4));
        }
    }
}

/// One database of everything that has a trap.
#[test]
fn the_zoo_is_read_as_pg_dump_reads_it() {
    for major in SERVER_MAJORS {
        let zoo = need!(corpora::zoo(major));
        need!(harness::assert_equal(&zoo, corpora::ZOO, 250));
    }
}

/// What PostgreSQL's own regression tests leave behind.
#[test]
fn the_regression_database_is_read_as_pg_dump_reads_it() {
    for major in SERVER_MAJORS {
        let regression = need!(corpora::regression(major));
        need!(harness::assert_equal(&regression, corpora::REGRESSION, 900));
    }
}

/// Schemas and tables that were chosen or left out, on the oldest and the newest server whose oracle is pg_dump 18.
#[test]
fn parts_of_the_zoo_are_read_as_pg_dump_reads_them() {
    for major in [13, 18] {
        let zoo = need!(corpora::zoo(major));
        for options in filters::COMBINATIONS {
            need!(filters::assert_equal(&zoo, corpora::ZOO, options));
        }
    }
}

/// Databases at random; `PGARK_SEEDS=0-2000` looks at more of them.
#[test]
fn generated_databases_are_read_as_pg_dump_reads_them() {
    for major in SERVER_MAJORS {
        let cluster = need!(generated::server(major));
        let first = u64::from(major) * 1000;
        let mut restored = 0;
        let seeds = generated::seeds(first..first + 30);
        for seed in seeds.clone() {
            restored += u64::from(need!(generated::check(&cluster, seed)));
        }
        let tried = seeds.end.div_ceil(10) - seeds.start.div_ceil(10);
        assert!(restored * 3 >= tried, "{restored} of {tried} were restored");
    }
}

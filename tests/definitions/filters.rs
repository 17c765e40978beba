//! Parts of databases: what the filters of a dump leave of the definitions, beside pg_dump's.

use bstr::BString;
use pgark::dump::{Content, Filters};
use pgark::pg::Session;
use pgark::schema::chosen::Chosen;
use pgark::schema::selection;
use pgark::schema::snapshot;

use super::harness;
use crate::support::cluster::Cluster;
use crate::support::in_process::server;
use crate::support::peers::Missing;

/// Options and patterns, as in a command line. `~` stands for a blank.
pub const COMBINATIONS: [&str; 64] = [
    "-n public",
    "-n sch",
    "-n \"Sch~2\"",
    "-n sch -n public",
    "-n pub*",
    "-n *",
    "-n pg_catalog",
    "-n information_schema",
    "-N public",
    "-N sch",
    "-N sch -N \"Sch~2\"",
    "-n public -N public",
    "-n * -N sch",
    "-n public -t public.p",
    "-t public.p",
    "-t public.c",
    "-t public.c2 -t public.p",
    "-t public.part",
    "-t public.part1",
    "-t public.part*",
    "-t public.part -t public.part_sub_1",
    "-t public.gg",
    "-t public.g*",
    "-t public.ser",
    "-t public.ser_i_seq",
    "-t public.ul",
    "-t public.ul_j_seq",
    "-t public.s1",
    "-t public.v1",
    "-t public.v2",
    "-t public.v1 -t public.v2",
    "-t public.mv",
    "-t public.mv2",
    "-t public.mv -t public.g2",
    "-t public.ft",
    "-t public.of_type",
    "-t public.of_ext",
    "-t public.un*",
    "-t public.fk1",
    "-t public.fk1 -t public.with_key",
    "-t public.fkp",
    "-t public.with_key -t public.grouped -t public.after_key",
    "-t public.loop1",
    "-t public.loop2",
    "-t public.tt",
    "-t sch.*",
    "-t sch.across -t \"Sch~2\".p",
    "-t public.\"quo\"\"ted\"",
    "-t public.\"default\"",
    "-t *.p",
    "-t *.*",
    "-t pg_catalog.pg_class",
    "-T public.p",
    "-T public.c",
    "-T public.part",
    "-T public.part1",
    "-T public.*",
    "-T public.g2",
    "-T public.ser_i_seq",
    "-T public.v1",
    "-T public.mv",
    "-T public.un3 -T public.un2 -N sch",
    "-n public -T public.p",
    "-t public.* -T public.un*",
];

/// Reads a part of a database with both and compares.
#[track_caller]
pub fn assert_equal(cluster: &Cluster, database: &str, options: &str) -> Result<(), Missing> {
    let (selection, given) = select(cluster, database, &filters(options));
    let (ours, theirs) = harness::both(cluster, database, &selection, given)?;
    let found = harness::differences(&ours.toc, &theirs);
    let major = cluster.major();
    assert!(
        found.is_empty(),
        "{options} on {major}, {} differences:\n{}",
        found.len(),
        found
            .iter()
            .take(12)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    Ok(())
}

fn filters(options: &str) -> Filters {
    let mut filters = Filters::default();
    let mut words = options.split(' ');
    while let (Some(option), Some(pattern)) = (words.next(), words.next()) {
        let list = match option {
            "-n" => &mut filters.schemas,
            "-N" => &mut filters.exclude_schemas,
            "-t" => &mut filters.tables,
            _ => &mut filters.exclude_tables,
        };
        list.push(pattern.replace('~', " ").into());
    }
    filters
}

/// What the patterns name, and the options that make pg_dump choose the same.
fn select(
    cluster: &Cluster,
    database: &str,
    filters: &Filters,
) -> (Chosen, Vec<(&'static str, BString)>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let config = server(cluster).with_dbname(database.as_bytes());
        let mut session = Session::connect(&config).await.unwrap();
        snapshot::set_up(&mut session, None, None).await.unwrap();
        let named = selection::name(&mut session, filters, &[]).await.unwrap();
        let chosen = selection::choose(&mut session, &named, Content::SchemaOnly);
        let chosen = chosen.await.unwrap();
        (chosen.chosen, chosen.pg_dump_options)
    })
}

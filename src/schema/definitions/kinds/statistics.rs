//! Extended statistics: `getExtendedStatistics()` and `dumpStatisticsExt()` in pg_dump.c.

use bstr::BString;

use super::super::catalogs::PG_STATISTIC_EXT;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::statistics::{Known, Statistics};
use super::super::text::{push, sql};
use super::super::wanted;
use super::planner_statistics;
use crate::toc::quote::{ident_as_needed, literal_plain};
use crate::toc::{ObjectKind, Section, TocEntry};

/// They are wanted with their schema, and if their table is.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        let relation_oid = row.oid()?;
        let table = model.table_at(relation_oid);
        let node = model.add(Draft {
            class: Class::Statistics,
            catalog,
            name,
            namespace: Some(namespace),
            at: model.statistics.len(),
        });
        let is_member = wanted::of_member(model, node);
        if !is_member {
            let has_table = table.is_some_and(|at| {
                let table = model.object(model.tables[at].node);
                table.wanted.has(Parts::DEFINITION)
            });
            model.object_mut(node).wanted = if has_table {
                model.namespaces[namespace].contains
            } else {
                Parts::NONE
            };
        }
        model.statistics.push(Statistics {
            node,
            owner,
            table,
            target: row.optional_small()?.filter(|&target| target >= 0),
            definition: row.optional(),
            known: vec![],
        });
    }
    Ok(())
}

/// The arguments of `pg_restore_extended_stats` and their types, in the order of the statement's columns.
const ARGUMENTS: [(&str, &str); 7] = [
    ("inherited", "boolean"),
    ("n_distinct", "pg_ndistinct"),
    ("dependencies", "pg_dependencies"),
    ("most_common_vals", "text[]"),
    ("most_common_freqs", "double precision[]"),
    ("most_common_base_freqs", "double precision[]"),
    ("exprs", "jsonb"),
];

/// What the planner knows by them.
pub(crate) fn read_known(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let oid = row.oid()?;
        let Some(node) = model.find(PG_STATISTIC_EXT, oid) else {
            continue;
        };
        let values = (0..ARGUMENTS.len()).filter_map(|place| Some((place, row.optional()?)));
        let values = values.collect();
        let at = model.object(node).at;
        model.statistics[at].known.push(Known { values });
    }
    Ok(())
}

/// The statement that the server writes, and the target.
pub(crate) fn render(statistics: &Statistics, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let qualified = model.qualified(statistics.node);
    if out.writes(statistics.node, Parts::DEFINITION) {
        let Some(definition) = &statistics.definition else {
            return Err(Error::Gone { object: qualified });
        };
        let mut defn = sql!(definition, ";\n");
        if let Some(target) = statistics.target {
            push!(defn, "ALTER STATISTICS ", qualified, " SET STATISTICS ");
            push!(defn, target.to_string(), ";\n");
        }
        let drop = sql!("DROP STATISTICS ", qualified, ";\n");
        let owner = Some(&statistics.owner[..]);
        out.define(
            statistics.node,
            ObjectKind::Statistics,
            owner,
            (defn, Some(drop)),
        );
    }
    give_back(statistics, out);
    let name = ident_as_needed(&model.object(statistics.node).name);
    out.comment(&out.about(statistics.node, "STATISTICS", &name, &statistics.owner));
    Ok(())
}

/// `dumpStatisticsExtStats()`.
fn give_back(statistics: &Statistics, out: &mut Output<'_>) {
    let model = out.model;
    let Some(table) = statistics.table.filter(|_| !statistics.known.is_empty()) else {
        return;
    };
    let (object, table) = (
        model.object(statistics.node),
        model.object(model.tables[table].node),
    );
    let schema = |namespace| model.schema_name(namespace).cloned().unwrap_or_default();
    let mut defn = BString::default();
    for known in &statistics.known {
        push!(
            defn,
            "SELECT * FROM pg_catalog.pg_restore_extended_stats(\n"
        );
        push!(
            defn,
            "\t'version', '",
            model.version_num.to_string(),
            "'::integer"
        );
        for (name, value) in [
            ("schemaname", schema(table.namespace)),
            ("relname", table.name.clone()),
            ("statistics_schemaname", schema(object.namespace)),
            ("statistics_name", object.name.clone()),
        ] {
            push!(defn, ",\n\t'", name, "', ", literal_plain(&value));
        }
        for (place, value) in &known.values {
            planner_statistics::argument(&mut defn, ARGUMENTS[*place], value);
        }
        push!(defn, "\n);\n");
    }
    out.extra(TocEntry {
        tag: object.name.clone(),
        kind: ObjectKind::ExtendedStatisticsData,
        section: Section::PostData,
        defn: Some(defn),
        namespace: model.schema_name(object.namespace).cloned(),
        owner: Some(statistics.owner.clone()),
        dependencies: vec![statistics.node.dump_id()],
        ..TocEntry::default()
    });
}

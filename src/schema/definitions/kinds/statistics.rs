//! Extended statistics: `getExtendedStatistics()` and `dumpStatisticsExt()` in pg_dump.c.

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::statistics::Statistics;
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// They are wanted with their schema, and if their table is.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        let table = model.table_at(row.oid()?);
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
            target: row.optional_small()?.filter(|&target| target >= 0),
            definition: row.optional(),
        });
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
    let name = ident_as_needed(&model.object(statistics.node).name);
    out.comment(&out.about(statistics.node, "STATISTICS", &name, &statistics.owner));
    Ok(())
}

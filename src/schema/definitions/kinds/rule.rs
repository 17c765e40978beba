//! Rewrite rules, and the rule that makes a view where a stand-in had to come first: `getRules()` and
//! `dumpRule()` in pg_dump.c.

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{Firing, RelKind, RuleEvent};
use super::super::model::{Draft, Model, missing};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::rule::Rule;
use super::super::text::{push, sql};
use super::table::view;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// A view needs its rule, any other rule needs its table.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name, table_oid) = (row.catalog()?, row.text()?, row.oid()?);
        let event: RuleEvent = row.letter()?;
        let is_select = event == RuleEvent::Select && row.flag()?;
        if event != RuleEvent::Select {
            row.flag()?;
        }
        let Some(at) = model.table_at(table_oid) else {
            return Err(missing("table", table_oid, &name));
        };
        let table = &model.tables[at];
        let is_of_view = matches!(table.kind, RelKind::View | RelKind::MaterializedView);
        let (table_node, of_table) = (table.node, model.object(table.node));
        let (namespace, wanted) = (of_table.namespace, of_table.wanted);
        let node = model.add(Draft {
            class: Class::Rule,
            catalog,
            name,
            namespace,
            at: model.rules.len(),
        });
        model.object_mut(node).wanted = wanted;
        let is_view = is_select && is_of_view;
        if is_view {
            model.need(table_node, node);
        } else {
            model.need(node, table_node);
        }
        model.rules.push(Rule {
            node,
            table: at,
            is_view,
            firing: row.letter()?,
            definition: row.optional(),
            is_separate: !is_view,
        });
    }
    Ok(())
}

/// The statement of a separate one.
pub(crate) fn render(rule: &Rule, out: &mut Output<'_>) -> Result<(), Error> {
    if !rule.is_separate {
        return Ok(());
    }
    let model = out.model;
    let table = &model.tables[rule.table];
    let qualified = model.qualified(table.node);
    let name = ident_as_needed(&model.object(rule.node).name);
    if out.writes(rule.node, Parts::DEFINITION) {
        let replace = || sql!("CREATE OR REPLACE VIEW ", qualified);
        let (mut defn, drop) = if rule.is_view {
            let stand_in = view::stand_in(table, model);
            (
                sql!(replace(), view::definition(table, model)?),
                sql!(replace(), " AS\n", stand_in, ";\n"),
            )
        } else {
            let Some(definition) = &rule.definition else {
                return Err(Error::Gone {
                    object: sql!("rule ", name, " on ", qualified),
                });
            };
            (
                sql!(definition, "\n"),
                sql!("DROP RULE ", name, " ON ", qualified, ";\n"),
            )
        };
        let firing = match rule.firing {
            Firing::Origin => "",
            Firing::Always => "ENABLE ALWAYS",
            Firing::Replica => "ENABLE REPLICA",
            Firing::Disabled => "DISABLE",
        };
        if !firing.is_empty() {
            push!(
                defn,
                "ALTER TABLE ",
                qualified,
                " ",
                firing,
                " RULE ",
                name,
                ";\n"
            );
        }
        let tag = sql!(
            model.object(table.node).name,
            " ",
            model.object(rule.node).name
        );
        let owner = Some(&table.owner[..]);
        if let Some(entry) = out.define(rule.node, ObjectKind::Rule, owner, (defn, Some(drop))) {
            entry.tag = tag;
        }
    }
    let what = sql!("RULE ", name, " ON");
    let table_name = ident_as_needed(&model.object(table.node).name);
    out.comment(&out.about(rule.node, &what, &table_name, &table.owner));
    Ok(())
}

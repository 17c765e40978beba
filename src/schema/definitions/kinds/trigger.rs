//! Triggers of tables: `getTriggers()` and `dumpTrigger()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::Firing;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::trigger::Trigger;
use super::super::text::{push, sql};
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// The triggers of the tables that are dumped.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, table_oid, name) = (row.catalog()?, row.oid()?, row.text()?);
        let Some(at) = model.table_at(table_oid) else {
            continue;
        };
        let table = &model.tables[at];
        let object = model.object(table.node);
        if !table.has_triggers || !object.wanted.has(Parts::DEFINITION) {
            continue;
        }
        let namespace = object.namespace;
        let definition = row.written(&name)?;
        let node = model.add(Draft {
            class: Class::Trigger,
            catalog,
            name,
            namespace,
            at: model.triggers.len(),
        });
        model.triggers.push(Trigger {
            node,
            table: at,
            definition,
            firing: row.letter()?,
            is_of_parent: row.flag()?,
        });
    }
    Ok(())
}

/// The statement that the server writes, and whether the trigger is enabled.
pub(crate) fn render(trigger: &Trigger, out: &mut Output<'_>) {
    let model = out.model;
    let table = &model.tables[trigger.table];
    let qualified = model.qualified(table.node);
    let name = ident_as_needed(&model.object(trigger.node).name);
    let identity = sql!(name, " ON ", qualified);
    let mut defn = BString::default();
    let mut drop = BString::default();
    if !trigger.is_of_parent {
        push!(defn, trigger.definition, ";\n");
        push!(drop, "DROP TRIGGER ", identity, ";\n");
        push!(
            defn,
            model.depends_on_extensions(trigger.node, "TRIGGER", &identity)
        );
    }
    let firing = match trigger.firing {
        Firing::Origin if !trigger.is_of_parent => "",
        Firing::Origin => "ENABLE",
        Firing::Disabled => "DISABLE",
        Firing::Replica => "ENABLE REPLICA",
        Firing::Always => "ENABLE ALWAYS",
    };
    if !firing.is_empty() {
        let foreign = table.foreign_word();
        push!(
            defn,
            "\nALTER ",
            foreign,
            "TABLE ",
            qualified,
            " ",
            firing,
            " TRIGGER ",
            name,
            ";\n"
        );
    }
    let table_name = &model.object(table.node).name;
    let tag = sql!(table_name, " ", model.object(trigger.node).name);
    let owner = Some(&table.owner[..]);
    if let Some(entry) = out.define(trigger.node, ObjectKind::Trigger, owner, (defn, Some(drop))) {
        entry.tag = tag;
    }
    let what = sql!("TRIGGER ", name, " ON");
    let table_name = ident_as_needed(table_name);
    out.comment(&out.about(trigger.node, &what, &table_name, &table.owner));
}

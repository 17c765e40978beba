//! Defaults and generation expressions of columns, in CREATE TABLE or on their own: `dumpAttrDef()` in
//! pg_dump.c.

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::Class;
use super::super::output::Output;
use super::super::rows::default::Default;
use super::super::text::sql;
use super::table::default_is_separate;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// `getTableAttrs()` in pg_dump.c.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, oid, number) = (row.catalog()?, row.oid()?, row.small()?);
        let Some(at) = model.table_at(oid) else {
            continue;
        };
        let table = &model.tables[at];
        let (table_node, object) = (table.node, model.object(table.node));
        let Some(column) = table.column(number) else {
            return Err(Error::Corrupt {
                object: model.qualified(table.node),
                what: format!("a default of column {number}, which it does not have"),
            });
        };
        if column.is_dropped {
            continue;
        }
        let is_separate = default_is_separate(table, column);
        let expression = row.written(&model.qualified(table.node))?;
        let wanted = object.wanted;
        let node = model.add(Draft {
            class: Class::Default,
            catalog,
            name: object.name.clone(),
            namespace: object.namespace,
            at: model.defaults.len(),
        });
        model.object_mut(node).wanted = wanted;
        if !is_separate {
            model.need(table_node, node);
        }
        let column = usize::try_from(number - 1).unwrap_or(0);
        model.tables[at].columns[column].default = Some(model.defaults.len());
        model.defaults.push(Default {
            node,
            table: at,
            column,
            expression,
            is_separate,
        });
    }
    Ok(())
}

/// The statement of a separate one.
pub(crate) fn render(default: &Default, out: &mut Output<'_>) {
    if !default.is_separate {
        return;
    }
    let model = out.model;
    let table = &model.tables[default.table];
    let column = &table.columns[default.column].name;
    let (foreign, name) = (table.foreign_word(), model.qualified(table.node));
    let quoted = ident_as_needed(column);
    let alter = |only: &str| {
        sql!(
            "ALTER ",
            foreign,
            "TABLE ",
            only,
            name,
            " ALTER COLUMN ",
            quoted
        )
    };
    let defn = sql!(alter("ONLY "), " SET DEFAULT ", default.expression, ";\n");
    let drop = sql!(alter(""), " DROP DEFAULT;\n");
    let tag = sql!(model.object(default.node).name, " ", column);
    let owner = Some(&table.owner[..]);
    if let Some(entry) = out.define(default.node, ObjectKind::Default, owner, (defn, Some(drop))) {
        entry.tag = tag;
    }
}

//! CREATE TABLE, CREATE FOREIGN TABLE and CREATE MATERIALIZED VIEW: the first half of `dumpTableSchema()` in
//! pg_dump.c.

use bstr::BString;

use super::super::super::error::Error;
use super::super::super::letters::{Generated, Persistence, RelKind};
use super::super::super::model::Model;
use super::super::super::rows::table::{Column, NotNull, Table};
use super::super::super::text::{push, sql};
use super::options::options;
use crate::toc::quote::ident_as_needed;

/// The statement, and what stands in its parentheses line by line.
pub(super) fn statement(table: &Table, name: &[u8], model: &Model) -> Result<BString, Error> {
    let unlogged = match (table.persistence, table.kind) {
        (Persistence::Unlogged, kind) if kind != RelKind::PartitionedTable => "UNLOGGED ",
        _ => "",
    };
    let mut sql = sql!("CREATE ", unlogged, table.kind_word().0, " ", name);
    let is_typed = table.of_type_oid != 0;
    if is_typed {
        push!(sql, " OF ", model.type_sql(table.of_type_oid, name)?);
    }
    if table.kind != RelKind::MaterializedView {
        let lines = lines(table, model);
        if !lines.is_empty() {
            push!(sql, " (\n    ", bstr::join(",\n    ", lines), "\n)");
        } else if !is_typed {
            push!(sql, " (\n)");
        }
        push!(sql, belonging(table, name, model)?);
    }
    push!(sql, with(table));
    if let Some((_, options)) = table.foreign.as_ref().filter(|(_, text)| !text.is_empty()) {
        push!(sql, "\nOPTIONS (\n    ", options, "\n)");
    }
    if table.kind == RelKind::MaterializedView {
        let Some(query) = &table.query else {
            return Err(Error::Gone {
                object: name.into(),
            });
        };
        push!(sql, " AS\n", query, "\n  WITH NO DATA;\n");
        push!(
            sql,
            model.depends_on_extensions(table.node, "MATERIALIZED VIEW", name)
        );
    } else {
        push!(sql, ";\n");
    }
    Ok(sql)
}

fn lines(table: &Table, model: &Model) -> Vec<BString> {
    let mut lines = vec![];
    for column in &table.columns {
        lines.extend(column_line(table, column, model));
    }
    for &check in &table.checks {
        let check = &model.constraints[check];
        if !check.is_separate && (check.is_local || table.is_partition) {
            let name = ident_as_needed(&model.object(check.node).name);
            lines.push(sql!("CONSTRAINT ", name, " ", check.definition));
        }
    }
    lines
}

fn column_line(table: &Table, column: &Column, model: &Model) -> Option<BString> {
    let name = ident_as_needed(&column.name);
    if !table.prints(column) {
        let own = column.not_null.as_ref().filter(|own| own.is_local);
        return own
            .filter(|_| !column.is_dropped)
            .map(|own| inherited_not_null(own, &name));
    }
    let default = column
        .default
        .map(|at| &model.defaults[at])
        .filter(|own| !own.is_separate && !model.object(own.node).wanted.is_none());
    let not_null = column.not_null.as_ref();
    let not_null = not_null.filter(|own| own.is_local || table.is_partition);
    let is_typed = table.of_type_oid != 0;
    if is_typed && default.is_none() && not_null.is_none() {
        return None;
    }
    let mut line = name;
    if !is_typed {
        push!(line, " ", column.type_sql);
    }
    if let Some(default) = default {
        let text = &default.expression;
        match column.generated {
            Generated::No => push!(line, " DEFAULT ", text),
            Generated::Stored => push!(line, " GENERATED ALWAYS AS (", text, ") STORED"),
            Generated::Virtual => push!(line, " GENERATED ALWAYS AS (", text, ")"),
        }
    }
    if let Some(own) = not_null {
        if !own.name.is_empty() {
            push!(line, " CONSTRAINT ", ident_as_needed(&own.name));
        }
        push!(line, " NOT NULL", no_inherit(own));
    }
    push!(line, model.collate(column.collation));
    Some(line)
}

/// A constraint of its own on a column that comes from a parent. pg_dump 18 does not quote its name.
fn inherited_not_null(own: &NotNull, column: &[u8]) -> BString {
    let mut line = BString::default();
    if !own.name.is_empty() {
        push!(line, "CONSTRAINT ", ident_as_needed(&own.name), " ");
    }
    push!(line, "NOT NULL ", column, no_inherit(own));
    line
}

fn no_inherit(own: &NotNull) -> &'static str {
    if own.is_not_inherited {
        " NO INHERIT"
    } else {
        ""
    }
}

/// Parents, partitioning, server.
fn belonging(table: &Table, name: &[u8], model: &Model) -> Result<BString, Error> {
    let mut sql = BString::default();
    let gone = || Error::Gone {
        object: name.into(),
    };
    if !table.parents.is_empty() && !table.is_partition {
        let parents = table.parents.iter();
        let parents = parents.map(|&parent| model.qualified(model.tables[parent].node));
        push!(sql, "\nINHERITS (", bstr::join(", ", parents), ")");
    }
    if table.kind == RelKind::PartitionedTable {
        let key = table.partition_key.as_ref().ok_or_else(gone)?;
        push!(sql, "\nPARTITION BY ", key);
    }
    if table.kind == RelKind::ForeignTable {
        let (server, _) = table.foreign.as_ref().ok_or_else(gone)?;
        push!(sql, "\nSERVER ", ident_as_needed(server));
    }
    Ok(sql)
}

fn with(table: &Table) -> BString {
    let lists = [
        options(&table.options, ""),
        options(&table.toast_options, "toast."),
    ];
    let lists: Vec<BString> = lists.into_iter().filter(|list| !list.is_empty()).collect();
    if lists.is_empty() {
        return BString::default();
    }
    sql!("\nWITH (", bstr::join(", ", lists), ")")
}

/// Whether a default stands in CREATE TABLE rather than on its own.
pub(crate) fn default_is_separate(table: &Table, column: &Column) -> bool {
    column.generated == Generated::No && (table.kind == RelKind::View || !table.prints(column))
}

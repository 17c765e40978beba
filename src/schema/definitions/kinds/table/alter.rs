//! The properties of a table that follow its CREATE: the second half of `dumpTableSchema()` in pg_dump.c.

use bstr::BString;

use super::super::super::letters::{Compression, RelKind, ReplicaIdentity, Storage};
use super::super::super::rows::table::{Column, Table};
use super::super::super::text::{push, sql};
use crate::toc::quote::ident_as_needed;

/// Appends them.
pub(super) fn append(table: &Table, name: &[u8], sql: &mut BString) {
    for column in table.columns.iter().filter(|column| !column.is_dropped) {
        append_column(table, column, name, sql);
    }
    let has_identity = matches!(
        table.kind,
        RelKind::Table | RelKind::PartitionedTable | RelKind::MaterializedView
    );
    let identity = match table.replica_identity {
        ReplicaIdentity::Nothing => "NOTHING",
        ReplicaIdentity::Full => "FULL",
        // The index says it.
        ReplicaIdentity::Default | ReplicaIdentity::Index => "",
    };
    if has_identity && !identity.is_empty() {
        push!(
            sql,
            "\nALTER TABLE ONLY ",
            name,
            " REPLICA IDENTITY ",
            identity,
            ";\n"
        );
    }
    if table.forces_row_security {
        push!(
            sql,
            "\nALTER TABLE ONLY ",
            name,
            " FORCE ROW LEVEL SECURITY;\n"
        );
    }
}

fn append_column(table: &Table, column: &Column, name: &[u8], sql: &mut BString) {
    let foreign = table.foreign_word();
    let column_name = ident_as_needed(&column.name);
    let alter = sql!(
        "ALTER ",
        foreign,
        "TABLE ONLY ",
        name,
        " ALTER COLUMN ",
        column_name
    );
    if let Some(target) = column.statistics_target {
        push!(sql, alter, " SET STATISTICS ", target.to_string(), ";\n");
    }
    if Some(column.storage) != column.type_storage {
        let word = match column.storage {
            Storage::Plain => "PLAIN",
            Storage::External => "EXTERNAL",
            Storage::Extended => "EXTENDED",
            Storage::Main => "MAIN",
        };
        push!(sql, alter, " SET STORAGE ", word, ";\n");
    }
    match column.compression {
        Compression::Default => {}
        Compression::Pglz => push!(sql, alter, " SET COMPRESSION pglz;\n"),
        Compression::Lz4 => push!(sql, alter, " SET COMPRESSION lz4;\n"),
    }
    if !column.options.is_empty() {
        push!(sql, alter, " SET (", column.options, ");\n");
    }
    if table.kind == RelKind::ForeignTable && !column.foreign_options.is_empty() {
        push!(
            sql,
            alter,
            " OPTIONS (\n    ",
            column.foreign_options,
            "\n);\n"
        );
    }
}

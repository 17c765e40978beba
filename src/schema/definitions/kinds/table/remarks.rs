//! Comments, security labels and rights of a relation and of its columns: `dumpTableComment()`,
//! `dumpTableSecLabel()` and `dumpTable()` in pg_dump.c.

use bstr::BString;

use super::super::super::acl::On;
use super::super::super::letters::RelKind;
use super::super::super::object::Parts;
use super::super::super::output::{About, Output};
use super::super::super::rows::table::Table;
use super::super::super::text::{push, sql};
use super::super::constraint;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, literal_plain};

/// Comments and labels, then the comments on constraints that stand in the table's own statement.
pub(super) fn append(table: &Table, word: &str, out: &mut Output<'_>) {
    let model = out.model;
    let name = ident_as_needed(&model.object(table.node).name);
    let about = out.about(table.node, word, &name, &table.owner);
    if about.written.has(Parts::COMMENT) {
        comments(table, &about, out);
    }
    if about.written.has(Parts::LABEL) {
        labels(table, &about, out);
    }
    for column in &table.columns {
        let Some(own) = &column.not_null else {
            continue;
        };
        if let Some(text) = &own.comment {
            constraint::remark(table, &own.name, text, &about, out);
        }
    }
    for &check in &table.checks {
        let check = &model.constraints[check];
        if !check.is_separate && check.is_local {
            constraint::comment(check, out);
        }
    }
}

fn comments(table: &Table, about: &About<'_>, out: &mut Output<'_>) {
    let model = out.model;
    let key = (about.catalog.table_oid, about.catalog.oid);
    for (column, text) in model.comments.get(&key).into_iter().flatten() {
        if *column == 0 {
            out.remark(about, text);
            continue;
        }
        let Some(column) = table.column(*column) else {
            continue;
        };
        let name = sql!(about.name, ".", ident_as_needed(&column.name));
        let of_column = About {
            what: b"COLUMN",
            name: &name,
            ..*about
        };
        out.remark(&of_column, text);
    }
}

/// All labels of a table and its columns are one entry.
fn labels(table: &Table, about: &About<'_>, out: &mut Output<'_>) {
    let model = out.model;
    let key = (about.catalog.table_oid, about.catalog.oid);
    let qualified = model.qualified(table.node);
    let mut defn = BString::default();
    for label in model.labels.get(&key).into_iter().flatten() {
        let target = match table.column_name(label.column) {
            Some(column) => sql!("COLUMN ", qualified, ".", ident_as_needed(column)),
            None => sql!(about.what, " ", qualified),
        };
        let provider = ident_as_needed(&label.provider);
        let text = literal_plain(&label.text);
        push!(
            defn,
            "SECURITY LABEL FOR ",
            provider,
            " ON ",
            target,
            " IS ",
            text,
            ";\n"
        );
    }
    if !defn.is_empty() {
        let tag = sql!(about.what, " ", about.name);
        out.follow(about, ObjectKind::SecurityLabel, (tag, defn));
    }
}

/// The rights on the relation, then those on its columns.
pub(super) fn rights(table: &Table, out: &mut Output<'_>) {
    let model = out.model;
    let object = model.object(table.node);
    let name = ident_as_needed(&object.name);
    let word = match table.kind {
        RelKind::Sequence => "SEQUENCE",
        _ => "TABLE",
    };
    let about = out.about(table.node, word, &name, &table.owner);
    if !about.written.has(Parts::RIGHTS) {
        return;
    }
    let own = out.rights(&about, word, &name, &table.rights);
    let columns = model.column_rights.get(&object.catalog.oid);
    for column in columns.into_iter().flatten() {
        let column_name = ident_as_needed(&column.column);
        let on = On {
            what: "TABLE",
            name: &name,
            column: Some(&column_name),
            schema: about.schema,
            owner: &table.owner,
            prefix: b"",
        };
        out.grants(&about, &on, &column.rights, own);
    }
}

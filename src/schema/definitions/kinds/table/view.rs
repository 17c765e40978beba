//! Views, and the stand-in for a view that needs something which needs the view: `createViewAsClause()` and
//! `createDummyViewAsClause()` in pg_dump.c.

use bstr::BString;

use super::super::super::error::Error;
use super::super::super::model::Model;
use super::super::super::output::Output;
use super::super::super::rows::table::Table;
use super::super::super::text::{push, sql};
use super::options::options;
use super::remarks;
use crate::toc::quote::ident_as_needed;

/// The view's entry and what follows it.
pub(super) fn render(view: &Table, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let name = model.qualified(view.node);
    let (word, kind) = view.kind_word();
    let defn = if view.is_stand_in {
        sql!("CREATE VIEW ", name, " AS\n", stand_in(view, model), ";\n")
    } else {
        sql!("CREATE VIEW ", name, definition(view, model)?)
    };
    let drop = sql!("DROP VIEW ", name, ";\n");
    if let Some(entry) = out.define(view.node, kind, Some(&view.owner), (defn, Some(drop))) {
        entry.relkind = b'v';
    }
    remarks::append(view, word, out);
    Ok(())
}

/// What follows a view's name.
pub(crate) fn definition(view: &Table, model: &Model) -> Result<BString, Error> {
    let Some(query) = &view.query else {
        return Err(Error::Gone {
            object: model.qualified(view.node),
        });
    };
    let mut sql = BString::default();
    let options = options(&view.options, "");
    if !options.is_empty() {
        push!(sql, " WITH (", options, ")");
    }
    push!(sql, " AS\n", query);
    if let Some(check) = &view.check_option {
        push!(sql, "\n  WITH ", check, " CHECK OPTION");
    }
    push!(sql, ";\n");
    Ok(sql)
}

/// A query with the view's columns and nothing else.
pub(crate) fn stand_in(view: &Table, model: &Model) -> BString {
    let columns = view.columns.iter().map(|column| {
        let collate = model.collate(column.collation);
        let name = ident_as_needed(&column.name);
        sql!("\n    NULL::", column.type_sql, collate, " AS ", name)
    });
    sql!("SELECT", bstr::join(",", columns))
}

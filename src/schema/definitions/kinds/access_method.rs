//! Access methods: `getAccessMethods()` and `dumpAccessMethod()` in pg_dump.c.

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::AccessMethodKind;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::access_method::AccessMethod;
use super::super::text::sql;
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every access method.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let node = model.add(Draft {
            class: Class::AccessMethod,
            catalog,
            name,
            namespace: None,
            at: model.access_methods.len(),
        });
        wanted::of_users_object(model, node, Parts::NONE);
        model.access_methods.push(AccessMethod {
            node,
            kind: row.letter()?,
            handler: row.text()?,
        });
    }
    Ok(())
}

/// It has no owner.
pub(crate) fn render(method: &AccessMethod, out: &mut Output<'_>) {
    let name = ident_as_needed(&out.model.object(method.node).name);
    let kind = match method.kind {
        AccessMethodKind::Index => "INDEX",
        AccessMethodKind::Table => "TABLE",
    };
    let handler = &method.handler;
    let defn = sql!(
        "CREATE ACCESS METHOD ",
        name,
        " TYPE ",
        kind,
        " HANDLER ",
        handler,
        ";\n"
    );
    let drop = sql!("DROP ACCESS METHOD ", name, ";\n");
    out.define(
        method.node,
        ObjectKind::AccessMethod,
        None,
        (defn, Some(drop)),
    );
    out.comment(&out.about(method.node, "ACCESS METHOD", &name, b""));
}

//! Extensions. Their members come with them ([`super::super::wanted::of_member`]).

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::Class;
use super::super::output::Output;
use super::super::rows::extension::Extension;
use super::super::text::sql;
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// `getExtensions()` in pg_dump.c.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let wanted = wanted::of_extension(model, catalog.oid);
        let node = model.add(Draft {
            class: Class::Extension,
            catalog,
            name,
            namespace: None,
            at: model.extensions.len(),
        });
        model.object_mut(node).wanted = wanted;
        model.extensions.push(Extension {
            node,
            contains: wanted,
            schema: row.text()?,
            config_oids: row.numbers(),
        });
    }
    Ok(())
}

/// `getExtensionMembership()` in pg_dump.c.
pub(crate) fn read_members(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let key = (row.oid()?, row.oid()?);
        model.members.insert(key, row.oid()?);
    }
    Ok(())
}

/// `dumpExtension()` in pg_dump.c: without a version, and without an owner.
pub(crate) fn render(extension: &Extension, out: &mut Output<'_>) {
    let name = ident_as_needed(&out.model.object(extension.node).name);
    let schema = ident_as_needed(&extension.schema);
    let defn = sql!(
        "CREATE EXTENSION IF NOT EXISTS ",
        name,
        " WITH SCHEMA ",
        schema,
        ";\n"
    );
    let drop = sql!("DROP EXTENSION ", name, ";\n");
    out.define(
        extension.node,
        ObjectKind::Extension,
        None,
        (defn, Some(drop)),
    );
    let about = out.about(extension.node, "EXTENSION", &name, b"");
    out.comment(&about);
    out.labels(&about);
}

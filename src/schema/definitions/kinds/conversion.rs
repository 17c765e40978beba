//! Conversions: `getConversions()` and `dumpConversion()` in pg_dump.c.

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::Class;
use super::super::output::Output;
use super::super::rows::conversion::Conversion;
use super::super::text::sql;
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, literal_plain};

/// Every conversion.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Conversion,
            catalog,
            name,
            namespace: Some(namespace),
            at: model.conversions.len(),
        });
        wanted::of_object(model, node);
        model.conversions.push(Conversion {
            node,
            owner,
            from: row.text()?,
            to: row.text()?,
            function: row.text()?,
            is_default: row.flag()?,
        });
    }
    Ok(())
}

/// The statement.
pub(crate) fn render(conversion: &Conversion, out: &mut Output<'_>) {
    let model = out.model;
    let qualified = model.qualified(conversion.node);
    let defn = sql!(
        if conversion.is_default {
            "CREATE DEFAULT CONVERSION "
        } else {
            "CREATE CONVERSION "
        },
        qualified,
        " FOR ",
        literal_plain(&conversion.from),
        " TO ",
        literal_plain(&conversion.to),
        " FROM ",
        conversion.function,
        ";\n"
    );
    let drop = sql!("DROP CONVERSION ", qualified, ";\n");
    let owner = Some(&conversion.owner[..]);
    out.define(
        conversion.node,
        ObjectKind::Conversion,
        owner,
        (defn, Some(drop)),
    );
    let name = ident_as_needed(&model.object(conversion.node).name);
    out.comment(&out.about(conversion.node, "CONVERSION", &name, &conversion.owner));
}

//! Transforms: `getTransforms()` and `dumpTransform()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::Class;
use super::super::output::Output;
use super::super::rows::transform::Transform;
use super::super::text::{push, sql};
use super::super::wanted;
use super::cast;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every transform. It is sorted by the bare name of its type, and its language.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, type_oid, language) = (row.catalog()?, row.oid()?, row.text()?);
        let of = model.type_of(type_oid);
        let name = of.map_or_else(BString::default, |of| {
            let of = &model.object(of.node).name;
            sql!(of, " ", ident_as_needed(&language))
        });
        let node = model.add(Draft {
            class: Class::Transform,
            catalog,
            name,
            namespace: None,
            at: model.transforms.len(),
        });
        wanted::of_object(model, node);
        model.transforms.push(Transform {
            node,
            type_oid,
            language,
            from_sql: row.oid()?,
            to_sql: row.oid()?,
        });
    }
    Ok(())
}

/// It has no owner, and its entry names everything that it needs, with or without an entry.
pub(crate) fn render(transform: &Transform, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let object = model.object(transform.node);
    let of = model.type_sql(transform.type_oid, &object.name)?;
    let target = sql!(
        "FOR ",
        of,
        " LANGUAGE ",
        ident_as_needed(&transform.language)
    );
    let mut parts = vec![];
    for (word, oid) in [
        ("FROM SQL WITH FUNCTION ", transform.from_sql),
        ("TO SQL WITH FUNCTION ", transform.to_sql),
    ] {
        if oid != 0 {
            parts.push(sql!(word, cast::used(oid, &object.name, model)?));
        }
    }
    let mut defn = sql!("CREATE TRANSFORM ", target, " (");
    push!(defn, bstr::join(", ", parts), ");\n");
    let drop = sql!("DROP TRANSFORM ", target, ";\n");
    let kind = ObjectKind::Transform;
    if let Some(entry) = out.define(transform.node, kind, None, (defn, Some(drop))) {
        entry.tag = sql!("TRANSFORM ", target);
        entry.dependencies = object.needs.iter().map(|node| node.dump_id()).collect();
    }
    out.comment(&out.about(transform.node, "TRANSFORM", &target, b""));
    Ok(())
}

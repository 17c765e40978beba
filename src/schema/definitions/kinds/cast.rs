//! Casts: `getCasts()` and `dumpCast()` in pg_dump.c.

use bstr::BString;

use super::super::catalogs::PG_PROC;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{CastContext, CastMethod};
use super::super::model::{Draft, Model, missing};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::cast::Cast;
use super::super::text::{push, sql};
use super::super::wanted;
use super::function;
use crate::toc::ObjectKind;

/// Every cast. It is sorted by the bare names of its types.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let catalog = row.catalog()?;
        let (source, target) = (row.oid()?, row.oid()?);
        let bare = |oid| Some(&model.object(model.type_of(oid)?.node).name);
        let name = bare(source).zip(bare(target));
        let name = name.map_or_else(BString::default, |(a, b)| sql!(a, " ", b));
        let node = model.add(Draft {
            class: Class::Cast,
            catalog,
            name,
            namespace: None,
            at: model.casts.len(),
        });
        wanted::of_users_object(model, node, Parts::NONE);
        model.casts.push(Cast {
            node,
            source,
            target,
            function: row.oid()?,
            context: row.letter()?,
            method: row.letter()?,
        });
    }
    Ok(())
}

/// It has no owner.
pub(crate) fn render(cast: &Cast, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let name = &model.object(cast.node).name;
    let types = sql!(
        "(",
        model.type_sql(cast.source, name)?,
        " AS ",
        model.type_sql(cast.target, name)?,
        ")"
    );
    let mut defn = sql!("CREATE CAST ", types, " ");
    match cast.method {
        CastMethod::Binary => push!(defn, "WITHOUT FUNCTION"),
        CastMethod::InOut => push!(defn, "WITH INOUT"),
        CastMethod::Function => push!(defn, "WITH FUNCTION ", used(cast.function, name, model)?),
    }
    match cast.context {
        CastContext::Explicit => {}
        CastContext::Assignment => push!(defn, " AS ASSIGNMENT"),
        CastContext::Implicit => push!(defn, " AS IMPLICIT"),
    }
    push!(defn, ";\n");
    let drop = sql!("DROP CAST ", types, ";\n");
    if let Some(entry) = out.define(cast.node, ObjectKind::Cast, None, (defn, Some(drop))) {
        entry.tag = sql!("CAST ", types);
    }
    out.comment(&out.about(cast.node, "CAST", &types, b""));
    Ok(())
}

/// The function of this OID as SQL.
pub(crate) fn used(oid: u32, of: &[u8], model: &Model) -> Result<BString, Error> {
    let node = model.find(PG_PROC, oid);
    let node = node.filter(|&node| model.object(node).class == Class::Function);
    let node = node.ok_or_else(|| missing("function", oid, of))?;
    function::reference(&model.functions[model.object(node).at], model)
}

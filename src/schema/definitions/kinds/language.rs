//! Procedural languages: `getProcLangs()` and `dumpProcLang()` in pg_dump.c.

use bstr::BString;

use super::super::catalogs::PG_PROC;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::language::Language;
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every language whose functions a handler runs.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let node = model.add(Draft {
            class: Class::Language,
            catalog,
            name: name.clone(),
            namespace: None,
            at: model.languages.len(),
        });
        wanted::of_users_object(model, node, Parts::RIGHTS);
        let language = Language {
            node,
            is_trusted: row.flag()?,
            handler: row.oid()?,
            inline: row.oid()?,
            validator: row.oid()?,
            owner: model.role(row.oid()?, &name)?,
            rights: row.rights()?,
        };
        if language.rights.current.is_some() {
            model.object_mut(node).has |= Parts::RIGHTS;
        }
        model.languages.push(language);
    }
    Ok(())
}

/// With its functions, if all of them are dumped; else they are the server's.
pub(crate) fn render(language: &Language, out: &mut Output<'_>) {
    let model = out.model;
    let name = ident_as_needed(&model.object(language.node).name);
    let dumped = |oid: u32| {
        let node = model.find(PG_PROC, oid)?;
        (!model.object(node).wanted.is_none()).then(|| model.qualified(node))
    };
    let optional = |oid: u32| match oid {
        0 => Some(None),
        oid => dumped(oid).map(Some),
    };
    let functions = dumped(language.handler)
        .zip(optional(language.inline))
        .zip(optional(language.validator));
    let mut defn = BString::default();
    match functions {
        Some(((handler, inline), validator)) => {
            let trusted = if language.is_trusted { "TRUSTED " } else { "" };
            push!(
                defn,
                "CREATE ",
                trusted,
                "PROCEDURAL LANGUAGE ",
                name,
                " HANDLER ",
                handler
            );
            for (word, function) in [(" INLINE ", inline), (" VALIDATOR ", validator)] {
                if let Some(function) = function {
                    push!(defn, word, function);
                }
            }
        }
        None => push!(defn, "CREATE OR REPLACE PROCEDURAL LANGUAGE ", name),
    }
    push!(defn, ";\n");
    let drop = sql!("DROP PROCEDURAL LANGUAGE ", name, ";\n");
    let owner = Some(&language.owner[..]);
    out.define(
        language.node,
        ObjectKind::ProceduralLanguage,
        owner,
        (defn, Some(drop)),
    );
    let about = out.about(language.node, "LANGUAGE", &name, &language.owner);
    out.comment(&about);
    out.labels(&about);
    if language.is_trusted {
        out.rights(&about, "LANGUAGE", &name, &language.rights);
    }
}

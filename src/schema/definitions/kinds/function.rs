//! Functions and procedures: `getFuncs()` and `dumpFunc()` in pg_dump.c.

use bstr::{BString, ByteSlice};

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{Parallel, ProcedureKind, Volatility};
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::function::Function;
use super::super::text::{push, sql};
use super::super::wanted;
use crate::schema::setting::{assignment_in_function, left_out};
use crate::toc::quote::{dollar, ident_as_needed, literal_plain};
use crate::toc::{ObjectKind, Section};

/// The functions that may be wanted.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Function,
            catalog,
            name: name.clone(),
            namespace: Some(namespace),
            at: model.functions.len(),
        });
        let function = Function {
            node,
            owner: model.role(row.oid()?, &name)?,
            rights: row.rights()?,
            argument_types: row.numbers(),
            result_type: row.oid()?,
            is_set: row.flag()?,
            source: row.optional().unwrap_or_default(),
            library: row.optional().filter(|library| !library.is_empty()),
            volatility: row.letter()?,
            is_strict: row.flag()?,
            is_security_definer: row.flag()?,
            language: row.text()?,
            settings: row.texts(),
            cost: row.text()?,
            rows: row.text()?,
            arguments: row.optional(),
            identity: row.optional(),
            result: row.optional(),
            is_leakproof: row.flag()?,
            transform_types: row.numbers(),
            parallel: row.letter()?,
            kind: row.letter()?,
            support: row.text()?,
            body: row.optional(),
            is_postponed: false,
        };
        wanted::of_object(model, node);
        if model.object(node).wanted.has(Parts::DEFINITION) {
            let settings = function.settings.iter();
            let lost = settings.filter(|setting| assignment_in_function(setting).is_none());
            let said = lost.map(|setting| left_out(setting, name.as_bstr()));
            model.notices.extend(said);
        }
        if function.rights.current.is_some() {
            model.object_mut(node).has |= Parts::RIGHTS;
        }
        model.functions.push(function);
    }
    Ok(())
}

/// A name with the types of its arguments, as tags and casts have it.
pub(crate) fn signature(name: &[u8], types: &[u32], model: &Model) -> Result<BString, Error> {
    let types = types.iter().map(|&oid| model.type_sql(oid, name));
    let types: Vec<BString> = types.collect::<Result<_, _>>()?;
    Ok(sql!(name, "(", bstr::join(", ", types), ")"))
}

/// A function's name as SQL with schema and the types of its arguments.
pub(crate) fn reference(function: &Function, model: &Model) -> Result<BString, Error> {
    signature(
        &model.qualified(function.node),
        &function.argument_types,
        model,
    )
}

/// The statement, clause by clause in pg_dump's order.
pub(crate) fn render(function: &Function, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let object = model.object(function.node);
    let (word, kind) = match function.kind {
        ProcedureKind::Procedure => ("PROCEDURE", ObjectKind::Procedure),
        ProcedureKind::Function | ProcedureKind::Window => ("FUNCTION", ObjectKind::Function),
    };
    let gone = || Error::Gone {
        object: model.qualified(function.node),
    };
    let identity = function.identity.as_ref().ok_or_else(gone)?;
    let own = sql!(ident_as_needed(&object.name), "(", identity, ")");
    let name = sql!(model.qualified(function.node), "(", identity, ")");
    if out.writes(function.node, Parts::DEFINITION) {
        let arguments = function.arguments.as_ref().ok_or_else(gone)?;
        let mut defn = sql!("CREATE ", word, " ", model.qualified(function.node));
        push!(defn, "(", arguments, ")");
        clauses(function, model, &mut defn)?;
        push!(defn, "\n    ", body(function), ";\n");
        push!(
            defn,
            model.depends_on_extensions(function.node, word, &name)
        );
        let drop = sql!("DROP ", word, " ", name, ";\n");
        let tag = signature(&object.name, &function.argument_types, model)?;
        let owner = Some(&function.owner[..]);
        if let Some(entry) = out.define(function.node, kind, owner, (defn, Some(drop))) {
            entry.tag = tag;
            if function.is_postponed {
                entry.section = Section::PostData;
            }
        }
    }
    let about = out.about(function.node, word, &own, &function.owner);
    out.comment(&about);
    out.labels(&about);
    out.rights(&about, word, &own, &function.rights);
    Ok(())
}

fn clauses(function: &Function, model: &Model, sql: &mut BString) -> Result<(), Error> {
    if function.kind != ProcedureKind::Procedure {
        match &function.result {
            Some(result) => push!(sql, " RETURNS ", result),
            None => {
                let set = if function.is_set { "SETOF " } else { "" };
                let name = &model.object(function.node).name;
                push!(
                    sql,
                    " RETURNS ",
                    set,
                    model.type_sql(function.result_type, name)?
                );
            }
        }
    }
    push!(sql, "\n    LANGUAGE ", ident_as_needed(&function.language));
    let name = &model.object(function.node).name;
    for (number, &oid) in function.transform_types.iter().enumerate() {
        let word = if number == 0 { " TRANSFORM " } else { ", " };
        push!(sql, word, "FOR TYPE ", model.type_sql(oid, name)?);
    }
    if function.kind == ProcedureKind::Window {
        push!(sql, " WINDOW");
    }
    match function.volatility {
        Volatility::Immutable => push!(sql, " IMMUTABLE"),
        Volatility::Stable => push!(sql, " STABLE"),
        Volatility::Volatile => {}
    }
    for (is_so, clause) in [
        (function.is_strict, " STRICT"),
        (function.is_security_definer, " SECURITY DEFINER"),
        (function.is_leakproof, " LEAKPROOF"),
    ] {
        push!(sql, if is_so { clause } else { "" });
    }
    let is_internal = function.language == "internal" || function.language == "c";
    let usual_cost = if is_internal { "1" } else { "100" };
    if function.cost != "0" && function.cost != usual_cost {
        push!(sql, " COST ", function.cost);
    }
    if function.is_set && function.rows != "0" && function.rows != "1000" {
        push!(sql, " ROWS ", function.rows);
    }
    if function.support != "-" {
        push!(sql, " SUPPORT ", function.support);
    }
    match function.parallel {
        Parallel::Safe => push!(sql, " PARALLEL SAFE"),
        Parallel::Restricted => push!(sql, " PARALLEL RESTRICTED"),
        Parallel::Unsafe => {}
    }
    for setting in function.settings.iter().filter(|text| text.contains(&b'=')) {
        if let Some(assignment) = assignment_in_function(setting) {
            push!(sql, "\n    SET ", assignment);
        }
    }
    Ok(())
}

fn body(function: &Function) -> BString {
    let source = &function.source;
    match (&function.body, &function.library) {
        (Some(body), _) => body.clone(),
        (None, Some(library)) => {
            let mut sql = sql!("AS ", literal_plain(library));
            let is_plain = source.find_byteset(b"'\\").is_none();
            if !source.is_empty() {
                let source = if is_plain {
                    literal_plain(source)
                } else {
                    dollar(source)
                };
                push!(sql, ", ", source);
            }
            sql
        }
        (None, None) => sql!("AS ", dollar(source)),
    }
}

//! Operators: `getOperators()` and `dumpOpr()` in pg_dump.c.

use std::collections::HashMap;

use bstr::BString;

use super::super::catalogs::PG_OPERATOR;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::OperatorKind;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::operator::{Details, Operator};
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every operator, with what makes those that are wanted.
pub(crate) fn read(rows: &Rows, details: &Rows, model: &mut Model) -> Result<(), Error> {
    let mut found = HashMap::new();
    for mut row in details.iter() {
        let oid = row.oid()?;
        let details = Details {
            function: row.text()?,
            left: row.text()?,
            right: row.text()?,
            commutator: row.oid()?,
            negator: row.oid()?,
            restrict: row.text()?,
            join: row.text()?,
            is_merging: row.flag()?,
            is_hashing: row.flag()?,
        };
        found.insert(oid, details);
    }
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Operator,
            catalog,
            name,
            namespace: Some(namespace),
            at: model.operators.len(),
        });
        model.operators.push(Operator {
            node,
            owner,
            kind: row.letter()?,
            left_oid: row.oid()?,
            right_oid: row.oid()?,
            has_function: row.oid()? != 0,
            details: found.remove(&catalog.oid),
        });
        wanted::of_object(model, node);
    }
    Ok(())
}

/// `OPERATOR(schema.name)`; none for zero.
pub(crate) fn reference(oid: u32, model: &Model) -> Option<BString> {
    let object = model.object(model.find(PG_OPERATOR, oid)?);
    let schema = model.schema_name(object.namespace)?;
    Some(sql!(
        "OPERATOR(",
        ident_as_needed(schema),
        ".",
        object.name,
        ")"
    ))
}

/// The name of a function without its arguments; none for `-`: `convertRegProcReference()` in pg_dump.c.
fn function_name(text: &[u8]) -> Option<&[u8]> {
    if text == b"-" {
        return None;
    }
    let mut is_quoted = false;
    let end = text.iter().position(|&byte| {
        is_quoted ^= byte == b'"';
        byte == b'(' && !is_quoted
    });
    Some(&text[..end.unwrap_or(text.len())])
}

/// An operator without a function is not written, as in pg_dump.
pub(crate) fn render(operator: &Operator, out: &mut Output<'_>) {
    let model = out.model;
    let object = model.object(operator.node);
    let Some(details) = operator.details.as_ref().filter(|_| operator.has_function) else {
        return;
    };
    let (has_left, has_right) = match operator.kind {
        OperatorKind::Infix => (true, true),
        OperatorKind::Prefix => (false, true),
        OperatorKind::Postfix => (true, false),
    };
    let side = |has: bool, name: &BString| if has { name.clone() } else { "NONE".into() };
    let (left, right) = (
        side(has_left, &details.left),
        side(has_right, &details.right),
    );
    let identity = sql!(object.name, " (", left, ", ", right, ")");
    let mut clauses = vec![];
    let mut clause = |word: &str, value: Option<&[u8]>| {
        clauses.extend(value.map(|value| sql!("    ", word, " = ", value)));
    };
    clause("FUNCTION", function_name(&details.function));
    clause("LEFTARG", has_left.then_some(&left[..]));
    clause("RIGHTARG", has_right.then_some(&right[..]));
    clause(
        "COMMUTATOR",
        reference(details.commutator, model)
            .as_deref()
            .map(|name| &name[..]),
    );
    clause(
        "NEGATOR",
        reference(details.negator, model)
            .as_deref()
            .map(|name| &name[..]),
    );
    if details.is_merging {
        clauses.push("    MERGES".into());
    }
    if details.is_hashing {
        clauses.push("    HASHES".into());
    }
    let mut clause = |word: &str, value: Option<&[u8]>| {
        clauses.extend(value.map(|value| sql!("    ", word, " = ", value)));
    };
    clause("RESTRICT", function_name(&details.restrict));
    clause("JOIN", function_name(&details.join));
    let schema = model.schema_name(object.namespace);
    let schema = schema.map_or_else(BString::default, |schema| ident_as_needed(schema));
    let mut defn = sql!("CREATE OPERATOR ", schema, ".", object.name, " (\n");
    push!(defn, bstr::join(",\n", clauses), "\n);\n");
    let drop = sql!("DROP OPERATOR ", schema, ".", identity, ";\n");
    let owner = Some(&operator.owner[..]);
    if out.writes(operator.node, Parts::DEFINITION) {
        out.define(
            operator.node,
            ObjectKind::Operator,
            owner,
            (defn, Some(drop)),
        );
    }
    out.comment(&out.about(operator.node, "OPERATOR", &identity, &operator.owner));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_function_ends_at_its_parenthesis() {
        assert_eq!(function_name(b"-"), None);
        assert_eq!(function_name(b"f(integer)"), Some(&b"f"[..]));
        assert_eq!(function_name(b"s.\"a(b\"(text)"), Some(&b"s.\"a(b\""[..]));
    }
}

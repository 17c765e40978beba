//! Operator classes and families: `dumpOpclass()` and `dumpOpfamily()` in pg_dump.c.

use std::collections::HashMap;

use bstr::BString;

use super::super::catalogs::{PG_OPCLASS, PG_OPFAMILY};
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Key, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::operator_class::{Family, OperatorClass};
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, qualified_as_needed};

/// The members of classes and families, by their owner, as SQL.
#[derive(Default)]
pub(crate) struct Members {
    by_owner: HashMap<Key, Vec<BString>>,
}

/// Operators before functions.
pub(crate) fn read_members(operators: &Rows, functions: &Rows) -> Result<Members, Error> {
    let mut members = Members::default();
    for mut row in operators.iter() {
        let owner = (row.oid()?, row.oid()?);
        let strategy = row.small()?.to_string();
        let mut member = sql!("OPERATOR ", strategy, " ", row.text()?);
        let (family, schema) = (row.optional(), row.optional());
        if let (Some(family), Some(schema)) = (family, schema) {
            push!(
                member,
                " FOR ORDER BY ",
                qualified_as_needed(&schema, &family)
            );
        }
        members.by_owner.entry(owner).or_default().push(member);
    }
    for mut row in functions.iter() {
        let owner = (row.oid()?, row.oid()?);
        let (number, function) = (row.small()?.to_string(), row.text()?);
        let (left, right) = (row.text()?, row.text()?);
        let member = sql!("FUNCTION ", number, " (", left, ", ", right, ") ", function);
        members.by_owner.entry(owner).or_default().push(member);
    }
    Ok(members)
}

impl Members {
    fn of(&mut self, catalog: u32, oid: u32) -> Vec<BString> {
        self.by_owner.remove(&(catalog, oid)).unwrap_or_default()
    }
}

/// Every class.
pub(crate) fn read_classes(
    rows: &Rows,
    members: &mut Members,
    model: &mut Model,
) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        row.oid()?;
        let node = model.add(Draft {
            class: Class::OperatorClass,
            catalog,
            name,
            namespace: Some(namespace),
            at: model.operator_classes.len(),
        });
        wanted::of_object(model, node);
        let (type_sql, key_type, is_default) = (row.text()?, row.text()?, row.flag()?);
        let (family, schema) = (row.optional(), row.optional());
        model.operator_classes.push(OperatorClass {
            node,
            owner,
            type_sql,
            key_type,
            is_default,
            family: schema.zip(family),
            method: row.text()?,
            members: members.of(PG_OPCLASS, catalog.oid),
        });
    }
    Ok(())
}

/// Every family.
pub(crate) fn read_families(
    rows: &Rows,
    members: &mut Members,
    model: &mut Model,
) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        row.oid()?;
        let node = model.add(Draft {
            class: Class::OperatorFamily,
            catalog,
            name,
            namespace: Some(namespace),
            at: model.operator_families.len(),
        });
        wanted::of_object(model, node);
        model.operator_families.push(Family {
            node,
            owner,
            method: row.text()?,
            members: members.of(PG_OPFAMILY, catalog.oid),
        });
    }
    Ok(())
}

/// A class always names its family; with nothing in it, it names its own type.
pub(crate) fn render_class(class: &OperatorClass, out: &mut Output<'_>) {
    let model = out.model;
    let (qualified, method) = (model.qualified(class.node), ident_as_needed(&class.method));
    let default = if class.is_default { "DEFAULT " } else { "" };
    let mut defn = sql!("CREATE OPERATOR CLASS ", qualified, "\n    ", default);
    push!(defn, "FOR TYPE ", class.type_sql, " USING ", method);
    if let Some((schema, family)) = &class.family {
        push!(defn, " FAMILY ", qualified_as_needed(schema, family));
    }
    let mut members = vec![];
    if class.key_type != "-" {
        members.push(sql!("STORAGE ", class.key_type));
    }
    members.extend(class.members.iter().cloned());
    if members.is_empty() {
        members.push(sql!("STORAGE ", class.type_sql));
    }
    push!(defn, " AS\n    ", bstr::join(" ,\n    ", members), ";\n");
    let drop = sql!("DROP OPERATOR CLASS ", qualified, " USING ", method, ";\n");
    let owner = Some(&class.owner[..]);
    if out.writes(class.node, Parts::DEFINITION) {
        out.define(
            class.node,
            ObjectKind::OperatorClass,
            owner,
            (defn, Some(drop)),
        );
    }
    let name = sql!(
        ident_as_needed(&model.object(class.node).name),
        " USING ",
        method
    );
    out.comment(&out.about(class.node, "OPERATOR CLASS", &name, &class.owner));
}

/// A family is created empty; its own members are added.
pub(crate) fn render_family(family: &Family, out: &mut Output<'_>) {
    let model = out.model;
    let (qualified, method) = (
        model.qualified(family.node),
        ident_as_needed(&family.method),
    );
    let name = sql!("OPERATOR FAMILY ", qualified, " USING ", method);
    let mut defn = sql!("CREATE ", name, ";\n");
    if !family.members.is_empty() {
        let members = bstr::join(" ,\n    ", &family.members);
        push!(defn, "ALTER ", name, " ADD\n    ", members, ";\n");
    }
    let drop = sql!("DROP ", name, ";\n");
    let owner = Some(&family.owner[..]);
    if out.writes(family.node, Parts::DEFINITION) {
        out.define(
            family.node,
            ObjectKind::OperatorFamily,
            owner,
            (defn, Some(drop)),
        );
    }
    let name = sql!(
        ident_as_needed(&model.object(family.node).name),
        " USING ",
        method
    );
    out.comment(&out.about(family.node, "OPERATOR FAMILY", &name, &family.owner));
}

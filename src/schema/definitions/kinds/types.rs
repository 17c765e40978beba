//! Types of every form, and domains: `getTypes()` and `dumpType()` in pg_dump.c. What makes each form is in
//! [`super::type_forms`].

use std::collections::HashMap;

use bstr::BString;

use super::super::catalogs::PG_CLASS;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::TypeKind;
use super::super::model::{Draft, Model, NO_CATALOG};
use super::super::object::{Class, Node, Parts};
use super::super::output::{About, Output};
use super::super::rows::constraint::Kind;
use super::super::rows::types::Form;
use super::super::rows::types::Type;
use super::super::text::sql;
use super::super::wanted;
use super::constraint::{self, DomainRow};
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every type; a domain's constraints and a base type's shell are numbered right after it.
pub(crate) fn read(rows: &Rows, constraints: &Rows, model: &mut Model) -> Result<(), Error> {
    let mut of_domains = domain_rows(constraints)?;
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        let rights = row.rights()?;
        let (element_oid, relation_oid) = (row.oid()?, row.oid()?);
        // Of another kind than composite it is a table's row, whatever the table is.
        let is_composite = row.optional().is_none_or(|kind| kind == "c");
        let kind: TypeKind = row.letter()?;
        let (is_defined, sql, is_array) = (row.flag()?, row.written(&name)?, row.flag()?);
        let is_row = relation_oid != 0 && !is_composite;
        let is_hidden = is_row || is_array || kind == TypeKind::Multirange;
        let at = model.types.len();
        let node = model.add(Draft {
            class: if is_hidden {
                Class::HiddenType
            } else {
                Class::Type
            },
            catalog,
            name: name.clone(),
            namespace: Some(namespace),
            at,
        });
        if rights.current.is_some() {
            model.object_mut(node).has |= Parts::RIGHTS;
        }
        want(model, node, is_row.then_some(relation_oid));
        model.types.push(Type {
            node,
            owner,
            rights,
            element_oid,
            relation_oid,
            kind,
            is_defined,
            sql,
            shell: None,
            form: Form::None,
            constraints: vec![],
        });
        if model.object(node).wanted.has(Parts::DEFINITION) {
            add_parts(model, (node, at), name, of_domains.remove(&catalog.oid));
        }
    }
    Ok(())
}

/// `selectDumpableType()`: the row of a table goes with the table.
fn want(model: &mut Model, node: Node, relation_oid: Option<u32>) {
    match relation_oid {
        Some(oid) => {
            let table = model.find(PG_CLASS, oid);
            let wanted = table.map_or(Parts::NONE, |table| model.object(table).wanted);
            model.object_mut(node).wanted = wanted;
        }
        None => wanted::of_object(model, node),
    }
}

fn add_parts(
    model: &mut Model,
    (node, at): (Node, usize),
    name: BString,
    rows: Option<Vec<DomainRow>>,
) {
    let kind = model.types[at].kind;
    if kind == TypeKind::Domain {
        let rows = rows.unwrap_or_default();
        model.types[at].constraints = constraint::add_to_domain(&rows, (node, at), model);
    }
    if matches!(kind, TypeKind::Base | TypeKind::Range) {
        let shell = model.add(Draft {
            class: Class::ShellType,
            catalog: NO_CATALOG,
            name,
            namespace: model.object(node).namespace,
            at,
        });
        model.object_mut(shell).wanted = Parts::NONE;
        model.types[at].shell = Some(shell);
    }
}

fn domain_rows(rows: &Rows) -> Result<HashMap<u32, Vec<DomainRow>>, Error> {
    let mut found: HashMap<u32, Vec<DomainRow>> = HashMap::new();
    for mut row in rows.iter() {
        let (catalog, domain, name) = (row.catalog()?, row.oid()?, row.text()?);
        let constraint = DomainRow {
            catalog,
            definition: row.written(&name)?,
            name,
            is_valid: row.flag()?,
            kind: row.letter()?,
        };
        found.entry(domain).or_default().push(constraint);
    }
    Ok(found)
}

/// The statement of the type's form.
pub(crate) fn render(of: &Type, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let qualified = model.qualified(of.node);
    let name = ident_as_needed(&model.object(of.node).name);
    let (word, kind) = match of.kind {
        TypeKind::Domain => ("DOMAIN", ObjectKind::Domain),
        _ => ("TYPE", ObjectKind::Type),
    };
    if out.writes(of.node, Parts::DEFINITION) {
        let defn = match of.kind {
            TypeKind::Pseudo if !of.is_defined => sql!("CREATE TYPE ", qualified, ";\n"),
            // Only PostgreSQL itself can make these.
            TypeKind::Pseudo | TypeKind::Multirange => return Ok(()),
            _ => of.form.statement(of, &qualified, model)?,
        };
        let cascade = match of.kind {
            TypeKind::Base => " CASCADE",
            _ => "",
        };
        let drop = sql!("DROP ", word, " ", qualified, cascade, ";\n");
        out.define(of.node, kind, Some(&of.owner), (defn, Some(drop)));
    }
    let about = out.about(of.node, word, &name, &of.owner);
    out.comment(&about);
    out.labels(&about);
    out.rights(&about, "TYPE", &name, &of.rights);
    match of.kind {
        TypeKind::Composite => attribute_comments(of, &about, out),
        TypeKind::Domain => constraint_comments(of, out),
        _ => {}
    }
    Ok(())
}

/// `dumpCompositeTypeColComments()`: they hang on the type's relation.
fn attribute_comments(of: &Type, about: &About<'_>, out: &mut Output<'_>) {
    let model = out.model;
    let Form::Composite(attributes) = &of.form else {
        return;
    };
    if !about.written.has(Parts::COMMENT) {
        return;
    }
    let comments = model.comments.get(&(PG_CLASS, of.relation_oid));
    for (number, text) in comments.into_iter().flatten() {
        let attribute = attributes.iter().find(|own| own.number == *number);
        if let Some(attribute) = attribute.filter(|own| !own.is_dropped) {
            let name = sql!(about.name, ".", ident_as_needed(&attribute.name));
            let of_column = About {
                what: b"COLUMN",
                name: &name,
                ..*about
            };
            out.remark(&of_column, text);
        }
    }
}

/// Comments on the constraints that stand in the domain's statement, checks first.
fn constraint_comments(of: &Type, out: &mut Output<'_>) {
    let model = out.model;
    let domain = ident_as_needed(&model.object(of.node).name);
    for kind in [Kind::Check, Kind::NotNull] {
        let own = of.constraints.iter().map(|&at| &model.constraints[at]);
        for constraint in own.filter(|own| own.kind == kind && !own.is_separate) {
            let name = ident_as_needed(&model.object(constraint.node).name);
            let what = sql!("CONSTRAINT ", name, " ON DOMAIN");
            let about = out.about(constraint.node, &what, &domain, &of.owner);
            let id = of.node.dump_id();
            out.comment(&About { id, ..about });
        }
    }
}

/// `dumpShellType()`.
pub(crate) fn render_shell(of: &Type, shell: Node, out: &mut Output<'_>) {
    let defn = sql!("CREATE TYPE ", out.model.qualified(shell), ";\n");
    out.define(shell, ObjectKind::ShellType, Some(&of.owner), (defn, None));
}

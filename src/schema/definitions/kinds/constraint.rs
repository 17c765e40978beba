//! Constraints: checks and NOT NULLs of tables and domains, keys, exclusions, foreign keys:
//! `getConstraints()`, `getDomainConstraints()`, `getTableAttrs()` and `dumpConstraint()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{CheckKind, RelKind};
use super::super::model::{Draft, Model};
use super::super::object::{Class, Node, Parts};
use super::super::output::{About, Output};
use super::super::rows::constraint::{Constraint, Kind, On};
use super::super::rows::table::Table;
use super::super::text::{push, sql};
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// The checks of tables, and their NOT NULLs that existing rows may break. pg_dump reads the latter first.
pub(crate) fn read_checks(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for wanted in [CheckKind::NotNull, CheckKind::Check] {
        for mut row in rows.iter() {
            let (catalog, oid, name) = (row.catalog()?, row.oid()?, row.text()?);
            let Some(at) = model.table_at(oid) else {
                continue;
            };
            let table = model.tables[at].node;
            let definition = row.written(&model.qualified(table))?;
            let (is_local, is_valid) = (row.flag()?, row.flag()?);
            let kind: CheckKind = row.letter()?;
            if kind != wanted {
                continue;
            }
            let (namespace, of_table) = {
                let object = model.object(table);
                (object.namespace, object.wanted)
            };
            let node = model.add(Draft {
                class: Class::Constraint,
                catalog,
                name,
                namespace,
                at: model.constraints.len(),
            });
            model.object_mut(node).wanted = of_table;
            let constraint = match kind {
                CheckKind::Check => {
                    model.tables[at].checks.push(model.constraints.len());
                    if is_valid {
                        model.need(table, node);
                    }
                    Kind::Check
                }
                CheckKind::NotNull => Kind::NotNull,
            };
            let constraint = Constraint::new(node, On::Table(at), constraint, definition);
            model.constraints.push(Constraint {
                is_local,
                is_separate: !is_valid,
                ..constraint
            });
        }
    }
    for table in model.tables.iter().filter(|table| table.is_read) {
        let expected = usize::try_from(table.check_count).unwrap_or(0);
        if table.checks.len() != expected && table.kind != RelKind::Sequence {
            return Err(Error::Corrupt {
                object: model.qualified(table.node),
                what: format!("{} check constraints, not {expected}", table.checks.len()),
            });
        }
    }
    Ok(())
}

/// The constraints of one domain, by name. They are numbered right after it.
pub(crate) fn add_to_domain(
    rows: &[DomainRow],
    (domain, at): (Node, usize),
    model: &mut Model,
) -> Vec<usize> {
    let namespace = model.object(domain).namespace;
    let mut places = vec![];
    for row in rows {
        let node = model.add(Draft {
            class: Class::Constraint,
            catalog: row.catalog,
            name: row.name.clone(),
            namespace,
            at: model.constraints.len(),
        });
        if row.is_valid {
            model.need(domain, node);
        }
        let kind = match row.kind {
            CheckKind::Check => Kind::Check,
            CheckKind::NotNull => Kind::NotNull,
        };
        places.push(model.constraints.len());
        let definition = row.definition.clone();
        model.constraints.push(Constraint {
            is_separate: !row.is_valid,
            ..Constraint::new(node, On::Domain(at), kind, definition)
        });
    }
    places
}

/// A domain's constraint before it is an object.
#[derive(Debug)]
pub(crate) struct DomainRow {
    pub(crate) catalog: crate::toc::CatalogId,
    pub(crate) name: BString,
    pub(crate) definition: BString,
    pub(crate) is_valid: bool,
    pub(crate) kind: CheckKind,
}

/// `getConstraints()`: foreign keys. One on a partitioned table waits until all indexes below the one that it
/// needs are attached.
pub(crate) fn read_foreign_keys(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, oid, name) = (row.catalog()?, row.oid()?, row.text()?);
        let (referenced, index_oid) = (row.oid()?, row.oid()?);
        let Some(at) = model.table_at(oid) else {
            continue;
        };
        let table = model.object(model.tables[at].node);
        if !table.wanted.has(Parts::DEFINITION) {
            continue;
        }
        let namespace = table.namespace;
        let definition = row.written(&name)?;
        let node = model.add(Draft {
            class: Class::ForeignKey,
            catalog,
            name,
            namespace,
            at: model.constraints.len(),
        });
        let constraint = Constraint::new(node, On::Table(at), Kind::ForeignKey, definition);
        model.constraints.push(constraint);
        let referenced = model.table_at(referenced).map(|at| &model.tables[at]);
        let partitioned = referenced.filter(|table| table.kind == RelKind::PartitionedTable);
        let index = partitioned.and_then(|table| {
            let mut own = table.indexes.iter();
            own.find(|&&index| model.object(model.indexes[index].node).catalog.oid == index_oid)
        });
        if let Some(&index) = index {
            need_attaches(model, node, index);
        }
    }
    Ok(())
}

/// `addConstrChildIdxDeps()` in pg_dump.c.
fn need_attaches(model: &mut Model, node: Node, index: usize) {
    for attach in model.indexes[index].attaches.clone() {
        let (attach_node, partition) = {
            let attach = &model.index_attaches[attach];
            (attach.node, attach.partition)
        };
        model.need(node, attach_node);
        need_attaches(model, node, partition);
    }
}

/// `dumpConstraint()` in pg_dump.c.
pub(crate) fn render(constraint: &Constraint, out: &mut Output<'_>) -> Result<(), Error> {
    match constraint.on {
        On::Table(at) => {
            let table = &out.model.tables[at];
            of_table(constraint, table, out)?;
            if constraint.is_separate {
                comment(constraint, out);
            }
        }
        On::Domain(at) => of_domain(constraint, at, out),
    }
    Ok(())
}

fn of_table(constraint: &Constraint, table: &Table, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let name = ident_as_needed(&model.object(constraint.node).name);
    let only = match (constraint.kind, table.kind) {
        (Kind::Key(..), _) => "ONLY ",
        (Kind::ForeignKey, RelKind::PartitionedTable) => "",
        (Kind::ForeignKey, _) => "ONLY ",
        (Kind::Check | Kind::NotNull, _) => "",
    };
    let is_own = constraint.is_separate && constraint.is_local;
    if !is_own {
        return Ok(());
    }
    let foreign = table.foreign_word();
    let qualified = model.qualified(table.node);
    let alter = sql!("ALTER ", foreign, "TABLE ", only, qualified);
    let mut defn = sql!(alter, "\n    ADD CONSTRAINT ", name, " ");
    let mut tablespace = None;
    let kind = match constraint.kind {
        Kind::Check => ObjectKind::CheckConstraint,
        Kind::NotNull => ObjectKind::Constraint,
        Kind::ForeignKey => ObjectKind::FkConstraint,
        Kind::Key(_, index) => {
            tablespace = Some(model.indexes[index].tablespace.clone());
            ObjectKind::Constraint
        }
    };
    match constraint.kind {
        Kind::Key(key, index) => {
            let index = &model.indexes[index];
            push!(
                defn,
                super::index::key(constraint, key, index, table, model)?
            );
        }
        Kind::Check | Kind::NotNull | Kind::ForeignKey => {
            push!(defn, constraint.definition, ";\n");
        }
    }
    let drop = sql!(alter, " DROP CONSTRAINT ", name, ";\n");
    let tag = sql!(
        model.object(table.node).name,
        " ",
        model.object(constraint.node).name
    );
    let owner = Some(&table.owner[..]);
    if let Some(entry) = out.define(constraint.node, kind, owner, (defn, Some(drop))) {
        entry.tag = tag;
        entry.tablespace = tablespace;
    }
    Ok(())
}

fn of_domain(constraint: &Constraint, domain: usize, out: &mut Output<'_>) {
    if !constraint.is_separate {
        return;
    }
    let model = out.model;
    let domain = &model.types[domain];
    let name = ident_as_needed(&model.object(constraint.node).name);
    let alter = sql!("ALTER DOMAIN ", model.qualified(domain.node));
    let defn = sql!(
        alter,
        "\n    ADD CONSTRAINT ",
        name,
        " ",
        constraint.definition,
        ";\n"
    );
    let drop = sql!(alter, " DROP CONSTRAINT ", name, ";\n");
    let kind = match constraint.kind {
        Kind::Check => ObjectKind::CheckConstraint,
        Kind::NotNull | Kind::ForeignKey | Kind::Key(..) => ObjectKind::Constraint,
    };
    let domain_name = &model.object(domain.node).name;
    let tag = sql!(domain_name, " ", model.object(constraint.node).name);
    let owner = Some(&domain.owner[..]);
    if let Some(entry) = out.define(constraint.node, kind, owner, (defn, Some(drop))) {
        entry.tag = tag;
    }
    let what = sql!("CONSTRAINT ", name, " ON DOMAIN");
    let quoted = ident_as_needed(domain_name);
    let about = out.about(constraint.node, &what, &quoted, &domain.owner);
    out.comment(&about);
}

/// The comment on a table's constraint. It waits for the constraint, or for the table that it stands in.
pub(crate) fn comment(constraint: &Constraint, out: &mut Output<'_>) {
    let model = out.model;
    let object = model.object(constraint.node);
    let On::Table(at) = constraint.on else {
        return;
    };
    let table = &model.tables[at];
    if !object.written().has(Parts::COMMENT) {
        return;
    }
    let Some(text) = model.comment(object.catalog, 0) else {
        return;
    };
    let about = out.about(constraint.node, "", b"", &table.owner);
    let id = if constraint.is_separate {
        about.id
    } else {
        table.node.dump_id()
    };
    remark(table, &object.name, text, &About { id, ..about }, out);
}

/// A comment on the constraint `name` of a table.
pub(crate) fn remark(
    table: &Table,
    name: &[u8],
    text: &[u8],
    about: &About<'_>,
    out: &mut Output<'_>,
) {
    let model = out.model;
    let name = ident_as_needed(name);
    let table_name = ident_as_needed(&model.object(table.node).name);
    let tag = sql!("CONSTRAINT ", name, " ON ", table_name);
    let target = sql!("CONSTRAINT ", name, " ON ", model.qualified(table.node));
    let text = crate::toc::quote::literal_plain(text);
    let defn = sql!("COMMENT ON ", target, " IS ", text, ";\n");
    out.follow(about, ObjectKind::Comment, (tag, defn));
}

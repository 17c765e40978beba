//! Indexes, the constraints that they serve, and that an index belongs to a partitioned one: `getIndexes()`,
//! `dumpIndex()`, `dumpIndexAttach()` in pg_dump.c and `flagInhIndexes()` in common.c.

use bstr::BString;

use super::super::catalogs::PG_CLASS;
use super::super::error::Error;
use super::super::fields::{Fields, Rows};
use super::super::letters::KeyKind;
use super::super::model::{Draft, Model, NO_CATALOG};
use super::super::object::{Class, Node, Parts};
use super::super::output::{About, Output};
use super::super::rows::constraint::{Constraint, Kind, On};
use super::super::rows::index::{Index, IndexAttach};
use super::super::rows::table::Table;
use super::super::text::{push, sql};
use super::planner_statistics;
use super::table::options::options;
use crate::toc::quote::ident_as_needed;
use crate::toc::{CatalogId, ObjectKind};

/// The constraint in an index's row.
struct Served {
    catalog: CatalogId,
    kind: KeyKind,
    name: BString,
    is_deferrable: bool,
    is_deferred: bool,
    definition: BString,
}

/// The indexes of the tables that are read; a constraint is numbered right after its index.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, oid, name) = (row.catalog()?, row.oid()?, row.text()?);
        let Some(at) = model.table_at(oid) else {
            continue;
        };
        let (namespace, wanted) = {
            let object = model.object(model.tables[at].node);
            (object.namespace, object.wanted)
        };
        let place = model.indexes.len();
        let mut draft = Draft {
            class: Class::Index,
            catalog,
            name,
            namespace,
            at: place,
        };
        let object = draft.name.clone();
        let (index, served) = one(&mut row, at, &object)?;
        let is_without_overlaps = row.flag_or_false()?;
        let node = model.add(draft);
        model.object_mut(node).wanted = wanted;
        model.tables[at].indexes.push(place);
        model.indexes.push(Index { node, ..index });
        let statistics = planner_statistics::announce(model, node);
        if let Some(served) = served {
            draft = Draft {
                class: Class::Constraint,
                catalog: served.catalog,
                name: served.name,
                namespace,
                at: model.constraints.len(),
            };
            let own = model.add(draft);
            model.object_mut(own).wanted = wanted;
            model.indexes[place].constraint = Some(own);
            if let Some(statistics) = statistics {
                model.need(statistics, own);
            }
            let kind = Kind::Key(served.kind, place);
            model.constraints.push(Constraint {
                is_deferrable: served.is_deferrable,
                is_deferred: served.is_deferred,
                is_without_overlaps,
                ..Constraint::new(own, On::Table(at), kind, served.definition)
            });
        }
    }
    Ok(())
}

/// The statistics target of an index's column.
pub(crate) fn set_target(model: &mut Model, oid: u32, column: i32, target: i32) {
    let found = model.find(PG_CLASS, oid).map(|node| model.object(node));
    if let Some(index) = found.filter(|own| own.class == Class::Index) {
        let at = index.at;
        model.indexes[at].targets.push((column, target));
    }
}

fn one(row: &mut Fields<'_>, table: usize, name: &[u8]) -> Result<(Index, Option<Served>), Error> {
    let definition = row.written(name)?;
    let key = row.numbers();
    let (is_clustered, is_replica_identity) = (row.flag()?, row.flag()?);
    let parent_oid = row.oid_or_zero()?;
    let key_count = usize::try_from(row.small()?).unwrap_or(0);
    let (class_oid, oid) = (row.oid_or_zero()?, row.oid_or_zero()?);
    let kind = row.optional_letter()?;
    let served_name = row.optional();
    let (is_deferrable, is_deferred) = (row.flag_or_false()?, row.flag_or_false()?);
    let served_definition = row.optional();
    let served = match (kind, served_name) {
        (Some(kind), Some(name)) => Some(Served {
            catalog: CatalogId {
                table_oid: class_oid,
                oid,
            },
            kind,
            definition: match kind {
                KeyKind::Exclusion => served_definition.ok_or_else(|| Error::Gone {
                    object: name.clone(),
                })?,
                KeyKind::Primary | KeyKind::Unique => BString::default(),
            },
            name,
            is_deferrable,
            is_deferred,
        }),
        _ => None,
    };
    let tablespace = row.optional().unwrap_or_default();
    let options = row.texts();
    let index = Index {
        node: Node(0),
        table,
        definition,
        key,
        key_count,
        is_clustered,
        is_replica_identity,
        parent_oid,
        constraint: None,
        tablespace,
        options,
        targets: vec![],
        is_nulls_not_distinct: row.flag()?,
        attaches: vec![],
    };
    Ok((index, served))
}

/// Which indexes belong to which partitioned index.
pub(crate) fn add_attaches(model: &mut Model) {
    let concerned: Vec<usize> = model
        .tables
        .iter()
        .filter(|table| table.is_partition && !table.parents.is_empty())
        .flat_map(|table| table.indexes.iter().copied())
        .collect();
    for partition in concerned {
        let index = &model.indexes[partition];
        let parent = model.find(super::super::catalogs::PG_CLASS, index.parent_oid);
        let parent = parent.map(|node| model.object(node));
        let Some(parent) = parent.filter(|parent| parent.class == Class::Index) else {
            continue;
        };
        let parent = parent.at;
        let table_node = model.tables[index.table].node;
        let needs = [
            index.node,
            model.indexes[parent].node,
            table_node,
            model.tables[model.indexes[parent].table].node,
        ];
        let name = model.object(index.node).name.clone();
        let namespace = model.object(table_node).namespace;
        let at = model.index_attaches.len();
        let node = model.add(Draft {
            class: Class::IndexAttach,
            catalog: NO_CATALOG,
            name,
            namespace,
            at,
        });
        for other in needs {
            model.need(node, other);
        }
        model.indexes[parent].attaches.push(at);
        model.index_attaches.push(IndexAttach {
            node,
            parent,
            partition,
        });
    }
}

/// `dumpIndex()`. The index of a constraint has no entry, but a comment.
pub(crate) fn render(index: &Index, out: &mut Output<'_>) {
    let model = out.model;
    let table = &model.tables[index.table];
    let name = ident_as_needed(&model.object(index.node).name);
    if index.constraint.is_none() {
        let qualified = model.qualified(index.node);
        let mut defn = sql!(index.definition, ";\n", clustered(index, &name, model));
        for (column, target) in &index.targets {
            push!(
                defn,
                "ALTER INDEX ",
                qualified,
                " ALTER COLUMN ",
                column.to_string()
            );
            push!(defn, " SET STATISTICS ", target.to_string(), ";\n");
        }
        push!(
            defn,
            model.depends_on_extensions(index.node, "INDEX", &qualified)
        );
        push!(defn, replica_identity(index, &name, model));
        let drop = match index.parent_oid {
            0 => sql!("DROP INDEX ", qualified, ";\n"),
            _ => BString::default(),
        };
        let owner = Some(&table.owner[..]);
        if let Some(entry) = out.define(index.node, ObjectKind::Index, owner, (defn, Some(drop))) {
            entry.tablespace = Some(index.tablespace.clone());
        }
    }
    let about = out.about(index.node, "INDEX", &name, &table.owner);
    let id = index.constraint.map_or(about.id, Node::dump_id);
    out.comment(&About { id, ..about });
}

/// What follows the name of a key or an exclusion in ADD CONSTRAINT.
pub(crate) fn key(
    constraint: &Constraint,
    kind: KeyKind,
    index: &Index,
    table: &Table,
    model: &Model,
) -> Result<BString, Error> {
    let mut sql = match kind {
        KeyKind::Exclusion => constraint.definition.clone(),
        KeyKind::Primary => composed("PRIMARY KEY", constraint, index, table, model)?,
        KeyKind::Unique if index.is_nulls_not_distinct => {
            composed("UNIQUE NULLS NOT DISTINCT", constraint, index, table, model)?
        }
        KeyKind::Unique => composed("UNIQUE", constraint, index, table, model)?,
    };
    let name = ident_as_needed(&model.object(index.node).name);
    push!(sql, ";\n", clustered(index, &name, model));
    push!(sql, replica_identity(index, &name, model));
    let qualified = model.qualified(index.node);
    push!(
        sql,
        model.depends_on_extensions(index.node, "INDEX", &qualified)
    );
    Ok(sql)
}

fn composed(
    word: &str,
    constraint: &Constraint,
    index: &Index,
    table: &Table,
    model: &Model,
) -> Result<BString, Error> {
    let columns = index.key.iter().map(|&number| {
        let name = table.column_name(number).map(ident_as_needed);
        name.ok_or_else(|| Error::Corrupt {
            object: model.qualified(index.node),
            what: format!("a key of column {number}, which its table does not have"),
        })
    });
    let columns: Vec<BString> = columns.collect::<Result<_, _>>()?;
    let (key, included) = columns.split_at(index.key_count.min(columns.len()));
    let mut sql = sql!(word, " (", bstr::join(", ", key));
    if constraint.is_without_overlaps {
        push!(sql, " WITHOUT OVERLAPS");
    }
    if !included.is_empty() {
        push!(sql, ") INCLUDE (", bstr::join(", ", included));
    }
    push!(sql, ")");
    if !index.options.is_empty() {
        push!(sql, " WITH (", options(&index.options, ""), ")");
    }
    if constraint.is_deferrable {
        push!(sql, " DEFERRABLE");
        if constraint.is_deferred {
            push!(sql, " INITIALLY DEFERRED");
        }
    }
    Ok(sql)
}

fn clustered(index: &Index, name: &[u8], model: &Model) -> BString {
    if !index.is_clustered {
        return BString::default();
    }
    let table = model.qualified(model.tables[index.table].node);
    sql!("\nALTER TABLE ", table, " CLUSTER ON ", name, ";\n")
}

fn replica_identity(index: &Index, name: &[u8], model: &Model) -> BString {
    if !index.is_replica_identity {
        return BString::default();
    }
    let table = model.qualified(model.tables[index.table].node);
    sql!(
        "\nALTER TABLE ONLY ",
        table,
        " REPLICA IDENTITY USING INDEX ",
        name,
        ";\n"
    )
}

/// `dumpIndexAttach()`.
pub(crate) fn render_attach(attach: &IndexAttach, out: &mut Output<'_>) {
    let model = out.model;
    let (parent, partition) = (
        &model.indexes[attach.parent],
        &model.indexes[attach.partition],
    );
    if !out.writes(partition.node, Parts::DEFINITION) {
        return;
    }
    let parent_name = model.qualified(parent.node);
    let name = model.qualified(partition.node);
    let defn = sql!(
        "ALTER INDEX ",
        parent_name,
        " ATTACH PARTITION ",
        name,
        ";\n"
    );
    let owner = Some(&model.tables[parent.table].owner[..]);
    out.define(attach.node, ObjectKind::IndexAttach, owner, (defn, None));
}

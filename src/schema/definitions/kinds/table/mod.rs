//! Relations: tables, partitions, foreign tables, views, materialized views, sequences, composite types.
//!
//! ```text
//! create   CREATE TABLE
//! alter    the properties that follow it
//! view     CREATE VIEW, also the stand-in that breaks a loop
//! column   the columns as they are read
//! remarks  comments, labels and rights of a relation and its columns
//! ```
//!
//! Constraints, defaults and indexes are objects of their own ([`super`]).

mod alter;
pub(crate) mod column;
mod create;
pub(crate) mod options;
mod remarks;
pub(crate) mod view;

use std::collections::BTreeSet;

use bstr::BString;

pub(crate) use self::create::default_is_separate;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::RelKind;
use super::super::model::{Draft, Model, NO_CATALOG};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::table::{Attach, Table};
use super::super::text::sql;
use super::super::wanted;
use super::{planner_statistics, sequence};
use crate::toc::{ObjectKind, Section, TocEntry};

/// `getTables()` in pg_dump.c.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Table,
            catalog,
            name: name.clone(),
            namespace: Some(namespace),
            at: model.tables.len(),
        });
        let table = Table {
            node,
            kind: row.letter()?,
            row_type_oid: row.oid()?,
            owner: model.role(row.oid()?, &name)?,
            check_count: {
                let checks = row.small()?;
                row.flag()?;
                checks
            },
            has_triggers: row.flag()?,
            persistence: row.letter()?,
            of_type_oid: row.oid()?,
            rights: row.rights()?,
            toast_options: row.texts(),
            owning_oid: row.oid_or_zero()?,
            owning_column: row.optional_small()?.unwrap_or(0),
            is_identity: row.flag_or_false()?,
            tablespace: row.optional().unwrap_or_default(),
            replica_identity: row.letter()?,
            has_row_security: row.flag()?,
            forces_row_security: row.flag()?,
            options: row.texts(),
            check_option: row.optional(),
            access_method: row.optional(),
            is_partition: row.flag()?,
            is_read: false,
            parents: vec![],
            columns: vec![],
            checks: vec![],
            indexes: vec![],
            partition_key: None,
            partition_bound: None,
            foreign: None,
            query: None,
            is_stand_in: false,
            is_postponed: false,
        };
        add(table, model);
    }
    Ok(())
}

fn add(mut table: Table, model: &mut Model) {
    let node = table.node;
    if table.kind == RelKind::Composite {
        model.object_mut(node).wanted = Parts::NONE;
    } else {
        wanted::of_table(model, node);
    }
    let object = model.object_mut(node);
    table.is_read = object.wanted.has(Parts::DEFINITION | Parts::DATA);
    object.has |= Parts::DATA;
    if table.rights.current.is_some() {
        object.has |= Parts::RIGHTS;
    }
    let is_read = table.is_read;
    model.tables.push(table);
    if is_read {
        planner_statistics::announce(model, node);
    }
}

/// Sequences go with the tables they belong to: `getOwnedSeqs()` in pg_dump.c.
pub(crate) fn link_sequences(model: &mut Model) -> Result<(), Error> {
    for at in 0..model.tables.len() {
        let sequence = &model.tables[at];
        if sequence.owning_oid == 0 {
            continue;
        }
        let (node, owning_oid) = (sequence.node, sequence.owning_oid);
        let Some(owning) = model.table_at(owning_oid) else {
            let name = model.object(node).name.clone();
            return Err(super::super::model::missing("table", owning_oid, &name));
        };
        let of_table = model.object(model.tables[owning].node).wanted;
        let is_identity = model.tables[at].is_identity;
        let object = model.object_mut(node);
        object.wanted = if is_identity {
            of_table
        } else {
            object.wanted | of_table
        };
        if !object.wanted.is_none() {
            model.tables[at].is_read = true;
            model.tables[owning].is_read = true;
        }
    }
    Ok(())
}

/// Who inherits from whom: `flagInhTables()` in common.c, the first half.
pub(crate) fn read_parents(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (child, parent_oid) = (row.oid()?, row.oid()?);
        let is_detaching = row.flag()?;
        // Indexes inherit too, and are no tables.
        let Some(child) = model.table_at(child) else {
            continue;
        };
        let node = model.tables[child].node;
        let Some(parent) = model.table_at(parent_oid) else {
            let name = model.object(node).name.clone();
            return Err(super::super::model::missing("table", parent_oid, &name));
        };
        if is_detaching {
            model.notices.push(format!(
                "partition {} is being detached, and attached in the dump",
                model.qualified(node)
            ));
        }
        model.tables[child].parents.push(parent);
    }
    for at in 0..model.tables.len() {
        if !model.object(model.tables[at].node).wanted.is_none() {
            for parent in model.tables[at].parents.clone() {
                model.tables[parent].is_read = true;
            }
        }
    }
    Ok(())
}

/// The configuration tables of extensions that are dumped, or that were named, are read:
/// `processExtensionTables()` in pg_dump.c.
pub(crate) fn read_configuration(model: &mut Model) {
    let chosen = &model.chosen;
    let extensions = model.extensions.iter().filter(|extension| {
        let oid = model.object(extension.node).catalog.oid;
        let is_other = |only: &BTreeSet<u32>| !only.contains(&oid);
        !chosen.only_extensions.as_ref().is_some_and(is_other)
            && !chosen.not_extensions.contains(&oid)
    });
    let configured: Vec<(bool, u32)> = extensions
        .flat_map(|extension| {
            let is_dumped = extension.contains.has(Parts::DEFINITION);
            extension
                .config_oids
                .iter()
                .map(move |&oid| (is_dumped, oid))
        })
        .collect();
    for (is_dumped, oid) in configured {
        let Some(at) = model.table_at(oid) else {
            continue;
        };
        let namespace = model.object(model.tables[at].node).namespace;
        let namespace = namespace.map(|namespace| &model.namespaces[namespace]);
        let chosen = &model.chosen;
        let is_named = chosen
            .only_tables
            .as_ref()
            .is_some_and(|only| only.contains(&oid));
        let is_of_schema =
            namespace.is_some_and(|of| model.object(of.node).wanted.has(Parts::DATA));
        let is_left_out = chosen.not_tables.contains(&oid)
            || namespace.is_some_and(|of| chosen.not_schemas.contains(&of.oid));
        if (is_dumped || is_named || is_of_schema) && !is_left_out {
            model.tables[at].is_read = true;
        }
    }
}

/// Partitions are attached when both are there: `flagInhTables()`, the second half.
pub(crate) fn add_attaches(model: &mut Model) -> Result<(), Error> {
    for partition in 0..model.tables.len() {
        let table = &model.tables[partition];
        let object = model.object(table.node);
        if !table.is_partition || !object.wanted.has(Parts::DEFINITION) {
            continue;
        }
        let &[parent] = &table.parents[..] else {
            return Err(Error::Corrupt {
                object: model.qualified(table.node),
                what: format!("a partition of {} tables", table.parents.len()),
            });
        };
        let (own, parents) = (table.node, model.tables[parent].node);
        let node = model.add(Draft {
            class: Class::TableAttach,
            catalog: NO_CATALOG,
            name: object.name.clone(),
            namespace: object.namespace,
            at: model.attaches.len(),
        });
        model.need(node, own);
        model.need(node, parents);
        model.attaches.push(Attach {
            node,
            parent,
            partition,
        });
    }
    Ok(())
}

/// Texts that belong to tables and come in statements of their own.
pub(crate) fn read_texts(
    [keys, bounds, foreign, queries]: [&Rows; 4],
    model: &mut Model,
) -> Result<(), Error> {
    for (rows, field) in [
        (
            keys,
            (|table, text| table.partition_key = Some(text)) as fn(&mut Table, BString),
        ),
        (bounds, |table, text| table.partition_bound = Some(text)),
        (queries, |table, mut text: BString| {
            if text.last() == Some(&b';') {
                text.pop();
            }
            table.query = Some(text);
        }),
    ] {
        for mut row in rows.iter() {
            if let Some(at) = model.table_at(row.oid()?) {
                let name = model.qualified(model.tables[at].node);
                field(&mut model.tables[at], row.written(&name)?);
            }
        }
    }
    for mut row in foreign.iter() {
        if let Some(at) = model.table_at(row.oid()?) {
            model.tables[at].foreign = Some((row.text()?, row.text()?));
        }
    }
    Ok(())
}

/// `dumpTable()` in pg_dump.c.
pub(crate) fn render(table: &Table, out: &mut Output<'_>) -> Result<(), Error> {
    if out.writes(table.node, Parts::DEFINITION) {
        match table.kind {
            RelKind::Sequence => sequence::render(table, out)?,
            RelKind::Composite => {}
            RelKind::View => view::render(table, out)?,
            RelKind::Table
            | RelKind::MaterializedView
            | RelKind::ForeignTable
            | RelKind::PartitionedTable => define(table, out)?,
        }
    }
    remarks::rights(table, out);
    Ok(())
}

fn define(table: &Table, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let name = model.qualified(table.node);
    let (word, kind) = table.kind_word();
    let mut defn = create::statement(table, &name, model)?;
    alter::append(table, &name, &mut defn);
    let drop = sql!("DROP ", word, " ", name, ";\n");
    let entry = TocEntry {
        tablespace: match table.kind {
            RelKind::ForeignTable => None,
            _ => Some(table.tablespace.clone()),
        },
        table_am: match table.kind {
            RelKind::ForeignTable => None,
            _ => table.access_method.clone(),
        },
        relkind: relkind_byte(table.kind),
        ..TocEntry::default()
    };
    if let Some(own) = out.define(table.node, kind, Some(&table.owner), (defn, Some(drop))) {
        own.tablespace = entry.tablespace;
        own.table_am = entry.table_am;
        own.relkind = entry.relkind;
        if table.is_postponed {
            own.section = Section::PostData;
        }
    }
    remarks::append(table, word, out);
    Ok(())
}

/// The letter that an entry carries.
fn relkind_byte(kind: RelKind) -> u8 {
    match kind {
        RelKind::Table => b'r',
        RelKind::Sequence => b'S',
        RelKind::View => b'v',
        RelKind::Composite => b'c',
        RelKind::MaterializedView => b'm',
        RelKind::ForeignTable => b'f',
        RelKind::PartitionedTable => b'p',
    }
}

/// `dumpTableAttach()` in pg_dump.c.
pub(crate) fn render_attach(attach: &Attach, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let (parent, partition) = (
        &model.tables[attach.parent],
        &model.tables[attach.partition],
    );
    let name = model.qualified(partition.node);
    let Some(bound) = &partition.partition_bound else {
        return Err(Error::Gone { object: name });
    };
    let defn = sql!(
        "ALTER TABLE ONLY ",
        model.qualified(parent.node),
        " ATTACH PARTITION ",
        name,
        " ",
        bound,
        ";\n"
    );
    let owner = Some(&partition.owner[..]);
    out.define(attach.node, ObjectKind::TableAttach, owner, (defn, None));
    Ok(())
}

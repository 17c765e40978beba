//! Every object of users has a fate: an entry, or a place in another object's, or a reason to be nowhere.
//!
//! The server lists the objects, without those that others bring along. What is not among the objects that
//! were read is named, and the database refused. pg_dump leaves such objects out and says nothing.

use std::collections::HashSet;

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Key, Model};
use super::super::object::{Class, Parts};
use super::ask;
use crate::pg::Session;
use crate::schema::columns::oid_array;

/// The objects of users that were not read. What belongs to a relation counts if the relation's definition is
/// wanted. Pure.
pub(in super::super) fn unknown(rows: &Rows, model: &Model) -> Result<Vec<Key>, Error> {
    let wanted = wanted_relations(model);
    let mut unknown = vec![];
    for mut row in rows.iter() {
        let (catalog, oids, relations) = (row.oid()?, row.numbers::<u32>(), row.numbers::<u32>());
        for (oid, relation) in oids.into_iter().zip(relations) {
            let counts = relation == 0 || wanted.contains(&relation);
            if counts && model.find(catalog, oid).is_none() {
                unknown.push((catalog, oid));
            }
        }
    }
    Ok(unknown)
}

/// Refuses a database with objects that were not understood.
pub(in super::super) async fn check(session: &mut Session, unknown: &[Key]) -> Result<(), Error> {
    if unknown.is_empty() {
        return Ok(());
    }
    let catalogs = oid_array(unknown.iter().map(|(catalog, _)| *catalog));
    let oids = oid_array(unknown.iter().map(|(_, oid)| *oid));
    let sql = ("describe", include_str!("../sql/describe.sql"));
    let rows = ask(session, sql, &[Some(&catalogs), Some(&oids)]).await?;
    let mut objects: Vec<BString> = vec![];
    for mut row in rows.iter() {
        objects.push(
            row.optional()
                .unwrap_or_else(|| "an object that is gone".into()),
        );
    }
    Err(Error::Unaccounted { objects })
}

/// Tells what is never dumped, of everything or of the relations that are wanted.
pub(in super::super) fn tell_never_dumped(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    let wanted = wanted_relations(model);
    for mut row in rows.iter() {
        // Null for an object that was dropped meanwhile.
        let (Some(object), why) = (row.optional(), row.text()?) else {
            continue;
        };
        if model.chosen.is_everything() || wanted.contains(&row.oid()?) {
            model.notices.push(format!("{object} {why}"));
        }
    }
    Ok(())
}

fn wanted_relations(model: &Model) -> HashSet<u32> {
    let tables = model.objects.iter();
    let tables =
        tables.filter(|own| own.class == Class::Table && own.wanted.has(Parts::DEFINITION));
    tables.map(|table| table.catalog.oid).collect()
}

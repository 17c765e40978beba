//! Every object of users has a fate: an entry, or a place in another object's, or a reason to be nowhere.
//!
//! The server lists the objects, without those that others bring along. What is not among the objects that
//! were read is named, and the database refused. pg_dump leaves such objects out and says nothing.

use bstr::BString;

use super::super::catalogs::PG_CLASS;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Key, Model};
use super::ask;
use crate::pg::Session;
use crate::schema::columns::oid_array;

/// The objects of users that were not read. What belongs to a relation counts if the relation's definition is
/// wanted. Pure.
pub(in super::super) fn unknown(rows: &Rows, model: &Model) -> Result<Vec<Key>, Error> {
    let mut unknown = vec![];
    for mut row in rows.iter() {
        let (catalog, oids, relations) = (row.oid()?, row.numbers::<u32>(), row.numbers::<u32>());
        if oids.len() != relations.len() {
            return Err(Error::Corrupt {
                object: "accounts".into(),
                what: "lists of objects and relations of different lengths".into(),
            });
        }
        for (oid, relation) in oids.into_iter().zip(relations) {
            let counts = relation == 0 || model.wants(PG_CLASS, relation);
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
    for mut row in rows.iter() {
        // Null for an object that was dropped meanwhile.
        let (Some(object), why) = (row.optional(), row.text()?) else {
            continue;
        };
        if model.chosen.is_everything() || model.wants(PG_CLASS, row.oid()?) {
            model.notices.push(format!("{object} {why}"));
        }
    }
    Ok(())
}

//! Every object of users has a fate: an entry, or a place in another object's, or a reason to be nowhere.
//!
//! The statement names what is left when the objects that were read, and those that others bring along, are
//! taken away. pg_dump leaves such objects out and says nothing.

use super::super::catalogs::FIRST_USER_OID;
use super::super::error::Error;
use super::super::model::Model;
use super::ask;
use crate::pg::Session;
use crate::schema::columns::oid_array;

/// Refuses a database with objects that were not understood, and tells those that are never dumped.
pub(in super::super) async fn check(session: &mut Session, model: &mut Model) -> Result<(), Error> {
    let users = model.objects.iter().map(|object| object.catalog);
    let users = users.filter(|catalog| catalog.oid >= FIRST_USER_OID && catalog.table_oid != 0);
    let (catalogs, oids): (Vec<u32>, Vec<u32>) = users
        .map(|catalog| (catalog.table_oid, catalog.oid))
        .unzip();
    let relations = model.wanted_relations();
    let (catalogs, oids) = (oid_array(catalogs.into_iter()), oid_array(oids.into_iter()));
    let parameters = [Some(&catalogs[..]), Some(&oids[..]), Some(&relations[..])];
    let sql = ("accounts", include_str!("../sql/accounts.sql"));
    let rows = ask(session, sql, &parameters).await?;
    let mut unknown = vec![];
    for mut row in rows.iter() {
        unknown.push(row.text()?);
    }
    if !unknown.is_empty() {
        return Err(Error::Unaccounted { objects: unknown });
    }
    if model.selection.is_everything() {
        let sql = ("never_dumped", include_str!("../sql/never_dumped.sql"));
        let rows = ask(session, sql, &[]).await?;
        for mut row in rows.iter() {
            let (object, why) = (row.text()?, row.text()?);
            model.notices.push(format!("{object} is left out: {why}"));
        }
    }
    Ok(())
}

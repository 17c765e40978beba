//! An object of an archive by the name that was typed: its database, and messages where there is none or
//! more.

use bstr::{BString, ByteSlice};

use super::Error;
use super::named::ObjectName;
use crate::monitor::nearest;
use crate::source::{Contents, Source};
use crate::toc::TocEntry;

/// A database of the archive.
pub(super) struct Found {
    pub(super) database: BString,
    pub(super) contents: Contents,
}

/// The database that is meant, read.
pub(super) async fn database(source: &Source, name: &ObjectName) -> Result<Found, Error> {
    let all = source.databases();
    let database = match (&name.database, all) {
        (Some(database), _) => database.clone(),
        (None, [only]) => only.name.clone(),
        (None, _) => {
            return Err(Error::WhichDatabase {
                databases: all.iter().map(|database| database.name.clone()).collect(),
            });
        }
    };
    let contents = source.contents(&database).await?;
    Ok(Found { database, contents })
}

/// Nothing has the name.
pub(super) fn nothing(
    what: &'static str,
    name: &ObjectName,
    database: &BString,
    entries: &[&TocEntry],
) -> Error {
    let names = entries.iter().map(|entry| entry.tag.as_slice());
    // Of the same name, in another schema.
    let same = names.clone().find(|tag| *tag == name.name.as_slice());
    let near = same.or_else(|| nearest::nearest(&name.name, names));
    let near = entries
        .iter()
        .find(|entry| Some(entry.tag.as_slice()) == near);
    Error::NoObject {
        what,
        name: name.clone(),
        database: database.clone(),
        near: near.map(|entry| {
            let schema = entry.schema().as_bstr();
            format!("{schema}.{}", entry.tag).into()
        }),
    }
}

/// The name is that of objects in several schemas.
pub(super) fn several<'a>(name: &ObjectName, schemas: impl Iterator<Item = &'a [u8]>) -> Error {
    let mut schemas: Vec<BString> = schemas.map(BString::from).collect();
    schemas.sort();
    schemas.dedup();
    Error::WhichSchema {
        name: name.clone(),
        schemas,
    }
}

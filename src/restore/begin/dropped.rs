//! The objects that `--clean` will drop, with sizes, for a plan.
//!
//! Asks only. `prepare` and `clean` do the dropping and know its order.

use bstr::BString;

use crate::pg::{self, ServerConfig, Session};
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::error::Error;
use crate::restore::plan::losses::Dropped;
use crate::restore::plan::{DatabaseWork, Preparation};
use crate::restore::statements::text_array;
use crate::restore::statements::{IfExists, drop};
use crate::toc::{ObjectKind, quote};

const DATABASE: &[u8] = include_bytes!("sql/dropped_database.sql");
const RELATIONS: &[u8] = include_bytes!("sql/dropped_relations.sql");

/// Everything on the target that is dropped before something is restored.
pub(crate) async fn look(
    session: &mut Session,
    server: &ServerConfig,
    contents: &Contents,
    work: &[DatabaseWork],
) -> Result<Vec<Dropped>, Error> {
    let mut dropped = Vec::new();
    for (database, work) in contents.databases.iter().zip(work) {
        let found = match work.preparation {
            Preparation::Replace => replaced(session, database).await,
            Preparation::Clean => cleaned(server, database, work).await,
            _ => continue,
        };
        let doing = format!(
            "ask for the objects to drop in database \"{}\"",
            database.target
        );
        dropped.extend(found.map_err(Error::server(doing))?);
    }
    Ok(dropped)
}

async fn replaced(
    session: &mut Session,
    database: &DatabaseContents,
) -> Result<Vec<Dropped>, pg::Error> {
    let rows = session.query(DATABASE, &[Some(&database.target)]).await?;
    let dropped = rows.iter().map(|row| {
        let bytes = match row.get(0) {
            Some(_) => Some(row.i64(0)?.unsigned_abs()),
            None => None,
        };
        Ok(Dropped {
            database: database.target.clone(),
            object: None,
            bytes,
        })
    });
    dropped.collect()
}

async fn cleaned(
    server: &ServerConfig,
    database: &DatabaseContents,
    work: &DatabaseWork,
) -> Result<Vec<Dropped>, pg::Error> {
    let is_relation = |kind: &ObjectKind| {
        matches!(
            kind,
            ObjectKind::Table | ObjectKind::MaterializedView | ObjectKind::Sequence
        )
    };
    let wanted = work.wanted(database).map(|(_, entry)| entry);
    let wanted = wanted.filter(|entry| drop(entry, IfExists::Fail).is_some());
    let relations = wanted.filter(|entry| is_relation(&entry.kind));
    let names: Vec<BString> = relations
        .map(|entry| quote::qualified(entry.schema(), &entry.tag))
        .collect();
    // Obstacles to a connection are found before anything is dropped.
    let Ok(mut session) = Session::connect(&server.with_dbname(&database.target)).await else {
        return Ok(Vec::new());
    };
    let rows = session
        .query(RELATIONS, &[Some(&text_array(&names))])
        .await?;
    session.close().await;
    let dropped = rows.iter().map(|row| {
        Ok(Dropped {
            database: database.target.clone(),
            object: Some(String::from_utf8_lossy(row.text(0)?).into_owned()),
            bytes: Some(row.i64(1)?.unsigned_abs()),
        })
    });
    dropped.collect()
}

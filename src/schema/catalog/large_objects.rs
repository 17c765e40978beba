//! Large objects without their contents: owners, grants, comments, and how much there is of them.

use bstr::BString;

use crate::pg::{Row, Session};
use crate::schema::Error;
use crate::schema::columns::{optional, text};
use crate::schema::contents::LargeObjectFacts;
use crate::schema::grants::Grant;

/// The objects, the grants of each ACL among theirs, and an estimate of their bytes.
pub(super) type LargeObjects = (Vec<LargeObjectFacts>, Vec<(BString, Vec<Grant>)>, u64);

pub(super) async fn read(session: &mut Session) -> Result<LargeObjects, Error> {
    let mut objects: Vec<LargeObjectFacts> = vec![];
    let mut grants: Vec<(BString, Vec<Grant>)> = vec![];
    for row in session
        .query(include_bytes!("../sql/large_objects.sql"), &[])
        .await?
    {
        let object = LargeObjectFacts {
            oid: row.u32(0)?,
            owner_quoted: text(&row, 1)?,
            acl: optional(&row, 2),
            comment: optional(&row, 3),
        };
        if let Some(acl) = &object.acl
            && !grants.iter().any(|(known, _)| known == acl)
        {
            grants.push((acl.clone(), read_grants(session, object.oid).await?));
        }
        objects.push(object);
    }
    let bytes = if objects.is_empty() {
        0
    } else {
        read_large_object_bytes(session).await?
    };
    Ok((objects, grants, bytes))
}

async fn read_large_object_bytes(session: &mut Session) -> Result<u64, Error> {
    let sql = b"SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')";
    let rows = session.query(sql, &[]).await?;
    rows.first()
        .map_or(Ok(0), |row| Ok(row.i64(0)?.unsigned_abs()))
}

async fn read_grants(session: &mut Session, oid: u32) -> Result<Vec<Grant>, Error> {
    let oid = oid.to_string();
    let rows = session
        .query(
            include_bytes!("../sql/large_object_acl.sql"),
            &[Some(oid.as_bytes())],
        )
        .await?;
    rows.iter().map(grant_of).collect()
}

/// A row of grantee (empty for PUBLIC), privilege, grant option and grantor.
fn grant_of(row: &Row) -> Result<Grant, Error> {
    Ok(Grant {
        grantee_quoted: text(row, 0)?,
        privilege: text(row, 1)?,
        grantable: row.bool(2)?,
        grantor_quoted: text(row, 3)?,
    })
}

//! What makes sure that nothing is left out in silence.
//!
//! ```text
//! shape     before: the catalogs have exactly the columns that somebody thought about
//! accounts  after reading: every object of users is known, or known to be nobody's loss
//! drift     at the end: what the server writes as it is now is still as in the snapshot
//! ```
//!
//! The codes in the catalogs are the fourth guard ([`super::letters`]).

pub(super) mod accounts;
pub(super) mod drift;
pub(super) mod shape;

use super::error::Error;
use super::fields::Rows;
use super::version::for_major;
use crate::pg::Session;

/// Asks one statement of a guard.
async fn ask(
    session: &mut Session,
    (statement, sql): (&'static str, &str),
    parameters: &[Option<&[u8]>],
) -> Result<Rows, Error> {
    let sql = for_major(sql, session.server_version().major());
    let rows = session.query_packed(sql.as_bytes(), parameters).await;
    let rows = rows.map_err(|source| Error::Query { statement, source })?;
    Ok(Rows { statement, rows })
}

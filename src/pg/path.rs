//! The search path that the user has in a database, as a value.
//!
//! A pattern without a schema names what is visible on that path, in pg_dump as in psql
//! (`expand_table_name_patterns` in pg_dump.c). Sessions that work have an empty path, so one of its own,
//! closed at once, says which schemas the path leads to. One statement runs under the path, and nothing in it
//! is looked up there.

use super::connect::config::ServerConfig;
use super::connect::opening::PathAtStart;
use super::error::Error;
use super::session::Session;

const SCHEMAS: &[u8] = include_bytes!("sql/users_schemas.sql");

/// The OIDs of the schemas on the path that the user has in the configuration's database, the first one
/// first.
pub async fn users_schemas(config: &ServerConfig) -> Result<Vec<u32>, Error> {
    let mut session = Session::open(config, PathAtStart::Users).await?;
    session.execute(b"RESET search_path").await?;
    let rows = session.query(SCHEMAS, &[]).await?;
    session.close().await;
    rows.iter().map(|row| row.u32(0)).collect()
}

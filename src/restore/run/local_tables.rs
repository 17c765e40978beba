//! Which relations an ANALYZE or a VACUUM names, so that it asks no foreign server.
//!
//! A restore has no business on other servers: one that does not answer would hold it up for ever, and a copy
//! in another place would ask the original's servers. `statistics` and `schedule` decide which tables are
//! analyzed and when.

use bstr::BString;

use crate::pg::{self, Session};
use crate::restore::plan::statistics::Command;
use crate::restore::statements::text_array;

const LOCAL_TABLES: &[u8] = include_bytes!("sql/local_tables.sql");

/// ANALYZE and VACUUM go to inheritance children by themselves from this version on; with ONLY they do not.
const ONLY_SINCE: u32 = 180_000;

/// One relation as a command names it, `ONLY` before it where that is needed.
pub(crate) type Named = BString;

/// The outcome for a list of names.
#[derive(Debug, Default)]
pub(crate) struct LocalTables {
    pub(crate) named: Vec<Named>,
    /// Parents that get no statistics, because part of their rows is on a foreign server.
    pub(crate) unasked: Vec<BString>,
}

/// Asks which relations stand for the tables `names`, quoted, that are there.
pub(crate) async fn find(
    session: &mut Session,
    command: Command,
    names: &[BString],
) -> Result<LocalTables, pg::Error> {
    let has_only = session.server_version().num() >= ONLY_SINCE;
    let mut found = LocalTables::default();
    for row in session
        .query(LOCAL_TABLES, &[Some(&text_array(names))])
        .await?
    {
        let name = BString::from(row.text(0)?);
        let (is_plain_parent, asks, has_handler) = (row.bool(1)?, row.bool(2)?, row.bool(3)?);
        let named = if is_plain_parent && has_only {
            [&b"ONLY "[..], &name].concat().into()
        } else {
            name.clone()
        };
        // VACUUM samples nothing, and so asks nobody about the children of a table.
        if !asks || (command == Command::Vacuum && is_plain_parent) {
            found.named.push(named);
        } else if command == Command::Analyze && has_handler {
            found.unasked.push(name);
        }
    }
    Ok(found)
}

//! Who is in a database that is to be dropped, and keeps it from being so. Reads only.

use super::facts::Target;
use crate::pg::{self, Session};
use crate::restore::contents::Contents;

const SESSIONS: &[u8] = include_bytes!("sql/sessions.sql");

impl Target {
    /// Asks who is in the databases that cannot be dropped for that.
    pub(crate) async fn name_sessions(
        &mut self,
        session: &mut Session,
        contents: &Contents,
    ) -> Result<(), pg::Error> {
        for database in &contents.databases {
            let found = self.databases.get_mut(&database.target);
            let Some(found) = found.filter(|found| found.sessions > 0) else {
                continue;
            };
            for row in session.query(SESSIONS, &[Some(&database.target)]).await? {
                let pid = row.i32(0)?;
                let text = |column| String::from_utf8_lossy(row.get(column).unwrap_or_default());
                let (user, from, how) = (text(1), text(2), text(3));
                found
                    .who
                    .push(format!("\"{user}\"{from} ({how}, pid {pid})"));
            }
        }
        Ok(())
    }
}

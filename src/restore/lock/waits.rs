//! What the restore's own sessions wait for while others have it: said once for each, with who that is.
//!
//! Asked on the session that holds the lock, which has nothing else to do. The restore's own sessions are
//! those that have marked a database, and the one that creates roles and databases.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::holder::Holder;
use crate::monitor::Monitor;
use crate::pg::{Error, Row, ServerConfig, Session};
use crate::restore::lock::advisory::WORKER_CLASS;

const WAITS: &[u8] = include_bytes!("sql/waits.sql");
const RELATION: &[u8] = include_bytes!("sql/relation.sql");

/// One session of the restore's, and whom it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wait {
    pid: i32,
    relation: Option<u32>,
    holder: i32,
}

/// The waits that were seen.
pub(crate) struct Waits {
    server: ServerConfig,
    /// The numbers that stand for the databases, as an array of oids.
    oids: String,
    /// The process of the session for roles and databases.
    maintenance_pid: i32,
    monitor: Monitor,
    seen: HashSet<Wait>,
    told: HashSet<Wait>,
}

impl Waits {
    pub(crate) fn new(
        server: ServerConfig,
        oids: String,
        maintenance_pid: i32,
        monitor: Monitor,
    ) -> Self {
        Self {
            server,
            oids,
            maintenance_pid,
            monitor,
            seen: HashSet::new(),
            told: HashSet::new(),
        }
    }

    /// Looks once. Holders that were there the last time too are named.
    pub(crate) async fn look(&mut self, session: &mut Session) -> Result<(), Error> {
        let pid = self.maintenance_pid.to_string();
        let params = [
            Some(WORKER_CLASS),
            Some(self.oids.as_bytes()),
            Some(pid.as_bytes()),
        ];
        let mut now = HashSet::new();
        for row in session.query(WAITS, &params).await? {
            let wait = Wait {
                pid: row.i32(0)?,
                relation: row.get(2).map(|_| row.u32(2)).transpose()?,
                holder: row.i32(3)?,
            };
            if self.seen.contains(&wait) && !self.told.contains(&wait) {
                self.tell(&row, &wait).await?;
                self.told.insert(wait.clone());
            }
            now.insert(wait);
        }
        self.told.retain(|wait| now.contains(wait));
        self.seen = now;
        Ok(())
    }

    async fn tell(&self, row: &Row, wait: &Wait) -> Result<(), Error> {
        let database = row.text(1)?;
        let what = match wait.relation {
            Some(oid) => self.relation(database, oid).await,
            None => None,
        };
        let what = match (what, row.text(8)?) {
            (Some(name), _) => format!("\"{name}\""),
            (None, b"transactionid") => "a row that is being changed".to_owned(),
            (None, b"object") => "an object".to_owned(),
            (None, _) => "something".to_owned(),
        };
        let place = if wait.pid == self.maintenance_pid {
            "roles and databases".to_owned()
        } else {
            format!("database \"{}\"", database.as_bstr())
        };
        let text = match wait.holder {
            0 => format!("{place}: {what} is locked by a prepared transaction"),
            pid => {
                let holder = Holder::of(row, pid, 4);
                format!(
                    "{place}: {what} is locked by {holder}; its end is waited for, and \
                     SELECT pg_terminate_backend({pid}) ends it"
                )
            }
        };
        self.monitor.notice(text);
        Ok(())
    }

    /// A relation's name; none where it cannot be found out.
    async fn relation(&self, database: &[u8], oid: u32) -> Option<BString> {
        let config = self.server.with_dbname(database);
        let mut session = Session::connect(&config).await.ok()?;
        let oid = oid.to_string();
        let rows = session.query(RELATION, &[Some(oid.as_bytes())]).await;
        let name = rows
            .ok()
            .and_then(|rows| Some(rows.first()?.get(0)?.into()));
        session.close().await;
        name
    }
}

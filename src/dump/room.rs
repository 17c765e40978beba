//! Whether the server has room for all sessions of a dump, asked before the first of them.
//!
//! Each database has a leader from the snapshot to its last row, and each worker a session or a pg_dump's. A
//! dump of a thousand databases must neither fail at the hundredth, nor take the last sessions from those
//! whom the server is for.

use std::num::NonZeroUsize;

use bstr::BString;

use super::error::Error;
use crate::pg::Session;

/// Sessions that a dump of many databases leaves to others.
const SPARE_MAX: i64 = 3;
/// A dump of so many databases leaves one.
const DATABASES_PER_SPARE: i64 = 4;

/// What the server takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Room {
    /// `max_connections`.
    sessions_max: i64,
    /// Kept for superusers and their like.
    reserved: i64,
    /// In use, the one that asks among them.
    used: i64,
    is_superuser: bool,
    /// Databases with a limit of their own, and how many sessions they still take.
    limited: Vec<(BString, i64)>,
}

impl Room {
    /// Asks the server.
    pub(super) async fn look(session: &mut Session) -> Result<Self, Error> {
        let rows = session.query(include_bytes!("sql/room.sql"), &[]).await?;
        let row = rows
            .first()
            .ok_or(Error::Internal("a session without a user"))?;
        let mut room = Self {
            sessions_max: row.i64(0)?,
            reserved: row.i64(1)?,
            used: row.i64(2)?,
            is_superuser: row.bool(3)?,
            limited: vec![],
        };
        if !room.is_superuser {
            let sql = include_bytes!("sql/limited_databases.sql");
            for row in session.query(sql, &[]).await? {
                let name = row.text(0)?.into();
                room.limited.push((name, row.i64(1)? - row.i64(2)?));
            }
        }
        Ok(room)
    }

    /// How many workers there is room for, at most `jobs`; an error where there is not even room for the
    /// leaders and one.
    pub(super) fn fit(
        &self,
        databases: &[BString],
        jobs: NonZeroUsize,
    ) -> Result<NonZeroUsize, Error> {
        let count = i64::try_from(databases.len()).unwrap_or(i64::MAX);
        // One database is dumped even where a superuser's last resort is all that is left.
        let reserved = if self.is_superuser {
            self.reserved.min(count - 1)
        } else {
            self.reserved
        };
        let spare = (count / DATABASES_PER_SPARE).min(SPARE_MAX);
        // The session that asked ends before the first leader begins.
        let free = self.sessions_max - reserved - spare - self.used + 1;
        if free < count.saturating_add(1) {
            return Err(Error::NoRoom {
                databases: databases.len(),
                free: free.max(0),
                sessions_max: self.sessions_max,
            });
        }
        let mut workers = free - count;
        for (name, free) in &self.limited {
            if !databases.contains(name) {
                continue;
            }
            if *free < 2 {
                return Err(Error::NoRoomIn {
                    database: name.clone(),
                    free: (*free).max(0),
                });
            }
            workers = workers.min(free - 1);
        }
        let workers = usize::try_from(workers).ok().and_then(NonZeroUsize::new);
        Ok(workers.unwrap_or(NonZeroUsize::MIN).min(jobs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN)
    }

    fn names(count: usize) -> Vec<BString> {
        (0..count).map(|n| format!("d{n}").into()).collect()
    }

    fn room(used: i64, is_superuser: bool) -> Room {
        Room {
            sessions_max: 100,
            reserved: 3,
            used,
            is_superuser,
            limited: vec![],
        }
    }

    #[test]
    fn the_last_sessions_are_left_to_others() {
        for is_superuser in [false, true] {
            let room = room(11, is_superuser);
            // 100, less 3 that are reserved, 3 that are spared and 10 of others.
            assert_eq!(room.fit(&names(80), jobs(8)).ok(), Some(jobs(4)));
            assert_eq!(room.fit(&names(83), jobs(8)).ok(), Some(jobs(1)));
            let Err(Error::NoRoom { free, .. }) = room.fit(&names(84), jobs(8)) else {
                panic!("there is no room for 84");
            };
            assert_eq!(free, 84);
        }
    }

    #[test]
    fn one_database_is_dumped_in_what_is_left() {
        assert_eq!(room(99, true).fit(&names(1), jobs(8)).ok(), Some(jobs(1)));
        assert!(room(99, false).fit(&names(1), jobs(8)).is_err());
        assert_eq!(room(96, false).fit(&names(1), jobs(8)).ok(), Some(jobs(1)));
    }

    #[test]
    fn a_database_has_a_limit_of_its_own() {
        let limited = |free| Room {
            limited: vec![("d1".into(), free), ("other".into(), 0)],
            ..room(1, false)
        };
        assert_eq!(limited(3).fit(&names(2), jobs(8)).ok(), Some(jobs(2)));
        assert!(matches!(
            limited(1).fit(&names(2), jobs(8)),
            Err(Error::NoRoomIn { .. })
        ));
        assert_eq!(limited(1).fit(&names(1), jobs(8)).ok(), Some(jobs(8)));
    }
}

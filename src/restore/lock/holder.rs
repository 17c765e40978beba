//! Who has a lock, as far as the server says it to this user.

use std::fmt;

use bstr::{BString, ByteSlice};

use crate::pg::{Error, Row, Session};

const HOLDERS: &[u8] = include_bytes!("sql/holders.sql");

/// Another session that has a lock of a restore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The number that stands for the database's name.
    pub(crate) number: u32,
    /// Its process on the server.
    pub(crate) pid: i32,
    /// Whether it holds the lock, and does not merely claim it.
    pub(crate) is_established: bool,
    /// Its user and its application name, which everybody may see.
    pub(crate) user: Option<BString>,
    pub(crate) application: Option<BString>,
    /// Where it came from and since when it is there, which not everybody may.
    pub(crate) host: Option<String>,
    pub(crate) since: Option<String>,
}

/// The other sessions that have locks of one of two classes on one of the numbers in `oids`. Those of the
/// first class are established, and come first.
pub(crate) async fn holders(
    session: &mut Session,
    [holding, claiming]: [&[u8]; 2],
    oids: &str,
) -> Result<Vec<Holder>, Error> {
    let params = [Some(holding), Some(claiming), Some(oids.as_bytes())];
    let rows = session.query(HOLDERS, &params).await?;
    let holder = |row: &Row| {
        Ok(Holder {
            number: row.u32(0)?,
            is_established: row.bool(2)?,
            ..Holder::of(row, row.i32(1)?, 3)
        })
    };
    rows.iter().map(holder).collect()
}

impl Holder {
    /// The session `pid`, described in four columns from `first` on.
    pub(crate) fn of(row: &Row, pid: i32, first: usize) -> Self {
        let bytes = |column: usize| row.get(first + column).filter(|text| !text.is_empty());
        let text = |column: usize| bytes(column).map(|text| text.to_str_lossy().into_owned());
        Self {
            pid,
            user: bytes(0).map(BString::from),
            application: bytes(1).map(BString::from),
            host: text(2),
            since: text(3),
            ..Self::default()
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "server process {}", self.pid)?;
        if let Some(user) = &self.user {
            write!(f, " of user \"{user}\"")?;
        }
        if let Some(application) = &self.application {
            write!(f, ", application \"{application}\"")?;
        }
        match (&self.host, &self.since) {
            (Some(host), Some(since)) => write!(f, ", from {host}, since {since}"),
            (None, Some(since)) => write!(f, ", since {since}"),
            _ => f.write_str(
                "; since when and from where is shown to that user and to members of \
                 pg_read_all_stats",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_seen_is_said() {
        let mut holder = Holder {
            pid: 4711,
            user: Some("admin".into()),
            application: Some("pgark".into()),
            host: Some("10.0.0.7".to_owned()),
            since: Some("2026-11-26 05:43:10 UTC".to_owned()),
            ..Holder::default()
        };
        assert_eq!(
            holder.to_string(),
            "server process 4711 of user \"admin\", application \"pgark\", from 10.0.0.7, since \
             2026-11-26 05:43:10 UTC"
        );
        (holder.host, holder.since, holder.application) = (None, None, None);
        assert_eq!(
            holder.to_string(),
            "server process 4711 of user \"admin\"; since when and from where is shown to that user \
             and to members of pg_read_all_stats"
        );
    }
}

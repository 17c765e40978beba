//! Advisory locks on the names of databases: which numbers stand for them, how they are taken and given back.
//!
//! Who may take one when is [`take`](super::take)'s.

use crate::digest::Sha256;
use crate::pg::{self, Session};
use crate::restore::contents::Contents;
use crate::restore::lock::holder::{Holder, holders};
use crate::restore::options::RestoreOptions;
use bstr::BString;

const TAKE: &[u8] = include_bytes!("sql/take.sql");
const RELEASE: &[u8] = include_bytes!("sql/release.sql");

/// The first number of an advisory lock is its purpose: holding a database, working in it, or claiming it.
pub(crate) const HOLDER_CLASS: &[u8] = b"1885827691";
pub(crate) const WORKER_CLASS: &[u8] = b"1885827692";
pub(crate) const CLAIM_CLASS: &[u8] = b"1885827693";

/// Names and the numbers that stand for them in locks.
pub(crate) struct Names<'a> {
    pub(crate) names: Vec<&'a BString>,
    pub(crate) numbers: Vec<i32>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(contents: &'a Contents, options: &RestoreOptions) -> Self {
        let databases = contents.databases.iter();
        let mut names: Vec<&BString> = databases
            .filter(|_| options.wants_databases())
            .map(|database| &database.target)
            .collect();
        names.sort();
        names.dedup();
        let numbers = names.iter().map(|name| number(name)).collect();
        Self { names, numbers }
    }

    /// Other sessions that have locks of the first class, or of the second, on one of the names.
    pub(crate) async fn holders(
        &self,
        session: &mut Session,
        classes: [&[u8]; 2],
    ) -> Result<Vec<Holder>, pg::Error> {
        holders(session, classes, &self.oids()).await
    }

    /// The numbers as `pg_locks` shows them.
    pub(crate) fn oids(&self) -> String {
        array(self.numbers.iter().map(|number| number.cast_unsigned()))
    }
}

pub(crate) fn array(numbers: impl Iterator<Item = impl ToString>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

/// The number that stands for a database's name in a lock.
pub(crate) fn number(name: &[u8]) -> i32 {
    let digest = Sha256::of(name);
    let [first, second, third, fourth, ..] = *digest.as_bytes();
    i32::from_be_bytes([first, second, third, fourth])
}

/// The statement by which a session says that it works in this database, until its end.
pub(crate) fn mark(name: &[u8]) -> BString {
    let class = String::from_utf8_lossy(WORKER_CLASS);
    format!(
        "SELECT pg_catalog.pg_try_advisory_lock_shared({class}, {});\n",
        number(name)
    )
    .into()
}

/// Gives all locks of the session back. Returns its process.
pub(crate) async fn release(session: &mut Session) -> Result<i32, pg::Error> {
    let rows = session.query(RELEASE, &[]).await?;
    rows.first().ok_or(pg::Error::Closed)?.i32(0)
}

/// Locks every name in one class. Returns whether all of them could be: shared locks can, unless somebody
/// else's program uses the same numbers.
pub(crate) async fn take_class(
    session: &mut Session,
    class: &[u8],
    names: &Names<'_>,
) -> Result<bool, pg::Error> {
    let array = array(names.numbers.iter());
    let params = [Some(class), Some(array.as_bytes())];
    let mut all = true;
    for row in session.query(TAKE, &params).await? {
        all &= row.bool(0)?;
    }
    Ok(all)
}

pub(crate) fn name_of<'a>(names: &Names<'a>, holder: &Holder) -> &'a BString {
    let is_it = |number: &i32| number.cast_unsigned() == holder.number;
    let position = names.numbers.iter().position(is_it).unwrap_or(0);
    names.names[position]
}

//! The lock of a restore: one restore at a time works in a database.
//!
//! It has to hold between calls that know nothing of each other: with other options, as other users,
//! connected by way of other databases, before the database exists and while it is dropped and created
//! again. So it is a lock on the database's *name*. PostgreSQL has no lock on a name that every user may
//! take; advisory locks are the next best, and an advisory lock belongs to the database of the session
//! that takes it (`SET_LOCKTAG_INT32` in lockfuncs.c puts `MyDatabaseId` into it). The view `pg_locks`
//! shows those of all databases to everybody. A restore therefore takes its locks wherever it is
//! connected, looks whether another session of the server has the same, and goes on when none has:
//!
//! 1. It claims all its databases at once. Claims are shared locks, which do not keep each other out.
//! 2. It looks at the claims of others. As everybody claims before looking, of two restores one at least sees
//!    the other. [`claim`] decides which one gives way; it is pure.
//! 3. It marks its databases as held, by a second lock on each, which tells those who come later to give up.
//!
//! Nobody waits in a queue while it holds something, so the order of the databases does not matter.
//!
//! [`advisory`] is the locks themselves, [`take`](mod@take) the steps above. [`keep`] holds the lock in a
//! session of its own, and tells when that is lost; [`waits`] asks there whom the restore waits for. Each
//! session that works in a database has a second, shared lock on the name ([`mark`]): what a restore that was
//! killed or cut off has left at work is waited for before the next one begins.

mod advisory;
mod claim;
mod holder;
mod keep;
mod take;
mod waits;

pub(crate) use advisory::mark;
pub(crate) use keep::Lock;
pub(crate) use take::{look, take};

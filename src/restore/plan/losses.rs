//! The databases and relations that a restore drops on the target before it begins. Pure.
//!
//! `begin::dropped` asks the target for them; the words for people are in `cli`.

use bstr::BString;

/// Something on the target that is dropped: a database, or a relation of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The database's name on the target.
    pub database: BString,
    /// The relation's quoted name; none where it is the whole database.
    pub object: Option<String>,
    /// Its size on the disk, where the user may know.
    pub bytes: Option<u64>,
}

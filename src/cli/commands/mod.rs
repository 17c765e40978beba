//! The commands: what the user typed becomes an operation's options, the operation is called, its outcome
//! printed.

pub(crate) mod compare;
pub(crate) mod dump;
pub(crate) mod inspect;
pub(crate) mod named_files;
pub(crate) mod restore;
pub(crate) mod swapped;
pub(crate) mod verify;

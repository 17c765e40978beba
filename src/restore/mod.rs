//! restore
mod lex;
mod options;
mod rename;
mod select;
mod statements;
#[cfg(test)]
mod testing;

pub use options::{Content, DatabaseChoice, GlobalsChoice, RestoreOptions, Sections, Selection};

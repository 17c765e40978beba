//! restore
mod graph;
mod lex;
mod options;
mod rename;
mod schedule;
mod select;
mod statements;
#[cfg(test)]
mod testing;

pub use options::{Content, DatabaseChoice, GlobalsChoice, RestoreOptions, Sections, Selection};

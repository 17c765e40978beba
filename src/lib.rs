//! pgark: portable, checksummed snapshots of PostgreSQL databases in one file.
//!
//! This page is the architecture. Imports point down only, siblings never import one another, and
//! `tests/tidy.rs` holds the table:
//!
//! ```text
//! 6  main -> cli                                arguments, terminal, exit codes
//! 5  dump  restore  verify  compare  inspect     the operations
//! 4  source                                     one read view over layer 3's two formats
//! 3  archive   pgdump   schema                  our container | pg_dump's formats | catalogs -> TOC
//! 2  storage   pg                               objects and ranges | sessions, snapshots, COPY
//! 1  toc                                        the shared vocabulary: pure data, no I/O, no serde
//! 0  digest  monitor                            hashes | progress and interruption
//! ```
//!
//! **Invariants.** `archive`, `pgdump` and `storage` do not know that a server exists; `schema` and
//! `pg` do not know that archives exist. Only `cli` prints, reads the environment or exits. Only
//! layer 5 spawns tasks. Nothing commits in a destructor: a writer is finished or its work is gone.
//!
//! Every name and every piece of SQL that comes from a database is bytes, not `str`: a `SQL_ASCII`
//! database may hold any byte but zero in both.

pub mod digest;
pub mod monitor;

pub mod toc;

pub mod pg;
pub mod storage;

pub mod archive;
pub mod pgdump;
pub mod schema;

pub mod source;

pub mod compare;
pub mod dump;
pub mod inspect;
pub mod restore;
pub mod verify;

pub mod cli;

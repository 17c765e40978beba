//! Sessions on PostgreSQL servers: connecting as libpq does, statements, COPY in both directions.
//!
//! A client of our own over the postgres-protocol crate's SCRAM, because statements and names are bytes in
//! the database's encoding and because COPY must cost as little as it can. Not here: any statement (`schema`,
//! `dump`, `restore`). The rooms. Files of one import rooms of lower floors only:
//!
//! ```text
//! 9  resolve                   what the user said, and where: options, environment, files
//! 8  path                      the search path that a user has
//! 7  session                   what can be done once we are in
//! 6  connect                   reaching a server, TLS, logging in
//! 5  copy_in copy_out watch    rows in, rows out, waiting for the end of a session
//! 4  wire                      the protocol
//! 3  options                   what libpq's options mean
//! 2  hint                      what helps
//! 1  error                     what can go wrong
//! 0  db_error                  the server's own words
//! ```

mod connect;
mod copy_in;
mod copy_out;
mod db_error;
mod error;
mod hint;
mod options;
mod path;
mod resolve;
mod session;
mod watch;
mod wire;

pub use connect::cancel::Canceller;
pub use connect::config::ServerConfig;
pub use connect::opening::PARAMETERS;
pub use copy_in::CopyIn;
pub use copy_out::CopyOut;
pub use db_error::DbError;
pub use error::Error;
pub use options::password::{PasswordPolicy, PasswordPrompt};
pub use path::users_schemas;
pub use resolve::{ConnectionArgs, Environment, resolve};
pub use session::Session;
pub use wire::packed::{PackedRow, PackedRows};
pub use wire::row::Row;
pub use wire::transaction::TransactionStatus;
pub use wire::value::Value;
pub use wire::version::ServerVersion;

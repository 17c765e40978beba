//! Sessions on PostgreSQL servers: connecting as libpq does, statements, COPY in both directions.
//!
//! A client of our own over the postgres-protocol crate's SCRAM, because statements and names are bytes in
//! the database's encoding and because COPY must cost as little as it can. Reading order: [`resolve()`] says
//! where and how to connect, `settings` what the options mean, `connect` and `startup` open a connection,
//! `tls` secures it, `auth` gets us in; [`Session`] is what can be done then, and `wire` the connection below
//! it. `opening` is what every session is told first. Not here: any statement (`schema`, `dump`, `restore`).

mod auth;
mod backend;
mod cancel;
mod config;
mod connect;
mod copy_in;
mod copy_out;
mod db_error;
mod error;
mod frontend;
mod hint;
mod host;
mod opening;
mod passfile;
mod password;
mod path;
mod pooler;
mod query;
mod require_auth;
mod resolve;
mod row;
mod secret;
mod session;
mod settings;
mod socket;
mod startup;
mod target;
mod tls;
mod transaction;
mod version;
mod watch;
mod wire;

pub use cancel::Canceller;
pub use config::ServerConfig;
pub use copy_in::CopyIn;
pub use copy_out::CopyOut;
pub use db_error::DbError;
pub use error::Error;
pub use opening::PARAMETERS;
pub use password::{PasswordPolicy, PasswordPrompt};
pub use path::users_schemas;
pub use resolve::{ConnectionArgs, Environment, resolve};
pub use row::Row;
pub use session::Session;
pub use transaction::TransactionStatus;
pub use version::ServerVersion;

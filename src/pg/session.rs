//! A session: statements one after the other.
//!
//! One operation at a time. An operation whose future is dropped before its end leaves the session unusable,
//! and every later one returns [`Error::Broken`]. Not here: transactions and snapshots, which are statements
//! like any other.

use std::fmt;

use super::connect::cancel::Canceller;
use super::connect::config::ServerConfig;
use super::connect::opening::PathAtStart;
use super::connect::{attempt, pooler};
use super::copy_in::CopyIn;
use super::copy_out::CopyOut;
use super::db_error::DbError;
use super::error::Error;
use super::wire::backend::tag;
use super::wire::frontend::Messages;
use super::wire::packed::PackedRows;
use super::wire::query::{query, query_packed};
use super::wire::row::Row;
use super::wire::stream::Wire;
use super::wire::transaction::TransactionStatus;
use super::wire::version::ServerVersion;

/// A session on one database. Dropping it closes the connection.
pub struct Session {
    wire: Wire,
    canceller: Canceller,
    version: ServerVersion,
    version_text: String,
    behind_pooler: bool,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("canceller", &self.canceller)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens a session on the configuration's database.
    ///
    /// Whatever its user, its database and the caller's options say, its search path is empty: see
    /// [`super::connect::opening`].
    pub async fn connect(config: &ServerConfig) -> Result<Self, Error> {
        Self::open(config, PathAtStart::Empty).await
    }

    pub(crate) async fn open(config: &ServerConfig, path: PathAtStart) -> Result<Self, Error> {
        let opened = attempt::open(config, path).await?;
        let version = opened.wire.parameter(b"server_version").unwrap_or_default();
        let version_text = String::from_utf8_lossy(version).into_owned();
        let version = ServerVersion::parse(&version_text);
        let version = version
            .ok_or_else(|| Error::protocol(format!("\"{version_text}\" is no server version")))?;
        Ok(Self {
            wire: opened.wire,
            canceller: Canceller {
                config: config.clone(),
                host: opened.host,
                encryption: opened.encryption,
                address: opened.address,
                cancel_key: opened.cancel_key,
            },
            version,
            version_text,
            behind_pooler: opened.behind_pooler,
        })
    }

    /// The server's version.
    pub fn server_version(&self) -> ServerVersion {
        self.version
    }

    /// The server's version as it calls itself, for instance `15.18 (Debian 15.18-0+deb12u1)`.
    pub fn server_version_text(&self) -> &str {
        &self.version_text
    }

    /// The present value of a parameter that the server reports, such as `server_encoding`,
    /// `client_encoding` or, from server 14 on, `in_hot_standby`.
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.wire.parameter(name.as_bytes())
    }

    /// Whether a transaction is open, as of the last operation's end.
    pub fn transaction_status(&self) -> TransactionStatus {
        self.wire.status()
    }

    /// The notices that arrived since the last call, the latest hundred at most.
    pub fn take_notices(&mut self) -> Vec<DbError> {
        self.wire.take_notices()
    }

    /// A handle that cancels this session's work.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Waits until the session ends by itself, and says why. It may be dropped before, and the session be
    /// used as before.
    pub async fn watch(&mut self) -> Error {
        self.wire.until_lost().await
    }

    /// Says goodbye to the server and closes the connection.
    ///
    /// A pooler gets the server's session back as it was. Where a session is dropped, or an operation on it
    /// was abandoned, the pooler's own reset has to do that (`server_reset_query` of pgbouncer, which is
    /// `DISCARD ALL` and runs in session mode), because only the end of a connection can be waited for then.
    pub async fn close(mut self) {
        if self.behind_pooler {
            pooler::leave_as_found(&mut self.wire).await;
        }
        self.wire.close().await;
    }

    /// Executes any number of statements; their results are thrown away. Without transaction
    /// statements among them they are one transaction. COPY to or from the client is an error.
    pub async fn execute(&mut self, sql: &[u8]) -> Result<(), Error> {
        self.start(&Messages::default().query(sql)?).await?;
        let mut outcome = Ok(());
        loop {
            let message = self.wire.message().await?;
            match message.tag {
                tag::READY_FOR_QUERY => return outcome,
                tag::COMMAND_COMPLETE
                | tag::EMPTY_QUERY
                | tag::ROW_DESCRIPTION
                | tag::DATA_ROW
                | tag::COPY_DATA
                | tag::COPY_DONE => {}
                tag::COPY_OUT => outcome = Err(not_that_copy(tag::COPY_OUT, "a plain statement")),
                tag::COPY_IN => {
                    outcome = Err(not_that_copy(tag::COPY_IN, "a plain statement"));
                    self.refuse_copy_in().await?;
                }
                tag::ERROR if outcome.is_err() => {}
                _ => return Err(self.wire.unexpected(message, "in answer to a query").await),
            }
        }
    }

    /// Executes one statement with parameters `$1`, `$2` and so on, all in text format and of the
    /// type the server infers, `None` being NULL. Returns its rows.
    pub async fn query(&mut self, sql: &[u8], params: &[Option<&[u8]>]) -> Result<Vec<Row>, Error> {
        query(&mut self.wire, sql, params).await
    }

    /// The same, with all rows in one buffer, for answers with many rows.
    pub async fn query_packed(
        &mut self,
        sql: &[u8],
        params: &[Option<&[u8]>],
    ) -> Result<PackedRows, Error> {
        query_packed(&mut self.wire, sql, params).await
    }

    /// Begins a `COPY ... TO STDOUT`.
    pub async fn copy_out(&mut self, sql: &[u8]) -> Result<CopyOut<'_>, Error> {
        self.start_copy(sql, tag::COPY_OUT, "COPY TO STDOUT")
            .await?;
        Ok(CopyOut::new(&mut self.wire))
    }

    /// Begins a `COPY ... FROM STDIN`. Statements without results may stand before it: like those of
    /// [`Session::execute`], they and the rows are one transaction.
    pub async fn copy_in(&mut self, sql: &[u8]) -> Result<CopyIn<'_>, Error> {
        self.start_copy(sql, tag::COPY_IN, "COPY FROM STDIN")
            .await?;
        Ok(CopyIn::new(&mut self.wire))
    }

    async fn start(&mut self, messages: &Messages) -> Result<(), Error> {
        self.wire.begin()?;
        self.wire.send(messages).await
    }

    async fn start_copy(
        &mut self,
        sql: &[u8],
        wanted: u8,
        expected: &'static str,
    ) -> Result<(), Error> {
        self.start(&Messages::default().query(sql)?).await?;
        let mut outcome = Ok(());
        loop {
            let message = self.wire.message().await?;
            match message.tag {
                got if got == wanted && outcome.is_ok() => return Ok(()),
                // of a statement before the COPY
                tag::COMMAND_COMPLETE => {}
                tag::ERROR if outcome.is_err() => {}
                tag::ERROR => return Err(self.wire.fail(&message.body).await),
                tag::READY_FOR_QUERY => {
                    return outcome.and(Err(not_that_copy(message.tag, expected)));
                }
                other => {
                    if outcome.is_ok() {
                        outcome = Err(not_that_copy(other, expected));
                    }
                    if other == tag::COPY_IN {
                        self.refuse_copy_in().await?;
                    }
                }
            }
        }
    }

    async fn refuse_copy_in(&mut self) -> Result<(), Error> {
        let refusal = Messages::default().copy_fail("no rows were expected here")?;
        self.wire.send(&refusal).await
    }
}

impl ServerConfig {
    /// A copy that knows only the address of `session`: an exported snapshot and its importers must be on one
    /// server.
    pub fn pinned_to(&self, session: &Session) -> Self {
        self.pinned_to_host(&session.canceller.host)
    }
}

fn not_that_copy(got: u8, expected: &'static str) -> Error {
    let did = match got {
        tag::COPY_IN => "began a COPY FROM STDIN",
        tag::COPY_OUT => "began a COPY TO STDOUT",
        tag::COPY_BOTH => "began replication",
        _ => "was not a COPY",
    };
    Error::NotThatCopy { did, expected }
}

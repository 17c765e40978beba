//! The faults between pgark and a server, in the user's terms.
//!
//! No variant holds a password. A text never repeats its source: the printer walks the chain.
//! Not here: what to do next ([`super::hint`]) and the server's own words ([`DbError`]).

use std::io;
use std::path::PathBuf;

use super::db_error::DbError;

/// An error of this module.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A connection could not be opened; the source says why.
    #[error("cannot connect to database \"{database}\" at {server}")]
    Connect {
        /// The database asked for.
        database: Box<str>,
        /// Host and port, or the socket's path.
        server: Box<str>,
        /// Something the user should know about this attempt.
        note: Option<Box<str>>,
        /// Why.
        #[source]
        source: Box<Error>,
    },
    /// More than one address was tried, none answered well.
    #[error("cannot connect to database \"{database}\": {}", list(attempts))]
    AllAttempts {
        /// The database asked for.
        database: String,
        /// The errors, each a [`Error::Connect`], in the order of the attempts.
        attempts: Vec<Error>,
    },
    /// The server reported an error.
    #[error(transparent)]
    Db(Box<DbError>),
    /// A host's name has no address.
    #[error("cannot find the address of host \"{host}\"")]
    Lookup {
        /// The name.
        host: String,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The server is not of the kind that `target_session_attrs` asks for.
    #[error("{is}, but target_session_attrs asks for {wanted}")]
    WrongTarget {
        /// What the server is.
        is: &'static str,
        /// The wanted value.
        wanted: &'static str,
    },
    /// TLS could not be agreed upon.
    #[error("cannot agree on TLS with the server")]
    Tls(#[source] Box<rustls::Error>),
    /// The connection broke while TLS was being agreed upon.
    #[error("the connection broke during the TLS handshake")]
    TlsBroken(#[source] io::Error),
    /// The server does not do TLS, which `sslmode` demands.
    #[error("the server does not support TLS, but sslmode demands it")]
    NoTls,
    /// The server's certificate is for other hosts than the one that was asked for.
    #[error("the server's certificate is for {names}, not for host \"{host}\"")]
    CertificateName {
        /// The host asked for.
        host: String,
        /// The names in the certificate.
        names: String,
    },
    /// The socket failed.
    #[error("cannot {doing}")]
    Io {
        /// The step that failed, for instance `read from the server`.
        doing: &'static str,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The command that prints the password.
    #[error("the password command failed: {why}")]
    PasswordCommand {
        /// The reason, as a clause.
        why: String,
    },
    /// A file of the connection's settings cannot be used.
    #[error("cannot read {what} \"{}\"", path.display())]
    File {
        /// What the file is, for instance `service file`.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// `connect_timeout` ran out.
    #[error("no answer within {seconds} s")]
    Timeout {
        /// The time allowed.
        seconds: u64,
    },
    /// The server closed the connection.
    #[error("the server closed the connection unexpectedly")]
    Closed,
    /// An earlier operation was given up midway, so the session's state is unknown.
    #[error("the session cannot be used any more: an operation on it was abandoned")]
    Broken,
    /// The server sent something that the protocol does not allow.
    #[error("the server broke the protocol: {what}")]
    Protocol {
        /// The breach, as a clause.
        what: String,
    },
    /// A statement asked for COPY where it may not, or did not where it must.
    #[error("the statement {did}, not {expected}")]
    NotThatCopy {
        /// What the statement did.
        did: &'static str,
        /// The expected COPY.
        expected: &'static str,
    },
    /// The server wants a password and there is none.
    #[error("the server asks for a password and none was given")]
    PasswordRequired,
    /// The prompt for a password failed.
    #[error("cannot ask for a password")]
    Prompt(#[source] io::Error),
    /// The way of authentication that the server asks for is not one we have, or not one we may use.
    #[error("cannot authenticate: {why}")]
    Authentication {
        /// Why not.
        why: String,
    },
    /// A name, statement or parameter has a zero byte, which PostgreSQL allows nowhere.
    #[error("a name, statement or parameter holds a zero byte")]
    ZeroByte,
    /// A statement or parameter is longer than the protocol can say.
    #[error("a statement or its parameters are too long for one message")]
    TooLong,
    /// A result has fewer columns than were asked for.
    #[error("the result has {columns} columns, none at position {index}")]
    NoColumn {
        /// The position asked for, from zero.
        index: usize,
        /// The number of columns.
        columns: usize,
    },
    /// A value that must not be NULL is.
    #[error("column \"{column}\" is NULL")]
    Null {
        /// The column's name.
        column: String,
    },
    /// A value is not of the type it should be.
    #[error("column \"{column}\" holds \"{value}\", not {wanted}")]
    Unreadable {
        /// The column's name.
        column: Box<str>,
        /// The expected content.
        wanted: &'static str,
        /// The beginning of the value.
        value: Box<str>,
    },
    /// A connection pooler is in between that gives a session's server process to others.
    #[error("a connection pooler is in between, and not found to be in session mode: {why}")]
    Pooler {
        /// The value seen.
        why: &'static str,
    },
    /// The connection's settings cannot be understood or contradict one another.
    #[error("{what}")]
    Setting {
        /// The fault, naming the setting.
        what: String,
    },
}

impl Error {
    /// Whether a catalog query failed as it does where objects were dropped since the snapshot. Errors of
    /// three kinds: names that are gone, OIDs without an object (internal errors, since the server does not
    /// foresee that), and functions that answer NULL for a missing OID.
    pub fn is_of_changes(&self) -> bool {
        const GONE: [&str; 5] = ["42P01", "3F000", "42704", "42883", "42703"];
        const INTERNAL: &str = "XX000";
        match (self, self.sqlstate()) {
            (Error::Null { .. }, _) => true,
            (_, Some(INTERNAL)) => {
                let text = self.to_string();
                text.contains("cache lookup failed") || text.contains("could not open relation")
            }
            (_, Some(state)) => GONE.contains(&state),
            _ => false,
        }
    }

    pub(crate) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol { what: what.into() }
    }

    pub(crate) fn setting(what: impl Into<String>) -> Self {
        Self::Setting { what: what.into() }
    }

    /// The server's error, where it was one. Of several attempts, the last one's.
    pub fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Connect { source, .. } => source.db(),
            Self::AllAttempts { attempts, .. } => attempts.iter().rev().find_map(Self::db),
            _ => None,
        }
    }

    /// The five characters of the server's error, for instance `42P01`.
    pub fn sqlstate(&self) -> Option<&str> {
        self.db().map(|error| error.code.as_str())
    }

    /// Whether the same may succeed in a moment: the server is on its way down or up, all its places
    /// are taken, or the network failed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect { source, .. } => source.is_transient(),
            Self::AllAttempts { attempts, .. } => attempts.iter().any(Self::is_transient),
            Self::Closed | Self::Timeout { .. } => true,
            // a server that restarts has no socket for a while, or one that nobody listens on
            Self::Io { source, .. } => source.kind() != io::ErrorKind::PermissionDenied,
            Self::Db(error) => {
                let code = error.code.as_str();
                // class 08 is what a proxy in between says
                code.starts_with("08") || matches!(code, "53300" | "57P01" | "57P02" | "57P03")
            }
            _ => false,
        }
    }

    /// Whether the connection is gone and nothing more can be done on this session.
    pub fn is_connection_lost(&self) -> bool {
        matches!(
            self,
            Self::Closed | Self::Broken | Self::Protocol { .. } | Self::Io { .. }
        ) || self.db().is_some_and(|error| {
            error.ended_session || matches!(error.severity.as_str(), "FATAL" | "PANIC")
        })
    }
}

/// What a failed read means.
pub(crate) fn read_error(source: io::Error) -> Error {
    // In TLS 1.3 a server refuses our certificate only after we are through.
    let inner = source
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(error) = inner {
        return error.clone().into();
    }
    match source.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => Error::Closed,
        _ => Error::Io {
            doing: "read from the server",
            source,
        },
    }
}

fn list(attempts: &[Error]) -> String {
    let texts: Vec<String> = attempts.iter().map(one_line).collect();
    texts.join("; ")
}

/// An attempt and its causes on one line: a list of attempts has no single source to walk to.
pub(crate) fn one_line(attempt: &Error) -> String {
    let (mut text, mut next) = match attempt {
        Error::Connect { server, source, .. } => {
            let source: &(dyn std::error::Error + 'static) = source.as_ref();
            (server.to_string(), Some(source))
        }
        other => (other.to_string(), std::error::Error::source(other)),
    };
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(Box::new(error))
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        Self::Db(Box::new(error))
    }
}

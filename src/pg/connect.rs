//! Opening a connection: which host, which address, which password.
//!
//! Not here: the settings ([`super::config`]) and the messages ([`super::auth`]).

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use bstr::ByteSlice;

use super::auth::{self, Credentials};
use super::backend::{Body, tag};
use super::config::{Host, PasswordPolicy, Secret, ServerConfig};
use super::db_error::DbError;
use super::error::Error;
use super::frontend::Messages;
use super::socket::{Address, Socket};
use super::wire::Wire;

/// An open connection, ready for its first statement.
pub(super) struct Opened {
    pub(super) wire: Wire,
    pub(super) host: Host,
    pub(super) address: Address,
    /// Process id and key, as a CancelRequest repeats them.
    pub(super) cancel_key: Vec<u8>,
}

/// Opens a connection to the first host that lets us in, asking for a password if need be.
pub(super) async fn open(config: &ServerConfig) -> Result<Opened, Error> {
    let mut password = config.known_password().await;
    if config.settings.policy == PasswordPolicy::Force {
        password = config.ask_password().await?.or(password);
    }
    match try_hosts(config, password.as_ref()).await {
        Err(error) if password.is_none() && wants_password(&error) => {
            match config.ask_password().await? {
                Some(password) => try_hosts(config, Some(&password)).await,
                None => Err(error),
            }
        }
        result => result,
    }
}

fn wants_password(error: &Error) -> bool {
    match error {
        Error::PasswordRequired => true,
        Error::Connect { source, .. } => wants_password(source),
        Error::AllAttempts { attempts, .. } => attempts.iter().any(wants_password),
        _ => false,
    }
}

async fn try_hosts(config: &ServerConfig, password: Option<&Secret>) -> Result<Opened, Error> {
    let mut attempts = Vec::new();
    for host in config.hosts.iter() {
        match try_host(config, host, password).await {
            Ok(opened) => return Ok(opened),
            Err(source) => attempts.push(Error::Connect {
                database: config.database().to_str_lossy().into_owned(),
                server: host.to_string(),
                source: Box::new(source),
            }),
        }
    }
    match attempts.pop() {
        Some(only) if attempts.is_empty() => Err(only),
        last => {
            attempts.extend(last);
            let database = config.database().to_str_lossy().into_owned();
            Err(Error::AllAttempts { database, attempts })
        }
    }
}

async fn try_host(
    config: &ServerConfig,
    host: &Host,
    password: Option<&Secret>,
) -> Result<Opened, Error> {
    let mut error = Error::setting("the host has no address");
    for address in addresses(host).await? {
        match try_address(config, &address, password).await {
            Ok((wire, cancel_key)) => {
                let mut host = host.clone();
                if let Address::Tcp(address) = address {
                    host.addr = Some(address.ip());
                }
                return Ok(Opened {
                    wire,
                    host,
                    address,
                    cancel_key,
                });
            }
            Err(later) => error = later,
        }
    }
    Err(error)
}

async fn addresses(host: &Host) -> Result<Vec<Address>, Error> {
    if let Some(folder) = host.socket_folder() {
        let path = format!("{folder}/.s.PGSQL.{}", host.port);
        let path = match path.strip_prefix('@') {
            Some(name) => format!("\0{name}"),
            None => path,
        };
        return Ok(vec![Address::Unix(PathBuf::from(path))]);
    }
    if let Some(addr) = host.addr {
        return Ok(vec![Address::Tcp(SocketAddr::new(addr, host.port))]);
    }
    let name = host.name.as_deref().unwrap_or("localhost");
    let found = tokio::net::lookup_host((name, host.port)).await;
    let found = found.map_err(|source| Error::Io {
        doing: "find the host's address",
        source,
    })?;
    Ok(found.map(Address::Tcp).collect())
}

async fn try_address(
    config: &ServerConfig,
    address: &Address,
    password: Option<&Secret>,
) -> Result<(Wire, Vec<u8>), Error> {
    let socket = Socket::dial(address).await.map_err(dial_error)?;
    let mut wire = Wire::new(socket);
    let settings = &config.settings;
    let mut parameters: Vec<(&[u8], &[u8])> = vec![
        (b"user", settings.user.as_bytes()),
        (b"database", config.database().as_bytes()),
        (b"application_name", settings.application_name.as_bytes()),
    ];
    if let Some(options) = &settings.options {
        parameters.push((b"options", options.as_bytes()));
    }
    wire.send(&Messages::default().startup(&parameters)?)
        .await?;
    let credentials = Credentials {
        user: settings.user.as_bytes(),
        password: password.map(|password| password.0.as_bytes()),
    };
    auth::authenticate(&mut wire, &credentials).await?;
    wire.let_in();
    let cancel_key = until_ready(&mut wire).await?;
    Ok((wire, cancel_key))
}

fn dial_error(source: io::Error) -> Error {
    Error::Io {
        doing: "reach the server",
        source,
    }
}

/// Reads what the server says of itself up to its first ReadyForQuery. Returns the key for
/// cancelling.
async fn until_ready(wire: &mut Wire) -> Result<Vec<u8>, Error> {
    let mut cancel_key = Vec::new();
    loop {
        let message = wire.message().await?;
        match message.tag {
            tag::BACKEND_KEY_DATA => {
                let mut body = Body::new(&message.body, "BackendKeyData");
                body.bytes(8)?;
                cancel_key = message.body;
            }
            tag::NEGOTIATE_PROTOCOL_VERSION => {}
            tag::READY_FOR_QUERY => return Ok(cancel_key),
            tag::ERROR => return Err(DbError::parse(&message.body).into()),
            _ => {
                return Err(wire
                    .unexpected(message, "before the session is ready")
                    .await);
            }
        }
    }
}

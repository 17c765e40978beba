//! Opening a connection: the host, the address, TLS or not, and the next attempt.
//!
//! The order of attempts, and which failures end it, are libpq's (`PQconnectPoll`): a server that
//! cannot be reached, is starting up, or is not of the wanted kind is passed over; one that refuses us
//! ends the search. Not here: a single attempt ([`super::startup`]).

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use bstr::ByteSlice;

use super::config::{KnownPassword, ServerConfig};
use super::opening::{self, AtStart, PathAtStart};
use super::pooler::{self, Way};
use super::startup::{self, Encryption, Place, Started};
use super::target::check_target;
use crate::pg::error::{Error, one_line};
use crate::pg::options::host::Host;
use crate::pg::options::password::PasswordPolicy;
use crate::pg::options::settings::{LoadBalance, SslMode, Target};
use crate::pg::wire::socket::Address;
use crate::pg::wire::stream::Wire;

/// The server is starting up, shutting down, or recovering.
const CANNOT_CONNECT_NOW: &str = "57P03";
const INVALID_PASSWORD: &str = "28P01";

/// An open connection, ready for its first statement.
pub(crate) struct Opened {
    pub(crate) wire: Wire,
    /// The host it is on, with the address that was found.
    pub(crate) host: Host,
    pub(crate) address: Address,
    pub(crate) encryption: Encryption,
    /// Process id and key, as a CancelRequest repeats them.
    pub(crate) cancel_key: Vec<u8>,
    /// Whether a pooler in session mode is in between.
    pub(crate) behind_pooler: bool,
}

/// What a session is to be like.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    target: Target,
    path: PathAtStart,
}

/// The attempts left after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Address,
    Host,
    Nothing,
}

/// One or two failed attempts at an address: two when it was tried with TLS and without.
struct Failed {
    attempts: Vec<Error>,
    next: Next,
}

/// Opens a connection to the first host that lets us in, asking for a password if need be.
pub(crate) async fn open(config: &ServerConfig, path: PathAtStart) -> Result<Opened, Error> {
    if config.settings().policy == PasswordPolicy::Force {
        config.ask_password().await?;
    }
    match try_all(config, path).await {
        Err(error) if wants_password(&error) && config.ask_password().await? => {
            try_all(config, path).await
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

async fn try_all(config: &ServerConfig, path: PathAtStart) -> Result<Opened, Error> {
    let wanted = |target| Wanted { target, path };
    let target = config.settings().target;
    let mut attempts = Vec::new();
    let result = match target {
        // First only a standby will do, then whatever there is.
        Target::PreferStandby => {
            match try_hosts(config, wanted(Target::Standby), &mut attempts).await {
                Err(Next::Host) => try_hosts(config, wanted(Target::Any), &mut attempts).await,
                result => result,
            }
        }
        _ => try_hosts(config, wanted(target), &mut attempts).await,
    };
    if let Ok(opened) = result {
        return Ok(opened);
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

/// Tries all hosts in turn. Without success, whether there may have been more to try elsewhere.
async fn try_hosts(
    config: &ServerConfig,
    wanted: Wanted,
    attempts: &mut Vec<Error>,
) -> Result<Opened, Next> {
    let mut hosts: Vec<&Host> = config.hosts().iter().collect();
    balance(config, &mut hosts);
    for host in hosts {
        let mut addresses = match addresses(host).await {
            Ok(addresses) => addresses,
            Err(error) => {
                attempts.push(describe(config, host.to_string(), error));
                continue;
            }
        };
        balance(config, &mut addresses);
        for address in &addresses {
            let place = Place {
                config,
                host,
                address,
            };
            match try_address(place, wanted).await {
                Ok(opened) => return Ok(opened),
                Err(failed) => {
                    attempts.extend(failed.attempts);
                    match failed.next {
                        Next::Address => {}
                        Next::Host => break,
                        Next::Nothing => return Err(Next::Nothing),
                    }
                }
            }
        }
    }
    Err(Next::Host)
}

/// Shuffles the attempts where `load_balance_hosts` says so (Fisher-Yates).
fn balance<T>(config: &ServerConfig, items: &mut [T]) {
    if config.settings().load_balance == LoadBalance::Disable {
        return;
    }
    for last in (1..items.len()).rev() {
        // Every `RandomState` has keys of its own, which is random enough to spread load.
        let random = RandomState::new().build_hasher().finish();
        let bound = last as u64 + 1;
        items.swap(last, usize::try_from(random % bound).unwrap_or(last));
    }
}

async fn addresses(host: &Host) -> Result<Vec<Address>, Error> {
    if let Some(paths) = host.socket_paths() {
        let path = |path: String| match path.strip_prefix('@') {
            Some(name) => PathBuf::from(format!("\0{name}")),
            None => PathBuf::from(path),
        };
        return Ok(paths.into_iter().map(path).map(Address::Unix).collect());
    }
    // Looking an address up finds itself, with the number of the interface that it may name.
    let name = host
        .addr
        .as_deref()
        .or(host.name.as_deref())
        .unwrap_or_default();
    let found = tokio::net::lookup_host((name, host.port)).await;
    let found = found.map_err(|source| Error::Lookup {
        host: name.to_owned(),
        source,
    })?;
    let mut addresses: Vec<Address> = Vec::new();
    for address in found.map(Address::Tcp) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// Tries an address, with TLS and without as `sslmode` says, within `connect_timeout`.
async fn try_address(place: Place<'_>, wanted: Wanted) -> Result<Opened, Failed> {
    let trying = try_encryptions(place, wanted);
    let Some(limit) = place.config.settings().connect_timeout else {
        return trying.await;
    };
    match tokio::time::timeout(limit, trying).await {
        Ok(result) => result,
        Err(_) => {
            let seconds = limit.as_secs();
            Err(failed(place, Error::Timeout { seconds }, Next::Address))
        }
    }
}

async fn try_encryptions(place: Place<'_>, wanted: Wanted) -> Result<Opened, Failed> {
    let mode = match place.address {
        Address::Unix(_) => SslMode::Disable,
        Address::Tcp(_) => place.config.settings().tls.mode,
    };
    let (first, second) = match mode {
        SslMode::Disable => (Encryption::Plain, None),
        SslMode::Allow => (Encryption::Plain, Some(Encryption::Tls)),
        SslMode::Prefer => (Encryption::Tls, Some(Encryption::Plain)),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Encryption::Tls, None),
    };
    let (mut failure, used) = match attempt(place, first, wanted).await {
        Ok(opened) => return Ok(opened),
        Err(failure) => failure,
    };
    let Some(second) = second.filter(|second| used != *second && may_retry(&failure)) else {
        return Err(failure);
    };
    match attempt(place, second, wanted).await {
        Ok(opened) => Ok(opened),
        // The server has no TLS: the first failure is all there is to say.
        Err((_, Encryption::Plain)) if second == Encryption::Tls => Err(failure),
        Err((again, _)) => {
            let told: Vec<String> = failure.attempts.iter().map(one_line).collect();
            let news = again.attempts.into_iter();
            failure
                .attempts
                .extend(news.filter(|new| !told.contains(&one_line(new))));
            failure.next = again.next;
            Err(failure)
        }
    }
}

/// Whether the other kind of connection is worth trying. It is when the server refused this one or TLS did
/// not come about, even for lack of its files. It is not when we refuse the server or have no password.
fn may_retry(failure: &Failed) -> bool {
    let retries = |error: &Error| match error {
        Error::Connect { source, .. } => matches!(
            **source,
            Error::Db(_)
                | Error::Tls(_)
                | Error::TlsBroken(_)
                | Error::CertificateName { .. }
                | Error::File { .. }
                | Error::Setting { .. }
        ),
        _ => false,
    };
    failure.next == Next::Nothing && failure.attempts.iter().all(retries)
}

/// One attempt, and further ones where a parameter of the startup message, or its absence, keeps us out. A
/// failure comes with the encryption that was in use, or was to be.
async fn attempt(
    place: Place<'_>,
    encryption: Encryption,
    wanted: Wanted,
) -> Result<Opened, (Failed, Encryption)> {
    let refusal = &place.config.refuses_parameters;
    let mut at_start = AtStart::new(if refusal.load(Ordering::Relaxed) {
        PathAtStart::Users
    } else {
        wanted.path
    });
    let mut without_libraries = None;
    loop {
        let failure = match attempt_with(place, encryption, wanted.target, at_start).await {
            Ok(opened) => {
                let is_refused = at_start.has_no_path() && wanted.path == PathAtStart::Empty;
                refusal.fetch_or(is_refused, Ordering::Relaxed);
                return Ok(opened);
            }
            Err(failure) => failure,
        };
        let error = failure.0.attempts.iter().find_map(Error::db);
        let Some(next) = error.and_then(|error| at_start.after(error)) else {
            // Not that we may not do without a library, but that it is missing.
            return Err(without_libraries.unwrap_or(failure));
        };
        at_start = next;
        if at_start.lacks_libraries() && without_libraries.is_none() {
            without_libraries = Some(failure);
        }
    }
}

async fn attempt_with(
    place: Place<'_>,
    encryption: Encryption,
    target: Target,
    at_start: AtStart,
) -> Result<Opened, (Failed, Encryption)> {
    let config = place.config;
    let socket = startup::dial(place).await;
    let socket = socket.map_err(|error| (failed(place, error, Next::Address), encryption))?;
    let dialled = startup::secure(place, socket, encryption).await;
    let dialled = dialled.map_err(|error| (failed(place, error, Next::Nothing), encryption))?;
    let encryption = dialled.encryption;
    let password = config.known_password(place.host).await;
    let password = password.map_err(|error| (failed(place, error, Next::Nothing), encryption))?;
    let secret = password.as_ref().map(|known| &known.secret);
    let started = match startup::start(config, dialled, secret, at_start).await {
        Ok(started) => started,
        Err(error) => return Err((refused(place, error, password), encryption)),
    };
    let Started {
        mut wire,
        cancel_key,
    } = started;
    let way = Way {
        place,
        encryption,
        at_start,
    };
    let behind_pooler = match pooler::empty_path(way, &mut wire, &cancel_key).await {
        Ok(behind_pooler) => behind_pooler,
        Err(error) => return Err((failed(place, error, Next::Nothing), encryption)),
    };
    if let Err(error) = check_target(&mut wire, target).await {
        if behind_pooler {
            pooler::leave_as_found(&mut wire).await;
        }
        wire.close().await;
        return Err((failed(place, error, Next::Host), encryption));
    }
    let callers = |keyword| config.settings().options.text(keyword);
    let (options, encoding) = (callers("options"), callers("client_encoding"));
    if let Err(error) = opening::set_parameters(&mut wire, options, encoding).await {
        return Err((failed(place, error, Next::Nothing), encryption));
    }
    Ok(Opened {
        wire,
        host: found_host(place),
        address: place.address.clone(),
        encryption,
        cancel_key,
        behind_pooler,
    })
}

/// A server that does not let us in.
fn refused(place: Place<'_>, error: Error, password: Option<KnownPassword>) -> Failed {
    let next = match error.sqlstate() {
        Some(CANNOT_CONNECT_NOW) => Next::Host,
        _ => Next::Nothing,
    };
    let file = password.and_then(|known| known.file);
    let file = file.filter(|_| error.sqlstate() == Some(INVALID_PASSWORD));
    let mut failed = failed(place, error, next);
    if let (Some(file), Some(Error::Connect { note, .. })) = (file, failed.attempts.first_mut()) {
        let text = format!("The password is from the file \"{}\".", file.display());
        *note = Some(text.into());
    }
    failed
}

/// The host with the address that it turned out to have.
fn found_host(place: Place<'_>) -> Host {
    match place.address {
        Address::Tcp(address) => place.host.at(*address),
        Address::Unix(path) => {
            let folder = path.parent().and_then(|folder| folder.to_str());
            let name = folder.map(|folder| folder.replacen('\0', "@", 1));
            Host {
                name: name.or_else(|| place.host.name.clone()),
                ..place.host.clone()
            }
        }
    }
}

fn failed(place: Place<'_>, error: Error, next: Next) -> Failed {
    let host = place.host.to_string();
    let address = place.address.to_string();
    let server = match place.address {
        Address::Unix(_) => address,
        Address::Tcp(_) if host == address => host,
        Address::Tcp(found) => format!("{host} ({})", found.ip()),
    };
    Failed {
        attempts: vec![describe(place.config, server, error)],
        next,
    }
}

fn describe(config: &ServerConfig, server: String, error: Error) -> Error {
    Error::Connect {
        database: config.database().to_str_lossy().into(),
        server: server.into(),
        note: None,
        source: Box::new(error),
    }
}

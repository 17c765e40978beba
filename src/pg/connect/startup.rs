//! One attempt at one address: dialling, TLS, the startup message, authentication.
//!
//! Not here: which address, and what is tried after a failure ([`super::attempt`]).

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use bstr::ByteSlice;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use super::auth::{self, Channel, Credentials};
use super::config::ServerConfig;
use super::opening::AtStart;
use super::tls::{self, ClientCert};
use crate::pg::db_error::DbError;
use crate::pg::error::Error;
use crate::pg::options::host::Host;
use crate::pg::options::secret::Secret;
use crate::pg::options::settings::{SslMode, SslNegotiation, Wish};
use crate::pg::wire::backend::{Body, tag};
use crate::pg::wire::frontend::Messages;
use crate::pg::wire::socket::{Address, Socket};
use crate::pg::wire::stream::Wire;

/// Whether to ask for TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    Plain,
    Tls,
}

/// Where to connect to.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) config: &'a ServerConfig,
    pub(crate) host: &'a Host,
    pub(crate) address: &'a Address,
}

/// An open stream on which nothing was said yet.
pub(crate) struct Dialled {
    pub(crate) socket: Socket,
    /// Whether TLS was agreed upon: a server may decline where `sslmode` lets it.
    pub(crate) encryption: Encryption,
    end_point: Option<Vec<u8>>,
    client_cert: ClientCert,
}

/// A session that the server let us begin.
pub(crate) struct Started {
    pub(crate) wire: Wire,
    /// Process id and key, as a CancelRequest repeats them.
    pub(crate) cancel_key: Vec<u8>,
}

/// Opens a socket.
pub(crate) async fn dial(place: Place<'_>) -> Result<Socket, Error> {
    let settings = place.config.settings();
    let socket = Socket::dial(place.address, &settings.tcp).await;
    let socket = socket.map_err(|source| Error::Io {
        doing: "reach the server",
        source,
    })?;
    Ok(socket)
}

/// Checks who is at the other end of a Unix socket, and agrees on TLS if that is wanted.
pub(crate) async fn secure(
    place: Place<'_>,
    socket: Socket,
    wanted: Encryption,
) -> Result<Dialled, Error> {
    let plain = |socket| Dialled {
        socket,
        encryption: Encryption::Plain,
        end_point: None,
        client_cert: ClientCert::NotAskedFor,
    };
    match (socket, place.address) {
        (Socket::Unix(stream), Address::Unix(path)) => {
            let required = place.config.settings().required_peer.as_deref();
            check_peer(&stream, path, required)?;
            Ok(plain(Socket::Unix(stream)))
        }
        (Socket::Tcp(stream), Address::Tcp(address)) if wanted == Encryption::Tls => {
            let settings = &place.config.settings().tls;
            // Read before anything is sent: a key that cannot be read is no reason to bother a server.
            let material = place.config.tls_material()?;
            let mut stream = stream;
            if settings.negotiation == SslNegotiation::Postgres && !ask_for_tls(&mut stream).await?
            {
                return if settings.mode >= SslMode::Require {
                    Err(Error::NoTls)
                } else {
                    Ok(plain(Socket::Tcp(stream)))
                };
            }
            secure_tcp(place, stream, *address, &material).await
        }
        (socket, _) => Ok(plain(socket)),
    }
}

async fn secure_tcp(
    place: Place<'_>,
    stream: TcpStream,
    address: SocketAddr,
    material: &tls::Material,
) -> Result<Dialled, Error> {
    let settings = &place.config.settings().tls;
    let name = place.host.name.as_deref();
    let secured = tls::secure(stream, material, settings, name, address.ip()).await?;
    Ok(Dialled {
        socket: Socket::Tls(Box::new(secured.stream)),
        encryption: Encryption::Tls,
        end_point: secured.end_point,
        client_cert: secured.client_cert,
    })
}

/// Sends SSLRequest. Whether the server agrees. Exactly one byte is read, so that whatever someone
/// on the way puts behind it ends up in the handshake, where it does no harm (CVE-2021-23222).
async fn ask_for_tls(stream: &mut TcpStream) -> Result<bool, Error> {
    let request = Messages::default().ssl_request()?;
    let mut answer = [0; 1];
    let asked = async {
        stream.write_all(request.as_bytes()).await?;
        stream.read_exact(&mut answer).await
    };
    asked.await.map_err(Error::TlsBroken)?;
    match answer {
        [b'S'] => Ok(true),
        [b'N'] => Ok(false),
        // Nothing vouches for the error's text, so it is not shown (CVE-2024-10977).
        [b'E'] => Err(Error::TlsBroken(io::Error::other(
            "the server answered with an error",
        ))),
        _ => Err(Error::protocol(
            "it does not answer as a PostgreSQL server does",
        )),
    }
}

/// `requirepeer`: the system user who runs the server.
fn check_peer(stream: &UnixStream, path: &Path, required: Option<&str>) -> Result<(), Error> {
    let Some(required) = required else {
        return Ok(());
    };
    let peer = stream.peer_cred().map_err(|source| Error::File {
        what: "the owner of socket",
        path: path.to_owned(),
        source,
    })?;
    let uid = nix::unistd::Uid::from_raw(peer.uid());
    let name = match nix::unistd::User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => format!("user id {uid}"),
    };
    if name == required {
        return Ok(());
    }
    Err(Error::Authentication {
        why: format!("requirepeer asks for a server of \"{required}\", this one is of \"{name}\""),
    })
}

/// Begins the session.
pub(crate) async fn start(
    config: &ServerConfig,
    dialled: Dialled,
    password: Option<&Secret>,
    at_start: AtStart,
) -> Result<Started, Error> {
    let settings = config.settings();
    let mut wire = Wire::new(dialled.socket);
    let mut parameters: Vec<(&[u8], &[u8])> = vec![
        (b"user", settings.user.as_bytes()),
        (b"database", config.database().as_bytes()),
    ];
    let others = settings.startup.iter();
    parameters.extend(others.map(|(name, value)| (name.as_bytes(), value.as_bytes())));
    // After the user's options, which it outranks.
    parameters.extend(at_start.parameters());
    wire.send(&Messages::default().startup(&parameters)?)
        .await?;
    let credentials = Credentials {
        user: settings.user.as_bytes(),
        password: password.map(|password| password.expose().as_bytes()),
        channel: match (dialled.encryption, &dialled.end_point) {
            (Encryption::Plain, _) => Channel::Plain,
            (Encryption::Tls, None) => Channel::Unbindable,
            (Encryption::Tls, Some(hash)) => Channel::EndPoint(hash),
        },
        binding: settings.channel_binding,
        required: &settings.required_methods,
    };
    auth::authenticate(&mut wire, &credentials).await?;
    check_client_cert(settings.tls.cert_mode, dialled.client_cert)?;
    wire.let_in();
    let cancel_key = until_ready(&mut wire).await?;
    Ok(Started { wire, cancel_key })
}

/// `sslcertmode=require`: the server must have asked for our certificate.
fn check_client_cert(mode: Wish, sent: ClientCert) -> Result<(), Error> {
    let why = match (mode, sent) {
        (Wish::Disable | Wish::Prefer, _) | (Wish::Require, ClientCert::Sent) => return Ok(()),
        (Wish::Require, ClientCert::NotAskedFor) => {
            "sslcertmode=require, but the server did not ask for a certificate"
        }
        (Wish::Require, ClientCert::NotSent) => "sslcertmode=require, but there is no certificate",
    };
    Err(Error::Authentication {
        why: why.to_owned(),
    })
}

/// Reads what the server says of itself up to its first ReadyForQuery. Returns the key for
/// cancelling.
async fn until_ready(wire: &mut Wire) -> Result<Vec<u8>, Error> {
    let mut cancel_key = Vec::new();
    loop {
        let message = wire.message().await?;
        match message.tag {
            tag::BACKEND_KEY_DATA => {
                // Eight bytes in protocol 3.0; no server sends less.
                Body::new(&message.body, "BackendKeyData").bytes(8)?;
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

//! Cancelling what a session is doing, from outside it.
//!
//! A cancellation is a connection of its own that the server closes without a word; whether it had
//! an effect shows on the session (SQLSTATE 57014). It uses TLS where the session does, as libpq does
//! from version 17 on, so that nobody on the way learns the key.

use std::fmt;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::config::ServerConfig;
use super::startup::{self, Encryption, Place};
use crate::pg::error::Error;
use crate::pg::options::host::Host;
use crate::pg::wire::frontend::Messages;
use crate::pg::wire::socket::{Address, Socket};

/// Cancels the statement that a session is executing, if any. Independent of the session's lifetime.
#[derive(Clone)]
pub struct Canceller {
    pub(crate) config: ServerConfig,
    pub(crate) host: Host,
    pub(crate) address: Address,
    pub(crate) encryption: Encryption,
    pub(crate) cancel_key: Vec<u8>,
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Canceller {
    /// Asks the server to cancel, and waits until the server took notice, for as long as
    /// `connect_timeout` allows.
    pub async fn cancel(&self) -> Result<(), Error> {
        let Some(limit) = self.config.settings().connect_timeout else {
            return self.ask().await;
        };
        let seconds = limit.as_secs();
        let asked = tokio::time::timeout(limit, self.ask()).await;
        asked.unwrap_or(Err(Error::Timeout { seconds }))
    }

    async fn ask(&self) -> Result<(), Error> {
        let request = Messages::default().cancel(&self.cancel_key)?;
        let place = Place {
            config: &self.config,
            host: &self.host,
            address: &self.address,
        };
        let socket = startup::dial(place).await?;
        let dialled = startup::secure(place, socket, self.encryption).await?;
        if dialled.encryption != self.encryption {
            return Err(Error::NoTls);
        }
        let exchanged = exchange(dialled.socket, request.as_bytes()).await;
        exchanged.map_err(|source| Error::Io {
            doing: "cancel the statement",
            source,
        })
    }
}

async fn exchange(mut socket: Socket, request: &[u8]) -> io::Result<()> {
    socket.write_all(request).await?;
    socket.flush().await?;
    // The server answers by closing, after it has sent the signal; over TLS it does so rudely.
    let mut answer = [0; 1];
    match socket.read(&mut answer).await {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => Ok(()),
            _ => Err(error),
        },
    }
}

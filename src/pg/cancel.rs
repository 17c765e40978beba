//! Cancelling what a session is doing, from outside it.
//!
//! A cancellation is a connection of its own that the server closes without a word; whether it had
//! an effect shows on the session (SQLSTATE 57014).

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::error::Error;
use super::frontend::Messages;
use super::socket::{Address, Socket};

/// Cancels the statement that a session is executing, if any. Independent of the session's lifetime.
#[derive(Clone)]
pub struct Canceller {
    pub(super) address: Address,
    pub(super) cancel_key: Vec<u8>,
}

impl Canceller {
    /// Asks the server to cancel, and waits until the server took notice.
    pub async fn cancel(&self) -> Result<(), Error> {
        let request = Messages::default().cancel(&self.cancel_key)?;
        self.exchange(request.as_bytes())
            .await
            .map_err(|source| Error::Io {
                doing: "cancel the statement",
                source,
            })
    }

    async fn exchange(&self, request: &[u8]) -> std::io::Result<()> {
        let mut socket = Socket::dial(&self.address).await?;
        socket.write_all(request).await?;
        socket.flush().await?;
        // The server answers by closing, after it has sent the signal.
        let mut answer = [0; 1];
        match socket.read(&mut answer).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Ok(()),
            Err(error) => Err(error),
        }
    }
}

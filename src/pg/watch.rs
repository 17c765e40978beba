//! A connection on which nothing is under way, watched for its end.
//!
//! Not here: what a lost connection means (the caller's business).

use std::future::poll_fn;

use super::db_error::DbError;
use super::error::Error;
use super::wire::backend::tag;
use super::wire::stream::Wire;

impl Wire {
    /// Between operations: waits until the server ends the connection, and says why. Loses nothing when it
    /// is dropped before.
    pub(crate) async fn until_lost(&mut self) -> Error {
        loop {
            match self.absorb_buffered() {
                Ok(Some(header)) if header.tag == tag::ERROR => {
                    return match self.message().await {
                        Ok(message) => DbError::parse(&message.body).into(),
                        Err(error) => error,
                    };
                }
                Ok(_) => {}
                Err(error) => return error,
            }
            if let Err(error) = poll_fn(|cx| self.poll_listen(cx)).await {
                return error;
            }
        }
    }
}

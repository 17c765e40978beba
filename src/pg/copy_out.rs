//! COPY ... TO STDOUT: rows as the server wrote them.
//!
//! Rows are found in the read buffer and copied once, straight into the caller's buffer; there is no
//! allocation per row. Not here: what is in a row.

use super::backend::{HEADER_BYTES, Header, Trust, tag};
use super::error::Error;
use super::wire::Wire;

/// [`CopyOut::read_rows`] stops when it has added about this many bytes.
const OUT_BYTES: usize = 256 * 1024;

/// A COPY that sends rows. Dropped before its end, it leaves the session unusable.
pub struct CopyOut<'a> {
    wire: &'a mut Wire,
    done: bool,
}

/// What stopped [`take_rows`].
enum Stop {
    /// The buffer ends here, perhaps within a message.
    BufferEnd,
    /// Enough was taken.
    Enough,
    /// The next message is not a row.
    OtherMessage,
}

impl<'a> CopyOut<'a> {
    /// Takes over a session whose statement was answered with CopyOutResponse.
    pub(super) fn new(wire: &'a mut Wire) -> Self {
        Self { wire, done: false }
    }

    /// Appends rows to `out`, each with the newline that ends it (in text format one CopyData
    /// message is one row): at least one, and then as many complete ones as have already arrived, up
    /// to about 256 KiB; one longer row comes whole. False, with nothing appended, at the end; the
    /// session can then be used again.
    pub async fn read_rows(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        let before = out.len();
        while !self.done {
            let (rows, bytes, stop) = take_rows(self.wire.buffered(), out, before + OUT_BYTES)?;
            self.wire.consume(bytes);
            match stop {
                _ if rows > 0 => return Ok(true),
                Stop::Enough | Stop::BufferEnd => {
                    let header = self.wire.header().await?;
                    if header.tag == tag::COPY_DATA && self.is_cut(header) {
                        self.wire.consume(HEADER_BYTES);
                        self.wire.read_into(header.body_bytes, out).await?;
                        return Ok(true);
                    }
                }
                Stop::OtherMessage => self.other_message().await?,
            }
        }
        Ok(false)
    }

    /// Whether the message at the front of the buffer is not yet there as a whole.
    fn is_cut(&self, header: Header) -> bool {
        self.wire.buffered().len() < HEADER_BYTES + header.body_bytes
    }

    async fn other_message(&mut self) -> Result<(), Error> {
        let message = self.wire.message().await?;
        match message.tag {
            tag::COPY_DONE | tag::COMMAND_COMPLETE => Ok(()),
            tag::READY_FOR_QUERY => {
                self.done = true;
                Ok(())
            }
            _ => {
                self.done = true;
                Err(self.wire.unexpected(message, "in COPY TO STDOUT").await)
            }
        }
    }
}

/// Copies the rows at the front of `buffered` to `out`. Returns how many rows, and how many bytes of
/// `buffered` they took.
fn take_rows(
    buffered: &[u8],
    out: &mut Vec<u8>,
    out_bytes_max: usize,
) -> Result<(usize, usize, Stop), Error> {
    let (mut rows, mut at) = (0, 0);
    loop {
        if out.len() >= out_bytes_max {
            return Ok((rows, at, Stop::Enough));
        }
        let Some(header) = Header::parse(&buffered[at..], Trust::LetIn)? else {
            return Ok((rows, at, Stop::BufferEnd));
        };
        if header.tag != tag::COPY_DATA {
            return Ok((rows, at, Stop::OtherMessage));
        }
        let start = at + HEADER_BYTES;
        let Some(row) = buffered.get(start..start + header.body_bytes) else {
            return Ok((rows, at, Stop::BufferEnd));
        };
        out.extend_from_slice(row);
        at = start + header.body_bytes;
        rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_rows_are_taken_and_a_cut_one_is_left() {
        let buffered = b"d\0\0\0\x06a\nd\0\0\0\x05\nd\0\0\0\x09par";
        let mut out = Vec::new();
        let (rows, bytes, stop) = take_rows(buffered, &mut out, 100).unwrap();
        assert_eq!((rows, bytes), (2, 13));
        assert!(matches!(stop, Stop::BufferEnd));
        assert_eq!(out, b"a\n\n");
        assert!(take_rows(b"d\0\0\0\0", &mut out, 100).is_err());
    }
}

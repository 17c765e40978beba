//! COPY ... TO STDOUT: rows as the server wrote them.
//!
//! Rows are found in the read buffer and copied once, straight into the caller's buffer; there is no
//! allocation per row. Not here: the format of a row.

use super::error::Error;
use super::wire::backend::{HEADER_BYTES, Header, Trust, tag};
use super::wire::stream::Wire;

/// [`CopyOut::read_rows`] stops when it has added about this many bytes.
const OUT_BYTES: usize = 256 * 1024;

/// A COPY that sends rows. Dropped before its end, it leaves the session unusable.
pub struct CopyOut<'a> {
    wire: &'a mut Wire,
    done: bool,
}

/// The reason why [`take_rows`] stopped.
enum Stop {
    /// The buffer ends here, perhaps within a message.
    BufferEnd,
    /// Enough was taken.
    Enough,
    /// The next message is not a row.
    OtherMessage,
}

impl<'a> CopyOut<'a> {
    /// Takes over a session that answered a statement with CopyOutResponse.
    pub(crate) fn new(wire: &'a mut Wire) -> Self {
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
    use crate::pg::wire::socket::Socket;
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::UnixStream;

    fn message(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[tag], &length[..], body].concat()
    }

    /// Rows of these lengths, sent in pieces of these sizes over and over, as they are read.
    async fn through_a_socket(lengths: &[usize], pieces: &[usize]) -> (Vec<u8>, Vec<u8>) {
        let rows = lengths.iter().zip(b'a'..);
        let rows: Vec<Vec<u8>> = rows
            .map(|(length, byte)| [&vec![byte; *length][..], b"\n"].concat())
            .collect();
        let mut sent: Vec<u8> = rows
            .iter()
            .flat_map(|row| message(tag::COPY_DATA, row))
            .collect();
        sent.extend(message(tag::NOTICE, b"Mnews\0\0"));
        sent.extend(message(tag::COPY_DONE, b""));
        sent.extend(message(tag::COMMAND_COMPLETE, b"COPY 1\0"));
        sent.extend(message(tag::READY_FOR_QUERY, b"T"));
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let sending = async {
            let (mut rest, mut pieces) = (&sent[..], pieces.iter().cycle());
            while !rest.is_empty() {
                let piece = (*pieces.next().unwrap()).clamp(1, rest.len());
                theirs.write_all(&rest[..piece]).await.unwrap();
                rest = &rest[piece..];
                tokio::task::yield_now().await;
            }
        };
        let mut wire = Wire::new(Socket::Unix(ours));
        wire.let_in();
        let reading = async {
            let (mut copy, mut out) = (CopyOut::new(&mut wire), Vec::new());
            while copy.read_rows(&mut out).await.unwrap() {}
            out
        };
        let (out, ()) = tokio::join!(reading, sending);
        assert_eq!(wire.take_notices()[0].message, "news");
        wire.begin().unwrap();
        (rows.concat(), out)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn rows_come_through_however_they_are_cut(
            lengths in proptest::collection::vec(
                prop_oneof![0..20usize, 0..2_000usize, 100_000..600_000usize], 0..9),
            pieces in proptest::collection::vec(
                prop_oneof![3..9usize, 1_000..9_000usize, 100_000..400_000usize], 1..5),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
            let (expected, out) = runtime.block_on(through_a_socket(&lengths, &pieces));
            prop_assert!(expected == out);
        }
    }

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

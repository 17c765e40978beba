//! A connection as messages: buffered reading, sending, and the common part of every operation.
//!
//! The state that outlives an operation is here: transaction status, parameters, notices, and
//! whether an operation was begun whose end was never seen. Not here: what operations mean
//! ([`crate::pg::session`], [`crate::pg::copy_out`], [`crate::pg::copy_in`]).

use super::transaction::TransactionStatus;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::backend::{Body, HEADER_BYTES, Header, Message, Trust, tag};
use super::frontend::Messages;
use super::socket::Socket;
use crate::pg::db_error::DbError;
use crate::pg::error::{Error, read_error};

/// The read buffer: large, because a COPY's cost is in the number of reads.
const READ_BUFFER_BYTES: usize = 256 * 1024;
/// The most that is set aside for a long message before its bytes have arrived.
const RESERVE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Notices beyond these replace the oldest.
const NOTICES_MAX: usize = 100;
/// Parameters beyond these are not remembered; a server reports about fifteen.
const PARAMETERS_MAX: usize = 200;

/// Why sending stopped.
enum Stuck {
    Write(io::Error),
    Listen(Error),
}

/// A connection.
pub(crate) struct Wire {
    socket: Socket,
    input: Vec<u8>,
    start: usize,
    end: usize,
    trust: Trust,
    in_flight: bool,
    status: TransactionStatus,
    parameters: BTreeMap<Vec<u8>, Vec<u8>>,
    notices: VecDeque<DbError>,
}

impl Wire {
    /// A connection on which nothing was said yet.
    pub(crate) fn new(socket: Socket) -> Self {
        Self {
            socket,
            input: vec![0; READ_BUFFER_BYTES],
            start: 0,
            end: 0,
            trust: Trust::Stranger,
            in_flight: true,
            status: TransactionStatus::Idle,
            parameters: BTreeMap::new(),
            notices: VecDeque::new(),
        }
    }

    /// Allows the server long messages, once it let us in.
    pub(crate) fn let_in(&mut self) {
        self.trust = Trust::LetIn;
    }

    pub(crate) fn status(&self) -> TransactionStatus {
        self.status
    }

    pub(crate) fn parameter(&self, name: &[u8]) -> Option<&[u8]> {
        self.parameters.get(name).map(Vec::as_slice)
    }

    pub(crate) fn take_notices(&mut self) -> Vec<DbError> {
        std::mem::take(&mut self.notices).into()
    }

    /// Begins an operation. It ends with the ReadyForQuery message; one that was given up before,
    /// even by dropping its future, leaves the session unusable.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        if self.in_flight {
            return Err(Error::Broken);
        }
        self.in_flight = true;
        Ok(())
    }

    /// The bytes that were read and not consumed.
    pub(crate) fn buffered(&self) -> &[u8] {
        &self.input[self.start..self.end]
    }

    /// Takes `count` bytes off the buffer.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// The header of the next message, read but not consumed.
    pub(crate) async fn header(&mut self) -> Result<Header, Error> {
        loop {
            if let Some(header) = Header::parse(self.buffered(), self.trust)? {
                return Ok(header);
            }
            self.fill().await?;
        }
    }

    /// Reads at least one more byte into the buffer, which must not be full.
    pub(crate) async fn fill(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            // The memory that one long message needed is given back.
            self.input.truncate(READ_BUFFER_BYTES);
            self.input.shrink_to(READ_BUFFER_BYTES);
        } else if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let mut room = ReadBuf::new(&mut self.input[self.end..]);
        let result = ready!(Pin::new(&mut self.socket).poll_read(cx, &mut room));
        let read_bytes = room.filled().len();
        result.map_err(read_error)?;
        if read_bytes == 0 {
            return Poll::Ready(Err(Error::Closed));
        }
        self.end += read_bytes;
        Poll::Ready(Ok(()))
    }

    /// Appends the next `count` bytes of the stream to `out`: the buffered ones first, the rest of a long
    /// message straight from the socket.
    pub(crate) async fn read_into(&mut self, count: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut left = count;
        while left > 0 {
            let buffered = self.buffered();
            if !buffered.is_empty() {
                let now = buffered.len().min(left);
                out.extend_from_slice(&buffered[..now]);
                self.consume(now);
                left -= now;
            } else if left < READ_BUFFER_BYTES / 2 {
                self.fill().await?;
            } else {
                // The length is the server's claim: memory follows the bytes that come.
                if out.capacity() - out.len() < READ_BUFFER_BYTES {
                    out.reserve(left.min(RESERVE_BYTES_MAX));
                }
                let mut limited = (&mut self.socket).take(left as u64);
                let now = limited.read_buf(out).await.map_err(read_error)?;
                if now == 0 {
                    return Err(Error::Closed);
                }
                left -= now;
            }
        }
        Ok(())
    }

    /// The next message that is an answer. Notices, notifications and changed parameters, which may
    /// come at any time, are taken care of; so is the end of the operation.
    pub(crate) async fn message(&mut self) -> Result<Message, Error> {
        match self.next_message().await {
            Err(Error::Closed) => Err(self.farewell()),
            done => done,
        }
    }

    /// Why the server closed the connection. A backend that has to end because another one crashed says so in
    /// a warning (`quickdie`), and not in an error.
    fn farewell(&self) -> Error {
        let mut latest_first = self.notices.iter().rev();
        match latest_first.find(|notice| notice.code.starts_with("57P")) {
            Some(notice) => DbError {
                severity: "FATAL".to_owned(),
                ..notice.clone()
            }
            .into(),
            None => Error::Closed,
        }
    }

    async fn next_message(&mut self) -> Result<Message, Error> {
        loop {
            let header = self.header().await?;
            self.consume(HEADER_BYTES);
            let mut body = Vec::with_capacity(header.body_bytes.min(RESERVE_BYTES_MAX));
            self.read_into(header.body_bytes, &mut body).await?;
            let message = Message {
                tag: header.tag,
                body,
            };
            if !self.absorb(&message)? {
                return Ok(message);
            }
        }
    }

    /// Keeps what a message says about the session; true when that was all there is to it.
    fn absorb(&mut self, message: &Message) -> Result<bool, Error> {
        match message.tag {
            tag::NOTICE => {
                if self.notices.len() == NOTICES_MAX {
                    self.notices.pop_front();
                }
                self.notices.push_back(DbError::parse(&message.body));
                Ok(true)
            }
            tag::PARAMETER_STATUS => {
                let mut body = Body::new(&message.body, "ParameterStatus");
                let (name, value) = (body.text()?.to_vec(), body.text()?.to_vec());
                if self.parameters.len() < PARAMETERS_MAX || self.parameters.contains_key(&name) {
                    self.parameters.insert(name, value);
                }
                Ok(true)
            }
            tag::NOTIFICATION => Ok(true),
            tag::READY_FOR_QUERY => {
                self.status = match Body::new(&message.body, "ReadyForQuery").u8()? {
                    b'I' => TransactionStatus::Idle,
                    b'T' => TransactionStatus::InTransaction,
                    b'E' => TransactionStatus::Failed,
                    other => {
                        let what = format!("unknown transaction status {:?}", char::from(other));
                        return Err(Error::protocol(what));
                    }
                };
                self.in_flight = false;
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// Reads to the end of the operation and hands back the error it failed with. When the
    /// connection ends instead, the error that the server gave is still the one that matters.
    pub(crate) async fn fail(&mut self, body: &[u8]) -> Error {
        let mut error = DbError::parse(body);
        loop {
            match self.message().await {
                Ok(message) if message.tag == tag::READY_FOR_QUERY => break,
                Ok(_) => {}
                Err(_) => {
                    error.ended_session = true;
                    break;
                }
            }
        }
        error.into()
    }

    /// Takes a message that makes no sense where it came.
    pub(crate) async fn unexpected(&mut self, message: Message, doing: &str) -> Error {
        if message.tag == tag::ERROR {
            return self.fail(&message.body).await;
        }
        let tag = char::from(message.tag);
        Error::protocol(format!("unexpected message {tag:?} {doing}"))
    }

    /// Sends messages.
    pub(crate) async fn send(&mut self, messages: &Messages) -> Result<(), Error> {
        self.send_parts([messages.as_bytes(), &[], &[]]).await
    }

    /// Sends bytes that are in three places. What the server says meanwhile is read into the buffer:
    /// a server that cannot get rid of its error would not read on, and both would wait for ever.
    pub(crate) async fn send_parts(&mut self, parts: [&[u8]; 3]) -> Result<(), Error> {
        let mut slices = parts.map(IoSlice::new);
        let mut rest = &mut slices[..];
        IoSlice::advance_slices(&mut rest, 0);
        let sent = poll_fn(|cx| {
            while !rest.is_empty() {
                match Pin::new(&mut self.socket).poll_write_vectored(cx, rest) {
                    Poll::Ready(Ok(0)) => {
                        let error = io::ErrorKind::WriteZero.into();
                        return Poll::Ready(Err(Stuck::Write(error)));
                    }
                    Poll::Ready(Ok(written)) => IoSlice::advance_slices(&mut rest, written),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(Stuck::Write(error))),
                    Poll::Pending => ready!(self.poll_listen(cx)).map_err(Stuck::Listen)?,
                }
            }
            loop {
                match Pin::new(&mut self.socket).poll_flush(cx) {
                    Poll::Ready(flushed) => return Poll::Ready(flushed.map_err(Stuck::Write)),
                    Poll::Pending => ready!(self.poll_listen(cx)).map_err(Stuck::Listen)?,
                }
            }
        });
        match sent.await {
            Ok(()) => Ok(()),
            Err(Stuck::Write(error)) => Err(self.last_words(error).await),
            Err(Stuck::Listen(Error::Closed)) => {
                Err(self.last_words(io::ErrorKind::BrokenPipe.into()).await)
            }
            Err(Stuck::Listen(error)) => Err(error),
        }
    }

    /// Reads while a write is stuck. Ready when something came, in which case the caller tries its
    /// write again, which registers it for waking.
    pub(crate) fn poll_listen(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.is_full() {
            self.absorb_buffered()?;
        }
        if self.is_full() {
            let header = Header::parse(self.buffered(), self.trust)?;
            if header.is_none_or(|header| self.input.len() >= HEADER_BYTES + header.body_bytes) {
                return Poll::Pending;
            }
            // One message larger than the buffer, a notice or an error, which has to be taken in
            // before the server reads on.
            self.input.resize(self.input.len() * 2, 0);
        }
        self.poll_fill(cx)
    }

    fn is_full(&self) -> bool {
        self.end - self.start == self.input.len()
    }

    /// Why the server hung up on us: its last message often says, as when it is shut down.
    async fn last_words(&mut self, error: io::Error) -> Error {
        loop {
            match self.message().await {
                Ok(message) if message.tag == tag::ERROR => {
                    let mut error = DbError::parse(&message.body);
                    error.ended_session = true;
                    return error.into();
                }
                Ok(_) => {}
                Err(said) if said.db().is_some() => return said,
                Err(_) => break,
            }
        }
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Error::Closed,
            _ => Error::Io {
                doing: "write to the server",
                source: error,
            },
        }
    }

    /// Whether an error has arrived, without waiting for one.
    pub(crate) async fn error_arrived(&mut self) -> Result<bool, Error> {
        poll_fn(|cx| {
            if !self.is_full() {
                // A closed connection will be noticed by the write that follows.
                let _ = self.poll_fill(cx);
            }
            Poll::Ready(())
        })
        .await;
        let next = self.absorb_buffered()?;
        Ok(next.is_some_and(|header| header.tag == tag::ERROR))
    }

    /// Takes care of the messages at the front of the buffer that are no answers, as far as they are
    /// there as a whole. Returns the header of the one that it stopped at.
    pub(crate) fn absorb_buffered(&mut self) -> Result<Option<Header>, Error> {
        while let Some(header) = Header::parse(self.buffered(), self.trust)? {
            let body = HEADER_BYTES..HEADER_BYTES + header.body_bytes;
            let body = match (header.tag, self.buffered().get(body)) {
                (tag::NOTICE | tag::PARAMETER_STATUS | tag::NOTIFICATION, Some(body)) => {
                    body.to_vec()
                }
                _ => return Ok(Some(header)),
            };
            self.consume(HEADER_BYTES + header.body_bytes);
            self.absorb(&Message {
                tag: header.tag,
                body,
            })?;
        }
        Ok(None)
    }

    /// Says goodbye and closes. Errors do not matter any more.
    pub(crate) async fn close(mut self) {
        if let Ok(goodbye) = Messages::default().terminate() {
            let _ = self.socket.write_all(goodbye.as_bytes()).await;
            let _ = self.socket.shutdown().await;
        }
    }
}

//! Servers that are none: each connection goes through a script of what to read and what to say.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One step of a script. A connection whose script is over stays open until the client leaves.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Reads a message without a tag: a startup message or a request for TLS.
    Untagged,
    /// Reads a message with a tag.
    Tagged,
    /// Reads and throws away, for good.
    Drain,
    Send(Vec<u8>),
    Close,
}

/// A false server on a port of 127.0.0.1; it ends when dropped.
pub(super) struct Fake {
    port: u16,
    task: JoinHandle<()>,
}

impl Fake {
    /// A connection string; `rest` may replace `sslmode=disable`.
    pub(super) fn conninfo(&self, rest: &str) -> String {
        let port = self.port;
        format!("host=127.0.0.1 port={port} user=u dbname=d sslmode=disable {rest}")
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a server whose connections go through these scripts, the first one first; the last one
/// serves all further connections.
pub(super) async fn start(scripts: Vec<Vec<Step>>) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut at = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let script = scripts[at.min(scripts.len() - 1)].clone();
            at += 1;
            tokio::spawn(serve(stream, script));
        }
    });
    Fake { port, task }
}

async fn serve(mut stream: TcpStream, script: Vec<Step>) {
    for step in script {
        let done = match step {
            Step::Untagged => read_message(&mut stream).await,
            Step::Tagged => match stream.read_u8().await {
                Ok(_) => read_message(&mut stream).await,
                Err(error) => Err(error),
            },
            Step::Drain => tokio::io::copy(&mut stream, &mut tokio::io::sink())
                .await
                .map(|_| ()),
            Step::Send(bytes) => stream.write_all(&bytes).await,
            Step::Close => return,
        };
        if done.is_err() {
            return;
        }
    }
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

async fn read_message(stream: &mut TcpStream) -> std::io::Result<()> {
    let length = u64::from(stream.read_u32().await?) - 4;
    tokio::io::copy(&mut stream.take(length), &mut tokio::io::sink()).await?;
    Ok(())
}

/// A message of the server's.
pub(super) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

/// What a server says when it lets somebody in, with these parameters besides its version.
pub(super) fn session_messages(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut messages = message(b'R', &[0; 4]);
    for (name, value) in [&[("server_version", "13.1")], parameters].concat() {
        messages.extend(message(b'S', format!("{name}\0{value}\0").as_bytes()));
    }
    messages.extend(message(b'K', &[0, 0, 0, 7, 0, 0, 0, 9]));
    messages.extend(message(b'Z', b"I"));
    messages
}

/// A script that lets everybody in.
pub(super) fn session(parameters: &[(&str, &str)]) -> Vec<Step> {
    let lets_in = vec![Step::Untagged, Step::Send(session_messages(parameters))];
    [lets_in, opening()].concat()
}

/// Steps that answer what a session asks first: to empty its search path, and to set its parameters.
pub(super) fn opening() -> Vec<Step> {
    [opening_step(), opening_step()].concat()
}

/// One of them.
pub(super) fn opening_step() -> Vec<Step> {
    vec![Step::Tagged, Step::Send(opening_answer())]
}

/// The answer itself.
pub(super) fn opening_answer() -> Vec<u8> {
    // The path, and the process that [`session_messages`] names.
    row_and_end(&["", "7"])
}

/// A row of texts and the end of a statement.
fn row_and_end(values: &[&str]) -> Vec<u8> {
    let count = u16::try_from(values.len()).unwrap().to_be_bytes();
    let mut description = count.to_vec();
    let mut row = count.to_vec();
    for value in values {
        description.extend([&b"c\0"[..], &[0; 18]].concat());
        row.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        row.extend(value.as_bytes());
    }
    [
        message(b'T', &description),
        message(b'D', &row),
        message(b'C', b"SELECT 1\0"),
        message(b'Z', b"I"),
    ]
    .concat()
}

/// A script that refuses everybody.
pub(super) fn refusal(sqlstate: &str) -> Vec<Step> {
    vec![Step::Untagged, Step::Send(error(sqlstate)), Step::Close]
}

/// An error message.
pub(super) fn error(sqlstate: &str) -> Vec<u8> {
    message(
        b'E',
        format!("SFATAL\0VFATAL\0C{sqlstate}\0Mno, said the fake\0\0").as_bytes(),
    )
}

/// The answer to a query of one column and one row.
pub(super) fn one_row(value: &str) -> Vec<u8> {
    [
        message(b'1', b""),
        message(b'2', b""),
        row_and_end(&[value]),
    ]
    .concat()
}

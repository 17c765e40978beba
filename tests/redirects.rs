//! Servers that send requests on: no credential follows, and no secret of a URL is printed.
//!
//! Both servers are real sockets of this test; what reaches the second one is what an attacker would get.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::pgark::Pgark;
use crate::support::run::Finished;
use crate::support::s3::free_port;

/// A server that notes every request and answers all of them alike.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read_head(&stream) else {
                    continue;
                };
                let answer = answer(&request);
                notes.lock().unwrap().push(request);
                let mut stream = stream;
                // A client that is gone needs no answer.
                stream.write_all(&answer).ok();
            }
        });
        Self { port, heard }
    }

    /// All that was asked of it.
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn read_head(stream: &TcpStream) -> Option<String> {
    let mut head = String::new();
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        if line.is_empty() {
            return Some(head);
        }
        head.push_str(&line);
        head.push('\n');
    }
    None
}

fn redirecting(status: &'static str, to: String) -> Server {
    Server::start(move |_| {
        let head = format!(
            "HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        head.into_bytes()
    })
}

fn refusing() -> Server {
    Server::start(|_| b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec())
}

/// Demands that no secret is in anything that was said or heard.
#[track_caller]
fn assert_silent(finished: &Finished, heard: &[String]) {
    let said = format!("{}{}{heard:?}", finished.stdout(), finished.stderr());
    assert!(
        !said.contains("SECRET"),
        "{}\n{heard:#?}",
        finished.describe()
    );
}

#[test]
fn no_store_with_credentials_is_followed_to_another_host() {
    let end = refusing();
    for status in [
        "301 Moved",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let target = format!("http://localhost:{}/stolen", end.port);
        let first = redirecting(status, target);
        let endpoint = format!("http://127.0.0.1:{}", first.port);
        let connection =
            format!("BlobEndpoint={endpoint}/acc;SharedAccessSignature=sv=1&sig=SECRET");
        let stores: [(&str, &[(&str, &str)]); 3] = [
            (
                "s3://bucket/snap.tar",
                &[
                    ("AWS_ENDPOINT_URL", &endpoint),
                    ("AWS_ACCESS_KEY_ID", "key"),
                    ("AWS_SECRET_ACCESS_KEY", "SECRET"),
                    ("AWS_SESSION_TOKEN", "TOKENSECRET"),
                    ("AWS_REGION", "eu-west-1"),
                ],
            ),
            (
                "gs://bucket/snap.tar",
                &[("STORAGE_EMULATOR_HOST", &endpoint)],
            ),
            (
                "az://container/snap.tar",
                &[
                    ("AZURE_STORAGE_CONNECTION_STRING", &connection),
                    ("AZURE_STORAGE_ACCOUNT", "acc"),
                ],
            ),
        ];
        for (url, variables) in stores {
            let before = first.heard().len();
            let mut call = Pgark::new(["verify", url]);
            for (name, value) in variables {
                call = call.env(name, value);
            }
            let finished = call.run().code(4);
            let said = finished.stdout();
            let expected = format!("the store sends requests on to localhost:{}", end.port);
            assert!(
                said.contains(&expected),
                "{url} {status}: {}",
                finished.describe()
            );
            assert!(
                finished.stderr().contains("No redirection is followed"),
                "{}",
                finished.describe()
            );
            assert!(first.heard().len() > before, "{url}: nobody asked");
            assert_silent(&finished, &end.heard());
        }
        let heard = first.heard();
        let tokens = heard
            .iter()
            .filter(|request| request.contains("TOKENSECRET"));
        assert!(
            tokens.count() > 0,
            "the token was not used at all: {heard:#?}"
        );
    }
    assert_eq!(end.heard(), Vec::<String>::new());
}

#[test]
fn a_plain_url_is_followed_without_its_password_and_its_signature() {
    let end = refusing();
    let first = redirecting(
        "307 Elsewhere",
        format!("http://localhost:{}/snap.tar", end.port),
    );
    let url = format!(
        "http://joe:SECRET@127.0.0.1:{}/snap.tar?sig=SECRET",
        first.port
    );
    for command in [
        &["verify"][..],
        &["verify", "--json"],
        &["inspect"],
        &["restore", "-l"],
    ] {
        let finished = Pgark::new(command).arg(&url).run();
        assert_ne!(finished.status.code(), Some(0), "{}", finished.describe());
        assert_silent(&finished, &end.heard());
        let said = finished.stdout() + &finished.stderr();
        let shown = format!("http://***@127.0.0.1:{}/snap.tar?***", first.port);
        assert!(said.contains(&shown), "{}", finished.describe());
    }
    let heard = first.heard();
    assert!(
        heard
            .iter()
            .all(|request| request.to_lowercase().contains("authorization: basic"))
    );
    let heard = end.heard();
    // Some commands ask more than once.
    assert!(heard.len() >= 4);
    for request in heard {
        let request = request.to_lowercase();
        assert!(
            !request.contains("authorization") && !request.contains("referer"),
            "{request}"
        );
    }
}

#[test]
fn an_endless_answer_to_a_refusal_is_read_up_to_a_bound() {
    // A refusal whose body never ends: as much is sent as somebody takes.
    let port = free_port();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let sent = Arc::new(Mutex::new(0_usize));
    let counted = Arc::clone(&sent);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            if read_head(&stream).is_none() {
                continue;
            }
            let counted = Arc::clone(&counted);
            thread::spawn(move || {
                let head = "HTTP/1.1 403 No\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
                            <Error><Code>InvalidAccessKeyId</Code><Message>no</Message>";
                if stream.write_all(head.as_bytes()).is_err() {
                    return;
                }
                while stream.write_all(&[b'x'; 65_536]).is_ok() {
                    *counted.lock().unwrap() += 65_536;
                }
            });
        }
    });
    let call = Pgark::new(["verify", "s3://bucket/snap.tar"])
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "eu-west-1");
    let finished = call.run().code(4);
    let said = finished.stdout();
    assert!(
        said.contains("the store does not know this access key"),
        "{}",
        finished.describe()
    );
    // What lies in the buffers of sockets was sent too.
    let sent = *sent.lock().unwrap();
    assert!(sent < 64 << 20, "{sent}");
}

#[test]
fn no_url_that_was_typed_comes_back_with_its_password() {
    let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/archives/v1/zstd.tar");
    let uri = "postgresql://joe:SECRET@127.0.0.1:1/jobs";
    let url = "https://joe:SECRET@127.0.0.1:1/snap.tar?X-Amz-Signature=SECRET";
    let commands: [&[&str]; 12] = [
        &["dump", uri, "-f", "x.tar"],
        &["dump", "-d", uri, "jobs", "-f", url],
        &["dump", "jobs", "-f", url, "--bogus"],
        &["dump", "jobs", "-f", "sftp://joe:SECRET@host/snap.tar"],
        &["dump", "jobs", "-f", "s3://key:SECRET@bucket"],
        &["dump", "jobs", "-f", "s3:/key:SECRET@bucket/name"],
        &["inspect", archive, url],
        &["inspect", "https:/joe:SECRET@host/snap.tar"],
        &["verify", archive, url],
        &["verify", "file://joe:SECRET@host/snap.tar"],
        &["restore", archive, uri, "-f", "-"],
        &["restore", archive, "-f", url],
    ];
    for command in commands {
        for more in [&[][..], &["--progress", "json"]] {
            let finished = Pgark::new([command, more].concat()).run();
            assert_ne!(finished.status.code(), Some(0), "{}", finished.describe());
            let said = finished.stdout() + &finished.stderr();
            assert!(!said.contains("SECRET"), "{}", finished.describe());
        }
    }
}

//! Archives behind a plain HTTP URL, on a server that breaks off in the middle of what it sends.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pgark::storage::{Error, Store, Surroundings};

use crate::support::s3::free_port;

/// What the server holds and does.
struct Site {
    content: Mutex<Vec<u8>>,
    etag: Mutex<Option<&'static str>>,
    /// How many of the next answers break off.
    breaks: AtomicUsize,
    /// Answers so far.
    answers: AtomicUsize,
}

/// The range of a request, and the ETag it demands.
fn request(stream: &TcpStream) -> Option<(usize, Option<usize>, Option<String>)> {
    let mut range = None;
    let mut demanded = None;
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        match name.to_ascii_lowercase().as_str() {
            "range" => range = value.trim().strip_prefix("bytes=").map(str::to_owned),
            "if-match" => demanded = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let range = range?;
    let (first, last) = range.split_once('-')?;
    Some(match first.parse() {
        Ok(first) => (first, last.parse().ok(), demanded),
        // The last so many bytes.
        Err(_) => (usize::MAX, last.parse().ok(), demanded),
    })
}

impl Site {
    /// A server of these bytes for as long as the tests run, and its URL.
    fn open(content: &[u8], etag: Option<&'static str>) -> (Arc<Self>, String) {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let site = Arc::new(Self {
            content: Mutex::new(content.to_vec()),
            etag: Mutex::new(etag),
            breaks: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&site);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that is gone needs no answer.
                serving.answer(stream).ok();
            }
        });
        (
            site,
            format!("http://127.0.0.1:{port}/a/snap.tar?signature=secret"),
        )
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let Some((first, last, demanded)) = request(&stream) else {
            return Ok(());
        };
        self.answers.fetch_add(1, Ordering::SeqCst);
        let content = self.content.lock().unwrap().clone();
        let etag = *self.etag.lock().unwrap();
        if demanded.is_some() && demanded.as_deref() != etag {
            return stream
                .write_all(b"HTTP/1.1 412 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        let size = content.len();
        let (first, end) = match (first, last) {
            (usize::MAX, Some(bytes)) => (size.saturating_sub(bytes), size),
            (first, last) => (first, last.map_or(size, |last| size.min(last + 1))),
        };
        let etag = etag
            .map(|etag| format!("ETag: {etag}\r\n"))
            .unwrap_or_default();
        let head = format!(
            "HTTP/1.1 206 Part\r\nContent-Range: bytes {first}-{}/{size}\r\nContent-Length: {}\r\n{etag}Connection: close\r\n\r\n",
            end - 1,
            end - first
        );
        stream.write_all(head.as_bytes())?;
        let body = &content[first..end];
        let left = self.breaks.load(Ordering::SeqCst);
        if left > 0 && body.len() > 1 {
            self.breaks.store(left - 1, Ordering::SeqCst);
            return stream.write_all(&body[..body.len() / 2]);
        }
        stream.write_all(body)
    }
}

fn open(url: &str) -> Store {
    Store::open_in(url, &Surroundings::default()).unwrap()
}

fn content() -> Vec<u8> {
    (0..300_000_u32).flat_map(u32::to_le_bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_taken_up_where_it_broke() {
    let content = content();
    let size = content.len();
    for etag in [Some("\"strong\""), Some("W/\"weak\""), None] {
        let (site, url) = Site::open(&content, etag);
        let store = open(&url);
        site.breaks.store(2, Ordering::SeqCst);
        let (tail, found) = store.tail(2048).await.unwrap();
        assert!(tail == content[size - 2048..] && found == size as u64);
        site.breaks.store(3, Ordering::SeqCst);
        let read = store.read_range(1000..1_000_000).await.unwrap();
        assert!(read == content[1000..1_000_000]);
        // Nothing comes twice: what broke off is kept.
        let traffic = store.traffic();
        assert_eq!(
            (traffic.bytes, traffic.repeated),
            (2048 + 999_000, 5),
            "{etag:?}"
        );
        assert_eq!(site.answers.load(Ordering::SeqCst) as u64, traffic.requests);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_breaks_off_for_ever_is_an_error_that_tells_no_secret() {
    let (site, url) = Site::open(&content(), None);
    let store = open(&url);
    site.breaks.store(usize::MAX, Ordering::SeqCst);
    let error = store.read_range(0..1_000_000).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(matches!(error, Error::Other { .. }), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(site.answers.load(Ordering::SeqCst) < 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_under_the_url_is_noticed_in_the_middle() {
    let all = content();
    for etags in [
        (Some("\"one\""), Some("\"two\"")),
        (Some("W/\"one\""), Some("W/\"two\"")),
        (None, None),
    ] {
        let (site, url) = Site::open(&all, etags.0);
        let store = open(&url);
        store.tail(2048).await.unwrap();
        // Without an ETag it is the size that tells.
        *site.content.lock().unwrap() = all[..all.len() - 4].to_vec();
        *site.etag.lock().unwrap() = etags.1;
        let read = store.read_range(0..1000).await;
        assert!(
            matches!(read, Err(Error::Changed { .. })),
            "{etags:?} {read:?}"
        );
    }
}

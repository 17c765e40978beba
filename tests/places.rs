//! One behaviour of a place for archives, whatever keeps it: memory, disk, two stores that speak S3's
//! language.
//!
//! A place is a [`Place`]; [`serves`] is all that is expected of one. What one of them does otherwise is said
//! in its [`Ways`], with the reason.

use std::sync::Arc;

use bytes::Bytes;
use object_store::memory::InMemory;

use pgark::storage::{Error, Replace, Store, Surroundings, UploadOptions};

use crate::need;
use crate::support::garage::{BUCKET, Garage};
use crate::support::s3::{Account, S3Server};

/// The smallest part that stores take.
const PART_BYTES: usize = 5 << 20;

type Opened = Result<Store, Error>;

/// A place for objects, empty at first.
struct Place<'a> {
    /// The object of this name. Folders in it are there.
    open: Box<dyn Fn(&str) -> Opened + 'a>,
    /// An object in a bucket or a folder that is not there; none where there are no such things.
    astray: Option<Box<dyn Fn() -> Opened + 'a>>,
    /// The names of all that is kept, parts of unfinished uploads included; none where nobody can look.
    kept: Option<Box<dyn Fn() -> Vec<String> + 'a>>,
    ways: Ways,
}

/// What is not the same everywhere.
#[derive(Clone, Copy)]
struct Ways {
    /// Whether each read notices that the object is another one. Not on disk: only what does not fit
    /// leads to a second look at the file there, because its inode number may change while it stays the same.
    every_read_notices: bool,
    /// Whether `..` is refused. On disk it is the folder above, as in every path.
    refuses_dots: bool,
    /// Whether an empty object can be read. What Garage says of its range, `bytes 0-18446744073709551615/0`,
    /// `object_store` 0.14.2 adds one to, which only a build with overflow checks minds.
    has_empty: bool,
}

const OBJECTS: Ways = Ways {
    every_read_notices: true,
    refuses_dots: true,
    has_empty: true,
};

fn options() -> UploadOptions {
    UploadOptions {
        part_bytes: PART_BYTES,
        ..UploadOptions::default()
    }
}

/// Bytes of which no two pieces are alike.
fn content(bytes: usize) -> Bytes {
    let numbers = (0..bytes as u32).step_by(4);
    let content: Vec<u8> = numbers
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    Bytes::from(content).slice(..bytes)
}

impl Place<'_> {
    fn store(&self, name: &str) -> Store {
        (self.open)(name).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn assert_kept(&self, names: &[&str]) {
        if let Some(kept) = &self.kept {
            let mut kept = kept();
            kept.sort();
            assert_eq!(kept, names);
        }
    }
}

async fn put(store: &Store, replace: Replace, content: &Bytes) -> Result<(), Error> {
    let mut upload = store.upload(replace, options()).await?;
    // Pieces of all sizes, one of them larger than a part.
    let mut rest = content.clone();
    for bytes in [1, 700_000, 6_000_000, usize::MAX] {
        upload.write(rest.split_to(rest.len().min(bytes))).await?;
    }
    upload.finish().await.map(drop)
}

/// All that is expected of a place.
async fn serves(place: &Place<'_>) {
    what_is_not_there_is_said(place).await;
    an_upload_that_does_not_end_leaves_nothing(place).await;
    what_is_written_is_read(place).await;
    nothing_is_replaced_unasked(place).await;
    another_object_under_the_name_is_noticed(place).await;
    names_are_any(place).await;
    a_folder_is_listed(place).await;
}

async fn what_is_not_there_is_said(place: &Place<'_>) {
    let store = place.store("missing");
    assert!(!store.exists().await.unwrap());
    assert!(matches!(store.size().await, Err(Error::NotFound { .. })));
    assert!(matches!(store.tail(10).await, Err(Error::NotFound { .. })));
    let read = store.read_range(0..10).await;
    assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
    if let Some(astray) = &place.astray {
        let size = match astray() {
            Ok(store) => store.size().await,
            Err(error) => Err(error),
        };
        let is_said = matches!(size, Err(Error::NotFound { .. } | Error::Folder { .. }));
        assert!(is_said, "{size:?}");
    }
}

async fn an_upload_that_does_not_end_leaves_nothing(place: &Place<'_>) {
    for bytes in [100, 2 * PART_BYTES + 100] {
        let store = place.store("aborted");
        let mut upload = store.upload(Replace::Never, options()).await.unwrap();
        upload.write(content(bytes)).await.unwrap();
        upload.abort().await.unwrap();
        assert!(!store.exists().await.unwrap());
        place.assert_kept(&[]);
    }
    // One that is dropped cannot tell the store, which keeps its parts until they expire.
    let store = place.store("dropped");
    let mut upload = store.upload(Replace::Never, options()).await.unwrap();
    upload.write(content(100)).await.unwrap();
    drop(upload);
    assert!(!store.exists().await.unwrap());
}

async fn what_is_written_is_read(place: &Place<'_>) {
    // Few ends that are longer than the object: some servers take their time to refuse them.
    for (name, bytes, tails) in [
        ("empty", 0, &[1][..]),
        ("small", 1000, &[1, 1000, 2048]),
        ("large", 2 * PART_BYTES + 1_234_567, &[1, 2048, 9_000_000]),
    ] {
        if bytes == 0 && !place.ways.has_empty {
            continue;
        }
        let (written, store) = (content(bytes), place.store(name));
        put(&store, Replace::Never, &written).await.unwrap();
        let bytes = bytes as u64;
        assert!(store.exists().await.unwrap());
        assert_eq!(store.size().await.unwrap(), bytes);
        for &tail in tails {
            let (read, size) = place.store(name).tail(tail).await.unwrap();
            let from = bytes.saturating_sub(tail) as usize;
            assert!(read == written[from..] && size == bytes, "{name} {tail}");
        }
        exact_ranges(&store, &written).await;
        // One that has not asked for the size yet.
        for store in [store, place.store(name)] {
            for range in [bytes..bytes + 1, 0..bytes + 1, bytes + 10..bytes + 20] {
                let read = store.read_range(range.clone()).await;
                assert!(
                    matches!(read, Err(Error::Short { .. })),
                    "{name} {range:?} {read:?}"
                );
            }
        }
    }
}

/// Exactly what is asked for, in one request each.
async fn exact_ranges(store: &Store, written: &Bytes) {
    let bytes = written.len();
    let part = PART_BYTES.min(bytes);
    for range in [
        0..bytes,
        0..part,
        bytes - part..bytes,
        part.saturating_sub(3)..bytes.min(part + 3),
        bytes..bytes,
    ] {
        let before = store.traffic();
        let read = store.read_range(range.start as u64..range.end as u64).await;
        assert!(read.unwrap() == written[range.clone()], "{range:?}");
        let now = store.traffic();
        let requests = u64::from(!range.is_empty());
        assert_eq!(now.requests - before.requests, requests, "{range:?}");
        assert_eq!(now.bytes - before.bytes, range.len() as u64);
    }
}

async fn nothing_is_replaced_unasked(place: &Place<'_>) {
    let (first, second) = (content(2 * PART_BYTES + 5), content(777));
    for (name, ours) in [("taken", &first), ("taken too", &second)] {
        let store = place.store(name);
        let mut upload = store.upload(Replace::Never, options()).await.unwrap();
        upload.write(ours.clone()).await.unwrap();
        // Somebody was faster.
        let theirs = Bytes::from_static(b"theirs");
        let is_file = match put(&place.store(name), Replace::Never, &theirs).await {
            // On disk our own upload keeps others from it.
            Err(Error::BeingWritten { .. }) => std::fs::write(store.describe(), &theirs).is_ok(),
            put => put.is_err(),
        };
        let finished = upload.finish().await;
        if is_file || ours.len() < PART_BYTES {
            let other = format!("{name}-2");
            let elsewhere = finished.unwrap().elsewhere.unwrap();
            assert!(elsewhere.ends_with(&other), "{elsewhere}");
            let stored = place.store(&other).read_range(0..ours.len() as u64).await;
            assert!(stored.unwrap() == *ours);
        } else {
            // Parts cannot change their name.
            assert!(
                matches!(finished, Err(Error::Appeared { .. })),
                "{finished:?}"
            );
        }
        assert_eq!(place.store(name).tail(6).await.unwrap(), (theirs, 6));
        let again = store.upload(Replace::Never, options()).await.map(|_| ());
        assert!(
            matches!(again, Err(Error::AlreadyExists { .. })),
            "{again:?}"
        );
        put(&store, Replace::Existing, ours).await.unwrap();
        let bytes = ours.len() as u64;
        assert!(store.read_range(0..bytes).await.unwrap() == *ours);
        assert_eq!(place.store(name).size().await.unwrap(), bytes);
    }
}

async fn another_object_under_the_name_is_noticed(place: &Place<'_>) {
    let store = place.store("changing");
    put(&store, Replace::Never, &content(1000)).await.unwrap();
    let reader = place.store("changing");
    reader.tail(10).await.unwrap();
    reader.refuse_replaced().await.unwrap();
    // Longer, so that a range of the old one lies within it.
    put(&store, Replace::Existing, &content(2000))
        .await
        .unwrap();
    let replaced = reader.refuse_replaced().await;
    assert!(
        matches!(replaced, Err(Error::Changed { .. })),
        "{replaced:?}"
    );
    let read = reader.read_range(0..100).await;
    if place.ways.every_read_notices {
        assert!(matches!(read, Err(Error::Changed { .. })), "{read:?}")
    } else {
        assert!(read.is_ok(), "{read:?}")
    }
}

async fn names_are_any(place: &Place<'_>) {
    let names = [
        "a b.tar",
        "100%",
        "%2e%20",
        "a+b",
        "é€😀",
        "#?&=;",
        "-f",
        "deep/er/x",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let (store, written) = (place.store(name), content(100 + number));
        put(&store, Replace::Never, &written)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        // None of them is another's.
        let reader = place.store(name);
        let size = reader.size().await.unwrap();
        assert_eq!(reader.read_range(0..size).await.unwrap(), written, "{name}");
    }
    if place.ways.refuses_dots {
        for name in ["../x", "a/../x", "a/./x"] {
            let opened = (place.open)(name).map(|_| ());
            assert!(
                matches!(opened, Err(Error::Name { .. })),
                "{name}: {opened:?}"
            );
        }
    }
}

async fn a_folder_is_listed(place: &Place<'_>) {
    for name in ["folder/toc.dat", "folder/1.dat", "folder/below/2.dat"] {
        put(&place.store(name), Replace::Never, &content(name.len()))
            .await
            .unwrap();
    }
    let folder = place.store("folder").folder().await.unwrap();
    let folder = folder.expect("a folder");
    let mut names: Vec<&str> = folder.sizes().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["1.dat", "toc.dat"]);
    let (file, size) = folder.file(b"toc.dat").expect("a file in it");
    assert_eq!(size, 14);
    assert_eq!(file.read_range(0..size).await.unwrap(), content(14));
    assert!(place.store("small").folder().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn memory() {
    let objects = Arc::new(InMemory::new());
    let place = Place {
        open: Box::new(|name| Store::over(objects.clone(), name)),
        astray: None,
        kept: None,
        ways: OBJECTS,
    };
    serves(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disk() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let names = || std::fs::read_dir(here).unwrap().flatten();
    let place = Place {
        open: Box::new(|name| {
            let path = here.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            Store::open(path.to_str().unwrap())
        }),
        astray: Some(Box::new(|| {
            Store::open(here.join("no/x").to_str().unwrap())
        })),
        kept: Some(Box::new(|| {
            names()
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect()
        })),
        ways: Ways {
            every_read_notices: false,
            refuses_dots: false,
            has_empty: true,
        },
    };
    serves(&place).await;
}

/// A bucket, and all that is kept in it where that can be seen.
async fn a_bucket_serves(
    bucket: &str,
    account: Account,
    kept: Option<&dyn Fn() -> Vec<String>>,
    ways: Ways,
) {
    let surroundings = Surroundings {
        variables: account.variables().into(),
        home: None,
    };
    let open =
        |bucket: &str, name: &str| Store::open_in(format!("s3://{bucket}/{name}"), &surroundings);
    let place = Place {
        open: Box::new(|name| open(bucket, name)),
        astray: Some(Box::new(|| open("nowhere", "x"))),
        kept: kept.map(|kept| Box::new(kept) as Box<dyn Fn() -> Vec<String>>),
        ways,
    };
    serves(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_s3_server() {
    let server = need!(S3Server::start());
    a_bucket_serves(
        "bucket",
        server.account(),
        Some(&|| server.files()),
        OBJECTS,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replicated_store() {
    let garage = need!(Garage::start());
    let ways = Ways {
        has_empty: false,
        ..OBJECTS
    };
    a_bucket_serves(BUCKET, garage.account(), None, ways).await;
}

//! Local disk, with names and folders as people have them.

use super::*;
use std::sync::Arc;

use crate::monitor::Monitor;
use bytes::Bytes;
use std::fs;

fn options() -> UploadOptions {
    UploadOptions {
        part_bytes: 1000,
        parts_max: 1_000_000,
        max_in_flight: 2,
        sync: true,
        file_mode: None,
    }
}

fn open(folder: &std::path::Path, name: &str) -> Result<Store, Error> {
    Store::open(format!("{}/{name}", folder.display()))
}

async fn write(store: &Store, replace: Replace, content: &[u8]) -> Result<(), Error> {
    let mut upload = store.upload(replace, options()).await?;
    for piece in content.chunks(1700) {
        upload.write(Bytes::copy_from_slice(piece)).await?;
    }
    upload.finish().await.map(drop)
}

fn names_in(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn any_ordinary_file_name_works_and_only_the_file_is_left() -> Result<(), Error> {
    let content: Vec<u8> = (0..50_000u32).flat_map(u32::to_le_bytes).collect();
    for name in [
        "snap.tar",
        "a b%20#c?.tar",
        "é€😀",
        "%2e",
        "a#b#",
        "~x{y}[z]|",
        "-f",
        "\"'\\",
    ] {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let store = open(folder.path(), name)?;
        assert!(!store.exists().await?);
        assert!(
            matches!(store.size().await, Err(Error::NotFound { .. })),
            "{name}"
        );
        write(&store, Replace::Never, &content).await?;
        assert_eq!(names_in(folder.path()), [name]);
        assert_eq!(store.size().await?, content.len() as u64);
        assert_eq!(store.read_range(3..100_001).await?, content[3..100_001]);
        assert_eq!(store.read_range(7..7).await?, Bytes::new());
    }
    Ok(())
}

#[tokio::test]
async fn a_range_past_the_end_is_short_and_not_damage_of_the_disk() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let store = open(folder.path(), "x")?;
    write(&store, Replace::Never, b"0123456789").await?;
    for range in [5..11, 10..12, 100..200] {
        let result = store.read_range(range.clone()).await;
        assert!(
            matches!(result, Err(Error::Short { .. })),
            "{range:?} {result:?}"
        );
    }
    let result = store.read_range(0..READ_BYTES_MAX + 1).await;
    assert!(matches!(result, Err(Error::ReadTooLarge { .. })));
    Ok(())
}

#[tokio::test]
async fn an_existing_file_is_replaced_only_when_asked() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let store = open(folder.path(), "x")?;
    write(&store, Replace::Never, b"first").await?;
    let again = store.upload(Replace::Never, options()).await;
    assert!(matches!(again, Err(Error::AlreadyExists { .. })));
    write(&store, Replace::Existing, b"second").await?;
    assert_eq!(store.read_range(0..6).await?, Bytes::from("second"));
    assert_eq!(names_in(folder.path()), ["x"]);
    Ok(())
}

#[tokio::test]
async fn what_appears_during_the_upload_stays_and_ours_gets_another_name() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let here = folder.path();
    let store = open(here, "x.tar")?;
    let mut upload = store.upload(Replace::Never, options()).await?;
    upload.write(Bytes::from_static(b"ours")).await?;
    for name in ["x.tar", "x-2.tar"] {
        fs::write(here.join(name), "theirs").unwrap_or_else(|e| panic!("{e}"));
    }
    let elsewhere = format!("{}/x-3.tar", here.display());
    let published = upload.finish().await?;
    assert_eq!(published.elsewhere.as_ref(), Some(&elsewhere));
    assert_eq!(store.read_range(0..6).await?, Bytes::from("theirs"));
    assert_eq!(fs::read(elsewhere).ok().as_deref(), Some(&b"ours"[..]));
    assert_eq!(names_in(here), ["x-2.tar", "x-3.tar", "x.tar"]);
    Ok(())
}

#[tokio::test]
async fn one_upload_to_a_name_at_a_time() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let here = folder.path();
    let store = open(here, "x.tar")?;
    let upload = store.upload(Replace::Never, options()).await?;
    for replace in [Replace::Never, Replace::Existing] {
        let Err(Error::BeingWritten { writer, .. }) = store.upload(replace, options()).await else {
            panic!("two uploads to one name");
        };
        assert!(
            writer.starts_with(&format!("process {} on ", std::process::id())),
            "{writer}"
        );
    }
    let other = open(here, "y.tar")?
        .upload(Replace::Never, options())
        .await?;
    assert_eq!(other.leftovers(), []);
    other.abort().await?;
    upload.abort().await?;
    write(&store, Replace::Never, b"x").await
}

#[tokio::test]
async fn what_a_killed_writer_left_is_found() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let here = folder.path();
    let left = here.join(".x.tar.pgark-partial-db1-4711-0-20261126T054355Z");
    fs::write(&left, [0; 5000]).unwrap_or_else(|e| panic!("{e}"));
    let upload = open(here, "x.tar")?
        .upload(Replace::Never, options())
        .await?;
    let [leftover] = upload.leftovers() else {
        panic!("{:?}", upload.leftovers());
    };
    assert_eq!((&leftover.path, leftover.bytes), (&left, 5000));
    let mine = names_in(here)
        .into_iter()
        .find(|name| here.join(name) != left);
    let partial = |name: &str| Store::open(here.join(name).display().to_string());
    let mine = partial(&mine.unwrap_or_default())?.partial();
    assert_eq!(mine.and_then(|mine| mine.is_being_written), Some(true));
    let left = Store::open(left.display().to_string())?.partial();
    let left = left.unwrap_or_else(|| panic!("no partial file"));
    assert_eq!(left.is_being_written, Some(false));
    assert_eq!(
        left.name.writer(),
        "process 4711 on db1, since 2026-11-26 05:43:55 UTC"
    );
    upload.abort().await
}

#[tokio::test]
async fn only_its_owner_may_read_a_file_unless_told() -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let here = folder.path();
    let mode = |name: &str| {
        let meta = fs::metadata(here.join(name)).unwrap_or_else(|e| panic!("{e}"));
        meta.permissions().mode() & 0o7777
    };
    let store = open(here, "x")?;
    let upload = store.upload(Replace::Never, options()).await?;
    assert_eq!(mode(&names_in(here)[0]), 0o600);
    upload.finish().await?;
    assert_eq!(mode("x"), 0o600);
    // A replaced file does not hand on its world-readable mode.
    fs::set_permissions(here.join("x"), fs::Permissions::from_mode(0o666)).ok();
    write(&store, Replace::Existing, b"x").await?;
    assert_eq!(mode("x"), 0o600);
    let options = UploadOptions {
        file_mode: Some(0o646),
        ..options()
    };
    let upload = store.upload(Replace::Existing, options).await?;
    assert_eq!(mode(&names_in(here)[0]), 0o600);
    upload.finish().await?;
    assert_eq!(mode("x"), 0o646);
    Ok(())
}

#[tokio::test]
async fn while_it_is_written_the_file_says_what_it_is_and_abort_removes_it() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let store = open(folder.path(), "snap.tar")?;
    let mut upload = store.upload(Replace::Never, options()).await?;
    upload.write(Bytes::from(vec![0; 5000])).await?;
    let names = names_in(folder.path());
    assert_eq!(names.len(), 1);
    assert!(
        names[0].starts_with(".snap.tar.pgark-partial-"),
        "{names:?}"
    );
    upload.abort().await?;
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_name_as_long_as_the_file_system_allows_works() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let name = "é".repeat(127);
    let store = open(folder.path(), &name)?;
    write(&store, Replace::Never, b"x").await?;
    assert_eq!(names_in(folder.path()), [name]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_is_named() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let here = folder.path();
    fs::create_dir(here.join("dir")).unwrap_or_else(|e| panic!("{e}"));
    std::os::unix::fs::symlink("nowhere", here.join("dangling")).unwrap_or_else(|e| panic!("{e}"));
    for name in ["dir", "dangling", "dir/..", "dir/."] {
        let store = open(here, name)?;
        assert!(
            matches!(store.size().await, Err(Error::NotAFile { .. })),
            "{name}"
        );
        let upload = store.upload(Replace::Existing, options()).await;
        assert!(matches!(upload, Err(Error::NotAFile { .. })), "{name}");
    }
    let device = Store::open("/dev/null")?
        .upload(Replace::Existing, options())
        .await;
    assert!(matches!(device, Err(Error::NotAFile { .. })));
    assert!(matches!(open(here, "missing/x"), Err(Error::Folder { .. })));
    assert!(matches!(Store::open("/"), Err(Error::NotAFile { .. })));
    assert!(matches!(open(here, "x#1"), Err(Error::Name { .. })));
    assert!(matches!(
        Store::open("s3://bucket/key"),
        Err(Error::Scheme { .. })
    ));
    assert!(matches!(Store::open(""), Err(Error::NotAFile { .. })));
    Ok(())
}

#[tokio::test]
async fn a_link_is_followed_and_stays() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let here = folder.path();
    fs::create_dir(here.join("disk")).unwrap_or_else(|e| panic!("{e}"));
    fs::write(here.join("disk/real"), "old").unwrap_or_else(|e| panic!("{e}"));
    std::os::unix::fs::symlink("disk/real", here.join("link")).unwrap_or_else(|e| panic!("{e}"));
    let store = open(here, "link")?;
    write(&store, Replace::Existing, b"new").await?;
    assert_eq!(
        fs::read(here.join("disk/real")).ok().as_deref(),
        Some(&b"new"[..])
    );
    assert_eq!(names_in(&here.join("disk")), ["real"]);
    let dotted = open(here, "disk/../disk/./real")?;
    assert_eq!(dotted.read_range(0..3).await?, Bytes::from("new"));
    let url = Store::open(format!("file://{}/disk/real", here.display()))?;
    assert_eq!(url.read_range(0..3).await?, Bytes::from("new"));
    Ok(())
}

// A full disk itself is a test of the whole program; here is the translation.
#[test]
fn the_operating_systems_error_is_found_below_the_stores() {
    let error_for = |kind: std::io::ErrorKind| {
        let source = object_store::Error::Generic {
            store: "test",
            source: std::io::Error::from(kind).into(),
        };
        error::of("write", "x", source)
    };
    let full = error_for(std::io::ErrorKind::StorageFull);
    assert!(matches!(full, Error::NoSpace { .. }) && full.hint().is_some());
    let refused = error_for(std::io::ErrorKind::PermissionDenied);
    assert!(matches!(refused, Error::Permission { .. }));
    let other = error_for(std::io::ErrorKind::BrokenPipe);
    assert!(matches!(other, Error::Other { .. }));
}

#[tokio::test]
async fn a_store_in_memory_behaves_alike() -> Result<(), Error> {
    let objects = Arc::new(object_store::memory::InMemory::new());
    let store = Store::over(objects, "archive.tar")?;
    assert!(!store.exists().await?);
    write(&store, Replace::Never, b"0123456789").await?;
    assert_eq!(store.size().await?, 10);
    assert!(matches!(
        write(&store, Replace::Never, b"x").await,
        Err(Error::AlreadyExists { .. })
    ));
    assert!(matches!(
        store.read_range(8..12).await,
        Err(Error::Short { .. })
    ));
    write(&store, Replace::Existing, b"abc").await?;
    assert_eq!(store.read_range(0..3).await?, Bytes::from("abc"));
    Ok(())
}

#[tokio::test]
async fn with_a_limit_the_same_is_written_and_read_only_slower() -> Result<(), Error> {
    const RATE: u64 = 1 << 20;
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let rate = std::num::NonZeroU64::new(RATE).unwrap_or(std::num::NonZeroU64::MIN);
    let store = open(folder.path(), "x")?.paced(rate, &Monitor::void());
    let begun = std::time::Instant::now();
    write(&store, Replace::Never, &content).await?;
    let (first, second) = tokio::join!(store.read_range(0..200_000), store.read_range(1..400_000));
    assert_eq!(first?, content[..200_000]);
    assert_eq!(second?, content[1..]);
    // A million bytes went by, of which a twentieth of a second's worth is credit.
    let least = std::time::Duration::from_millis(1_000_000 * 1000 / RATE - 60);
    assert!(begun.elapsed() >= least, "{:?}", begun.elapsed());
    for range in [399_999..400_001, 400_000..400_002, 500_000..600_000] {
        let result = store.read_range(range.clone()).await;
        assert!(
            matches!(result, Err(Error::Short { .. })),
            "{range:?} {result:?}"
        );
    }
    let (tail, size) = store.tail(7).await?;
    assert_eq!((&tail[..], size), (&content[399_993..], 400_000));
    Ok(())
}

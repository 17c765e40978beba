//! An archive from its end: tail, manifest, then any member by range.
//!
//! Nothing is returned that was not compared with its SHA-256. Headers, padding and the sums are not read
//! here: `verify` compares them.

use bytes::Bytes;

use crate::digest::Sha256;
use crate::storage;
use crate::storage::Store;

use super::FORMAT_VERSION;
use super::block::{self, Step};
use super::bounds;
use super::error::{Damage, Error};
use super::foreign::{self, Foreign};
use super::layout::{self, END_BYTES, MEMBER_BYTES_MAX, TAIL_BYTES};
use super::manifest::{Manifest, Member, Name};
use super::names;
use super::place::Place;
use super::trailer::{Extent, NotATrailer, TRAILER_BYTES, Trailer};

/// The largest manifest that is read: some three million chunks.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 30;

/// The head: README.txt's header and the beginning of its content.
const HEAD_BYTES: u64 = 1024;
/// How README.txt begins, before the version of the format.
pub const README_BEGIN: &str = "pgark archive, format ";
/// What the name field of an archive's header begins with.
const HEAD_NAMES: [&[u8]; 6] = [
    b"README.txt\0",
    b"databases/",
    b"globals/toc.dat\0",
    b"manifest.json\0",
    b"SHA256SUMS\0",
    b"trailer.json\0",
];
/// A foreign tar is described by this many headers.
const HEADERS_MAX: usize = 48;
/// A foreign tar is described by this many names.
const NAMES_SAID: usize = 4;

/// An open archive whose manifest is whole.
#[derive(Clone)]
pub struct ArchiveReader {
    store: Store,
    size: u64,
    trailer: Trailer,
    manifest: Manifest,
    /// Positions in `manifest.members`, by name.
    by_name: Vec<usize>,
}

impl ArchiveReader {
    /// Reads the tail and the manifest: two reads. What a network delivers damaged is read once more, for
    /// the trailer has no hash of its own.
    pub async fn open(store: Store) -> Result<Self, Error> {
        match Self::open_once(store.clone()).await {
            Err(Error::Damaged { .. }) if store.is_remote() => {
                store.repeats();
                Self::open_once(store).await
            }
            done => done,
        }
    }

    async fn open_once(store: Store) -> Result<Self, Error> {
        let (tail, size) = store.tail(TAIL_BYTES).await?;
        let content = tail.get(TAIL_CONTENT).unwrap_or_default();
        let trailer = match Trailer::from_bytes(content) {
            Ok(trailer) => trailer,
            Err(why) => return Err(explain(&store, size, why).await),
        };
        let fail = |damage: Box<Damage>| damaged(&store, damage);
        check_extents(&trailer, size).map_err(fail)?;
        let json = read_pinned(&store, names::MANIFEST, trailer.manifest).await?;
        let manifest = parse(&json, trailer.manifest.offset).map_err(fail)?;
        let mut by_name: Vec<usize> = (0..manifest.members.len()).collect();
        by_name.sort_by_key(|&at| &manifest.members[at].name);
        Ok(Self {
            store,
            size,
            trailer,
            manifest,
            by_name,
        })
    }

    /// The contents of the archive, as its manifest has them.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The archive's digest: the SHA-256 of its manifest.
    pub fn digest(&self) -> Sha256 {
        self.trailer.manifest.sha256
    }

    /// The size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where manifest and sums are.
    pub fn trailer(&self) -> &Trailer {
        &self.trailer
    }

    /// The object it is read from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// toc.dat of the database in this folder.
    pub async fn toc(&self, directory: &str) -> Result<Bytes, Error> {
        self.member(&names::toc_member(directory)).await
    }

    /// toc.dat of roles and tablespaces; `None` where the dump left them out.
    pub async fn globals_toc(&self) -> Result<Option<Bytes>, Error> {
        match self.manifest.globals {
            Some(_) => self.member(names::GLOBALS_TOC).await.map(Some),
            None => Ok(None),
        }
    }

    /// A member's content: one ranged read, compared with its SHA-256.
    pub async fn member(&self, name: &str) -> Result<Bytes, Error> {
        let member = self.find(name).ok_or_else(|| Error::NoMember {
            location: self.store.describe().to_owned(),
            member: name.to_owned(),
        })?;
        let extent = Extent {
            offset: member.offset,
            size: member.size,
            sha256: member.sha256,
        };
        let end = member.offset.checked_add(member.size);
        if end.is_none_or(|end| end > self.size) {
            let place = Place::of_member(name, member.offset).with_table(&self.manifest);
            return Err(damaged(&self.store, Damage::new(place, BEYOND_THE_END)));
        }
        let content = read_pinned(&self.store, name, extent).await;
        content.map_err(|error| self.with_table(error))
    }

    /// The manifest's line about a member.
    pub fn find(&self, name: &str) -> Option<&Member> {
        self.position(name).map(|at| &self.manifest.members[at])
    }

    /// Where in `manifest.members` that line is.
    pub fn position(&self, name: &str) -> Option<usize> {
        let members = &self.manifest.members;
        let found = self
            .by_name
            .binary_search_by(|&at| members[at].name.as_str().cmp(name));
        found.ok().map(|at| self.by_name[at])
    }

    fn with_table(&self, error: Error) -> Error {
        match error {
            Error::Damaged {
                location,
                mut damage,
            } => {
                damage.place = damage.place.with_table(&self.manifest);
                Error::Damaged { location, damage }
            }
            other => other,
        }
    }
}

const BEYOND_THE_END: &str = "lies beyond the end of the file";

/// Where the trailer's content is within the tail.
const TAIL_CONTENT: std::ops::Range<usize> =
    layout::BLOCK_BYTES as usize..layout::BLOCK_BYTES as usize + TRAILER_BYTES;

fn damaged(store: &Store, damage: impl Into<Box<Damage>>) -> Error {
    Error::Damaged {
        location: store.describe().to_owned(),
        damage: damage.into(),
    }
}

/// Reads a member whose place and hash are known, and compares. Bytes that came over a network with another
/// hash are read once more before they are called damaged: a fault of the network passes, a disk's does not.
async fn read_pinned(store: &Store, name: &str, extent: Extent) -> Result<Bytes, Error> {
    let mut content = read_extent(store, name, extent).await?;
    let mut found = Sha256::of(&content);
    if found == extent.sha256 {
        return Ok(content);
    }
    store.refuse_replaced().await?;
    if store.is_remote() {
        store.repeats();
        drop(content);
        content = read_extent(store, name, extent).await?;
        found = Sha256::of(&content);
    }
    if found == extent.sha256 {
        return Ok(content);
    }
    let place = Place::of_member(name, extent.offset);
    let damage = Damage::new(place, "its SHA-256 is not the recorded one");
    Err(damaged(store, damage.compared(extent.sha256, found)))
}

async fn read_extent(store: &Store, name: &str, extent: Extent) -> Result<Bytes, Error> {
    let end = extent.offset.saturating_add(extent.size);
    match store.read_range(extent.offset..end).await {
        Err(storage::Error::Short { .. }) => {
            let place = Place::of_member(name, extent.offset);
            Err(damaged(store, Damage::new(place, BEYOND_THE_END)))
        }
        read => Ok(read?),
    }
}

/// The manifest must be directly followed by the sums, these by the trailer, and that by the end.
fn check_extents(trailer: &Trailer, size: u64) -> Result<(), Box<Damage>> {
    let place = || Place::of_member(names::TRAILER, size - END_BYTES - TRAILER_BYTES as u64);
    let broken = || Box::new(Damage::new(place(), "does not describe this file"));
    let manifest = trailer.manifest;
    let header = layout::header_bytes(names::MANIFEST);
    let start = manifest.offset.checked_sub(header).ok_or_else(broken)?;
    let after = layout::extent(start, names::MANIFEST, manifest.size).ok_or_else(broken)?;
    let sums = layout::extent(after.1, names::SUMS, trailer.sums.size).ok_or_else(broken)?;
    if trailer.sums.offset != sums.0 || sums.1.checked_add(TAIL_BYTES) != Some(size) {
        return Err(broken());
    }
    if trailer.sums.size > MEMBER_BYTES_MAX {
        let damage = Damage::new(place(), "names sums larger than a member can be");
        return Err(damage
            .compared(
                format_args!("at most {MEMBER_BYTES_MAX}"),
                trailer.sums.size,
            )
            .into());
    }
    if manifest.size > MANIFEST_BYTES_MAX {
        let damage = Damage::new(place(), "names a manifest larger than any archive has");
        return Err(damage
            .compared(format_args!("at most {MANIFEST_BYTES_MAX}"), manifest.size)
            .into());
    }
    Ok(())
}

fn parse(json: &[u8], offset: u64) -> Result<Manifest, Box<Damage>> {
    let place = || Place::of_member(names::MANIFEST, offset);
    let manifest = Manifest::from_json(json)
        .map_err(|error| Damage::new(place(), format!("is not a manifest: {error}")))?;
    if manifest.format != FORMAT_VERSION {
        let damage = Damage::new(place(), "is of another format than the trailer");
        return Err(damage.compared(FORMAT_VERSION, manifest.format).into());
    }
    bounds::check(&manifest).map_err(|wrong| {
        let damage = Damage::new(place(), wrong.what);
        damage.compared(wrong.expected, wrong.found)
    })?;
    Ok(manifest)
}

/// What a file without a readable trailer is: of a later format, a damaged archive, or none at all.
async fn explain(store: &Store, size: u64, why: NotATrailer) -> Error {
    let head = match store.read_range(0..size.min(HEAD_BYTES)).await {
        Ok(head) => head,
        Err(error) => return error.into(),
    };
    let location = store.describe().to_owned();
    if let NotATrailer::Newer(format) = why
        && readme_format(&head) == Some(format)
    {
        return Error::NewerFormat { location, format };
    }
    if let Some(foreign) = foreign::of_pg_dump(&head) {
        return Error::NotAnArchive { location, foreign };
    }
    if let Some(foreign) = other_tar(store, size, &head).await {
        return Error::NotAnArchive { location, foreign };
    }
    if begins_as_ours(&head) || matches!(why, NotATrailer::Newer(_)) {
        return damaged(store, Damage::new(Place::at(size), end_missing(size)));
    }
    let foreign = foreign::of_head(&head);
    Error::NotAnArchive { location, foreign }
}

/// What a tar is that another program wrote; nothing where the file begins with one of our headers, or with
/// none.
async fn other_tar(store: &Store, size: u64, head: &[u8]) -> Option<Foreign> {
    let first = head.get(..layout::BLOCK_BYTES as usize)?;
    match block::step(first) {
        Step::Member { name, size } if !block::is_of_our_writer(first, &name, size) => {}
        _ => return None,
    }
    let (mut held, mut at) = (Vec::new(), 0_u64);
    while held.len() < HEADERS_MAX {
        let content = at.checked_add(layout::BLOCK_BYTES)?;
        // The unreadable rest is not needed to describe the bytes before it.
        let Ok(block) = store.read_range(at..content.min(size)).await else {
            break;
        };
        let Step::Member { name, size: bytes } = block::step(&block) else {
            break;
        };
        let begin = content..content.saturating_add(README_BEGIN.len() as u64).min(size);
        if name.rsplit('/').next() == Some(names::README)
            && store
                .read_range(begin)
                .await
                .is_ok_and(|begin| begin == README_BEGIN)
        {
            return Some(Foreign::Repacked);
        }
        held.push(name);
        let padding = layout::padding(bytes) as u64;
        at = content.checked_add(bytes)?.checked_add(padding)?;
    }
    let is_chunk = |name: &String| name.contains("databases/") && names::dump_id_of(name).is_some();
    if held.iter().any(is_chunk) {
        return Some(Foreign::Repacked);
    }
    let said = held.into_iter().take(NAMES_SAID);
    Some(Foreign::Tar(
        said.map(|name| Name::from(name.as_str()).to_string())
            .collect(),
    ))
}

fn end_missing(size: u64) -> &'static str {
    match size {
        0 => "the file is empty",
        _ => "the archive does not end here: no trailer, so it was cut off, or its end was changed",
    }
}

/// The version in README.txt's first line.
fn readme_format(head: &[u8]) -> Option<u32> {
    let line = head.get(layout::BLOCK_BYTES as usize..)?;
    let digits = line.strip_prefix(README_BEGIN.as_bytes())?;
    let end = digits.iter().position(|b| !b.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

/// Whether a file begins as an archive does, even when it is cut within its first bytes or its parts are in
/// another order. Either of two signs is enough, so one damaged byte does not make it a foreign file.
fn begins_as_ours(head: &[u8]) -> bool {
    let same_begin = |found: &[u8], sign: &[u8]| {
        let length = found.len().min(sign.len());
        found[..length] == sign[..length]
    };
    let content = head.get(layout::BLOCK_BYTES as usize..).unwrap_or_default();
    HEAD_NAMES.iter().any(|name| same_begin(head, name))
        || (!content.is_empty() && same_begin(content, README_BEGIN.as_bytes()))
}

#[cfg(test)]
mod tests;

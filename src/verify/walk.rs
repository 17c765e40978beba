//! From the front, header by header, when the end of the file is no use.
//!
//! A tar can be followed without its manifest. That shows where a cut file ends, what was appended to
//! a whole one, and where bytes are missing in the middle.

use crate::archive::layout::{self, BLOCK_BYTES, END_BYTES};
use crate::archive::{Damage, Place, names};
use crate::monitor::Monitor;
use crate::storage::Store;

/// How many headers are read before this is given up; it only illustrates the damage found already.
const HEADERS_MAX: usize = 100_000;

/// What the walk came across.
enum Step {
    Member { name: String, end: u64 },
    Zeros,
    NoHeader,
}

/// Where the file stops being an archive, if that can be seen.
pub(super) async fn from_the_front(store: &Store, monitor: &Monitor) -> Option<Damage> {
    let size = store.size().await.ok()?;
    let mut at = 0;
    let mut before = None;
    for _ in 0..HEADERS_MAX {
        if monitor.is_interrupted() || at == size {
            break;
        }
        let header_end = at.checked_add(BLOCK_BYTES)?;
        if header_end > size {
            return Some(cut(at, size, before.as_deref()));
        }
        let block = store.read_range(at..header_end).await.ok()?;
        match step(&block, at) {
            Step::Member { name, end } if end > size => return Some(cut(at, size, Some(&name))),
            Step::Member { name, end } => (before, at) = (Some(name), end),
            Step::Zeros => return after_zeros(at, size, before.as_deref()),
            Step::NoHeader => return Some(no_header(at, before.as_deref())),
        }
    }
    (at == size && at > 0).then(|| cut(at, size, None))
}

/// What this block of 512 bytes is.
fn step(block: &[u8], at: u64) -> Step {
    if block.iter().all(|&byte| byte == 0) {
        return Step::Zeros;
    }
    let header = tar::Header::from_byte_slice(block);
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(position, &byte)| match position {
            // The checksum counts its own field as spaces.
            148..156 => u64::from(b' '),
            _ => u64::from(byte),
        })
        .sum();
    let valid = header.cksum().is_ok_and(|found| u64::from(found) == sum);
    let (true, Ok(size)) = (valid, header.entry_size()) else {
        return Step::NoHeader;
    };
    let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
    let end = at.checked_add(BLOCK_BYTES).and_then(|content| {
        content
            .checked_add(size)?
            .checked_add(layout::padding(size) as u64)
    });
    match end {
        Some(end) => Step::Member { name, end },
        None => Step::NoHeader,
    }
}

fn cut(at: u64, size: u64, member: Option<&str>) -> Damage {
    match member {
        Some(member) => Damage::new(
            Place::of_member(member, at),
            format!("the file ends at byte {size}, inside or right after this member"),
        ),
        None => Damage::new(Place::at(size), "the file ends here, before its trailer"),
    }
}

/// Two zero blocks end a tar. After the trailer they belong there, and whatever follows does not.
fn after_zeros(at: u64, size: u64, before: Option<&str>) -> Option<Damage> {
    let end = at.checked_add(END_BYTES)?;
    if before != Some(names::TRAILER) {
        return Some(no_header(at, before));
    }
    (end < size).then(|| {
        let what = format!("{} bytes follow the end of the archive", size - end);
        Damage::new(Place::at(end), what)
    })
}

fn no_header(at: u64, before: Option<&str>) -> Damage {
    let what = match before {
        Some(name) => format!(
            "no tar header where one must follow {name}: bytes are missing, added or changed before here"
        ),
        None => "the file does not begin with a tar header".to_owned(),
    };
    Damage::new(Place::at(at), what)
}

//! From the front, header by header, when the end of the file is no use.
//!
//! A tar can be followed without its manifest. That shows where a cut file ends, which bytes were appended to
//! a whole one, and where bytes are missing in the middle.

use crate::archive::block::{Step, step};
use crate::archive::layout::{self, BLOCK_BYTES, END_BYTES};
use crate::archive::{Damage, Place, names};
use crate::monitor::Monitor;
use crate::monitor::units::counted;
use crate::storage::Store;

/// How many headers are read before this is given up; it only illustrates the damage found already.
const HEADERS_MAX: usize = 100_000;

/// Where the file stops being an archive, if that can be seen.
pub(super) async fn from_the_front(store: &Store, monitor: &Monitor) -> Option<Damage> {
    let size = store.size().await.ok()?;
    let mut walk = Walk::default();
    for _ in 0..HEADERS_MAX {
        let header_end = walk.at.checked_add(BLOCK_BYTES)?;
        if monitor.is_interrupted() || walk.stopped.is_some() || header_end > size {
            return walk.verdict(size);
        }
        let block = store.read_range(walk.at..header_end).await.ok()?;
        walk.take(&step(&block));
    }
    None
}

/// The way from header to header, as far as there are any.
#[derive(Default)]
pub(super) struct Walk {
    /// Where the next header must be.
    at: u64,
    /// The header before it: where it is, and the name in it.
    before: Option<(u64, String)>,
    stopped: Option<Stopped>,
}

#[derive(Clone, Copy)]
enum Stopped {
    AtZeros,
    AtNoHeader,
}

impl Walk {
    /// Takes the block where the next header must be. After anything but a header it stays where it is.
    pub(super) fn take(&mut self, step: &Step) {
        if self.stopped.is_some() {
            return;
        }
        match step {
            Step::Zeros => self.stopped = Some(Stopped::AtZeros),
            Step::NoHeader => self.stopped = Some(Stopped::AtNoHeader),
            Step::Member { name, size } => {
                let padded = size.saturating_add(layout::padding(*size) as u64);
                let end = self.at.saturating_add(BLOCK_BYTES).saturating_add(padded);
                self.before = Some((self.at, name.clone()));
                self.at = end;
            }
        }
    }

    /// Returns the damage in a file of `size` bytes, as far as the walk has shown it.
    pub(super) fn verdict(&self, size: u64) -> Option<Damage> {
        let before = self.before.as_ref().map(|(_, name)| name.as_str());
        match (self.stopped, &self.before) {
            (Some(Stopped::AtZeros), _) => after_zeros(self.at, size, before),
            (Some(Stopped::AtNoHeader), _) => Some(no_header(self.at, before)),
            (None, Some((at, name))) if self.at > size => Some(cut(*at, size, Some(name))),
            (None, _) if self.at < size => Some(cut(self.at, size, before)),
            (None, _) => (size > 0).then(|| cut(size, size, None)),
        }
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
        let what = format!(
            "the bytes after the end of the archive: {}",
            counted(size - end, "byte", "bytes")
        );
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

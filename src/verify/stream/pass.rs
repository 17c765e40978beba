//! An archive that comes through a pipe, taken apart as it comes. No I/O.
//!
//! Headers lead from member to member. Where a header is broken, all bytes up to the next header are taken
//! for the content of one member. So one broken header hides one member's size and nothing else. Memory is
//! bounded by [`KEPT_BYTES_MAX`]: a few hundred bytes of each member, and the contents that must be there
//! when the manifest is known.

use bytes::{Buf as _, Bytes, BytesMut};

use crate::archive::block::{Step, step};
use crate::archive::layout::{self, BLOCK_BYTES, TAIL_BYTES};
use crate::archive::names;
use crate::archive::reader::MANIFEST_BYTES_MAX;

use super::super::walk::Walk;
use super::open::{Open, file_name, is_data};
use super::seen::{Body, Header, Seen};

/// The most that is kept of an archive that comes through a pipe: its manifest, at most half of this, the
/// tables of contents, and [`SEEN_BYTES`] and the name of each member.
pub(super) const KEPT_BYTES_MAX: u64 = 2 * MANIFEST_BYTES_MAX;
/// About the bytes kept of a member beside its header.
const SEEN_BYTES: u64 = 512;
/// The bytes kept of the beginning: they tell one kind of file from another.
const HEAD_BYTES: usize = 1024;
/// How many of the first headers are kept.
const HEADERS_KEPT: usize = 64;
/// The largest extended header: it holds a path.
const RECORD_BYTES_MAX: u64 = 64 << 10;
const BLOCK: usize = BLOCK_BYTES as usize;

/// The facts found on the way.
#[derive(Default)]
pub(super) struct Passed {
    pub(super) size: u64,
    /// In the order of the file.
    pub(super) members: Vec<Seen>,
    /// Contents, with their places.
    pub(super) parts: Vec<(u64, Bytes)>,
    pub(super) walk: Walk,
    pub(super) too_much: bool,
}

/// The way through.
pub(super) struct Pass {
    deep: bool,
    passed: Passed,
    kept_bytes: u64,
    kept_bytes_max: u64,
    headers_kept: usize,
    head: BytesMut,
    tail: BytesMut,
    state: State,
    /// The part at hand of a block that must be seen whole.
    block: BytesMut,
    /// Of the member that begins: where, and all its header so far.
    header_at: u64,
    header: BytesMut,
}

enum State {
    /// A header is next.
    Header,
    /// So many bytes of an extended header are still to come.
    Record(u64),
    /// A member of known size.
    Content(Box<Open>),
    /// No header stood where one must: the bytes up to the next one.
    Astray(Box<Open>),
}

impl Pass {
    /// The beginning of a file; `deep` to decode its data.
    pub(super) fn new(deep: bool) -> Self {
        Self {
            deep,
            passed: Passed::default(),
            kept_bytes: 0,
            kept_bytes_max: KEPT_BYTES_MAX,
            headers_kept: 0,
            head: BytesMut::new(),
            tail: BytesMut::new(),
            state: State::Header,
            block: BytesMut::new(),
            header_at: 0,
            header: BytesMut::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn keeping_at_most(self, kept_bytes_max: u64) -> Self {
        Self {
            kept_bytes_max,
            ..self
        }
    }

    /// Takes the next bytes.
    pub(super) fn feed(&mut self, mut bytes: Bytes) {
        self.keep_ends(&bytes);
        while !bytes.is_empty() && !self.passed.too_much {
            let before = bytes.len();
            self.step(&mut bytes);
            self.passed.size += (before - bytes.len()) as u64;
            self.turn();
        }
        self.passed.size += bytes.len() as u64;
    }

    /// The file ends here.
    pub(super) fn finish(mut self) -> Passed {
        if let State::Astray(open) = std::mem::replace(&mut self.state, State::Header) {
            self.close(*open, Astray::Yes);
        }
        let tail = self.tail.freeze();
        let tail_at = self.passed.size - tail.len() as u64;
        self.passed
            .parts
            .extend([(0, self.head.freeze()), (tail_at, tail)]);
        self.passed
    }

    fn keep_ends(&mut self, bytes: &Bytes) {
        let wanted = (HEAD_BYTES - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        let tail = bytes.len().min(TAIL_BYTES as usize);
        self.tail.extend_from_slice(&bytes[bytes.len() - tail..]);
        let surplus = self.tail.len().saturating_sub(TAIL_BYTES as usize);
        self.tail.advance(surplus);
    }

    /// Takes from `bytes` what the state can do with, at least one byte.
    fn step(&mut self, bytes: &mut Bytes) {
        match &mut self.state {
            State::Header | State::Astray(_) => {
                let wanted = (BLOCK - self.block.len()).min(bytes.len());
                self.block.extend_from_slice(&bytes.split_to(wanted));
            }
            State::Record(left) => {
                let wanted = (*left).min(bytes.len() as u64);
                *left -= wanted;
                self.header
                    .extend_from_slice(&bytes.split_to(wanted as usize));
            }
            State::Content(open) => {
                let wanted = (open.end() - open.taken).min(bytes.len() as u64);
                let captured = open.take(bytes.split_to(wanted as usize));
                self.charge(captured);
            }
        }
    }

    /// Goes over to the next state where this one is complete.
    fn turn(&mut self) {
        match std::mem::replace(&mut self.state, State::Header) {
            State::Header if self.block.len() == BLOCK => self.header_block(),
            State::Record(left) if left > 0 => self.state = State::Record(left),
            State::Content(open) if open.taken < open.end() => self.state = State::Content(open),
            State::Content(open) => self.close(*open, Astray::No),
            State::Astray(open) if self.block.len() < BLOCK => self.state = State::Astray(open),
            State::Astray(open) if is_known_header(&self.block) => {
                self.close(*open, Astray::Yes);
                self.header_block();
            }
            State::Astray(mut open) => {
                let captured = open.take_block(self.block.split().freeze());
                self.charge(captured);
                self.state = State::Astray(open);
            }
            State::Header | State::Record(_) => {}
        }
    }

    /// A whole block where a header must be.
    fn header_block(&mut self) {
        let block = self.block.split().freeze();
        let step = step(&block);
        self.passed.walk.take(&step);
        if self.headers_kept < HEADERS_KEPT {
            // They tell what a tar is that is no archive.
            self.headers_kept += 1;
            let at = self.passed.size - BLOCK_BYTES;
            self.passed.parts.push((at, block.clone()));
        }
        if self.header.is_empty() {
            self.header_at = self.passed.size - BLOCK_BYTES;
        }
        let is_first = self.header.is_empty();
        self.header.extend_from_slice(&block);
        let is_extended = is_extended(&block);
        self.state = match step {
            Step::Member { size, .. } if is_extended && is_first && size <= RECORD_BYTES_MAX => {
                State::Record(size + layout::padding(size) as u64)
            }
            Step::Member { name, size } if !is_extended => {
                State::Content(Box::new(Open::new(self.passed.size, name, size, self.deep)))
            }
            _ => State::Astray(Box::new(Open::astray(self.passed.size))),
        };
        if let State::Content(open) = &self.state
            && open.end() == 0
        {
            self.turn();
        }
    }

    /// Keeps the needed facts of a member that has ended.
    fn close(&mut self, open: Open, astray: Astray) {
        let header = self.header.split().freeze();
        let header = match astray {
            Astray::No => Header::new(header, &open.name, open.size),
            Astray::Yes => Header::Raw(header),
        };
        let kept_bytes = SEEN_BYTES + header.kept_bytes();
        if let Some(captured) = open.captured {
            self.passed.parts.push((open.content_at, captured.freeze()));
        }
        self.passed.members.push(Seen {
            header_at: self.header_at,
            header,
            content_at: open.content_at,
            body: match astray {
                Astray::No => Body::Known {
                    size: open.size,
                    sha256: open.hasher.finish(),
                    padding_differs: open.padding_differs,
                },
                Astray::Yes => Body::Astray {
                    hasher: open.hasher,
                    held: open.held,
                    bytes: open.taken,
                },
            },
            data: open
                .data
                .map(|(decoder, rows)| (decoder.finish(), rows.counted())),
        });
        self.charge(kept_bytes);
    }

    fn charge(&mut self, bytes: u64) {
        self.kept_bytes += bytes;
        if self.kept_bytes > self.kept_bytes_max {
            self.passed.too_much = true;
            self.passed.members = Vec::new();
            self.passed.parts = Vec::new();
            self.state = State::Header;
        }
    }
}

#[derive(Clone, Copy)]
enum Astray {
    No,
    Yes,
}

/// Whether the block is the first of an extended header (POSIX pax, "Interchange Format").
fn is_extended(block: &[u8]) -> bool {
    tar::Header::from_byte_slice(block).entry_type() == tar::EntryType::XHeader
}

/// Whether the block is a header of a file that archives have.
fn is_known_header(block: &[u8]) -> bool {
    let Step::Member { name, .. } = step(block) else {
        return false;
    };
    let file = file_name(&name);
    let fixed = [names::README, names::MANIFEST, names::SUMS, names::TRAILER];
    file == "toc.dat" || fixed.contains(&file) || is_data(file)
}

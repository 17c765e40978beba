//! A member while it comes by: hashed, decoded, and kept where it must be there when the manifest is known.

use bytes::{Bytes, BytesMut};

use crate::archive::layout::{self, README_BYTES_MAX};
use crate::archive::{OpenDecoder, names};
use crate::digest::Sha256Hasher;

use super::super::rows::RowCounter;

/// A member on its way.
pub(super) struct Open {
    pub(super) content_at: u64,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) taken: u64,
    pub(super) hasher: Sha256Hasher,
    pub(super) padding_differs: Option<u64>,
    pub(super) data: Option<(OpenDecoder, RowCounter)>,
    pub(super) captured: Option<BytesMut>,
    /// The last block, which may be padding: only where the size is not known.
    pub(super) held: Bytes,
}

impl Open {
    /// A member behind a header that names it; `deep` to decode it.
    pub(super) fn new(content_at: u64, name: String, size: u64, deep: bool) -> Self {
        let file = file_name(&name);
        let is_data = deep && is_data(file);
        let is_kept = match file {
            "toc.dat" | names::MANIFEST => true,
            names::README => size <= README_BYTES_MAX,
            _ => false,
        };
        Self {
            size,
            data: is_data.then(|| {
                (
                    OpenDecoder::new(names::is_compressed(file)),
                    RowCounter::default(),
                )
            }),
            captured: is_kept.then(BytesMut::new),
            name,
            ..Self::astray(content_at)
        }
    }

    /// The bytes after something that is no header.
    pub(super) fn astray(content_at: u64) -> Self {
        Self {
            content_at,
            name: String::new(),
            size: 0,
            taken: 0,
            hasher: Sha256Hasher::new(),
            padding_differs: None,
            data: None,
            captured: None,
            held: Bytes::new(),
        }
    }

    /// With the padding.
    pub(super) fn end(&self) -> u64 {
        self.size.saturating_add(layout::padding(self.size) as u64)
    }

    /// Takes content and padding of a member whose size is known. Returns the number of bytes kept.
    pub(super) fn take(&mut self, mut bytes: Bytes) -> u64 {
        let wanted = (self.size.saturating_sub(self.taken)).min(bytes.len() as u64);
        let content = bytes.split_to(wanted as usize);
        let padding_at = self.content_at + self.taken + wanted;
        self.taken += wanted + bytes.len() as u64;
        self.hasher.update(&content);
        let kept = self.capture(&content);
        if let Some((decoder, rows)) = &mut self.data {
            decoder.feed(content, |block| rows.push(block));
        }
        if let Some(at) = bytes.iter().position(|&byte| byte != 0) {
            self.padding_differs.get_or_insert(padding_at + at as u64);
        }
        kept
    }

    /// Takes the next block of a member whose size is not known.
    pub(super) fn take_block(&mut self, block: Bytes) -> u64 {
        // What a header would have named.
        let is_kept = block.starts_with(b"PGDMP") || block.starts_with(b"{");
        if self.taken == 0 && is_kept {
            self.captured = Some(BytesMut::new());
        }
        self.taken += block.len() as u64;
        let kept = self.capture(&block);
        self.hasher
            .update(&std::mem::replace(&mut self.held, block));
        kept
    }

    fn capture(&mut self, content: &[u8]) -> u64 {
        let Some(captured) = &mut self.captured else {
            return 0;
        };
        captured.extend_from_slice(content);
        content.len() as u64
    }
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether the file holds data.
pub(super) fn is_data(file: &str) -> bool {
    names::dump_id_of(&format!("/{file}")).is_some()
}

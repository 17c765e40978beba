//! One block of 512 bytes where a tar header must be. Pure.

use super::layout;

/// What a block of a tar is, for who walks through it.
pub enum Step {
    /// A header, of a content of this size. The name is of this block alone.
    Member {
        /// The path in it.
        name: String,
        /// The size of the content.
        size: u64,
    },
    /// Nothing but zeros, as at the end of a tar.
    Zeros,
    /// Something else.
    NoHeader,
}

/// The use of one block of 512 bytes.
pub fn step(block: &[u8]) -> Step {
    if block.iter().all(|&byte| byte == 0) {
        return Step::Zeros;
    }
    if block.len() as u64 != layout::BLOCK_BYTES {
        return Step::NoHeader;
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
    match header.entry_size() {
        Ok(size) if valid => Step::Member {
            name: String::from_utf8_lossy(&header.path_bytes()).into_owned(),
            size,
        },
        _ => Step::NoHeader,
    }
}

/// Whether a header is written as this program does it, byte for byte. No other tar program writes such:
/// GNU's and BSD's checksums have six digits and a space.
pub fn is_of_our_writer(block: &[u8], name: &str, size: u64) -> bool {
    let mtime = tar::Header::from_byte_slice(block).mtime();
    let mtime = mtime.ok().and_then(|mtime| i64::try_from(mtime).ok());
    let ours = mtime.and_then(|mtime| layout::header(name, size, mtime).ok());
    ours.is_some_and(|ours| ours == block)
}

//! The bytes between the contents: tar headers, padding, SHA256SUMS, the end.
//!
//! All of it is a pure function of the manifest, so that `verify` can compare instead of trusting.
//! POSIX.1-2017, pax "Interchange Format": ustar headers, and an extended header only for a path
//! that ustar's two fields cannot hold.

use crate::digest::Sha256;

use super::error::Error;
use super::manifest::Member;

/// The unit of a tar.
pub const BLOCK_BYTES: u64 = 512;
/// The two zero blocks that end it.
pub const END_BYTES: u64 = 2 * BLOCK_BYTES;
/// Trailer header, trailer and end blocks: what a reader reads first.
pub const TAIL_BYTES: u64 = 2 * BLOCK_BYTES + END_BYTES;
/// The largest member: ustar's size field holds 33 bits.
pub const MEMBER_BYTES_MAX: u64 = (1 << 33) - 1;

/// The latest date of an archive, in seconds since 1970: ustar's time field holds as many bits.
pub const SECONDS_MAX: i64 = (1 << 33) - 1;
/// The largest README.txt.
pub const README_BYTES_MAX: u64 = 1 << 20;
/// The longest name of a member: more than any system takes as a path, and little to keep of a header.
pub const NAME_BYTES_MAX: usize = 4096;

const NAME_FIELD: usize = 100;
const PREFIX_FIELD: usize = 155;
const MODE: u32 = 0o644;

/// Everything before a member's content: one header block, or three and more where the path needs an
/// extended header.
pub fn header(name: &str, size: u64, created_unix: i64) -> Result<Vec<u8>, Error> {
    let mtime = u64::try_from(created_unix)
        .ok()
        .filter(|_| created_unix <= SECONDS_MAX)
        .ok_or(Error::Time { created_unix })?;
    // In a pipe names come from headers, and nothing has looked at them before.
    if !name.is_ascii() || name.len() > NAME_BYTES_MAX {
        return Err(Error::MemberName {
            member: name.to_owned(),
        });
    }
    if size > MEMBER_BYTES_MAX {
        return Err(Error::TooLarge {
            member: name.to_owned(),
            bytes: size,
        });
    }
    if let Some((prefix, rest)) = split(name) {
        let block = block(prefix, rest, size, mtime, tar::EntryType::Regular);
        return Ok(block.as_bytes().to_vec());
    }
    let record = pax_path_record(name);
    let file = name.rsplit('/').next().unwrap_or(name);
    let alias = &file[..file.len().min(NAME_FIELD)];
    let extended = block(
        "PaxHeaders",
        alias,
        record.len() as u64,
        mtime,
        tar::EntryType::XHeader,
    );
    let mut out = extended.as_bytes().to_vec();
    out.extend_from_slice(record.as_bytes());
    out.resize(out.len() + padding(record.len() as u64), 0);
    let plain = block("", alias, size, mtime, tar::EntryType::Regular);
    out.extend_from_slice(plain.as_bytes());
    Ok(out)
}

/// How many bytes [`header`] makes for this name.
pub fn header_bytes(name: &str) -> u64 {
    if split(name).is_some() {
        return BLOCK_BYTES;
    }
    let record = pax_path_record(name).len() as u64;
    2 * BLOCK_BYTES + record + padding(record) as u64
}

/// How many zero bytes follow a content of this size.
pub fn padding(size: u64) -> usize {
    // Less than a block, whatever the size.
    ((BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES) as usize
}

/// For a member whose header begins at `start`: where its content begins, and where the next header begins.
/// `None` where that is beyond any file.
pub fn extent(start: u64, name: &str, size: u64) -> Option<(u64, u64)> {
    let content = start.checked_add(header_bytes(name))?;
    let end = content
        .checked_add(size)?
        .checked_add(padding(size) as u64)?;
    Some((content, end))
}

/// The content of SHA256SUMS: every member in the order of the file, then the manifest.
pub fn sums(members: &[Member], manifest: Sha256) -> String {
    let mut out = String::new();
    for member in members {
        out.push_str(&sums_line(member.sha256, &member.name));
    }
    out.push_str(&sums_line(manifest, super::names::MANIFEST));
    out
}

fn sums_line(sha256: Sha256, name: &str) -> String {
    // Two spaces mean text mode, which is the same thing on every system that has sha256sum.
    format!("{sha256}  {name}\n")
}

/// ustar's prefix and name, where the path fits; the split is at the last slash that works.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME_FIELD {
        return Some(("", path));
    }
    let (prefix, name) = path
        .char_indices()
        .rev()
        .filter(|&(_, c)| c == '/')
        .map(|(at, _)| (&path[..at], &path[at + 1..]))
        .find(|(prefix, _)| prefix.len() <= PREFIX_FIELD)?;
    (!name.is_empty() && name.len() <= NAME_FIELD).then_some((prefix, name))
}

fn block(prefix: &str, name: &str, size: u64, mtime: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    if let Some(ustar) = header.as_ustar_mut() {
        ustar.name[..name.len()].copy_from_slice(name.as_bytes());
        ustar.prefix[..prefix.len()].copy_from_slice(prefix.as_bytes());
        ustar.set_device_major(0);
        ustar.set_device_minor(0);
    }
    header.set_mode(MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header.set_mtime(mtime);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

/// `LENGTH path=NAME\n`. The length counts its own digits.
fn pax_path_record(name: &str) -> String {
    let rest = format!(" path={name}\n");
    let mut length = rest.len() + 1;
    while length.to_string().len() + rest.len() != length {
        length = length.to_string().len() + rest.len();
    }
    format!("{length}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_read_back(name: &str) -> Option<String> {
        let mut file = header(name, 3, 1_700_000_000).ok()?;
        assert_eq!(file.len() as u64, header_bytes(name), "{name}");
        file.extend_from_slice(b"abc");
        file.resize(file.len() + padding(3) + END_BYTES as usize, 0);
        let mut archive = tar::Archive::new(&file[..]);
        let entry = archive.entries().ok()?.next()?.ok()?;
        assert_eq!(
            (entry.size(), entry.header().mtime().ok()),
            (3, Some(1_700_000_000))
        );
        Some(entry.path().ok()?.to_string_lossy().into_owned())
    }

    #[test]
    fn a_path_of_any_length_is_read_back_by_a_tar_reader() {
        for length in [
            1, 40, 60, 77, 78, 79, 95, 130, 145, 146, 150, 189, 900, 980, 990,
        ] {
            let name = super::super::names::data_member(&"x".repeat(length), 3412, true);
            assert_eq!(path_read_back(&name).as_ref(), Some(&name), "{length}");
        }
    }

    #[test]
    fn only_long_paths_need_an_extended_header() {
        let bytes =
            |length: usize| header_bytes(&format!("databases/{}/1.dat", "x".repeat(length)));
        assert_eq!((bytes(63), bytes(145), bytes(146)), (512, 512, 1536));
    }

    #[test]
    fn what_a_header_cannot_say_is_refused() {
        assert!(header("a", MEMBER_BYTES_MAX, 0).is_ok());
        assert!(header("a", MEMBER_BYTES_MAX + 1, 0).is_err());
        assert!(header("a", 0, -1).is_err());
        assert!(header(&"é".repeat(80), 0, 0).is_err());
        assert!(header(&"x".repeat(NAME_BYTES_MAX + 1), 0, 0).is_err());
        assert!(header("a", 0, SECONDS_MAX + 1).is_err());
        assert_eq!(extent(u64::MAX - 600, "a", 100), None);
        assert_eq!(extent(512, "a", 513), Some((1024, 2048)));
    }
}

//! What a file is that is no archive of ours, by its first bytes. Pure.
//!
//! A file that was compressed, encrypted, unpacked and packed again, or fetched from a server that sent
//! something else: each gets the words for it and the command that helps. Not here: whether an archive is
//! whole (`verify`).

use std::fmt;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// It begins as pg_dump's custom format does.
    PgDumpCustom,
    /// It begins as pg_dump's tar format does.
    PgDumpTar,
    /// It begins as a script of pg_dump's does, or as SQL.
    Script,
    /// It was compressed, encrypted or packed by this program.
    Packed(Packer),
    /// A web page.
    Html,
    /// XML, as the error that an object store answers with.
    Xml,
    /// JSON.
    Json,
    /// Nothing but zeros, as far as it was looked at.
    Zeros,
    /// Another tar, with its first members.
    Tar(Vec<String>),
    /// An archive that was unpacked and packed again.
    Repacked,
    /// The folder that an archive was unpacked into.
    Unpacked,
    /// It is something else.
    Unknown,
}

/// What a file was put into, and the command that takes it out to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packer {
    done: &'static str,
    out: &'static str,
    suffixes: &'static [&'static str],
}

const fn packer(
    done: &'static str,
    out: &'static str,
    suffixes: &'static [&'static str],
) -> Packer {
    Packer {
        done,
        out,
        suffixes,
    }
}

const OPENPGP: Packer = packer(
    "encrypted with OpenPGP",
    "gpg -d",
    &[".gpg", ".pgp", ".asc"],
);
const AGE: Packer = packer("encrypted with age", "age -d -i KEY", &[".age"]);

/// How files begin that other programs made. Their own documents say so: RFC 1952, RFC 8878, the xz and the
/// lz4 frame format, bzip2's `BZh` with the digits of pi, RFC 9580 6.2, age's specification, OpenSSL's `enc`,
/// PKWARE's APPNOTE.
const PACKED: [(&[u8], Packer); 11] = [
    (
        b"\x1f\x8b",
        packer("compressed with gzip", "zcat", &[".gz"]),
    ),
    (
        b"\x28\xb5\x2f\xfd",
        packer("compressed with zstd", "zstdcat", &[".zst"]),
    ),
    (
        b"\xfd7zXZ\0",
        packer("compressed with xz", "xzcat", &[".xz"]),
    ),
    (b"BZh", packer("compressed with bzip2", "bzcat", &[".bz2"])),
    (
        b"\x04\x22\x4d\x18",
        packer("compressed with lz4", "lz4cat", &[".lz4"]),
    ),
    (
        b"PK\x03\x04",
        packer("packed with zip", "unzip -p", &[".zip"]),
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        packer("packed with 7z", "7z x -so", &[".7z"]),
    ),
    (b"-----BEGIN PGP MESSAGE", OPENPGP),
    (b"age-encryption.org/", AGE),
    (b"-----BEGIN AGE ENCRYPTED FILE", AGE),
    (
        b"Salted__",
        packer(
            "encrypted with openssl enc",
            "openssl enc -d -pbkdf2 -CIPHER -in",
            &[".enc"],
        ),
    ),
];

/// How pg_dump's custom format begins, the first member of its tar format, and its scripts and those of
/// pg_dumpall.
const PG_DUMPS: [(&[u8], Foreign); 4] = [
    (b"PGDMP", Foreign::PgDumpCustom),
    (b"toc.dat\0", Foreign::PgDumpTar),
    (b"--\n-- PostgreSQL database dump", Foreign::Script),
    (b"--\n-- PostgreSQL database cluster dump", Foreign::Script),
];

/// The first words of scripts.
const SQL_WORDS: [&str; 12] = [
    "SET",
    "CREATE",
    "BEGIN",
    "INSERT",
    "COPY",
    "SELECT",
    "ALTER",
    "DROP",
    "START",
    "\\connect",
    "\\restrict",
    "\\c",
];

/// The parts of a pg_dump archive that its first bytes show.
pub(super) fn of_pg_dump(head: &[u8]) -> Option<Foreign> {
    let found = PG_DUMPS.iter().find(|(begin, _)| head.starts_with(begin));
    found.map(|(_, foreign)| foreign.clone())
}

/// The kind of any other file, by its first bytes. A tar is not looked for: its headers tell more.
pub(super) fn of_head(head: &[u8]) -> Foreign {
    if let Some((_, packer)) = PACKED.iter().find(|(begin, _)| head.starts_with(begin)) {
        return Foreign::Packed(*packer);
    }
    if is_openpgp(head) {
        return Foreign::Packed(OPENPGP);
    }
    if !head.is_empty() && head.iter().all(|&byte| byte == 0) {
        return Foreign::Zeros;
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    of_text(head.trim_ascii_start()).unwrap_or(Foreign::Unknown)
}

fn of_text(text: &[u8]) -> Option<Foreign> {
    let begin = |length: usize| text[..length.min(text.len())].to_ascii_lowercase();
    if begin(14) == b"<!doctype html" || begin(5) == b"<html" || begin(5) == b"<head" {
        return Some(Foreign::Html);
    }
    if begin(5) == b"<?xml" || begin(6) == b"<error" {
        return Some(Foreign::Xml);
    }
    if let [b'{' | b'[', rest @ ..] = text {
        let next = rest.trim_ascii_start().first();
        let is_json = next.is_some_and(|byte| b"\"{[}]".contains(byte) || byte.is_ascii_digit());
        return is_json.then_some(Foreign::Json);
    }
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut statements = lines.filter(|line| !line.is_empty() && !line.starts_with(b"--"));
    let word = statements.next()?.split(u8::is_ascii_whitespace).next()?;
    let is_sql = SQL_WORDS
        .iter()
        .any(|sql| word.eq_ignore_ascii_case(sql.as_bytes()));
    is_sql.then_some(Foreign::Script)
}

/// Whether it begins with a packet of an OpenPGP message (RFC 9580, sections 4.2 and 5): a session key, a
/// password, something compressed, signed or encrypted, of a version that there is.
fn is_openpgp(head: &[u8]) -> bool {
    let [first @ 0x80..=0xff, second, ..] = *head else {
        return false;
    };
    let is_new = first & 0x40 != 0;
    let tag = if is_new {
        first & 0x3f
    } else {
        (first >> 2) & 0x0f
    };
    let length_bytes = match (is_new, first & 3, second) {
        (true, _, 255) => 5,
        (true, _, 192..224) => 2,
        (true, _, _) => 1,
        (false, 3, _) => 0,
        (false, exponent, _) => 1 << exponent,
    };
    let Some(&version) = head.get(1 + length_bytes) else {
        return false;
    };
    match tag {
        1 => matches!(version, 2 | 3 | 6),
        3 => matches!(version, 4..=6),
        4 => matches!(version, 3 | 6),
        8 => matches!(version, 1..=3),
        18 => matches!(version, 1 | 2),
        20 => version == 1,
        _ => false,
    }
}

/// The words after `"..." is not a pgark archive`.
impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PgDumpCustom => f.write_str(" but one of pg_dump's, in custom format"),
            Self::PgDumpTar => f.write_str(" but one of pg_dump's, in tar format"),
            Self::Script => f.write_str(" but a script for psql"),
            Self::Packed(packer) => write!(f, " but a file {}", packer.done),
            Self::Html => f.write_str(" but a web page (HTML)"),
            Self::Xml => f.write_str(" but an XML document"),
            Self::Json => f.write_str(" but a JSON document"),
            Self::Zeros => f.write_str(" but begins with nothing but zeros"),
            Self::Tar(held) if held.is_empty() => f.write_str(" but another tar"),
            Self::Tar(held) => write!(f, " but another tar, which holds {}", held.join(", ")),
            Self::Repacked => {
                f.write_str(" any more: it was unpacked, and packed again by another program")
            }
            Self::Unpacked => f.write_str(" but the folder of one that was unpacked"),
            Self::Unknown => Ok(()),
        }
    }
}

impl Foreign {
    /// What the user can do with the file of this name.
    pub(super) fn hint(&self, location: &str) -> String {
        let file = quoted(location);
        match self {
            Self::Script => {
                "Use psql for it: a script is run, from its first line to its last.".to_owned()
            }
            Self::Packed(packer) => packer.hint(location),
            Self::Html | Self::Xml => format!(
                "A server sent this instead of the file: a page to sign in, an error. Look at it (head -c 2000 {file}), \
                 and fetch the archive again."
            ),
            Self::Json => "Name the archive itself. A program's answer or a report was saved under its name.".to_owned(),
            Self::Zeros => {
                "Its content never came to this disk, or was lost on it: take another copy of the archive.".to_owned()
            }
            Self::Tar(_) => format!("If it holds the archive: tar xf {file}, and name the result."),
            Self::Repacked => format!(
                "What is in it may be whole: mkdir unpacked && tar xf {file} -C unpacked, then in the folder with \
                 README.txt sha256sum -c SHA256SUMS. Each database restores from its folder: pgark restore \
                 unpacked/databases/NAME, or pg_restore, as README.txt says. The archive as it was written proves itself: \
                 keep that."
            ),
            Self::Unpacked => {
                let folder = quoted(location.trim_end_matches('/'));
                format!(
                    "Check it: cd {folder} && sha256sum -c SHA256SUMS. Restore a database from its folder: pgark restore \
                     {folder}/databases/NAME, or pg_restore, as its README.txt says, with the roles first."
                )
            }
            Self::PgDumpCustom | Self::PgDumpTar | Self::Unknown => {
                "Check the name. A file that was an archive once may have been overwritten.".to_owned()
            }
        }
    }
}

impl Packer {
    fn hint(self, location: &str) -> String {
        let out = self.out;
        if location == "-" {
            return format!(
                "Put the program that undoes it before verify: .. | {out} | pgark verify -"
            );
        }
        if location.contains("://") {
            return format!("Fetch the file, undo that ({out}), and name the result.");
        }
        let file = quoted(location);
        let stem = self
            .suffixes
            .iter()
            .find_map(|suffix| location.strip_suffix(suffix));
        let unpacked = match stem {
            Some(stem) => quoted(stem),
            None => quoted(&format!("{location}.tar")),
        };
        format!(
            "Undo that first: {out} {file} > {unpacked}. Or without a second file: {out} {file} | pgark verify -"
        )
    }
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_first_bytes() {
        let packed: [(&[u8], &str); 15] = [
            (b"\x1f\x8b\x08\0", "gzip"),
            (b"\x28\xb5\x2f\xfd\x24", "zstd"),
            (b"\xfd7zXZ\0\0", "xz"),
            (b"BZh91AY&SY", "bzip2"),
            (b"-----BEGIN PGP MESSAGE-----\n", "OpenPGP"),
            // gpg -e and gpg -c of GnuPG 2, a session key of version 6, and a message that is only
            // compressed.
            (b"\x85\x02\x0c\x03\xaa", "OpenPGP"),
            (b"\x84\x5e\x03\xaa", "OpenPGP"),
            (b"\x8c\x0d\x04\x09\x03\x02", "OpenPGP"),
            (b"\xc1\xc0\x4c\x03\x11", "OpenPGP"),
            (b"\xc1\x5e\x06\x11", "OpenPGP"),
            (b"\xa3\x02\x78", "OpenPGP"),
            (b"\xd2\xff\0\0\0\x10\x01", "OpenPGP"),
            (b"age-encryption.org/v1\n", "age"),
            (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "age"),
            (b"PK\x03\x04", "zip"),
        ];
        for (head, program) in packed {
            let Foreign::Packed(packer) = of_head(head) else {
                panic!("{program}");
            };
            assert!(packer.done.ends_with(program), "{program} {packer:?}");
        }
        let others: [(&[u8], Foreign); 15] = [
            (b"\xef\xbb\xbf \n<!DOCTYPE HTML><html>", Foreign::Html),
            (b"<html lang=x>", Foreign::Html),
            (b"<?xml version=\"1.0\"?><Error>", Foreign::Xml),
            (b"{\"error\": 1}", Foreign::Json),
            (b"[\n  {", Foreign::Json),
            (b"-- a comment\n\nSET x = 1;", Foreign::Script),
            (b"\\restrict abc\n", Foreign::Script),
            (b"create table t ()", Foreign::Script),
            (&[0; 1024], Foreign::Zeros),
            (b"#!/bin/sh\n", Foreign::Unknown),
            (b"\x7fELF", Foreign::Unknown),
            (b"{ x", Foreign::Unknown),
            (b"\x80", Foreign::Unknown),
            (b"\xff\xd8\xff\xe0", Foreign::Unknown),
            (b"\x89PNG\r\n", Foreign::Unknown),
        ];
        for (head, expected) in others {
            assert_eq!(of_head(head), expected, "{}", head.escape_ascii());
        }
        assert_eq!(of_pg_dump(b"PGDMP\x01"), Some(Foreign::PgDumpCustom));
        assert_eq!(
            of_pg_dump(b"--\n-- PostgreSQL database dump\n--"),
            Some(Foreign::Script)
        );
        assert_eq!(of_pg_dump(b"\x1f\x8b"), None);
    }

    #[test]
    fn the_command_that_helps_can_be_pasted() {
        let gzip = of_head(b"\x1f\x8b\x08");
        let said = gzip.hint("my snap.tar.gz");
        let expected = "zcat 'my snap.tar.gz' > 'my snap.tar'. Or";
        assert!(said.contains(expected), "{said}");
        assert!(gzip.hint("snap").contains("zcat snap > snap.tar."));
        assert!(gzip.hint("-").ends_with(".. | zcat | pgark verify -"));
        assert!(!gzip.hint("s3://bucket/snap.tar.gz").contains("s3://"));
        let folder = Foreign::Unpacked.hint("dumps/a/");
        assert!(
            folder.contains("pgark restore dumps/a/databases/NAME"),
            "{folder}"
        );
    }
}

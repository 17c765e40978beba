//! What an archive says about its databases and where they came from. Plain data.

use bstr::BString;

/// The server that the databases of an archive came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// `server_version_num`, for instance 150018; zero where it is not known.
    pub version_num: u32,
    /// `server_version`, for instance `15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
    /// `system_identifier` of its control file, where the archive knows it.
    pub system_identifier: Option<String>,
}

/// One database in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: BString,
    /// Its encoding, where the archive says it.
    pub encoding: Option<String>,
    /// Its locale, where the archive says it.
    pub locale: Option<Locale>,
    /// The tablespace it is in, where the archive says it.
    pub tablespace: Option<BString>,
}

/// A database's locale, in the words of `CREATE DATABASE`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locale {
    /// `libc`, `icu` or `builtin`.
    pub provider: String,
    /// `LC_COLLATE`.
    pub collate: String,
    /// `LC_CTYPE`.
    pub ctype: String,
    /// The provider's locale, for `icu` and `builtin`.
    pub name: Option<String>,
}

/// The three formats of pg_dump's archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `-Fc`: one file that holds all.
    Custom,
    /// `-Ft`: one file of several.
    Tar,
    /// `-Fd`: a folder.
    Directory,
}

/// The head of a pg_dump archive, beside the fields of its [`Toc`](crate::toc::Toc).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PgDumpFacts {
    /// Its format.
    pub format: Format,
    /// Its size, of a folder that of all files in it.
    pub file_bytes: u64,
    /// The archive's version and its revision, for instance 1, 16, 0.
    pub version: (u8, u8, u8),
    /// Width of integers, in bytes.
    pub int_bytes: u8,
    /// Width of file offsets, in bytes.
    pub offset_bytes: u8,
    /// `none`, `gzip`, `lz4` or `zstd`.
    pub compression: &'static str,
}

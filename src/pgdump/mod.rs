//! pg_dump's own archive formats: toc.dat in both directions, and readers of all three.
//!
//! Archive versions 1.12 (PostgreSQL 9.0) to 1.16 (17 to 19) are read, 1.15 (16) is written: it is
//! the first that names a compression algorithm, so stock pg_restore 16 and newer read it. The byte
//! layout has no specification but pg_dump's source; `UPSTREAM.md` beside this file says which
//! function there corresponds to which here, and what to compare when a new major version appears.
//!
//! Start with [`toc_dat`] for an entry's layout and [`header`] for what precedes the entries;
//! [`primitives`] has integers and texts. What the fields mean is in [`crate::toc`]. The data is read
//! by [`custom`], and by [`files`] over a [`directory`] or a [`tar`]; [`compress`] serves both. These
//! readers block: a caller with asynchronous storage brings an adapter to [`std::io::Read`].
//!
//! **What is read is not trusted.** Every length is held against what is left of the input before
//! anything is allocated, every count against a constant of [`limits`], and an error names the byte
//! and the field.

pub mod compress;
pub mod custom;
pub mod directory;
pub mod error;
pub mod files;
pub mod header;
pub mod limits;
pub mod primitives;
pub mod relkind;
pub mod tar;
pub mod toc_dat;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod properties_tests;
#[cfg(test)]
mod testing;

use crate::toc::Toc;

pub use error::Error;
pub use header::{Compression, TocCompression};
pub use relkind::fold_relkind;

/// The toc.dat of a directory archive, version 1.15. An entry that has a data dumper and no
/// `data_file` gets the name pg_dump would give it, `<dump id>.dat`.
///
/// `relkind` has no place in that version: see [`fold_relkind`]. A TOC that the version cannot
/// express (a text with a zero byte, an impossible date, BLOB METADATA) is an error.
pub fn write_toc_dat(toc: &Toc, compression: TocCompression) -> Result<Vec<u8>, Error> {
    toc_dat::write(toc, compression)
}

/// Reads a toc.dat, of a directory or from within a tar archive: the two are the same.
pub fn read_toc_dat(bytes: &[u8]) -> Result<Toc, Error> {
    toc_dat::read(bytes)
}

/// Reads the TOC of a custom-format archive of which at least header and TOC are in `bytes`. The data behind
/// them is ignored.
pub fn read_custom_toc(bytes: &[u8]) -> Result<Toc, Error> {
    toc_dat::read_custom(bytes)
}

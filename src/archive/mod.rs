//! The container: a tar of pg_dump directory archives that a reader can enter from its end.
//!
//! [`format`] is the normative text. [`manifest`] holds what `manifest.json` says, [`layout`] what follows
//! from it byte for byte, `bounds` what no manifest may say, [`trailer`] the fixed-size end, [`text`] how
//! names and digests are written in both. [`chunk`] makes one member out of rows and [`decode`] rows out of a
//! member; [`writer`] and [`reader`] do the file. [`names`] turns database names into folder names, [`place`]
//! names a spot in the archive to people. [`block`] is a tar header wherever it comes from, [`foreign`] what
//! a file is that is no archive.
//!
//! Nothing here knows that a server exists. toc.dat is bytes here; `pgdump` reads and writes it.

pub mod block;
mod bounds;
pub mod chunk;
pub mod decode;
pub mod error;
pub mod foreign;
pub mod layout;
pub mod manifest;
pub mod names;
pub mod place;
pub mod reader;
pub mod text;
pub mod trailer;
pub mod writer;

#[cfg(test)]
pub(crate) mod testing;

#[doc = include_str!("FORMAT.md")]
pub mod format {}

pub use chunk::{ChunkEncoder, Compression, EncodedChunk};
pub use decode::{ChunkDecoder, Content, DecodeError, OpenDecoder};
pub use error::{Damage, Error};
pub use foreign::Foreign;
pub use manifest::Manifest;
pub use place::Place;
pub use reader::ArchiveReader;
pub use writer::{ArchiveWriter, Finished};

/// The version of the format that this module writes and reads. FORMAT.md names the same number.
pub const FORMAT_VERSION: u32 = 1;

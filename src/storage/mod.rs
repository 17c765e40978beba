//! Where archives live: one object, read by ranges and written once; or a [`pipe`], for them to go through.
//!
//! Everything is read through `object_store`, local disk included, so that a path and a URL behave alike.
//! `given` is a location that shows no secrets, [`location`] tells the two apart, `mistaken` what else was
//! meant, `read` reads ranges of one and the same object, `pace` says how fast, [`upload`] is the bounded
//! write with its one commit point, `partial` the local file that is written first and `partial_name` what it
//! is called, `parts` the same in an object store, [`folder`] what lies in a folder, `identity` whether a
//! file is the object, `kept` an object of which only some was kept, `read_only` what it has in common with
//! files behind a URL, [`range_reader`] an object for readers that block; [`traffic`] counts what was read,
//! [`error`] turns the store's errors into sentences about a path, [`refusal`] an object store's answers into
//! reasons. Not here: what the bytes mean (`archive`).

pub mod cloud;
pub mod error;
pub mod folder;
mod given;
mod identity;
mod kept;
pub mod location;
mod mistaken;
mod pace;
mod partial;
mod partial_name;
mod parts;
pub mod pipe;
pub mod range_reader;
mod read;
mod read_only;
pub mod refusal;
mod seen;
mod store;
pub mod traffic;
pub mod upload;
mod upload_options;

pub use cloud::Surroundings;
pub use error::Error;
pub use folder::Folder;
pub use given::{Location, redacted};
pub use partial::{Leftover, PartialFile};
pub use partial_name::PartialName;
pub use pipe::{PipeReader, PipeWriter, Sink};
pub use range_reader::RangeReader;
pub use store::{READ_BYTES_MAX, Store};
pub use traffic::Traffic;
pub use upload::{Published, Upload};
pub use upload_options::{Replace, UploadOptions};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

//! The write: bounded pieces, then one commit point.
//!
//! On local disk they go to a file in the target's own folder ([`partial`](super::partial)), elsewhere to an
//! upload of several parts (`parts`). [`Upload::finish`] publishes either under its name in one step. An
//! upload that is dropped publishes nothing.

use crate::storage::upload_options::{Replace, UploadOptions};
use bytes::Bytes;

use super::Error;
use super::pace::PIECE_BYTES;
use super::partial::{Leftover, Partial};
use super::parts::Parts;
use crate::storage::Store;

/// Where an upload has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// The location, where that is not the one that was asked for, because something has appeared there.
    pub elsewhere: Option<String>,
}

/// An upload under way. [`finish`](Self::finish) is the only thing that makes it visible.
pub struct Upload {
    store: Store,
    way: Way,
    options: UploadOptions,
    replace: Replace,
}

enum Way {
    File(Box<Partial>),
    Parts(Box<Parts>),
}

impl Store {
    /// Starts to write the object. Fails at once where it exists and may not be replaced, and where a file of
    /// this name is being written.
    pub async fn upload(&self, replace: Replace, options: UploadOptions) -> Result<Upload, Error> {
        if self.describe().starts_with("http") && self.is_remote() {
            let location = self.describe().to_owned();
            return Err(Error::ReadOnly { location });
        }
        if let Some(local) = &self.local {
            local.refuse_what_is_no_file()?;
        }
        self.refuse_existing(replace).await?;
        let way = match &self.local {
            Some(local) => Way::File(Box::new(Partial::begin(local).await?)),
            None => Way::Parts(Box::new(Parts::begin(self, replace, options).await?)),
        };
        Ok(Upload {
            store: self.clone(),
            way,
            options,
            replace,
        })
    }

    async fn refuse_existing(&self, replace: Replace) -> Result<(), Error> {
        if replace == Replace::Never && self.exists().await? {
            return Err(Error::AlreadyExists {
                location: self.describe().to_owned(),
            });
        }
        Ok(())
    }
}

impl Upload {
    /// Files of uploads that never came to their end, which lie in the same folder.
    pub fn leftovers(&self) -> &[Leftover] {
        match &self.way {
            Way::File(partial) => partial.leftovers(),
            Way::Parts(_) => &[],
        }
    }

    /// About how much is going to be written: parts are made so large that their number suffices.
    pub fn expect(&mut self, bytes: u64) {
        if let Way::Parts(parts) = &mut self.way {
            parts.expect(bytes);
        }
    }

    /// Adds bytes; waits while the disk is slower, or too many parts are under way.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        let partial = match &mut self.way {
            Way::Parts(parts) => return parts.write(bytes).await,
            Way::File(partial) => partial,
        };
        let piece_bytes = if self.store.pace.is_limited() {
            PIECE_BYTES
        } else {
            usize::MAX
        };
        for piece in bytes.chunks(piece_bytes) {
            self.store.pace.pay(piece.len()).await;
            partial.write(piece).await?;
        }
        Ok(())
    }

    /// Writes the buffered bytes, syncs, and publishes the object under its name, or where that is taken by
    /// now under another one.
    pub async fn finish(self) -> Result<Published, Error> {
        let elsewhere = match self.way {
            Way::File(partial) => partial.publish(self.replace, self.options).await?,
            Way::Parts(parts) => parts.finish().await?,
        };
        self.store.forget();
        Ok(Published { elsewhere })
    }

    /// Removes everything written so far. A store that has gone away is not waited for as long as otherwise.
    pub async fn abort(self) -> Result<(), Error> {
        match self.way {
            Way::File(partial) => partial.abort(),
            Way::Parts(parts) => parts.abort().await,
        }
    }
}

//! The write: bounded parts, then one commit point.
//!
//! On local disk the parts go to a temporary file in the target's own folder; [`Upload::finish`]
//! syncs it and publishes it under its name in one step. Elsewhere a multipart upload has the same
//! property by itself. An upload that is dropped publishes nothing.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{DynObjectStore, ObjectStoreExt, WriteMultipart};

use super::{Error, Store, error};

/// What to do about an object that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Refuse, at the beginning and again at the end.
    Never,
    /// Put the new one in its place.
    Existing,
}

/// How to write.
#[derive(Debug, Clone, Copy)]
pub struct UploadOptions {
    /// The size of every part but the last. Stores have a minimum (5 MiB) and a maximum count.
    pub part_bytes: usize,
    /// How many parts may be under way at once; memory is bounded by both together.
    pub max_in_flight: usize,
    /// Whether the file and its folder are synced before and after it gets its name.
    pub sync: bool,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            part_bytes: 8 << 20,
            max_in_flight: 2,
            sync: true,
        }
    }
}

/// An upload under way. [`finish`](Self::finish) is the only thing that makes it visible.
pub struct Upload {
    store: Store,
    objects: Arc<DynObjectStore>,
    parts: WriteMultipart,
    options: UploadOptions,
    replace: Replace,
    /// Where the parts go when that is not the target itself.
    partial: Option<Path>,
}

impl Store {
    /// Starts to write the object. Fails at once where it exists and may not be replaced.
    pub async fn upload(&self, replace: Replace, options: UploadOptions) -> Result<Upload, Error> {
        if let Some(local) = &self.local {
            local.refuse_what_is_no_file()?;
        }
        self.refuse_existing(replace).await?;
        let (objects, partial) = match &self.local {
            None => (Arc::clone(&self.objects), None),
            Some(local) => {
                let partial = Path::parse(local.partial_name());
                let partial = partial.map_err(|source| self.error("write", source.into()))?;
                (local.objects_for_writing(options.sync)?, Some(partial))
            }
        };
        let target = partial.as_ref().unwrap_or(&self.path);
        let parts = objects.put_multipart(target).await;
        let parts = parts.map_err(|source| self.error("write", source))?;
        Ok(Upload {
            store: self.clone(),
            objects,
            parts: WriteMultipart::new_with_chunk_size(parts, options.part_bytes.max(1)),
            options,
            replace,
            partial,
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
    /// Adds bytes; waits while `max_in_flight` parts are under way.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        let mut rest = bytes;
        // Piece by piece, because `put` would start every part of a large buffer at once.
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(self.options.part_bytes.max(1)));
            let capacity = self
                .parts
                .wait_for_capacity(self.options.max_in_flight.max(1));
            capacity
                .await
                .map_err(|source| self.store.error("write", source))?;
            self.parts.put(piece);
        }
        Ok(())
    }

    /// Writes what is buffered, syncs, and publishes the object under its name.
    pub async fn finish(self) -> Result<(), Error> {
        let Self {
            store,
            objects,
            parts,
            replace,
            partial,
            ..
        } = self;
        if partial.is_none() {
            // No conditional completion of multipart uploads: look again as late as possible.
            if let Err(error) = store.refuse_existing(replace).await {
                parts
                    .abort()
                    .await
                    .map_err(|source| store.error("abort", source))?;
                return Err(error);
            }
        }
        let complete = parts.finish().await;
        complete.map_err(|source| store.error("write", source))?;
        let Some(partial) = partial else {
            return Ok(());
        };
        let published = publish(&store, &objects, &partial, replace).await;
        if published.is_err() {
            // The first error is the one to report.
            let _ = objects.delete(&partial).await;
        }
        published
    }

    /// Removes everything written so far.
    pub async fn abort(self) -> Result<(), Error> {
        let aborted = self.parts.abort().await;
        aborted.map_err(|source| self.store.error("abort", source))
    }
}

/// Gives the complete temporary file its name: a hard link fails where something appeared in the
/// meantime, a rename replaces it.
async fn publish(
    store: &Store,
    objects: &Arc<DynObjectStore>,
    partial: &Path,
    replace: Replace,
) -> Result<(), Error> {
    let named = match replace {
        Replace::Existing => objects.rename(partial, &store.path).await,
        Replace::Never => match objects.rename_if_not_exists(partial, &store.path).await {
            Err(object_store::Error::Generic { .. }) => {
                // A file system without hard links: look, then rename.
                store.refuse_existing(replace).await?;
                objects.rename(partial, &store.path).await
            }
            other => other,
        },
    };
    named.map_err(|source| error::of("write", store.describe(), source))
}

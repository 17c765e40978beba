//! A location that is a folder of objects: a directory archive of pg_dump's.

use super::given::scheme_of;
use std::collections::HashMap;
use std::sync::Arc;

use super::error::{self, Error};
use crate::storage::Store;

/// The objects directly in a folder. The content of folders below it does not count.
#[derive(Clone)]
pub struct Folder {
    store: Store,
    files: HashMap<String, u64>,
}

impl Folder {
    /// The size of the object of this name in bytes; none if there is none.
    pub fn size(&self, name: &[u8]) -> Option<u64> {
        self.files.get(std::str::from_utf8(name).ok()?).copied()
    }

    /// The sizes of all objects.
    pub fn sizes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|(name, &size)| (name.as_str(), size))
    }

    /// The object of this name and its size.
    pub fn file(&self, name: &[u8]) -> Option<(Store, u64)> {
        let name = std::str::from_utf8(name).ok()?;
        let size = self.files.get(name).copied()?;
        let description = format!("{}/{name}", self.store.description.trim_end_matches('/'));
        let file = Store {
            objects: self.store.objects.clone(),
            path: self.store.path.clone().join(name),
            local: None,
            seen: Arc::default(),
            counters: Arc::clone(&self.store.counters),
            pace: self.store.pace.clone(),
            description: description.into(),
        };
        Some((file, size))
    }
}

impl Store {
    /// Whether the location can only be a folder: objects of a bucket with this prefix.
    pub fn names_folder(&self) -> bool {
        let scheme = scheme_of(&self.description);
        let is_bucket = scheme.is_some_and(|scheme| !scheme.starts_with("http"));
        self.is_remote() && is_bucket && self.description.ends_with('/')
    }

    /// The folder of this name; none where the location is an object, or nothing at all.
    pub async fn folder(&self) -> Result<Option<Folder>, Error> {
        if self.local.as_ref().is_some_and(|local| !local.is_folder()) {
            return Ok(None);
        }
        self.counters.request();
        let list = self.objects.list_with_delimiter(Some(&self.path)).await;
        let list = list.map_err(|source| error::of("list", self.describe(), source))?;
        // Not every server leaves out the content of folders below.
        let names = list.objects.into_iter().filter_map(|meta| {
            let mut below = meta.location.prefix_match(&self.path)?;
            let name = below.next()?.as_ref().to_owned();
            below.next().is_none().then_some((name, meta.size))
        });
        let files: HashMap<String, u64> = names.collect();
        if files.is_empty() && self.local.is_none() {
            return Ok(None);
        }
        let store = self.clone();
        Ok(Some(Folder { store, files }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_has_the_files_that_lie_in_it() -> Result<(), Error> {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let write = |name: &str| std::fs::write(folder.path().join(name), name).ok();
        std::fs::create_dir(folder.path().join("below")).ok();
        for name in ["toc.dat", "12.dat.gz", "below/13.dat"] {
            write(name);
        }
        let location = format!("{}/", folder.path().display());
        let found = Store::open(&location)?.folder().await?;
        let found = found.unwrap_or_else(|| panic!("no folder"));
        assert_eq!(found.sizes().count(), 2);
        assert_eq!(found.size(b"12.dat.gz"), Some(9));
        assert_eq!(found.size(b"13.dat"), None);
        assert!(found.file(b"below").is_none());
        let (file, size) = found.file(b"toc.dat").unwrap_or_else(|| panic!("no file"));
        assert_eq!(file.read_range(0..size).await?, "toc.dat");
        assert_eq!(file.describe(), format!("{location}toc.dat"));
        let file = format!("{location}toc.dat");
        assert!(Store::open(&file)?.folder().await?.is_none());
        let nothing = format!("{location}nothing");
        assert!(Store::open(&nothing)?.folder().await?.is_none());
        Ok(())
    }
}

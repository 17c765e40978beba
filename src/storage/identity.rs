//! Whether a file is the archive, whatever it is called: another path, a link, a file of its folder.
//!
//! For writers: the object about to be replaced must not be the one being read. Files are told apart as the
//! system does it, by device and inode.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;

use crate::storage::Store;

impl Store {
    /// Whether the file is this object or, where the location is a folder, one of the files in it. Only files
    /// of this machine are.
    pub fn holds(&self, file: &Metadata) -> bool {
        let Some(local) = &self.local else {
            return false;
        };
        let is_same = |found: &Metadata| (found.dev(), found.ino()) == (file.dev(), file.ino());
        let Ok(found) = fs::metadata(local.path()) else {
            return false;
        };
        if !found.is_dir() {
            return is_same(&found);
        }
        let files = fs::read_dir(local.path()).into_iter().flatten().flatten();
        let mut found = files.filter_map(|file| fs::metadata(file.path()).ok());
        is_same(file) && file.is_dir() || found.any(|found| is_same(&found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_held(store: &str, file: &std::path::Path) -> bool {
        let store = Store::open(store).unwrap_or_else(|e| panic!("{e}"));
        fs::metadata(file).is_ok_and(|meta| store.holds(&meta))
    }

    #[test]
    fn a_file_is_the_same_by_all_its_names() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        let (archive, other) = (path("snap.tar"), path("other.tar"));
        fs::write(&archive, "x")?;
        fs::write(&other, "x")?;
        fs::hard_link(&archive, path("hard"))?;
        std::os::unix::fs::symlink("snap.tar", path("soft"))?;
        let plain = archive.display().to_string();
        let names = [
            plain.clone(),
            format!("file://{plain}"),
            path("soft").display().to_string(),
        ];
        for store in &names {
            for same in [
                &archive,
                &path("hard"),
                &path("soft"),
                &path("../").join(folder.path()).join("snap.tar"),
            ] {
                assert!(is_held(store, same), "{store} {}", same.display());
            }
            assert!(!is_held(store, &other));
        }
        Ok(())
    }

    #[test]
    fn a_folder_holds_the_files_in_it() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("dump"))?;
        for name in ["dump/toc.dat", "dump/12.dat", "beside"] {
            fs::write(path(name), "x")?;
        }
        fs::hard_link(path("dump/12.dat"), path("linked"))?;
        let dump = path("dump/").display().to_string();
        for (name, expected) in [
            ("dump/toc.dat", true),
            ("linked", true),
            ("dump", true),
            ("beside", false),
        ] {
            assert_eq!(is_held(&dump, &path(name)), expected, "{name}");
        }
        Ok(())
    }
}

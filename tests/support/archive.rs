//! Archives that the program under test wrote, opened and taken apart.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};
use pgark::archive::ArchiveReader;
use pgark::archive::manifest::{Database, Manifest, Table};
use pgark::monitor::Monitor;
use pgark::pgdump::read_toc_dat;
use pgark::storage::Store;
use pgark::toc::Toc;
use pgark::verify::{Mode, Verdict, VerifyOptions, verify};

use super::cluster::{Cluster, clean_command};
use super::pgark::Pgark;
use super::run::{Finished, run};

/// `pgark dump` at `cluster`, without a prompt, a sync or a word about its progress.
pub fn dump_at(cluster: &Cluster) -> Pgark {
    let options = ["dump", "--progress", "none", "-w", "--no-sync"];
    Pgark::new(options).at(cluster)
}

/// An archive in a folder of its own, which goes with it.
pub struct Archive {
    folder: tempfile::TempDir,
}

impl Archive {
    /// An empty folder with a place for an archive in it.
    pub fn none_yet() -> Self {
        let folder = tempfile::Builder::new().prefix("pgark-archive-").tempdir();
        Self {
            folder: folder.unwrap(),
        }
    }

    /// Dumps with these arguments (databases and options) and demands success, without a word on standard
    /// error.
    #[track_caller]
    pub fn dump<S: AsRef<OsStr>>(cluster: &Cluster, args: &[S]) -> Self {
        let archive = Self {
            folder: cluster.scratch(),
        };
        let finished = archive.try_dump(cluster, args).success();
        assert_eq!(finished.stderr(), "", "{}", finished.describe());
        archive
    }

    /// Dumps with these arguments.
    #[track_caller]
    pub fn try_dump<S: AsRef<OsStr>>(&self, cluster: &Cluster, args: &[S]) -> Finished {
        dump_at(cluster).arg("-f").arg(self.path()).args(args).run()
    }

    /// Restores with these arguments.
    #[track_caller]
    pub fn try_restore<S: AsRef<OsStr>>(&self, target: &Cluster, args: &[S]) -> Finished {
        let restore = ["restore", "--progress", "none", "-w"];
        let restore = Pgark::new(restore).at(target).arg(self.path());
        restore.args(args).run()
    }

    /// Restores with these arguments and demands success, without a word on standard error.
    #[track_caller]
    pub fn restore<S: AsRef<OsStr>>(&self, target: &Cluster, args: &[S]) {
        let finished = self.try_restore(target, args).success();
        assert_eq!(finished.stderr(), "", "{}", finished.describe());
    }

    /// Where the archive is, or would be.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("snap.tar")
    }

    /// The folder it is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The names of all that is in its folder, temporary files included.
    pub fn left_behind(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries
            .map(name)
            .map(|name| name.into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Verifies every row of it; nothing may be found.
    #[track_caller]
    pub fn verified(self) -> Self {
        let (reader, runtime) = self.open();
        let options = VerifyOptions {
            mode: Mode::Deep,
            ..VerifyOptions::default()
        };
        let monitor = Monitor::void();
        let verify = verify(reader.store(), &options, &monitor);
        let outcome = runtime.block_on(verify).unwrap();
        assert!(matches!(outcome.verdict, Verdict::Whole), "{outcome:#?}");
        self
    }

    /// Its manifest.
    pub fn manifest(&self) -> Manifest {
        let (reader, _) = self.open();
        reader.manifest().clone()
    }

    /// What the manifest says of a database.
    #[track_caller]
    pub fn database(&self, name: &str) -> Database {
        let databases = self.manifest().databases;
        let mut found = databases
            .into_iter()
            .filter(|database| database.name.0 == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no database {name} in the archive"))
    }

    /// What the manifest says of a table, by schema and name.
    #[track_caller]
    pub fn table(&self, database: &str, schema: &str, name: &str) -> Table {
        let tables = self.database(database).tables;
        let mut found = tables
            .into_iter()
            .filter(|table| table.schema.0 == schema && table.name.0 == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no table {schema}.{name} in the archive"))
    }

    /// A database's table of contents.
    #[track_caller]
    pub fn toc(&self, database: &str) -> Toc {
        let directory = self.database(database).directory;
        let (reader, runtime) = self.open();
        let bytes = runtime.block_on(reader.toc(&directory)).unwrap();
        read_toc_dat(&bytes).unwrap()
    }

    fn open(&self) -> (ArchiveReader, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let store = Store::open(self.path().to_str().unwrap()).unwrap();
        let reader = runtime.block_on(ArchiveReader::open(store)).unwrap();
        (reader, runtime)
    }

    /// Unpacks it with the system's tar, which must not find anything to remark, and has the system's
    /// sha256sum check every member. Returns the folder of each database, by name.
    #[track_caller]
    pub fn unpack(&self, into: &Path) -> BTreeMap<BString, PathBuf> {
        let mut tar = clean_command("tar");
        let finished = run(tar.arg("-xf").arg(self.path()).arg("-C").arg(into), b"").success();
        assert_eq!(finished.stderr(), "", "{}", finished.describe());
        let mut sums = clean_command("sha256sum");
        sums.args(["-c", "--strict", "SHA256SUMS"])
            .current_dir(into);
        let finished = run(&mut sums, b"").success();
        assert_eq!(finished.stderr(), "", "{}", finished.describe());
        let checked = finished.stdout.lines().count();
        let manifest = self.manifest();
        // Every member, and the manifest itself.
        assert_eq!(checked, manifest.members.len() + 1);
        let folder = |database: Database| {
            let folder = into.join("databases").join(&database.directory);
            (database.name.0, folder)
        };
        manifest.databases.into_iter().map(folder).collect()
    }
}

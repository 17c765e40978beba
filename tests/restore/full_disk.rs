//! A target whose disk runs full in the middle, and is made larger. Only root can make such a disk.

use std::path::PathBuf;
use std::process::Command;

use super::resume::{chunky, said};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::run::run;

/// A tablespace on a disk of its own.
struct SmallDisk {
    cluster: Cluster,
    folder: PathBuf,
}

impl SmallDisk {
    /// None without the right to mount one.
    fn at(cluster: Cluster, megabytes: u32) -> Option<Self> {
        let folder = cluster.socket_dir().join("small");
        std::fs::create_dir(&folder).unwrap();
        let disk = Self { cluster, folder };
        if !disk.mount(&format!("size={megabytes}m")) {
            return None;
        }
        let mut chown = Command::new("chown");
        chown.arg("--reference").arg(disk.cluster.data_dir());
        run(chown.arg(&disk.folder), b"").success();
        let tablespace = format!(
            "CREATE TABLESPACE small LOCATION '{}'",
            disk.folder.display()
        );
        disk.cluster.psql("postgres", tablespace);
        Some(disk)
    }

    fn mount(&self, options: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "none"]);
        run(mount.arg(&self.folder), b"").status.success()
    }

    fn enlarge(&self, megabytes: u32) {
        assert!(self.mount(&format!("remount,size={megabytes}m")));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The server still has files on it.
        let mut unmount = Command::new("umount");
        run(unmount.arg("--lazy").arg(&self.folder), b"");
    }
}

#[test]
fn a_disk_that_ran_full_is_made_larger_and_the_restore_goes_on() {
    let name = "r_full";
    let (source, archive) = need!(chunky(name));
    let target = need!(Cluster::start(source.major()));
    // An empty database takes 8 MB, this one 40: it ends among the rows.
    let Some(disk) = SmallDisk::at(target, 14) else {
        return;
    };
    let target = &disk.cluster;
    target.psql(
        "postgres",
        format!("CREATE DATABASE {name} TEMPLATE template0 TABLESPACE small"),
    );
    let failed = archive
        .try_restore(target, &["--no-globals", "-j", "4"])
        .code(1);
    let report = failed.stdout();
    let errors = report.matches("error 53100").count();
    assert_eq!(errors, 1, "{}", failed.describe());
    assert!(report.contains("\n1 error"), "{}", failed.describe());
    assert!(report.contains("--resume"), "{}", failed.describe());
    said(
        &failed,
        "error: the target's disk is full: tablespace \"small\" in /",
    );
    said(
        &failed,
        "hint: Free space there, then: pgark restore --resume ",
    );
    disk.enlarge(200);
    let resumed = archive.try_restore(target, &["--no-globals", "--resume"]);
    said(&resumed.success(), "going on where");
    assert_equal(source, name, target, name);
}

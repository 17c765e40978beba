//! What a script or a list may not replace: the archive by any of its names, whatever else is read, and files
//! that exist. No server is asked.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::pgark::Pgark;
use crate::support::run::Finished;

/// A folder with an archive of ours and a directory archive of pg_dump.
struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let ground = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::copy(
            fixtures.join("archives/v1/zstd.tar"),
            ground.path("snap.tar"),
        )
        .unwrap();
        fs::create_dir(ground.path("dump")).unwrap();
        for file in fs::read_dir(fixtures.join("pgdump/18/directory-zstd")).unwrap() {
            let file = file.unwrap();
            let copy = ground.path("dump").join(file.file_name());
            fs::copy(file.path(), copy).unwrap();
        }
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `pgark` with these arguments in the folder.
    fn run(&self, args: &[&str]) -> Finished {
        let folder = self.folder.path().display();
        Pgark::new(args).under(&format!("cd {folder}")).run()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

#[test]
fn the_archive_is_never_replaced_by_a_script_of_it() {
    let ground = Ground::new();
    let archive = fs::read(ground.path("snap.tar")).unwrap();
    fs::hard_link(ground.path("snap.tar"), ground.path("hard")).unwrap();
    symlink("snap.tar", ground.path("soft")).unwrap();
    let url = format!("file://{}", ground.path("snap.tar").display());
    let names = ground.names();
    for from in ["snap.tar", "soft", &url] {
        for to in ["snap.tar", "./snap.tar", "hard", "soft"] {
            for what in [&["accounts"][..], &["-l"]] {
                for force in [&[][..], &["--force"]] {
                    let args = [&["restore", from, "-f", to], what, force].concat();
                    let said = ground.run(&args).code(2).stderr();
                    let expected = "is the archive itself, or a part of it";
                    assert!(said.contains(expected), "{args:?}: {said}");
                    assert!(said.contains("Name another file with -f"), "{said}");
                }
            }
        }
    }
    assert!(fs::read(ground.path("snap.tar")).unwrap() == archive);
    assert_eq!(ground.names(), names);
}

#[test]
fn no_file_of_a_directory_archive_is_replaced() {
    let ground = Ground::new();
    let toc = fs::read(ground.path("dump/toc.dat")).unwrap();
    fs::hard_link(ground.path("dump/toc.dat"), ground.path("linked")).unwrap();
    for to in ["dump/toc.dat", "linked", "dump"] {
        let said = ground
            .run(&["restore", "dump", "-f", to, "--force"])
            .code(2);
        let expected = "is the archive itself, or a part of it";
        assert!(
            said.stderr().contains(expected),
            "{to}: {}",
            said.describe()
        );
    }
    assert!(fs::read(ground.path("dump/toc.dat")).unwrap() == toc);
    // Beside it, and in another archive's name, is somebody else's business.
    ground.run(&["restore", "dump", "-f", "dump.sql"]).success();
    assert!(
        fs::read_to_string(ground.path("dump.sql"))
            .unwrap()
            .contains("CREATE TABLE")
    );
}

#[test]
fn a_file_that_exists_is_replaced_only_when_asked() {
    let ground = Ground::new();
    fs::write(ground.path("mine.sql"), "mine").unwrap();
    symlink("mine.sql", ground.path("to_mine")).unwrap();
    symlink("nowhere", ground.path("dangling")).unwrap();
    for to in ["mine.sql", "to_mine"] {
        let said = ground
            .run(&["restore", "snap.tar", "accounts", "-f", to])
            .code(1)
            .stderr();
        assert!(said.contains("exists already"), "{said}");
        assert!(said.contains("--force"), "{said}");
        assert_eq!(fs::read_to_string(ground.path("mine.sql")).unwrap(), "mine");
    }
    let dangling = [
        "restore", "snap.tar", "accounts", "-f", "dangling", "--force",
    ];
    let said = ground.run(&dangling).code(1).stderr();
    assert!(
        said.contains("a symbolic link that leads nowhere"),
        "{said}"
    );
    // What a link leads to gets the script, and the link stays.
    ground
        .run(&[
            "restore", "snap.tar", "accounts", "-f", "to_mine", "--force",
        ])
        .success();
    assert!(
        ground
            .path("to_mine")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    assert!(
        fs::read_to_string(ground.path("mine.sql"))
            .unwrap()
            .contains("CREATE TABLE")
    );
    assert_eq!(
        ground.names(),
        ["dangling", "dump", "mine.sql", "snap.tar", "to_mine"]
    );
}

#[test]
fn a_list_or_filters_that_are_read_are_not_replaced() {
    let ground = Ground::new();
    ground
        .run(&["restore", "snap.tar", "accounts", "-l", "-f", "list"])
        .success();
    fs::write(ground.path("filters"), "include table public.people\n").unwrap();
    for (option, file) in [("-L", "list"), ("--filter", "filters")] {
        let content = fs::read(ground.path(file)).unwrap();
        let args = [
            "restore", "snap.tar", "accounts", option, file, "-f", file, "--force",
        ];
        let said = ground.run(&args).code(2).stderr();
        assert!(said.contains("is a file that the command reads"), "{said}");
        assert!(fs::read(ground.path(file)).unwrap() == content);
    }
}

#[test]
fn an_output_of_ones_own_that_leads_to_the_archive_is_noticed() {
    let ground = Ground::new();
    let archive = fs::read(ground.path("snap.tar")).unwrap();
    for command in [
        &["inspect", "snap.tar"][..],
        &["verify", "snap.tar"],
        &["restore", "snap.tar", "accounts", "-l"],
        &["restore", "snap.tar", "accounts", "-f", "-"],
    ] {
        let folder = ground.folder.path().display();
        let append = format!("cd {folder}; exec >> snap.tar");
        let said = Pgark::new(command).under(&append).run().code(2).stderr();
        assert!(
            said.contains("standard output goes to the archive itself"),
            "{said}"
        );
        assert!(fs::read(ground.path("snap.tar")).unwrap() == archive);
    }
    let folder = ground.folder.path().display();
    let emptied = format!("cd {folder}; exec > snap.tar");
    let said = Pgark::new(["inspect", "snap.tar"])
        .under(&emptied)
        .run()
        .code(2)
        .stderr();
    assert!(said.contains("The shell has emptied it"), "{said}");
}

//! Damaged archives of pg_dump's, one for each kind of damage: `fixtures/malformed`.
//!
//! A fixture's first line is what pgark must say of it, or the end of it; the rest says how it is made of
//! a golden archive: see `fixtures/malformed/README.md`.

use std::path::{Path, PathBuf};

use crate::support::pgark::Pgark;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A kind of damage: its name, what is to be said of it, and the archive that has it.
struct Malformed {
    name: String,
    expected: String,
    /// Whether only counting the rows' columns shows it.
    counts: bool,
    folder: tempfile::TempDir,
}

impl Malformed {
    fn made_by(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let mut malformed = Self {
            name: path.file_name().unwrap().to_str().unwrap().to_owned(),
            expected: lines.next().unwrap().to_owned(),
            counts: false,
            folder: tempfile::tempdir().unwrap(),
        };
        let mut file = malformed.archive();
        for line in lines.filter(|line| !line.starts_with('#')) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "from" => malformed.copy(&fixtures().join("pgdump").join(rest)),
                "in" => file = malformed.archive().join(rest),
                "delete" => std::fs::remove_file(&file).unwrap(),
                "counts" => malformed.counts = true,
                _ => {
                    let bytes = changed(std::fs::read(&file).unwrap(), word, rest);
                    std::fs::write(&file, bytes).unwrap();
                }
            }
        }
        malformed
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn copy(&self, from: &Path) {
        if from.is_file() {
            std::fs::copy(from, self.archive()).unwrap();
            return;
        }
        std::fs::create_dir(self.archive()).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), self.archive().join(entry.file_name())).unwrap();
        }
    }

    /// What a command says, which must end with this status.
    fn say(&self, words: &[&str], status: i32) -> String {
        let command = Pgark::new(words).arg(self.archive());
        let finished = command.args(["--progress", "none"]).run();
        let said = format!("{}{}", finished.stdout(), finished.stderr());
        assert_eq!(
            finished.status.code(),
            Some(status),
            "{}: {said}",
            self.name
        );
        said
    }
}

/// `cut 40`, `cut -8`, `append 0a0d`, `at 40 write 0a0d`, `at 40 write "text"`.
fn changed(mut bytes: Vec<u8>, word: &str, rest: &str) -> Vec<u8> {
    match word {
        "cut" => {
            let at: isize = rest.parse().unwrap();
            let end = if at < 0 {
                bytes.len() as isize + at
            } else {
                at
            };
            bytes.truncate(end as usize);
        }
        "append" => bytes.extend(content(rest)),
        "at" => {
            let (at, new) = rest.split_once(" write ").unwrap();
            let (at, new) = (at.parse::<usize>().unwrap(), content(new));
            let old = &mut bytes[at..at + new.len()];
            assert_ne!(old, new, "nothing is changed");
            old.copy_from_slice(&new);
        }
        _ => panic!("{word} {rest}"),
    }
    bytes
}

fn content(text: &str) -> Vec<u8> {
    if let Some(text) = text.strip_prefix('"') {
        return text.strip_suffix('"').unwrap().into();
    }
    let pairs = text.as_bytes().chunks(2);
    let digits = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
    digits
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

#[test]
fn every_kind_of_damage_is_named() {
    let folder = std::fs::read_dir(fixtures().join("malformed")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| !path.ends_with("README.md")).collect();
    paths.sort();
    assert!(paths.len() > 50);
    for path in paths {
        let malformed = Malformed::made_by(&path);
        let is_unreadable = malformed.expected.contains("is not supported");
        let verified = malformed.say(&["verify"], if is_unreadable { 4 } else { 3 });
        assert!(
            verified.contains(&malformed.expected),
            "{}: {verified}",
            malformed.name
        );
        // There are no checksums to go by.
        assert!(!verified.contains("SHA256SUMS"), "{verified}");
        // Nothing of it is taken for good, by whomever it is read.
        let script = match (is_unreadable, malformed.counts) {
            (true, _) => 1,
            (false, true) => 0,
            (false, false) => 3,
        };
        let said = malformed.say(&["restore", "-f", "/dev/null"], script);
        for cause in said
            .lines()
            .filter_map(|line| line.strip_prefix("  caused by: "))
        {
            assert!(verified.contains(cause), "{}: {said}", malformed.name);
        }
        let inspected = Pgark::new(["inspect"]).arg(malformed.archive()).run();
        let status = inspected.status.code();
        assert!(
            matches!(status, Some(0 | 1 | 3)),
            "{}",
            inspected.describe()
        );
    }
}

/// A length or a count that is a lie must not cost memory or time: the program has little of both.
#[test]
fn numbers_that_lie_are_survived_in_little_memory() {
    // Half a gigabyte of addresses, and ten seconds. Threads must not reserve 64 MiB each, as glibc has it:
    // how many there are at once is chance.
    const LIMITS: &str = "export MALLOC_ARENA_MAX=1; ulimit -v 500000 -t 10";
    let lies = [[0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x40], [0xff; 4]];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    for (from, step) in [
        ("18/zstd.dump", 173),
        ("15/pipe.dump", 239),
        ("18/tar", 701),
    ] {
        let whole = std::fs::read(fixtures().join("pgdump").join(from)).unwrap();
        for (number, at) in (5..whole.len() - 4).step_by(step).enumerate() {
            let mut bytes = whole.clone();
            bytes[at..at + 4].copy_from_slice(&lies[number % lies.len()]);
            std::fs::write(&path, &bytes).unwrap();
            let words = ["verify", "--progress", "none", "-j", "1"];
            let verify = Pgark::new(words).arg(&path).under(LIMITS).run();
            let status = verify.status.code();
            assert!(
                matches!(status, Some(3 | 4)),
                "{from} at {at}: {}",
                verify.describe()
            );
        }
    }
}

//! Seeded damage to every golden archive: whatever is changed, the readers return, and soon.
//!
//! The same damages at every run, so that a failure can be repeated; `properties_tests` tries others each
//! time, and the targets in `fuzz/` look for those that matter. What memory it takes is measured where a
//! whole process can be limited (`tests/malformed.rs`).

use std::collections::HashMap;
use std::io::{self, BufReader, Cursor};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::files::Files;
use super::golden_tests::golden;
use super::tar::Members;
use super::testing::{read_custom, read_files};

/// Damaged copies of each golden archive.
const COPIES: u64 = 400;
/// No archive of some kilobytes takes this long, in a debug build on a busy machine.
const TIME_MAX: Duration = Duration::from_secs(20);

/// A generator of numbers (xorshift64*): the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Changes, takes out, doubles or cuts off a few bytes; lengths and counts are hit by values that hurt.
fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    const HURTING: [u32; 6] = [0, 1, 0xff, 0x4000_0000, 0x7fff_ffff, u32::MAX];
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        let end = bytes.len().min(at + 1 + numbers.below(40));
        match numbers.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let doubled = bytes[at..end].to_vec();
                bytes.splice(at..at, doubled);
            }
            3 | 4 => {
                let new = HURTING[numbers.below(HURTING.len())].to_le_bytes();
                let end = bytes.len().min(at + new.len());
                bytes.splice(at..end, new);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = numbers.next() as u8;
                }
            }
        }
    }
}

/// A folder in memory.
struct InMemory(HashMap<Vec<u8>, Arc<[u8]>>);

impl InMemory {
    fn of(path: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
        let folder = std::fs::read_dir(golden(path)).expect(path);
        let mut files: Vec<_> = folder
            .map(|entry| entry.expect(path).path())
            .map(|path| {
                let name = path.file_name().expect("a file").as_encoded_bytes();
                (name.to_vec(), std::fs::read(&path).expect("readable"))
            })
            .collect();
        files.sort();
        files
    }
}

impl Files for InMemory {
    type File = BufReader<Cursor<Arc<[u8]>>>;

    fn open(&self, name: &[u8]) -> io::Result<Option<Self::File>> {
        let content = self.0.get(name).cloned();
        Ok(content.map(|content| BufReader::new(Cursor::new(content))))
    }

    fn size(&self, name: &[u8]) -> Option<u64> {
        self.0.get(name).map(|content| content.len() as u64)
    }
}

#[track_caller]
fn timed(what: &str, seed: u64, read: impl FnOnce()) {
    let begin = Instant::now();
    read();
    assert!(begin.elapsed() < TIME_MAX, "{what}, seed {seed}");
}

#[test]
fn damaged_custom_archives_are_survived() {
    let paths = [
        "15/custom.dump",
        "15/none.dump",
        "16/inserts.dump",
        "17/pipe.dump",
        "18/lz4.dump",
        "18/zstd.dump",
    ];
    for path in paths {
        let whole = std::fs::read(golden(path)).expect(path);
        for seed in 1..=COPIES {
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut Numbers(seed));
            timed(path, seed, || read_custom(&bytes));
        }
    }
}

#[test]
fn damaged_tars_are_survived() {
    for path in ["15/tar", "16/inserts.tar", "18/tar"] {
        let whole = std::fs::read(golden(path)).expect(path);
        for seed in 1..=COPIES {
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut Numbers(seed));
            timed(path, seed, || {
                if let Ok(members) = Members::open(Cursor::new(bytes.as_slice())) {
                    read_files(members);
                }
            });
        }
    }
}

#[test]
fn damaged_directories_are_survived() {
    for path in ["15/directory", "17/directory-lz4", "18/directory-zstd"] {
        let whole = InMemory::of(path);
        for seed in 1..=COPIES {
            let mut numbers = Numbers(seed);
            let mut files = whole.clone();
            let number = numbers.below(files.len());
            damage(&mut files[number].1, &mut numbers);
            let files = files.into_iter().map(|(name, bytes)| (name, bytes.into()));
            let files = InMemory(files.collect());
            timed(path, seed, || read_files(files));
        }
    }
}

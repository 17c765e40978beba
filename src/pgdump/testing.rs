//! Reading all there is in an archive that may be damaged, for tests: whether it succeeds does not matter.

use std::io::{self, Cursor, Read};

use super::custom::{CustomArchive, CustomData};
use super::files::{FileArchive, Files};

/// What one entry's data may decode to: the rest would come as well, piece by piece.
const DECODED_BYTES_MAX: u64 = 8 << 20;

fn drain(content: impl Read) {
    io::copy(&mut content.take(DECODED_BYTES_MAX), &mut io::sink()).ok();
}

/// Everything in a custom archive.
pub(super) fn read_custom(bytes: &[u8]) {
    let Ok(archive) = CustomArchive::open(Cursor::new(bytes)) else {
        return;
    };
    archive.locate(Cursor::new(bytes)).ok();
    for entry in &archive.toc().entries {
        match archive.data(Cursor::new(bytes), entry.dump_id) {
            Ok(Some(CustomData::Data(data))) => drain(data),
            Ok(Some(CustomData::LargeObjects(mut objects))) => {
                while let Ok(Some(_)) = objects.next_object() {
                    drain(&mut objects);
                }
            }
            Ok(None) | Err(_) => (),
        }
    }
}

/// Everything in a directory or tar archive.
pub(super) fn read_files(files: impl Files) {
    let Ok(archive) = FileArchive::open(files) else {
        return;
    };
    for entry in &archive.toc().entries {
        if let Ok(Some(data)) = archive.data(entry) {
            drain(data);
        }
        for object in archive.large_objects(entry).unwrap_or_default() {
            if let Ok(content) = archive.large_object(&object) {
                drain(content);
            }
        }
    }
}

//! Any bytes as a toc.dat, a custom archive, a tar archive, the files of a directory, and a compressed
//! stream: no panic, no endless loop, no more memory than the input justifies (`-rss_limit_mb`).
//!
//! Good inputs to begin with: `fixtures/pgdump/*/*.dump`, `*/tar`, `*/directory*/*`.

#![no_main]

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pgark::pgdump::compress::{Codec, Decoder};
use pgark::pgdump::custom::{CustomArchive, CustomData};
use pgark::pgdump::files::{FileArchive, Files};
use pgark::pgdump::tar::Members;
use pgark::pgdump::{TocCompression, read_custom_toc, read_toc_dat, write_toc_dat};

/// How much of one entry is decoded: what is left would be as well.
const DECODED_BYTES: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(toc) = read_toc_dat(bytes) {
        let _ = write_toc_dat(&toc, TocCompression::Zstd);
    }
    let _ = read_custom_toc(bytes);
    custom(bytes);
    if let Ok(members) = Members::open(Cursor::new(bytes)) {
        files(members);
    }
    // The first part is toc.dat, the second every other file.
    let (toc, rest) = bytes.split_at(bytes.len() - bytes.len() / 4);
    files(Two {
        toc: toc.into(),
        rest: rest.into(),
    });
    for codec in [Codec::Zlib, Codec::Gzip, Codec::Lz4, Codec::Zstd] {
        if let Ok(content) = Decoder::new(bytes, codec) {
            drain(content);
        }
    }
});

fn drain(content: impl Read) {
    let _ = io::copy(&mut content.take(DECODED_BYTES), &mut io::sink());
}

fn custom(bytes: &[u8]) {
    let Ok(archive) = CustomArchive::open(Cursor::new(bytes)) else {
        return;
    };
    let found = archive.locate(Cursor::new(bytes)).unwrap_or_default();
    for (id, offset) in found {
        match archive.data_at(Cursor::new(bytes), id, offset) {
            Ok(CustomData::Data(data)) => drain(data),
            Ok(CustomData::LargeObjects(mut objects)) => {
                while let Ok(Some(_)) = objects.next_object() {
                    drain(&mut objects);
                }
            }
            Err(_) => {}
        }
    }
}

fn files(files: impl Files) {
    let Ok(archive) = FileArchive::open(files) else {
        return;
    };
    for entry in &archive.toc().entries {
        if let Ok(Some(content)) = archive.data(entry) {
            drain(content);
        }
        for object in archive.large_objects(entry).unwrap_or_default() {
            if let Ok(content) = archive.large_object(&object) {
                drain(content);
            }
        }
    }
}

struct Two {
    toc: Arc<[u8]>,
    rest: Arc<[u8]>,
}

impl Files for Two {
    type File = BufReader<Cursor<Arc<[u8]>>>;

    fn open(&self, name: &[u8]) -> io::Result<Option<Self::File>> {
        let content = match name {
            b"toc.dat" => &self.toc,
            _ => &self.rest,
        };
        Ok(Some(BufReader::new(Cursor::new(Arc::clone(content)))))
    }

    fn size(&self, name: &[u8]) -> Option<u64> {
        let content = if name == b"toc.dat" {
            &self.toc
        } else {
            &self.rest
        };
        Some(content.len() as u64)
    }
}

//! Members as the encoder makes them, and as no encoder makes them.

use super::super::chunk::{ChunkEncoder, Compression};
use super::*;
use proptest::prelude::*;

fn encoded(compression: Compression, rows: &[u8]) -> Vec<u8> {
    let mut encoder = ChunkEncoder::new(compression).unwrap_or_else(|e| panic!("{e}"));
    encoder.push_rows(rows).unwrap_or_else(|e| panic!("{e}"));
    let chunk = encoder.finish().unwrap_or_else(|e| panic!("{e}"));
    chunk.stored
}

fn decoded(
    stored: &[u8],
    compressed: bool,
    content: Content,
    raw_bytes: u64,
) -> Result<Vec<u8>, DecodeError> {
    let stored = Bytes::copy_from_slice(stored);
    let mut decoder = ChunkDecoder::new(stored, compressed, content, raw_bytes)?;
    let mut out = Vec::new();
    while let Some(block) = decoder.next_block()? {
        assert!(!block.is_empty() && block.len() <= BLOCK_BYTES_MAX);
        out.extend_from_slice(block);
    }
    assert!(matches!(decoder.next_block(), Ok(None)));
    Ok(out)
}

fn rows(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|n| format!("{n}\trow {}\n", n * 7919).into_bytes())
        .collect()
}

#[test]
fn rows_come_back_without_the_marker() {
    for count in [0, 1, 1000, 200_000] {
        let rows = rows(count);
        for compression in [Compression::None, Compression::Zstd(1)] {
            let stored = encoded(compression, &rows);
            let back = decoded(
                &stored,
                compression.is_compressed(),
                Content::Rows,
                rows.len() as u64,
            );
            assert_eq!(back.ok().as_ref(), Some(&rows), "{count} {compression}");
        }
    }
}

#[test]
fn sql_comes_back_as_it_was() {
    for compression in [Compression::None, Compression::Zstd(1)] {
        for sql in [&b""[..], b"SELECT lo_create(1);\n"] {
            let mut encoder = ChunkEncoder::new(compression).unwrap_or_else(|e| panic!("{e}"));
            encoder.push_sql(sql).unwrap_or_else(|e| panic!("{e}"));
            let chunk = encoder.finish_sql().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!((chunk.raw_bytes, chunk.rows), (sql.len() as u64, 0));
            let compressed = compression.is_compressed();
            let back = decoded(&chunk.stored, compressed, Content::Sql, sql.len() as u64);
            assert_eq!(back.ok().as_deref(), Some(sql));
        }
    }
}

#[test]
fn another_length_than_the_manifests_is_found() {
    let rows = rows(1000);
    for compression in [Compression::None, Compression::Zstd(1)] {
        let stored = encoded(compression, &rows);
        let compressed = compression.is_compressed();
        let length = rows.len() as u64;
        for wrong in [
            0,
            1,
            length - 1,
            length + 1,
            length + 4,
            length + 5,
            length + 6,
            u64::MAX,
        ] {
            assert!(
                decoded(&stored, compressed, Content::Rows, wrong).is_err(),
                "{wrong}"
            );
        }
        assert!(decoded(&stored, compressed, Content::Sql, length).is_err());
        assert!(decoded(&stored, compressed, Content::Sql, length + 5).is_ok());
    }
}

#[test]
fn a_second_frame_or_anything_else_behind_the_first_is_found() {
    let rows = rows(10);
    let stored = encoded(Compression::Zstd(1), &rows);
    let twice = [&stored[..], &stored].concat();
    let more = [&stored[..], b"x"].concat();
    for behind in [twice, more] {
        let result = decoded(&behind, true, Content::Rows, rows.len() as u64);
        assert!(matches!(result, Err(DecodeError::Trailing)), "{result:?}");
    }
}

#[test]
fn a_frame_that_unpacks_to_far_more_than_its_raw_size_stops_at_once() {
    let bomb = zstd::encode_all(io::repeat(0).take(256 << 20), 1).unwrap_or_default();
    let result = decoded(&bomb, true, Content::Rows, 100);
    assert!(matches!(result, Err(DecodeError::End)), "{result:?}");
}

#[test]
fn a_window_beyond_the_formats_bound_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap_or_else(|e| panic!("{e}"));
    encoder
        .set_parameter(zstd::zstd_safe::CParameter::WindowLog(27))
        .unwrap_or_default();
    io::copy(&mut io::repeat(b'x').take(64 << 20), &mut encoder).unwrap_or_default();
    let wide = encoder.finish().unwrap_or_default();
    let result = decoded(&wide, true, Content::Sql, 64 << 20);
    assert!(matches!(result, Err(DecodeError::Frame(_))), "{result:?}");
}

use std::io::Read as _;

#[test]
fn a_member_in_pieces_is_the_member() {
    let rows = rows(2000);
    for compression in [Compression::None, Compression::Zstd(1)] {
        let stored = Bytes::from(encoded(compression, &rows));
        for piece_bytes in [1, 3, 1000, stored.len() - 1, stored.len()] {
            let length = rows.len() as u64;
            let compressed = compression.is_compressed();
            let decoder = ChunkDecoder::in_pieces(compressed, Content::Rows, length);
            let mut decoder = decoder.unwrap_or_else(|e| panic!("{e}"));
            let mut out = Vec::new();
            let mut rest = stored.clone();
            while !rest.is_empty() {
                let piece = rest.split_to(piece_bytes.min(rest.len()));
                let last = if rest.is_empty() {
                    Piece::Last
                } else {
                    Piece::First
                };
                decoder.feed(piece, last);
                while let Some(block) = decoder.next_block().unwrap_or_else(|e| panic!("{e}")) {
                    out.extend_from_slice(block);
                }
            }
            assert!(
                decoder.end_checked && out == rows,
                "{compression} {piece_bytes}"
            );
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(
        mut stored in prop::collection::vec(any::<u8>(), 0..200),
        genuine in any::<bool>(),
        raw_bytes in 0u64..5000,
    ) {
        if genuine {
            let frame = encoded(Compression::Zstd(1), &rows(100));
            stored.iter_mut().zip(frame).skip(3).for_each(|(to, from)| *to = from);
        }
        let _ = decoded(&stored, true, Content::Rows, raw_bytes);
    }
}

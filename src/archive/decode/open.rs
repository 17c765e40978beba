//! Decoding a member before anybody knows how much it must hold, as in a pipe, where the manifest comes last.
//!
//! Everything is decoded, a block at a time. Afterwards [`OpenEnd::judge`] gives the verdict that
//! [`ChunkDecoder`] would have given with the manifest at hand.

use bytes::Bytes;

use super::{ChunkDecoder, Content, DecodeError, END_MARKER, Piece};

/// Decodes one member, given in pieces.
pub struct OpenDecoder {
    decoder: Result<ChunkDecoder, DecodeError>,
    bytes: u64,
    /// The last bytes so far, which may be the end marker: at most as many as it has.
    last: Vec<u8>,
    trailing: bool,
}

/// The outcome.
#[derive(Debug)]
pub struct OpenEnd {
    failed: Option<DecodeError>,
    /// How much was decoded.
    bytes: u64,
    last: Vec<u8>,
    frame_ended: bool,
    trailing: bool,
}

impl OpenDecoder {
    /// A decoder of a member, compressed or not.
    pub fn new(compressed: bool) -> Self {
        Self {
            // More than any member holds, so that its end is never looked for.
            decoder: ChunkDecoder::in_pieces(compressed, Content::Sql, u64::MAX),
            bytes: 0,
            last: Vec::new(),
            trailing: false,
        }
    }

    /// Decodes the next piece and hands on all of it but the last bytes, which may be no rows.
    pub fn feed(&mut self, stored: Bytes, mut rows: impl FnMut(&[u8])) {
        let Ok(decoder) = &mut self.decoder else {
            return;
        };
        decoder.feed(stored, Piece::First);
        loop {
            match decoder.next_block() {
                Ok(Some(block)) => {
                    self.bytes += block.len() as u64;
                    hold_back(&mut self.last, block, &mut rows);
                }
                Ok(None) => break,
                Err(error) => {
                    self.decoder = Err(error);
                    return;
                }
            }
        }
        self.trailing |= decoder.at < decoder.stored.len();
    }

    /// The member ends here.
    pub fn finish(self) -> OpenEnd {
        let (failed, frame_ended) = match self.decoder {
            Ok(decoder) => (None, decoder.codec.is_none() || decoder.frame_ended),
            Err(error) => (Some(error), false),
        };
        OpenEnd {
            failed,
            bytes: self.bytes,
            last: self.last,
            frame_ended,
            trailing: self.trailing,
        }
    }
}

/// Hands on all but the last bytes of everything so far.
fn hold_back(last: &mut Vec<u8>, block: &[u8], rows: &mut impl FnMut(&[u8])) {
    let held = block.len().min(END_MARKER.len());
    let (before, end) = block.split_at(block.len() - held);
    let surplus = (last.len() + held).saturating_sub(END_MARKER.len());
    // Only a block of a few bytes leaves some of the held bytes in place.
    rows(&last[..surplus]);
    last.drain(..surplus);
    rows(before);
    last.extend_from_slice(end);
}

impl OpenEnd {
    /// Whether the member holds this content, of `raw_bytes` without the end marker.
    pub fn judge(self, content: Content, raw_bytes: u64) -> Result<(), DecodeError> {
        let marker = match content {
            Content::Rows => END_MARKER,
            Content::Sql => b"",
        };
        if let Some(rest) = self.bytes.checked_sub(raw_bytes)
            && rest > marker.len() as u64
        {
            return Err(DecodeError::End);
        }
        if let Some(error) = self.failed {
            return Err(error);
        }
        let Some(rest) = self.bytes.checked_sub(raw_bytes) else {
            let missing = raw_bytes - self.bytes;
            return Err(DecodeError::Short { missing });
        };
        // At most as long as the marker, which is how much was held back.
        let found = &self.last[self.last.len().saturating_sub(rest as usize)..];
        match marker.starts_with(found) {
            false => Err(DecodeError::End),
            true if self.trailing => Err(DecodeError::Trailing),
            true if found != marker || !self.frame_ended => Err(DecodeError::End),
            true => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(stored: &[u8], compressed: bool, content: Content, raw_bytes: u64) -> String {
        let stored = Bytes::copy_from_slice(stored);
        let mut decoder = match ChunkDecoder::new(stored, compressed, content, raw_bytes) {
            Ok(decoder) => decoder,
            Err(error) => return error.to_string(),
        };
        loop {
            match decoder.next_block() {
                Ok(Some(_)) => {}
                Ok(None) => return "fine".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    }

    fn open(stored: &[u8], compressed: bool, pieces: usize) -> (OpenEnd, Vec<u8>) {
        let mut decoder = OpenDecoder::new(compressed);
        let mut rows = Vec::new();
        for piece in stored.chunks(pieces) {
            decoder.feed(Bytes::copy_from_slice(piece), |block| {
                rows.extend_from_slice(block)
            });
        }
        (decoder.finish(), rows)
    }

    #[test]
    fn rows_come_without_the_end_of_the_data() {
        for (text, rows) in [
            ("1\n2\n\\.\n\n\n", "1\n2\n"),
            ("\\.\n\n\n", ""),
            ("1\n", ""),
            ("", ""),
        ] {
            for pieces in 1..9 {
                assert_eq!(open(text.as_bytes(), false, pieces).1, rows.as_bytes());
            }
        }
    }

    proptest! {
        #[test]
        fn it_says_what_a_decoder_that_knows_the_size_says(
            rows in prop::sample::select(vec!["", "1\n", "1\t2\n3\t4\n", "SELECT 1;\n"]),
            end in prop::sample::select(vec!["\\.\n\n\n", "\\.\n\n", "", "x", "\\.\n\n\n\n", "\\.\n\n\nmore"]),
            after in prop::sample::select(vec!["", "x", "trailing"]),
            cut in 0_usize..4,
            compressed in any::<bool>(),
            is_sql in any::<bool>(),
            raw_bytes in 0_u64..16,
            pieces in 1_usize..40,
        ) {
            let text = format!("{rows}{end}");
            let mut stored = if compressed { zstd::encode_all(text.as_bytes(), 1).unwrap_or_default() } else { text.into_bytes() };
            stored.truncate(stored.len() - cut.min(stored.len()));
            stored.extend_from_slice(after.as_bytes());
            let content = if is_sql { Content::Sql } else { Content::Rows };
            let judged = open(&stored, compressed, pieces).0.judge(content, raw_bytes);
            let said = judged.map_or_else(|error| error.to_string(), |()| "fine".to_owned());
            let is_broken = said.contains("frame cannot be decoded");
            let known = known(&stored, compressed, content, raw_bytes);
            // Where a frame is broken, a decoder that knows the size may stop before it gets there.
            prop_assert!(said == known || (is_broken && known != "fine"), "{} {}", said, known);
        }
    }
}

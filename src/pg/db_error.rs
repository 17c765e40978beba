//! What a server says in an ErrorResponse or NoticeResponse.
//!
//! The texts are for people: bytes that are not UTF-8 (a server in another encoding, or a message
//! sent before the encoding was agreed on) are replaced, never a reason to fail, and a field is cut
//! at [`FIELD_BYTES_MAX`]. Not here: our own errors ([`super::Error`]).

use std::fmt;

/// A longer field is cut: some messages repeat the whole offending value, which may be a gigabyte.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// An error or notice from the server, field by field (PostgreSQL documentation, "Error and Notice
/// Message Fields").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DbError {
    /// ERROR, FATAL, PANIC, or WARNING, NOTICE, DEBUG, INFO, LOG; never translated from server 9.6 on.
    pub severity: String,
    /// The SQLSTATE, five characters.
    pub code: String,
    /// The primary message.
    pub message: String,
    /// A secondary message with more about the problem.
    pub detail: Option<String>,
    /// A suggestion.
    pub hint: Option<String>,
    /// Where it happened: a call stack, or the table and line of a COPY.
    pub context: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<u32>,
    /// The schema of the object in question.
    pub schema: Option<String>,
    /// The table in question.
    pub table: Option<String>,
    /// The column in question.
    pub column: Option<String>,
    /// The data type in question.
    pub data_type: Option<String>,
    /// The constraint in question.
    pub constraint: Option<String>,
    /// Whether the connection ended with it, whatever its severity: a server that we can still hear, and that
    /// does not hear us any more, says ERROR 08006 ("unexpected EOF on client connection") and is gone.
    pub ended_session: bool,
}

impl DbError {
    /// Reads the body of a message: a byte that names the field, its text up to a zero byte, and so
    /// on up to a zero byte in place of a name. Fields that are unknown, or cut off, are left out.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let mut error = Self::default();
        let mut rest = body;
        while let Some((&kind, after)) = rest.split_first() {
            let Some(end) = after.iter().position(|byte| *byte == 0) else {
                break;
            };
            if kind == 0 {
                break;
            }
            let text = &after[..end.min(FIELD_BYTES_MAX)];
            error.set(kind, String::from_utf8_lossy(text).into_owned());
            rest = &after[end + 1..];
        }
        error
    }

    fn set(&mut self, kind: u8, text: String) {
        match kind {
            // V is S untranslated and comes after it; servers before 9.6 send S alone.
            b'S' | b'V' => self.severity = text,
            b'C' => self.code = text,
            b'M' => self.message = text,
            b'D' => self.detail = Some(text),
            b'H' => self.hint = Some(text),
            b'W' => self.context = Some(text),
            b'P' => self.position = text.parse().ok(),
            b's' => self.schema = Some(text),
            b't' => self.table = Some(text),
            b'c' => self.column = Some(text),
            b'd' => self.data_type = Some(text),
            b'n' => self.constraint = Some(text),
            _ => {}
        }
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        if !self.code.is_empty() {
            write!(f, " (SQLSTATE {})", self.code)?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DbError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_unknown_ones_skipped() {
        let body = b"SERREUR\0VERROR\0C42P01\0Mno \"t\"\0P15\0qselect\0Wline 1\0\0";
        let error = DbError::parse(body);
        assert_eq!(error.severity, "ERROR");
        assert_eq!(error.to_string(), "no \"t\" (SQLSTATE 42P01)");
        assert_eq!(error.position, Some(15));
        assert_eq!(error.context.as_deref(), Some("line 1"));
    }

    #[test]
    fn other_encodings_and_cut_bodies_do_not_fail() {
        assert_eq!(DbError::parse(b"Mcaf\xe9\0\0").message, "caf\u{fffd}");
        assert_eq!(DbError::parse(b"Mcut off"), DbError::default());
        assert_eq!(DbError::parse(b""), DbError::default());
        let long = [
            b"M".as_slice(),
            &vec![b'x'; FIELD_BYTES_MAX + 9],
            b"\0C22P02\0\0",
        ]
        .concat();
        let error = DbError::parse(&long);
        assert_eq!(error.message.len(), FIELD_BYTES_MAX);
        assert_eq!(error.code, "22P02");
    }
}

//! The file of `--filter`: names to include and to leave out, one to a line.
//!
//! Pure. The format is that of `--filter` of pg_dump and pg_restore (documentation of pg_restore;
//! `filter.c` in PostgreSQL's `bin/pg_dump`): `include` or `exclude`, a sort of object, a name; `#`
//! begins a comment; a name in double quotes may hold anything, line ends too. Not here: which sorts a dump
//! or a restore knows.

use bstr::BString;

/// A line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FilterError {
    line: usize,
    what: String,
}

/// Gives the names in `text`, one after the other, to the list that `list` has for the two words before each.
/// A sort of object that is `None` there is not possible `in_a` dump or restore.
pub fn read<T>(
    text: &[u8],
    into: &mut T,
    in_a: &str,
    list: impl for<'t> Fn(&'t mut T, &[u8], &[u8]) -> Option<&'t mut Vec<BString>>,
) -> Result<(), FilterError> {
    let mut cursor = Cursor {
        text,
        at: 0,
        line: 1,
    };
    while cursor.skip_to_item() {
        let line = cursor.line;
        let fail = |what: String| FilterError { line, what };
        let command = cursor.keyword();
        cursor.skip_blanks();
        let object = cursor.keyword();
        let word = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
        match (command, object) {
            (b"include" | b"exclude", b"") => {
                return Err(fail("a sort of object is missing".to_owned()));
            }
            (b"include" | b"exclude", _) => {}
            _ => return Err(fail("a line begins with include or exclude".to_owned())),
        }
        let names = list(into, command, object).ok_or_else(|| {
            let (command, object) = (word(command), word(object));
            fail(format!(
                "{command} is not possible for \"{object}\" in a {in_a}"
            ))
        })?;
        names.push(cursor.name().map_err(fail)?);
    }
    Ok(())
}

/// The text of a filter file from a position on.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        self.line += usize::from(byte == b'\n');
        Some(byte)
    }

    /// Goes to the next line that says something; false at the end.
    fn skip_to_item(&mut self) -> bool {
        while let Some(byte) = self.peek() {
            if byte == b'#' {
                self.skip_while(|byte| byte != b'\n');
            } else if byte.is_ascii_whitespace() {
                self.next();
            } else {
                return true;
            }
        }
        false
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&test) {
            self.next();
        }
    }

    /// Passes over blanks within the line. Returns whether there were any.
    fn skip_blanks(&mut self) -> bool {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_whitespace() && byte != b'\n');
        self.at > start
    }

    fn keyword(&mut self) -> &'a [u8] {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        &self.text[start..self.at]
    }

    /// The rest of the line, with blanks as `read_pattern` in `filter.c` leaves them: one after a comma,
    /// none about dots and parentheses, one for many elsewhere. Quotes stay.
    fn name(&mut self) -> Result<BString, String> {
        let mut name = BString::default();
        self.skip_blanks();
        let mut had_blank = false;
        while let Some(byte) = self.peek().filter(|byte| !matches!(byte, b'#' | b'\n')) {
            let is_tight = |byte: u8| matches!(byte, b'.' | b'(' | b')' | b',');
            let after_tight = name
                .last()
                .is_none_or(|&last| is_tight(last) || last == b' ');
            if had_blank && !after_tight && !is_tight(byte) {
                name.push(b' ');
            }
            match byte {
                b'"' => self.quoted(&mut name)?,
                b',' => {
                    name.extend_from_slice(b", ");
                    self.next();
                }
                _ => {
                    name.push(byte);
                    self.next();
                }
            }
            had_blank = self.skip_blanks();
        }
        if name.is_empty() {
            return Err("a name is missing".to_owned());
        }
        Ok(name)
    }

    fn quoted(&mut self, name: &mut BString) -> Result<(), String> {
        name.extend(self.next());
        loop {
            let byte = self.next().ok_or("a quoted name does not end")?;
            name.push(byte);
            if byte == b'"' {
                match self.peek() {
                    Some(b'"') => name.extend(self.next()),
                    _ => return Ok(()),
                }
            }
        }
    }
}

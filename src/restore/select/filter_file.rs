//! The file of `--filter`: names to include and to leave out, one to a line.
//!
//! Pure. The format is that of `--filter` of pg_dump and pg_restore (documentation of pg_restore;
//! `filter.c` in PostgreSQL's `bin/pg_dump`): `include` or `exclude`, a sort of object, a name; `#`
//! begins a comment; a name in double quotes may hold anything, line ends too. pg_restore includes
//! tables, indexes, functions, triggers and schemas, and leaves out schemas; so do we.

use bstr::BString;

use crate::restore::selection::Selection;

/// A line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FilterError {
    line: usize,
    what: String,
}

/// Adds the names in `text` to those of `selection`.
pub fn add_filters(text: &[u8], selection: &mut Selection) -> Result<(), FilterError> {
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
        let names = names(command, object, selection).map_err(fail)?;
        names.push(cursor.name().map_err(fail)?);
    }
    Ok(())
}

/// Where a name goes after these two words.
fn names<'a>(
    command: &[u8],
    object: &[u8],
    selection: &'a mut Selection,
) -> Result<&'a mut Vec<BString>, String> {
    let word = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    match (command, object) {
        (b"include", b"table") => Ok(&mut selection.tables),
        (b"include", b"index") => Ok(&mut selection.indexes),
        (b"include", b"function") => Ok(&mut selection.functions),
        (b"include", b"trigger") => Ok(&mut selection.triggers),
        (b"include", b"schema") => Ok(&mut selection.schemas),
        (b"exclude", b"schema") => Ok(&mut selection.exclude_schemas),
        (b"include" | b"exclude", b"") => Err("a sort of object is missing".to_owned()),
        (b"include" | b"exclude", _) => Err(format!(
            "{} is not possible for \"{}\" in a restore",
            word(command),
            word(object)
        )),
        _ => Err("a line begins with include or exclude".to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Selection, String> {
        let mut selection = Selection::default();
        add_filters(text.as_bytes(), &mut selection).map_err(|error| error.to_string())?;
        Ok(selection)
    }

    #[test]
    fn names_go_where_the_words_say() {
        let text = "# what\n\n include table  a b # not this\ninclude index i\n\
                    include function f( integer ,app.kind )\ninclude trigger\tt\n\
                    include schema \"x # \"\"\n y\" . z\nexclude schema other";
        let selection = parsed(text).unwrap();
        assert_eq!(selection.tables, ["a b"]);
        assert_eq!(selection.indexes, ["i"]);
        assert_eq!(selection.functions, ["f(integer, app.kind)"]);
        assert_eq!(selection.triggers, ["t"]);
        assert_eq!(selection.schemas, ["\"x # \"\"\n y\".z"]);
        assert_eq!(selection.exclude_schemas, ["other"]);
        assert!(parsed("").is_ok());
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line() {
        for (text, said) in [
            (
                "\nkeep table x",
                "line 2: a line begins with include or exclude",
            ),
            ("include", "line 1: a sort of object is missing"),
            ("include schema #x", "line 1: a name is missing"),
            (
                "exclude table t",
                "line 1: exclude is not possible for \"table\" in a restore",
            ),
            (
                "include table_data t",
                "line 1: include is not possible for \"table_data\" in a restore",
            ),
            (
                "include table \"a\n\n",
                "line 1: a quoted name does not end",
            ),
        ] {
            assert_eq!(parsed(text).err().as_deref(), Some(said), "{text}");
        }
    }
}

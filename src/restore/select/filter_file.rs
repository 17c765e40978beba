//! The file of `--filter` in a restore: where its names go.
//!
//! Pure. `toc::filter_file` has the format. pg_restore includes tables, indexes, functions, triggers and
//! schemas, and leaves out schemas; so do we.

use crate::restore::selection::Selection;
use crate::toc::filter_file::{self, FilterError};

/// Adds the names in `text` to those of `selection`.
pub fn add_filters(text: &[u8], selection: &mut Selection) -> Result<(), FilterError> {
    filter_file::read(
        text,
        selection,
        "restore",
        |selection, command, object| match (command, object) {
            (b"include", b"table") => Some(&mut selection.tables),
            (b"include", b"index") => Some(&mut selection.indexes),
            (b"include", b"function") => Some(&mut selection.functions),
            (b"include", b"trigger") => Some(&mut selection.triggers),
            (b"include", b"schema") => Some(&mut selection.schemas),
            (b"exclude", b"schema") => Some(&mut selection.exclude_schemas),
            _ => None,
        },
    )
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

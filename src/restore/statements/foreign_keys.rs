//! Foreign keys in two steps: added without looking at the rows, then checked.
//!
//! Pure. `ADD .. FOREIGN KEY` locks both tables against every change for as long as it checks the rows
//! (ShareRowExclusiveLock), so that the keys of a schema queue up behind one another at the tables
//! that everybody references. `ADD .. NOT VALID` takes the same locks for a moment, and `VALIDATE
//! CONSTRAINT` then locks only the referencing table in a way that disturbs others
//! (`ATExecValidateConstraint` in tablecmds.c; documentation of ALTER TABLE, NOT VALID). The outcome is
//! the same: a key that rows violate is dropped again, as if it had never been added.

use bstr::{BString, ByteSlice};

use crate::restore::statements::text::joined;
use crate::toc::TocEntry;
use crate::toc::lex::{Token, TokenKind, tokens};

/// One key's statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    /// Adds it without a look at the rows.
    pub(crate) add: BString,
    /// Checks the rows.
    pub(crate) validate: BString,
    /// Takes it away again.
    pub(crate) drop: BString,
}

/// The statements for a definition as pg_dump writes it for a table that is not partitioned:
/// `ALTER TABLE ONLY table ADD CONSTRAINT name FOREIGN KEY ...;`. None where it must stay whole: a
/// partitioned table cannot have it (before 18), and a key that is not checked needs no check.
pub(crate) fn split(entry: &TocEntry) -> Option<Split> {
    let defn = entry.definition();
    let words: Vec<Token> = tokens(defn)
        .filter(|token| token.kind != TokenKind::Blank)
        .collect();
    let is = |at: usize, word: &[u8]| {
        let token = words.get(at)?;
        defn[token.range.clone()]
            .eq_ignore_ascii_case(word)
            .then_some(())
    };
    is(0, b"ALTER")?;
    is(1, b"TABLE")?;
    is(2, b"ONLY")?;
    let add = (3..words.len()).find(|&at| is(at, b"ADD").is_some())?;
    is(add + 1, b"CONSTRAINT")?;
    is(add + 3, b"FOREIGN")?;
    let last = words.len() - 1;
    let is_unchecked = (add..last).any(|at| {
        is(at, b"NOT").is_some() && (is(at + 1, b"VALID").or(is(at + 1, b"ENFORCED"))).is_some()
    });
    if words[last].kind != TokenKind::Semicolon || is_unchecked {
        return None;
    }
    let table = defn[words[3].range.start..words[add].range.start].trim();
    let name = &defn[words[add + 2].range.clone()];
    let body = &defn[..words[last].range.start];
    let alter = |action: &[u8]| joined(&[b"ALTER TABLE ONLY ", table, action, name, b";\n"]);
    Some(Split {
        add: joined(&[body, b" NOT VALID;\n"]),
        validate: alter(b" VALIDATE CONSTRAINT "),
        drop: alter(b" DROP CONSTRAINT "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::entry;
    use crate::toc::ObjectKind;

    fn parts(defn: &str) -> Option<Split> {
        let mut key = entry(1, ObjectKind::FkConstraint, Some("s"), "t k");
        key.defn = Some(defn.into());
        split(&key)
    }

    #[test]
    fn a_key_is_added_first_and_checked_afterwards() {
        let defn = "ALTER TABLE ONLY s.\"ADD CONSTRAINT\"\n    ADD CONSTRAINT \"NOT VALID\" FOREIGN KEY (a) \
                    REFERENCES s.u(b) ON DELETE CASCADE DEFERRABLE;\n";
        let parts = parts(defn).unwrap();
        assert_eq!(
            parts.add,
            "ALTER TABLE ONLY s.\"ADD CONSTRAINT\"\n    ADD CONSTRAINT \"NOT VALID\" FOREIGN KEY (a) \
             REFERENCES s.u(b) ON DELETE CASCADE DEFERRABLE NOT VALID;\n"
        );
        assert_eq!(
            parts.validate,
            "ALTER TABLE ONLY s.\"ADD CONSTRAINT\" VALIDATE CONSTRAINT \"NOT VALID\";\n"
        );
        assert_eq!(
            parts.drop,
            "ALTER TABLE ONLY s.\"ADD CONSTRAINT\" DROP CONSTRAINT \"NOT VALID\";\n"
        );
    }

    #[test]
    fn what_is_not_checked_or_partitioned_stays_whole() {
        let key = "ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES s.u(b)";
        assert_eq!(parts(&format!("ALTER TABLE s.t\n    {key};\n")), None);
        assert_eq!(
            parts(&format!("ALTER TABLE ONLY s.t\n    {key} NOT VALID;\n")),
            None
        );
        assert_eq!(
            parts(&format!("ALTER TABLE ONLY s.t\n    {key} NOT ENFORCED;\n")),
            None
        );
        assert_eq!(parts(""), None);
    }
}

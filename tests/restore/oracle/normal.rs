//! A script as a list of statements that can be compared: comments, empty lines and needless quotes
//! gone, the COPY blocks of one table put together.

use bstr::{BString, ByteSlice};

/// The statements of a script, in order. psql's own commands are statements too.
pub fn statements(script: &[u8]) -> Vec<BString> {
    let mut found: Vec<BString> = Vec::new();
    let mut statement = BString::default();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() || line.starts_with(b"--") {
            continue;
        }
        let line = unquoted(line);
        if statement.is_empty() && line.starts_with(b"COPY ") && line.ends_with(b"FROM stdin;") {
            let rows = lines.by_ref().take_while(|line| line != b"\\.");
            copy(&mut found, line, rows);
            continue;
        }
        statement.extend_from_slice(&line);
        let is_command = statement.starts_with(b"\\");
        if line.trim_end().ends_with(b";") || is_command {
            found.push(std::mem::take(&mut statement));
        } else {
            statement.push(b'\n');
        }
    }
    found.extend(Some(statement).filter(|rest| !rest.is_empty()));
    found
}

/// Adds rows; to the statement before if it is for the same table. Triggers that are enabled after
/// one chunk and disabled before the next stay disabled.
fn copy<'a>(found: &mut Vec<BString>, head: BString, rows: impl Iterator<Item = &'a [u8]>) {
    let is_trigger = |statement: &BString, verb: &[u8]| {
        statement.starts_with(b"ALTER TABLE") && statement.ends_with(verb)
    };
    if let [.., before, enable, disable] = found.as_slice()
        && before.starts_with(&head)
        && is_trigger(enable, b" ENABLE TRIGGER ALL;")
        && is_trigger(disable, b" DISABLE TRIGGER ALL;")
    {
        found.truncate(found.len() - 2);
    }
    if !found.last().is_some_and(|last| last.starts_with(&head)) {
        found.push(head);
    }
    if let Some(statement) = found.last_mut() {
        for row in rows {
            statement.push(b'\n');
            statement.extend_from_slice(row);
        }
    }
}

/// `"name"` as `name` where the quotes change nothing but for keywords, which are keywords in both
/// scripts.
fn unquoted(line: &[u8]) -> BString {
    let mut pieces = line.split(|&byte| byte == b'"');
    let mut out = BString::from(pieces.next().unwrap_or_default());
    while let Some(inside) = pieces.next() {
        let is_plain = !inside.is_empty()
            && !inside[0].is_ascii_digit()
            && inside
                .iter()
                .all(|&byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let Some(after) = pieces.next() else {
            out.push(b'"');
            out.extend_from_slice(inside);
            return out;
        };
        let quote: &[u8] = if is_plain { b"" } else { b"\"" };
        out.extend_from_slice(&[quote, inside, quote, after].concat());
    }
    out
}

#[test]
fn chunks_and_quotes_and_comments_make_no_difference() {
    let ours = statements(
        b"-- c\nALTER TABLE \"a\".\"B c\" OWNER\n  TO x;\n\nCOPY \"a\".t (x) FROM stdin;\n1\n-- 2\n\n\\.\n\\restrict k\n",
    );
    let theirs = statements(
        b"ALTER TABLE a.\"B c\" OWNER\n\n  TO x;\nCOPY a.t (x) FROM stdin;\n1\n\\.\n\nCOPY a.t (x) FROM stdin;\n-- 2\n\n\\.\n\n\\restrict k\n",
    );
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 3);
    assert_ne!(ours, statements(b"COPY a.t (x) FROM stdin;\n1\n\\.\n"));
}

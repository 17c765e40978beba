//! How many columns a COPY statement names. Pure.

/// The number of columns in `COPY table (a, b) FROM stdin;`, zero where there is no list (pg_dump writes none
/// for a table without columns); `None` for any other statement.
///
/// Names in quotes may hold commas, parentheses, and quotes that are doubled.
pub(super) fn count(statement: &[u8]) -> Option<u32> {
    let mut rest = statement.strip_prefix(b"COPY ")?;
    let mut quoted = false;
    let mut inside = false;
    let mut columns = 0;
    while let Some((&byte, tail)) = rest.split_first() {
        match byte {
            // A doubled quote ends and begins at once, which leaves nothing behind.
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' if !inside => {
                inside = true;
                columns = 1;
            }
            b',' if inside => columns += 1,
            b')' if inside => return tail.starts_with(b" FROM stdin;").then_some(columns),
            b' ' if !inside && tail.trim_ascii_start().starts_with(b"FROM stdin;") => {
                return Some(0);
            }
            _ => {}
        }
        rest = tail;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_whatever_their_names() {
        let cases: [(&str, Option<u32>); 8] = [
            ("COPY public.t (a) FROM stdin;\n", Some(1)),
            ("COPY s.t (a, b, \"c,)(\"\"x\") FROM stdin;\n", Some(3)),
            (
                "COPY \"s (a, b\".\"t FROM stdin;\" (a, b) FROM stdin;\n",
                Some(2),
            ),
            ("COPY public.empty  FROM stdin;\n", Some(0)),
            ("COPY public.empty FROM stdin;\n", Some(0)),
            ("COPY public.t (a, b", None),
            ("COPY public.t (a) TO stdout;", None),
            ("SELECT 1", None),
        ];
        for (statement, columns) in cases {
            assert_eq!(count(statement.as_bytes()), columns, "{statement}");
        }
    }
}

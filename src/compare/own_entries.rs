//! What a table of contents says about its database itself, in words that do not depend on how that is
//! called, nor on the tablespace it is in. Pure.

use bstr::{BString, ByteSlice};

/// The statements of such an entry, the database called by none of `names`.
///
/// pg_dump writes the tablespace at the end of CREATE DATABASE (`dumpDatabase`). Both sides lose every clause
/// with one of `names`, so a mere lookalike is lost on both.
pub(super) fn impersonal(sql: &[u8], names: [&[u8]; 2]) -> BString {
    let mut text = match sql.split_once_str(" TABLESPACE = ") {
        Some((before, after)) if before.starts_with(b"CREATE DATABASE ") => {
            let end = after.find_byte(b';').unwrap_or(after.len());
            [before, &after[end..]].concat()
        }
        _ => sql.trim().to_vec(),
    };
    for name in names {
        let quoted = [b"\"", &name.replace("\"", "\"\"")[..], b"\""].concat();
        let literal = [b"datname = '", &name.replace("'", "''")[..], b"'"].concat();
        text = text.replace([b"DATABASE ", &quoted[..]].concat(), "DATABASE ?");
        text = text.replace(literal, "datname = ?");
        text = without_word(&text, name);
    }
    text.trim().into()
}

/// `DATABASE name` where the name needs no quotes.
fn without_word(text: &[u8], name: &[u8]) -> Vec<u8> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let mut parts = text.split_str("DATABASE ");
    let mut out = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let rest = part.strip_prefix(name);
        let rest = rest.filter(|rest| !rest.first().is_some_and(is_word));
        out.extend_from_slice(b"DATABASE ");
        match rest {
            Some(rest) => out.extend([b"?", rest].concat()),
            None => out.extend_from_slice(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_and_tablespace_are_the_same_and_another_setting_is_not() {
        let say = |sql: &str| impersonal(sql.as_bytes(), [b"jobs", b"A \"B"]);
        let jobs = "CREATE DATABASE jobs WITH TEMPLATE = template0 TABLESPACE = fast;\n\nALTER DATABASE jobs OWNER TO jobs;\n";
        let other = "CREATE DATABASE \"A \"\"B\" WITH TEMPLATE = template0;\n\nALTER DATABASE \"A \"\"B\" OWNER TO jobs;";
        assert_eq!(say(jobs), say(other));
        assert_eq!(
            say("ALTER DATABASE jobs SET x TO '1';"),
            "ALTER DATABASE ? SET x TO '1';"
        );
        assert_eq!(
            say("ALTER DATABASE jobs_2 SET x TO '1';"),
            "ALTER DATABASE jobs_2 SET x TO '1';"
        );
    }
}

//! Large objects as rows of a COPY: object, offset, bytes in hexadecimal.
//!
//! The statements and the reading of their rows; `dump` and `compare` use the rows.

use bstr::ByteSlice;

use crate::pg::{self, Session};

/// Bytes that one row of the slices query holds.
const SLICE_BYTES: u64 = 256 << 10;

/// How large objects can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Straight from pg_largeobject, for those who may read it.
    Pages,
    /// Through the functions that check each object's own grants.
    Functions,
}

/// The statement that reads the objects `from_oid..=to_oid` as rows of object, offset and bytes.
pub fn copy_out(access: Access, from_oid: u32, to_oid: u32) -> String {
    let template = match access {
        Access::Pages => include_str!("sql/large_object_pages.sql"),
        Access::Functions => include_str!("sql/large_object_slices.sql"),
    };
    let query: Vec<&str> = template
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    let query = query.join("\n").trim_end().trim_end_matches(';').to_owned();
    let query = query
        .replace(":from_oid", &from_oid.to_string())
        .replace(":to_oid", &to_oid.to_string())
        .replace(":slice_bytes", &SLICE_BYTES.to_string());
    format!("COPY ({query}) TO STDOUT")
}

/// How the session's user can read large objects.
pub async fn access(session: &mut Session) -> Result<Access, pg::Error> {
    let sql = b"SELECT pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')";
    let rows = session.query(sql, &[]).await?;
    let readable = rows.first().map_or(Ok(false), |row| row.bool(0))?;
    Ok(if readable {
        Access::Pages
    } else {
        Access::Functions
    })
}

/// A row: object, offset and hexadecimal digits. `None` for any other line.
///
/// `oid <tab> offset <tab> \\x...`: COPY doubles the backslash of bytea's text.
pub fn parse(line: &[u8]) -> Option<(u32, u64, &[u8])> {
    let mut fields = line.splitn(3, |&byte| byte == b'\t');
    let number = |field: &[u8]| field.to_str().ok().map(str::to_owned);
    let oid = number(fields.next()?)?.parse().ok()?;
    let offset = number(fields.next()?)?.parse().ok()?;
    let hex = fields.next()?.strip_prefix(b"\\\\x")?;
    let digits = hex.iter().all(u8::is_ascii_hexdigit) && hex.len() % 2 == 0;
    digits.then_some((oid, offset, hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queries_are_whole_statements() {
        let sql = copy_out(Access::Pages, 5, 9);
        assert!(
            sql.starts_with("COPY (SELECT") && sql.ends_with(") TO STDOUT"),
            "{sql}"
        );
        assert!(!copy_out(Access::Functions, 5, 9).contains(":from_oid"));
    }
}

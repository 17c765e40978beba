//! The columns of the catalogs, against the list of those that somebody thought about.
//!
//! A newer server, or a fork, has columns that mean something which nobody here knows. It is refused,
//! whatever it calls itself.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::super::error::Error;
use super::super::version::{NEWEST_MAJOR, OLDEST_MAJOR};
use super::ask;
use crate::pg::Session;

const COLUMNS: &str = include_str!("columns.txt");

/// `catalog.column type` of a server of this major version.
fn expected(major: u32) -> BTreeSet<BString> {
    let lines = COLUMNS.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split(" | ");
            let (name, of_type) = (fields.next()?, fields.next()?);
            let (first, last) = fields.next()?.split_once('-')?;
            let versions = first.parse().ok()?..=last.parse().ok()?;
            versions
                .contains(&major)
                .then(|| format!("{name} {of_type}").into())
        })
        .collect()
}

/// Refuses a server whose catalogs have other columns.
pub(in super::super) async fn check(session: &mut Session, major: u32) -> Result<(), Error> {
    if !(OLDEST_MAJOR..=NEWEST_MAJOR).contains(&major) {
        return Err(Error::Version {
            major,
            oldest: OLDEST_MAJOR,
            newest: NEWEST_MAJOR,
        });
    }
    let sql = ("shape", include_str!("../sql/shape.sql"));
    let rows = ask(session, sql, &[]).await?;
    let mut found = BTreeSet::new();
    for mut row in rows.iter() {
        found.insert(row.text()?);
    }
    let differences = differences(&expected(major), &found);
    if differences.is_empty() {
        Ok(())
    } else {
        Err(Error::Shape { major, differences })
    }
}

fn differences(expected: &BTreeSet<BString>, found: &BTreeSet<BString>) -> Vec<BString> {
    let unknown = found.difference(expected);
    let unknown = unknown.map(|column| format!("unknown {}", column.as_bstr()).into());
    let lacking = expected.difference(found);
    let lacking = lacking.map(|column| format!("no {}", column.as_bstr()).into());
    unknown.chain(lacking).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_new_or_gone_is_named() {
        let expected = expected(18);
        assert_eq!(expected.len(), 601);
        let mut found = expected.clone();
        assert!(differences(&expected, &found).is_empty());
        found.insert("pg_proc.procolour text".into());
        found.remove(&BString::from("pg_class.relname name"));
        let differences = differences(&expected, &found);
        assert_eq!(
            differences,
            ["unknown pg_proc.procolour text", "no pg_class.relname name"]
        );
    }

    #[test]
    fn of_every_column_it_is_said_why_it_is_not_read() {
        let lines = COLUMNS.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let reason = line.split(" | ").nth(3);
            assert!(reason.is_some_and(|text| !text.is_empty()), "{line}");
        }
    }
}

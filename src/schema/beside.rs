//! What other sessions did beside a snapshot that spoils the rows read in it.
//!
//! Not here: definitions that changed beside it (`schema::definitions::guard::drift`).

use std::collections::BTreeMap;

use bstr::BString;

use super::Error;
use super::columns::{oid_array, text};
use crate::pg::Session;

/// Those of the tables that were truncated, rewritten or renamed after the transaction's snapshot, as SQL.
pub async fn rewritten(
    session: &mut Session,
    oids: impl Iterator<Item = u32>,
) -> Result<Vec<BString>, Error> {
    let oids = oid_array(oids);
    let sql = include_bytes!("sql/rewritten_tables.sql");
    let rows = session.query(sql, &[Some(&oids)]).await?;
    rows.iter().map(|row| text(row, 0)).collect()
}

/// A label of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// As the server writes it now.
    pub label: BString,
    /// The enum, as SQL.
    pub of_type: BString,
}

/// The labels of all enums as a session sees them, by OID.
pub async fn enum_labels(session: &mut Session) -> Result<BTreeMap<u32, Label>, Error> {
    let sql = include_bytes!("sql/enum_labels.sql");
    let rows = session.query(sql, &[]).await?;
    let label = |row: &crate::pg::Row| {
        let (label, of_type) = (text(row, 1)?, text(row, 2)?);
        Ok((row.u32(0)?, Label { label, of_type }))
    };
    rows.iter().map(label).collect()
}

/// The enums with labels that were renamed since `then`, each once.
pub fn relabelled(then: &BTreeMap<u32, Label>, now: &BTreeMap<u32, Label>) -> Vec<BString> {
    let renamed = then.iter().filter(|(oid, was)| {
        let is = now.get(*oid);
        is.is_some_and(|is| is.label != was.label)
    });
    let mut enums: Vec<BString> = renamed.map(|(_, was)| was.of_type.clone()).collect();
    enums.sort();
    enums.dedup();
    enums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> BTreeMap<u32, Label> {
        let label = |name: &&str| Label {
            label: BString::from(*name),
            of_type: "public.e".into(),
        };
        (1..).zip(names.iter().map(label)).collect()
    }

    #[test]
    fn a_renamed_label_is_found_and_a_new_one_is_not() {
        let then = labels(&["up", "down"]);
        assert!(relabelled(&then, &labels(&["up", "down", "more"])).is_empty());
        assert_eq!(relabelled(&then, &labels(&["down", "up"])), ["public.e"]);
    }
}

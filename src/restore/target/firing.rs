//! Triggers and rules that fire although `session_replication_role` is `replica`: those that are enabled
//! ALWAYS or as REPLICA.
//!
//! `--disable-triggers` switches them off in the transaction that loads the rows, and on again before it
//! commits. So no other session ever finds them off, and neither an error nor a kill leaves them so. The
//! price: ALTER TABLE locks out other writers (`AlterTableGetLockLevel`), so the chunks of such a table are
//! loaded one after the other. The loading itself is `apply`'s, its order `schedule`'s.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use crate::pg::{self, Session};
use crate::restore::contents::DatabaseContents;
use crate::restore::select::Need;
use crate::restore::statements::{joined, text_array};
use crate::source::Content;
use crate::toc::{DumpId, LOAD_VIA_ROOT, ObjectKind, TocEntry, quote};

const ALWAYS_FIRING: &[u8] = include_bytes!("sql/always_firing.sql");

/// The statements before and after the rows of one data entry, in their transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Silencing {
    pub(crate) off: BString,
    pub(crate) on: BString,
}

/// The data entries on whose rows a trigger or a rule would fire.
pub(crate) type Firing = HashMap<DumpId, Silencing>;

/// Looks for triggers and rules that would fire on the wanted rows of a database.
pub(crate) async fn find(
    session: &mut Session,
    database: &DatabaseContents,
    needs: &[Need],
) -> Result<Firing, pg::Error> {
    let mut names: Vec<BString> = Vec::new();
    let mut entries: Vec<Vec<&TocEntry>> = Vec::new();
    let mut places: HashMap<BString, usize> = HashMap::new();
    for (entry, need) in database.toc.entries.iter().zip(needs) {
        if entry.kind != ObjectKind::TableData || !need.data {
            continue;
        }
        let name = loaded_table(entry);
        let place = *places.entry(name.clone()).or_insert_with(|| {
            names.push(name);
            entries.push(Vec::new());
            names.len() - 1
        });
        entries[place].push(entry);
    }
    let mut firing = Firing::new();
    if names.is_empty() {
        return Ok(firing);
    }
    for row in session
        .query(ALWAYS_FIRING, &[Some(&text_array(&names))])
        .await?
    {
        let (is_rule, is_always) = (row.bool(1)?, row.bool(4)?);
        let (table, what) = (row.text(2)?, row.text(3)?);
        let place = usize::try_from(row.i64(0)?)
            .ok()
            .and_then(|place| place.checked_sub(1));
        for entry in place
            .and_then(|place| entries.get(place))
            .into_iter()
            .flatten()
        {
            // COPY knows no rules.
            let data = database.chunks.get(&entry.dump_id);
            if is_rule && data.is_some_and(|data| data.content == Content::Rows) {
                continue;
            }
            let silencing = firing.entry(entry.dump_id).or_default();
            silencing.add(table, what, is_always);
        }
    }
    Ok(firing)
}

impl Silencing {
    /// Adds a trigger or rule of a table, for instance `TRIGGER audit`.
    fn add(&mut self, table: &[u8], what: &[u8], is_always: bool) {
        let add = |sql: &mut BString, verb: &[u8]| {
            let statement = joined(&[b"ALTER TABLE ONLY ", table, verb, what, b";\n"]);
            sql.extend_from_slice(&statement);
        };
        add(&mut self.off, b" DISABLE ");
        add(
            &mut self.on,
            if is_always {
                b" ENABLE ALWAYS "
            } else {
                b" ENABLE REPLICA "
            },
        );
    }

    /// The statement that loads the rows, with the others around it: one message, one transaction.
    pub(crate) fn around(&self, statement: &[u8]) -> BString {
        let end: &[u8] = if statement.trim_end().ends_with(b";") {
            b"\n"
        } else {
            b";\n"
        };
        joined(&[&self.off, statement, end, &self.on])
    }
}

/// The table that an entry's rows are sent to: its own, or the root of its partition tree.
fn loaded_table(entry: &TocEntry) -> BString {
    match entry.definition().strip_prefix(LOAD_VIA_ROOT) {
        Some(root) => root.lines().next().unwrap_or_default().trim().into(),
        None => quote::qualified(entry.schema(), &entry.tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::entry;

    #[test]
    fn what_is_switched_off_is_switched_on_as_it_was() {
        let mut silencing = Silencing::default();
        silencing.add(b"s.t", b"TRIGGER a", true);
        silencing.add(b"s.t", b"RULE \"B\"", false);
        let sql = silencing.around(b"COPY s.t FROM stdin");
        assert_eq!(
            sql,
            "ALTER TABLE ONLY s.t DISABLE TRIGGER a;\n\
             ALTER TABLE ONLY s.t DISABLE RULE \"B\";\n\
             COPY s.t FROM stdin;\n\
             ALTER TABLE ONLY s.t ENABLE ALWAYS TRIGGER a;\n\
             ALTER TABLE ONLY s.t ENABLE REPLICA RULE \"B\";\n"
        );
    }

    #[test]
    fn rows_that_go_through_the_root_meet_its_triggers() {
        let mut data = entry(1, ObjectKind::TableData, Some("s"), "leaf");
        assert_eq!(loaded_table(&data), "\"s\".\"leaf\"");
        data.defn = Some("-- load via partition root s.\"Root\"\n".into());
        assert_eq!(loaded_table(&data), "s.\"Root\"");
    }
}

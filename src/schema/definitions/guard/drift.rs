//! Functions of the server that write definitions read the catalogs as they are now, not as the snapshot has
//! them. Tables are locked; functions, views, types and what hangs on them are not.
//!
//! A row of the snapshot's past can only disappear: by a change or by a removal. So it is enough that a
//! session outside the snapshot still counts as many of them, and still sees each younger row that the
//! snapshot has.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::ask;
use crate::pg::Session;

/// How many old rows of each catalog there are, and which younger ones.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    old: BTreeMap<BString, i64>,
    young: BTreeSet<(BString, BString)>,
}

/// Says what changed since the snapshot, as an error. The fresh session leaves the snapshot for that.
pub(in super::super) async fn check(
    leader: &mut Session,
    fresh: &mut Session,
    relations: &[u8],
) -> Result<(), Error> {
    let left = fresh.execute(b"ROLLBACK").await;
    left.map_err(|source| Error::Query {
        statement: "ROLLBACK",
        source,
    })?;
    let sql = ("snapshot_age", include_str!("../sql/snapshot_age.sql"));
    let rows = ask(leader, sql, &[]).await?;
    let mut oldest = BString::default();
    for mut row in rows.iter() {
        oldest = row.text()?;
    }
    let sql = ("drift", include_str!("../sql/drift.sql"));
    let parameters = [Some(&oldest[..]), Some(relations)];
    let then = seen(&ask(leader, sql, &parameters).await?)?;
    let now = seen(&ask(fresh, sql, &parameters).await?)?;
    let objects = changed(&then, &now);
    if objects.is_empty() {
        Ok(())
    } else {
        Err(Error::Changed { objects })
    }
}

fn seen(rows: &Rows) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    for mut row in rows.iter() {
        let (catalog, old, young) = (row.text()?, row.number()?, row.texts());
        seen.old.insert(catalog.clone(), old);
        let young = young.into_iter().map(|row| (catalog.clone(), row));
        seen.young.extend(young);
    }
    Ok(seen)
}

/// The catalogs in which something is not as it was.
fn changed(then: &Seen, now: &Seen) -> Vec<BString> {
    let fewer = then.old.iter();
    let fewer = fewer.filter(|(catalog, count)| now.old.get(*catalog) != Some(count));
    let gone = then.young.difference(&now.young);
    let catalogs: BTreeSet<&BString> = fewer
        .map(|(catalog, _)| catalog)
        .chain(gone.map(|(catalog, _)| catalog))
        .collect();
    catalogs.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(old: i64, young: &[&str]) -> Seen {
        Seen {
            old: [("pg_proc".into(), old)].into(),
            young: young
                .iter()
                .map(|row| ("pg_proc".into(), (*row).into()))
                .collect(),
        }
    }

    #[test]
    fn changes_and_removals_are_seen_and_new_objects_are_not() {
        assert!(changed(&seen(7, &["1:5"]), &seen(7, &["1:5", "2:9"])).is_empty());
        assert_eq!(changed(&seen(7, &[]), &seen(6, &["1:9"])), ["pg_proc"]);
        assert_eq!(changed(&seen(7, &["1:5"]), &seen(7, &["1:9"])), ["pg_proc"]);
    }
}

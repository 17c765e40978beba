//! Functions of the server that write definitions read the catalogs as they are now, not as the snapshot has
//! them. Nobody can lock functions, views, types, indexes and names; and what happened to a table between the
//! snapshot and its lock has happened.
//!
//! First the cheap question. A row of the snapshot's past can only disappear: by a change or by a removal. So
//! a session outside the snapshot must still count as many old rows, and still see each younger row that the
//! snapshot has. Where it does not, both are asked for the rows in full. Much of what changes a row matters
//! to nobody: `REFRESH MATERIALIZED VIEW`, `ALTER SEQUENCE .. RESTART`, `CREATE OR REPLACE FUNCTION` with
//! another body.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::super::catalogs::PG_CLASS;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::Model;
use super::super::text::sql;
use super::ask;
use crate::pg::Session;

/// How many old rows of each catalog there are, and which younger ones.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    old: BTreeMap<BString, i64>,
    young: BTreeSet<(BString, BString)>,
}

/// Catalog, OID and column number of a row.
type Place = (u32, u32, i32);

/// A row in full.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Detail {
    /// The relation that it belongs to, or zero.
    relation: u32,
    /// For messages.
    name: BString,
    /// What functions of the server read of it.
    read: BString,
    /// The transaction that wrote it.
    version: BString,
    /// A digest of all of it.
    digest: i64,
}

/// What two sessions say of the rows that functions of the server read, in the snapshot and now. Empty where
/// nothing changed.
#[derive(Debug, Default)]
pub(in super::super) struct Drift {
    then: BTreeMap<Place, Detail>,
    now: BTreeMap<Place, Detail>,
}

/// Takes the fresh session out of the snapshot, after all definitions were read. Returns the oldest
/// transaction that was at work when the snapshot was taken.
pub(in super::super) async fn leave(
    leader: &mut Session,
    fresh: &mut Session,
) -> Result<BString, Error> {
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
    Ok(oldest)
}

/// Asks both sessions. The question is on its way when this is first polled.
pub(in super::super) async fn look(
    leader: &mut Session,
    fresh: &mut Session,
    oldest: &[u8],
) -> Result<Drift, Error> {
    let sql = ("drift", include_str!("../sql/drift.sql"));
    let parameters = [Some(oldest)];
    let (then, now) =
        tokio::try_join!(ask(leader, sql, &parameters), ask(fresh, sql, &parameters))?;
    let catalogs = touched(&seen(&then)?, &seen(&now)?);
    if catalogs.is_empty() {
        return Ok(Drift::default());
    }
    let catalogs = bstr::join(",", catalogs);
    let catalogs = [&b"{"[..], &catalogs, b"}"].concat();
    let sql = ("drifted", include_str!("../sql/drifted.sql"));
    let parameters = [Some(&catalogs[..])];
    let (then, now) =
        tokio::try_join!(ask(leader, sql, &parameters), ask(fresh, sql, &parameters))?;
    Ok(Drift {
        then: details(&then)?,
        now: details(&now)?,
    })
}

/// Says what changed since the snapshot, as an error.
pub(in super::super) fn check(drift: &Drift, model: &Model) -> Result<(), Error> {
    let wants = |catalog, oid| model.wants(catalog, oid);
    let objects = changed(&drift.then, &drift.now, wants);
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
fn touched(then: &Seen, now: &Seen) -> BTreeSet<BString> {
    let fewer = then.old.iter();
    let fewer = fewer.filter(|(catalog, count)| now.old.get(*catalog) != Some(count));
    let gone = then.young.difference(&now.young);
    let gone = gone.map(|(catalog, _)| catalog.clone());
    gone.chain(fewer.map(|(catalog, _)| catalog.clone()))
        .collect()
}

fn details(rows: &Rows) -> Result<BTreeMap<Place, Detail>, Error> {
    let mut found = BTreeMap::new();
    for mut row in rows.iter() {
        let catalog_name = row.text()?;
        let place = (row.oid()?, row.oid()?, row.small()?);
        let detail = Detail {
            relation: row.oid()?,
            name: sql!(catalog_name, " ", row.text()?),
            read: row.text()?,
            version: row.text()?,
            digest: row.number()?,
        };
        found.insert(place, detail);
    }
    Ok(found)
}

/// The names of the rows that changed so that it matters. A row that is gone matters if its object or its
/// relation was wanted. A new version of a row that is the same as before may have been another in between.
fn changed(
    then: &BTreeMap<Place, Detail>,
    now: &BTreeMap<Place, Detail>,
    wants: impl Fn(u32, u32) -> bool,
) -> Vec<BString> {
    let matters = |(place, was): &(&Place, &Detail)| match now.get(*place) {
        Some(is) if is.read != was.read => true,
        Some(is) => is.version != was.version && is.digest == was.digest,
        None => wants(place.0, place.1) || wants(PG_CLASS, was.relation),
    };
    let rows = then.iter().filter(matters);
    rows.map(|(_, was)| was.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: Place = (1255, 20000, 0);

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
        assert!(touched(&seen(7, &["1:5"]), &seen(7, &["1:5", "2:9"])).is_empty());
        let found: BTreeSet<BString> = ["pg_proc".into()].into();
        assert_eq!(touched(&seen(7, &[]), &seen(6, &["1:9"])), found);
        assert_eq!(touched(&seen(7, &["1:5"]), &seen(7, &["1:9"])), found);
    }

    fn rows(read: &str, version: &str, digest: i64) -> BTreeMap<Place, Detail> {
        let detail = Detail {
            relation: 0,
            name: "pg_proc f".into(),
            read: read.into(),
            version: version.into(),
            digest,
        };
        [(FUNCTION, detail)].into()
    }

    fn nobody(_: u32, _: u32) -> bool {
        false
    }

    #[test]
    fn only_what_is_read_of_a_row_matters() {
        let was = rows("f", "5", 1);
        assert!(changed(&was, &was, nobody).is_empty());
        assert_eq!(changed(&was, &rows("g", "6", 2), nobody), ["pg_proc f"]);
        // Another body, which is read in the snapshot.
        assert!(changed(&was, &rows("f", "6", 2), nobody).is_empty());
    }

    #[test]
    fn a_row_that_was_changed_and_changed_back_matters() {
        let found = changed(&rows("f", "5", 1), &rows("f", "7", 1), nobody);
        assert_eq!(found, ["pg_proc f"]);
    }

    #[test]
    fn a_row_that_is_gone_matters_if_somebody_wanted_it() {
        let was = rows("f", "5", 1);
        let none = BTreeMap::new();
        assert!(changed(&was, &none, nobody).is_empty());
        let wanted = |catalog, oid| (catalog, oid) == (FUNCTION.0, FUNCTION.1);
        assert_eq!(changed(&was, &none, wanted), ["pg_proc f"]);
    }
}

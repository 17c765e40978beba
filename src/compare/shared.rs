//! Grants on tablespaces and parameters, which belong to a server and not to a database.
//!
//! The server's entries are worded by the code that writes archives, so both sides have one wording, whatever
//! the versions. A grant that only the server has is no difference: other users may have grants there.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::error::Error;
use super::options::SharedGrants;
use super::report::Difference;
use crate::pg::{ServerConfig, Session};
use crate::schema::globals::{self, Passwords};
use crate::schema::globals_toc;
use crate::toc::{ObjectKind, Toc, TocEntry, quote};

/// Servers know grants on parameters since this version.
const PARAMETER_GRANTS_SINCE: u32 = 15;

/// The statements about each object.
type Grants<'a> = BTreeMap<String, BTreeSet<&'a [u8]>>;

/// What the server does not grant as the archive's `globals` do. It is asked in `database`.
pub(super) async fn compare(
    globals: &Toc,
    shared: &SharedGrants,
    server: &ServerConfig,
    database: &BString,
) -> Result<Vec<Difference>, Error> {
    let failed = Error::database(database);
    let connected = Session::connect(&server.with_dbname(database)).await;
    let mut session = connected.map_err(&failed)?;
    let encoding = globals.encoding().unwrap_or(b"SQL_ASCII");
    let sql = [
        b"SET client_encoding = ",
        quote::literal(encoding).as_slice(),
    ]
    .concat();
    session.execute(&sql).await.map_err(&failed)?;
    let facts = globals::read(&mut session, Passwords::Excluded).await;
    let facts = match facts {
        Ok(facts) => facts,
        Err(crate::schema::Error::Query(error)) => return Err(failed(error)),
        Err(other) => {
            return Ok(vec![Difference::new(
                "roles and tablespaces",
                other.to_string(),
            )]);
        }
    };
    let major = session.server_version().major();
    session.close().await;
    let found = globals_toc::build(&facts, Toc::default(), encoding);
    let is_wanted = |entry: &TocEntry| match entry.kind {
        ObjectKind::ParameterAcl => major >= PARAMETER_GRANTS_SINCE,
        _ => shared.holds_tablespace(entry.tag.strip_prefix(b"TABLESPACE ").unwrap_or_default()),
    };
    Ok(differences(
        &grants(globals, is_wanted),
        &grants(&found, |_| true),
    ))
}

fn grants(toc: &Toc, is_wanted: impl Fn(&TocEntry) -> bool) -> Grants<'_> {
    let mut grants = Grants::new();
    for entry in toc.entries.iter().filter(|entry| is_wanted(entry)) {
        let object = match entry.kind {
            ObjectKind::Acl => entry.tag.to_string(),
            ObjectKind::ParameterAcl => format!("PARAMETER {}", entry.tag),
            _ => continue,
        };
        let statements = entry.definition().lines();
        grants.entry(object).or_default().extend(statements);
    }
    grants
}

fn differences(archived: &Grants<'_>, found: &Grants<'_>) -> Vec<Difference> {
    let nothing = BTreeSet::new();
    let is_other = |(object, wanted): &(&String, &BTreeSet<&[u8]>)| {
        !wanted.is_subset(found.get(*object).unwrap_or(&nothing))
    };
    let others = archived.iter().filter(is_other);
    others
        .map(|(object, _)| Difference::new(object, "is granted otherwise"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toc(entries: &[(ObjectKind, &str, &str)]) -> Toc {
        let entries = entries.iter().map(|(kind, tag, defn)| TocEntry {
            kind: kind.clone(),
            tag: (*tag).into(),
            defn: Some((*defn).into()),
            ..TocEntry::default()
        });
        Toc {
            entries: entries.collect(),
            ..Toc::default()
        }
    }

    #[test]
    fn what_is_granted_beyond_the_archive_is_no_difference() {
        use ObjectKind as Kind;
        let archived = toc(&[
            (Kind::Acl, "TABLESPACE fast", "REVOKE x;\nGRANT a;\n"),
            (Kind::ParameterAcl, "work_mem", "GRANT b;\n"),
            (Kind::ParameterAcl, "work_mem", "GRANT c;\n"),
            (Kind::Role, "r", "CREATE ROLE r;\n"),
        ]);
        let more = toc(&[
            (
                Kind::ParameterAcl,
                "work_mem",
                "GRANT c;\nGRANT d;\nGRANT b;\n",
            ),
            (
                Kind::Acl,
                "TABLESPACE fast",
                "REVOKE x;\nGRANT a;\nGRANT e;\n",
            ),
        ]);
        let all = |toc| grants(toc, |_| true);
        assert_eq!(differences(&all(&archived), &all(&more)), []);
        let less = toc(&[(Kind::ParameterAcl, "work_mem", "GRANT b;\n")]);
        let found = differences(&all(&archived), &all(&less));
        let objects: Vec<&str> = found.iter().map(|found| found.object.as_str()).collect();
        assert_eq!(objects, ["PARAMETER work_mem", "TABLESPACE fast"]);
    }
}

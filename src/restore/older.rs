//! What an archive of a newer server says that the target does not know, and that can be put otherwise or
//! left out without another meaning.
//!
//! Pure. Only what is certain is changed, and what is lost by it is said; all else is sent as it is, and
//! fails by its own name: a virtual generated column, `NULLS NOT DISTINCT`, a locale provider.

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};

use super::contents::Contents;
use super::lex::{self, follower, name, words};
use super::roles::role_places;
use crate::toc::{ObjectKind, Toc, TocEntry};

/// Columns have a compression method since this version.
const COMPRESSION_SINCE: u32 = 140_000;
/// A range has its multirange since this version.
const MULTIRANGES_SINCE: u32 = 140_000;
/// Databases have a locale provider since this version; before, libc is the only one.
const PROVIDER_SINCE: u32 = 150_000;
/// Memberships have options of their own since this version; before, the member's own attribute says
/// whether it inherits.
const MEMBERSHIP_OPTIONS_SINCE: u32 = 160_000;
/// MAINTAIN is a privilege since this version.
const MAINTAIN_SINCE: u32 = 170_000;

/// How many objects a notice lists.
const LISTED_MAX: usize = 10;

/// Changes the tables of contents for a target of this version, which knows these parameters. Returns what
/// was left out, in sentences.
pub(super) fn fit(
    contents: &mut Contents,
    version_num: u32,
    parameters: &HashSet<BString>,
) -> Vec<String> {
    let mut lost: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut lose = |what, object: String| lost.entry(what).or_default().push(object);
    for toc in contents
        .databases
        .iter_mut()
        .map(|database| &mut database.toc)
    {
        for entry in &mut toc.entries {
            fit_entry(entry, version_num, parameters, &mut lose);
        }
    }
    if let Some(globals) = &mut contents.globals {
        fit_globals(globals, version_num, parameters, &mut lose);
    }
    let say = |(what, objects): (&str, Vec<String>)| {
        let list = objects[..objects.len().min(LISTED_MAX)].join(", ");
        let more = objects.len().saturating_sub(LISTED_MAX);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("the older target does not know {what}, left out: {list}{more}")
    };
    lost.into_iter().map(say).collect()
}

type Lose<'a> = dyn FnMut(&'static str, String) + 'a;

fn fit_entry(
    entry: &mut TocEntry,
    version_num: u32,
    parameters: &HashSet<BString>,
    lose: &mut Lose<'_>,
) {
    let sql = entry.definition();
    match entry.kind {
        ObjectKind::Database if version_num < PROVIDER_SINCE => {
            entry.defn = Some(without_libc(sql));
        }
        ObjectKind::DatabaseProperties => {
            let mut unknown = Vec::new();
            let known = keep(sql, |statement| {
                let parameter = unknown_parameter(statement, parameters);
                unknown.extend(parameter.clone());
                parameter.is_none()
            });
            if !unknown.is_empty() {
                unknown
                    .into_iter()
                    .for_each(|parameter| lose(PARAMETERS, parameter));
                entry.defn = Some(known);
            }
        }
        ObjectKind::Table
            if version_num < COMPRESSION_SINCE && has(sql, &[b"SET", b"COMPRESSION"]) =>
        {
            lose("compression methods of columns", entry.tag.to_string());
            entry.defn = Some(keep(sql, |statement| {
                !has(statement, &[b"SET", b"COMPRESSION"])
            }));
        }
        ObjectKind::Type if version_num < MULTIRANGES_SINCE && has_multirange(sql) => {
            lose("multiranges", entry.tag.to_string());
            entry.defn = Some(without_multirange(sql));
        }
        ObjectKind::Acl | ObjectKind::DefaultAcl
            if version_num < MAINTAIN_SINCE && words(sql).contains(&&b"MAINTAIN"[..]) =>
        {
            lose("the privilege MAINTAIN", entry.tag.to_string());
            entry.defn = Some(without_maintain(sql));
        }
        _ => {}
    }
}

const PARAMETERS: &str = "parameters";

fn fit_globals(
    globals: &mut Toc,
    version_num: u32,
    parameters: &HashSet<BString>,
    lose: &mut Lose<'_>,
) {
    let strangers: HashSet<BString> = globals
        .entries
        .iter()
        .filter(|entry| entry.kind == ObjectKind::Role)
        .filter(|entry| words(entry.definition()).contains(&&b"NOINHERIT"[..]))
        .map(|entry| entry.tag.clone())
        .collect();
    globals.entries.retain(|entry| {
        let parameter = match entry.kind {
            ObjectKind::RoleSettings => unknown_parameter(entry.definition(), parameters),
            _ => None,
        };
        let is_known = parameter.is_none();
        parameter
            .into_iter()
            .for_each(|parameter| lose(PARAMETERS, parameter));
        is_known
    });
    let grants = globals.entries.iter_mut();
    for grant in grants.filter(|entry| entry.kind == ObjectKind::RoleMembership) {
        if version_num < MEMBERSHIP_OPTIONS_SINCE
            && let Some(fitted) = plain_membership(grant.definition(), &strangers)
        {
            grant.defn = Some(fitted);
        }
    }
}

fn has(sql: &[u8], wanted: &[&[u8]]) -> bool {
    words(sql)
        .windows(wanted.len())
        .any(|found| found == wanted)
}

/// The statements of `sql` that `is_kept`.
fn keep(sql: &[u8], mut is_kept: impl FnMut(&[u8]) -> bool) -> BString {
    let mut kept = BString::default();
    for statement in lex::statements(sql) {
        if is_kept(statement) {
            kept.extend_from_slice(statement);
            kept.extend_from_slice(b";\n");
        }
    }
    kept
}

/// What `.. SET parameter TO ..` sets, if nobody knows it. One of an extension may be set unknown.
fn unknown_parameter(statement: &[u8], parameters: &HashSet<BString>) -> Option<String> {
    // Not listed by pg_settings, and known everywhere.
    const UNLISTED: [&[u8]; 2] = [b"role", b"session_authorization"];
    let parameter = name(follower(statement, b"SET")?).to_ascii_lowercase();
    let is_known = UNLISTED.contains(&parameter.as_slice())
        || parameter.contains(&b'.')
        || parameters.contains(&BString::from(parameter.as_slice()))
        // ALTER DATABASE d SET TABLESPACE, and what else is no parameter.
        || !has(statement, &[b"TO"]);
    (!is_known).then(|| String::from_utf8_lossy(&parameter).into_owned())
}

/// `CREATE DATABASE d .. LOCALE_PROVIDER = libc ..`
fn without_libc(sql: &[u8]) -> BString {
    let places: Vec<_> = lex::word_places(sql).collect();
    let found = places.windows(2).find(|pair| {
        sql[pair[0].clone()] == *b"LOCALE_PROVIDER" && sql[pair[1].clone()] == *b"libc"
    });
    match found {
        Some(pair) => [&sql[..pair[0].start], &sql[pair[1].end..]].concat().into(),
        None => sql.into(),
    }
}

/// How pg_dump begins the line in `CREATE TYPE r AS RANGE (..)`.
const MULTIRANGE: &[u8] = b"    multirange_type_name = ";

fn has_multirange(sql: &[u8]) -> bool {
    sql.lines().any(|line| line.starts_with(MULTIRANGE))
}

/// The type without its multirange: what uses that one fails by its own name.
fn without_multirange(sql: &[u8]) -> BString {
    let others = sql.lines().filter(|line| !line.starts_with(MULTIRANGE));
    let left = others.collect::<Vec<_>>().join(&b"\n"[..]);
    left.replace(",\n);", "\n);").into()
}

/// `GRANT SELECT,MAINTAIN ON TABLE t TO x`: the list without MAINTAIN, and no statement where it stands alone.
fn without_maintain(sql: &[u8]) -> BString {
    let is_maintain = |list: &[u8]| words(list) == [b"MAINTAIN"];
    let mut out = BString::default();
    for statement in lex::statements(sql) {
        let places: Vec<_> = lex::word_places(statement).collect();
        let end = places
            .iter()
            .position(|place| statement[place.clone()] == *b"ON");
        let verb = places.iter().rposition(|place| {
            matches!(&statement[place.clone()], b"GRANT" | b"REVOKE")
                && end.is_some_and(|end| place.start < places[end].start)
        });
        let (Some(end), Some(verb)) = (end, verb) else {
            out.extend_from_slice(statement);
            out.extend_from_slice(b";\n");
            continue;
        };
        let (from, to) = (places[verb].end, places[end].start);
        let privileges = statement[from..to].split(|&byte| byte == b',');
        let left: Vec<&[u8]> = privileges
            .filter(|privilege| !is_maintain(privilege))
            .map(<[u8]>::trim_ascii)
            .collect();
        if left.is_empty() {
            continue;
        }
        out.extend_from_slice(&statement[..from]);
        out.push(b' ');
        out.extend_from_slice(&left.join(&b","[..]));
        out.push(b' ');
        out.extend_from_slice(&statement[to..]);
        out.extend_from_slice(b";\n");
    }
    out
}

/// `GRANT a TO b WITH ADMIN TRUE, INHERIT TRUE` as older servers say it; `None` where they cannot:
/// there a member inherits or not by its own attribute, and may always become the role.
fn plain_membership(sql: &[u8], strangers: &HashSet<BString>) -> Option<BString> {
    let places = role_places(&ObjectKind::RoleMembership, sql);
    let member: BString = name(&sql[places.get(1)?.clone()]).into();
    let options = &sql[places[1].end..];
    let inherits = !strangers.contains(&member);
    let options = words(options);
    let is = |option: &[u8], value: &[u8]| options.windows(2).any(|pair| pair == [option, value]);
    let differs = is(b"SET", b"FALSE")
        || (inherits && is(b"INHERIT", b"FALSE"))
        || (!inherits && is(b"INHERIT", b"TRUE"));
    if differs {
        return None;
    }
    let mut out = BString::from(&sql[..places[1].end]);
    if is(b"ADMIN", b"TRUE") || is(b"ADMIN", b"OPTION") {
        out.extend_from_slice(b" WITH ADMIN OPTION");
    }
    if let Some(grantor) = places.get(2) {
        out.extend_from_slice(b" GRANTED BY ");
        out.extend_from_slice(&sql[grantor.clone()]);
    }
    out.extend_from_slice(b";\n");
    Some(out)
}

#[cfg(test)]
mod tests;

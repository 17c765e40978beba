//! What an archive of a newer server says that the target does not know, and that can be put otherwise or
//! left out without another meaning.
//!
//! Pure. Only what is certain is changed, and what is lost by it is said; all else is sent as it is, and
//! fails by its own name: a virtual generated column, `NULLS NOT DISTINCT`, a key `WITHOUT OVERLAPS`, a
//! window function that ignores nulls, a locale provider. [`constraints`] has what tables and constraints
//! say, [`replication`] publications and subscriptions.

mod constraints;
mod knows;
mod replication;

use knows::{Fate, Lose, has};
use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};

use super::leave_out::with_dependants;
use super::roles::role_places;
use crate::restore::contents::Contents;
use crate::toc::lex::{self, TokenKind, follower, name, words};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

pub(crate) use knows::Knows;

/// A range has its multirange since this version.
const MULTIRANGES_SINCE: u32 = 140_000;
/// Databases have a locale provider since this version; before, libc is the only one.
const PROVIDER_SINCE: u32 = 150_000;
/// Memberships have options of their own since this version; before, the member's own attribute says
/// whether it inherits.
const MEMBERSHIP_OPTIONS_SINCE: u32 = 160_000;
/// MAINTAIN is a privilege since this version.
const MAINTAIN_SINCE: u32 = 170_000;
/// Default privileges may be about large objects since this version.
const LARGE_OBJECT_DEFAULTS_SINCE: u32 = 180_000;
/// String constants are standard, whatever is set, since this version.
const STANDARD_STRINGS_SINCE: u32 = 190_000;
/// A foreign-data wrapper may tell how to connect since this version.
const WRAPPER_CONNECTIONS_SINCE: u32 = 190_000;

/// How many objects a notice lists.
const LISTED_MAX: usize = 10;

/// Changes the tables of contents for a target with these features. Returns the losses, in sentences.
pub(crate) fn fit(contents: &mut Contents, knows: &Knows) -> Vec<String> {
    let mut lost: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut lose = |what, object: String| lost.entry(what).or_default().push(object);
    for toc in contents
        .databases
        .iter_mut()
        .map(|database| &mut database.toc)
    {
        let nameless = constraints::nameless(toc, knows);
        let mut gone: HashSet<DumpId> = HashSet::new();
        for entry in &mut toc.entries {
            let fate = if nameless.contains(&entry.dump_id) {
                lose("names of NOT NULL constraints", entry.tag.to_string());
                Fate::Goes
            } else {
                fate_of(entry, knows, &mut lose)
            };
            match fate {
                Fate::Stays => {}
                Fate::Says(sql) => entry.defn = Some(sql),
                Fate::Goes => {
                    gone.insert(entry.dump_id);
                }
            }
        }
        if !gone.is_empty() {
            let gone = with_dependants(toc, gone);
            toc.entries.retain(|entry| !gone.contains(&entry.dump_id));
        }
    }
    if let Some(globals) = &mut contents.globals {
        fit_globals(globals, knows, &mut lose);
    }
    let say = |(what, objects): (&str, Vec<String>)| {
        let list = objects[..objects.len().min(LISTED_MAX)].join(", ");
        let more = objects.len().saturating_sub(LISTED_MAX);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let major = knows.version_num / 10_000;
        format!("the target (PostgreSQL {major}) does not know {what}, left out: {list}{more}")
    };
    lost.into_iter().map(say).collect()
}

fn fate_of(entry: &TocEntry, knows: &Knows, lose: &mut Lose<'_>) -> Fate {
    use ObjectKind as Kind;
    let sql = entry.definition();
    match entry.kind {
        Kind::Database if knows.lacks(PROVIDER_SINCE) => Fate::Says(without_libc(sql)),
        Kind::DatabaseProperties => fate_of_properties(sql, knows, lose),
        Kind::Table | Kind::MaterializedView | Kind::ForeignTable => {
            let sql = with_known_compressions(entry, knows, lose);
            let sql = constraints::of_table(entry, sql, knows, lose);
            if sql == entry.definition() {
                return Fate::Stays;
            }
            Fate::Says(sql)
        }
        Kind::Constraint | Kind::CheckConstraint | Kind::FkConstraint => {
            constraints::fate_of(entry, knows, lose)
        }
        Kind::Type if knows.lacks(MULTIRANGES_SINCE) && has_multirange(sql) => {
            lose("multiranges", entry.tag.to_string());
            Fate::Says(without_multirange(sql))
        }
        Kind::Acl | Kind::DefaultAcl => fate_of_grants(entry, knows, lose),
        Kind::Publication => replication::publication(entry, knows, lose),
        Kind::Subscription => replication::subscription(entry, knows, lose),
        Kind::ForeignDataWrapper if knows.lacks(WRAPPER_CONNECTIONS_SINCE) => {
            match without_connection(sql) {
                Some(sql) => {
                    lose(
                        "connections of foreign-data wrappers",
                        entry.tag.to_string(),
                    );
                    Fate::Says(sql)
                }
                None => Fate::Stays,
            }
        }
        // ANALYZE makes them anew.
        Kind::StatisticsData | Kind::ExtendedStatisticsData if knows.lacks_kind(&entry.kind) => {
            Fate::Goes
        }
        _ => Fate::Stays,
    }
}

/// Settings of the database, and of roles in it.
fn fate_of_properties(sql: &[u8], knows: &Knows, lose: &mut Lose<'_>) -> Fate {
    let mut unknown = Vec::new();
    let known = keep(sql, |statement| {
        let parameter = unknown_parameter(statement, knows);
        unknown.extend(parameter.clone());
        parameter.is_none()
    });
    if unknown.is_empty() {
        return Fate::Stays;
    }
    for parameter in unknown {
        lose(PARAMETERS, parameter);
    }
    Fate::Says(known)
}

/// `ALTER COLUMN a SET COMPRESSION lz4`: a server may be built without a method.
fn with_known_compressions(entry: &TocEntry, knows: &Knows, lose: &mut Lose<'_>) -> BString {
    let sql = entry.definition();
    let method = |statement: &[u8]| follower(statement, b"COMPRESSION").map(BString::from);
    let is_unknown = |statement: &[u8]| {
        has(statement, &[b"SET", b"COMPRESSION"])
            && method(statement).is_some_and(|method| !knows.compressions.contains(&method))
    };
    if !sql.contains_str(" SET COMPRESSION ") || !lex::statements(sql).into_iter().any(is_unknown) {
        return sql.into();
    }
    lose("compression methods of columns", entry.tag.to_string());
    keep(sql, |statement| !is_unknown(statement))
}

fn fate_of_grants(entry: &TocEntry, knows: &Knows, lose: &mut Lose<'_>) -> Fate {
    let mut sql = BString::from(entry.definition());
    if knows.lacks(MAINTAIN_SINCE) && words(&sql).contains(&&b"MAINTAIN"[..]) {
        lose("the privilege MAINTAIN", entry.tag.to_string());
        sql = without_maintain(&sql);
    }
    let of_objects = [&b"ON"[..], b"LARGE", b"OBJECTS"];
    if entry.kind == ObjectKind::DefaultAcl
        && knows.lacks(LARGE_OBJECT_DEFAULTS_SINCE)
        && has(&sql, &of_objects)
    {
        lose("default privileges of large objects", entry.tag.to_string());
        sql = keep(&sql, |statement| !has(statement, &of_objects));
    }
    match () {
        () if sql == entry.definition() => Fate::Stays,
        () if sql.is_empty() => Fate::Goes,
        () => Fate::Says(sql),
    }
}

const PARAMETERS: &str = "parameters";

fn fit_globals(globals: &mut Toc, knows: &Knows, lose: &mut Lose<'_>) {
    let strangers: HashSet<BString> = globals
        .entries
        .iter()
        .filter(|entry| entry.kind == ObjectKind::Role)
        .filter(|entry| words(entry.definition()).contains(&&b"NOINHERIT"[..]))
        .map(|entry| entry.tag.clone())
        .collect();
    globals.entries.retain(|entry| {
        if entry.kind == ObjectKind::ParameterAcl && knows.lacks_kind(&entry.kind) {
            lose("privileges on parameters", entry.tag.to_string());
            return false;
        }
        let parameter = match entry.kind {
            ObjectKind::RoleSettings => unknown_parameter(entry.definition(), knows),
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
        if knows.lacks(MEMBERSHIP_OPTIONS_SINCE)
            && let Some(fitted) = plain_membership(grant.definition(), &strangers)
        {
            grant.defn = Some(fitted);
        }
    }
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

/// The parameter of `.. SET parameter TO ..`, if the target does not know it. A parameter of an extension may
/// be set before it is known.
fn unknown_parameter(statement: &[u8], knows: &Knows) -> Option<String> {
    // Not listed by pg_settings, and known everywhere.
    const UNLISTED: [&[u8]; 2] = [b"role", b"session_authorization"];
    let parameter = name(follower(statement, b"SET")?).to_ascii_lowercase();
    let is_known = UNLISTED.contains(&parameter.as_slice())
        || parameter.contains(&b'.')
        || knows.parameters.contains(&BString::from(parameter.as_slice()))
        // ALTER DATABASE d SET TABLESPACE, and other forms without a parameter.
        || !has(statement, &[b"TO"]);
    if parameter == b"standard_conforming_strings" && !knows.lacks(STANDARD_STRINGS_SINCE) {
        let value = lex::tokens(statement)
            .filter(|token| token.kind == TokenKind::Text)
            .last();
        let value = value.map(|token| statement[token.range].to_ascii_lowercase());
        let is_on = value.is_none_or(|value| {
            matches!(value.as_slice(), b"'on'" | b"'true'" | b"'yes'" | b"'1'")
        });
        return (!is_on).then(|| "standard_conforming_strings = off".to_owned());
    }
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

/// `CREATE FOREIGN DATA WRAPPER w .. CONNECTION s.f ..` without the function that tells a subscription how to
/// connect; nothing else uses it. `None` where there is none.
fn without_connection(sql: &[u8]) -> Option<BString> {
    let tokens: Vec<lex::Token> = lex::tokens(sql).collect();
    let is_word = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
    };
    let text = |at: usize| tokens.get(at).map(|token| &sql[token.range.clone()]);
    let begin = (0..tokens.len()).find(|&at| text(at) == Some(b"CONNECTION"))?;
    let mut last = (begin + 1..tokens.len()).find(|&at| is_word(at))?;
    while text(last + 1) == Some(b".") && is_word(last + 2) {
        last += 2;
    }
    let before = sql[..tokens[begin].range.start].trim_ascii_end();
    Some([before, &sql[tokens[last].range.end..]].concat().into())
}

/// How pg_dump begins the line in `CREATE TYPE r AS RANGE (..)`.
const MULTIRANGE: &[u8] = b"    multirange_type_name = ";

fn has_multirange(sql: &[u8]) -> bool {
    sql.lines().any(|line| line.starts_with(MULTIRANGE))
}

/// The type without its multirange. A user of the multirange fails by its own name.
fn without_multirange(sql: &[u8]) -> BString {
    let others = sql.lines().filter(|line| !line.starts_with(MULTIRANGE));
    let left = others.collect::<Vec<_>>().join(&b"\n"[..]);
    left.replace(",\n);", "\n);").into()
}

/// `GRANT SELECT,MAINTAIN ON TABLE t TO x`: the list without MAINTAIN, and no statement where it stands
/// alone.
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

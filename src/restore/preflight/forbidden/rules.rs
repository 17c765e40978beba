//! Rules for single entries: the parts that take a superuser.
//!
//! Pure. They follow the checks of the commands themselves: the sections "Notes" of each CREATE command in
//! PostgreSQL's documentation, and the functions of the same name in `src/backend/commands`.

use crate::restore::adapt::leave_out::Cut;
use crate::restore::preflight::forbidden::scene::{Ban, Scene, is_public_schema};
use crate::toc::lex::{self, follower, name, words};
use crate::toc::{ObjectKind, Subject, TocEntry};
use bstr::{BString, ByteSlice};

/// The database's owner has all rights on schema public since this version.
const PUBLIC_BELONGS_TO_OWNER_SINCE: u32 = 150_000;
/// `pg_create_subscription` is there since this version.
const SUBSCRIBERS_SINCE: u32 = 160_000;

/// Why the object cannot be created at all.
pub(crate) fn creation(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    use ObjectKind as Kind;
    let sql = entry.definition();
    match entry.kind {
        Kind::EventTrigger => Some(Ban::entry("create event triggers")),
        Kind::AccessMethod => Some(Ban::entry("create access methods")),
        Kind::ForeignDataWrapper => Some(Ban::entry("create foreign-data wrappers")),
        Kind::ProceduralLanguage => Some(Ban::entry("create languages")),
        Kind::OperatorClass => Some(Ban::entry("create operator classes")),
        Kind::OperatorFamily => Some(Ban::entry("create operator families")),
        Kind::TextSearchParser => Some(Ban::entry("create text search parsers")),
        Kind::TextSearchTemplate => Some(Ban::entry("create text search templates")),
        // Composite types, enums and ranges are made AS something; base types and their shells are not.
        Kind::Type | Kind::ShellType if !words(sql).contains(&&b"AS"[..]) => {
            Some(Ban::entry("create base types"))
        }
        Kind::Aggregate if has_sequence(sql, &[b"STYPE", b"internal"]) => {
            Some(Ban::entry("create aggregates with internal state"))
        }
        Kind::Function | Kind::Procedure => function(scene, sql),
        Kind::Cast => cast(scene, entry),
        Kind::Transform if !makes_a_type(scene, entry) => {
            Some(Ban::entry("create transforms for types of others"))
        }
        Kind::Extension => extension(scene, entry),
        Kind::Publication if has_sequence(sql, &[b"FOR", b"ALL", b"TABLES"]) => {
            Some(Ban::entry("create publications FOR ALL TABLES"))
        }
        Kind::PublicationTablesInSchema => Some(Ban::entry("publish all tables of a schema")),
        Kind::Subscription => subscription(scene),
        Kind::Server => server(scene, sql),
        Kind::Schema => schema(scene, entry),
        Kind::Comment => comment(scene, entry),
        Kind::Acl => grants(scene, entry),
        Kind::DefaultAcl => default_privileges(scene, entry),
        _ => None,
    }
}

/// Whether these words follow one another.
fn has_sequence(sql: &[u8], wanted: &[&[u8]]) -> bool {
    words(sql)
        .windows(wanted.len())
        .any(|found| found == wanted)
}

fn function(scene: &Scene<'_>, sql: &[u8]) -> Option<Ban> {
    let language = name(follower(sql, b"LANGUAGE")?);
    let is_made = || {
        let entries = &scene.database.toc.entries;
        let mut languages = entries.iter();
        languages.any(|entry| {
            let makes = matches!(
                entry.kind,
                ObjectKind::ProceduralLanguage | ObjectKind::Extension
            );
            makes && entry.tag == language.as_slice()
        })
    };
    if !scene.rights.may("use language", &language) && !is_made() {
        let language = language.as_bstr();
        return Some(Ban::entry(format!(
            "create functions in language {language}"
        )));
    }
    // The body is a string or comes after these words.
    let words = words(sql);
    let head = words
        .iter()
        .take_while(|word| !matches!(**word, b"AS" | b"BEGIN" | b"RETURN"));
    let mut head = head.peekable();
    let is_leakproof = head.any(|word| *word == b"LEAKPROOF");
    is_leakproof.then(|| Ban::entry("create leakproof functions"))
}

/// A type of the archive belongs to the user who restores it.
fn makes_a_type(scene: &Scene<'_>, entry: &TocEntry) -> bool {
    let mut needed = entry
        .dependencies
        .iter()
        .filter_map(|id| scene.by_id.get(id));
    needed.any(|entry| {
        matches!(
            entry.kind,
            ObjectKind::Type | ObjectKind::Domain | ObjectKind::Table | ObjectKind::View
        )
    })
}

fn cast(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    if has_sequence(entry.definition(), &[b"WITHOUT", b"FUNCTION"]) {
        return Some(Ban::entry("create casts without a function"));
    }
    let is_foreign = !makes_a_type(scene, entry);
    is_foreign.then(|| Ban::entry("create casts between types of others"))
}

/// An existing extension stays as it is (CREATE EXTENSION IF NOT EXISTS).
fn extension(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    let is_there = scene
        .there
        .is_some_and(|there| there.may("extension", &entry.tag));
    let is_available = scene.target.extensions.contains(&entry.tag);
    if is_there || !is_available || scene.rights.is_managed() {
        return None;
    }
    if !scene.rights.may("create extension", &entry.tag) {
        let remedy = "Create the extensions first, as a superuser.";
        return Some(Ban::entry("create these extensions").with_remedy(remedy));
    }
    lacks_create(scene).then(|| no_create(scene))
}

fn subscription(scene: &Scene<'_>) -> Option<Ban> {
    let may = scene.target.version_num >= SUBSCRIBERS_SINCE
        && scene.rights.may("act as", b"pg_create_subscription");
    let remedy = "GRANT pg_create_subscription TO the user, from PostgreSQL 16 on.";
    (!may).then(|| Ban::entry("create subscriptions").with_remedy(remedy))
}

fn server(scene: &Scene<'_>, sql: &[u8]) -> Option<Ban> {
    let words = words(sql);
    let at = words
        .windows(3)
        .position(|w| w == [&b"FOREIGN"[..], b"DATA", b"WRAPPER"])?;
    let wrapper = name(words.get(at + 3)?);
    let there = scene.there.filter(|there| there.may("wrapper", &wrapper))?;
    if there.may("use wrapper", &wrapper) {
        return None;
    }
    let wrapper = wrapper.as_bstr();
    let remedy = format!("GRANT USAGE ON FOREIGN DATA WRAPPER {wrapper} TO the user.");
    Some(Ban::entry(format!("use foreign-data wrapper {wrapper}")).with_remedy(remedy))
}

fn schema(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    (!is_public_schema(entry) && lacks_create(scene)).then(|| no_create(scene))
}

fn lacks_create(scene: &Scene<'_>) -> bool {
    scene.there.is_some_and(|there| !there.may("create", b""))
}

fn no_create(scene: &Scene<'_>) -> Ban {
    let name = &scene.database.target;
    let remedy = format!("GRANT CREATE ON DATABASE \"{name}\" TO the user.");
    Ban::entry("create schemas and extensions in the database").with_remedy(remedy)
}

/// Whether schema public belongs to another than the user.
fn public_is_foreign(scene: &Scene<'_>) -> bool {
    match scene.there {
        Some(there) => !there.may("own schema", b"public"),
        None => scene.target.version_num < PUBLIC_BELONGS_TO_OWNER_SINCE,
    }
}

/// A comment on what the archive makes is as allowed as making it.
fn comment(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    if is_public_schema(entry) && public_is_foreign(scene) {
        return Some(Ban::entry("comment on schema public"));
    }
    let extension = entry.tag.strip_prefix(b"EXTENSION ")?;
    let there = scene
        .there
        .filter(|there| there.may("extension", &unquoted(extension)))?;
    let is_own = there.may("own extension", &unquoted(extension));
    (!is_own).then(|| Ban::entry("comment on extensions of others"))
}

/// Tags hold names as SQL.
fn unquoted(text: &[u8]) -> BString {
    words(text)
        .first()
        .map(|word| name(word).into())
        .unwrap_or_default()
}

/// Rights on what the archive does not make belong to somebody else.
fn grants(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    if is_public_schema(entry) {
        let deed = "grant rights on schema public";
        return public_is_foreign(scene).then(|| Ban::entry(deed));
    }
    let is_large_object = entry.subject() == Subject::LargeObjects;
    let mut subjects = entry
        .dependencies
        .iter()
        .filter_map(|id| scene.by_id.get(id));
    let has_subject = subjects.any(|subject| subject.kind != ObjectKind::Acl);
    let deed = "grant rights on objects of extensions or of the system";
    (!has_subject && !is_large_object).then(|| Ban::entry(deed))
}

fn default_privileges(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    let words = words(entry.definition());
    let at = words
        .windows(2)
        .position(|pair| pair == [&b"FOR"[..], b"ROLE"])?;
    let role: BString = name(words.get(at + 2)?).into();
    (!scene.acts_as(&role)).then(|| {
        let remedy = scene.membership(&role);
        Ban::entry(format!("change default privileges of role \"{role}\"")).with_remedy(remedy)
    })
}

/// Single statements that are not allowed, the rest being so.
pub(crate) fn statements(scene: &Scene<'_>, entry: &TocEntry) -> Vec<Ban> {
    match entry.kind {
        ObjectKind::DatabaseProperties => settings(scene, entry),
        ObjectKind::Acl => grants_by_others(scene, entry),
        _ => Vec::new(),
    }
}

/// `ALTER DATABASE d SET p TO v` and `ALTER ROLE r IN DATABASE d SET p TO v`.
fn settings(scene: &Scene<'_>, entry: &TocEntry) -> Vec<Ban> {
    let mut deeds = Vec::new();
    let allowed = without(entry.definition(), |statement| {
        let deed = forbidden_setting(scene, statement);
        let is_allowed = deed.is_none();
        deeds.extend(deed);
        is_allowed
    });
    let ban = |deed| Ban {
        deed,
        remedy: None,
        cut: Cut::Definition(allowed.clone()),
    };
    deeds.into_iter().map(ban).collect()
}

fn forbidden_setting(scene: &Scene<'_>, statement: &[u8]) -> Option<String> {
    let parameter = follower(statement, b"SET")?;
    let words = words(statement);
    if words.first() == Some(&&b"ALTER"[..]) && words.get(1) == Some(&&b"ROLE"[..]) {
        let role: BString = name(words.get(2)?).into();
        let may = scene.acts_as(&role) || scene.rights.may("administer", &role);
        if !may {
            return Some(format!("set parameters for role \"{role}\""));
        }
    }
    let parameter: BString = name(parameter).into();
    (!scene.rights.may_set(&parameter)).then(|| format!("set parameter {parameter}"))
}

/// `SET SESSION AUTHORIZATION r; GRANT ..; RESET SESSION AUTHORIZATION`: what a role passes on that
/// got it with grant option. The user can do it as that role only.
fn grants_by_others(scene: &Scene<'_>, entry: &TocEntry) -> Vec<Ban> {
    let mut deeds = Vec::new();
    let mut is_other = false;
    let allowed = without(entry.definition(), |statement| {
        if statement.starts_with(b"SET SESSION AUTHORIZATION ") {
            let role: BString = follower(statement, b"AUTHORIZATION")
                .map(name)
                .unwrap_or_default()
                .into();
            is_other = !scene.acts_as(&role) && role != "DEFAULT";
            if is_other {
                deeds.push((format!("grant as role \"{role}\""), role));
            }
            return !is_other;
        }
        let is_left_out = is_other;
        is_other &= !statement.starts_with(b"RESET SESSION AUTHORIZATION");
        !is_left_out
    });
    let ban = |(deed, role): (String, BString)| Ban {
        deed,
        remedy: Some(scene.membership(&role)),
        cut: Cut::Definition(allowed.clone()),
    };
    deeds.into_iter().map(ban).collect()
}

/// The statements of `sql` that `keep` keeps.
pub(crate) fn without(sql: &[u8], mut keep: impl FnMut(&[u8]) -> bool) -> BString {
    let mut kept = BString::default();
    for statement in lex::statements(sql) {
        if keep(statement) {
            kept.extend_from_slice(statement);
            kept.extend_from_slice(b";\n");
        }
    }
    kept
}

/// A tablespace in which the user may not create.
pub(crate) fn tablespace(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    let (name, cut) = match entry.kind {
        ObjectKind::Database => {
            let (name, without) = lex::without_tablespace(entry.definition())?;
            (name, Cut::Definition(without))
        }
        _ => (entry.tablespace.clone()?, Cut::Tablespace),
    };
    (!name.is_empty() && !scene.rights.may("use tablespace", &name)).then(|| Ban {
        deed: format!("create in tablespace \"{name}\""),
        remedy: Some(format!(
            "Create it, if it is not there, and GRANT CREATE ON TABLESPACE \"{name}\" TO the user."
        )),
        cut,
    })
}

//! What the target lacks and entries need: roles, extensions, tablespaces. Found before anything is done.
//!
//! Pure. One finding for each missing thing; ordinary roles share one. With `--skip-unavailable` its objects
//! and their dependants are left out ([`leave_out`](crate::restore::adapt::leave_out)); without it nothing
//! is restored. Some things nobody can provide: the roles that come with a newer server. Their objects are
//! left out in any case, and told; so are settings of roles where neither owners nor grants are restored.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use bstr::BString;

use super::forbidden::few;
use crate::restore::adapt::leave_out::{Cut, Loss};
use crate::restore::adapt::roles::{role_places, roles_in};
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::finding::{Finding, Severity};
use crate::restore::options::{GlobalsChoice, RestoreOptions};
use crate::restore::plan::DatabaseWork;
use crate::restore::plan::globals::is_asked_for;
use crate::restore::select::is_ownership;
use crate::restore::target::facts::Target;
use crate::toc::lex::{self, words};
use crate::toc::{ObjectKind, TocEntry};

/// Roles that begin so come with the server: nobody can create one (`IsReservedName` in catalog.c).
const PREDEFINED: &[u8] = b"pg_";

/// Something that the target lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Extension(BString),
    /// The name, and why it cannot be created, where the archive has it.
    Tablespace(BString, Option<String>),
    Role(BString),
    /// A role that nobody can create here.
    PredefinedRole(BString),
    /// A role of which only settings would be restored.
    RoleOfSettings(BString),
}

/// Something that an entry needs and the target lacks.
#[derive(Debug, Clone)]
pub(crate) struct Unavailable {
    things: BTreeSet<Thing>,
    loss: Loss,
}

impl Thing {
    /// Whether it is left out without being asked.
    fn is_beyond_help(&self) -> bool {
        matches!(self, Self::PredefinedRole(_) | Self::RoleOfSettings(_))
    }

    fn describe(&self, target: &Target) -> String {
        match self {
            Self::Extension(name) => {
                format!("extension \"{name}\" is not available on the target server")
            }
            Self::Tablespace(name, None) => {
                format!("the target server has no tablespace \"{name}\"")
            }
            Self::Tablespace(name, Some(why)) => {
                format!("tablespace \"{name}\" cannot be created on the target server: {why}")
            }
            Self::Role(name) | Self::RoleOfSettings(name) => {
                format!("the target server has no role \"{name}\"")
            }
            Self::PredefinedRole(name) => format!(
                "the target (PostgreSQL {}) does not know the predefined role \"{name}\"",
                target.version_num / 10_000
            ),
        }
    }

    fn hint(&self, options: &RestoreOptions) -> String {
        let help = match self {
            Self::Extension(_) => "Install it on the target server's host.",
            Self::Tablespace(..) => {
                "Create it first under this name, in any folder, or use --no-tablespaces."
            }
            _ if options.globals == GlobalsChoice::Without => {
                "Restore without --no-globals, create them first, use -O and -x, or --map-role OLD=NEW."
            }
            _ => {
                "Create them first, use -O and -x, or --map-role OLD=NEW. The archive does not hold them."
            }
        };
        format!("{help}\n--skip-unavailable leaves out the objects that need it.")
    }
}

/// All wanted entries that need a missing thing.
pub(crate) fn find(
    contents: &Contents,
    work: &[DatabaseWork],
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Unavailable> {
    let scene = Scene {
        target,
        options,
        created: created(contents, options),
    };
    let mut found = Vec::new();
    for (number, (database, work)) in contents.databases.iter().zip(work).enumerate() {
        for (position, entry) in database.toc.entries.iter().enumerate() {
            let of_database = work.of_database.contains(&position);
            if !of_database && !work.needs[position].any() {
                continue;
            }
            found.extend(
                scene
                    .judge(entry)
                    .into_iter()
                    .map(|(things, cut)| Unavailable {
                        loss: loss(
                            Some(number),
                            position,
                            database.describe_whole(entry),
                            &things,
                            cut,
                            target,
                        ),
                        things,
                    }),
            );
        }
    }
    let globals = contents
        .globals
        .iter()
        .flat_map(|toc| toc.entries.iter().enumerate());
    for (position, entry) in globals.filter(|(_, entry)| is_asked_for(entry, options)) {
        if entry.kind != ObjectKind::RoleMembership {
            continue;
        }
        let roles = scene.missing(&roles_in(&entry.kind, entry.definition()));
        let things: BTreeSet<Thing> = roles.into_iter().filter(Thing::is_beyond_help).collect();
        if !things.is_empty() {
            let object = format!("{} {}", entry.kind, entry.tag);
            let loss = loss(None, position, object, &things, Cut::Entry, target);
            found.push(Unavailable { things, loss });
        }
    }
    found
}

fn loss(
    database: Option<usize>,
    position: usize,
    object: String,
    things: &BTreeSet<Thing>,
    cut: Cut,
    target: &Target,
) -> Loss {
    let reasons: Vec<String> = things.iter().map(|thing| thing.describe(target)).collect();
    Loss {
        database,
        position,
        object,
        because: reasons.join(", "),
        cut,
    }
}

/// The roles and tablespaces that the restore makes.
fn created(contents: &Contents, options: &RestoreOptions) -> HashSet<(ObjectKind, BString)> {
    let entries = contents.globals.iter().flat_map(|toc| &toc.entries);
    let made = entries.filter(|entry| {
        matches!(entry.kind, ObjectKind::Role | ObjectKind::Tablespace)
            && is_asked_for(entry, options)
    });
    made.map(|entry| (entry.kind.clone(), entry.tag.clone()))
        .collect()
}

struct Scene<'a> {
    target: &'a Target,
    options: &'a RestoreOptions,
    created: HashSet<(ObjectKind, BString)>,
}

impl Scene<'_> {
    /// All missing things that an entry needs, and the part of the entry that each costs.
    fn judge(&self, entry: &TocEntry) -> Vec<(BTreeSet<Thing>, Cut)> {
        if entry.kind == ObjectKind::Extension && !self.target.extensions.contains(&entry.tag) {
            return vec![([Thing::Extension(entry.tag.clone())].into(), Cut::Entry)];
        }
        let mut found = Vec::new();
        found.extend(self.owner(entry));
        found.extend(self.named(entry));
        found.extend(self.tablespace(entry));
        found
    }

    /// Those of these roles that are not there and are not made.
    fn missing(&self, roles: &BTreeSet<BString>) -> Vec<Thing> {
        let is_missing = |role: &&BString| {
            !self.target.roles.contains(*role)
                && !self.created.contains(&(ObjectKind::Role, (*role).clone()))
        };
        let thing = |role: &BString| {
            if role.starts_with(PREDEFINED) {
                Thing::PredefinedRole(role.clone())
            } else {
                Thing::Role(role.clone())
            }
        };
        roles.iter().filter(is_missing).map(thing).collect()
    }

    fn owner(&self, entry: &TocEntry) -> Option<(BTreeSet<Thing>, Cut)> {
        let owner = entry.owner.clone().filter(|owner| !owner.is_empty())?;
        let is_owned = entry.drop_stmt.as_ref().is_some_and(|sql| !sql.is_empty());
        if !self.options.selection.owners || !is_owned {
            return None;
        }
        let things: BTreeSet<Thing> = self.missing(&[owner].into()).into_iter().collect();
        (!things.is_empty()).then_some((things, Cut::Owner))
    }

    /// Roles in grants, policies, mappings, and settings of roles in the database.
    fn named(&self, entry: &TocEntry) -> Option<(BTreeSet<Thing>, Cut)> {
        use ObjectKind as Kind;
        let sql = entry.definition();
        let names_roles = match entry.kind {
            Kind::Acl | Kind::DefaultAcl | Kind::Policy | Kind::UserMapping => true,
            Kind::DatabaseProperties => true,
            Kind::Blob => is_ownership(entry) && self.options.selection.owners,
            _ => false,
        };
        if !names_roles {
            return None;
        }
        let missing = self.missing(&roles_in(&entry.kind, sql));
        let is_missing = |role: &BString| {
            missing.iter().any(|thing| {
                matches!(thing, Thing::Role(name) | Thing::PredefinedRole(name) if name == role)
            })
        };
        let cut = match entry.kind {
            Kind::Policy => without_members(sql, &is_missing),
            Kind::UserMapping | Kind::Blob => Cut::Entry,
            _ => Cut::Definition(without_statements(&entry.kind, sql, &is_missing)),
        };
        let selection = &self.options.selection;
        let only_settings =
            entry.kind == Kind::DatabaseProperties && !selection.owners && !selection.privileges;
        let things: BTreeSet<Thing> = missing
            .into_iter()
            .map(|thing| match thing {
                Thing::Role(name) if only_settings => Thing::RoleOfSettings(name),
                thing => thing,
            })
            .collect();
        (!things.is_empty()).then_some((things, cut))
    }

    /// Of a user that is no superuser it is asked elsewhere whether it may create in the tablespace.
    fn tablespace(&self, entry: &TocEntry) -> Option<(BTreeSet<Thing>, Cut)> {
        let (name, cut) = match entry.kind {
            ObjectKind::Database => {
                let (name, without) = lex::without_tablespace(entry.definition())?;
                (name, Cut::Definition(without))
            }
            _ => (entry.tablespace.clone()?, Cut::Tablespace),
        };
        let target = self.target;
        let is_there = target.tablespaces.contains(&name);
        if name.is_empty() || is_there || !target.is_superuser {
            return None;
        }
        let is_created = self
            .created
            .contains(&(ObjectKind::Tablespace, name.clone()));
        let why = target.why_no_tablespace(&name);
        if is_created && why.is_none() {
            return None;
        }
        let thing = Thing::Tablespace(name, why.filter(|_| is_created));
        Some(([thing].into(), cut))
    }
}

/// The statements that name none of these roles. Grants given in the name of a role go with that role.
fn without_statements(
    kind: &ObjectKind,
    sql: &[u8],
    is_missing: &impl Fn(&BString) -> bool,
) -> BString {
    let mut left = BString::default();
    let mut acts_as_missing = false;
    for statement in lex::statements(sql) {
        let names = roles_in(kind, statement).iter().any(is_missing);
        let words = words(statement);
        let sets_user = words.starts_with(&[b"SET", b"SESSION", b"AUTHORIZATION"]);
        let resets_user = words.starts_with(&[b"RESET", b"SESSION", b"AUTHORIZATION"])
            || words.starts_with(&[b"SET", b"SESSION", b"AUTHORIZATION", b"DEFAULT"]);
        let was_acting = acts_as_missing;
        if sets_user || resets_user {
            acts_as_missing = names;
        }
        if names || was_acting {
            continue;
        }
        left.extend_from_slice(statement);
        left.extend_from_slice(b";\n");
    }
    left
}

/// `CREATE POLICY .. TO a, b ..` for those that are there; none of it where it was for others only.
fn without_members(sql: &[u8], is_missing: &impl Fn(&BString) -> bool) -> Cut {
    let places: Vec<Range<usize>> = role_places(&ObjectKind::Policy, sql);
    let left: Vec<&[u8]> = places
        .iter()
        .filter(|place| !is_missing(&lex::name(&sql[(*place).clone()]).into()))
        .map(|place| &sql[place.clone()])
        .collect();
    match (places.first(), places.last()) {
        (Some(first), Some(last)) if !left.is_empty() => {
            let list = bstr::join(", ", left);
            Cut::Definition(
                [&sql[..first.start], &list, &sql[last.end..]]
                    .concat()
                    .into(),
            )
        }
        _ => Cut::Entry,
    }
}

/// The missing things, each with the entries that need it: problems, or notices of entries left out.
pub(crate) fn findings(
    found: &[Unavailable],
    contents: &Contents,
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Finding> {
    let mut by_thing: BTreeMap<&Thing, Vec<&Loss>> = BTreeMap::new();
    for item in found {
        for thing in &item.things {
            by_thing.entry(thing).or_default().push(&item.loss);
        }
    }
    let mut groups: Vec<(&Thing, String, Vec<&Loss>)> = Vec::new();
    for (thing, losses) in by_thing {
        match (groups.last_mut(), thing) {
            // The roles share one finding: there may be many of them.
            (Some((Thing::Role(_), what, all)), Thing::Role(name)) => {
                what.push_str(&format!(", \"{name}\""));
                all.extend(losses);
            }
            _ => groups.push((thing, thing.describe(target), losses)),
        }
    }
    let finding = |(thing, what, losses): (&Thing, String, Vec<&Loss>)| {
        let mut objects: Vec<String> = Vec::new();
        for object in losses.iter().map(|loss| described(loss, contents)) {
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        let text = format!("{what}; needed by {}", few(&objects));
        if options.skip_unavailable || thing.is_beyond_help() {
            return Finding::notice(format!("{text}; left out"));
        }
        Finding {
            severity: Severity::Problem,
            text,
            hint: Some(thing.hint(options)),
        }
    };
    groups.into_iter().map(finding).collect()
}

fn described(loss: &Loss, contents: &Contents) -> String {
    let several = contents.databases.len() > 1;
    let database = loss
        .database
        .and_then(|number| contents.databases.get(number));
    match database.filter(|_| several) {
        Some(DatabaseContents { target, .. }) => {
            format!("{} (database \"{target}\")", loss.part())
        }
        None => loss.part(),
    }
}

/// The part of it that is left out.
pub(crate) fn losses(found: &[Unavailable], options: &RestoreOptions) -> Vec<Loss> {
    let is_left_out = |item: &&Unavailable| {
        options.skip_unavailable || item.things.iter().all(Thing::is_beyond_help)
    };
    found
        .iter()
        .filter(is_left_out)
        .map(|item| item.loss.clone())
        .collect()
}

#[cfg(test)]
mod tests;

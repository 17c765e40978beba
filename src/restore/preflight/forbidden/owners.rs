//! Who may be given an object by a user that is no superuser: a role that the user may become, and that
//! may create where the object is (PostgreSQL documentation, the Notes of each ALTER .. OWNER TO).
//!
//! Pure. Grants are restored after owners, so the rights they give do not count yet.

use bstr::BString;

use crate::restore::adapt::leave_out::Cut;
use crate::restore::adapt::roles::roles_in;
use crate::restore::preflight::forbidden::scene::{Ban, Scene};
use crate::restore::select::is_ownership;
use crate::toc::{ObjectKind, TocEntry};

/// Why the entry's owner cannot be its owner on the target.
pub(crate) fn ownership(scene: &Scene<'_>, entry: &TocEntry) -> Option<Ban> {
    if is_ownership(entry) {
        let roles = roles_in(&entry.kind, entry.definition());
        let stranger = roles.into_iter().find(|role| !scene.acts_as(role));
        return stranger.map(|role| no_member(scene, &role, Cut::Entry));
    }
    let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty())?;
    let is_owned = entry.drop_stmt.as_ref().is_some_and(|sql| !sql.is_empty());
    if !is_owned || !takes_owner(&entry.kind) || *owner == scene.target.user {
        return None;
    }
    if !scene.acts_as(owner) {
        return Some(no_member(scene, owner, Cut::Owner));
    }
    let place = closed_place(scene, entry, owner)?;
    Some(Ban {
        deed: format!("give objects in {place} to role \"{owner}\", which may not create there"),
        remedy: Some(format!(
            "GRANT \"{owner}\" the right to create there, or restore with -O."
        )),
        cut: Cut::Owner,
    })
}

/// Where the owner would have to be allowed to create, and is not.
fn closed_place(scene: &Scene<'_>, entry: &TocEntry, owner: &BString) -> Option<String> {
    let schema = BString::from(entry.schema());
    if !schema.is_empty() {
        let is_open = may_create_in(scene, owner, &schema);
        return (!is_open).then(|| format!("schema \"{schema}\""));
    }
    match entry.kind {
        ObjectKind::Publication | ObjectKind::Subscription => {
            let is_open = match scene.there {
                Some(there) => there.may("create as", owner),
                None => database_owner(scene) == Some(owner),
            };
            (!is_open).then(|| format!("database \"{}\"", scene.database.target))
        }
        // Their owners must be allowed to use the wrapper, which only a superuser can have said.
        ObjectKind::Server => Some("a foreign-data wrapper".to_owned()),
        _ => None,
    }
}

fn no_member(scene: &Scene<'_>, role: &BString, cut: Cut) -> Ban {
    Ban {
        deed: format!("give objects to role \"{role}\", of which it is no member"),
        remedy: Some(scene.membership(role)),
        cut,
    }
}

/// Kinds that ALTER .. OWNER TO is said of.
fn takes_owner(kind: &ObjectKind) -> bool {
    use ObjectKind as Kind;
    !matches!(
        kind,
        Kind::Acl
            | Kind::Comment
            | Kind::SecurityLabel
            | Kind::Extension
            | Kind::Index
            | Kind::Constraint
            | Kind::CheckConstraint
            | Kind::FkConstraint
            | Kind::Default
            | Kind::Trigger
            | Kind::Rule
            | Kind::Policy
            | Kind::RowSecurity
            | Kind::Cast
            | Kind::Transform
            | Kind::UserMapping
            | Kind::DefaultAcl
            | Kind::TableData
            | Kind::SequenceSet
            | Kind::SequenceOwnedBy
            | Kind::TableAttach
            | Kind::IndexAttach
            | Kind::MaterializedViewData
            | Kind::PublicationTable
            | Kind::ShellType
            | Kind::DatabaseProperties
    )
}

/// A schema of the archive belongs to whom it is given; public to everybody before 15, and to the
/// database's owner since.
fn may_create_in(scene: &Scene<'_>, role: &BString, schema: &BString) -> bool {
    let entries = &scene.database.toc.entries;
    let made = entries
        .iter()
        .find(|entry| entry.kind == ObjectKind::Schema && entry.tag == *schema);
    if let Some(there) = scene.there
        && (made.is_none() || schema == "public")
    {
        return there.may(&format!("create in {schema}"), role);
    }
    if schema == "public" {
        return scene.target.version_num < 150_000 || database_owner(scene) == Some(role);
    }
    made.and_then(|schema| schema.owner.as_ref()) == Some(role)
}

/// The owner that a database which the restore makes is given.
fn database_owner<'a>(scene: &Scene<'a>) -> Option<&'a BString> {
    let entries = &scene.database.toc.entries;
    let database = entries
        .iter()
        .find(|entry| entry.kind == ObjectKind::Database);
    database.and_then(|database| database.owner.as_ref())
}

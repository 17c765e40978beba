//! Roles, their settings and memberships, rights on parameters: the parts that a plain user may not restore.
//!
//! Pure. After CreateRole, AlterRole and GrantRole in PostgreSQL's `user.c`. Before 16, CREATEROLE is
//! nearly everything; since then it is about the roles that one has made.

use std::collections::HashSet;

use bstr::BString;

use crate::restore::adapt::leave_out::Cut;
use crate::restore::adapt::plain_user;
use crate::restore::adapt::roles::role_places;
use crate::restore::contents::Contents;
use crate::restore::options::RestoreOptions;
use crate::restore::plan::globals::GlobalsPlan;
use crate::restore::preflight::forbidden::scene::Forbidden;
use crate::restore::target::facts::Target;
use crate::toc::lex::{name, words};
use crate::toc::{ObjectKind, TocEntry};

/// The roles that the restore makes: the archive has them, the target has not.
pub(crate) fn made_roles(contents: &Contents, target: &Target) -> HashSet<BString> {
    let entries = contents.globals.iter().flat_map(|toc| &toc.entries);
    entries
        .filter(|entry| entry.kind == ObjectKind::Role && !target.roles.contains(&entry.tag))
        .map(|entry| entry.tag.clone())
        .collect()
}

/// Everything about roles that would be restored and may not be.
pub(crate) fn find(
    contents: &Contents,
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Forbidden> {
    let Some(toc) = &contents.globals else {
        return Vec::new();
    };
    let made = made_roles(contents, target);
    let plan = GlobalsPlan::new(toc, target, options);
    let mut found = Vec::new();
    for &position in &plan.entries {
        let entry = &toc.entries[position];
        found.extend(
            judge(entry, target, &made)
                .into_iter()
                .map(|(deed, cut)| Forbidden {
                    database: None,
                    position,
                    object: format!("{} {}", entry.kind, entry.tag),
                    deed,
                    remedy: None,
                    cut,
                }),
        );
    }
    found
}

fn judge(entry: &TocEntry, target: &Target, made: &HashSet<BString>) -> Vec<(String, Cut)> {
    let rights = &target.rights;
    match entry.kind {
        ObjectKind::Role => attributes(entry, target),
        ObjectKind::RoleSettings => {
            let words = words(entry.definition());
            let at = words.iter().position(|word| *word == b"SET");
            let parameter = at.and_then(|at| words.get(at + 1)).map(|word| name(word));
            match parameter.filter(|parameter| !rights.may_set(parameter)) {
                Some(parameter) => {
                    let parameter = BString::from(parameter);
                    vec![(format!("set parameter {parameter}"), Cut::Entry)]
                }
                None => Vec::new(),
            }
        }
        ObjectKind::RoleMembership => {
            let sql = entry.definition();
            let role = role_places(&entry.kind, sql).into_iter().next();
            let role: BString = role
                .map(|place| name(&sql[place]))
                .unwrap_or_default()
                .into();
            if made.contains(&role) || rights.may("administer", &role) {
                Vec::new()
            } else {
                vec![(format!("grant role \"{role}\""), Cut::Entry)]
            }
        }
        ObjectKind::ParameterAcl => {
            vec![("grant rights on parameters".to_owned(), Cut::Entry)]
        }
        _ => Vec::new(),
    }
}

/// Attributes that the user may not give. Taking them from a new role is needless: it has none.
fn attributes(entry: &TocEntry, target: &Target) -> Vec<(String, Cut)> {
    let missing: Vec<&str> = plain_user::GUARDED
        .into_iter()
        .filter(|attribute| !target.rights.may("attribute", attribute.as_bytes()))
        .filter(|attribute| words(entry.definition()).contains(&attribute.as_bytes()))
        .collect();
    let cut = Cut::Definition(plain_user::without_attributes(entry.definition(), &missing));
    let deed = |attribute: &str| {
        (
            format!("give the attribute {attribute} to roles"),
            cut.clone(),
        )
    };
    missing.iter().map(|attribute| deed(attribute)).collect()
}

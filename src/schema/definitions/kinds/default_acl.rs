//! Default privileges: `getDefaultACLs()` and `dumpDefaultACL()` in pg_dump.c.

use bstr::BString;

use super::super::acl::{self, On};
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::DefaultPrivileges;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::default_acl::DefaultAcl;
use super::super::text::{push, sql};
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// They are sorted by their kind's letter.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, role, schema) = (row.catalog()?, row.oid()?, row.oid()?);
        let kind: DefaultPrivileges = row.letter()?;
        let name = BString::from(letter(kind));
        let namespace = match schema {
            0 => None,
            oid => Some(model.namespace(oid, &name)?),
        };
        let role = model.role(role, b"a default privilege")?;
        let wanted = match namespace {
            Some(at) => model.namespaces[at].contains,
            None => Parts::all_if(model.chosen.is_everything()),
        };
        let node = model.add(Draft {
            class: Class::DefaultAcl,
            catalog,
            name,
            namespace,
            at: model.default_acls.len(),
        });
        let object = model.object_mut(node);
        // The statements are rights, and the entry's definition.
        object.wanted = if wanted.has(Parts::RIGHTS) {
            wanted | Parts::DEFINITION
        } else {
            wanted
        };
        model.default_acls.push(DefaultAcl {
            node,
            role,
            kind,
            rights: row.rights()?,
        });
    }
    Ok(())
}

fn letter(kind: DefaultPrivileges) -> &'static str {
    match kind {
        DefaultPrivileges::Tables => "r",
        DefaultPrivileges::Sequences => "S",
        DefaultPrivileges::Functions => "f",
        DefaultPrivileges::Types => "T",
        DefaultPrivileges::Schemas => "n",
        DefaultPrivileges::LargeObjects => "L",
    }
}

/// The statements; they are definitions and rights at once.
pub(crate) fn render(default: &DefaultAcl, out: &mut Output<'_>) {
    let model = out.model;
    let what = match default.kind {
        DefaultPrivileges::Tables => "TABLES",
        DefaultPrivileges::Sequences => "SEQUENCES",
        DefaultPrivileges::Functions => "FUNCTIONS",
        DefaultPrivileges::Types => "TYPES",
        DefaultPrivileges::Schemas => "SCHEMAS",
        DefaultPrivileges::LargeObjects => "LARGE OBJECTS",
    };
    let role = ident_as_needed(&default.role);
    let mut prefix = sql!("ALTER DEFAULT PRIVILEGES FOR ROLE ", role, " ");
    if let Some(schema) = model.schema_name(model.object(default.node).namespace) {
        push!(prefix, "IN SCHEMA ", ident_as_needed(schema), " ");
    }
    let on = On {
        what,
        name: b"",
        column: None,
        schema: None,
        owner: &default.role,
        prefix: &prefix,
    };
    let defn = acl::commands(&on, &default.rights);
    let owner = Some(&default.role[..]);
    if let Some(entry) = out.define(default.node, ObjectKind::DefaultAcl, owner, (defn, None)) {
        entry.tag = sql!("DEFAULT PRIVILEGES FOR ", what);
    }
}

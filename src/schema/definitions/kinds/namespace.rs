//! Schemas.

use bstr::BString;

use super::super::acl::item_name;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::namespace::Namespace;
use super::super::text::sql;
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// The comment that initdb gives `public`.
const PUBLIC_COMMENT: &[u8] = b"standard public schema";

/// `getNamespaces()` in pg_dump.c.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let owner_oid = row.oid()?;
        let owner = model.role(owner_oid, &name)?;
        let mut rights = row.rights()?;
        let of = wanted::of_namespace(model, catalog.oid, &name, owner_oid);
        let is_public = name == "public";
        let at = model.namespaces.len();
        let node = model.add(Draft {
            class: Class::Namespace,
            catalog,
            name,
            namespace: None,
            at,
        });
        let object = model.object_mut(node);
        object.wanted = of.own;
        if rights.current.is_some() || is_public {
            object.has |= Parts::RIGHTS;
        }
        if of.has_comment {
            object.has |= Parts::COMMENT;
        }
        // Grants on `public` are made out of what it had before server 15.
        if is_public {
            let role = item_name(&owner);
            let items = [sql!(role, "=UC/", role), sql!("=U/", role)];
            rights.initial = Some(written_array(&items));
        }
        model.namespaces.push(Namespace {
            node,
            oid: catalog.oid,
            contains: of.contains,
            is_created: of.is_created,
            owner,
            rights,
        });
        // The objects in an extension's schema are wanted for themselves.
        wanted::of_member(model, node);
    }
    Ok(())
}

/// Texts as an array.
fn written_array(items: &[BString]) -> BString {
    let mut out = BString::from("{");
    for (number, item) in items.iter().enumerate() {
        out.extend_from_slice(if number > 0 { b",\"" } else { b"\"" });
        for &byte in item.iter() {
            if byte == b'"' || byte == b'\\' {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'"');
    }
    out.push(b'}');
    out
}

/// `dumpNamespace()` in pg_dump.c.
pub(crate) fn render(namespace: &Namespace, out: &mut Output<'_>) {
    let model = out.model;
    let name = ident_as_needed(&model.object(namespace.node).name);
    let (defn, drop) = if namespace.is_created {
        (
            sql!("CREATE SCHEMA ", name, ";\n"),
            sql!("DROP SCHEMA ", name, ";\n"),
        )
    } else {
        (
            "-- *not* creating schema, since initdb creates it\n".into(),
            "-- *not* dropping schema, since initdb creates it\n".into(),
        )
    };
    let owner = &namespace.owner;
    out.define(
        namespace.node,
        ObjectKind::Schema,
        Some(owner),
        (defn, Some(drop)),
    );
    let about = out.about(namespace.node, "SCHEMA", &name, owner);
    if namespace.is_created || name != "public" {
        out.comment(&about);
    } else if about.written.has(Parts::COMMENT) {
        let own = model.comment(about.catalog, 0);
        let text = own.map_or(&b""[..], |text| text);
        if text != PUBLIC_COMMENT {
            out.remark(&about, text);
        }
    }
    out.labels(&about);
    out.rights(&about, "SCHEMA", &name, &namespace.rights);
}

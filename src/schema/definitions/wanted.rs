//! What is dumped of which object: the rules of pg_dump's `selectDumpable*()`. Pure.

use super::catalogs::{FIRST_USER_OID, PG_DATABASE_OWNER};
use super::model::Model;
use super::object::{Node, Parts};

/// A member of an extension comes with it, but for its rights. Says whether it is one
/// (`checkExtensionMembership()`).
pub(super) fn of_member(model: &mut Model, node: Node) -> bool {
    let catalog = model.object(node).catalog;
    let Some(&extension) = model.members.get(&(catalog.table_oid, catalog.oid)) else {
        return false;
    };
    let Some(at) = model.extension_at(extension) else {
        return false;
    };
    let owner = model.extensions[at].node;
    model.need(node, owner);
    model.object_mut(node).wanted = model.extensions[at].contains & Parts::RIGHTS;
    true
}

/// An object of a schema goes with the schema, any other with everything (`selectDumpableObject()`).
pub(super) fn of_object(model: &mut Model, node: Node) {
    if of_member(model, node) {
        return;
    }
    let wanted = match model.object(node).namespace {
        Some(namespace) => model.namespaces[namespace].contains,
        None => Parts::all_if(model.chosen.is_everything()),
    };
    model.object_mut(node).wanted = wanted;
}

/// An object outside schemas that initdb may have made: then `builtin` is wanted of it.
pub(super) fn of_users_object(model: &mut Model, node: Node, builtin: Parts) {
    if of_member(model, node) {
        return;
    }
    let is_builtin = model.object(node).catalog.oid < FIRST_USER_OID;
    let wanted = match (model.chosen.is_everything(), is_builtin) {
        (false, _) => Parts::NONE,
        (true, true) => builtin,
        (true, false) => Parts::ALL,
    };
    model.object_mut(node).wanted = wanted;
}

/// An extension. What was built in, plpgsql, is there again, but for rights.
pub(super) fn of_extension(model: &Model, oid: u32) -> Parts {
    let chosen = &model.chosen;
    if oid < FIRST_USER_OID {
        return Parts::RIGHTS;
    }
    let is_chosen = match &chosen.only_extensions {
        Some(only) => only.contains(&oid),
        None => chosen.is_everything(),
    };
    Parts::all_if(is_chosen && !chosen.not_extensions.contains(&oid))
}

/// What is wanted of a schema, what of the objects in it, and whether it is created.
pub(super) struct OfNamespace {
    pub(super) own: Parts,
    pub(super) contains: Parts,
    pub(super) is_created: bool,
    /// Whether the lack of a comment counts as one.
    pub(super) has_comment: bool,
}

/// `selectDumpableNamespace()`, but for members of extensions.
pub(super) fn of_namespace(model: &Model, oid: u32, name: &[u8], owner: u32) -> OfNamespace {
    let chosen = &model.chosen;
    let same = |parts: Parts| OfNamespace {
        own: parts,
        contains: parts,
        is_created: true,
        has_comment: false,
    };
    let wanted = if chosen.only_tables.is_some() {
        same(Parts::NONE)
    } else if let Some(only) = &chosen.only_schemas {
        same(Parts::all_if(only.contains(&oid)))
    } else if name == b"pg_catalog" {
        same(Parts::RIGHTS)
    } else if name.starts_with(b"pg_") || name == b"information_schema" {
        same(Parts::NONE)
    } else if name == b"public" {
        let is_initial = owner == PG_DATABASE_OWNER;
        OfNamespace {
            own: if is_initial {
                Parts::ALL.without(Parts::DEFINITION)
            } else {
                Parts::ALL
            },
            contains: Parts::ALL,
            is_created: false,
            has_comment: true,
        }
    } else {
        same(Parts::ALL)
    };
    if chosen.not_schemas.contains(&oid) && !wanted.contains.is_none() {
        return OfNamespace {
            own: Parts::NONE,
            contains: Parts::NONE,
            ..wanted
        };
    }
    wanted
}

/// `selectDumpableTable()`.
pub(super) fn of_table(model: &mut Model, node: Node) {
    if of_member(model, node) {
        return;
    }
    let object = model.object(node);
    let oid = object.catalog.oid;
    let wanted = match (&model.chosen.only_tables, object.namespace) {
        (Some(only), _) => Parts::all_if(only.contains(&oid)),
        (None, Some(namespace)) => model.namespaces[namespace].contains,
        (None, None) => Parts::NONE,
    };
    let is_left_out = model.chosen.not_tables.contains(&oid);
    model.object_mut(node).wanted = if is_left_out { Parts::NONE } else { wanted };
}

//! Collations: `getCollations()` and `dumpCollation()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::CollationProvider;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::collation::Collation;
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, literal_plain};

/// Before this version locales are of type name, and ICU's is in `collcollate`.
const NULLABLE_LOCALES_MAJOR: u32 = 15;

/// Every collation.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let owner = model.role(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Collation,
            catalog,
            name,
            namespace: Some(namespace),
            at: model.collations.len(),
        });
        wanted::of_object(model, node);
        let is_old = model.major < NULLABLE_LOCALES_MAJOR;
        let there = |text: &BString| !is_old || !text.is_empty();
        model.collations.push(Collation {
            node,
            owner,
            encoding: row.small()?,
            provider: row.letter()?,
            is_deterministic: row.flag()?,
            collate: row.optional().filter(there),
            ctype: row.optional().filter(there),
            locale: row.optional(),
            rules: row.optional(),
        });
    }
    Ok(())
}

/// Never with the version of the provider's data.
pub(crate) fn render(collation: &Collation, out: &mut Output<'_>) {
    let model = out.model;
    let qualified = model.qualified(collation.node);
    let provider = match collation.provider {
        CollationProvider::Default => "default",
        CollationProvider::Builtin => "builtin",
        CollationProvider::Libc => "libc",
        CollationProvider::Icu => "icu",
    };
    let mut defn = sql!("CREATE COLLATION ", qualified, " (provider = ", provider);
    if !collation.is_deterministic {
        push!(defn, ", deterministic = false");
    }
    let text = |text: &Option<BString>| literal_plain(text.as_ref().map_or(b"", |text| text));
    match collation.provider {
        CollationProvider::Default => {}
        CollationProvider::Builtin => push!(defn, ", locale = ", text(&collation.locale)),
        CollationProvider::Icu => {
            let own = if model.major < NULLABLE_LOCALES_MAJOR {
                &collation.collate
            } else {
                &collation.locale
            };
            push!(defn, ", locale = ", text(own));
            if collation.rules.is_some() {
                push!(defn, ", rules = ", text(&collation.rules));
            }
        }
        CollationProvider::Libc if collation.collate == collation.ctype => {
            push!(defn, ", locale = ", text(&collation.collate));
        }
        CollationProvider::Libc => {
            push!(defn, ", lc_collate = ", text(&collation.collate));
            push!(defn, ", lc_ctype = ", text(&collation.ctype));
        }
    }
    push!(defn, ");\n");
    let drop = sql!("DROP COLLATION ", qualified, ";\n");
    let owner = Some(&collation.owner[..]);
    if out.writes(collation.node, Parts::DEFINITION) {
        out.define(
            collation.node,
            ObjectKind::Collation,
            owner,
            (defn, Some(drop)),
        );
    }
    let name = ident_as_needed(&model.object(collation.node).name);
    out.comment(&out.about(collation.node, "COLLATION", &name, &collation.owner));
}

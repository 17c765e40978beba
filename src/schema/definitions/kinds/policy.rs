//! Row security: that a table has it, and its policies: `getPolicies()` and `dumpPolicy()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{PolicyCommand, RelKind};
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::policy::{Policy, Rule};
use super::super::text::{push, sql};
use crate::toc::quote::ident_as_needed;
use crate::toc::{CatalogId, ObjectKind, Section};

/// First that tables have row security, in their order, then the policies.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for at in 0..model.tables.len() {
        let table = &model.tables[at];
        let object = model.object(table.node);
        let has_policies = matches!(table.kind, RelKind::Table | RelKind::PartitionedTable);
        if has_policies && table.has_row_security && object.wanted.has(Parts::POLICY) {
            let catalog = CatalogId {
                table_oid: 0,
                oid: object.catalog.oid,
            };
            let name = object.name.clone();
            add(model, at, (catalog, name), None);
        }
    }
    for mut row in rows.iter() {
        let (catalog, table_oid, name) = (row.catalog()?, row.oid()?, row.text()?);
        let rule = Rule {
            command: row.letter()?,
            is_permissive: row.flag()?,
            roles: row.optional(),
            using: row.optional(),
            check: row.optional(),
        };
        let Some(at) = model.table_at(table_oid) else {
            continue;
        };
        if model
            .object(model.tables[at].node)
            .wanted
            .has(Parts::POLICY)
        {
            add(model, at, (catalog, name), Some(rule));
        }
    }
    Ok(())
}

fn add(model: &mut Model, table: usize, (catalog, name): (CatalogId, BString), rule: Option<Rule>) {
    let owner = model.tables[table].node;
    model.object_mut(owner).has |= Parts::POLICY;
    let namespace = model.object(owner).namespace;
    let node = model.add(Draft {
        class: Class::Policy,
        catalog,
        name,
        namespace,
        at: model.policies.len(),
    });
    model.policies.push(Policy { node, table, rule });
}

/// The statement.
pub(crate) fn render(policy: &Policy, out: &mut Output<'_>) {
    let model = out.model;
    let table = &model.tables[policy.table];
    let qualified = model.qualified(table.node);
    let Some(rule) = &policy.rule else {
        let defn = sql!("ALTER TABLE ", qualified, " ENABLE ROW LEVEL SECURITY;");
        let owner = Some(&table.owner[..]);
        if let Some(entry) = out.define(policy.node, ObjectKind::RowSecurity, owner, (defn, None)) {
            entry.section = Section::PostData;
            entry.dependencies = vec![table.node.dump_id()];
        }
        return;
    };
    let name = ident_as_needed(&model.object(policy.node).name);
    let mut defn = sql!("CREATE POLICY ", name, " ON ", qualified);
    if !rule.is_permissive {
        push!(defn, " AS RESTRICTIVE");
    }
    push!(
        defn,
        match rule.command {
            PolicyCommand::All => "",
            PolicyCommand::Select => " FOR SELECT",
            PolicyCommand::Insert => " FOR INSERT",
            PolicyCommand::Update => " FOR UPDATE",
            PolicyCommand::Delete => " FOR DELETE",
        }
    );
    for (word, text, end) in [
        (" TO ", &rule.roles, ""),
        (" USING (", &rule.using, ")"),
        (" WITH CHECK (", &rule.check, ")"),
    ] {
        if let Some(text) = text {
            push!(defn, word, text, end);
        }
    }
    push!(defn, ";\n");
    let drop = sql!("DROP POLICY ", name, " ON ", qualified, ";\n");
    let table_name = &model.object(table.node).name;
    let tag = sql!(table_name, " ", model.object(policy.node).name);
    let owner = Some(&table.owner[..]);
    if let Some(entry) = out.define(policy.node, ObjectKind::Policy, owner, (defn, Some(drop))) {
        entry.tag = tag;
    }
    let what = sql!("POLICY ", name, " ON");
    let table_name = ident_as_needed(table_name);
    out.comment(&out.about(policy.node, &what, &table_name, &table.owner));
}

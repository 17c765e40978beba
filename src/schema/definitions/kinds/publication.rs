//! Publications and their members: `dumpPublication()`, `dumpPublicationTable()` and
//! `dumpPublicationNamespace()` in pg_dump.c.

use bstr::BString;

use super::super::catalogs::{PG_NAMESPACE, PG_PUBLICATION};
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::GeneratedColumns;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Node, Parts};
use super::super::output::Output;
use super::super::rows::publication::{Publication, PublicationSchema, PublicationTable};
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every publication.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let owner = model.role(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Publication,
            catalog,
            name,
            namespace: None,
            at: model.publications.len(),
        });
        wanted::of_object(model, node);
        model.publications.push(Publication {
            node,
            owner,
            has_all_tables: row.flag()?,
            actions: [
                ("insert", row.flag()?),
                ("update", row.flag()?),
                ("delete", row.flag()?),
                ("truncate", row.flag()?),
            ],
            is_via_root: row.flag()?,
            generated: row.letter()?,
            has_all_sequences: row.flag()?,
            except: vec![],
        });
    }
    Ok(())
}

fn place(model: &Model, oid: u32) -> Option<usize> {
    let node = model.find(PG_PUBLICATION, oid)?;
    Some(model.object(node).at)
}

/// A member is wanted if everything is (`selectDumpablePublicationObject()`).
fn want(model: &mut Model, node: Node) {
    if !wanted::of_member(model, node) {
        let wanted = Parts::all_if(model.chosen.is_everything());
        model.object_mut(node).wanted = wanted;
    }
}

/// The tables, and those that are left out.
pub(crate) fn read_tables(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, publication, table) = (row.catalog()?, row.oid()?, row.oid()?);
        let has_condition = row.flag()?;
        let (condition, columns) = (row.optional(), row.texts());
        let is_left_out = row.flag()?;
        let place = place(model, publication).zip(model.table_at(table));
        let Some((publication, table)) = place else {
            continue;
        };
        if is_left_out {
            model.publications[publication].except.push(table);
            continue;
        }
        let object = model.object(model.tables[table].node);
        if has_condition && condition.is_none() {
            return Err(Error::Gone {
                object: object.name.clone(),
            });
        }
        let node = model.add(Draft {
            class: Class::PublicationTable,
            catalog,
            name: object.name.clone(),
            namespace: object.namespace,
            at: model.publication_tables.len(),
        });
        want(model, node);
        model.publication_tables.push(PublicationTable {
            node,
            publication,
            table,
            condition,
            columns,
        });
    }
    Ok(())
}

/// The schemas. As an object such a member is in no schema.
pub(crate) fn read_schemas(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, publication, schema) = (row.catalog()?, row.oid()?, row.oid()?);
        let schema = model.find(PG_NAMESPACE, schema);
        let place = place(model, publication).zip(schema);
        let Some((publication, schema)) = place else {
            continue;
        };
        let object = model.object(schema);
        let (name, schema) = (object.name.clone(), object.at);
        let node = model.add(Draft {
            class: Class::PublicationSchema,
            catalog,
            name,
            namespace: None,
            at: model.publication_schemas.len(),
        });
        want(model, node);
        model.publication_schemas.push(PublicationSchema {
            node,
            publication,
            schema,
        });
    }
    Ok(())
}

/// The statement.
pub(crate) fn render(publication: &Publication, out: &mut Output<'_>) {
    let model = out.model;
    let name = ident_as_needed(&model.object(publication.node).name);
    let mut of = vec![];
    if publication.has_all_tables {
        of.push(sql!("ALL TABLES", except(publication, model)));
    }
    if publication.has_all_sequences {
        of.push("ALL SEQUENCES".into());
    }
    let mut defn = sql!("CREATE PUBLICATION ", name);
    if !of.is_empty() {
        push!(defn, " FOR ", bstr::join(", ", of));
    }
    let actions = publication
        .actions
        .iter()
        .filter(|(_, is_published)| *is_published);
    let actions = bstr::join(", ", actions.map(|(action, _)| action));
    push!(defn, " WITH (publish = '", actions, "'");
    if publication.is_via_root {
        push!(defn, ", publish_via_partition_root = true");
    }
    match publication.generated {
        GeneratedColumns::None => {}
        GeneratedColumns::Stored => push!(defn, ", publish_generated_columns = stored"),
    }
    push!(defn, ");\n");
    let drop = sql!("DROP PUBLICATION ", name, ";\n");
    let owner = Some(&publication.owner[..]);
    out.define(
        publication.node,
        ObjectKind::Publication,
        owner,
        (defn, Some(drop)),
    );
    let about = out.about(publication.node, "PUBLICATION", &name, &publication.owner);
    out.comment(&about);
    out.labels(&about);
}

fn except(publication: &Publication, model: &Model) -> BString {
    if publication.except.is_empty() {
        return BString::default();
    }
    let tables = publication
        .except
        .iter()
        .map(|&table| sql!("TABLE ONLY ", model.qualified(model.tables[table].node)));
    sql!(" EXCEPT (", bstr::join(", ", tables), ")")
}

/// `ALTER PUBLICATION .. ADD TABLE`.
pub(crate) fn render_table(member: &PublicationTable, out: &mut Output<'_>) {
    let model = out.model;
    let publication = &model.publications[member.publication];
    let bare = &model.object(publication.node).name;
    let table = model.qualified(model.tables[member.table].node);
    let mut defn = sql!(
        "ALTER PUBLICATION ",
        ident_as_needed(bare),
        " ADD TABLE ONLY ",
        table
    );
    if !member.columns.is_empty() {
        let columns = member.columns.iter().map(|name| ident_as_needed(name));
        push!(defn, " (", bstr::join(", ", columns), ")");
    }
    if let Some(condition) = &member.condition {
        push!(defn, " WHERE (", condition, ")");
    }
    push!(defn, ";\n");
    let owner = Some(&publication.owner[..]);
    let tag = sql!(bare, " ", model.object(member.node).name);
    let kind = ObjectKind::PublicationTable;
    if let Some(entry) = out.define(member.node, kind, owner, (defn, None)) {
        entry.tag = tag;
    }
}

/// `ALTER PUBLICATION .. ADD TABLES IN SCHEMA`.
pub(crate) fn render_schema(member: &PublicationSchema, out: &mut Output<'_>) {
    let model = out.model;
    let publication = &model.publications[member.publication];
    let bare = &model.object(publication.node).name;
    let schema = &model.object(model.namespaces[member.schema].node).name;
    let (name, quoted) = (ident_as_needed(bare), ident_as_needed(schema));
    let defn = sql!(
        "ALTER PUBLICATION ",
        name,
        " ADD TABLES IN SCHEMA ",
        quoted,
        ";\n"
    );
    let owner = Some(&publication.owner[..]);
    let kind = ObjectKind::PublicationTablesInSchema;
    if let Some(entry) = out.define(member.node, kind, owner, (defn, None)) {
        entry.tag = sql!(bare, " ", schema);
        entry.namespace = Some(schema.clone());
    }
}

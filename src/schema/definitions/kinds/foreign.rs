//! Foreign-data wrappers, servers and user mappings: `dumpForeignDataWrapper()`, `dumpForeignServer()` and
//! `dumpUserMappings()` in pg_dump.c.

use std::collections::HashMap;

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::model::{Draft, Model};
use super::super::object::{Class, Parts};
use super::super::output::Output;
use super::super::rows::foreign::{Mapping, Server, Wrapper};
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::quote::{ident_as_needed, literal_plain};
use crate::toc::{ObjectKind, Section, TocEntry};

/// Every wrapper.
pub(crate) fn read_wrappers(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let node = model.add(Draft {
            class: Class::ForeignDataWrapper,
            catalog,
            name: name.clone(),
            namespace: None,
            at: model.wrappers.len(),
        });
        wanted::of_object(model, node);
        let wrapper = Wrapper {
            node,
            owner: model.role(row.oid()?, &name)?,
            rights: row.rights()?,
            handler: row.text()?,
            validator: row.text()?,
            connection: row.text()?,
            options: row.text()?,
        };
        if wrapper.rights.current.is_some() {
            model.object_mut(node).has |= Parts::RIGHTS;
        }
        model.wrappers.push(wrapper);
    }
    Ok(())
}

/// Every server with its mappings.
pub(crate) fn read_servers(rows: &Rows, mappings: &Rows, model: &mut Model) -> Result<(), Error> {
    let (mut found, hidden) = read_mappings(mappings)?;
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let node = model.add(Draft {
            class: Class::ForeignServer,
            catalog,
            name: name.clone(),
            namespace: None,
            at: model.servers.len(),
        });
        wanted::of_object(model, node);
        let server = Server {
            node,
            owner: model.role(row.oid()?, &name)?,
            rights: row.rights()?,
            wrapper: row.text()?,
            kind: row.optional().filter(|text| !text.is_empty()),
            version: row.optional().filter(|text| !text.is_empty()),
            options: row.text()?,
            mappings: found.remove(&catalog.oid).unwrap_or_default(),
        };
        let object = model.object_mut(node);
        object.has |= Parts::MAPPING;
        if server.rights.current.is_some() {
            object.has |= Parts::RIGHTS;
        }
        let hidden = hidden.get(&catalog.oid);
        if let Some(users) = hidden.filter(|_| object.wanted.has(Parts::MAPPING)) {
            let users = bstr::join(", ", users);
            model.notices.push(format!(
                "user mappings of server {name} are dumped without their options, which this role may not see, if \
                 they have any: {}",
                BString::from(users)
            ));
        }
        model.servers.push(server);
    }
    Ok(())
}

/// By server: the mappings, and the users whose options may be hidden from us.
type Mappings = (HashMap<u32, Vec<Mapping>>, HashMap<u32, Vec<BString>>);

fn read_mappings(rows: &Rows) -> Result<Mappings, Error> {
    let (mut found, mut hidden) = Mappings::default();
    for mut row in rows.iter() {
        let (server, user, options) = (row.oid()?, row.text()?, row.text()?);
        if row.flag_or_false()? {
            hidden.entry(server).or_default().push(user.clone());
        }
        found
            .entry(server)
            .or_default()
            .push(Mapping { user, options });
    }
    Ok((found, hidden))
}

/// ` OPTIONS (..)`, if there are any.
fn with_options(options: &BString) -> BString {
    if options.is_empty() {
        BString::default()
    } else {
        sql!(" OPTIONS (\n    ", options, "\n)")
    }
}

/// The statement.
pub(crate) fn render_wrapper(wrapper: &Wrapper, out: &mut Output<'_>) {
    const WORD: &str = "FOREIGN DATA WRAPPER";
    let name = ident_as_needed(&out.model.object(wrapper.node).name);
    let mut defn = sql!("CREATE ", WORD, " ", name);
    for (word, function) in [
        (" HANDLER ", &wrapper.handler),
        (" VALIDATOR ", &wrapper.validator),
        (" CONNECTION ", &wrapper.connection),
    ] {
        if function != "-" {
            push!(defn, word, function);
        }
    }
    push!(defn, with_options(&wrapper.options), ";\n");
    let drop = sql!("DROP ", WORD, " ", name, ";\n");
    let owner = Some(&wrapper.owner[..]);
    out.define(
        wrapper.node,
        ObjectKind::ForeignDataWrapper,
        owner,
        (defn, Some(drop)),
    );
    let about = out.about(wrapper.node, WORD, &name, &wrapper.owner);
    out.comment(&about);
    out.rights(&about, WORD, &name, &wrapper.rights);
}

/// The statement, and after it those of the mappings.
pub(crate) fn render_server(server: &Server, out: &mut Output<'_>) {
    let bare = &out.model.object(server.node).name;
    let name = ident_as_needed(bare);
    let mut defn = sql!("CREATE SERVER ", name);
    for (word, text) in [(" TYPE ", &server.kind), (" VERSION ", &server.version)] {
        if let Some(text) = text {
            push!(defn, word, literal_plain(text));
        }
    }
    push!(
        defn,
        " FOREIGN DATA WRAPPER ",
        ident_as_needed(&server.wrapper)
    );
    push!(defn, with_options(&server.options), ";\n");
    let drop = sql!("DROP SERVER ", name, ";\n");
    let owner = Some(&server.owner[..]);
    out.define(server.node, ObjectKind::Server, owner, (defn, Some(drop)));
    let about = out.about(server.node, "SERVER", &name, &server.owner);
    out.comment(&about);
    out.rights(&about, "FOREIGN SERVER", &name, &server.rights);
    if !out.writes(server.node, Parts::MAPPING) {
        return;
    }
    for mapping in &server.mappings {
        let user = ident_as_needed(&mapping.user);
        let target = sql!("USER MAPPING FOR ", user, " SERVER ", name);
        out.extra(TocEntry {
            tag: sql!("USER MAPPING ", mapping.user, " SERVER ", bare),
            kind: ObjectKind::UserMapping,
            section: Section::PreData,
            defn: Some(sql!(
                "CREATE ",
                target,
                with_options(&mapping.options),
                ";\n"
            )),
            drop_stmt: Some(sql!("DROP ", target, ";\n")),
            owner: Some(server.owner.clone()),
            ..TocEntry::default()
        });
    }
}

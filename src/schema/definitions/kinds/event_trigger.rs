//! Event triggers: `getEventTriggers()` and `dumpEventTrigger()` in pg_dump.c.

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::Firing;
use super::super::model::{Draft, Model};
use super::super::object::Class;
use super::super::output::Output;
use super::super::rows::event_trigger::EventTrigger;
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::ident_as_needed;

/// Every event trigger.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let node = model.add(Draft {
            class: Class::EventTrigger,
            catalog,
            name: name.clone(),
            namespace: None,
            at: model.event_triggers.len(),
        });
        wanted::of_object(model, node);
        let owner = model.role(row.oid()?, &name)?;
        model.event_triggers.push(EventTrigger {
            node,
            owner,
            event: row.text()?,
            firing: row.letter()?,
            function: row.text()?,
            tags: row.text()?,
        });
    }
    Ok(())
}

/// The statement, and whether the trigger is enabled.
pub(crate) fn render(trigger: &EventTrigger, out: &mut Output<'_>) {
    let name = ident_as_needed(&out.model.object(trigger.node).name);
    let event = ident_as_needed(&trigger.event);
    let mut defn = sql!("CREATE EVENT TRIGGER ", name, " ON ", event);
    if !trigger.tags.is_empty() {
        push!(defn, "\n         WHEN TAG IN (", trigger.tags, ")");
    }
    push!(defn, "\n   EXECUTE FUNCTION ", trigger.function, "();\n");
    let firing = match trigger.firing {
        Firing::Origin => "",
        Firing::Disabled => "DISABLE",
        Firing::Always => "ENABLE ALWAYS",
        Firing::Replica => "ENABLE REPLICA",
    };
    if !firing.is_empty() {
        push!(defn, "\nALTER EVENT TRIGGER ", name, " ", firing, ";\n");
    }
    let drop = sql!("DROP EVENT TRIGGER ", name, ";\n");
    let owner = Some(&trigger.owner[..]);
    out.define(
        trigger.node,
        ObjectKind::EventTrigger,
        owner,
        (defn, Some(drop)),
    );
    let about = out.about(trigger.node, "EVENT TRIGGER", &name, &trigger.owner);
    out.comment(&about);
    out.labels(&about);
}

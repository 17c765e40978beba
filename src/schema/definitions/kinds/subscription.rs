//! Subscriptions: `getSubscriptions()` and `dumpSubscription()` in pg_dump.c. They hold passwords, so that
//! only superusers see them; of others' dumps they are left out, which is said.

use bstr::BString;

use super::super::array::array;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{Streaming, TwoPhase};
use super::super::model::{Draft, Model};
use super::super::object::Class;
use super::super::output::Output;
use super::super::rows::subscription::Subscription;
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, literal_plain};

/// Those of this database.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let owner = model.role(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Subscription,
            catalog,
            name,
            namespace: None,
            at: model.subscriptions.len(),
        });
        wanted::of_object(model, node);
        model.subscriptions.push(Subscription {
            node,
            owner,
            connection: row.optional(),
            slot: row.optional(),
            synchronous_commit: row.text()?,
            publications: array(&row.text()?),
            is_binary: row.flag()?,
            streaming: row.letter()?,
            two_phase: row.letter()?,
            is_disabled_on_error: row.flag()?,
            needs_password: row.flag()?,
            runs_as_owner: row.flag()?,
            origin: row.text()?,
            is_failover: row.flag()?,
            server: row.optional(),
            retains_dead_tuples: row.flag()?,
            max_retention_ms: row.small()?,
            receiver_timeout: row.optional(),
        });
    }
    Ok(())
}

/// What a role that is no superuser is told.
pub(crate) fn note_left_out(count: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in count.iter() {
        if row.number()? > 0 && model.chosen.is_everything() {
            model
                .notices
                .push("subscriptions are left out, since only superusers may read them".into());
        }
    }
    Ok(())
}

/// A restored subscription does not connect by itself.
pub(crate) fn render(subscription: &Subscription, out: &mut Output<'_>) {
    let name = ident_as_needed(&out.model.object(subscription.node).name);
    let mut defn = sql!("CREATE SUBSCRIPTION ", name);
    match &subscription.server {
        Some(server) => push!(defn, " SERVER ", ident_as_needed(server)),
        None => {
            let connection = subscription
                .connection
                .as_ref()
                .map_or(&b""[..], |text| text);
            push!(defn, " CONNECTION ", literal_plain(connection));
        }
    }
    let publications = subscription.publications.iter();
    let publications = publications.map(|name| ident_as_needed(name));
    push!(defn, " PUBLICATION ", bstr::join(", ", publications));
    push!(
        defn,
        " WITH (",
        bstr::join(", ", options(subscription)),
        ");\n"
    );
    let drop = sql!("DROP SUBSCRIPTION ", name, ";\n");
    let owner = Some(&subscription.owner[..]);
    out.define(
        subscription.node,
        ObjectKind::Subscription,
        owner,
        (defn, Some(drop)),
    );
    let about = out.about(
        subscription.node,
        "SUBSCRIPTION",
        &name,
        &subscription.owner,
    );
    out.comment(&about);
    out.labels(&about);
}

fn options(subscription: &Subscription) -> Vec<BString> {
    let slot = match &subscription.slot {
        Some(slot) => literal_plain(slot),
        None => "NONE".into(),
    };
    let mut options = vec!["connect = false".into(), sql!("slot_name = ", slot)];
    let mut option = |is_there: bool, text: BString| {
        if is_there {
            options.push(text);
        }
    };
    option(subscription.is_binary, "binary = true".into());
    let streaming = match subscription.streaming {
        Streaming::Off => "off",
        Streaming::On => "on",
        Streaming::Parallel => "parallel",
    };
    option(true, sql!("streaming = ", streaming));
    option(
        subscription.two_phase != TwoPhase::Disabled,
        "two_phase = on".into(),
    );
    option(
        subscription.is_disabled_on_error,
        "disable_on_error = true".into(),
    );
    option(
        !subscription.needs_password,
        "password_required = false".into(),
    );
    option(subscription.runs_as_owner, "run_as_owner = true".into());
    option(subscription.is_failover, "failover = true".into());
    option(
        subscription.retains_dead_tuples,
        "retain_dead_tuples = true".into(),
    );
    let retention = subscription.max_retention_ms.to_string();
    option(
        subscription.max_retention_ms != 0,
        sql!("max_retention_duration = ", retention),
    );
    let commit = &subscription.synchronous_commit;
    option(
        commit != "off",
        sql!("synchronous_commit = ", ident_as_needed(commit)),
    );
    if let Some(timeout) = &subscription.receiver_timeout {
        option(
            timeout != "-1",
            sql!("wal_receiver_timeout = ", ident_as_needed(timeout)),
        );
    }
    let is_any = subscription.origin.to_ascii_lowercase() == b"any";
    option(!is_any, sql!("origin = ", subscription.origin));
    options
}

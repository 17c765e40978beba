//! Aggregates: `getAggregates()` and `dumpAgg()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::{Fields, Rows};
use super::super::letters::{AggregateKind, Modify, Parallel};
use super::super::model::{Draft, Model};
use super::super::object::{Class, Node, Parts};
use super::super::output::Output;
use super::super::rows::aggregate::{Aggregate, Final, State};
use super::super::text::{push, sql};
use super::super::wanted;
use super::function::signature;
use super::operator;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, literal_plain};

/// The aggregates that may be wanted.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let namespace = model.namespace(row.oid()?, &name)?;
        let node = model.add(Draft {
            class: Class::Aggregate,
            catalog,
            name: name.clone(),
            namespace: Some(namespace),
            at: model.aggregates.len(),
        });
        let owner = model.role(row.oid()?, &name)?;
        let aggregate = one(node, owner, &mut row)?;
        wanted::of_object(model, node);
        if aggregate.rights.current.is_some() {
            model.object_mut(node).has |= Parts::RIGHTS;
        }
        model.aggregates.push(aggregate);
    }
    Ok(())
}

fn one(node: Node, owner: BString, row: &mut Fields<'_>) -> Result<Aggregate, Error> {
    let rights = row.rights()?;
    let argument_types = row.numbers();
    let (transition, last, combine) = (row.text()?, row.text()?, row.text()?);
    let (serialize, deserialize) = (row.text()?, row.text()?);
    let (moving, moving_back, moving_last) = (row.text()?, row.text()?, row.text()?);
    let (has_extra, moving_has_extra) = (row.flag()?, row.flag()?);
    let (modify, moving_modify) = (row.letter()?, row.letter()?);
    let (sort_operator, kind) = (row.oid()?, row.letter()?);
    let (type_sql, bytes) = (row.text()?, row.small()?);
    let (moving_type, moving_bytes) = (row.text()?, row.small()?);
    let (first, moving_first) = (row.optional(), row.optional());
    Ok(Aggregate {
        node,
        owner,
        rights,
        argument_types,
        transition,
        last: Final {
            function: last,
            has_extra,
            modify,
        },
        combine,
        serialize,
        deserialize,
        moving,
        moving_back,
        moving_last: Final {
            function: moving_last,
            has_extra: moving_has_extra,
            modify: moving_modify,
        },
        sort_operator,
        kind,
        state: State {
            type_sql,
            bytes,
            first,
        },
        moving_state: State {
            type_sql: moving_type,
            bytes: moving_bytes,
            first: moving_first,
        },
        parallel: row.letter()?,
        arguments: row.optional(),
        identity: row.optional(),
    })
}

/// The statement; rights on it are rights on a function.
pub(crate) fn render(aggregate: &Aggregate, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let object = model.object(aggregate.node);
    let gone = || Error::Gone {
        object: model.qualified(aggregate.node),
    };
    let identity = aggregate.identity.as_ref().ok_or_else(gone)?;
    let arguments = aggregate.arguments.as_ref().ok_or_else(gone)?;
    let quoted = ident_as_needed(&object.name);
    let own = with_arguments(aggregate, &quoted, identity);
    if out.writes(aggregate.node, Parts::DEFINITION) {
        let qualified = model.qualified(aggregate.node);
        let full = with_arguments(aggregate, &qualified, arguments);
        let details = details(aggregate, model);
        let defn = sql!("CREATE AGGREGATE ", full, " (\n", details, "\n);\n");
        let name = with_arguments(aggregate, &qualified, identity);
        let drop = sql!("DROP AGGREGATE ", name, ";\n");
        let tag = if aggregate.argument_types.is_empty() {
            sql!(object.name, "(*)")
        } else {
            signature(&object.name, &aggregate.argument_types, model)?
        };
        let owner = Some(&aggregate.owner[..]);
        let kind = ObjectKind::Aggregate;
        if let Some(entry) = out.define(aggregate.node, kind, owner, (defn, Some(drop))) {
            entry.tag = tag;
        }
    }
    let about = out.about(aggregate.node, "AGGREGATE", &own, &aggregate.owner);
    out.comment(&about);
    out.labels(&about);
    let plain = signature(&quoted, &aggregate.argument_types, model)?;
    out.rights(&about, "FUNCTION", &plain, &aggregate.rights);
    Ok(())
}

fn with_arguments(aggregate: &Aggregate, name: &[u8], arguments: &[u8]) -> BString {
    if aggregate.argument_types.is_empty() {
        sql!(name, "(*)")
    } else {
        sql!(name, "(", arguments, ")")
    }
}

fn details(aggregate: &Aggregate, model: &Model) -> BString {
    let mut sql = sql!("    SFUNC = ", aggregate.transition);
    let mut clause = |word: &str, value: &[u8]| {
        push!(sql, ",\n    ", word);
        if !value.is_empty() {
            push!(sql, " = ", value);
        }
    };
    let usual = match aggregate.kind {
        AggregateKind::Normal => Modify::ReadOnly,
        AggregateKind::OrderedSet | AggregateKind::Hypothetical => Modify::ReadWrite,
    };
    clause("STYPE", &aggregate.state.type_sql);
    rest_of_state(&aggregate.state, "", &mut clause);
    last(&aggregate.last, "", usual, &mut clause);
    for (word, function) in [
        ("COMBINEFUNC", &aggregate.combine),
        ("SERIALFUNC", &aggregate.serialize),
        ("DESERIALFUNC", &aggregate.deserialize),
    ] {
        if function != "-" {
            clause(word, function);
        }
    }
    if aggregate.moving != "-" {
        clause("MSFUNC", &aggregate.moving);
        clause("MINVFUNC", &aggregate.moving_back);
        clause("MSTYPE", &aggregate.moving_state.type_sql);
    }
    rest_of_state(&aggregate.moving_state, "M", &mut clause);
    last(&aggregate.moving_last, "M", usual, &mut clause);
    if let Some(name) = operator::reference(aggregate.sort_operator, model) {
        clause("SORTOP", &name);
    }
    if aggregate.kind == AggregateKind::Hypothetical {
        clause("HYPOTHETICAL", b"");
    }
    match aggregate.parallel {
        Parallel::Safe => clause("PARALLEL", b"safe"),
        Parallel::Restricted => clause("PARALLEL", b"restricted"),
        Parallel::Unsafe => {}
    }
    sql
}

fn rest_of_state(state: &State, prefix: &str, clause: &mut impl FnMut(&str, &[u8])) {
    if state.bytes != 0 {
        clause(
            &format!("{prefix}SSPACE"),
            state.bytes.to_string().as_bytes(),
        );
    }
    if let Some(first) = &state.first {
        clause(&format!("{prefix}INITCOND"), &literal_plain(first));
    }
}

fn last(last: &Final, prefix: &str, usual: Modify, clause: &mut impl FnMut(&str, &[u8])) {
    if last.function == "-" {
        return;
    }
    clause(&format!("{prefix}FINALFUNC"), &last.function);
    if last.has_extra {
        clause(&format!("{prefix}FINALFUNC_EXTRA"), b"");
    }
    if last.modify != usual {
        let word: &[u8] = match last.modify {
            Modify::ReadOnly => b"READ_ONLY",
            Modify::Shareable => b"SHAREABLE",
            Modify::ReadWrite => b"READ_WRITE",
        };
        clause(&format!("{prefix}FINALFUNC_MODIFY"), word);
    }
}

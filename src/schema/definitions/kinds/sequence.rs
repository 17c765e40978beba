//! Sequences, and those behind identity columns: `dumpSequence()` in pg_dump.c.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{Identity, Persistence};
use super::super::model::Model;
use super::super::object::Parts;
use super::super::output::Output;
use super::super::rows::sequence::Sequence;
use super::super::rows::table::Table;
use super::super::text::{push, sql};
use crate::toc::quote::ident_as_needed;
use crate::toc::{ObjectKind, Section, TocEntry};

/// `collectSequences()` in pg_dump.c.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let oid = row.oid()?;
        let sequence = Sequence {
            type_sql: row.text()?,
            start: row.number()?,
            increment: row.number()?,
            max: row.number()?,
            min: row.number()?,
            cache: row.number()?,
            is_cycle: row.flag()?,
        };
        model.sequences.insert(oid, sequence);
    }
    Ok(())
}

impl Sequence {
    /// The limits that a sequence of its type and direction has by itself.
    fn default_limits(&self) -> (i64, i64) {
        let (lowest, highest) = match &self.type_sql[..] {
            b"smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            b"integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        if self.increment >= 0 {
            (1, highest)
        } else {
            (lowest, -1)
        }
    }

    fn options(&self, sql: &mut BString) {
        let (min, max) = self.default_limits();
        push!(sql, "    START WITH ", self.start.to_string(), "\n");
        push!(sql, "    INCREMENT BY ", self.increment.to_string(), "\n");
        if self.min == min {
            push!(sql, "    NO MINVALUE\n");
        } else {
            push!(sql, "    MINVALUE ", self.min.to_string(), "\n");
        }
        if self.max == max {
            push!(sql, "    NO MAXVALUE\n");
        } else {
            push!(sql, "    MAXVALUE ", self.max.to_string(), "\n");
        }
        push!(sql, "    CACHE ", self.cache.to_string());
        if self.is_cycle {
            push!(sql, "\n    CYCLE");
        }
    }
}

/// The sequence that a relation is.
pub(crate) fn render(table: &Table, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let object = model.object(table.node);
    let oid = object.catalog.oid;
    let Some(sequence) = model.sequences.get(&oid) else {
        return Err(super::super::model::missing("sequence", oid, &object.name));
    };
    let name = model.qualified(table.node);
    let owning = model.owning_table(table);
    let (defn, drop) = match owning.filter(|_| table.is_identity) {
        Some(owning) => (identity(table, owning, sequence, model), "".into()),
        None => (
            created(table, sequence, &name),
            sql!("DROP SEQUENCE ", name, ";\n"),
        ),
    };
    let owner = &table.owner;
    out.define(
        table.node,
        ObjectKind::Sequence,
        Some(owner),
        (defn, Some(drop)),
    );
    if let Some(owning) = owning.filter(|_| !table.is_identity) {
        owned_by(table, owning, &name, out);
    }
    let own_name = ident_as_needed(&object.name);
    let about = out.about(table.node, "SEQUENCE", &own_name, owner);
    out.comment(&about);
    out.labels(&about);
    Ok(())
}

fn created(table: &Table, sequence: &Sequence, name: &[u8]) -> BString {
    let word = match table.persistence {
        Persistence::Unlogged => "UNLOGGED ",
        Persistence::Permanent | Persistence::Temporary => "",
    };
    let mut sql = sql!("CREATE ", word, "SEQUENCE ", name, "\n");
    if sequence.type_sql != "bigint" {
        push!(sql, "    AS ", sequence.type_sql, "\n");
    }
    sequence.options(&mut sql);
    push!(sql, ";\n");
    sql
}

fn identity(table: &Table, owning: &Table, sequence: &Sequence, model: &Model) -> BString {
    let column = owning.column(table.owning_column);
    let name = column.map(|column| ident_as_needed(&column.name));
    let mut sql = sql!(
        "ALTER TABLE ",
        model.qualified(owning.node),
        " ALTER COLUMN "
    );
    push!(sql, name.unwrap_or_default(), " ADD GENERATED ");
    push!(
        sql,
        match column.map(|column| column.identity) {
            Some(Identity::Always) => "ALWAYS",
            Some(Identity::ByDefault) => "BY DEFAULT",
            Some(Identity::No) | None => "",
        }
    );
    let own = model.qualified(table.node);
    push!(sql, " AS IDENTITY (\n    SEQUENCE NAME ", own, "\n");
    if table.persistence != owning.persistence {
        let word = match table.persistence {
            Persistence::Unlogged => "UNLOGGED",
            Persistence::Permanent | Persistence::Temporary => "LOGGED",
        };
        push!(sql, "    ", word, "\n");
    }
    sequence.options(&mut sql);
    push!(sql, "\n);\n");
    sql
}

fn owned_by(table: &Table, owning: &Table, name: &[u8], out: &mut Output<'_>) {
    let model = out.model;
    let is_wanted =
        out.writes(owning.node, Parts::DEFINITION) && out.writes(table.node, Parts::DEFINITION);
    let Some(column) = owning.column(table.owning_column).filter(|_| is_wanted) else {
        return;
    };
    let owner = sql!(
        model.qualified(owning.node),
        ".",
        ident_as_needed(&column.name)
    );
    let object = model.object(table.node);
    out.extra(TocEntry {
        tag: object.name.clone(),
        kind: ObjectKind::SequenceOwnedBy,
        section: Section::PreData,
        defn: Some(sql!("ALTER SEQUENCE ", name, " OWNED BY ", owner, ";\n")),
        namespace: model.schema_name(object.namespace).cloned(),
        owner: Some(table.owner.clone()),
        dependencies: vec![table.node.dump_id()],
        ..TocEntry::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_said_where_they_are_not_the_types() {
        let sequence = |type_sql: &str, increment, min, max| Sequence {
            type_sql: type_sql.into(),
            start: 1,
            increment,
            max,
            min,
            cache: 1,
            is_cycle: min == -5,
        };
        let options = |sequence: Sequence| {
            let mut sql = BString::default();
            sequence.options(&mut sql);
            sql
        };
        assert_eq!(
            options(sequence("smallint", 1, 1, 32767)),
            "    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1"
        );
        assert_eq!(
            options(sequence("integer", -1, -5, 7)),
            "    START WITH 1\n    INCREMENT BY -1\n    MINVALUE -5\n    MAXVALUE 7\n    CACHE 1\n    CYCLE"
        );
        let down = options(sequence("bigint", -2, i64::MIN, -1));
        assert!(down.ends_with(b"NO MINVALUE\n    NO MAXVALUE\n    CACHE 1"));
    }
}

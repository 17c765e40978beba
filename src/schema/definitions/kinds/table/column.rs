//! Columns, and whose NOT NULL and default they have: `getTableAttrs()` in pg_dump.c and `flagInhAttrs()` in
//! common.c.

use bstr::BString;

use super::super::super::error::Error;
use super::super::super::fields::{Fields, Rows};
use super::super::super::letters::{Generated, RelKind};
use super::super::super::model::{Draft, Model, NO_CATALOG};
use super::super::super::object::{Class, Parts};
use super::super::super::rows::default::Default as ColumnDefault;
use super::super::super::rows::table::{Column, NotNull};
use super::super::super::text::sql;

/// From this version on NOT NULL is a constraint with a name.
const NAMED_NOT_NULL_MAJOR: u32 = 18;

/// The columns of the tables that are read.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (oid, number) = (row.oid()?, row.number()?);
        let Some(at) = model.table_at(oid) else {
            continue;
        };
        let object = model.object(model.tables[at].node);
        let column = one(&mut row, &object.name, model.major)?;
        let name = object.name.clone();
        let columns = &mut model.tables[at].columns;
        if usize::try_from(number) != Ok(columns.len() + 1) {
            return Err(Error::Corrupt {
                object: name,
                what: format!("column {number} where {} was expected", columns.len() + 1),
            });
        }
        columns.push(column);
    }
    Ok(())
}

fn one(row: &mut Fields<'_>, table: &[u8], major: u32) -> Result<Column, Error> {
    let mut column = Column {
        name: row.text()?,
        statistics_target: row.optional_small()?.filter(|&target| target >= 0),
        storage: row.letter()?,
        type_storage: row.optional_letter()?,
        is_dropped: row.flag()?,
        is_local: row.flag()?,
        type_sql: row.optional().unwrap_or_default(),
        options: row.optional().unwrap_or_default(),
        collation: row.oid_or_zero()?,
        foreign_options: row.optional().unwrap_or_default(),
        identity: row.letter()?,
        generated: row.letter()?,
        compression: row.letter()?,
        not_null: None,
        invalid_not_null: None,
        default: None,
    };
    let is_not_null = row.flag()?;
    if major < NAMED_NOT_NULL_MAJOR {
        column.not_null = is_not_null.then(|| NotNull {
            name: BString::default(),
            comment: None,
            is_not_inherited: false,
            is_local: true,
        });
        return Ok(column);
    }
    let (oid, name) = (row.oid_or_zero()?, row.optional());
    let is_valid = row.flag_or_false()?;
    let is_not_inherited = row.flag_or_false()?;
    let is_local = row.flag_or_false()?;
    let comment = row.optional();
    match name {
        Some(_) if !is_valid => column.invalid_not_null = Some(oid),
        Some(name) => {
            let own = sql!(table, "_", column.name, "_not_null");
            let is_plain = comment.is_none() && name == own;
            column.not_null = Some(NotNull {
                name: if is_plain { BString::default() } else { name },
                comment,
                is_not_inherited,
                is_local,
            });
        }
        None => {}
    }
    Ok(column)
}

/// The parents' columns of one name.
#[derive(Default)]
struct OfParents {
    is_not_null: bool,
    /// Whether a parent's NOT NULL holds for all its rows.
    has_valid_not_null: bool,
    has_default: bool,
    has_same_expression: bool,
    has_other_expression: bool,
}

/// What comes from parents is theirs, and not the child's.
pub(crate) fn inherit(model: &mut Model) {
    for at in 0..model.tables.len() {
        let table = &model.tables[at];
        let is_concerned = !matches!(
            table.kind,
            RelKind::Sequence | RelKind::View | RelKind::MaterializedView
        );
        if !is_concerned || table.parents.is_empty() || model.object(table.node).wanted.is_none() {
            continue;
        }
        for column in 0..table_len(model, at) {
            if !model.tables[at].columns[column].is_dropped {
                let found = of_parents(model, at, column);
                apply(model, at, column, &found);
            }
        }
    }
}

fn table_len(model: &Model, at: usize) -> usize {
    model.tables[at].columns.len()
}

fn of_parents(model: &Model, at: usize, column: usize) -> OfParents {
    let table = &model.tables[at];
    let own = &table.columns[column];
    let expression = |column: &Column| Some(&model.defaults[column.default?].expression);
    let mut found = OfParents::default();
    for &parent in &table.parents {
        let columns = &model.tables[parent].columns;
        let Some(same) = columns.iter().find(|column| column.name == own.name) else {
            continue;
        };
        found.is_not_null |= same.not_null.is_some();
        found.has_valid_not_null |= same.not_null.is_some() && same.invalid_not_null.is_none();
        let of_parent = expression(same);
        if same.generated == Generated::No {
            found.has_default |= of_parent.is_some_and(|text| text != "NULL");
        } else if of_parent.is_some() && of_parent == expression(own) {
            found.has_same_expression = true;
        } else {
            found.has_other_expression = true;
        }
    }
    found
}

fn apply(model: &mut Model, at: usize, column: usize, found: &OfParents) {
    let is_named = model.major >= NAMED_NOT_NULL_MAJOR;
    let own = &mut model.tables[at].columns[column];
    if let Some(not_null) = &mut own.not_null {
        if !is_named && found.is_not_null {
            not_null.is_local = false;
        }
        if is_named && !found.has_valid_not_null {
            not_null.is_local = true;
        }
    }
    if found.has_default && own.default.is_none() {
        add_no_default(model, at, column);
    }
    let table = &model.tables[at];
    let is_theirs = found.has_same_expression && !found.has_other_expression;
    if is_theirs
        && !table.is_partition
        && let Some(default) = table.columns[column].default
    {
        let node = model.defaults[default].node;
        model.object_mut(node).wanted = Parts::NONE;
    }
}

/// A child without a default under a parent with one must say so.
fn add_no_default(model: &mut Model, at: usize, column: usize) {
    let table = &model.tables[at];
    let (table_node, object) = (table.node, model.object(table.node));
    let is_separate = !table.prints(&table.columns[column]);
    let wanted = object.wanted;
    let node = model.add(Draft {
        class: Class::Default,
        catalog: NO_CATALOG,
        name: object.name.clone(),
        namespace: object.namespace,
        at: model.defaults.len(),
    });
    model.object_mut(node).wanted = wanted;
    if is_separate {
        model.need(node, table_node);
    }
    model.tables[at].columns[column].default = Some(model.defaults.len());
    model.defaults.push(ColumnDefault {
        node,
        table: at,
        column,
        expression: "NULL".into(),
        is_separate,
    });
}

//! The planner's statistics: `getRelationStatistics()` and `dumpRelationStats()` in pg_dump.c.
//!
//! An entry calls the functions that servers have since 18. Not here: extended statistics
//! ([`super::statistics`]), which are objects that users make.

use bstr::BString;

use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::RelKind;
use super::super::model::{Draft, Model, NO_CATALOG};
use super::super::object::{Class, Node, Parts};
use super::super::output::Output;
use super::super::rows::planner_statistics::{ColumnStatistics, PlannerStatistics, Whole};
use super::super::text::{push, sql};
use crate::toc::quote::literal_plain;
use crate::toc::{ObjectKind, Section, TocEntry};

/// The arguments of `pg_restore_attribute_stats` and their types, in the order of the statement's columns.
const ARGUMENTS: [(&str, &str); 14] = [
    ("inherited", "boolean"),
    ("null_frac", "real"),
    ("avg_width", "integer"),
    ("n_distinct", "real"),
    ("most_common_vals", "text"),
    ("most_common_freqs", "real[]"),
    ("histogram_bounds", "text"),
    ("correlation", "real"),
    ("most_common_elems", "text"),
    ("most_common_elem_freqs", "real[]"),
    ("elem_count_histogram", "real[]"),
    ("range_length_histogram", "text"),
    ("range_empty_frac", "real"),
    ("range_bounds_histogram", "text"),
];

/// Before 14 zero rows could also mean that nobody had counted them.
const SINCE_ZERO_IS_COUNTED: u32 = 14;

/// Makes room for what is known of a table or an index that is read, if the planner's statistics are wanted:
/// they are numbered right behind it.
pub(crate) fn announce(model: &mut Model, of: Node) -> Option<Node> {
    let object = model.object(of);
    let is_index = object.class == Class::Index;
    let kind = (!is_index).then(|| model.tables[object.at].kind);
    let has_some = match kind {
        None
        | Some(RelKind::Table)
        | Some(RelKind::PartitionedTable)
        | Some(RelKind::MaterializedView)
        | Some(RelKind::ForeignTable) => true,
        Some(RelKind::View | RelKind::Sequence | RelKind::Composite) => false,
    };
    if !has_some || !model.has_statistics {
        return None;
    }
    let (catalog, wanted) = (object.catalog, object.wanted);
    let draft = Draft {
        class: Class::PlannerStatistics,
        catalog: NO_CATALOG,
        name: object.name.clone(),
        namespace: object.namespace,
        at: model.planner_statistics.len(),
    };
    model.statistics_of.insert(catalog.oid, draft.at);
    let node = model.add(draft);
    let is_wanted = wanted.has(Parts::DEFINITION | Parts::DATA);
    model.object_mut(node).wanted = Parts::all_if(is_wanted);
    model.need(node, of);
    model.planner_statistics.push(PlannerStatistics {
        node,
        is_materialized_view: kind == Some(RelKind::MaterializedView),
        is_after_data: is_index,
        whole: None,
        numbered: vec![],
        columns: vec![],
    });
    Some(node)
}

/// What is known of relations and of their columns.
pub(crate) fn read(relations: &Rows, columns: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in relations.iter() {
        let Some(&at) = model.statistics_of.get(&row.oid()?) else {
            continue;
        };
        let statistics = &mut model.planner_statistics[at];
        statistics.whole = Some(Whole {
            pages: row.text()?,
            tuples: row.text()?,
            all_visible: row.text()?,
            all_frozen: row.optional(),
        });
        statistics.numbered = row.texts();
    }
    for mut row in columns.iter() {
        let Some(&at) = model.statistics_of.get(&row.oid()?) else {
            continue;
        };
        let values = (0..ARGUMENTS.len()).filter_map(|place| Some((place, row.optional()?)));
        let values = values.collect();
        model.planner_statistics[at].columns.push(ColumnStatistics {
            column: row.text()?,
            values,
        });
    }
    Ok(())
}

/// `dumpRelationStats()`.
pub(crate) fn render(statistics: &PlannerStatistics, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let object = model.object(statistics.node);
    let schema = model.schema_name(object.namespace).cloned();
    let about = about(
        model,
        schema.as_deref().map_or(&b""[..], |name| name),
        &object.name,
    );
    let Some(whole) = &statistics.whole else {
        return Ok(());
    };
    let mut defn = of_relation(whole, &about, model.version_num);
    for column in &statistics.columns {
        push!(defn, of_column(column, statistics, &about)?);
    }
    let entry = TocEntry {
        tag: object.name.clone(),
        kind: ObjectKind::StatisticsData,
        section: if statistics.is_after_data {
            Section::PostData
        } else {
            Section::Data
        },
        defn: Some(defn),
        namespace: schema,
        // As they are, boundaries among them (`dumpRelationStats()` hands them over itself).
        dependencies: object.needs.iter().map(|need| need.dump_id()).collect(),
        ..TocEntry::default()
    };
    out.extra(entry);
    Ok(())
}

/// The arguments that name the relation.
fn about(model: &Model, schema: &[u8], name: &[u8]) -> BString {
    let version = model.version_num.to_string();
    let (schema, name) = (literal_plain(schema), literal_plain(name));
    let mut about = sql!("\t'version', '", version, "'::integer,\n");
    push!(about, "\t'schemaname', ", schema, ",\n\t'relname', ", name);
    about
}

fn of_relation(whole: &Whole, about: &[u8], version_num: u32) -> BString {
    let is_uncounted = version_num / 10_000 < SINCE_ZERO_IS_COUNTED && whole.tuples == "0";
    let tuples: &[u8] = if is_uncounted { b"-1" } else { &whole.tuples };
    let mut sql = sql!(
        "SELECT * FROM pg_catalog.pg_restore_relation_stats(\n",
        about
    );
    argument(&mut sql, ("relpages", "integer"), &whole.pages);
    argument(&mut sql, ("reltuples", "real"), tuples);
    argument(&mut sql, ("relallvisible", "integer"), &whole.all_visible);
    if let Some(pages) = &whole.all_frozen {
        argument(&mut sql, ("relallfrozen", "integer"), pages);
    }
    push!(sql, "\n);\n");
    sql
}

fn of_column(
    column: &ColumnStatistics,
    statistics: &PlannerStatistics,
    about: &[u8],
) -> Result<BString, Error> {
    let mut sql = sql!(
        "SELECT * FROM pg_catalog.pg_restore_attribute_stats(\n",
        about
    );
    if statistics.numbered.is_empty() {
        push!(sql, ",\n\t'attname', ", literal_plain(&column.column));
    } else {
        let mut all = statistics.numbered.iter();
        let Some(at) = all.position(|name| *name == column.column) else {
            return Err(Error::Gone {
                object: column.column.clone(),
            });
        };
        argument(
            &mut sql,
            ("attnum", "smallint"),
            (at + 1).to_string().as_bytes(),
        );
    }
    for (place, value) in &column.values {
        argument(&mut sql, ARGUMENTS[*place], value);
    }
    push!(sql, "\n);\n");
    Ok(sql)
}

/// `appendNamedArgument()`.
pub(super) fn argument(sql: &mut BString, (name, of_type): (&str, &str), value: &[u8]) {
    push!(
        sql,
        ",\n\t'",
        name,
        "', ",
        literal_plain(value),
        "::",
        of_type
    );
}

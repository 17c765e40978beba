//! The order by kind, schema and name, before needs are looked at: `DOTypeNameCompare()` in pg_dump_sort.c of
//! the minor releases from August 2025 on.

use std::cmp::Ordering;

use bstr::BString;

use super::super::letters::OperatorKind;
use super::super::model::Model;
use super::super::object::{Class, Node};
use super::super::rows::constraint::{Constraint, On};

/// `dbObjectTypePriority`.
fn priority(class: Class) -> u8 {
    match class {
        Class::Namespace => 1,
        Class::Language => 2,
        Class::Collation => 3,
        Class::Transform => 4,
        Class::Extension => 5,
        Class::Type | Class::ShellType => 6,
        Class::Cast => 7,
        Class::Function => 8,
        Class::Aggregate => 9,
        Class::AccessMethod => 10,
        Class::Operator => 11,
        Class::OperatorClass | Class::OperatorFamily => 12,
        Class::Conversion => 13,
        Class::TsParser => 14,
        Class::TsTemplate => 15,
        Class::TsDictionary => 16,
        Class::TsConfiguration => 17,
        Class::ForeignDataWrapper => 18,
        Class::ForeignServer => 19,
        Class::Table => 20,
        Class::TableAttach => 21,
        Class::HiddenType => 22,
        Class::Default => 23,
        Class::PreData => 24,
        Class::PlannerStatistics => 29,
        Class::PostData => 30,
        Class::Constraint => 31,
        Class::Index => 32,
        Class::IndexAttach => 33,
        Class::Statistics => 34,
        Class::Rule => 35,
        Class::Trigger => 36,
        Class::ForeignKey => 37,
        Class::Policy => 38,
        Class::Publication => 39,
        Class::PublicationTable => 40,
        Class::PublicationSchema => 41,
        Class::Subscription => 42,
        Class::DefaultAcl => 44,
        Class::EventTrigger => 45,
    }
}

/// Names compare as bytes, and what is in no schema comes last.
pub(super) fn compare(model: &Model, a: Node, b: Node) -> Ordering {
    let (one, other) = (model.object(a), model.object(b));
    let schema = |namespace: Option<usize>| {
        let name = model.schema_name(namespace);
        (name.is_none(), name)
    };
    priority(one.class)
        .cmp(&priority(other.class))
        .then_with(|| schema(one.namespace).cmp(&schema(other.namespace)))
        .then_with(|| one.name.cmp(&other.name))
        .then_with(|| one.class.cmp(&other.class))
        .then_with(|| of_one_name(model, one.class, one.at, other.at))
        .then_with(|| one.catalog.oid.cmp(&other.catalog.oid))
        .then_with(|| a.cmp(&b))
}

/// Between objects of one kind and one name.
fn of_one_name(model: &Model, class: Class, a: usize, b: usize) -> Ordering {
    match class {
        Class::Function => {
            let types = |at: usize| &model.functions[at].argument_types;
            arguments(model, types(a), types(b))
        }
        Class::Aggregate => {
            let types = |at: usize| &model.aggregates[at].argument_types;
            arguments(model, types(a), types(b))
        }
        Class::Operator => operators(model, a, b),
        Class::OperatorClass => {
            let method = |at: usize| &model.operator_classes[at].method;
            method(a).cmp(method(b))
        }
        Class::OperatorFamily => {
            let method = |at: usize| &model.operator_families[at].method;
            method(a).cmp(method(b))
        }
        Class::Collation => {
            let encoding = |at: usize| model.collations[at].encoding;
            encoding(a).cmp(&encoding(b))
        }
        Class::Default => {
            let column = |at: usize| model.defaults[at].column;
            column(a).cmp(&column(b))
        }
        Class::Policy => {
            let table = |at: usize| table_name(model, model.policies[at].table);
            table(a).cmp(table(b))
        }
        Class::Rule => {
            let table = |at: usize| table_name(model, model.rules[at].table);
            table(a).cmp(table(b))
        }
        Class::Trigger => {
            let table = |at: usize| table_name(model, model.triggers[at].table);
            table(a).cmp(table(b))
        }
        Class::Constraint | Class::ForeignKey => {
            let key = |at: usize| owner_of(model, &model.constraints[at]);
            key(a).cmp(&key(b))
        }
        Class::DefaultAcl => {
            let role = |at: usize| &model.default_acls[at].role;
            role(a).cmp(role(b))
        }
        Class::PublicationTable => {
            let of = |at: usize| publication(model, model.publication_tables[at].publication);
            of(a).cmp(of(b))
        }
        Class::PublicationSchema => {
            let of = |at: usize| publication(model, model.publication_schemas[at].publication);
            of(a).cmp(of(b))
        }
        _ => Ordering::Equal,
    }
}

/// Fewer arguments first, then by the names of their types.
fn arguments(model: &Model, a: &[u32], b: &[u32]) -> Ordering {
    let types = || a.iter().zip(b);
    a.len().cmp(&b.len()).then_with(|| {
        types()
            .map(|(&a, &b)| type_names(model, a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    })
}

/// `pgTypeNameCompare()`.
fn type_names(model: &Model, a: u32, b: u32) -> Ordering {
    let name = |oid| {
        let object = model.object(model.type_of(oid)?.node);
        Some((model.schema_name(object.namespace), &object.name))
    };
    match (name(a), name(b)) {
        (Some(one), Some(other)) if a != b => one.cmp(&other),
        _ => Ordering::Equal,
    }
}

/// Postfix before prefix before infix, then by types.
fn operators(model: &Model, a: usize, b: usize) -> Ordering {
    let (one, other) = (&model.operators[a], &model.operators[b]);
    let letter = |kind| match kind {
        OperatorKind::Infix => b'b',
        OperatorKind::Prefix => b'l',
        OperatorKind::Postfix => b'r',
    };
    letter(other.kind)
        .cmp(&letter(one.kind))
        .then_with(|| type_names(model, one.left_oid, other.left_oid))
        .then_with(|| type_names(model, one.right_oid, other.right_oid))
}

fn table_name(model: &Model, table: usize) -> &BString {
    &model.object(model.tables[table].node).name
}

/// Constraints of domains come first.
fn owner_of<'a>(model: &'a Model, constraint: &Constraint) -> (bool, &'a BString) {
    match constraint.on {
        On::Domain(at) => (false, &model.object(model.types[at].node).name),
        On::Table(at) => (true, table_name(model, at)),
    }
}

fn publication(model: &Model, at: usize) -> &BString {
    &model.object(model.publications[at].node).name
}

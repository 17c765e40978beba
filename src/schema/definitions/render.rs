//! The sorted objects as entries: `dumpDumpableObject()` in pg_dump.c. Pure.

use bstr::BString;

use super::error::Error;
use super::graph;
use super::kinds::{
    access_method, aggregate, cast, collation, constraint, conversion, database, default,
    default_acl, event_trigger, extension, foreign, function, index, language, namespace, operator,
    operator_class, planner_statistics, policy, publication, rule, statistics, subscription, table,
    text_search, transform, trigger, types,
};
use super::model::Model;
use super::object::{Class, Node};
use super::output::Output;
use super::text::sql;
use crate::toc::quote::literal_plain;
use crate::toc::{ObjectKind, Section, TocEntry};

/// The entries of a database whose texts are in `encoding`.
pub(super) fn entries(
    model: &Model,
    sorted: &[Node],
    encoding: &[u8],
) -> Result<Vec<TocEntry>, Error> {
    let mut out = Output::new(model);
    settings(encoding, &mut out);
    database::render(&mut out);
    for &node in sorted {
        if !model.object(node).written().is_none() {
            object(node, &mut out)?;
        }
    }
    let mut entries = out.entries;
    graph::flatten(&mut entries, model);
    Ok(entries)
}

/// What a restore sets first. The search path of our sessions is empty.
fn settings(encoding: &[u8], out: &mut Output<'_>) {
    let encoding = literal_plain(encoding);
    let settings: [(ObjectKind, BString); 3] = [
        (
            ObjectKind::Encoding,
            sql!("SET client_encoding = ", encoding, ";\n"),
        ),
        (
            ObjectKind::StdStrings,
            "SET standard_conforming_strings = 'on';\n".into(),
        ),
        (
            ObjectKind::SearchPath,
            "SELECT pg_catalog.set_config('search_path', '', false);\n".into(),
        ),
    ];
    for (kind, defn) in settings {
        out.extra(TocEntry {
            tag: kind.desc().into(),
            kind,
            section: Section::PreData,
            defn: Some(defn),
            ..TocEntry::default()
        });
    }
}

fn object(node: Node, out: &mut Output<'_>) -> Result<(), Error> {
    let model = out.model;
    let object = model.object(node);
    let at = object.at;
    match object.class {
        Class::Namespace => namespace::render(&model.namespaces[at], out),
        Class::Extension => extension::render(&model.extensions[at], out),
        Class::Type => types::render(&model.types[at], out)?,
        Class::ShellType => types::render_shell(&model.types[at], node, out),
        Class::Function => function::render(&model.functions[at], out)?,
        Class::Aggregate => aggregate::render(&model.aggregates[at], out)?,
        Class::Operator => operator::render(&model.operators[at], out),
        Class::AccessMethod => access_method::render(&model.access_methods[at], out),
        Class::OperatorClass => operator_class::render_class(&model.operator_classes[at], out),
        Class::OperatorFamily => operator_class::render_family(&model.operator_families[at], out),
        Class::Collation => collation::render(&model.collations[at], out),
        Class::Conversion => conversion::render(&model.conversions[at], out),
        Class::Table => table::render(&model.tables[at], out)?,
        Class::TableAttach => table::render_attach(&model.attaches[at], out)?,
        Class::Default => default::render(&model.defaults[at], out),
        Class::Index => index::render(&model.indexes[at], out),
        Class::IndexAttach => index::render_attach(&model.index_attaches[at], out),
        Class::Statistics => statistics::render(&model.statistics[at], out)?,
        Class::Rule => rule::render(&model.rules[at], out)?,
        Class::Trigger => trigger::render(&model.triggers[at], out),
        Class::Constraint | Class::ForeignKey => constraint::render(&model.constraints[at], out)?,
        Class::Language => language::render(&model.languages[at], out),
        Class::Cast => cast::render(&model.casts[at], out)?,
        Class::TsParser => text_search::render_parser(&model.ts_parsers[at], out),
        Class::TsDictionary => text_search::render_dictionary(&model.ts_dictionaries[at], out),
        Class::TsTemplate => text_search::render_template(&model.ts_templates[at], out),
        Class::TsConfiguration => {
            text_search::render_configuration(&model.ts_configurations[at], out);
        }
        Class::ForeignDataWrapper => foreign::render_wrapper(&model.wrappers[at], out),
        Class::ForeignServer => foreign::render_server(&model.servers[at], out),
        Class::DefaultAcl => default_acl::render(&model.default_acls[at], out),
        Class::Transform => transform::render(&model.transforms[at], out)?,
        Class::EventTrigger => event_trigger::render(&model.event_triggers[at], out),
        Class::Policy => policy::render(&model.policies[at], out),
        Class::Publication => publication::render(&model.publications[at], out),
        Class::PublicationTable => publication::render_table(&model.publication_tables[at], out),
        Class::PublicationSchema => publication::render_schema(&model.publication_schemas[at], out),
        Class::Subscription => subscription::render(&model.subscriptions[at], out),
        Class::PlannerStatistics => {
            planner_statistics::render(&model.planner_statistics[at], out)?;
        }
        Class::HiddenType | Class::PreData | Class::PostData => {}
    }
    Ok(())
}

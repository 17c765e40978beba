//! Takes the rows into the model, in the order in which pg_dump reads (`getSchemaData()` in common.c), which
//! is the order in which objects are numbered. Pure.

use super::acl::Rights;
use super::catalogs::{PG_CLASS, PG_TYPE};
use super::error::Error;
use super::fetch::{Answers, Lists};
use super::fields::Rows;
use super::kinds::{
    access_method, aggregate, cast, collation, constraint, conversion, database, default,
    default_acl, event_trigger, extension, foreign, function, index, language, namespace, operator,
    operator_class, planner_statistics, policy, publication, rule, sequence, statistics,
    subscription, table, text_search, transform, trigger, type_forms, types,
};
use super::letters::{Dependency, Letter, RelKind};
use super::model::{ColumnRights, Key, Label, Model};
use super::object::{Class, Node, Parts};
use super::rows::namespace::Namespace;
use super::rows::table::Table;
use super::statements::Statement as S;

/// Schemas, extensions and relations. Returns what the second wave is asked about.
pub(super) fn first(answers: &mut Answers, model: &mut Model) -> Result<Lists, Error> {
    let mut rows = |statement| answers.take(statement);
    for mut row in rows(S::Roles).iter() {
        model.roles.insert(row.oid()?, row.text()?);
    }
    database::read(&rows(S::Database), model)?;
    database::read_rest(&rows(S::DatabaseSettings), &rows(S::DatabaseLabels), model)?;
    extension::read(&rows(S::Extensions), model)?;
    extension::read_members(&rows(S::Members), model)?;
    namespace::read(&rows(S::Namespaces), model)?;
    table::read(&rows(S::Relations), model)?;
    table::link_sequences(model)?;
    table::read_parents(&rows(S::Inheritance), model)?;
    table::read_configuration(model);
    let wanted = |namespace: &&Namespace| namespace.contains.has(Parts::DEFINITION);
    let schemas = model.namespaces.iter().filter(wanted);
    let read = |table: &&Table| {
        table.is_read && !matches!(table.kind, RelKind::Sequence | RelKind::Composite)
    };
    let relations = model.tables.iter().filter(read);
    Ok(Lists {
        schemas: schemas.map(|namespace| namespace.oid).collect(),
        relations: relations
            .map(|table| model.object(table.node).catalog.oid)
            .collect(),
    })
}

/// Everything else.
pub(super) fn second(answers: &mut Answers, model: &mut Model) -> Result<(), Error> {
    before_columns(answers, model)?;
    let mut rows = |statement| answers.take(statement);
    table::add_attaches(model)?;
    table::column::read(&rows(S::Columns), model)?;
    default::read(&rows(S::Defaults), model)?;
    constraint::read_checks(&rows(S::Checks), model)?;
    table::column::inherit(model);
    index::read(&rows(S::Indexes), model)?;
    index::add_attaches(model);
    statistics::read(&rows(S::Statistics), model)?;
    statistics::read_known(&rows(S::ExtendedStatisticsData), model)?;
    planner_statistics::read(
        &rows(S::RelationStatistics),
        &rows(S::ColumnStatistics),
        model,
    )?;
    constraint::read_foreign_keys(&rows(S::ForeignKeys), model)?;
    trigger::read(&rows(S::Triggers), model)?;
    rule::read(&rows(S::Rules), model)?;
    policy::read(&rows(S::Policies), model)?;
    publication::read(&rows(S::Publications), model)?;
    publication::read_tables(&rows(S::PublicationRelations), model)?;
    publication::read_schemas(&rows(S::PublicationSchemas), model)?;
    subscription::read(&rows(S::Subscriptions), model)?;
    subscription::note_left_out(&rows(S::SubscriptionCount), model)?;
    table::read_texts(
        [
            &rows(S::PartitionKeys),
            &rows(S::PartitionBounds),
            &rows(S::ForeignTables),
            &rows(S::ViewDefinitions),
        ],
        model,
    )?;
    sequence::read(&rows(S::Sequences), model)?;
    dependencies(&rows(S::Dependencies), &rows(S::DependsOnExtensions), model)?;
    rights(&rows(S::InitialPrivileges), &rows(S::ColumnExtras), model)?;
    comments(&rows(S::Comments), model)?;
    labels(&rows(S::SecurityLabels), model)
}

fn before_columns(answers: &mut Answers, model: &mut Model) -> Result<(), Error> {
    let mut rows = |statement| answers.take(statement);
    function::read(&rows(S::Functions), model)?;
    types::read(&rows(S::Types), &rows(S::DomainConstraints), model)?;
    type_forms::read(
        [
            &rows(S::BaseTypes),
            &rows(S::Domains),
            &rows(S::Ranges),
            &rows(S::Enums),
            &rows(S::Composites),
        ],
        model,
    )?;
    language::read(&rows(S::Languages), model)?;
    aggregate::read(&rows(S::Aggregates), model)?;
    operator::read(&rows(S::Operators), &rows(S::OperatorDetails), model)?;
    access_method::read(&rows(S::AccessMethods), model)?;
    let mut members =
        operator_class::read_members(&rows(S::ClassOperators), &rows(S::ClassFunctions))?;
    operator_class::read_classes(&rows(S::OperatorClasses), &mut members, model)?;
    operator_class::read_families(&rows(S::OperatorFamilies), &mut members, model)?;
    text_search::read_parsers(&rows(S::TsParsers), model)?;
    text_search::read_templates(&rows(S::TsTemplates), model)?;
    text_search::read_dictionaries(&rows(S::TsDictionaries), model)?;
    text_search::read_configurations(&rows(S::TsConfigurations), &rows(S::TsMappings), model)?;
    foreign::read_wrappers(&rows(S::ForeignDataWrappers), model)?;
    foreign::read_servers(&rows(S::ForeignServers), &rows(S::UserMappings), model)?;
    default_acl::read(&rows(S::DefaultAcls), model)?;
    collation::read(&rows(S::Collations), model)?;
    conversion::read(&rows(S::Conversions), model)?;
    cast::read(&rows(S::Casts), model)?;
    transform::read(&rows(S::Transforms), model)?;
    event_trigger::read(&rows(S::EventTriggers), model)
}

/// `getDependencies()` in pg_dump.c. A column counts as its table. The order of one object's needs decides
/// where a circle is cut: by catalog and OID of who needs, then as the server has them.
fn dependencies(rows: &Rows, extensions: &Rows, model: &mut Model) -> Result<(), Error> {
    let mut found: Vec<(Key, Node, Node, Dependency)> = vec![];
    for mut row in rows.iter() {
        let catalog = row.oid()?;
        let (who, catalogs, what) = (row.numbers::<u32>(), row.numbers(), row.numbers());
        let letters = row.text()?;
        let kinds: Result<Vec<Dependency>, Error> = letters.chunks(1).map(Letter::read).collect();
        let kinds = kinds?;
        if [catalogs.len(), what.len(), kinds.len()] != [who.len(); 3] {
            return Err(Error::Corrupt {
                object: "pg_depend".into(),
                what: "lists of needs of different lengths".into(),
            });
        }
        let needs = who
            .into_iter()
            .zip(catalogs.into_iter().zip(what))
            .zip(kinds);
        for ((who, what), kind) in needs {
            let key = (catalog, who);
            if let Some((who, what)) = model.find(key.0, key.1).zip(model.find(what.0, what.1)) {
                found.push((key, who, what, kind));
            }
        }
    }
    found.sort_by_key(|(key, ..)| *key);
    for (_, who, what, kind) in found {
        // A composite type and its relation: the type has the entry, so it needs the relation.
        let is_turned = kind == Dependency::Internal
            && model.object(who).class == Class::Table
            && model.object(what).class == Class::Type;
        if is_turned {
            model.need(what, who);
        } else {
            model.need(who, what);
        }
    }
    for mut row in extensions.iter() {
        let key = (row.oid()?, row.oid()?);
        let names = model.needed_extensions.entry(key).or_default();
        names.push(row.text()?);
    }
    Ok(())
}

/// `getAdditionalACLs()` in pg_dump.c.
fn rights(initial: &Rows, columns: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in columns.iter() {
        let (relation, column, number) = (row.oid()?, row.text()?, row.small()?);
        let rights = Rights {
            current: row.optional(),
            default: "{}".into(),
            initial: row.optional(),
        };
        if let Some(target) = row.optional_small()? {
            index::set_target(model, relation, number, target);
            continue;
        }
        if let Some(node) = model.find(PG_CLASS, relation) {
            model.object_mut(node).has |= Parts::RIGHTS;
        }
        let own = model.column_rights.entry(relation).or_default();
        own.push(ColumnRights { column, rights });
    }
    for mut row in initial.iter() {
        let (oid, catalog, column) = (row.oid()?, row.oid()?, row.small()?);
        let Some(node) = model.find(catalog, oid).filter(|_| column == 0) else {
            continue;
        };
        if let Some(rights) = rights_of(model, node) {
            rights.initial = row.optional();
        }
    }
    Ok(())
}

/// The rights of an object that has some; `public` keeps those that were made up for it.
fn rights_of(model: &mut Model, node: Node) -> Option<&mut Rights> {
    let object = model.object(node);
    let at = object.at;
    match object.class {
        Class::Namespace if object.name == "public" => None,
        Class::Namespace => Some(&mut model.namespaces[at].rights),
        Class::Type => Some(&mut model.types[at].rights),
        Class::Function => Some(&mut model.functions[at].rights),
        Class::Aggregate => Some(&mut model.aggregates[at].rights),
        Class::Table => Some(&mut model.tables[at].rights),
        Class::Language => Some(&mut model.languages[at].rights),
        Class::ForeignDataWrapper => Some(&mut model.wrappers[at].rights),
        Class::ForeignServer => Some(&mut model.servers[at].rights),
        _ => None,
    }
}

/// The object that a comment or label is about: those on attributes of a composite type are the type's.
fn subject(model: &Model, key: (u32, u32), column: i32) -> Option<Node> {
    let node = model.find(key.0, key.1)?;
    let object = model.object(node);
    if column != 0 && object.class == Class::Table {
        let table = &model.tables[object.at];
        if table.kind == RelKind::Composite {
            return model.find(PG_TYPE, table.row_type_oid);
        }
    }
    Some(node)
}

/// `collectComments()` in pg_dump.c.
fn comments(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (key, column) = ((row.oid()?, row.oid()?), row.small()?);
        if let Some(node) = subject(model, key, column) {
            model.object_mut(node).has |= Parts::COMMENT;
            let own = model.comments.entry(key).or_default();
            own.push((column, row.text()?));
        }
    }
    Ok(())
}

/// `collectSecLabels()` in pg_dump.c.
fn labels(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (key, column) = ((row.oid()?, row.oid()?), row.small()?);
        if let Some(node) = subject(model, key, column) {
            model.object_mut(node).has |= Parts::LABEL;
            let own = model.labels.entry(key).or_default();
            own.push(Label {
                column,
                provider: row.text()?,
                text: row.text()?,
            });
        }
    }
    Ok(())
}

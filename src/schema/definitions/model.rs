//! Everything that was read of one database: the objects as nodes, and a list for each kind.
//!
//! The kinds fill it in pg_dump's order of reading ([`super::build`]), and render from it when it is
//! complete.

use std::collections::{BTreeMap, HashMap};

use bstr::BString;

use super::acl::Rights;
use super::catalogs::{PG_CLASS, PG_EXTENSION, PG_TYPE};
use super::error::Error;
use super::object::{Class, Node, Object, Parts};
use super::rows::access_method::AccessMethod;
use super::rows::aggregate::Aggregate;
use super::rows::cast::Cast;
use super::rows::collation::Collation;
use super::rows::constraint::Constraint;
use super::rows::conversion::Conversion;
use super::rows::database::Database;
use super::rows::default::Default as ColumnDefault;
use super::rows::default_acl::DefaultAcl;
use super::rows::event_trigger::EventTrigger;
use super::rows::extension::Extension;
use super::rows::foreign::{Server, Wrapper};
use super::rows::function::Function;
use super::rows::index::{Index, IndexAttach};
use super::rows::language::Language;
use super::rows::namespace::Namespace;
use super::rows::operator::Operator;
use super::rows::operator_class::{Family, OperatorClass};
use super::rows::planner_statistics::PlannerStatistics;
use super::rows::policy::Policy;
use super::rows::publication::{Publication, PublicationSchema, PublicationTable};
use super::rows::rule::Rule;
use super::rows::sequence::Sequence;
use super::rows::statistics::Statistics;
use super::rows::subscription::Subscription;
use super::rows::table::{Attach, Table};
use super::rows::text_search::{Configuration, Dictionary, Parser, Template};
use super::rows::transform::Transform;
use super::rows::trigger::Trigger;
use super::rows::types::Type;
use crate::schema::chosen::Chosen;
use crate::toc::CatalogId;
use crate::toc::quote::qualified_as_needed;

/// An object's catalog and its row's OID.
pub(super) type Key = (u32, u32);

/// A security label.
#[derive(Debug, Clone)]
pub(super) struct Label {
    /// The number of the column, or zero.
    pub(super) column: i32,
    pub(super) provider: BString,
    pub(super) text: BString,
}

/// Rights on a column.
#[derive(Debug, Clone)]
pub(super) struct ColumnRights {
    pub(super) column: BString,
    pub(super) rights: Rights,
}

/// See the module.
#[derive(Debug, std::default::Default)]
pub(super) struct Model {
    pub(super) major: u32,
    /// As `server_version_num`.
    pub(super) version_num: u32,
    pub(super) chosen: Chosen,
    /// Whether the planner's statistics are wanted.
    pub(super) has_statistics: bool,
    pub(super) objects: Vec<Object>,
    by_catalog: HashMap<Key, Node>,
    /// The extensions, by their members.
    pub(super) members: HashMap<Key, u32>,
    pub(super) roles: HashMap<u32, BString>,
    pub(super) database: Database,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) extensions: Vec<Extension>,
    pub(super) tables: Vec<Table>,
    pub(super) sequences: HashMap<u32, Sequence>,
    pub(super) attaches: Vec<Attach>,
    pub(super) defaults: Vec<ColumnDefault>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) indexes: Vec<Index>,
    pub(super) index_attaches: Vec<IndexAttach>,
    pub(super) statistics: Vec<Statistics>,
    pub(super) planner_statistics: Vec<PlannerStatistics>,
    /// Their places, by the relation.
    pub(super) statistics_of: HashMap<u32, usize>,
    pub(super) rules: Vec<Rule>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) policies: Vec<Policy>,
    pub(super) types: Vec<Type>,
    pub(super) functions: Vec<Function>,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) operators: Vec<Operator>,
    pub(super) access_methods: Vec<AccessMethod>,
    pub(super) operator_classes: Vec<OperatorClass>,
    pub(super) operator_families: Vec<Family>,
    pub(super) collations: Vec<Collation>,
    pub(super) conversions: Vec<Conversion>,
    pub(super) languages: Vec<Language>,
    pub(super) casts: Vec<Cast>,
    pub(super) transforms: Vec<Transform>,
    pub(super) ts_parsers: Vec<Parser>,
    pub(super) ts_templates: Vec<Template>,
    pub(super) ts_dictionaries: Vec<Dictionary>,
    pub(super) ts_configurations: Vec<Configuration>,
    pub(super) wrappers: Vec<Wrapper>,
    pub(super) servers: Vec<Server>,
    pub(super) default_acls: Vec<DefaultAcl>,
    pub(super) event_triggers: Vec<EventTrigger>,
    pub(super) publications: Vec<Publication>,
    pub(super) publication_tables: Vec<PublicationTable>,
    pub(super) publication_schemas: Vec<PublicationSchema>,
    pub(super) subscriptions: Vec<Subscription>,
    /// By object; within it by column.
    pub(super) comments: HashMap<Key, Vec<(i32, BString)>>,
    pub(super) labels: HashMap<Key, Vec<Label>>,
    /// By relation.
    pub(super) column_rights: BTreeMap<u32, Vec<ColumnRights>>,
    /// The extensions that an object depends on without being their member.
    pub(super) needed_extensions: HashMap<Key, Vec<BString>>,
    /// What the user should know.
    pub(super) notices: Vec<String>,
}

/// An object before it has a number.
pub(super) struct Draft {
    pub(super) class: Class,
    pub(super) catalog: CatalogId,
    pub(super) name: BString,
    pub(super) namespace: Option<usize>,
    pub(super) at: usize,
}

/// Of what has no row of its own.
pub(super) const NO_CATALOG: CatalogId = CatalogId {
    table_oid: 0,
    oid: 0,
};

impl Model {
    /// With nothing in it yet.
    pub(super) fn new(major: u32, chosen: Chosen) -> Self {
        Self {
            major,
            chosen,
            ..Self::default()
        }
    }

    /// Numbers an object. Until its kind says otherwise, all of it is wanted and it has a definition.
    pub(super) fn add(&mut self, draft: Draft) -> Node {
        let node = Node(self.objects.len());
        if draft.catalog.table_oid != 0 {
            self.alias(draft.catalog, node);
        }
        self.objects.push(Object {
            class: draft.class,
            catalog: draft.catalog,
            name: draft.name,
            namespace: draft.namespace,
            wanted: Parts::ALL,
            has: Parts::DEFINITION,
            needs: Vec::new(),
            at: draft.at,
        });
        node
    }

    /// Lets a row be found as this object.
    fn alias(&mut self, catalog: CatalogId, node: Node) {
        self.by_catalog
            .insert((catalog.table_oid, catalog.oid), node);
    }

    pub(super) fn object(&self, node: Node) -> &Object {
        &self.objects[node.0]
    }

    pub(super) fn object_mut(&mut self, node: Node) -> &mut Object {
        &mut self.objects[node.0]
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.objects.len()).map(Node)
    }

    pub(super) fn need(&mut self, who: Node, what: Node) {
        self.objects[who.0].needs.push(what);
    }

    pub(super) fn find(&self, catalog: u32, oid: u32) -> Option<Node> {
        self.by_catalog.get(&(catalog, oid)).copied()
    }

    /// Whether the object was read and its definition is wanted.
    pub(super) fn wants(&self, catalog: u32, oid: u32) -> bool {
        self.find(catalog, oid)
            .is_some_and(|node| self.object(node).wanted.has(Parts::DEFINITION))
    }

    fn place(&self, catalog: u32, oid: u32) -> Option<usize> {
        self.find(catalog, oid).map(|node| self.object(node).at)
    }

    pub(super) fn extension_at(&self, oid: u32) -> Option<usize> {
        self.place(PG_EXTENSION, oid)
    }

    /// The place of a table among the tables.
    pub(super) fn table_at(&self, oid: u32) -> Option<usize> {
        self.place(PG_CLASS, oid).filter(|&at| {
            self.tables
                .get(at)
                .is_some_and(|table| self.object(table.node).catalog.oid == oid)
        })
    }

    pub(super) fn type_of(&self, oid: u32) -> Option<&Type> {
        self.types.get(self.place(PG_TYPE, oid)?)
    }

    /// A type's name as SQL.
    pub(super) fn type_sql(&self, oid: u32, of: &[u8]) -> Result<BString, Error> {
        let found = self.type_of(oid).map(|found| found.sql.clone());
        found.ok_or_else(|| missing("type", oid, of))
    }

    pub(super) fn role(&self, oid: u32, of: &[u8]) -> Result<BString, Error> {
        let found = self.roles.get(&oid).cloned();
        found.ok_or_else(|| missing("role", oid, of))
    }

    /// The place of a schema among the schemas.
    pub(super) fn namespace(&self, oid: u32, of: &[u8]) -> Result<usize, Error> {
        let found = self.place(super::catalogs::PG_NAMESPACE, oid);
        found.ok_or_else(|| missing("schema", oid, of))
    }

    pub(super) fn schema_name(&self, namespace: Option<usize>) -> Option<&BString> {
        let namespace = self.namespaces.get(namespace?)?;
        Some(&self.object(namespace.node).name)
    }

    /// An object's name as SQL, with its schema.
    pub(super) fn qualified(&self, node: Node) -> BString {
        let object = self.object(node);
        match self.schema_name(object.namespace) {
            Some(schema) => qualified_as_needed(schema, &object.name),
            None => crate::toc::quote::ident_as_needed(&object.name),
        }
    }

    /// The collation's name as SQL after ` COLLATE `; nothing for zero.
    pub(super) fn collate(&self, oid: u32) -> BString {
        match self.find(super::catalogs::PG_COLLATION, oid) {
            Some(node) => super::text::sql!(" COLLATE ", self.qualified(node)),
            None => BString::default(),
        }
    }

    /// The table whose column a sequence belongs to.
    pub(super) fn owning_table(&self, sequence: &Table) -> Option<&Table> {
        self.tables.get(self.table_at(sequence.owning_oid)?)
    }

    /// The comment on an object or on a column of it.
    pub(super) fn comment(&self, catalog: CatalogId, column: i32) -> Option<&BString> {
        let all = self.comments.get(&(catalog.table_oid, catalog.oid))?;
        let found = all.iter().find(|(of, _)| *of == column);
        found.map(|(_, text)| text)
    }

    /// `ALTER .. DEPENDS ON EXTENSION`, one line for each extension.
    pub(super) fn depends_on_extensions(&self, node: Node, what: &str, name: &[u8]) -> BString {
        let object = self.object(node);
        let key = (object.catalog.table_oid, object.catalog.oid);
        let mut out = BString::default();
        for extension in self.needed_extensions.get(&key).into_iter().flatten() {
            let extension = crate::toc::quote::ident_as_needed(extension);
            super::text::push!(out, "\nALTER ", what, " ", name);
            super::text::push!(out, " DEPENDS ON EXTENSION ", extension, ";");
        }
        out
    }
}

/// An object that another one names and that is not there.
pub(super) fn missing(what: &'static str, oid: u32, of: &[u8]) -> Error {
    Error::Missing {
        what,
        oid,
        of: of.into(),
    }
}

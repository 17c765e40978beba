//! The statements that ask the catalogs, each a file in `sql/` that a person can run in psql.
//!
//! Their number does not depend on the number of objects: those about single objects take lists of OIDs. Not
//! here: how their rows are read ([`super::kinds`]).

/// The parameter `$1` of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// There is none.
    No,
    /// The schemas whose objects are wanted.
    Schemas,
    /// The relations that are read, without sequences.
    Relations,
    /// The same, where the answers for some relations after those for others are the answer for all.
    SomeRelations,
}

macro_rules! statements {
    ($($name:ident = $file:literal $parameter:ident,)+) => {
        /// A statement.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub(super) enum Statement { $($name),+ }

        impl Statement {
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The file's name.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => $file,)+ }
            }

            /// For all versions ([`super::version`]).
            pub(super) fn sql(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("sql/", $file, ".sql")),)+ }
            }

            pub(super) fn parameter(self) -> Parameter {
                match self { $(Self::$name => Parameter::$parameter,)+ }
            }
        }
    };
}

statements! {
    Roles = "roles" No,
    Namespaces = "namespaces" No,
    Extensions = "extensions" No,
    Members = "members" No,
    Relations = "relations" No,
    Inheritance = "inheritance" No,
    Database = "database" No,
    DatabaseSettings = "database_settings" No,
    DatabaseLabels = "database_labels" No,
    Indexes = "indexes" SomeRelations,
    Columns = "columns" SomeRelations,
    Defaults = "defaults" SomeRelations,
    Dependencies = "dependencies" No,
    ViewDefinitions = "view_definitions" SomeRelations,
    Functions = "functions" No,
    Types = "types" No,
    Checks = "checks" SomeRelations,
    ForeignKeys = "foreign_keys" SomeRelations,
    Triggers = "triggers" SomeRelations,
    Aggregates = "aggregates" No,
    BaseTypes = "base_types" Schemas,
    Domains = "domains" Schemas,
    DomainConstraints = "domain_constraints" Schemas,
    Ranges = "ranges" Schemas,
    Enums = "enums" Schemas,
    Composites = "composites" Schemas,
    Languages = "languages" No,
    Operators = "operators" No,
    OperatorDetails = "operator_details" Schemas,
    AccessMethods = "access_methods" No,
    OperatorClasses = "operator_classes" No,
    OperatorFamilies = "operator_families" No,
    ClassOperators = "class_operators" Schemas,
    ClassFunctions = "class_functions" Schemas,
    TsParsers = "ts_parsers" No,
    TsTemplates = "ts_templates" No,
    TsDictionaries = "ts_dictionaries" No,
    TsConfigurations = "ts_configurations" No,
    TsMappings = "ts_mappings" Schemas,
    ForeignDataWrappers = "foreign_data_wrappers" No,
    ForeignServers = "foreign_servers" No,
    UserMappings = "user_mappings" No,
    DefaultAcls = "default_acls" No,
    Collations = "collations" No,
    Conversions = "conversions" No,
    Casts = "casts" No,
    Transforms = "transforms" No,
    EventTriggers = "event_triggers" No,
    PartitionKeys = "partition_keys" Relations,
    PartitionBounds = "partition_bounds" SomeRelations,
    ForeignTables = "foreign_tables" Relations,
    Sequences = "sequences" No,
    Statistics = "statistics" Relations,
    Rules = "rules" Relations,
    Policies = "policies" Relations,
    Publications = "publications" No,
    PublicationRelations = "publication_relations" No,
    PublicationSchemas = "publication_schemas" No,
    Subscriptions = "subscriptions" No,
    SubscriptionCount = "subscription_count" No,
    DependsOnExtensions = "depends_on_extensions" No,
    Comments = "comments" Schemas,
    SecurityLabels = "security_labels" No,
    InitialPrivileges = "initial_privileges" No,
    ColumnExtras = "column_extras" No,
    RelationStatistics = "relation_statistics" Relations,
    ColumnStatistics = "column_statistics" Relations,
    ExtendedStatisticsData = "extended_statistics_data" Relations,
    Accounts = "accounts" No,
    NeverDumped = "never_dumped" No,
}

/// The first wave: what must be known before lists can be made, and all that no list is needed for. What
/// takes long comes first. Of subscriptions one of both is asked.
pub(super) const FIRST: &[Statement] = &[
    Statement::Relations,
    Statement::Dependencies,
    Statement::Types,
    Statement::Accounts,
    Statement::ColumnExtras,
    Statement::NeverDumped,
    Statement::Roles,
    Statement::Namespaces,
    Statement::Extensions,
    Statement::Members,
    Statement::Inheritance,
    Statement::Database,
    Statement::DatabaseSettings,
    Statement::DatabaseLabels,
    Statement::Functions,
    Statement::Aggregates,
    Statement::Languages,
    Statement::Operators,
    Statement::AccessMethods,
    Statement::OperatorClasses,
    Statement::OperatorFamilies,
    Statement::TsParsers,
    Statement::TsTemplates,
    Statement::TsDictionaries,
    Statement::TsConfigurations,
    Statement::ForeignDataWrappers,
    Statement::ForeignServers,
    Statement::UserMappings,
    Statement::DefaultAcls,
    Statement::Collations,
    Statement::Conversions,
    Statement::Casts,
    Statement::Transforms,
    Statement::EventTriggers,
    Statement::Sequences,
    Statement::Publications,
    Statement::PublicationRelations,
    Statement::PublicationSchemas,
    Statement::DependsOnExtensions,
    Statement::SecurityLabels,
    Statement::InitialPrivileges,
];

/// The second wave, about schemas and relations, what takes long first.
pub(super) const SECOND: &[Statement] = &[
    Statement::Indexes,
    Statement::Columns,
    Statement::Defaults,
    Statement::ForeignKeys,
    Statement::Checks,
    Statement::ViewDefinitions,
    Statement::Triggers,
    Statement::PartitionBounds,
    Statement::BaseTypes,
    Statement::Domains,
    Statement::DomainConstraints,
    Statement::Ranges,
    Statement::Enums,
    Statement::Composites,
    Statement::OperatorDetails,
    Statement::ClassOperators,
    Statement::ClassFunctions,
    Statement::TsMappings,
    Statement::PartitionKeys,
    Statement::ForeignTables,
    Statement::Statistics,
    Statement::Rules,
    Statement::Policies,
    Statement::Comments,
];

/// In the second wave too, where the planner's statistics are wanted.
pub(super) const STATISTICS: &[Statement] =
    &[Statement::RelationStatistics, Statement::ColumnStatistics];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_is_asked_once() {
        let chosen = [Statement::Subscriptions, Statement::SubscriptionCount];
        let last = [Statement::ExtendedStatisticsData];
        let mut asked: Vec<Statement> = [FIRST, SECOND, STATISTICS, &last, &chosen].concat();
        asked.sort();
        assert_eq!(asked, Statement::ALL);
        for statement in Statement::ALL {
            let has_parameter = statement.sql().contains("$1");
            assert_eq!(has_parameter, statement.parameter() != Parameter::No);
            let is_second = [SECOND, STATISTICS, &last].concat().contains(statement);
            assert_eq!(has_parameter, is_second);
        }
    }
}

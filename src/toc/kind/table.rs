//! What the rules of every layer must know of each kind of object: one table.
//!
//! [`ObjectKind::facts`] is one match without a default, so a new kind does not compile before somebody has
//! said all of it. A rule that needs the entry's SQL stays where it is; a rule that needs the kind alone
//! reads these facts. What a tag says of an entry besides is
//! [`TocEntry::subject`](crate::toc::TocEntry::subject).

use super::ObjectKind;
use super::facts::{BelongsTo, Family, KindFacts, NamedBy, OwnerName, Pass, RoleWords};

/// The facts that most kinds share.
const PLAIN: KindFacts = KindFacts {
    family: Family::Other,
    owner: OwnerName::None,
    pass: Pass::Main,
    shares_transaction: true,
    locks_exclusively: true,
    named_by: None,
    belongs_to: BelongsTo::Nothing,
    is_data: false,
    roles: RoleWords::After(&[]),
    since_major: 0,
};

/// An object whose owner ALTER names by its tag.
const OWNED: KindFacts = KindFacts {
    owner: OwnerName::Tag,
    ..PLAIN
};

/// Entries of the relation or domain whose name is in their tag.
const NAMESAKE: KindFacts = KindFacts {
    belongs_to: BelongsTo::Namesake,
    ..PLAIN
};

const TABLE: KindFacts = KindFacts {
    family: Family::Table,
    named_by: Some(NamedBy::Table),
    ..OWNED
};

const VIEW: KindFacts = KindFacts {
    family: Family::View,
    ..TABLE
};

const ROUTINE: KindFacts = KindFacts {
    family: Family::Routine,
    owner: OwnerName::Drop,
    named_by: Some(NamedBy::Function),
    ..PLAIN
};

const NAMED_WITH_ARGUMENTS: KindFacts = KindFacts {
    owner: OwnerName::Drop,
    ..PLAIN
};

const LARGE_OBJECT: KindFacts = KindFacts {
    family: Family::LargeObject,
    shares_transaction: false,
    is_data: true,
    ..PLAIN
};

const GLOBAL: KindFacts = KindFacts {
    family: Family::Global,
    ..PLAIN
};

const SETTING: KindFacts = KindFacts {
    family: Family::Setting,
    ..PLAIN
};

const PUBLICATION: KindFacts = KindFacts {
    family: Family::Publication,
    ..PLAIN
};

const REMARK: KindFacts = KindFacts {
    family: Family::Remark,
    ..PLAIN
};

const STATISTICS: KindFacts = KindFacts {
    family: Family::Statistics,
    ..PLAIN
};

/// The words behind which GRANT, REVOKE and SET SESSION AUTHORIZATION name roles.
const GRANT_WORDS: RoleWords = RoleWords::After(&["TO", "FROM", "ROLE", "AUTHORIZATION"]);

const DATABASE: KindFacts = KindFacts {
    family: Family::Database,
    shares_transaction: false,
    ..OWNED
};

const DATABASE_PROPERTIES: KindFacts = KindFacts {
    family: Family::Database,
    shares_transaction: false,
    roles: RoleWords::After(&["ROLE"]),
    ..PLAIN
};

const SEQUENCE: KindFacts = KindFacts {
    family: Family::Sequence,
    // Of an identity column.
    belongs_to: BelongsTo::Table,
    ..TABLE
};

const TABLE_DATA: KindFacts = KindFacts {
    family: Family::Rows,
    named_by: Some(NamedBy::Table),
    ..NAMESAKE
};

const SEQUENCE_SET: KindFacts = KindFacts {
    family: Family::Rows,
    named_by: Some(NamedBy::Table),
    belongs_to: BelongsTo::Sequence,
    is_data: true,
    ..PLAIN
};

const MATERIALIZED_VIEW_DATA: KindFacts = KindFacts {
    family: Family::Rows,
    pass: Pass::PostAcl,
    shares_transaction: false,
    // A refresh only reads its tables.
    locks_exclusively: false,
    named_by: Some(NamedBy::Table),
    ..NAMESAKE
};

const BLOBS: KindFacts = KindFacts {
    family: Family::Rows,
    ..PLAIN
};

const BLOB: KindFacts = KindFacts {
    owner: OwnerName::LargeObject,
    // Large objects of one owner, see FORMAT.md.
    roles: RoleWords::After(&["TO"]),
    ..LARGE_OBJECT
};

const INDEX: KindFacts = KindFacts {
    locks_exclusively: false,
    named_by: Some(NamedBy::Index),
    belongs_to: BelongsTo::Relation,
    ..PLAIN
};

const STATISTICS_ITSELF: KindFacts = KindFacts {
    belongs_to: BelongsTo::Relation,
    ..OWNED
};

const CONSTRAINT: KindFacts = KindFacts {
    family: Family::Constraint,
    ..NAMESAKE
};

/// It lies between two tables, and belongs to neither alone.
const FK_CONSTRAINT: KindFacts = KindFacts {
    family: Family::Constraint,
    ..PLAIN
};

const TRIGGER: KindFacts = KindFacts {
    named_by: Some(NamedBy::Trigger),
    ..NAMESAKE
};

const POLICY: KindFacts = KindFacts {
    roles: RoleWords::PolicyList,
    ..NAMESAKE
};

const TABLE_ATTACH: KindFacts = KindFacts {
    belongs_to: BelongsTo::TableAbove,
    ..PLAIN
};

const ACL: KindFacts = KindFacts {
    pass: Pass::Acl,
    roles: GRANT_WORDS,
    ..REMARK
};

const DEFAULT_ACL: KindFacts = KindFacts {
    pass: Pass::Acl,
    roles: GRANT_WORDS,
    ..PLAIN
};

const STATISTICS_DATA: KindFacts = KindFacts {
    since_major: 18,
    ..STATISTICS
};

const EXTENDED_STATISTICS_DATA: KindFacts = KindFacts {
    since_major: 19,
    ..STATISTICS
};

const EVENT_TRIGGER: KindFacts = KindFacts {
    pass: Pass::Last,
    shares_transaction: false,
    ..OWNED
};

const EXTENSION: KindFacts = KindFacts {
    shares_transaction: false,
    ..PLAIN
};

const PUBLICATION_ITSELF: KindFacts = KindFacts {
    owner: OwnerName::Tag,
    ..PUBLICATION
};

const SUBSCRIPTION: KindFacts = KindFacts {
    shares_transaction: false,
    ..OWNED
};

const SCHEMA: KindFacts = KindFacts {
    roles: RoleWords::After(&["AUTHORIZATION"]),
    ..OWNED
};

const USER_MAPPING: KindFacts = KindFacts {
    roles: RoleWords::After(&["FOR"]),
    ..PLAIN
};

const PARAMETER_ACL: KindFacts = KindFacts {
    roles: GRANT_WORDS,
    since_major: 15,
    ..GLOBAL
};

const ROLE_MEMBERSHIP: KindFacts = KindFacts {
    roles: RoleWords::After(&["GRANT", "TO", "BY"]),
    ..GLOBAL
};

const TABLESPACE: KindFacts = KindFacts {
    roles: RoleWords::After(&["OWNER"]),
    ..GLOBAL
};

/// An unknown kind may take any lock: it comes alone.
const UNKNOWN: KindFacts = KindFacts {
    shares_transaction: false,
    ..PLAIN
};

impl ObjectKind {
    /// The facts about every entry of this kind.
    pub fn facts(&self) -> KindFacts {
        use ObjectKind as Kind;
        match self {
            Kind::Encoding | Kind::StdStrings | Kind::SearchPath => SETTING,
            Kind::Database => DATABASE,
            Kind::DatabaseProperties => DATABASE_PROPERTIES,
            Kind::Table | Kind::ForeignTable => TABLE,
            Kind::View | Kind::MaterializedView => VIEW,
            Kind::Sequence => SEQUENCE,
            Kind::TableData => TABLE_DATA,
            Kind::SequenceSet => SEQUENCE_SET,
            Kind::MaterializedViewData => MATERIALIZED_VIEW_DATA,
            Kind::Blobs => BLOBS,
            Kind::Blob => BLOB,
            Kind::BlobMetadata | Kind::LargeObjectData => LARGE_OBJECT,
            Kind::Index => INDEX,
            Kind::Statistics => STATISTICS_ITSELF,
            Kind::Constraint | Kind::CheckConstraint => CONSTRAINT,
            Kind::FkConstraint => FK_CONSTRAINT,
            Kind::Trigger => TRIGGER,
            Kind::Policy => POLICY,
            Kind::Default | Kind::RowSecurity | Kind::Rule => NAMESAKE,
            Kind::TableAttach => TABLE_ATTACH,
            Kind::Aggregate | Kind::Function | Kind::Procedure => ROUTINE,
            Kind::Operator | Kind::OperatorClass | Kind::OperatorFamily => NAMED_WITH_ARGUMENTS,
            Kind::Acl => ACL,
            Kind::Comment | Kind::SecurityLabel => REMARK,
            Kind::DefaultAcl => DEFAULT_ACL,
            Kind::StatisticsData => STATISTICS_DATA,
            Kind::ExtendedStatisticsData => EXTENDED_STATISTICS_DATA,
            Kind::EventTrigger => EVENT_TRIGGER,
            Kind::Extension => EXTENSION,
            Kind::Publication => PUBLICATION_ITSELF,
            Kind::PublicationTable | Kind::PublicationTablesInSchema => PUBLICATION,
            Kind::Subscription => SUBSCRIPTION,
            Kind::Schema => SCHEMA,
            Kind::UserMapping => USER_MAPPING,
            Kind::Collation
            | Kind::Conversion
            | Kind::Domain
            | Kind::ForeignDataWrapper
            | Kind::ProceduralLanguage
            | Kind::Server
            | Kind::TextSearchConfiguration
            | Kind::TextSearchDictionary
            | Kind::Type => OWNED,
            Kind::AccessMethod
            | Kind::Cast
            | Kind::IndexAttach
            | Kind::SequenceOwnedBy
            | Kind::ShellType
            | Kind::SubscriptionTable
            | Kind::TextSearchParser
            | Kind::TextSearchTemplate
            | Kind::Transform => PLAIN,
            Kind::ParameterAcl => PARAMETER_ACL,
            Kind::RoleMembership => ROLE_MEMBERSHIP,
            Kind::Tablespace => TABLESPACE,
            Kind::Role | Kind::RolePassword | Kind::RoleSettings | Kind::TablespaceProperties => {
                GLOBAL
            }
            Kind::Other(_) => UNKNOWN,
        }
    }
}

impl ObjectKind {
    /// Whether entries of this kind set statistics, of a relation or extended ones.
    pub fn is_statistics_data(&self) -> bool {
        self.facts().family == Family::Statistics
    }

    /// Whether entries of this kind create the database, or set its properties.
    pub fn is_database(&self) -> bool {
        self.facts().family == Family::Database
    }

    /// Whether it is a relation that others can belong to: a table, a view or a sequence.
    pub fn is_relation(&self) -> bool {
        matches!(
            self.facts().family,
            Family::Table | Family::View | Family::Sequence
        )
    }

    /// Whether it holds rows itself: a table, of this server or of another.
    pub fn is_table(&self) -> bool {
        self.facts().family == Family::Table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new kind changes this text.
    const EXPECTED: &str = r#"ACCESS METHOD: Other
ACL: Remark, pass Acl, roles After(["TO", "FROM", "ROLE", "AUTHORIZATION"])
AGGREGATE: Routine, owner by Drop, named by Some(Function)
BLOB: LargeObject, owner by LargeObject, alone, data, roles After(["TO"])
BLOB METADATA: LargeObject, alone, data
BLOBS: Rows
CAST: Other
CHECK CONSTRAINT: Constraint, belongs to Namesake
COLLATION: Other, owner by Tag
COMMENT: Remark
CONSTRAINT: Constraint, belongs to Namesake
CONVERSION: Other, owner by Tag
DATABASE: Database, owner by Tag, alone
DATABASE PROPERTIES: Database, alone, roles After(["ROLE"])
DEFAULT: Other, belongs to Namesake
DEFAULT ACL: Other, pass Acl, roles After(["TO", "FROM", "ROLE", "AUTHORIZATION"])
DOMAIN: Other, owner by Tag
ENCODING: Setting
EVENT TRIGGER: Other, owner by Tag, pass Last, alone
EXTENDED STATISTICS DATA: Statistics, since 19
EXTENSION: Other, alone
FK CONSTRAINT: Constraint
FOREIGN DATA WRAPPER: Other, owner by Tag
FOREIGN TABLE: Table, owner by Tag, named by Some(Table)
FUNCTION: Routine, owner by Drop, named by Some(Function)
INDEX: Other, locks nobody out, named by Some(Index), belongs to Relation
INDEX ATTACH: Other
LARGE OBJECT DATA: LargeObject, alone, data
MATERIALIZED VIEW: View, owner by Tag, named by Some(Table)
MATERIALIZED VIEW DATA: Rows, pass PostAcl, alone, locks nobody out, named by Some(Table), belongs to Namesake
OPERATOR: Other, owner by Drop
OPERATOR CLASS: Other, owner by Drop
OPERATOR FAMILY: Other, owner by Drop
PARAMETER ACL: Global, roles After(["TO", "FROM", "ROLE", "AUTHORIZATION"]), since 15
POLICY: Other, belongs to Namesake, roles PolicyList
PROCEDURAL LANGUAGE: Other, owner by Tag
PROCEDURE: Routine, owner by Drop, named by Some(Function)
PUBLICATION: Publication, owner by Tag
PUBLICATION TABLE: Publication
PUBLICATION TABLES IN SCHEMA: Publication
ROLE: Global
ROLE MEMBERSHIP: Global, roles After(["GRANT", "TO", "BY"])
ROLE PASSWORD: Global
ROLE SETTINGS: Global
ROW SECURITY: Other, belongs to Namesake
RULE: Other, belongs to Namesake
SCHEMA: Other, owner by Tag, roles After(["AUTHORIZATION"])
SEARCHPATH: Setting
SECURITY LABEL: Remark
SEQUENCE: Sequence, owner by Tag, named by Some(Table), belongs to Table
SEQUENCE OWNED BY: Other
SEQUENCE SET: Rows, named by Some(Table), belongs to Sequence, data
SERVER: Other, owner by Tag
SHELL TYPE: Other
STATISTICS: Other, owner by Tag, belongs to Relation
STATISTICS DATA: Statistics, since 18
STDSTRINGS: Setting
SUBSCRIPTION: Other, owner by Tag, alone
SUBSCRIPTION TABLE: Other
TABLE: Table, owner by Tag, named by Some(Table)
TABLE ATTACH: Other, belongs to TableAbove
TABLE DATA: Rows, named by Some(Table), belongs to Namesake
TABLESPACE: Global, roles After(["OWNER"])
TABLESPACE PROPERTIES: Global
TEXT SEARCH CONFIGURATION: Other, owner by Tag
TEXT SEARCH DICTIONARY: Other, owner by Tag
TEXT SEARCH PARSER: Other
TEXT SEARCH TEMPLATE: Other
TRANSFORM: Other
TRIGGER: Other, named by Some(Trigger), belongs to Namesake
TYPE: Other, owner by Tag
USER MAPPING: Other, roles After(["FOR"])
VIEW: View, owner by Tag, named by Some(Table)
"#;

    /// The whole table, one kind a line, with only the facts that differ from most kinds.
    #[test]
    fn what_is_true_of_each_kind() {
        let mut table = String::new();
        for kind in ObjectKind::KNOWN {
            table.push_str(&line(kind));
        }
        assert_eq!(table, EXPECTED);
    }

    fn line(kind: &ObjectKind) -> String {
        let facts = kind.facts();
        let mut words = vec![format!("{:?}", facts.family)];
        let mut say = |is_said: bool, word: String| {
            if is_said {
                words.push(word);
            }
        };
        say(
            facts.owner != PLAIN.owner,
            format!("owner by {:?}", facts.owner),
        );
        say(facts.pass != PLAIN.pass, format!("pass {:?}", facts.pass));
        say(!facts.shares_transaction, "alone".to_owned());
        say(!facts.locks_exclusively, "locks nobody out".to_owned());
        say(
            facts.named_by.is_some(),
            format!("named by {:?}", facts.named_by),
        );
        let belongs = format!("belongs to {:?}", facts.belongs_to);
        say(facts.belongs_to != PLAIN.belongs_to, belongs);
        say(facts.is_data, "data".to_owned());
        say(
            facts.roles != PLAIN.roles,
            format!("roles {:?}", facts.roles),
        );
        say(
            facts.since_major > 0,
            format!("since {}", facts.since_major),
        );
        format!("{kind}: {}\n", words.join(", "))
    }
}

//! The `desc` field of a TOC entry as an enum, and the facts about each kind ([`KindFacts`]).
//!
//! The texts are those pg_dump 9.2 to 19 write; a text of none of them is kept as it came.

mod facts;
mod table;

use std::fmt;

use bstr::{BStr, BString};

pub use facts::{BelongsTo, Family, KindFacts, NamedBy, OwnerName, Pass, RoleWords};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $desc:literal,)*) => {
        /// What sort of object an entry is about.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum ObjectKind {
            $($(#[$doc])* #[doc = concat!("`", $desc, "`")] $variant,)*
            /// A text that no known version writes.
            Other(BString),
        }

        impl ObjectKind {
            /// Every known kind.
            pub const KNOWN: &'static [ObjectKind] = &[$(ObjectKind::$variant,)*];

            /// The kind with this `desc`.
            pub fn from_desc(desc: &[u8]) -> Self {
                $(if desc == $desc.as_bytes() { return ObjectKind::$variant; })*
                ObjectKind::Other(desc.into())
            }

            /// The text in the TOC.
            pub fn desc(&self) -> &BStr {
                match self {
                    $(ObjectKind::$variant => BStr::new($desc),)*
                    ObjectKind::Other(desc) => BStr::new(desc),
                }
            }
        }
    };
}

kinds! {
    AccessMethod = "ACCESS METHOD",
    Acl = "ACL",
    Aggregate = "AGGREGATE",
    Blob = "BLOB",
    BlobMetadata = "BLOB METADATA",
    Blobs = "BLOBS",
    Cast = "CAST",
    CheckConstraint = "CHECK CONSTRAINT",
    Collation = "COLLATION",
    Comment = "COMMENT",
    Constraint = "CONSTRAINT",
    Conversion = "CONVERSION",
    Database = "DATABASE",
    DatabaseProperties = "DATABASE PROPERTIES",
    Default = "DEFAULT",
    DefaultAcl = "DEFAULT ACL",
    Domain = "DOMAIN",
    Encoding = "ENCODING",
    EventTrigger = "EVENT TRIGGER",
    /// Since 19: SQL that sets the values of extended statistics.
    ExtendedStatisticsData = "EXTENDED STATISTICS DATA",
    Extension = "EXTENSION",
    FkConstraint = "FK CONSTRAINT",
    ForeignDataWrapper = "FOREIGN DATA WRAPPER",
    ForeignTable = "FOREIGN TABLE",
    Function = "FUNCTION",
    Index = "INDEX",
    IndexAttach = "INDEX ATTACH",
    /// Ours: large objects as SQL that pg_restore executes (see FORMAT.md).
    LargeObjectData = "LARGE OBJECT DATA",
    MaterializedView = "MATERIALIZED VIEW",
    MaterializedViewData = "MATERIALIZED VIEW DATA",
    Operator = "OPERATOR",
    OperatorClass = "OPERATOR CLASS",
    OperatorFamily = "OPERATOR FAMILY",
    /// Ours, in globals/toc.dat: GRANT ON PARAMETER.
    ParameterAcl = "PARAMETER ACL",
    Policy = "POLICY",
    ProceduralLanguage = "PROCEDURAL LANGUAGE",
    Procedure = "PROCEDURE",
    Publication = "PUBLICATION",
    PublicationTable = "PUBLICATION TABLE",
    PublicationTablesInSchema = "PUBLICATION TABLES IN SCHEMA",
    /// Ours, in globals/toc.dat: CREATE ROLE and its attributes, without the password.
    Role = "ROLE",
    /// Ours, in globals/toc.dat: GRANT role TO role.
    RoleMembership = "ROLE MEMBERSHIP",
    /// Ours, in globals/toc.dat: ALTER ROLE ... PASSWORD.
    RolePassword = "ROLE PASSWORD",
    /// Ours, in globals/toc.dat: ALTER ROLE ... SET, in all databases.
    RoleSettings = "ROLE SETTINGS",
    RowSecurity = "ROW SECURITY",
    Rule = "RULE",
    Schema = "SCHEMA",
    SearchPath = "SEARCHPATH",
    SecurityLabel = "SECURITY LABEL",
    Sequence = "SEQUENCE",
    SequenceOwnedBy = "SEQUENCE OWNED BY",
    SequenceSet = "SEQUENCE SET",
    Server = "SERVER",
    ShellType = "SHELL TYPE",
    Statistics = "STATISTICS",
    StatisticsData = "STATISTICS DATA",
    StdStrings = "STDSTRINGS",
    Subscription = "SUBSCRIPTION",
    SubscriptionTable = "SUBSCRIPTION TABLE",
    Table = "TABLE",
    TableAttach = "TABLE ATTACH",
    TableData = "TABLE DATA",
    /// Ours, in globals/toc.dat: CREATE TABLESPACE.
    Tablespace = "TABLESPACE",
    /// Ours, in globals/toc.dat: ALTER TABLESPACE ... SET.
    TablespaceProperties = "TABLESPACE PROPERTIES",
    TextSearchConfiguration = "TEXT SEARCH CONFIGURATION",
    TextSearchDictionary = "TEXT SEARCH DICTIONARY",
    TextSearchParser = "TEXT SEARCH PARSER",
    TextSearchTemplate = "TEXT SEARCH TEMPLATE",
    Transform = "TRANSFORM",
    Trigger = "TRIGGER",
    Type = "TYPE",
    UserMapping = "USER MAPPING",
    View = "VIEW",
}

impl Default for ObjectKind {
    fn default() -> Self {
        ObjectKind::Other(BString::default())
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.desc(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_desc_leads_back_to_its_kind() {
        for kind in ObjectKind::KNOWN {
            assert_eq!(&ObjectKind::from_desc(kind.desc()), kind);
        }
        assert_eq!(ObjectKind::from_desc(b"FUTURE").desc(), "FUTURE");
    }
}

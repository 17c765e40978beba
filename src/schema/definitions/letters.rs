//! The one-letter codes of the catalogs as enumerations.
//!
//! No code has a default: a letter that is not listed here is a refusal, because nobody knows what the object
//! means. The codes are those of the catalogs' pages in PostgreSQL's documentation.

use bstr::BString;

use super::error::Error;

/// A code of a catalog's column.
pub(super) trait Letter: Sized {
    /// The column, for messages.
    const COLUMN: &'static str;

    /// The meaning of a letter; zero stands for an empty one.
    fn from_byte(byte: u8) -> Option<Self>;

    fn read(text: &[u8]) -> Result<Self, Error> {
        let byte = text.first().copied().unwrap_or(0);
        Self::from_byte(byte).ok_or_else(|| Error::Letter {
            column: Self::COLUMN,
            letter: BString::from(text),
        })
    }
}

macro_rules! letters {
    ($($name:ident of $column:literal { $($variant:ident = $byte:literal),+ $(,)? })+) => {
        $(
            #[doc = concat!("`", $column, "`")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
            #[allow(missing_docs)]
            pub(super) enum $name { $($variant),+ }

            impl Letter for $name {
                const COLUMN: &'static str = $column;

                fn from_byte(byte: u8) -> Option<Self> {
                    match byte {
                        $($byte => Some(Self::$variant),)+
                        _ => None,
                    }
                }
            }
        )+
    };
}

letters! {
    RelKind of "pg_class.relkind" {
        Table = b'r', Sequence = b'S', View = b'v', Composite = b'c', MaterializedView = b'm',
        ForeignTable = b'f', PartitionedTable = b'p',
    }
    Persistence of "pg_class.relpersistence" { Permanent = b'p', Unlogged = b'u', Temporary = b't' }
    ReplicaIdentity of "pg_class.relreplident" {
        Default = b'd', Nothing = b'n', Full = b'f', Index = b'i',
    }
    TypeKind of "pg_type.typtype" {
        Base = b'b', Composite = b'c', Domain = b'd', Enum = b'e', Multirange = b'm', Pseudo = b'p',
        Range = b'r',
    }
    Alignment of "pg_type.typalign" { Char = b'c', Short = b's', Int = b'i', Double = b'd' }
    Storage of "attstorage" { Plain = b'p', External = b'e', Extended = b'x', Main = b'm' }
    Identity of "pg_attribute.attidentity" { No = 0, Always = b'a', ByDefault = b'd' }
    Generated of "pg_attribute.attgenerated" { No = 0, Stored = b's', Virtual = b'v' }
    Compression of "pg_attribute.attcompression" { Default = 0, Pglz = b'p', Lz4 = b'l' }
    ProcedureKind of "pg_proc.prokind" { Function = b'f', Procedure = b'p', Window = b'w' }
    Volatility of "pg_proc.provolatile" { Immutable = b'i', Stable = b's', Volatile = b'v' }
    Parallel of "pg_proc.proparallel" { Safe = b's', Restricted = b'r', Unsafe = b'u' }
    AggregateKind of "pg_aggregate.aggkind" {
        Normal = b'n', OrderedSet = b'o', Hypothetical = b'h',
    }
    Modify of "pg_aggregate.aggfinalmodify" {
        ReadOnly = b'r', Shareable = b's', ReadWrite = b'w',
    }
    OperatorKind of "pg_operator.oprkind" { Infix = b'b', Prefix = b'l', Postfix = b'r' }
    AccessMethodKind of "pg_am.amtype" { Index = b'i', Table = b't' }
    CollationProvider of "pg_collation.collprovider" {
        Default = b'd', Builtin = b'b', Libc = b'c', Icu = b'i',
    }
    DatabaseProvider of "pg_database.datlocprovider" { Builtin = b'b', Libc = b'c', Icu = b'i' }
    CastContext of "pg_cast.castcontext" { Explicit = b'e', Assignment = b'a', Implicit = b'i' }
    CastMethod of "pg_cast.castmethod" { Function = b'f', InOut = b'i', Binary = b'b' }
    PolicyCommand of "pg_policy.polcmd" {
        All = b'*', Select = b'r', Insert = b'a', Update = b'w', Delete = b'd',
    }
    Firing of "tgenabled" { Origin = b'O', Disabled = b'D', Replica = b'R', Always = b'A' }
    RuleEvent of "pg_rewrite.ev_type" {
        Select = b'1', Update = b'2', Insert = b'3', Delete = b'4',
    }
    KeyKind of "pg_constraint.contype of an index" {
        Primary = b'p', Unique = b'u', Exclusion = b'x',
    }
    CheckKind of "pg_constraint.contype" { Check = b'c', NotNull = b'n' }
    DefaultPrivileges of "pg_default_acl.defaclobjtype" {
        Tables = b'r', Sequences = b'S', Functions = b'f', Types = b'T', Schemas = b'n',
        LargeObjects = b'L',
    }
    GeneratedColumns of "pg_publication.pubgencols" { None = b'n', Stored = b's' }
    Streaming of "pg_subscription.substream" { Off = b'f', On = b't', Parallel = b'p' }
    TwoPhase of "pg_subscription.subtwophasestate" {
        Disabled = b'd', Pending = b'p', Enabled = b'e',
    }
    Dependency of "pg_depend.deptype" {
        Normal = b'n', Auto = b'a', Internal = b'i', PartitionPrimary = b'P',
        PartitionSecondary = b'S', AutoExtension = b'x',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_nobody_knows_is_refused_by_its_column() {
        assert_eq!(RelKind::read(b"r").unwrap(), RelKind::Table);
        assert_eq!(Identity::read(b"").unwrap(), Identity::No);
        let error = RelKind::read(b"g").unwrap_err();
        assert_eq!(
            error.to_string(),
            "pg_class.relkind is \"g\", which this pgark does not know"
        );
        assert!(error.hint().unwrap().contains("--schema-reader pg_dump"));
    }
}

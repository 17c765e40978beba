//! One object of the catalogs as a node of the graph: what it is called, what is wanted of it, what it needs.
//!
//! What makes the object is in the list of its kind ([`super::model::Model`]).

use std::ops::{BitAnd, BitOr, BitOrAssign};

use bstr::BString;

use crate::toc::{CatalogId, DumpId};

/// The place of an object among all objects. Objects are numbered as pg_dump reads them, because the
/// resolution of loops follows the numbers (`AssignDumpId()` in common.c).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Node(pub(super) usize);

impl Node {
    /// The number of the object's entry, if it has one.
    pub(super) fn dump_id(self) -> DumpId {
        DumpId(i32::try_from(self.0 + 1).unwrap_or(i32::MAX))
    }
}

/// The parts of an object that can be dumped: `DumpComponents` in pg_dump.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Parts(u8);

impl Parts {
    pub(super) const NONE: Self = Self(0);
    pub(super) const DEFINITION: Self = Self(1);
    pub(super) const DATA: Self = Self(2);
    pub(super) const COMMENT: Self = Self(4);
    pub(super) const LABEL: Self = Self(8);
    pub(super) const RIGHTS: Self = Self(16);
    pub(super) const POLICY: Self = Self(32);
    pub(super) const MAPPING: Self = Self(64);
    pub(super) const ALL: Self = Self(127);

    /// Everything or nothing.
    pub(super) fn all_if(is_wanted: bool) -> Self {
        if is_wanted { Self::ALL } else { Self::NONE }
    }

    pub(super) fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) fn without(self, part: Self) -> Self {
        Self(self.0 & !part.0)
    }
}

impl BitAnd for Parts {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Parts {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Parts {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The kinds of objects, in the order of `DumpableObjectType` in pg_dump.h, which decides between objects of
/// one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
#[allow(clippy::enum_variant_names, reason = "an operator class is called so")]
pub(super) enum Class {
    Namespace,
    Extension,
    Type,
    ShellType,
    Function,
    Aggregate,
    Operator,
    AccessMethod,
    OperatorClass,
    OperatorFamily,
    Collation,
    Conversion,
    Table,
    TableAttach,
    Default,
    Index,
    IndexAttach,
    Statistics,
    Rule,
    Trigger,
    Constraint,
    ForeignKey,
    Language,
    Cast,
    /// A type without an entry: an array, a multirange, the row type of a table.
    HiddenType,
    TsParser,
    TsDictionary,
    TsTemplate,
    TsConfiguration,
    ForeignDataWrapper,
    ForeignServer,
    DefaultAcl,
    Transform,
    PreData,
    PostData,
    EventTrigger,
    Policy,
    Publication,
    PublicationTable,
    PublicationSchema,
    Subscription,
    PlannerStatistics,
}

/// Where an object stands towards the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It must exist before rows.
    Before,
    /// It is made after them.
    After,
    /// As the object itself says (rules and constraints).
    ItsOwn,
    /// It comes with the data, or after it, as the object says (the planner's statistics).
    Beside,
    /// It is a boundary.
    Boundary,
}

impl Class {
    /// `addBoundaryDependencies()` in pg_dump.c.
    pub(super) fn side(self) -> Side {
        match self {
            Self::Namespace
            | Self::Extension
            | Self::Type
            | Self::ShellType
            | Self::Function
            | Self::Aggregate
            | Self::Operator
            | Self::AccessMethod
            | Self::OperatorClass
            | Self::OperatorFamily
            | Self::Collation
            | Self::Conversion
            | Self::Table
            | Self::TableAttach
            | Self::Default
            | Self::Language
            | Self::Cast
            | Self::HiddenType
            | Self::TsParser
            | Self::TsDictionary
            | Self::TsTemplate
            | Self::TsConfiguration
            | Self::ForeignDataWrapper
            | Self::ForeignServer
            | Self::Transform => Side::Before,
            Self::Index
            | Self::IndexAttach
            | Self::Statistics
            | Self::Trigger
            | Self::EventTrigger
            | Self::DefaultAcl
            | Self::Policy
            | Self::Publication
            | Self::PublicationTable
            | Self::PublicationSchema
            | Self::Subscription => Side::After,
            Self::Rule | Self::Constraint | Self::ForeignKey => Side::ItsOwn,
            Self::PlannerStatistics => Side::Beside,
            Self::PreData | Self::PostData => Side::Boundary,
        }
    }
}

/// A node of the graph.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) class: Class,
    /// Zero for what has no row of its own.
    pub(super) catalog: CatalogId,
    /// The name that it is sorted by; some borrow their table's.
    pub(super) name: BString,
    /// Its schema's place among the schemas.
    pub(super) namespace: Option<usize>,
    pub(super) wanted: Parts,
    /// The parts that it has at all.
    pub(super) has: Parts,
    /// What it needs, as often as the catalogs say so.
    pub(super) needs: Vec<Node>,
    /// Its place in the list of its kind.
    pub(super) at: usize,
}

impl Object {
    /// The parts that are written.
    pub(super) fn written(&self) -> Parts {
        self.wanted & self.has
    }
}

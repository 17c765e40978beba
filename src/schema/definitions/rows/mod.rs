//! What the catalogs say of one object, by kind. Plain values.
//!
//! [`super::model`] holds them; [`super::kinds`] reads and writes them.

pub(super) mod access_method;
pub(super) mod aggregate;
pub(super) mod cast;
pub(super) mod collation;
pub(super) mod constraint;
pub(super) mod conversion;
pub(super) mod database;
pub(super) mod default;
pub(super) mod default_acl;
pub(super) mod event_trigger;
pub(super) mod extension;
pub(super) mod foreign;
pub(super) mod function;
pub(super) mod index;
pub(super) mod language;
pub(super) mod namespace;
pub(super) mod operator;
pub(super) mod operator_class;
pub(super) mod planner_statistics;
pub(super) mod policy;
pub(super) mod publication;
pub(super) mod rule;
pub(super) mod sequence;
pub(super) mod statistics;
pub(super) mod subscription;
pub(super) mod table;
pub(super) mod text_search;
pub(super) mod transform;
pub(super) mod trigger;
pub(super) mod types;

//! What is read of databases. See `kinds::database`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::letters::DatabaseProvider;
use crate::toc::CatalogId;

/// A database.
#[derive(Debug, Default)]
pub(crate) struct Database {
    pub(crate) catalog: CatalogId,
    pub(crate) name: BString,
    pub(crate) owner: BString,
    pub(crate) encoding: BString,
    pub(crate) collate: BString,
    pub(crate) ctype: BString,
    pub(crate) rights: Rights,
    pub(crate) is_template: bool,
    pub(crate) connection_limit: i32,
    pub(crate) provider: Option<DatabaseProvider>,
    pub(crate) locale: Option<BString>,
    pub(crate) icu_rules: Option<BString>,
    pub(crate) tablespace: BString,
    pub(crate) comment: Option<BString>,
    /// Each with its role, if it is a role's in this database.
    pub(crate) settings: Vec<(Option<BString>, BString)>,
    /// Provider and label.
    pub(crate) labels: Vec<(BString, BString)>,
}

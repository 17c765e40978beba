//! The objects that the dumping role may not read, gathered into one error with the grants that help.

use std::collections::BTreeSet;

use bstr::BString;

use super::Error;
use super::columns::text;
use crate::pg::Session;

/// Objects of one kind that could not be read.
pub(super) struct Unreadable {
    kind: &'static str,
    objects: Vec<BString>,
    schemas: BTreeSet<BString>,
}

impl Unreadable {
    /// None yet; `kind` as in GRANT.
    pub(super) fn of(kind: &'static str) -> Self {
        Self {
            kind,
            objects: vec![],
            schemas: BTreeSet::new(),
        }
    }

    /// Notes an object unless it is `readable` and its schema is not closed; true if that is so.
    pub(super) fn note(
        &mut self,
        qualified: &BString,
        readable: bool,
        closed_schema: Option<BString>,
    ) -> bool {
        let noted = !readable || closed_schema.is_some();
        if noted {
            self.objects.push(qualified.clone());
            self.schemas.extend(closed_schema);
        }
        noted
    }

    /// An error if anything was noted.
    pub(super) async fn check(self, session: &mut Session) -> Result<(), Error> {
        if self.objects.is_empty() {
            return Ok(());
        }
        let sql = b"SELECT pg_catalog.quote_ident(current_user)";
        let rows = session.query(sql, &[]).await?;
        let role = rows.first().map(|row| text(row, 0)).transpose()?;
        Err(Error::Privilege {
            kind: self.kind,
            role: role.unwrap_or_default(),
            objects: self.objects,
            schemas: self.schemas.into_iter().collect(),
        })
    }
}

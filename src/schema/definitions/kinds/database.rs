//! The database itself, its settings, its comment and its rights: `dumpDatabase()` in pg_dump.c.

use bstr::{BString, ByteSlice};

use super::super::acl::On;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::DatabaseProvider;
use super::super::model::Model;
use super::super::object::Parts;
use super::super::output::{About, Output};
use super::super::rows::database::Database;
use super::super::text::{push, sql};
use crate::schema::setting::{assignment_in_alter, left_out};
use crate::toc::quote::{ident_as_needed, literal_after_blank, literal_plain};
use crate::toc::{ObjectKind, Section, TocEntry};

/// The database of the session.
pub(crate) fn read(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let (catalog, name) = (row.catalog()?, row.text()?);
        let owner = model.role(row.oid()?, &name)?;
        model.database = Database {
            catalog,
            name,
            owner,
            encoding: row.text()?,
            collate: row.text()?,
            ctype: row.text()?,
            rights: row.rights()?,
            is_template: row.flag()?,
            connection_limit: row.small()?,
            provider: Some(row.letter()?),
            locale: row.optional(),
            icu_rules: row.optional(),
            tablespace: row.text()?,
            comment: row.optional(),
            ..Database::default()
        };
    }
    Ok(())
}

/// Its settings and labels.
pub(crate) fn read_rest(settings: &Rows, labels: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in settings.iter() {
        let (role, setting) = (row.optional(), row.text()?);
        if assignment_in_alter(&setting).is_none() {
            let of = role.clone().unwrap_or("the database".into());
            model.notices.push(left_out(&setting, of.as_bstr()));
        }
        model.database.settings.push((role, setting));
    }
    for mut row in labels.iter() {
        model.database.labels.push((row.text()?, row.text()?));
    }
    Ok(())
}

impl Database {
    fn create(&self, name: &[u8]) -> BString {
        let mut sql = sql!("CREATE DATABASE ", name, " WITH TEMPLATE = template0");
        let mut clause = |word: &str, value: &[u8]| push!(sql, word, literal_plain(value));
        if !self.encoding.is_empty() {
            clause(" ENCODING = ", &self.encoding);
        }
        let provider = self.provider.unwrap_or(DatabaseProvider::Libc);
        push!(
            sql,
            " LOCALE_PROVIDER = ",
            match provider {
                DatabaseProvider::Builtin => "builtin",
                DatabaseProvider::Libc => "libc",
                DatabaseProvider::Icu => "icu",
            }
        );
        let mut clause = |word: &str, value: &[u8]| {
            if !value.is_empty() {
                push!(sql, word, literal_plain(value));
            }
        };
        if self.collate == self.ctype {
            clause(" LOCALE = ", &self.collate);
        } else {
            clause(" LC_COLLATE = ", &self.collate);
            clause(" LC_CTYPE = ", &self.ctype);
        }
        if let Some(locale) = &self.locale {
            let word = match provider {
                DatabaseProvider::Builtin => " BUILTIN_LOCALE = ",
                DatabaseProvider::Libc | DatabaseProvider::Icu => " ICU_LOCALE = ",
            };
            push!(sql, word, literal_plain(locale));
        }
        if let Some(rules) = &self.icu_rules {
            push!(sql, " ICU_RULES = ", literal_plain(rules));
        }
        if !self.tablespace.is_empty() && self.tablespace != "pg_default" {
            push!(sql, " TABLESPACE = ", ident_as_needed(&self.tablespace));
        }
        push!(sql, ";\n");
        sql
    }

    /// The properties, and what must be undone before a DROP.
    fn properties(&self, name: &[u8]) -> (BString, BString) {
        let (mut sql, mut drop) = (BString::default(), BString::default());
        if self.connection_limit != -1 {
            let limit = self.connection_limit.to_string();
            push!(
                sql,
                "ALTER DATABASE ",
                name,
                " CONNECTION LIMIT = ",
                limit,
                ";\n"
            );
        }
        if self.is_template {
            push!(sql, "ALTER DATABASE ", name, " IS_TEMPLATE = true;\n");
            push!(
                drop,
                "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = ",
                literal_plain(&self.name),
                ";\n"
            );
        }
        for (role, setting) in &self.settings {
            let Some(assignment) = assignment_in_alter(setting) else {
                continue;
            };
            match role {
                None => push!(sql, "ALTER DATABASE ", name),
                Some(role) => {
                    push!(
                        sql,
                        "ALTER ROLE ",
                        ident_as_needed(role),
                        " IN DATABASE ",
                        name
                    );
                }
            }
            push!(sql, " SET ", assignment, ";\n");
        }
        (sql, drop)
    }
}

/// The database's entries, in pg_dump's order.
pub(crate) fn render(out: &mut Output<'_>) {
    let model = out.model;
    let database = &model.database;
    let name = ident_as_needed(&database.name);
    let id = out.extra(TocEntry {
        catalog_id: database.catalog,
        tag: database.name.clone(),
        kind: ObjectKind::Database,
        section: Section::PreData,
        defn: Some(database.create(&name)),
        drop_stmt: Some(sql!("DROP DATABASE ", name, ";\n")),
        owner: Some(database.owner.clone()),
        ..TocEntry::default()
    });
    let about = About {
        id,
        catalog: database.catalog,
        written: Parts::ALL,
        what: b"DATABASE",
        name: &name,
        schema: None,
        owner: &database.owner,
    };
    if let Some(text) = database.comment.as_ref().filter(|text| !text.is_empty()) {
        out.remark(&about, text);
    }
    let mut labels = BString::default();
    for (provider, label) in &database.labels {
        push!(labels, "SECURITY LABEL FOR ", ident_as_needed(provider));
        push!(
            labels,
            " ON ",
            about.target(),
            " IS ",
            literal_after_blank(label),
            ";\n"
        );
    }
    if !labels.is_empty() {
        let tag = sql!("DATABASE ", name);
        out.follow(&about, ObjectKind::SecurityLabel, (tag, labels));
    }
    let on = On {
        what: "DATABASE",
        name: &name,
        column: None,
        schema: None,
        owner: &database.owner,
        prefix: b"",
    };
    out.grants(&about, &on, &database.rights, None);
    let (defn, drop) = database.properties(&name);
    if !defn.is_empty() {
        out.extra(TocEntry {
            tag: database.name.clone(),
            kind: ObjectKind::DatabaseProperties,
            section: Section::PreData,
            defn: Some(defn),
            drop_stmt: Some(drop),
            owner: Some(database.owner.clone()),
            ..TocEntry::default()
        });
    }
}

//! What makes a type of each form: base, enumeration, range, composite, domain: `dumpBaseType()`,
//! `dumpEnumType()`, `dumpRangeType()`, `dumpCompositeType()` and `dumpDomain()` in pg_dump.c.

use bstr::BString;

use super::super::catalogs::PG_TYPE;
use super::super::error::Error;
use super::super::fields::Rows;
use super::super::letters::{Alignment, Storage, TypeKind};
use super::super::model::Model;
use super::super::rows::constraint::Kind;
use super::super::rows::types::Type;
use super::super::rows::types::{Attribute, Base, Domain, Form, Range};
use super::super::text::{push, sql};
use crate::toc::quote::{ident_as_needed, literal_plain, qualified_as_needed};

/// From this version on a domain's NOT NULL has a name.
const NAMED_NOT_NULL_MAJOR: u32 = 17;

/// Reads all forms; the types must be there.
pub(crate) fn read(
    [base, domains, ranges, enums, composites]: [&Rows; 5],
    model: &mut Model,
) -> Result<(), Error> {
    read_base(base, model)?;
    read_domains(domains, model)?;
    read_ranges(ranges, model)?;
    read_lists(enums, composites, model)
}

fn read_base(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let oid = row.oid()?;
        let form = Form::Base(Box::new(Base {
            length: row.small()?,
            functions: [
                ("INPUT", row.text()?),
                ("OUTPUT", row.text()?),
                ("RECEIVE", row.text()?),
                ("SEND", row.text()?),
                ("TYPMOD_IN", row.text()?),
                ("TYPMOD_OUT", row.text()?),
                ("ANALYZE", row.text()?),
            ],
            subscript: row.text()?,
            category: row.text()?,
            is_preferred: row.flag()?,
            delimiter: row.text()?,
            is_by_value: row.flag()?,
            alignment: row.letter()?,
            storage: row.letter()?,
            is_collatable: row.flag()?,
            default_expression: row.optional(),
            default_text: row.optional(),
        }));
        give(model, oid, form);
    }
    Ok(())
}

fn read_domains(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let oid = row.oid()?;
        let form = Form::Domain(Domain {
            is_not_null: row.flag()?,
            base_sql: row.text()?,
            default_expression: row.optional(),
            default_text: row.optional(),
            collation: row.oid_or_zero()?,
        });
        give(model, oid, form);
    }
    Ok(())
}

fn read_ranges(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let oid = row.oid()?;
        let form = Form::Range(Range {
            multirange: row.optional(),
            subtype: row.text()?,
            class: row.text()?,
            class_schema: row.text()?,
            is_default_class: row.flag()?,
            collation: row.oid_or_zero()?,
            canonical: row.text()?,
            difference: row.text()?,
        });
        give(model, oid, form);
    }
    Ok(())
}

fn read_lists(enums: &Rows, composites: &Rows, model: &mut Model) -> Result<(), Error> {
    // An enumeration and a composite type may have nothing in them.
    for of in &mut model.types {
        match of.kind {
            TypeKind::Enum => of.form = Form::Enum(vec![]),
            TypeKind::Composite => of.form = Form::Composite(vec![]),
            _ => {}
        }
    }
    for mut row in enums.iter() {
        let (oid, label) = (row.oid()?, row.text()?);
        if let Some(Form::Enum(labels)) = form_of(model, oid) {
            labels.push(label);
        }
    }
    for mut row in composites.iter() {
        let oid = row.oid()?;
        let attribute = Attribute {
            number: row.small()?,
            name: row.text()?,
            type_sql: row.optional().unwrap_or_default(),
            is_dropped: row.flag()?,
            collation: row.oid_or_zero()?,
        };
        if let Some(Form::Composite(attributes)) = form_of(model, oid) {
            attributes.push(attribute);
        }
    }
    Ok(())
}

fn form_of(model: &mut Model, oid: u32) -> Option<&mut Form> {
    let node = model.find(PG_TYPE, oid)?;
    let at = model.object(node).at;
    model.types.get_mut(at).map(|of| &mut of.form)
}

fn give(model: &mut Model, oid: u32, form: Form) {
    if let Some(own) = form_of(model, oid) {
        *own = form;
    }
}

impl Form {
    /// The statement that creates `of`.
    pub(crate) fn statement(
        &self,
        of: &Type,
        name: &[u8],
        model: &Model,
    ) -> Result<BString, Error> {
        match self {
            Self::None => Err(Error::Gone {
                object: name.into(),
            }),
            Self::Base(base) => base.statement(of, name, model),
            Self::Domain(domain) => Ok(domain.statement(of, name, model)),
            Self::Range(range) => Ok(range.statement(name, model)),
            Self::Enum(labels) => {
                let labels = labels
                    .iter()
                    .map(|label| sql!("\n    ", literal_plain(label)));
                let labels = bstr::join(",", labels);
                Ok(sql!("CREATE TYPE ", name, " AS ENUM (", labels, "\n);\n"))
            }
            Self::Composite(attributes) => {
                let own = attributes.iter().filter(|own| !own.is_dropped);
                let lines = own.map(|own| {
                    let collate = model.collate(own.collation);
                    sql!(
                        "\n\t",
                        ident_as_needed(&own.name),
                        " ",
                        own.type_sql,
                        collate
                    )
                });
                let lines = bstr::join(",", lines);
                Ok(sql!("CREATE TYPE ", name, " AS (", lines, "\n);\n"))
            }
        }
    }
}

impl Base {
    fn statement(&self, of: &Type, name: &[u8], model: &Model) -> Result<BString, Error> {
        let length = match self.length {
            -1 => "variable".to_owned(),
            length => length.to_string(),
        };
        let mut sql = sql!("CREATE TYPE ", name, " (\n    INTERNALLENGTH = ", length);
        let mut clause = |word: &str, value: &[u8]| push!(sql, ",\n    ", word, " = ", value);
        for (word, function) in self.functions.iter().filter(|(_, name)| name != "-") {
            clause(word, function);
        }
        if self.is_collatable {
            clause("COLLATABLE", b"true");
        }
        if let Some(default) = &self.default_expression {
            clause("DEFAULT", default);
        } else if let Some(default) = &self.default_text {
            clause("DEFAULT", &literal_plain(default));
        }
        if self.subscript != "-" {
            clause("SUBSCRIPT", &self.subscript);
        }
        if of.element_oid != 0 {
            clause("ELEMENT", &model.type_sql(of.element_oid, name)?);
        }
        if self.category != "U" {
            clause("CATEGORY", &literal_plain(&self.category));
        }
        if self.is_preferred {
            clause("PREFERRED", b"true");
        }
        if self.delimiter != "," {
            clause("DELIMITER", &literal_plain(&self.delimiter));
        }
        clause(
            "ALIGNMENT",
            match self.alignment {
                Alignment::Char => b"char",
                Alignment::Short => b"int2",
                Alignment::Int => b"int4",
                Alignment::Double => b"double",
            },
        );
        let storage: &[u8] = match self.storage {
            Storage::Plain => b"plain",
            Storage::External => b"external",
            Storage::Extended => b"extended",
            Storage::Main => b"main",
        };
        clause("STORAGE", storage);
        if self.is_by_value {
            push!(sql, ",\n    PASSEDBYVALUE");
        }
        push!(sql, "\n);\n");
        Ok(sql)
    }
}

impl Domain {
    fn statement(&self, of: &Type, name: &[u8], model: &Model) -> BString {
        let mut sql = sql!("CREATE DOMAIN ", name, " AS ", self.base_sql);
        push!(sql, model.collate(self.collation));
        if self.is_not_null {
            push!(sql, not_null(of, model));
        }
        if let Some(default) = &self.default_expression {
            push!(sql, " DEFAULT ", default);
        } else if let Some(default) = &self.default_text {
            push!(sql, " DEFAULT ", literal_plain(default));
        }
        let own = of.constraints.iter().map(|&at| &model.constraints[at]);
        for check in own.filter(|own| own.kind == Kind::Check && !own.is_separate) {
            let name = ident_as_needed(&model.object(check.node).name);
            push!(sql, "\n\tCONSTRAINT ", name, " ", check.definition);
        }
        push!(sql, ";\n");
        sql
    }
}

fn not_null(of: &Type, model: &Model) -> BString {
    let mut own = of.constraints.iter().map(|&at| &model.constraints[at]);
    let own = own.find(|own| own.kind == Kind::NotNull);
    let Some(own) = own.filter(|_| model.major >= NAMED_NOT_NULL_MAJOR) else {
        return " NOT NULL".into();
    };
    if own.is_separate {
        return BString::default();
    }
    let name = &model.object(own.node).name;
    if *name == sql!(model.object(of.node).name, "_not_null") {
        " NOT NULL".into()
    } else {
        sql!(" CONSTRAINT ", ident_as_needed(name), " ", own.definition)
    }
}

impl Range {
    fn statement(&self, name: &[u8], model: &Model) -> BString {
        let mut sql = sql!(
            "CREATE TYPE ",
            name,
            " AS RANGE (\n    subtype = ",
            self.subtype
        );
        if let Some(multirange) = &self.multirange {
            push!(sql, ",\n    multirange_type_name = ", multirange);
        }
        if !self.is_default_class {
            let class = qualified_as_needed(&self.class_schema, &self.class);
            push!(sql, ",\n    subtype_opclass = ", class);
        }
        if let Some(node) = model.find(super::super::catalogs::PG_COLLATION, self.collation) {
            push!(sql, ",\n    collation = ", model.qualified(node));
        }
        for (word, function) in [
            ("canonical", &self.canonical),
            ("subtype_diff", &self.difference),
        ] {
            if function != "-" {
                push!(sql, ",\n    ", word, " = ", function);
            }
        }
        push!(sql, "\n);\n");
        sql
    }
}

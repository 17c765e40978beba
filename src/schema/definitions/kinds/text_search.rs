//! Text search parsers, templates, dictionaries and configurations: `dumpTSParser()`, `dumpTSTemplate()`,
//! `dumpTSDictionary()` and `dumpTSConfig()` in pg_dump.c.

use std::collections::HashMap;

use bstr::BString;

use super::super::error::Error;
use super::super::fields::{Fields, Rows};
use super::super::model::{Draft, Model};
use super::super::object::{Class, Node};
use super::super::output::Output;
use super::super::rows::text_search::{Configuration, Dictionary, Parser, Template};
use super::super::text::{push, sql};
use super::super::wanted;
use crate::toc::ObjectKind;
use crate::toc::quote::{ident_as_needed, qualified_as_needed};

/// Numbers an object whose row begins with its catalog, OID, name and schema.
fn add(row: &mut Fields<'_>, class: Class, at: usize, model: &mut Model) -> Result<Node, Error> {
    let (catalog, name) = (row.catalog()?, row.text()?);
    let namespace = Some(model.namespace(row.oid()?, &name)?);
    let node = model.add(Draft {
        class,
        catalog,
        name,
        namespace,
        at,
    });
    wanted::of_object(model, node);
    Ok(node)
}

fn owner(row: &mut Fields<'_>, node: Node, model: &Model) -> Result<BString, Error> {
    model.role(row.oid()?, &model.object(node).name)
}

/// Every parser.
pub(crate) fn read_parsers(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let node = add(&mut row, Class::TsParser, model.ts_parsers.len(), model)?;
        model.ts_parsers.push(Parser {
            node,
            start: row.text()?,
            token: row.text()?,
            end: row.text()?,
            headline: row.text()?,
            types: row.text()?,
        });
    }
    Ok(())
}

/// Every template.
pub(crate) fn read_templates(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let node = add(&mut row, Class::TsTemplate, model.ts_templates.len(), model)?;
        model.ts_templates.push(Template {
            node,
            init: row.text()?,
            lexize: row.text()?,
        });
    }
    Ok(())
}

/// Every dictionary.
pub(crate) fn read_dictionaries(rows: &Rows, model: &mut Model) -> Result<(), Error> {
    for mut row in rows.iter() {
        let node = add(
            &mut row,
            Class::TsDictionary,
            model.ts_dictionaries.len(),
            model,
        )?;
        let owner = owner(&mut row, node, model)?;
        model.ts_dictionaries.push(Dictionary {
            node,
            owner,
            template: qualified_as_needed(&row.text()?, &row.text()?),
            options: row.optional(),
        });
    }
    Ok(())
}

/// Every configuration, with the mappings of those that are wanted.
pub(crate) fn read_configurations(
    rows: &Rows,
    mappings: &Rows,
    model: &mut Model,
) -> Result<(), Error> {
    let mut found: HashMap<u32, Vec<(BString, BString)>> = HashMap::new();
    for mut row in mappings.iter() {
        let (oid, token) = (row.oid()?, row.text()?);
        found.entry(oid).or_default().push((token, row.text()?));
    }
    for mut row in rows.iter() {
        let at = model.ts_configurations.len();
        let node = add(&mut row, Class::TsConfiguration, at, model)?;
        let owner = owner(&mut row, node, model)?;
        let oid = model.object(node).catalog.oid;
        model.ts_configurations.push(Configuration {
            node,
            owner,
            parser: qualified_as_needed(&row.text()?, &row.text()?),
            mappings: found.remove(&oid).unwrap_or_default(),
        });
    }
    Ok(())
}

/// The entry of one of the four, and its comment.
fn write(
    node: Node,
    (word, kind): (&str, ObjectKind),
    owner: Option<&[u8]>,
    create: BString,
    out: &mut Output<'_>,
) {
    let model = out.model;
    let drop = sql!("DROP ", word, " ", model.qualified(node), ";\n");
    out.define(node, kind, owner, (create, Some(drop)));
    let name = ident_as_needed(&model.object(node).name);
    out.comment(&out.about(node, word, &name, owner.unwrap_or_default()));
}

/// It has no owner.
pub(crate) fn render_parser(parser: &Parser, out: &mut Output<'_>) {
    const WORD: &str = "TEXT SEARCH PARSER";
    let mut sql = sql!(
        "CREATE ",
        WORD,
        " ",
        out.model.qualified(parser.node),
        " (\n"
    );
    push!(
        sql,
        "    START = ",
        parser.start,
        ",\n    GETTOKEN = ",
        parser.token
    );
    push!(sql, ",\n    END = ", parser.end, ",\n");
    if parser.headline != "-" {
        push!(sql, "    HEADLINE = ", parser.headline, ",\n");
    }
    push!(sql, "    LEXTYPES = ", parser.types, " );\n");
    write(
        parser.node,
        (WORD, ObjectKind::TextSearchParser),
        None,
        sql,
        out,
    );
}

/// It has no owner.
pub(crate) fn render_template(template: &Template, out: &mut Output<'_>) {
    const WORD: &str = "TEXT SEARCH TEMPLATE";
    let mut sql = sql!(
        "CREATE ",
        WORD,
        " ",
        out.model.qualified(template.node),
        " (\n"
    );
    if template.init != "-" {
        push!(sql, "    INIT = ", template.init, ",\n");
    }
    push!(sql, "    LEXIZE = ", template.lexize, " );\n");
    write(
        template.node,
        (WORD, ObjectKind::TextSearchTemplate),
        None,
        sql,
        out,
    );
}

/// Its options are stored as SQL.
pub(crate) fn render_dictionary(dictionary: &Dictionary, out: &mut Output<'_>) {
    const WORD: &str = "TEXT SEARCH DICTIONARY";
    let mut sql = sql!(
        "CREATE ",
        WORD,
        " ",
        out.model.qualified(dictionary.node),
        " (\n"
    );
    push!(sql, "    TEMPLATE = ", dictionary.template);
    if let Some(options) = &dictionary.options {
        push!(sql, ",\n    ", options);
    }
    push!(sql, " );\n");
    let owner = Some(&dictionary.owner[..]);
    write(
        dictionary.node,
        (WORD, ObjectKind::TextSearchDictionary),
        owner,
        sql,
        out,
    );
}

/// One ALTER for each type of token.
pub(crate) fn render_configuration(configuration: &Configuration, out: &mut Output<'_>) {
    const WORD: &str = "TEXT SEARCH CONFIGURATION";
    let name = out.model.qualified(configuration.node);
    let mut sql = sql!("CREATE ", WORD, " ", name, " (\n");
    push!(sql, "    PARSER = ", configuration.parser, " );\n");
    let mut last: Option<&BString> = None;
    for (token, dictionary) in &configuration.mappings {
        if last == Some(token) {
            push!(sql, ", ", dictionary);
            continue;
        }
        if last.is_some() {
            push!(sql, ";\n");
        }
        push!(sql, "\nALTER ", WORD, " ", name, "\n    ADD MAPPING FOR ");
        push!(sql, ident_as_needed(token), " WITH ", dictionary);
        last = Some(token);
    }
    if last.is_some() {
        push!(sql, ";\n");
    }
    let kind = (WORD, ObjectKind::TextSearchConfiguration);
    write(
        configuration.node,
        kind,
        Some(&configuration.owner),
        sql,
        out,
    );
}

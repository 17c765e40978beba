//! Definitions from literal rows: what each kind makes of the answers of its statements, without a server.
//!
//! A file in `cases/` says in its head which objects it is about. Then come the rows of each statement as
//! `COPY` writes them, under the statement's name, and last the entries. `cases/base.txt` has the rows that
//! every database has. Rows come from a server 18: the statements in `sql/` can be run in psql. That the
//! entries are pg_dump's is shown by the tests against servers, not here.

use bstr::{BString, ByteSlice};

use super::fetch::Answers;
use super::model::Model;
use super::statements::Statement;
use super::{build, graph, render};
use crate::pg::PackedRows;
use crate::schema::chosen::Chosen;
use crate::toc::{DumpId, TocEntry};

const BASE: &str = include_str!("cases/base.txt");

/// The entries of a database that has these rows besides the usual ones.
fn entries(case: &str) -> String {
    let mut answers = Answers::default();
    for (statement, rows) in [statements(BASE), statements(case)].concat() {
        let own = answers.rows_mut(statement);
        own.statement = statement.name();
        own.rows.append(rows);
    }
    let mut model = Model::new(18, Chosen::default());
    model.version_num = 180_006;
    model.has_statistics = case.contains("[relation_statistics]");
    build::first(&mut answers, &mut model).unwrap();
    build::second(&mut answers, &mut model).unwrap();
    let sorted = graph::sorted(&mut model);
    let entries = render::entries(&model, &sorted, b"UTF8").unwrap();
    assert_eq!(model.notices, Vec::<String>::new());
    let shown = entries
        .iter()
        .skip(USUAL)
        .map(|entry| shown(entry, &entries));
    shown.collect()
}

/// Encoding, standard strings, search path and the database come first in every table of contents.
const USUAL: usize = 4;

fn shown(entry: &TocEntry, all: &[TocEntry]) -> String {
    let name = |id: &DumpId| {
        let found = all.iter().find(|other| other.dump_id == *id);
        found.map_or("nothing".into(), |other| {
            format!("{} {}", other.kind.desc(), other.tag)
        })
    };
    let needs: Vec<String> = entry.dependencies.iter().map(name).collect();
    let needs = if needs.is_empty() {
        String::new()
    } else {
        format!(" needs {}", needs.join(", "))
    };
    let section = format!("{:?}", entry.section);
    let defn = entry.defn.clone().unwrap_or_default();
    let defn = defn.trim();
    format!(
        "-- {} {} ({section}){needs}\n{}\n",
        entry.kind.desc(),
        entry.tag,
        defn.as_bstr()
    )
}

/// The rows of a case, by statement.
fn statements(case: &str) -> Vec<(Statement, PackedRows)> {
    let mut found: Vec<(Statement, PackedRows)> = vec![];
    let lines = case.lines().take_while(|line| *line != "[entries]");
    for line in lines.filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(name) => {
                let mut all = Statement::ALL.iter();
                let statement = all.find(|statement| statement.name() == name);
                found.push((
                    *statement.unwrap_or_else(|| panic!("no statement {name}")),
                    PackedRows::default(),
                ));
            }
            None => found.last_mut().expect("a name first").1.append(row(line)),
        }
    }
    found
}

/// A line as `COPY` writes it.
fn row(line: &str) -> PackedRows {
    let values: Vec<Option<BString>> = line.split('\t').map(value).collect();
    let values: Vec<Option<&[u8]>> = values
        .iter()
        .map(|value| value.as_deref().map(|v| &**v))
        .collect();
    PackedRows::of(&values)
}

fn value(text: &str) -> Option<BString> {
    let text = text
        .replace(r"\\", "\u{0}")
        .replace(r"\n", "\n")
        .replace(r"\t", "\t");
    (text != r"\N").then(|| text.replace('\u{0}', r"\").into())
}

macro_rules! cases {
    ($($name:ident)+) => {$(
        #[test]
        fn $name() {
            let case = include_str!(concat!("cases/", stringify!($name), ".txt"));
            let (_, expected) = case.split_once("[entries]\n").unwrap();
            let found = entries(case);
            assert!(found == expected, "{found}");
        }
    )+};
}

cases! {
    aggregate base_type circles collation constraint default event_trigger foreign function index not_null operator
    partition planner_statistics policy publication rights rule sequence statistics subscription table text_search trigger types view
}

//! The tables to analyze and vacuum, and the entries each has to wait for.
//!
//! Pure. A table is analyzed as soon as its rows are in, so that later steps (checks of foreign keys,
//! refreshes of materialized views) are planned with statistics. Only a table with an index on expressions or
//! with extended statistics waits for these too, because ANALYZE fills them. VACUUM comes at the very end:
//! while another session still loads, rows that are newer than its transaction cannot be marked as visible to
//! all. `schedule` decides when a turn comes.

use std::collections::{BTreeMap, HashMap};

use bstr::{BStr, BString, ByteSlice};

use super::given_back::GivenBack;
use super::graph::Graph;
use crate::restore::contents::DatabaseContents;
use crate::restore::options::Statistics;
use crate::restore::select::Need;
use crate::restore::statements::joined;
use crate::source::Data;
use crate::toc::lex::{TokenKind, tokens};
use crate::toc::{ObjectKind, TocEntry};

/// The command that a table gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Command {
    /// As soon as the entries it waits for are done.
    #[default]
    Analyze,
    /// Once nothing else is left to do in the database.
    Vacuum,
}

/// One table to be analyzed or vacuumed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Analysis {
    /// The command.
    pub(crate) command: Command,
    /// Position of an entry that bears the table's name.
    pub(crate) entry: usize,
    /// Positions of the tables that ANALYZE locks: for a partitioned one its partitions too.
    pub(crate) tables: Vec<usize>,
    /// Positions of the entries that have to be settled before; none where that is all of them.
    pub(crate) waits: Vec<usize>,
    /// Raw bytes of its rows.
    pub(crate) size: u64,
}

/// The tables that get rows and the materialized views that are refreshed.
///
/// ANALYZE of a partitioned table goes through its partitions by itself (documentation of ANALYZE), so
/// only the topmost one that is restored is named.
pub(crate) fn analyses(
    database: &DatabaseContents,
    needs: &[Need],
    graph: &Graph,
    statistics: Statistics,
    vacuum: bool,
) -> Vec<Analysis> {
    if statistics == Statistics::None {
        return Vec::new();
    }
    let mut found: BTreeMap<Key<'_>, Analysis> = BTreeMap::new();
    for (position, entry) in database.toc.entries.iter().enumerate() {
        let key = match entry.kind {
            ObjectKind::TableData if needs[position].data => key_of(position, entry, needs, graph),
            ObjectKind::MaterializedViewData if needs[position].any() => Key::Entry(position),
            _ => continue,
        };
        let data = database.chunks.get(&entry.dump_id);
        if data.is_some_and(|data| data.rows == Some(0)) {
            continue;
        }
        let analysis = found.entry(key).or_default();
        analysis.entry = match key {
            Key::Table(table) => table,
            Key::Entry(_) | Key::Name(..) => position,
        };
        analysis.size += data.map_or(0, Data::weight);
        if key != Key::Entry(position) {
            analysis.tables.extend(&graph.nodes[position].tables);
        }
        analysis.waits.push(position);
    }
    let mut analyses: Vec<Analysis> = found.into_values().collect();
    for analysis in &mut analyses {
        analysis.tables.sort_unstable();
        analysis.tables.dedup();
    }
    add_late_objects(database, needs, graph, &mut analyses);
    let vacuums: Vec<Analysis> = if vacuum {
        let vacuum = |analysis: &Analysis| Analysis {
            command: Command::Vacuum,
            waits: Vec::new(),
            ..analysis.clone()
        };
        analyses.iter().map(vacuum).collect()
    } else {
        vec![]
    };
    if statistics == Statistics::Missing {
        let given_back = GivenBack::of(&database.toc, needs, graph);
        analyses.retain(|analysis| !has_nothing_to_add(analysis, &given_back, graph));
    }
    analyses.extend(vacuums);
    analyses
}

/// Whether the archive gives back the statistics of every table that an ANALYZE would go through.
fn has_nothing_to_add(analysis: &Analysis, given_back: &GivenBack, graph: &Graph) -> bool {
    if analysis.tables.is_empty() {
        // A materialized view stands in for its refresh, and a table of an extension for itself.
        let view = graph.nodes[analysis.entry].depends_on.first();
        return view.is_some_and(|&view| given_back.has(view));
    }
    given_back.has(analysis.entry) && analysis.tables.iter().all(|&table| given_back.has(table))
}

impl Command {
    /// The statement for these tables, each as it is named there.
    pub(crate) fn sql(self, tables: &[BString]) -> BString {
        let names = bstr::join(", ", tables);
        joined(&[self.word().as_bytes(), b" ", &names, b";\n"])
    }

    /// Its first word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Analyze => "ANALYZE",
            Self::Vacuum => "VACUUM",
        }
    }
}

/// The table that a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    /// The table at this position, with its partitions.
    Table(usize),
    /// The materialized view that this entry refreshes.
    Entry(usize),
    /// A table that is not in the archive itself: an extension's.
    Name(&'a BStr, &'a BStr),
}

fn key_of<'a>(position: usize, entry: &'a TocEntry, needs: &[Need], graph: &Graph) -> Key<'a> {
    let Some(&table) = graph.nodes[position].tables.first() else {
        return Key::Name(entry.schema().as_bstr(), entry.tag.as_bstr());
    };
    let mut top = table;
    while let Some(&parent) = graph.parents.get(&top) {
        if !needs[parent].any() {
            break;
        }
        top = parent;
    }
    Key::Table(top)
}

/// Indexes on expressions and extended statistics are filled by ANALYZE, so it comes after them. What the
/// archive gives back would replace what it finds.
fn add_late_objects(
    database: &DatabaseContents,
    needs: &[Need],
    graph: &Graph,
    analyses: &mut [Analysis],
) {
    let mut by_table: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, analysis) in analyses.iter().enumerate() {
        let refreshed = graph.nodes[analysis.entry].depends_on.first();
        let refreshed = refreshed.filter(|_| analysis.tables.is_empty());
        for &table in analysis.tables.iter().chain(refreshed) {
            by_table.entry(table).or_default().push(index);
        }
    }
    for (position, entry) in database.toc.entries.iter().enumerate() {
        let is_late = match entry.kind {
            ObjectKind::Index => has_expression(entry.definition()),
            ObjectKind::Statistics => true,
            // What the archive knows of the table as a whole is older.
            ObjectKind::StatisticsData => true,
            _ => false,
        };
        if !is_late || !needs[position].any() {
            continue;
        }
        for table in &graph.nodes[position].tables {
            for &index in by_table.get(table).into_iter().flatten() {
                analyses[index].waits.push(position);
            }
        }
    }
}

/// Whether the column list of a CREATE INDEX has parentheses in it. That of an index on plain columns
/// has them only around parameters of an operator class.
fn has_expression(defn: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut is_past_using = false;
    for token in tokens(defn) {
        let text = &defn[token.range.clone()];
        match token.kind {
            TokenKind::Word if text.eq_ignore_ascii_case(b"USING") => is_past_using = true,
            _ if !is_past_using => {}
            _ if text == b"(" && depth == 1 => return true,
            _ if text == b"(" => depth += 1,
            _ if text == b")" => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::contents::DataFacts;
    use crate::restore::testing::{database, entry, toc};
    use crate::toc::DumpId;

    fn on(mut entry: TocEntry, dependencies: &[i32]) -> TocEntry {
        entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
        entry
    }

    fn of(entries: Vec<TocEntry>) -> Vec<Analysis> {
        let database = database("d", toc(entries));
        let wanted = Need {
            definition: true,
            data: true,
        };
        let needs = vec![wanted; database.toc.entries.len()];
        let graph = Graph::new(&database.toc, &needs, &DataFacts::default());
        analyses(&database, &needs, &graph, Statistics::Analyze, false)
    }

    fn table(id: i32, name: &str) -> TocEntry {
        entry(id, ObjectKind::Table, Some("s"), name)
    }

    fn data(id: i32, name: &str, table: i32) -> TocEntry {
        on(entry(id, ObjectKind::TableData, Some("s"), name), &[table])
    }

    #[test]
    fn a_table_waits_for_its_chunks_and_for_what_analyze_fills() {
        let mut plain = on(entry(5, ObjectKind::Index, Some("s"), "i"), &[1]);
        plain.defn = Some("CREATE INDEX i ON s.t USING btree (a DESC, b) INCLUDE (c);".into());
        let mut expression = on(entry(6, ObjectKind::Index, Some("s"), "j"), &[1]);
        expression.defn =
            Some("CREATE INDEX j ON s.t USING btree (lower(a)) WHERE (b > 1);".into());
        let found = of(vec![
            table(1, "t"),
            data(3, "t", 1),
            data(4, "t", 1),
            plain,
            expression,
            on(entry(7, ObjectKind::Statistics, Some("s"), "x"), &[1]),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].entry, &found[0].tables), (0, &vec![0]));
        assert_eq!(found[0].waits, [1, 2, 4, 5]);
    }

    #[test]
    fn partitions_are_analyzed_with_the_topmost_table() {
        let found = of(vec![
            table(1, "root"),
            table(2, "p"),
            table(3, "pp"),
            on(entry(4, ObjectKind::TableAttach, Some("s"), "p"), &[2, 1]),
            on(entry(5, ObjectKind::TableAttach, Some("s"), "pp"), &[3, 2]),
            data(6, "pp", 3),
            on(entry(7, ObjectKind::TableData, Some("e"), "config"), &[99]),
        ]);
        let named: Vec<(usize, &[usize])> = found
            .iter()
            .map(|analysis| (analysis.entry, analysis.waits.as_slice()))
            .collect();
        assert_eq!(named, [(0, &[5][..]), (6, &[6])]);
    }

    #[test]
    fn a_predicate_is_no_expression() {
        assert!(!has_expression(
            b"CREATE INDEX i ON t USING gin (a) WHERE (b)"
        ));
        assert!(has_expression(
            b"CREATE INDEX i ON t USING gin (a, (b || c))"
        ));
    }

    #[test]
    fn one_command_names_all() {
        let tables = ["s.a".into(), "ONLY s.\"B\"".into()];
        assert_eq!(Command::Vacuum.sql(&tables), "VACUUM s.a, ONLY s.\"B\";\n");
    }
}

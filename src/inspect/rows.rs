//! Rows of one table, without a server: only the table's own chunks are read.
//!
//! Not here: what a value looks like ([`super::copy_text`]); whether the archive is whole (`verify`). Each
//! chunk is compared with its hash before a row of it is printed.

use std::io;

use bstr::{BString, ByteSlice};

use super::copy_text::{self, Format};
use super::find::{self, Found};
use super::named::ObjectName;
use super::{Error, ObjectName as Name};
use crate::monitor::Monitor;
use crate::source::{Data, Source};
use crate::storage::Store;
use crate::toc::lex::{self, TokenKind};
use crate::toc::{ObjectKind, TocEntry};

/// The longest row that is put together: a value of 1 GB whose every byte has an escape, and its neighbours.
const ROW_BYTES_MAX: usize = 4 << 30;

/// The rows to print.
#[derive(Debug, Clone)]
pub struct RowsOptions {
    /// The table.
    pub table: ObjectName,
    /// How its rows are printed.
    pub format: Format,
    /// How many at most.
    pub limit: Option<u64>,
}

/// Prints the rows. Whoever does not want more says so by an error of the kind `BrokenPipe`.
pub async fn rows(
    store: &Store,
    options: &RowsOptions,
    write: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    monitor: &Monitor,
) -> Result<(), Error> {
    let source = Source::open(store.clone()).await?;
    let Found { database, contents } = find::database(&source, &options.table).await?;
    let is_its = |entry: &&TocEntry| {
        entry.kind == ObjectKind::TableData && options.table.means(entry.schema(), &entry.tag)
    };
    let entries: Vec<&TocEntry> = contents.toc.entries.iter().filter(is_its).collect();
    let Some(first) = entries.first() else {
        return Err(no_rows(&options.table, &contents.toc.entries, &database));
    };
    if entries
        .iter()
        .any(|entry| entry.namespace != first.namespace)
    {
        let schemas = entries.iter().map(|entry| entry.schema());
        return Err(find::several(&options.table, schemas));
    }
    let columns = columns(first).ok_or_else(|| Error::NoCopy {
        table: options.table.clone(),
    })?;
    let mut printer = Printer {
        options,
        columns,
        row: vec![],
        left: options.limit.unwrap_or(u64::MAX),
        number: 0,
        write,
    };
    printer.head()?;
    for entry in entries {
        let data = contents.data.get(&entry.dump_id);
        if printer.left == 0 {
            break;
        }
        if let Some(data) = data {
            print_data(&source, data, &mut printer, monitor).await?;
        }
    }
    Ok(())
}

async fn print_data(
    source: &Source,
    data: &Data,
    printer: &mut Printer<'_>,
    monitor: &Monitor,
) -> Result<(), Error> {
    let fetched = tokio::select! {
        fetched = source.fetch(data) => fetched?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let mut reader = source.read(data, fetched)?;
    while printer.left > 0 {
        if monitor.is_interrupted() {
            return Err(Error::Interrupted);
        }
        match reader.next_block()? {
            Some(block) => printer.print(block.content)?,
            None => break,
        }
    }
    Ok(())
}

/// Prints rows that come in pieces.
struct Printer<'a> {
    options: &'a RowsOptions,
    columns: Vec<BString>,
    /// The beginning of a row whose end has not come yet.
    row: Vec<u8>,
    /// How many rows may still be printed.
    left: u64,
    number: u64,
    write: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
}

impl Printer<'_> {
    fn head(&mut self) -> Result<(), Error> {
        match self.options.format {
            Format::Csv => {
                let names = copy_text::csv(self.columns.iter().cloned().map(Some));
                (self.write)(&names).map_err(Error::Write)
            }
            Format::Copy | Format::JsonLines => Ok(()),
        }
    }

    fn print(&mut self, mut block: &[u8]) -> Result<(), Error> {
        while self.left > 0 {
            let Some(end) = block.find_byte(b'\n') else {
                if self.row.len() + block.len() > ROW_BYTES_MAX {
                    return Err(Error::LongRow {
                        table: self.options.table.clone(),
                    });
                }
                self.row.extend_from_slice(block);
                return Ok(());
            };
            self.row.extend_from_slice(&block[..end]);
            block = &block[end + 1..];
            self.number += 1;
            self.left -= 1;
            let line = self.line()?;
            (self.write)(&line).map_err(Error::Write)?;
            self.row.clear();
        }
        Ok(())
    }

    fn line(&self) -> Result<BString, Error> {
        match self.options.format {
            Format::Copy => Ok([&self.row[..], b"\n"].concat().into()),
            Format::Csv => Ok(copy_text::csv(copy_text::values(&self.row))),
            Format::JsonLines => {
                let line = copy_text::json(&self.columns, copy_text::values(&self.row));
                line.map_err(|column| Error::NotUtf8 {
                    table: self.options.table.clone(),
                    row: self.number,
                    column: column + 1,
                })
            }
        }
    }
}

/// The columns that a COPY statement names; none where it is no COPY.
fn columns(entry: &TocEntry) -> Option<Vec<BString>> {
    let sql = entry.copy_stmt.as_ref().filter(|sql| !sql.is_empty())?;
    let tokens = lex::tokens(sql).skip_while(|token| &sql[token.range.clone()] != b"(");
    let inside = tokens
        .skip(1)
        .take_while(|token| &sql[token.range.clone()] != b")");
    let names = inside.filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted));
    Some(
        names
            .map(|token| lex::name(&sql[token.range]).into())
            .collect(),
    )
}

fn no_rows(table: &Name, entries: &[TocEntry], database: &BString) -> Error {
    let tables = entries.iter().filter(|entry| entry.kind.is_table());
    let is_there = tables
        .clone()
        .any(|entry| table.means(entry.schema(), &entry.tag));
    if is_there {
        return Error::NoRows {
            table: table.clone(),
            database: database.clone(),
        };
    }
    let names: Vec<&TocEntry> = tables.collect();
    find::nothing("table", table, database, &names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_the_statement() {
        let of = |sql: &str| {
            columns(&TocEntry {
                copy_stmt: Some(sql.into()),
                ..TocEntry::default()
            })
        };
        let names = of("COPY s.\"t (x)\" (a, \"b \"\" c\", d) FROM stdin;\n").unwrap();
        assert_eq!(names, ["a", "b \" c", "d"]);
        assert_eq!(of("COPY s.t () FROM stdin;\n").unwrap(), [""; 0]);
        assert_eq!(of(""), None);
    }
}

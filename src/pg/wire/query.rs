//! Statements and their rows, in the extended protocol and in the simple one.

use std::sync::Arc;

use super::backend::{column_names, tag};
use super::frontend::Messages;
use super::packed::PackedRows;
use super::row::{Columns, Row};
use super::stream::Wire;
use crate::pg::error::Error;

/// Executes statements without parameters, in one message. Returns the rows of all of them.
pub(crate) async fn simple(wire: &mut Wire, sql: &[u8]) -> Result<Vec<Row>, Error> {
    let messages = Messages::default().query(sql)?;
    wire.begin()?;
    wire.send(&messages).await?;
    let mut columns: Columns = Arc::new([]);
    let mut rows = Vec::new();
    loop {
        let message = wire.message().await?;
        match message.tag {
            tag::READY_FOR_QUERY => return Ok(rows),
            tag::ROW_DESCRIPTION => columns = column_names(&message.body)?.into(),
            tag::DATA_ROW => rows.push(Row::parse(&columns, message.body)?),
            tag::COMMAND_COMPLETE | tag::EMPTY_QUERY => {}
            _ => return Err(wire.unexpected(message, "in answer to a query").await),
        }
    }
}

/// Executes one statement with parameters in text format. Returns its rows, in text format too.
pub(crate) async fn query(
    wire: &mut Wire,
    sql: &[u8],
    params: &[Option<&[u8]>],
) -> Result<Vec<Row>, Error> {
    let mut columns: Columns = Arc::new([]);
    let mut rows = Vec::new();
    extended(wire, sql, params, |part| {
        match part {
            Part::Columns(names) => columns = names,
            Part::Row(body) => rows.push(Row::parse(&columns, body)?),
        }
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// The same, with the rows in one buffer.
pub(crate) async fn query_packed(
    wire: &mut Wire,
    sql: &[u8],
    params: &[Option<&[u8]>],
) -> Result<PackedRows, Error> {
    let mut rows = PackedRows::default();
    extended(wire, sql, params, |part| match part {
        Part::Columns(names) => {
            rows = PackedRows::new(names);
            Ok(())
        }
        Part::Row(body) => rows.push(&body),
    })
    .await?;
    Ok(rows)
}

/// What an answer consists of.
enum Part {
    Columns(Columns),
    /// The body of a DataRow message.
    Row(Vec<u8>),
}

async fn extended(
    wire: &mut Wire,
    sql: &[u8],
    params: &[Option<&[u8]>],
    mut take: impl FnMut(Part) -> Result<(), Error>,
) -> Result<(), Error> {
    let messages = Messages::default().parse(sql)?.bind(params)?;
    let messages = messages.describe_portal()?.execute()?.sync()?;
    wire.begin()?;
    wire.send(&messages).await?;
    loop {
        let message = wire.message().await?;
        match message.tag {
            tag::READY_FOR_QUERY => return Ok(()),
            tag::ROW_DESCRIPTION => take(Part::Columns(column_names(&message.body)?.into()))?,
            tag::DATA_ROW => take(Part::Row(message.body))?,
            tag::PARSE_COMPLETE
            | tag::BIND_COMPLETE
            | tag::NO_DATA
            | tag::COMMAND_COMPLETE
            | tag::EMPTY_QUERY => {}
            _ => return Err(wire.unexpected(message, "in answer to a query").await),
        }
    }
}

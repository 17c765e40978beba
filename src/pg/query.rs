//! One statement in the extended protocol, and its rows.

use std::sync::Arc;

use super::backend::{column_names, tag};
use super::error::Error;
use super::frontend::Messages;
use super::row::{Columns, Row};
use super::wire::Wire;

/// Executes one statement with parameters in text format. Returns its rows, in text format too.
pub(super) async fn query(
    wire: &mut Wire,
    sql: &[u8],
    params: &[Option<&[u8]>],
) -> Result<Vec<Row>, Error> {
    let messages = Messages::default().parse(sql)?.bind(params)?;
    let messages = messages.describe_portal()?.execute()?.sync()?;
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
            tag::PARSE_COMPLETE
            | tag::BIND_COMPLETE
            | tag::NO_DATA
            | tag::COMMAND_COMPLETE
            | tag::EMPTY_QUERY => {}
            _ => return Err(wire.unexpected(message, "in answer to a query").await),
        }
    }
}

//! Which disk of the target is full, said so that a person finds it.
//!
//! The server's message names a file (`mdextend`); in which tablespace that is, it can be asked.

use crate::pg::{Error, Session};

const DATA_DIRECTORY: &[u8] = include_bytes!("sql/data_directory.sql");
const TABLESPACE: &[u8] = include_bytes!("sql/tablespace_location.sql");

/// The server's message with the disk that it is about, as far as the user may know.
pub(crate) async fn describe(session: &mut Session, message: &str) -> String {
    let disk = match tablespace_oid(message) {
        Some(oid) => tablespace(session, oid).await,
        None => data_directory(session).await,
    };
    match disk {
        Ok(Some(disk)) => format!("{disk}: {message}"),
        // Not everybody may ask, and a full server may not answer.
        _ => message.to_owned(),
    }
}

async fn tablespace(session: &mut Session, oid: &str) -> Result<Option<String>, Error> {
    let rows = session.query(TABLESPACE, &[Some(oid.as_bytes())]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let [name, location] = [row.text(0)?, row.text(1)?].map(String::from_utf8_lossy);
    Ok(Some(format!("tablespace \"{name}\" in {location}")))
}

async fn data_directory(session: &mut Session) -> Result<Option<String>, Error> {
    let rows = session.query(DATA_DIRECTORY, &[]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let folder = String::from_utf8_lossy(row.text(0)?);
    Ok(Some(format!("the server's data directory {folder}")))
}

/// The OID in `pg_tblspc/16385/..`, where tablespaces are linked to.
fn tablespace_oid(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("pg_tblspc/")?;
    let oid = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    (!oid.is_empty()).then_some(oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_which_tablespace() {
        let message =
            "could not extend file \"pg_tblspc/16385/PG_15_202209061/5/16390\": No space left";
        assert_eq!(tablespace_oid(message), Some("16385"));
        assert_eq!(
            tablespace_oid("could not extend file \"base/5/16390\""),
            None
        );
        assert_eq!(tablespace_oid("pg_tblspc/x"), None);
    }
}

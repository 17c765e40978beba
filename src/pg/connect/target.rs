//! `target_session_attrs`: whether a server is of the wanted kind.

use crate::pg::error::Error;
use crate::pg::options::settings::Target;
use crate::pg::wire::query::query;
use crate::pg::wire::stream::Wire;

/// Checks that the server is of the wanted kind. Servers before 14 do not report their kind, so they are
/// asked.
pub(crate) async fn check_target(wire: &mut Wire, target: Target) -> Result<(), Error> {
    let (is_so, wanted, otherwise) = match target {
        Target::Any | Target::PreferStandby => return Ok(()),
        Target::ReadWrite => (
            !is_read_only(wire).await?,
            "read-write",
            "the session is read-only",
        ),
        Target::ReadOnly => (
            is_read_only(wire).await?,
            "read-only",
            "the session is not read-only",
        ),
        Target::Primary => (
            !is_standby(wire).await?,
            "a primary",
            "the server is a standby",
        ),
        Target::Standby => (
            is_standby(wire).await?,
            "a standby",
            "the server is not a standby",
        ),
    };
    if is_so {
        Ok(())
    } else {
        Err(Error::WrongTarget {
            is: otherwise,
            wanted,
        })
    }
}

async fn is_read_only(wire: &mut Wire) -> Result<bool, Error> {
    let reported = ["default_transaction_read_only", "in_hot_standby"]
        .map(|name| wire.parameter(name.as_bytes()).map(|value| value == b"on"));
    if let [Some(read_only), Some(standby)] = reported {
        return Ok(read_only || standby);
    }
    let rows = query(wire, b"SHOW transaction_read_only", &[]).await?;
    Ok(rows.first().and_then(|row| row.get(0)) == Some(b"on"))
}

async fn is_standby(wire: &mut Wire) -> Result<bool, Error> {
    if let Some(reported) = wire.parameter(b"in_hot_standby") {
        return Ok(reported == b"on");
    }
    let rows = query(wire, b"SELECT pg_catalog.pg_is_in_recovery()", &[]).await?;
    Ok(rows.first().and_then(|row| row.get(0)) == Some(b"t"))
}

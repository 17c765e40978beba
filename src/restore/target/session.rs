//! Sessions on the target that no worker has: for roles and databases, and for questions beforehand.

use bstr::BString;

use crate::pg::{self, ServerConfig, Session};
use crate::restore::contents::Contents;
use crate::restore::error::Error;
use crate::restore::finding::Finding;
use crate::restore::options::RestoreOptions;
use crate::restore::statements::lock_timeout;
use crate::toc::quote;

/// Opens the session that creates databases and roles, and becomes `--role`.
///
/// The connection's own database is tried first, then those that every server has; one that is to be
/// dropped is of no use, and where none of them lets us in, a target will do.
pub(crate) async fn maintenance_session(
    server: &ServerConfig,
    options: &RestoreOptions,
    contents: &Contents,
) -> Result<Session, Error> {
    let targets = || contents.databases.iter().map(|database| &database.target);
    let drops = options.create && options.clean;
    let mut candidates: Vec<BString> = vec![server.database().into()];
    candidates.extend(["postgres", "template1"].map(BString::from));
    candidates.retain(|name| !drops || !targets().any(|target| target == name));
    if !drops {
        candidates.extend(targets().cloned());
    }
    let mut first_error = None;
    for name in candidates {
        match Session::connect(&server.with_dbname(&name)).await {
            Ok(session) => return set_role(session, options).await,
            Err(error) if !is_about_this_database(&error) => {
                first_error = Some(error);
                break;
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match first_error {
        Some(error) => Err(Error::server("connect to the target server")(error)),
        None => Err(Error::Preflight {
            problems: vec![nowhere_to_be()],
        }),
    }
}

/// A session that drops databases must be in another one.
fn nowhere_to_be() -> Finding {
    Finding::problem(
        "the databases \"postgres\" and \"template1\" cannot be replaced in one call: a session must be in one of \
         them to drop the other",
        "Restore one of them by a call of its own, leave out --clean to fill the ones that are there, or name a \
         database that stays with -d.",
    )
}

/// A session for the same purpose, later: on our own database, `postgres` or `template1`.
pub(crate) async fn any_session(
    server: &ServerConfig,
    options: &RestoreOptions,
) -> Result<Session, Error> {
    let nothing = Contents {
        databases: Vec::new(),
        globals: None,
    };
    maintenance_session(server, options, &nothing).await
}

/// `invalid_catalog_name` and `insufficient_privilege`: another database may do.
fn is_about_this_database(error: &pg::Error) -> bool {
    matches!(error.sqlstate(), Some("3D000" | "42501"))
}

pub(crate) async fn set_role(
    mut session: Session,
    options: &RestoreOptions,
) -> Result<Session, Error> {
    let mut sql = BString::from("SET statement_timeout = 0;\n");
    sql.extend_from_slice(&lock_timeout(options));
    if let Some(role) = &options.role {
        sql.extend_from_slice(b"SET ROLE ");
        sql.extend_from_slice(&quote::ident(role));
    }
    match session.execute(&sql).await {
        Ok(()) => Ok(session),
        Err(error) => {
            let role = options.role.as_ref().map(ToString::to_string);
            let doing = format!("become role \"{}\"", role.unwrap_or_default());
            Err(Error::server(doing)(error))
        }
    }
}

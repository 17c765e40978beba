//! `pg` against real servers, and against false ones: ways in, ways of failing, statements, COPY.
//!
//! Connection strings in these tests are what a user would give to `-d`. The server that most of them
//! share has a role for each way in ([`server`]); what no real server would do is done by [`fake`].

mod certificates;
mod copy;
mod eye;
mod fake;
mod hosts;
mod pki;
mod poolers;
mod protocol;
mod server;
mod sessions;
mod tls;
mod tokens;
mod ways_in;

use std::collections::BTreeMap;
use std::path::Path;

use pgark::pg::{ConnectionArgs, Environment, Error, ServerConfig, Session, resolve};

/// A configuration from a connection string alone.
fn config(conninfo: &str) -> ServerConfig {
    config_in(conninfo, &[], None)
}

/// A configuration from a connection string, variables and a home folder.
fn config_in(conninfo: &str, variables: &[(&str, &str)], home: Option<&Path>) -> ServerConfig {
    try_config(conninfo, variables, home).unwrap_or_else(|error| panic!("{conninfo}: {error}"))
}

fn try_config(
    conninfo: &str,
    variables: &[(&str, &str)],
    home: Option<&Path>,
) -> Result<ServerConfig, Error> {
    let args = ConnectionArgs {
        dbname: Some(conninfo.to_owned()),
        ..ConnectionArgs::default()
    };
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = Environment {
        vars: variables.iter().map(owned).collect::<BTreeMap<_, _>>(),
        home: home.map(Path::to_owned),
        os_user: Some("nobody".to_owned()),
    };
    resolve(&args, &environment)
}

/// Opens a session, which must succeed.
async fn open(conninfo: &str) -> Session {
    let session = Session::connect(&config(conninfo)).await;
    session.unwrap_or_else(|error| panic!("{conninfo}: {}", chain(&error)))
}

/// Opens a session, which must fail. Returns the error with its causes, one line.
async fn refused(conninfo: &str) -> String {
    refused_by(&config(conninfo)).await
}

async fn refused_by(config: &ServerConfig) -> String {
    match Session::connect(config).await {
        Ok(_) => panic!("a session was opened: {config:?}"),
        Err(error) => chain(&error),
    }
}

/// An error and its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

/// The only value of the only row.
async fn one(session: &mut Session, sql: &str) -> String {
    let rows = session.query(sql.as_bytes(), &[]).await.unwrap();
    let value = rows[0].get(0).unwrap_or(b"(null)");
    String::from_utf8_lossy(value).into_owned()
}

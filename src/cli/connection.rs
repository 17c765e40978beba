//! From connection options and the environment to a server's configuration, with the password
//! prompt. What each setting means is `pg`'s business.

use std::io;
use std::sync::Arc;

use super::args::ConnectionFlags;
use super::environment::Environment;
use super::progress::Console;
use super::report::{Exit, Failure};
use super::signals::Stop;
use crate::pg::{self, ConnectionArgs, PasswordPolicy, ServerConfig};

/// The server that `flags` and `dbname` (`-d`) describe.
pub(super) fn server(
    flags: &ConnectionFlags,
    dbname: Option<&str>,
    environment: &Environment,
    console: &Console,
    stop: &Stop,
) -> Result<ServerConfig, Failure> {
    let args = ConnectionArgs {
        host: flags.host.clone(),
        port: flags.port.clone(),
        username: flags.username.clone(),
        dbname: dbname.map(str::to_owned),
        password: match (flags.no_password, flags.password) {
            (true, _) => PasswordPolicy::Never,
            (_, true) => PasswordPolicy::Force,
            _ => PasswordPolicy::Default,
        },
    };
    let config = pg::resolve(&args, &environment.pg).map_err(|error| failure(&error))?;
    if !environment.has_terminal {
        return Ok(config);
    }
    let (console, stop) = (console.clone(), stop.clone());
    Ok(config.with_password_prompt(Arc::new(move |text: &str| {
        let answer = console.suspended(|| rpassword::prompt_password(text));
        let answer = answer.unwrap_or_else(|| Err(io::ErrorKind::NotConnected.into()));
        // the prompt takes Ctrl-C itself while the terminal is in its hands
        if answer
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::Interrupted)
        {
            stop.request();
        }
        answer
    })))
}

/// Settings that cannot be understood are the command line's fault, or its surroundings'.
fn failure(error: &pg::Error) -> Failure {
    let exit = match error {
        pg::Error::Setting { .. } => Exit::Usage,
        _ => Exit::Failed,
    };
    let failure = Failure::of(exit, error);
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

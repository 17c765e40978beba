//! From connection options and the environment to a server's configuration, with the password prompt. `pg`
//! knows the meaning of each setting.

use std::io;
use std::sync::Arc;

use bstr::BString;

use super::environment::Environment;
use super::signals::Stop;
use crate::cli::args::ConnectionFlags;
use crate::cli::progress::Console;
use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::pg::{self, ConnectionArgs, PasswordPolicy, ServerConfig};

/// The server that `flags` and `dbname` (`-d`) describe.
pub(crate) fn server(
    flags: &ConnectionFlags,
    dbname: Option<&str>,
    environment: &Environment,
    console: Console,
    stop: Stop,
) -> Result<ServerConfig, Failure> {
    let config = resolve(flags, dbname, &environment.pg)?;
    if let Some(command) = &flags.password_command {
        return Ok(config.with_password_command(command));
    }
    if !environment.has_terminal {
        return Ok(config);
    }
    Ok(config.with_password_prompt(Arc::new(move |text: &str| {
        let answer = console.alone(|| rpassword::prompt_password(text));
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

/// The database that `-d` names; `None` where it only says where the server is.
///
/// A connection string names a database in several ways: a URI's path, `dbname=`, a service. In all of them
/// PGDATABASE no longer counts.
pub(crate) fn named_database(
    flags: &ConnectionFlags,
    dbname: Option<&str>,
    environment: &Environment,
) -> Result<Option<BString>, Failure> {
    const UNNAMED: &str = "\u{1}pgark: no database was named";
    let mut pg = environment.pg.clone();
    pg.vars.insert("PGDATABASE".into(), UNNAMED.into());
    let Some(dbname) = dbname else {
        return Ok(None);
    };
    let config = resolve(flags, Some(dbname), &pg)?;
    Ok((config.dbname() != UNNAMED).then(|| config.dbname().into()))
}

fn resolve(
    flags: &ConnectionFlags,
    dbname: Option<&str>,
    environment: &pg::Environment,
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
    pg::resolve(&args, environment).map_err(|error| Failure::from_operation(&error))
}

impl OperationError for pg::Error {
    fn exit(&self) -> Exit {
        match self {
            // the command line's fault, or its surroundings'
            Self::Setting { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(dbname: Option<&str>) -> Option<String> {
        let mut environment = Environment::default();
        environment.pg.os_user = Some("me".into());
        environment
            .pg
            .vars
            .insert("PGDATABASE".into(), "from_env".into());
        let named = named_database(&ConnectionFlags::default(), dbname, &environment);
        named.expect("valid settings").map(|name| name.to_string())
    }

    #[test]
    fn only_d_itself_names_a_database() {
        assert_eq!(named(None), None);
        assert_eq!(named(Some("jobs")).as_deref(), Some("jobs"));
        assert_eq!(named(Some("host=h dbname=jobs")).as_deref(), Some("jobs"));
        assert_eq!(named(Some("postgresql://h/jobs")).as_deref(), Some("jobs"));
        assert_eq!(named(Some("host=h")), None);
        assert_eq!(named(Some("postgresql://h")), None);
    }
}

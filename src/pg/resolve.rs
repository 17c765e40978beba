//! From what the user said to a [`ServerConfig`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::config::{Host, PasswordPolicy, Secret, ServerConfig, Settings};
use super::error::Error;

/// The connection options of the command line, as typed.
#[derive(Debug, Clone, Default)]
pub struct ConnectionArgs {
    /// `-h`: host, address or socket folder, or several with commas.
    pub host: Option<String>,
    /// `-p`: port, or several with commas.
    pub port: Option<String>,
    /// `-U`: user.
    pub username: Option<String>,
    /// `-d`: a database's name, a URI or a conninfo string.
    pub dbname: Option<String>,
    /// `-w` and `-W`.
    pub password: PasswordPolicy,
}

/// What the process knows from its surroundings; only `cli` reads it.
#[derive(Clone, Default)]
pub struct Environment {
    /// The variables whose names begin with `PG`.
    pub vars: BTreeMap<String, String>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The name of the system user.
    pub os_user: Option<String>,
}

/// Puts a configuration together.
pub fn resolve(args: &ConnectionArgs, env: &Environment) -> Result<ServerConfig, Error> {
    let pick = |option: &Option<String>, name: &str| {
        let option = option.clone().or_else(|| env.vars.get(name).cloned());
        option.filter(|value| !value.is_empty())
    };
    let user = pick(&args.username, "PGUSER").or_else(|| env.os_user.clone());
    let user = user.ok_or_else(|| Error::setting("no user name was given and none is known"))?;
    let dbname = pick(&args.dbname, "PGDATABASE").unwrap_or_else(|| user.clone());
    let host = pick(&args.host, "PGHOST").unwrap_or_else(|| "/var/run/postgresql".to_owned());
    let port = pick(&args.port, "PGPORT").unwrap_or_else(|| "5432".to_owned());
    let port = port
        .parse()
        .map_err(|_| Error::setting(format!("invalid port number: \"{port}\"")))?;
    let settings = Settings {
        user,
        dbname,
        password: env.vars.get("PGPASSWORD").cloned().map(Secret),
        policy: args.password,
        application_name: env
            .vars
            .get("PGAPPNAME")
            .cloned()
            .unwrap_or_else(|| "pgark".to_owned()),
        options: env.vars.get("PGOPTIONS").cloned(),
    };
    let host = Host {
        name: Some(host),
        addr: None,
        port,
    };
    Ok(ServerConfig::new(settings, vec![host]))
}

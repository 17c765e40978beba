//! From what the user said to a [`ServerConfig`].
//!
//! The order of precedence is that of libpq's programs (`PQconnectdbParams` with `expand_dbname`, as
//! psql and pg_dump call it): a connection string given as the database beats `-h`, `-p` and `-U`;
//! these beat the service, and the service beats the environment. Everything that is looked at comes
//! in through [`Environment`]; nothing here reads the process's own. Not here: the syntax of the
//! strings and files (the modules below) and the meaning of the values ([`super::options::settings`]).

mod conninfo;
mod service;
mod uri;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::connect::config::ServerConfig;
use super::error::Error;
use super::options::host::Host;
use super::options::password::PasswordPolicy;
use super::options::settings::{Settings, Surroundings};
use super::options::text::{KEYWORDS, Options};

/// A larger service file is refused.
const SERVICE_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Where packages put the system's service file: Debian's, and those of yum.postgresql.org.
const SYSTEM_FOLDERS: [&str; 2] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql"];

/// Variables that set a session's parameters (documentation, "Environment Variables").
const SESSION_VARIABLES: [(&str, &str); 3] = [
    ("PGDATESTYLE", "datestyle"),
    ("PGTZ", "timezone"),
    ("PGGEQO", "geqo"),
];

/// The connection options of the command line, as typed. Empty ones count as not given.
#[derive(Clone, Default)]
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

/// A URI given with `-d` may hold a password.
impl fmt::Debug for ConnectionArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionArgs")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("username", &self.username)
            .field("password", &self.password)
            .finish_non_exhaustive()
    }
}

/// PGPASSWORD holds a password: only the names of variables are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("vars", &self.vars.keys())
            .field("home", &self.home)
            .field("os_user", &self.os_user)
            .finish()
    }
}

/// Puts a configuration together. Reads the service file and the password file; certificates and keys
/// only when a session is opened.
pub fn resolve(args: &ConnectionArgs, env: &Environment) -> Result<ServerConfig, Error> {
    let mut options = explicit_options(args)?;
    apply_service(&mut options, env)?;
    apply_variables(&mut options, env);
    let hosts = Host::list(&options)?;
    let around = Surroundings {
        policy: args.password,
        os_user: env.os_user.as_deref(),
        home: env.home.as_deref(),
        session_defaults: session_defaults(env),
    };
    Ok(ServerConfig::new(Settings::new(options, around)?, hosts))
}

fn explicit_options(args: &ConnectionArgs) -> Result<Options, Error> {
    let mut options = Options::default();
    let plain = [
        ("host", &args.host),
        ("port", &args.port),
        ("user", &args.username),
        ("dbname", &args.dbname),
    ];
    for (keyword, value) in plain {
        let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
            continue;
        };
        if keyword == "dbname" && conninfo::is_connection_string(value) {
            options.overlay(conninfo::parse(value)?);
        } else {
            let unknown = |_| Error::setting(format!("invalid connection option \"{keyword}\""));
            options.set(keyword, value).map_err(unknown)?;
        }
    }
    Ok(options)
}

/// Takes defaults from the environment. All its keywords are in the table, so none is unknown.
fn apply_variables(options: &mut Options, env: &Environment) {
    for (keyword, variable) in KEYWORDS {
        // Names and data stay in the database's encoding unless a connection string says otherwise.
        if *keyword == "client_encoding" {
            continue;
        }
        if let Some(value) = variable.and_then(|variable| env.vars.get(variable)) {
            let _ = options.set_default(keyword, value);
        }
    }
    // An old spelling of PGSSLMODE=require.
    if env
        .vars
        .get("PGREQUIRESSL")
        .is_some_and(|value| value.starts_with('1'))
    {
        let _ = options.set_default("sslmode", "require");
    }
}

fn session_defaults(env: &Environment) -> Vec<(&'static str, String)> {
    let set = |(variable, parameter): (&str, &'static str)| {
        let value = env.vars.get(variable)?;
        // This word asks for the server's own default.
        (!value.eq_ignore_ascii_case("default")).then(|| (parameter, value.clone()))
    };
    SESSION_VARIABLES.into_iter().filter_map(set).collect()
}

/// Takes defaults from the service that the options or the environment name: from the user's file,
/// and where that does not have it, from the system's.
fn apply_service(options: &mut Options, env: &Environment) -> Result<(), Error> {
    let named = options
        .get("service")
        .or(env.vars.get("PGSERVICE").map(String::as_str));
    let Some(name) = named.map(str::to_owned) else {
        return Ok(());
    };
    let named_file = options.text("servicefile");
    let variable = env.vars.get("PGSERVICEFILE").map(String::as_str);
    let user_file = match named_file.or(variable) {
        Some(path) => Some(PathBuf::from(path)),
        None => {
            let path = env.home.as_ref().map(|home| home.join(".pg_service.conf"));
            path.filter(|path| path.exists())
        }
    };
    let folder = |folder: &Path| folder.join("pg_service.conf");
    let system_files = match env.vars.get("PGSYSCONFDIR") {
        Some(path) => vec![folder(Path::new(path))],
        None => SYSTEM_FOLDERS.map(|path| folder(Path::new(path))).to_vec(),
    };
    let system_files = system_files.into_iter().filter(|path| path.exists());
    for path in user_file.into_iter().chain(system_files) {
        if service::apply(&read_service_file(&path)?, &path, &name, options)? {
            return Ok(());
        }
    }
    Err(Error::setting(format!(
        "definition of service \"{name}\" not found"
    )))
}

fn read_service_file(path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = File::open(path)
        .and_then(|file| {
            file.take(SERVICE_FILE_BYTES_MAX + 1)
                .read_to_end(&mut bytes)
        })
        .and_then(|_| {
            if bytes.len() as u64 > SERVICE_FILE_BYTES_MAX {
                Err(io::Error::other("it is larger than 4 MiB"))
            } else {
                String::from_utf8(bytes).map_err(io::Error::other)
            }
        });
    read.map_err(|source| Error::File {
        what: "service file",
        path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Environment {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Environment {
            vars: pairs.iter().map(owned).collect(),
            home: None,
            os_user: Some("me".to_owned()),
        }
    }

    fn args(host: &str, user: &str, dbname: &str) -> ConnectionArgs {
        ConnectionArgs {
            host: Some(host.to_owned()),
            username: Some(user.to_owned()),
            dbname: Some(dbname.to_owned()),
            ..ConnectionArgs::default()
        }
    }

    /// Server, user, database.
    fn resolved(args: &ConnectionArgs, env: &Environment) -> (String, String, String) {
        let config = resolve(args, env).unwrap();
        (
            config.describe(),
            config.user().to_owned(),
            config.dbname().to_owned(),
        )
    }

    fn triple(server: &str, user: &str, dbname: &str) -> (String, String, String) {
        (server.to_owned(), user.to_owned(), dbname.to_owned())
    }

    #[test]
    fn options_beat_the_environment_and_a_connection_string_beats_both() {
        let env = env(&[
            ("PGHOST", "envhost"),
            ("PGPORT", "7"),
            ("PGUSER", "envuser"),
            ("PGDATABASE", "e"),
        ]);
        assert_eq!(
            resolved(&ConnectionArgs::default(), &env),
            triple("envhost:7", "envuser", "e")
        );
        assert_eq!(
            resolved(&args("h", "u", "d"), &env),
            triple("h:7", "u", "d")
        );
        assert_eq!(
            resolved(&args("h", "u", "host=c user=x"), &env),
            triple("c:7", "x", "e")
        );
        assert_eq!(
            resolved(&args("h", "u", "postgresql://c/d"), &env),
            triple("c:7", "u", "d")
        );
        assert_eq!(
            resolved(&args("", "", ""), &env),
            triple("envhost:7", "envuser", "e")
        );
    }

    #[test]
    fn a_variable_is_not_expanded_as_a_connection_string() {
        let env = env(&[("PGHOST", "h"), ("PGDATABASE", "a=b")]);
        assert_eq!(
            resolved(&ConnectionArgs::default(), &env),
            triple("h:5432", "me", "a=b")
        );
    }

    #[test]
    fn services_come_between_options_and_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("services");
        fs::write(&file, "[s]\nhost=sh\nuser=su\ndbname=sd\n").unwrap();
        fs::write(
            folder.path().join("pg_service.conf"),
            "[system]\nhost=sys\n",
        )
        .unwrap();
        let pairs = [
            ("PGSERVICEFILE", file.to_str().unwrap()),
            ("PGSYSCONFDIR", folder.path().to_str().unwrap()),
            ("PGHOST", "envhost"),
        ];
        let with = |service: &str| args("", "u", &format!("service={service}"));
        assert_eq!(
            resolved(&with("s"), &env(&pairs)),
            triple("sh:5432", "u", "sd")
        );
        assert_eq!(
            resolved(&with("system"), &env(&pairs)),
            triple("sys:5432", "u", "u")
        );
        let error = resolve(&with("none"), &env(&pairs))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "definition of service \"none\" not found");
        let pairs = [("PGSERVICEFILE", "/no/such"), ("PGSERVICE", "s")];
        let error = resolve(&ConnectionArgs::default(), &env(&pairs))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "cannot read service file \"/no/such\"");
    }

    /// Both options are new in libpq 19.
    #[test]
    fn a_connection_string_names_its_service_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("services");
        fs::write(&file, "[s]\nhost=sh\n").unwrap();
        let named = format!("service=s servicefile={}", file.to_str().unwrap());
        let elsewhere = env(&[("PGSERVICEFILE", "/no/such")]);
        let found = resolved(&args("", "u", &named), &elsewhere);
        assert_eq!(found, triple("sh:5432", "u", "u"));
        let missing = args("", "u", "service=s servicefile=/no/such");
        let error = resolve(&missing, &env(&[])).unwrap_err().to_string();
        assert_eq!(error, "cannot read service file \"/no/such\"");
    }

    /// It is of use for a method that no server of ours asks for, and is in nobody's way.
    #[test]
    fn certificates_of_an_oauth_provider_may_be_named() {
        let string = args("", "u", "host=h oauth_ca_file=/no/such");
        assert_eq!(resolved(&string, &env(&[])), triple("h:5432", "u", "u"));
        let variable = env(&[("PGOAUTHCAFILE", "/no/such")]);
        assert_eq!(
            resolved(&args("h", "u", ""), &variable),
            triple("h:5432", "u", "u")
        );
        let misspelt = args("", "u", "host=h oauth_ca_files=/no/such");
        let error = resolve(&misspelt, &env(&[])).unwrap_err().to_string();
        assert!(error.contains("oauth_ca_files"), "{error}");
    }

    #[test]
    fn what_libpq_programs_get() {
        let pairs = [
            ("PGSERVICE", "x"),
            ("PGPASSWORD", "hunter2"),
            ("PGTZ", "UTC"),
        ];
        let mut env = env(&pairs);
        env.vars.remove("PGSERVICE");
        let uri = "postgresql://u@h1,h2:6/db?sslmode=require&options=-c%20a%3Db";
        let config = resolve(&args("", "", uri), &env)
            .unwrap()
            .with_dbname(b"n\xff=1");
        let variables: BTreeMap<_, _> = config.libpq_env().into_iter().collect();
        let get = |name: &str| variables[std::ffi::OsStr::new(name)].clone();
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(get("PGHOST").unwrap(), "h1,h2");
        assert_eq!(get("PGPORT").unwrap(), "5432,6");
        assert_eq!(get("PGDATABASE").unwrap().as_bytes(), b"n\xff=1");
        assert_eq!(get("PGPASSWORD").unwrap(), "hunter2");
        assert_eq!(get("PGSSLMODE").unwrap(), "require");
        let options = "-c role=none -c standard_conforming_strings=on -c a=b";
        assert_eq!(get("PGOPTIONS").unwrap(), options);
        assert_eq!(get("PGAPPNAME").unwrap(), "pgark");
        for removed in [
            "PGSERVICE",
            "PGSERVICEFILE",
            "PGHOSTADDR",
            "PGPASSFILE",
            "PGCLIENTENCODING",
        ] {
            assert_eq!(get(removed), None, "{removed}");
        }
    }

    #[test]
    fn nothing_shows_a_password() {
        let env = env(&[("PGPASSWORD", "hunter2")]);
        let args = args("h", "u", "postgresql://u:hunter2@h/?passfile=/x");
        let config = resolve(&args, &env).unwrap();
        for shown in [
            format!("{args:?}"),
            format!("{env:?}"),
            format!("{config:?}"),
        ] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}

//! libpq's connection options, checked and typed.
//!
//! A value that cannot be honoured is an error here, before anything is dialled, wherever ignoring it would
//! change who is trusted or what is sent. Not here: where the texts come from ([`crate::pg::resolve`]) and
//! what is done with the result ([`crate::pg::connect::attempt`], [`crate::pg::connect::tls`]).

mod tls;
mod value;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::passfile::Passfile;
use super::password::PasswordPolicy;
use super::require_auth::RequiredMethods;
use super::secret::Secret;
use super::text::Options;
use crate::pg::error::Error;
use value::{choice, integer};

pub(crate) use tls::{NamedFile, RootCert, SslMode, SslNegotiation, TlsSettings, TlsVersion};
pub(crate) use value::Wish;

/// How a session calls itself where the user does not say.
const APPLICATION_NAME: &str = "pgark";

/// `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// `load_balance_hosts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadBalance {
    Disable,
    Random,
}

/// `keepalives` and its companions. Zero and `None` leave the system's value.
#[derive(Debug)]
pub(crate) struct TcpSettings {
    pub(crate) keepalives: bool,
    pub(crate) idle: Option<Duration>,
    pub(crate) interval: Option<Duration>,
    pub(crate) count: Option<u32>,
    pub(crate) user_timeout: Option<Duration>,
}

/// Everything that all copies of a [`crate::pg::ServerConfig`] share.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The texts all this was made from.
    pub(crate) options: Options,
    pub(crate) user: String,
    pub(crate) dbname: String,
    pub(crate) password: Option<Secret>,
    pub(crate) passfile: Passfile,
    pub(crate) policy: PasswordPolicy,
    /// Parameters of the startup message besides user and database.
    pub(crate) startup: Vec<(&'static str, String)>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) tcp: TcpSettings,
    pub(crate) tls: TlsSettings,
    pub(crate) channel_binding: Wish,
    pub(crate) required_methods: RequiredMethods,
    pub(crate) required_peer: Option<String>,
    pub(crate) target: Target,
    pub(crate) load_balance: LoadBalance,
    pub(crate) warnings: Vec<String>,
}

/// What the options do not say themselves.
pub(crate) struct Surroundings<'a> {
    pub(crate) policy: PasswordPolicy,
    pub(crate) os_user: Option<&'a str>,
    pub(crate) home: Option<&'a Path>,
    /// Parameters that a user sets through variables of their own (`PGTZ` and the like).
    pub(crate) session_defaults: Vec<(&'static str, String)>,
}

impl Settings {
    /// Checks and types all options.
    pub(crate) fn new(options: Options, around: Surroundings<'_>) -> Result<Self, Error> {
        refuse_unsupported(&options)?;
        let user = options.text("user").or(around.os_user);
        let user = user.ok_or_else(|| {
            Error::setting("no user name was given (-U) and the system does not know one")
        })?;
        let home = around.home.map(|home| home.join(".postgresql"));
        let passfile = options.text("passfile").map(PathBuf::from);
        let passfile = passfile.or_else(|| Some(around.home?.join(".pgpass")));
        let password = options.text("password").map(str::to_owned).map(Secret::new);
        let (passfile, warning) = match (&password, passfile) {
            (None, Some(path)) => Passfile::read(&path),
            _ => (Passfile::default(), None),
        };
        let tls = tls::tls_settings(&options, home.as_deref())?;
        let warnings = warning.into_iter().chain(tls.warning()).collect();
        Ok(Self {
            user: user.to_owned(),
            dbname: options.text("dbname").unwrap_or(user).to_owned(),
            password,
            passfile,
            policy: around.policy,
            startup: startup_parameters(&options, around.session_defaults),
            connect_timeout: connect_timeout(&options)?,
            tcp: tcp_settings(&options)?,
            tls,
            channel_binding: value::wish(&options, "channel_binding", "prefer")?,
            required_methods: RequiredMethods::parse(options.text("require_auth"))?,
            required_peer: options.text("requirepeer").map(str::to_owned),
            target: choice(&options, "target_session_attrs", Target::Any, TARGETS)?,
            load_balance: choice(
                &options,
                "load_balance_hosts",
                LoadBalance::Disable,
                &[
                    ("disable", LoadBalance::Disable),
                    ("random", LoadBalance::Random),
                ],
            )?,
            warnings,
            options,
        })
    }
}

const TARGETS: &[(&str, Target)] = &[
    ("any", Target::Any),
    ("read-write", Target::ReadWrite),
    ("read-only", Target::ReadOnly),
    ("primary", Target::Primary),
    ("standby", Target::Standby),
    ("prefer-standby", Target::PreferStandby),
];

/// Zero and less mean no limit; one second is raised to two (libpq, `pqConnectDBComplete`).
fn connect_timeout(options: &Options) -> Result<Option<Duration>, Error> {
    let seconds = integer(options, "connect_timeout")?.unwrap_or(0);
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.max(2))))
}

fn tcp_settings(options: &Options) -> Result<TcpSettings, Error> {
    let positive = |keyword| -> Result<Option<u32>, Error> {
        let number = integer(options, keyword)?.unwrap_or(0);
        Ok(u32::try_from(number).ok().filter(|number| *number > 0))
    };
    let seconds = |keyword| -> Result<Option<Duration>, Error> {
        Ok(positive(keyword)?.map(|seconds| Duration::from_secs(seconds.into())))
    };
    Ok(TcpSettings {
        keepalives: integer(options, "keepalives")?.unwrap_or(1) != 0,
        idle: seconds("keepalives_idle")?,
        interval: seconds("keepalives_interval")?,
        count: positive("keepalives_count")?,
        user_timeout: positive("tcp_user_timeout")?
            .map(|milliseconds| Duration::from_millis(milliseconds.into())),
    })
}

fn startup_parameters(
    options: &Options,
    session_defaults: Vec<(&'static str, String)>,
) -> Vec<(&'static str, String)> {
    let name = options.text("application_name");
    let name = name.or_else(|| options.text("fallback_application_name"));
    let mut parameters = vec![(
        "application_name",
        name.unwrap_or(APPLICATION_NAME).to_owned(),
    )];
    let plain = ["options", "client_encoding"].map(|keyword| (keyword, options.text(keyword)));
    for (keyword, value) in plain {
        // "auto" asks for the terminal's encoding; nothing that a session says here goes to one.
        if let Some(value) = value.filter(|value| (keyword, *value) != ("client_encoding", "auto"))
        {
            parameters.push((keyword, value.to_owned()));
        }
    }
    parameters.extend(session_defaults);
    parameters
}

/// Refuses settings that pgark lacks and may not ignore.
fn refuse_unsupported(options: &Options) -> Result<(), Error> {
    let refuse = |what: String| Err(Error::setting(format!("{what} is not supported")));
    for keyword in [
        "scram_client_key",
        "scram_server_key",
        "sslkeylogfile",
        "sslpassword",
    ] {
        if options.text(keyword).is_some() {
            return refuse(format!("connection option \"{keyword}\""));
        }
    }
    if value::wish(options, "gssencmode", "prefer")? == Wish::Require {
        return refuse("gssencmode=require: encryption by GSSAPI".to_owned());
    }
    let replication = options.text("replication").map(str::to_ascii_lowercase);
    if !matches!(
        replication.as_deref(),
        None | Some("false" | "off" | "no" | "0")
    ) {
        return refuse("a replication connection".to_owned());
    }
    let versions = [("3.0", true), ("3.2", false), ("latest", false)];
    if !choice(options, "min_protocol_version", true, &versions)? {
        return refuse("protocol 3.2 (min_protocol_version)".to_owned());
    }
    choice(options, "max_protocol_version", true, &versions)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let mut options = Options::default();
        for (keyword, value) in pairs {
            options.set(keyword, value).unwrap();
        }
        let around = Surroundings {
            policy: PasswordPolicy::Default,
            os_user: Some("me"),
            home: Some(Path::new("/home/me")),
            session_defaults: Vec::new(),
        };
        Settings::new(options, around).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_those_of_libpq() {
        let settings = settings(&[]).unwrap();
        assert_eq!(
            (settings.user.as_str(), settings.dbname.as_str()),
            ("me", "me")
        );
        assert_eq!(settings.startup, [("application_name", "pgark".to_owned())]);
        assert_eq!(settings.connect_timeout, None);
        assert!(settings.tcp.keepalives);
        assert_eq!(settings.channel_binding, Wish::Prefer);
        let tls = settings.tls;
        assert_eq!(
            (tls.mode, tls.negotiation),
            (SslMode::Prefer, SslNegotiation::Postgres)
        );
        assert_eq!(
            tls.root,
            RootCert::Default("/home/me/.postgresql/root.crt".into())
        );
        assert_eq!(
            tls.cert,
            NamedFile::Default("/home/me/.postgresql/postgresql.crt".into())
        );
        assert_eq!(
            (tls.min_version, tls.max_version),
            (TlsVersion::V1_2, TlsVersion::V1_3)
        );
    }

    #[test]
    fn the_database_is_named_after_the_user_who_logs_in() {
        assert_eq!(settings(&[("user", "you")]).unwrap().dbname, "you");
        assert_eq!(
            settings(&[("user", "you"), ("dbname", "d")])
                .unwrap()
                .dbname,
            "d"
        );
    }

    #[test]
    fn timeouts() {
        let timeout = |value| {
            settings(&[("connect_timeout", value)])
                .unwrap()
                .connect_timeout
        };
        assert_eq!(timeout("0"), None);
        assert_eq!(timeout("-5"), None);
        assert_eq!(timeout("1"), Some(Duration::from_secs(2)));
        assert_eq!(timeout(" 10 "), Some(Duration::from_secs(10)));
    }

    #[test]
    fn the_systems_authorities_mean_full_verification() {
        let settings_of = |mode: &[(&str, &str)]| {
            settings(&[&[("sslrootcert", "system")], mode].concat())
                .map(|settings| settings.tls.mode)
        };
        assert_eq!(settings_of(&[]), Ok(SslMode::VerifyFull));
        assert!(settings_of(&[("sslmode", "verify-ca")]).is_err());
    }

    #[test]
    fn a_root_file_that_is_missing_where_it_need_not_be_there_is_told() {
        let warnings = |mode: &str| {
            let pairs = [("sslmode", mode), ("sslrootcert", "/nonexistent")];
            settings(&pairs).unwrap().warnings.join("\n")
        };
        assert!(warnings("require").contains("\"/nonexistent\" does not exist"));
        assert_eq!(warnings("disable"), "");
        // An error when it is needed.
        assert_eq!(warnings("verify-ca"), "");
        assert!(settings(&[]).unwrap().warnings.is_empty());
    }

    #[test]
    fn what_cannot_be_honoured_is_refused() {
        for (keyword, value) in [
            ("sslmode", "full"),
            ("sslmode", ""),
            ("sslpassword", "hunter2"),
            ("gssencmode", "require"),
            ("channel_binding", "yes"),
            ("connect_timeout", "soon"),
            ("keepalives", ""),
            ("ssl_max_protocol_version", "TLSv1.1"),
            ("ssl_min_protocol_version", "1.3"),
            ("sslnegotiation", "direct"),
            ("replication", "database"),
            ("min_protocol_version", "3.2"),
            ("target_session_attrs", "master"),
            ("require_auth", "md5,nosuch"),
            ("scram_client_key", "x"),
        ] {
            let error = settings(&[(keyword, value)]).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let range = [
            ("ssl_min_protocol_version", "TLSv1.3"),
            ("ssl_max_protocol_version", "tlsv1.2"),
        ];
        assert!(settings(&range).is_err());
    }

    #[test]
    fn what_changes_nothing_is_accepted() {
        for (keyword, value) in [
            ("gssencmode", "prefer"),
            ("krbsrvname", "x"),
            ("sslcompression", "1"),
            ("max_protocol_version", "latest"),
            ("ssl_min_protocol_version", "TLSv1"),
            ("client_encoding", "auto"),
        ] {
            let settings = settings(&[(keyword, value)]).unwrap();
            assert_eq!(settings.startup.len(), 1);
        }
    }
}

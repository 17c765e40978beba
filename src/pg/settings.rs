//! What libpq's connection options mean, checked and typed.
//!
//! A value that cannot be honoured is an error here, before anything is dialled, wherever ignoring it
//! would change who is trusted or what is sent. Not here: where the texts come from
//! ([`super::resolve`]) and what is done with the result ([`super::connect`], [`super::tls`]).

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::config::PasswordPolicy;
use super::error::Error;
use super::passfile::Passfile;
use super::require_auth::RequiredMethods;
use super::resolve::options::Options;
use super::secret::Secret;

/// How a session calls itself where the user does not say.
const APPLICATION_NAME: &str = "pgark";

/// `sslmode`, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Whether something is refused, used where it can be, or demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Disable,
    Prefer,
    Require,
}

/// `sslnegotiation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslNegotiation {
    /// PostgreSQL's SSLRequest first.
    Postgres,
    /// TLS from the first byte on (server 17 and later).
    Direct,
}

/// `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// `load_balance_hosts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadBalance {
    Disable,
    Random,
}

/// A version of TLS that we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TlsVersion {
    V1_2,
    V1_3,
}

/// `sslrootcert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RootCert {
    /// The system's authorities.
    System,
    /// A file that the user named.
    Named(PathBuf),
    /// The file in the home folder, if it is there.
    Default(PathBuf),
    /// No file was named and there is no home folder.
    None,
}

/// A file that the user named, or the one that is used if it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamedFile {
    Named(PathBuf),
    Default(PathBuf),
    None,
}

/// Everything about TLS.
#[derive(Debug)]
pub(super) struct TlsSettings {
    pub(super) mode: SslMode,
    pub(super) negotiation: SslNegotiation,
    pub(super) root: RootCert,
    pub(super) crl: NamedFile,
    pub(super) crl_folder: Option<PathBuf>,
    pub(super) cert: NamedFile,
    pub(super) key: NamedFile,
    /// `sslcertmode`: `Prefer` is what libpq calls `allow`.
    pub(super) cert_mode: Wish,
    pub(super) server_name_indication: bool,
    pub(super) min_version: TlsVersion,
    pub(super) max_version: TlsVersion,
}

/// `keepalives` and its companions. Zero and `None` leave the system's value.
#[derive(Debug)]
pub(super) struct TcpSettings {
    pub(super) keepalives: bool,
    pub(super) idle: Option<Duration>,
    pub(super) interval: Option<Duration>,
    pub(super) count: Option<u32>,
    pub(super) user_timeout: Option<Duration>,
}

/// Everything that all copies of a [`super::ServerConfig`] share.
#[derive(Debug)]
pub(super) struct Settings {
    /// The texts all this was made from.
    pub(super) options: Options,
    pub(super) user: String,
    pub(super) dbname: String,
    pub(super) password: Option<Secret>,
    pub(super) passfile: Passfile,
    pub(super) policy: PasswordPolicy,
    /// Parameters of the startup message besides user and database.
    pub(super) startup: Vec<(&'static str, String)>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) tcp: TcpSettings,
    pub(super) tls: TlsSettings,
    pub(super) channel_binding: Wish,
    pub(super) required_methods: RequiredMethods,
    pub(super) required_peer: Option<String>,
    pub(super) target: Target,
    pub(super) load_balance: LoadBalance,
    pub(super) warnings: Vec<String>,
}

/// What the options do not say themselves.
pub(super) struct Surroundings<'a> {
    pub(super) policy: PasswordPolicy,
    pub(super) os_user: Option<&'a str>,
    pub(super) home: Option<&'a Path>,
    /// Parameters that a user sets through variables of their own (`PGTZ` and the like).
    pub(super) session_defaults: Vec<(&'static str, String)>,
}

impl Settings {
    /// Checks and types all options.
    pub(super) fn new(options: Options, around: Surroundings<'_>) -> Result<Self, Error> {
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
        Ok(Self {
            user: user.to_owned(),
            dbname: options.text("dbname").unwrap_or(user).to_owned(),
            password,
            passfile,
            policy: around.policy,
            startup: startup_parameters(&options, around.session_defaults),
            connect_timeout: connect_timeout(&options)?,
            tcp: tcp_settings(&options)?,
            tls: tls_settings(&options, home.as_deref())?,
            channel_binding: wish(&options, "channel_binding", "prefer")?,
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
            warnings: warning.into_iter().collect(),
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

const SSL_MODES: &[(&str, SslMode)] = &[
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

/// Reads an option that is one of a few words.
fn choice<T: Copy>(
    options: &Options,
    keyword: &str,
    default: T,
    words: &[(&str, T)],
) -> Result<T, Error> {
    let Some(value) = options.get(keyword) else {
        return Ok(default);
    };
    let known = words.iter().find(|(word, _)| *word == value);
    let known = known.map(|(_, meaning)| *meaning);
    known.ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = words.join(", ");
        Error::setting(format!(
            "invalid {keyword} value: \"{value}\" (it can be {words})"
        ))
    })
}

/// Reads `disable`, the word for [`Wish::Prefer`], or `require`.
fn wish(options: &Options, keyword: &str, prefer: &str) -> Result<Wish, Error> {
    let words = [
        ("disable", Wish::Disable),
        (prefer, Wish::Prefer),
        ("require", Wish::Require),
    ];
    choice(options, keyword, Wish::Prefer, &words)
}

/// Reads a whole number as `pqParseIntParam` does: spaces around it are allowed.
fn integer(options: &Options, keyword: &str) -> Result<Option<i32>, Error> {
    let Some(value) = options.get(keyword) else {
        return Ok(None);
    };
    let number = value.trim().parse::<i32>();
    number.map(Some).map_err(|_| {
        Error::setting(format!(
            "invalid integer value \"{value}\" for connection option \"{keyword}\""
        ))
    })
}

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

fn tls_settings(options: &Options, home: Option<&Path>) -> Result<TlsSettings, Error> {
    let named = |keyword: &str, default: &str| match (options.text(keyword), home) {
        (Some(path), _) => NamedFile::Named(path.into()),
        (None, Some(home)) => NamedFile::Default(home.join(default)),
        (None, None) => NamedFile::None,
    };
    let root = match named("sslrootcert", "root.crt") {
        NamedFile::Named(path) if path.as_os_str() == "system" => RootCert::System,
        NamedFile::Named(path) => RootCert::Named(path),
        NamedFile::Default(path) => RootCert::Default(path),
        NamedFile::None => RootCert::None,
    };
    let crl_folder = options.text("sslcrldir").map(PathBuf::from);
    let settings = TlsSettings {
        mode: ssl_mode(options, &root)?,
        negotiation: choice(
            options,
            "sslnegotiation",
            SslNegotiation::Postgres,
            &[
                ("postgres", SslNegotiation::Postgres),
                ("direct", SslNegotiation::Direct),
            ],
        )?,
        crl: match (named("sslcrl", "root.crl"), &crl_folder) {
            // A named folder takes the place of the file in the home folder.
            (NamedFile::Default(_), Some(_)) => NamedFile::None,
            (file, _) => file,
        },
        root,
        crl_folder,
        cert: named("sslcert", "postgresql.crt"),
        key: named("sslkey", "postgresql.key"),
        cert_mode: wish(options, "sslcertmode", "allow")?,
        server_name_indication: options.get("sslsni").is_none_or(|value| value == "1"),
        min_version: min_version(options)?,
        max_version: max_version(options)?,
    };
    refuse_contradictions(&settings)?;
    Ok(settings)
}

/// The system's authorities vouch for millions of hosts, so with them everything is verified unless
/// something weaker is asked for, which is then refused (`conninfo_add_defaults`).
fn ssl_mode(options: &Options, root: &RootCert) -> Result<SslMode, Error> {
    let default = match root {
        RootCert::System => SslMode::VerifyFull,
        _ => SslMode::Prefer,
    };
    let mode = choice(options, "sslmode", default, SSL_MODES)?;
    if *root == RootCert::System && mode != SslMode::VerifyFull {
        return Err(Error::setting(
            "sslrootcert=system needs sslmode=verify-full: anyone can have a certificate from one \
             of the system's authorities",
        ));
    }
    Ok(mode)
}

fn refuse_contradictions(tls: &TlsSettings) -> Result<(), Error> {
    if tls.min_version > tls.max_version {
        return Err(Error::setting(
            "ssl_min_protocol_version is higher than ssl_max_protocol_version",
        ));
    }
    if tls.negotiation == SslNegotiation::Direct && tls.mode < SslMode::Require {
        return Err(Error::setting(
            "sslnegotiation=direct needs sslmode=require, verify-ca or verify-full",
        ));
    }
    Ok(())
}

/// TLS 1.0 and 1.1 are not to be had; a lower bound there is met all the same.
fn min_version(options: &Options) -> Result<TlsVersion, Error> {
    match tls_version(options, "ssl_min_protocol_version")? {
        Some(TlsWord::V1_3) => Ok(TlsVersion::V1_3),
        _ => Ok(TlsVersion::V1_2),
    }
}

fn max_version(options: &Options) -> Result<TlsVersion, Error> {
    match tls_version(options, "ssl_max_protocol_version")? {
        Some(TlsWord::Old) => Err(Error::setting(
            "ssl_max_protocol_version below TLSv1.2 is not supported",
        )),
        Some(TlsWord::V1_2) => Ok(TlsVersion::V1_2),
        Some(TlsWord::V1_3) | None => Ok(TlsVersion::V1_3),
    }
}

enum TlsWord {
    Old,
    V1_2,
    V1_3,
}

fn tls_version(options: &Options, keyword: &str) -> Result<Option<TlsWord>, Error> {
    let Some(value) = options.text(keyword) else {
        return Ok(None);
    };
    match value.to_ascii_lowercase().as_str() {
        "tlsv1" | "tlsv1.1" => Ok(Some(TlsWord::Old)),
        "tlsv1.2" => Ok(Some(TlsWord::V1_2)),
        "tlsv1.3" => Ok(Some(TlsWord::V1_3)),
        _ => Err(Error::setting(format!(
            "invalid {keyword} value: \"{value}\""
        ))),
    }
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

/// Refuses what we do not have and may not pass over.
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
    if wish(options, "gssencmode", "prefer")? == Wish::Require {
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

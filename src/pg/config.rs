//! Everything that is needed to open sessions on one server.
//!
//! Not here: how it is put together from options, environment and files ([`super::resolve`]).

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use tokio::sync::Mutex;

use super::error::Error;
use super::session::Session;

/// Asks a person for a password; gets the text of the prompt. Called at most once.
pub type PasswordPrompt = Arc<dyn Fn(&str) -> io::Result<String> + Send + Sync>;

/// A password, which no log may show.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// One entry of `host` and its companions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// A name to look up, an address, or a socket's folder.
    pub(super) name: Option<String>,
    /// `hostaddr`: an address to use instead of looking `name` up.
    pub(super) addr: Option<IpAddr>,
    pub(super) port: u16,
}

impl Host {
    /// The socket's folder, where this is a Unix socket. `@` begins a name in Linux's abstract
    /// namespace.
    pub(super) fn socket_folder(&self) -> Option<&str> {
        let name = self.name.as_deref()?;
        (self.addr.is_none() && name.starts_with(['/', '@'])).then_some(name)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(folder) = self.socket_folder() {
            return write!(f, "{folder}/.s.PGSQL.{}", self.port);
        }
        let addr = self.addr.map(|addr| addr.to_string());
        match (&self.name, addr) {
            (Some(name), _) if name.contains(':') => write!(f, "[{name}]:{}", self.port),
            (Some(name), _) => write!(f, "{name}:{}", self.port),
            (None, Some(addr)) if addr.contains(':') => write!(f, "[{addr}]:{}", self.port),
            (None, addr) => write!(f, "{}:{}", addr.unwrap_or_default(), self.port),
        }
    }
}

/// When a person is asked for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PasswordPolicy {
    /// When the server wants one and none is known.
    #[default]
    Default,
    /// Never (`-w`).
    Never,
    /// Before the first connection (`-W`).
    Force,
}

/// The settings that all copies of a [`ServerConfig`] share.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) user: String,
    pub(super) dbname: String,
    pub(super) password: Option<Secret>,
    pub(super) policy: PasswordPolicy,
    pub(super) application_name: String,
    pub(super) options: Option<String>,
}

/// One server, or several of which the first that answers is taken, and how to get in. Cheap to
/// clone; clones share the password that was typed.
#[derive(Clone)]
pub struct ServerConfig {
    pub(super) settings: Arc<Settings>,
    pub(super) hosts: Arc<[Host]>,
    database: BString,
    prompt: Option<PasswordPrompt>,
    typed: Arc<Mutex<Option<Secret>>>,
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("hosts", &self.hosts)
            .field("database", &self.database)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl ServerConfig {
    pub(super) fn new(settings: Settings, hosts: Vec<Host>) -> Self {
        Self {
            database: settings.dbname.as_str().into(),
            settings: Arc::new(settings),
            hosts: hosts.into(),
            prompt: None,
            typed: Arc::default(),
        }
    }

    /// The database that the user named for the connection; the user's name where none was.
    pub fn dbname(&self) -> &str {
        &self.settings.dbname
    }

    /// The database that sessions are opened on: [`Self::dbname`] or that of [`Self::with_dbname`].
    pub fn database(&self) -> &BStr {
        self.database.as_bstr()
    }

    /// The role to log in as.
    pub fn user(&self) -> &str {
        &self.settings.user
    }

    /// `host:port` or the socket's path, for messages; several with commas.
    pub fn describe(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(Host::to_string).collect();
        hosts.join(", ")
    }

    /// A copy that asks for another database.
    pub fn with_dbname(&self, dbname: &[u8]) -> Self {
        Self {
            database: dbname.into(),
            ..self.clone()
        }
    }

    /// A copy that asks a person for the password when the server wants one and none is known. The
    /// answer serves all later sessions of this configuration and its copies. Not asked under
    /// [`PasswordPolicy::Never`].
    pub fn with_password_prompt(&self, prompt: PasswordPrompt) -> Self {
        Self {
            prompt: Some(prompt),
            ..self.clone()
        }
    }

    /// A copy that knows only the address that `session` is connected to: what belongs together,
    /// such as a snapshot and those who import it, must be on one server.
    pub fn pinned_to(&self, session: &Session) -> Self {
        Self {
            hosts: Arc::new([session.host().clone()]),
            ..self.clone()
        }
    }

    /// The variables that make a libpq program connect as this configuration does: to be set, or,
    /// with `None`, to be removed.
    pub fn libpq_env(&self) -> Vec<(OsString, Option<OsString>)> {
        let join = |part: fn(&Host) -> String| {
            let parts: Vec<String> = self.hosts.iter().map(part).collect();
            Some(OsString::from(parts.join(",")))
        };
        let settings = &self.settings;
        let typed = self.typed.try_lock().ok().and_then(|typed| typed.clone());
        let password = typed.or_else(|| settings.password.clone());
        let text = |text: &str| Some(OsString::from(text));
        vec![
            (
                "PGHOST".into(),
                join(|host| host.name.clone().unwrap_or_default()),
            ),
            ("PGPORT".into(), join(|host| host.port.to_string())),
            ("PGUSER".into(), text(&settings.user)),
            (
                "PGDATABASE".into(),
                Some(OsStr::from_bytes(&self.database).to_owned()),
            ),
            (
                "PGPASSWORD".into(),
                password.map(|password| password.0.into()),
            ),
            ("PGAPPNAME".into(), text(&settings.application_name)),
            (
                "PGOPTIONS".into(),
                settings.options.clone().map(OsString::from),
            ),
            ("PGSERVICE".into(), None),
            ("PGCLIENTENCODING".into(), None),
        ]
    }

    /// The password that was typed or set, where there is one.
    pub(super) async fn known_password(&self) -> Option<Secret> {
        let typed = self.typed.lock().await.clone();
        typed.or_else(|| self.settings.password.clone())
    }

    /// Asks for the password, unless that was done already. `None` when nobody may be asked.
    pub(super) async fn ask_password(&self) -> Result<Option<Secret>, Error> {
        let mut typed = self.typed.lock().await;
        if typed.is_some() {
            return Ok(typed.clone());
        }
        let Some(prompt) = self.prompt.clone() else {
            return Ok(None);
        };
        if self.settings.policy == PasswordPolicy::Never {
            return Ok(None);
        }
        let text = format!("Password for user {}: ", self.settings.user);
        let answer = tokio::task::spawn_blocking(move || prompt(&text)).await;
        let answer = answer.map_err(io::Error::other).and_then(|answer| answer);
        *typed = Some(Secret(answer.map_err(Error::Prompt)?));
        Ok(typed.clone())
    }
}

//! Everything that is needed to open sessions on one server.
//!
//! Not here: how it is put together from options, environment and files ([`crate::pg::resolve`]), and how
//! a connection is opened with it ([`super::attempt`]).

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bstr::{BStr, BString, ByteSlice};
use tokio::sync::Mutex;

use super::password_command::{self, Login};
use super::tls::Material;
use crate::pg::error::Error;
use crate::pg::options::host::Host;
use crate::pg::options::passfile::Key;
use crate::pg::options::password::{PasswordPolicy, PasswordPrompt};
use crate::pg::options::secret::Secret;
use crate::pg::options::settings::Settings;
use crate::pg::options::text::KEYWORDS;

/// One server, or several of which the first that answers is taken, and how to get in. Cheap to
/// clone; clones share the password that was typed.
#[derive(Clone)]
pub struct ServerConfig {
    settings: Arc<Settings>,
    hosts: Arc<[Host]>,
    database: BString,
    prompt: Option<PasswordPrompt>,
    /// `--password-command`
    password_command: Option<Arc<str>>,
    typed: Arc<Mutex<Option<Secret>>>,
    tls: Arc<OnceLock<Arc<Material>>>,
    /// Whether something in between refused the parameters that we have of our own in the startup message.
    pub(crate) refuses_parameters: Arc<AtomicBool>,
    /// Addresses and databases with a pooler in between that was found to keep a server process for each
    /// session.
    pub(crate) session_poolers: Arc<Mutex<BTreeSet<(String, BString)>>>,
}

/// Shows no password: those of the settings hide themselves, and the typed one is left out.
impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("hosts", &self.hosts)
            .field("database", &self.database)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A password, and the password file it came from, if it did.
pub(crate) struct KnownPassword {
    pub(crate) secret: Secret,
    pub(crate) file: Option<PathBuf>,
}

impl ServerConfig {
    pub(crate) fn new(settings: Settings, hosts: Vec<Host>) -> Self {
        Self {
            database: settings.dbname.as_str().into(),
            settings: Arc::new(settings),
            hosts: hosts.into(),
            prompt: None,
            password_command: None,
            typed: Arc::default(),
            tls: Arc::default(),
            refuses_parameters: Arc::default(),
            session_poolers: Arc::default(),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn hosts(&self) -> &[Host] {
        &self.hosts
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

    /// What the user should know about the settings although they can be used, such as a password
    /// file that was ignored because of its permissions.
    pub fn warnings(&self) -> &[String] {
        &self.settings.warnings
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

    /// A copy that has this command print the password, anew for each connection. What is known otherwise
    /// does not count.
    pub fn with_password_command(&self, command: &str) -> Self {
        Self {
            password_command: Some(command.into()),
            ..self.clone()
        }
    }

    /// A copy that knows only `host`.
    pub(crate) fn pinned_to_host(&self, host: &Host) -> Self {
        Self {
            hosts: Arc::new([host.clone()]),
            ..self.clone()
        }
    }

    /// Certificates and keys, read when TLS is first wanted: a connection without it needs none.
    pub(crate) fn tls_material(&self) -> Result<Arc<Material>, Error> {
        if let Some(material) = self.tls.get() {
            return Ok(Arc::clone(material));
        }
        let material = Arc::new(Material::load(&self.settings.tls)?);
        Ok(Arc::clone(self.tls.get_or_init(|| material)))
    }

    /// The variables that make a libpq program connect as this configuration does, to the database
    /// [`Self::database`]: to be set or, with `None`, removed. The password is among them, because
    /// the environment of a process of one's own is safer than its arguments. A configuration that
    /// is pinned to a session leads to exactly the same server.
    pub fn libpq_env(&self) -> Vec<(OsString, Option<OsString>)> {
        let mut variables: Vec<(OsString, Option<OsString>)> = KEYWORDS
            .iter()
            .filter_map(|(keyword, variable)| {
                Some(((*variable)?.into(), self.libpq_value(keyword)))
            })
            .collect();
        variables.push(("PGREQUIRESSL".into(), None));
        variables.push(("PGSERVICEFILE".into(), None));
        variables
    }

    fn libpq_value(&self, keyword: &str) -> Option<OsString> {
        let join = |part: fn(&Host) -> String| {
            let parts: Vec<String> = self.hosts.iter().map(part).collect();
            // Commas alone would be a list of empty hosts; nothing at all means the same.
            parts
                .iter()
                .any(|part| !part.is_empty())
                .then(|| OsString::from(parts.join(",")))
        };
        match keyword {
            "host" => join(|host| host.name.clone().unwrap_or_default()),
            "hostaddr" => join(|host| host.addr.clone().unwrap_or_default()),
            "port" => join(|host| host.port.to_string()),
            "user" => Some(self.user().into()),
            "dbname" => Some(OsStr::from_bytes(&self.database).to_owned()),
            "password" => {
                let typed = self.typed.try_lock().ok().and_then(|typed| typed.clone());
                let first = self
                    .hosts
                    .first()
                    .and_then(|host| self.stored_password(host));
                let secret = typed.or(first.map(|known| known.secret))?;
                Some(secret.expose().into())
            }
            "application_name" => {
                let mut startup = self.settings.startup.iter();
                startup
                    .find(|(name, _)| *name == keyword)
                    .map(|(_, value)| value.into())
            }
            // We have no GSSAPI, so the server let us in by another method.
            "gssencmode" => Some("disable".into()),
            // Settings of a database or a role must not change the output of pg_dump. The caller's own
            // options come after ours and win.
            "options" => {
                let own = self.settings.options.text(keyword);
                if self.refuses_parameters.load(Ordering::Relaxed) {
                    return own.map(OsString::from);
                }
                let ours = "-c role=none -c standard_conforming_strings=on";
                Some(own.map_or(ours.into(), |own| format!("{ours} {own}").into()))
            }
            // pg_dump would dump in this encoding rather than the database's.
            "client_encoding" | "service" | "passfile" => None,
            other => self.settings.options.text(other).map(OsString::from),
        }
    }

    /// The password for a host: what the command prints, the one that was typed, that of the options, or that
    /// of the password file.
    pub(crate) async fn known_password(&self, host: &Host) -> Result<Option<KnownPassword>, Error> {
        if let Some(command) = &self.password_command {
            let login = Login {
                host,
                user: self.user(),
                database: self.database.as_bstr(),
            };
            let secret = password_command::ask(command, login).await?;
            // For programs that connect as we did.
            *self.typed.lock().await = Some(secret.clone());
            return Ok(Some(KnownPassword { secret, file: None }));
        }
        Ok(match self.typed.lock().await.clone() {
            Some(secret) => Some(KnownPassword { secret, file: None }),
            None => self.stored_password(host),
        })
    }

    fn stored_password(&self, host: &Host) -> Option<KnownPassword> {
        if let Some(secret) = self.settings.password.clone() {
            return Some(KnownPassword { secret, file: None });
        }
        let passfile = &self.settings.passfile;
        let secret = passfile.password(&Key {
            host: host.password_key(),
            port: host.port,
            database: &self.database,
            user: self.settings.user.as_bytes(),
        })?;
        Some(KnownPassword {
            secret: secret.clone(),
            file: Some(passfile.path().to_owned()),
        })
    }

    /// Asks for the password, unless that was done already. False when nobody may be asked.
    pub(crate) async fn ask_password(&self) -> Result<bool, Error> {
        if self.password_command.is_some() {
            return Ok(false);
        }
        let mut typed = self.typed.lock().await;
        if typed.is_some() {
            return Ok(true);
        }
        let Some(prompt) = self.prompt.clone() else {
            return Ok(false);
        };
        if self.settings.policy == PasswordPolicy::Never {
            return Ok(false);
        }
        let text = format!("Password for user {}: ", self.settings.user);
        let answer = tokio::task::spawn_blocking(move || prompt(&text)).await;
        let answer = answer.map_err(io::Error::other).and_then(|answer| answer);
        *typed = Some(Secret::new(answer.map_err(Error::Prompt)?));
        Ok(true)
    }
}

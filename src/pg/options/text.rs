//! libpq's connection options by keyword, as texts: given, not yet interpreted.
//!
//! The table is that of PostgreSQL 19 (documentation, "Parameter Key Words" and "Environment
//! Variables"). Not here: where values come from ([`super`]), and what they mean
//! ([`super::settings`]).

use std::collections::BTreeMap;
use std::fmt;

/// Every keyword, with the variable that gives its default where there is one.
pub(crate) const KEYWORDS: &[(&str, Option<&str>)] = &[
    ("application_name", Some("PGAPPNAME")),
    ("channel_binding", Some("PGCHANNELBINDING")),
    ("client_encoding", Some("PGCLIENTENCODING")),
    ("connect_timeout", Some("PGCONNECT_TIMEOUT")),
    ("dbname", Some("PGDATABASE")),
    ("fallback_application_name", None),
    ("gssdelegation", Some("PGGSSDELEGATION")),
    ("gssencmode", Some("PGGSSENCMODE")),
    ("gsslib", Some("PGGSSLIB")),
    ("host", Some("PGHOST")),
    ("hostaddr", Some("PGHOSTADDR")),
    ("keepalives", None),
    ("keepalives_count", None),
    ("keepalives_idle", None),
    ("keepalives_interval", None),
    ("krbsrvname", Some("PGKRBSRVNAME")),
    ("load_balance_hosts", Some("PGLOADBALANCEHOSTS")),
    ("max_protocol_version", Some("PGMAXPROTOCOLVERSION")),
    ("min_protocol_version", Some("PGMINPROTOCOLVERSION")),
    ("oauth_ca_file", Some("PGOAUTHCAFILE")),
    ("oauth_client_id", None),
    ("oauth_client_secret", None),
    ("oauth_issuer", None),
    ("oauth_scope", None),
    ("options", Some("PGOPTIONS")),
    ("passfile", Some("PGPASSFILE")),
    ("password", Some("PGPASSWORD")),
    ("port", Some("PGPORT")),
    ("replication", None),
    ("require_auth", Some("PGREQUIREAUTH")),
    ("requirepeer", Some("PGREQUIREPEER")),
    ("scram_client_key", None),
    ("scram_server_key", None),
    ("service", Some("PGSERVICE")),
    ("servicefile", Some("PGSERVICEFILE")),
    ("sslcert", Some("PGSSLCERT")),
    ("sslcertmode", Some("PGSSLCERTMODE")),
    ("sslcompression", Some("PGSSLCOMPRESSION")),
    ("sslcrl", Some("PGSSLCRL")),
    ("sslcrldir", Some("PGSSLCRLDIR")),
    ("sslkey", Some("PGSSLKEY")),
    ("sslkeylogfile", None),
    ("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION")),
    ("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION")),
    ("sslmode", Some("PGSSLMODE")),
    ("sslnegotiation", Some("PGSSLNEGOTIATION")),
    ("sslpassword", None),
    ("sslrootcert", Some("PGSSLROOTCERT")),
    ("sslsni", Some("PGSSLSNI")),
    ("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
    ("tcp_user_timeout", None),
    ("user", Some("PGUSER")),
];

/// A keyword that libpq does not have.
#[derive(Debug)]
pub(crate) struct UnknownKeyword;

/// Values by keyword. An empty value is a value: it keeps a default from being looked for.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Options(BTreeMap<&'static str, String>);

/// Values may be passwords: only the keywords are shown.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Options {
    /// Sets a value, over one that is there.
    pub(crate) fn set(&mut self, keyword: &str, value: &str) -> Result<(), UnknownKeyword> {
        // An old spelling of sslmode that libpq still translates (`conninfo_storeval`).
        let (keyword, value) = match (keyword, value.starts_with('1')) {
            ("requiressl", true) => ("sslmode", "require"),
            ("requiressl", false) => ("sslmode", "prefer"),
            _ => (keyword, value),
        };
        let known = KEYWORDS.iter().find(|(name, _)| *name == keyword);
        let (name, _) = known.ok_or(UnknownKeyword)?;
        self.0.insert(name, value.to_owned());
        Ok(())
    }

    /// Sets a value unless there is one.
    pub(crate) fn set_default(&mut self, keyword: &str, value: &str) -> Result<(), UnknownKeyword> {
        if self.get(keyword).is_some() {
            return Ok(());
        }
        self.set(keyword, value)
    }

    /// Takes over all values of `other`, over those that are there.
    pub(crate) fn overlay(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// A value, even an empty one.
    pub(crate) fn get(&self, keyword: &str) -> Option<&str> {
        self.0.get(keyword).map(String::as_str)
    }

    /// A value that is not empty.
    pub(crate) fn text(&self, keyword: &str) -> Option<&str> {
        self.get(keyword).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_set_and_never_shown() {
        let mut options = Options::default();
        options.set("password", "hunter2").unwrap();
        options.set_default("password", "other").unwrap();
        assert!(options.set("passwort", "x").is_err());
        assert_eq!(options.get("password"), Some("hunter2"));
        assert_eq!(format!("{options:?}"), "{\"password\"}");
        options.set("requiressl", "1").unwrap();
        assert_eq!(options.get("sslmode"), Some("require"));
    }

    #[test]
    fn an_empty_value_keeps_the_default_away() {
        let mut options = Options::default();
        options.set("host", "").unwrap();
        options.set_default("host", "elsewhere").unwrap();
        assert_eq!(options.text("host"), None);
    }
}

//! The hosts of a configuration: `host`, `hostaddr` and `port` put together.
//!
//! How the three lists are matched is libpq's (`pqConnectOptions2`). Not here: looking names up
//! ([`crate::pg::connect::attempt`]).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::passfile::DEFAULT_SOCKET_FOLDERS;
use super::text::Options;
use crate::pg::error::Error;

/// The port where none is named.
const DEFAULT_PORT: u16 = 5432;

/// One entry of `host` and its companions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name to look up, an address, or a socket's folder; `None` is the default socket, unless
    /// there is an address.
    pub(crate) name: Option<String>,
    /// `hostaddr`: an address to use instead of looking `name` up.
    pub(crate) addr: Option<String>,
    pub(crate) port: u16,
}

impl Host {
    /// All hosts that the options name, at least one.
    pub(crate) fn list(options: &Options) -> Result<Vec<Self>, Error> {
        let split = |keyword| -> Vec<String> {
            let text = options.text(keyword);
            text.map(|text| text.split(',').map(str::to_owned).collect())
                .unwrap_or_default()
        };
        let (names, addrs, ports) = (split("host"), split("hostaddr"), split("port"));
        let count = names.len().max(addrs.len()).max(1);
        if !addrs.is_empty() && !names.is_empty() && names.len() != addrs.len() {
            return Err(Error::setting(format!(
                "could not match {} host names to {} hostaddr values",
                names.len(),
                addrs.len()
            )));
        }
        if ports.len() > 1 && ports.len() != count {
            return Err(Error::setting(format!(
                "could not match {} port numbers to {count} hosts",
                ports.len()
            )));
        }
        let host = |at: usize| {
            // One port serves all hosts.
            let port = ports.get(at).or(ports.first());
            Ok(Self {
                name: names.get(at).filter(|name| !name.is_empty()).cloned(),
                addr: addrs
                    .get(at)
                    .filter(|addr| !addr.is_empty())
                    .map(address)
                    .transpose()?,
                port: port.map_or(Ok(DEFAULT_PORT), |port| parse_port(port))?,
            })
        };
        (0..count).map(host).collect()
    }

    /// The paths of the Unix sockets to try; `None` where this is TCP. `@` begins a name in Linux's
    /// abstract namespace.
    pub(crate) fn socket_paths(&self) -> Option<Vec<String>> {
        if self.addr.is_some() {
            return None;
        }
        let path = |folder: &str| format!("{folder}/.s.PGSQL.{}", self.port);
        match self.name.as_deref() {
            None => Some(DEFAULT_SOCKET_FOLDERS.map(path).to_vec()),
            Some(name) if name.starts_with(['/', '@']) => Some(vec![path(name)]),
            Some(_) => None,
        }
    }

    /// What the password file has this host under.
    pub(crate) fn password_key(&self) -> &str {
        let name = self.name.as_deref().or(self.addr.as_deref());
        name.unwrap_or_default()
    }

    /// The same host, fixed at the address that a name turned out to have.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        let addr = match address {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
            other => other.ip().to_string(),
        };
        Self {
            addr: Some(addr),
            ..self.clone()
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self
            .socket_paths()
            .and_then(|paths| paths.into_iter().next())
        {
            return f.write_str(&path);
        }
        match self.password_key() {
            address if address.contains(':') => write!(f, "[{address}]:{}", self.port),
            name => write!(f, "{name}:{}", self.port),
        }
    }
}

/// An address, which may be followed by `%` and the interface it belongs to.
fn address(text: &String) -> Result<String, Error> {
    let plain = text.split('%').next().unwrap_or_default();
    if plain.parse::<IpAddr>().is_err() {
        return Err(Error::setting(format!(
            "hostaddr \"{text}\" is not an IP address"
        )));
    }
    Ok(text.clone())
}

fn parse_port(text: &str) -> Result<u16, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(DEFAULT_PORT);
    }
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| {
        // Part of a password can end up here from a URI that was not percent-encoded.
        if text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
        {
            Error::setting(format!("invalid port number: \"{text}\""))
        } else {
            Error::setting("invalid port number: it is not a number")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let mut options = Options::default();
        for (keyword, value) in pairs {
            options.set(keyword, value).unwrap();
        }
        let hosts = Host::list(&options).map_err(|error| error.to_string())?;
        let text = |host: &Host| format!("{host} {}", host.addr.as_deref().unwrap_or("-"));
        Ok(hosts.iter().map(text).collect())
    }

    #[test]
    fn lists_are_matched_one_to_one() {
        let ok = |pairs: &[(&str, &str)]| list(pairs).unwrap();
        assert_eq!(ok(&[]), ["/var/run/postgresql/.s.PGSQL.5432 -"]);
        assert_eq!(
            ok(&[("host", "a,/run/x"), ("port", "1")]),
            ["a:1 -", "/run/x/.s.PGSQL.1 -"]
        );
        assert_eq!(
            ok(&[("host", "a,b"), ("port", ",2")]),
            ["a:5432 -", "b:2 -"]
        );
        assert_eq!(
            ok(&[("hostaddr", "::1,192.0.2.1")]),
            ["[::1]:5432 ::1", "192.0.2.1:5432 192.0.2.1"]
        );
        assert_eq!(
            ok(&[("host", "a,"), ("hostaddr", "192.0.2.1,fe80::1%eth0")]),
            ["a:5432 192.0.2.1", "[fe80::1%eth0]:5432 fe80::1%eth0"]
        );
        assert_eq!(ok(&[("host", "@name")]), ["@name/.s.PGSQL.5432 -"]);
    }

    #[test]
    fn what_does_not_match_is_refused() {
        for pairs in [
            &[("host", "a,b,c"), ("hostaddr", "::1,::2")][..],
            &[("host", "a,b"), ("port", "1,2,3")],
            &[("host", "a,b,c"), ("port", "1,2")],
            &[("hostaddr", "localhost")],
            &[("port", "0")],
            &[("port", "65536")],
            &[("port", "-1")],
        ] {
            assert!(list(pairs).is_err(), "{pairs:?}");
        }
        assert!(
            !list(&[("port", "hunter2")])
                .unwrap_err()
                .contains("hunter2")
        );
    }

    #[test]
    fn a_found_address_is_kept() {
        let host = Host {
            name: Some("localhost".to_owned()),
            addr: None,
            port: 5433,
        };
        let host = host.at("[::1]:5433".parse().unwrap());
        assert_eq!(
            (host.to_string(), host.addr.as_deref()),
            ("localhost:5433".into(), Some("::1"))
        );
        assert_eq!(host.password_key(), "localhost");
        assert_eq!(host.socket_paths(), None);
    }
}

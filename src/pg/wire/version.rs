//! Server versions as PostgreSQL numbers them.
//!
//! Not here: what a version can do; code that needs a feature compares numbers.

use std::fmt;

/// A version as `server_version_num` gives it: 150018 is 15.18. Server versions before 10 had three
/// parts (90624 is 9.6.24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion(pub u32);

impl ServerVersion {
    /// The number, for instance 150018.
    pub fn num(self) -> u32 {
        self.0
    }

    /// The major version: 15 for 15.18, and 9 for every 9.x.
    pub fn major(self) -> u32 {
        self.0 / 10_000
    }

    /// Reads the text of the `server_version` parameter: `15.18 (Debian 15.18-0+deb12u1)`,
    /// `18beta2`, `17devel`, `9.6.24`. `None` when it does not begin with a number.
    pub fn parse(text: &str) -> Option<Self> {
        let digits_end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let mut parts = text[..digits_end].split('.').map(|part| {
            let value = if part.is_empty() {
                Ok(0)
            } else {
                part.parse::<u32>()
            };
            value.ok().filter(|value| *value < 10_000)
        });
        let major = parts.next()??;
        let minor = parts.next().unwrap_or(Some(0))?;
        let patch = parts.next().unwrap_or(Some(0))?;
        match major {
            0 => None,
            1..10 if minor < 100 && patch < 100 => Some(Self(major * 10_000 + minor * 100 + patch)),
            1..10 => None,
            _ => Some(Self(major * 10_000 + minor)),
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.major() < 10 {
            let (minor, patch) = (self.0 / 100 % 100, self.0 % 100);
            return write!(f, "{}.{minor}.{patch}", self.major());
        }
        write!(f, "{}.{}", self.major(), self.0 % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_servers_send() {
        for (text, num) in [
            ("15.18 (Debian 15.18-0+deb12u1)", Some(150018)),
            ("18beta2", Some(180000)),
            ("17devel", Some(170000)),
            ("9.6.24", Some(90624)),
            ("10.0", Some(100000)),
            ("", None),
            ("devel", None),
            ("99999999999", None),
            ("0.1", None),
        ] {
            assert_eq!(
                ServerVersion::parse(text).map(ServerVersion::num),
                num,
                "{text}"
            );
        }
        assert_eq!(ServerVersion(150018).to_string(), "15.18");
        assert_eq!(ServerVersion(90624).to_string(), "9.6.24");
    }
}

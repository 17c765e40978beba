//! Whether a certificate is for the host that was asked for.
//!
//! The rules are libpq's (documentation, "SSL Support", `verify-full`; `fe-secure-common.c`), which are
//! wider than those of the web: without a suitable alternative name the common name counts. Not here:
//! whether the certificate can be trusted at all ([`super::verifier`]).

use std::net::IpAddr;

/// The names that a certificate is for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct CertificateNames {
    /// Alternative names that are DNS names.
    pub(crate) dns: Vec<String>,
    /// Alternative names that are addresses.
    pub(crate) addresses: Vec<IpAddr>,
    /// The subject's common name.
    pub(crate) common: Option<String>,
}

impl CertificateNames {
    /// Whether the certificate is for `host`, which is a name or an address.
    pub(crate) fn include(&self, host: &str) -> bool {
        let address: Option<IpAddr> = host.parse().ok();
        if self.dns.iter().any(|name| matches(name, host, address)) {
            return true;
        }
        if address.is_some_and(|address| self.addresses.contains(&address)) {
            return true;
        }
        // An alternative name of the host's own kind makes the common name irrelevant.
        let decided = match address {
            Some(_) => !self.addresses.is_empty(),
            None => !self.dns.is_empty(),
        };
        let common = self.common.as_deref();
        !decided && common.is_some_and(|name| matches(name, host, address))
    }

    /// All names, for a message.
    pub(crate) fn list(&self) -> String {
        let mut names: Vec<String> = self.dns.clone();
        names.extend(self.addresses.iter().map(IpAddr::to_string));
        if names.is_empty() {
            names.extend(self.common.clone());
        }
        names
            .iter_mut()
            .for_each(|name| *name = format!("\"{name}\""));
        if names.is_empty() {
            "no name".to_owned()
        } else {
            names.join(", ")
        }
    }
}

/// Whether `host` is `pattern`, or matches it where it begins with `*.`; the star stands for one
/// label and never for a part of an address.
fn matches(pattern: &str, host: &str, address: Option<IpAddr>) -> bool {
    // A zero byte would hide the rest of the name from a person.
    if pattern.contains('\0') {
        return false;
    }
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(suffix), None) = (pattern.strip_prefix('*'), address) else {
        return false;
    };
    if !suffix.starts_with('.') || suffix.len() < 2 {
        return false;
    }
    let Some((label, rest)) = host.split_once('.') else {
        return false;
    };
    !label.is_empty() && suffix[1..].eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dns: &[&str], addresses: &[&str], common: Option<&str>) -> CertificateNames {
        CertificateNames {
            dns: dns.iter().map(|name| (*name).to_owned()).collect(),
            addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
            common: common.map(str::to_owned),
        }
    }

    #[test]
    fn dns_names_and_stars() {
        let names = names(
            &["db.example.com", "*.pg.example.com"],
            &[],
            Some("common.example"),
        );
        assert!(names.include("DB.example.com"));
        assert!(names.include("a.pg.example.com"));
        for host in [
            "a.b.pg.example.com",
            "pg.example.com",
            ".pg.example.com",
            "common.example",
            "",
        ] {
            assert!(!names.include(host), "{host}");
        }
    }

    #[test]
    fn a_star_is_a_whole_label_in_front() {
        for pattern in ["*", "*.", "a.*.com", "db*.example.com", "*b.example.com"] {
            assert!(
                !names(&[pattern], &[], None).include("db.example.com"),
                "{pattern}"
            );
        }
        assert!(names(&["*.com"], &[], None).include("example.com"));
    }

    #[test]
    fn addresses() {
        let both = names(&["db"], &["192.0.2.1", "2001:db8::1"], Some("192.0.2.9"));
        assert!(both.include("192.0.2.1") && both.include("2001:DB8:0::1"));
        assert!(!both.include("192.0.2.9"));
        assert!(names(&["192.0.2.1"], &[], None).include("192.0.2.1"));
        assert!(!names(&["*.0.2.1"], &[], None).include("192.0.2.1"));
    }

    #[test]
    fn the_common_name_counts_only_without_alternatives_of_the_hosts_kind() {
        assert!(names(&[], &[], Some("db.example")).include("db.example"));
        assert!(names(&[], &["192.0.2.1"], Some("db.example")).include("db.example"));
        assert!(!names(&["x"], &[], Some("db.example")).include("db.example"));
        assert!(names(&["x"], &[], Some("192.0.2.1")).include("192.0.2.1"));
        assert!(!names(&[], &[], Some("db.example\0.evil")).include("db.example"));
        assert_eq!(names(&[], &[], None).list(), "no name");
    }
}

//! `require_auth`: which ways of authentication a server may ask for.
//!
//! The meaning is that of the documentation, "Parameter Key Words": a list of allowed methods, or of
//! forbidden ones that all begin with `!`. Not here: the authentication itself
//! ([`crate::pg::connect::auth`]).

use crate::pg::error::Error;

/// A way in which a server can have us authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Password,
    Md5,
    Gss,
    Sspi,
    ScramSha256,
    Oauth,
    /// The server asked for nothing.
    None,
}

const METHODS: &[(&str, Method)] = &[
    ("password", Method::Password),
    ("md5", Method::Md5),
    ("gss", Method::Gss),
    ("sspi", Method::Sspi),
    ("scram-sha-256", Method::ScramSha256),
    ("oauth", Method::Oauth),
    ("none", Method::None),
];

/// The methods that are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequiredMethods {
    /// Any method will do.
    Any,
    /// One of these.
    OneOf(Vec<Method>),
    /// Any but these.
    NoneOf(Vec<Method>),
}

impl RequiredMethods {
    /// Reads the option's value. A method named twice is an error, as in libpq: where a slip of the
    /// pen is a risk, it is likelier than a meaning.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, Error> {
        let Some(text) = text else {
            return Ok(Self::Any);
        };
        let forbidding = text.starts_with('!');
        let mut methods = Vec::new();
        for word in text.split(',') {
            let name = word.strip_prefix('!');
            if name.is_some() != forbidding {
                return Err(Error::setting(
                    "require_auth mixes allowed methods with forbidden ones (\"!\")",
                ));
            }
            let name = name.unwrap_or(word);
            let known = METHODS.iter().find(|(word, _)| *word == name);
            let (_, method) = known
                .ok_or_else(|| Error::setting(format!("invalid require_auth value: \"{name}\"")))?;
            if methods.contains(method) {
                return Err(Error::setting(format!(
                    "require_auth names \"{name}\" twice"
                )));
            }
            methods.push(*method);
        }
        Ok(if forbidding {
            Self::NoneOf(methods)
        } else {
            Self::OneOf(methods)
        })
    }

    /// Whether this method may be used.
    pub(crate) fn allows(&self, method: Method) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(allowed) => allowed.contains(&method),
            Self::NoneOf(forbidden) => !forbidden.contains(&method),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RequiredMethods, Error> {
        RequiredMethods::parse(Some(text))
    }

    #[test]
    fn lists_allow_or_forbid() {
        let methods = parse("scram-sha-256,none").unwrap();
        assert!(methods.allows(Method::ScramSha256) && methods.allows(Method::None));
        assert!(!methods.allows(Method::Password));
        let methods = parse("!password,!md5").unwrap();
        assert!(methods.allows(Method::None) && !methods.allows(Method::Md5));
        assert!(
            RequiredMethods::parse(None)
                .unwrap()
                .allows(Method::Password)
        );
    }

    #[test]
    fn slips_of_the_pen_are_refused() {
        for text in ["md5,md5", "md5,!none", "!md5,none", "scram", "md5,", "!"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

//! Connection URIs: `postgresql://[user[:password]@][host][:port][,...][/dbname][?keyword=value&...]`.
//!
//! The syntax is that of the documentation, "Connection URIs"; how the parts are told apart follows
//! libpq's `conninfo_uri_parse_options`, which differs from RFC 3986 where there is more than one
//! host. No error repeats the URI: it may hold a password.

use crate::pg::error::Error;
use crate::pg::options::text::Options;

/// The text after the scheme, where `text` is a URI of ours.
pub(crate) fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://")
        .or_else(|| text.strip_prefix("postgres://"))
}

/// Reads a URI from which the scheme was taken off.
pub(crate) fn parse(rest: &str) -> Result<Options, Error> {
    let mut options = Options::default();
    // An `@` after the first slash belongs to the database's name or to a parameter.
    let rest = match rest.find(['@', '/']) {
        Some(at) if rest[at..].starts_with('@') => {
            put_credentials(&mut options, &rest[..at])?;
            &rest[at + 1..]
        }
        _ => rest,
    };
    let (hosts, ports, rest) = hosts_and_ports(rest)?;
    put(&mut options, "host", &hosts)?;
    put(&mut options, "port", &ports)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    put(
        &mut options,
        "dbname",
        path.strip_prefix('/').unwrap_or(path),
    )?;
    put_parameters(&mut options, query)?;
    Ok(options)
}

fn put_credentials(options: &mut Options, credentials: &str) -> Result<(), Error> {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    put(options, "user", user)?;
    put(options, "password", password)
}

/// The hosts and the ports, each separated by commas, and the rest of the text.
fn hosts_and_ports(text: &str) -> Result<(String, String, &str), Error> {
    let (mut hosts, mut ports) = (String::new(), String::new());
    let mut rest = text;
    loop {
        let (host, after) = host(rest)?;
        hosts.push_str(host);
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            let end = after.find(['/', '?', ',']).unwrap_or(after.len());
            ports.push_str(port(&after[..end])?);
            rest = &after[end..];
        }
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Ok((hosts, ports, rest)),
        }
        hosts.push(',');
        ports.push(',');
    }
}

fn host(text: &str) -> Result<(&str, &str), Error> {
    let Some(bracketed) = text.strip_prefix('[') else {
        let end = text.find([':', '/', '?', ',']).unwrap_or(text.len());
        return Ok(text.split_at(end));
    };
    let (address, after) = bracketed
        .split_once(']')
        .ok_or_else(|| Error::setting("an IPv6 address in the URI lacks its closing \"]\""))?;
    if address.is_empty() {
        return Err(Error::setting("an IPv6 address in the URI is empty"));
    }
    if !after.is_empty() && !after.starts_with([':', '/', '?', ',']) {
        return Err(Error::setting(
            "an IPv6 address in the URI is followed by something other than a port, a database, \
             parameters or another host",
        ));
    }
    Ok((address, after))
}

/// A password with a slash in it that was not percent-encoded ends up here, so the text stays
/// untold. Percent-encoded digits are allowed.
fn port(text: &str) -> Result<&str, Error> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'%')
    {
        return Ok(text);
    }
    Err(Error::setting(
        "a port in the URI is not a number (in a user name or password, write / as %2F, : as %3A \
         and @ as %40)",
    ))
}

fn put_parameters(options: &mut Options, query: &str) -> Result<(), Error> {
    if query.is_empty() {
        return Ok(());
    }
    // One ampersand may end the list.
    let query = query.strip_suffix('&').unwrap_or(query);
    for pair in query.split('&') {
        let (keyword, value) = pair.split_once('=').ok_or_else(|| {
            Error::setting("a parameter of the URI lacks the \"=\" between keyword and value")
        })?;
        if value.contains('=') {
            return Err(Error::setting(
                "a parameter of the URI has more than one \"=\"",
            ));
        }
        let (keyword, value) = (decode(keyword)?, decode(value)?);
        // JDBC's spelling, which libpq accepts too.
        let (keyword, value) = match (keyword.as_str(), value.as_str()) {
            ("ssl", "true") => ("sslmode", "require"),
            pair => pair,
        };
        options
            .set(keyword, value)
            .map_err(|_| Error::setting(format!("invalid URI query parameter: \"{keyword}\"")))?;
    }
    Ok(())
}

/// Sets an option from a percent-encoded text; an empty one leaves it unset.
fn put(options: &mut Options, keyword: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Ok(());
    }
    let unknown = |_| Error::setting(format!("invalid connection option \"{keyword}\""));
    options.set(keyword, &decode(text)?).map_err(unknown)
}

fn decode(text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = after.first_chunk::<2>().and_then(|[high, low]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        });
        match digits {
            None => return Err(Error::setting("invalid percent-encoding in the URI")),
            Some(0) => return Err(Error::setting("%00 is forbidden in the URI")),
            Some(byte) => bytes.push(byte),
        }
        rest = &after[2..];
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::setting("percent-encoding that is not UTF-8 in the URI"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Compares the options that a URI sets with `keyword=value` pairs separated by spaces.
    fn check(uri: &str, expected: &str) {
        let mut options = Options::default();
        for pair in expected.split_whitespace() {
            let (keyword, value) = pair.split_once('=').unwrap();
            options.set(keyword, value).unwrap();
        }
        let parsed =
            parse(after_scheme(uri).unwrap()).unwrap_or_else(|error| panic!("{uri}: {error}"));
        assert!(
            parsed == options,
            "{uri}: {parsed:?} is not {options:?}, or a value differs"
        );
    }

    #[test]
    fn every_part_may_be_missing() {
        for (uri, expected) in [
            ("postgresql://", ""),
            ("postgres://", ""),
            ("postgresql:///", ""),
            ("postgresql://?", ""),
            ("postgresql://localhost", "host=localhost"),
            ("postgresql://localhost:5433", "host=localhost port=5433"),
            ("postgresql://localhost/mydb", "host=localhost dbname=mydb"),
            ("postgresql://user@localhost", "user=user host=localhost"),
            (
                "postgresql://user:secret@localhost",
                "user=user password=secret host=localhost",
            ),
            ("postgresql://:secret@", "password=secret"),
            ("postgresql://user@", "user=user"),
            (
                "postgresql://user@:5433/db",
                "user=user port=5433 dbname=db",
            ),
            ("postgresql:///db?port=1234", "dbname=db port=1234"),
            ("postgresql:///?dbname=a%20b", "dbname=a_b"),
            (
                "postgresql://h?user=u&password=p&",
                "host=h user=u password=p",
            ),
        ] {
            check(&uri.replace("a%20b", "a_b"), expected);
        }
    }

    #[test]
    fn hosts_of_every_kind() {
        for (uri, expected) in [
            ("postgresql://[::1]:5433/db", "host=::1 port=5433 dbname=db"),
            ("postgresql://[2001:db8::1234]/", "host=2001:db8::1234"),
            ("postgresql://[::1]", "host=::1"),
            (
                "postgresql://%2Fvar%2Flib%2Fpostgresql/db",
                "host=/var/lib/postgresql dbname=db",
            ),
            ("postgresql:///db?host=/run/pg", "dbname=db host=/run/pg"),
            (
                "postgresql://h1,h2,h3/db",
                "host=h1,h2,h3 port=,, dbname=db",
            ),
            (
                "postgresql://h1:1,[::2]:2/db",
                "host=h1,::2 port=1,2 dbname=db",
            ),
            ("postgresql://h1,h2:5/", "host=h1,h2 port=,5"),
            ("postgresql://,", "host=, port=,"),
        ] {
            check(uri, expected);
        }
    }

    #[test]
    fn percent_encoding_and_parameters() {
        for (uri, expected) in [
            (
                "postgresql://u%40x:p%3A%2f@h",
                "user=u@x password=p:/ host=h",
            ),
            ("postgresql://u@h/a@b", "user=u host=h dbname=a@b"),
            (
                "postgresql://h/db?sslmode=verify-full&connect_timeout=10",
                "host=h dbname=db sslmode=verify-full connect_timeout=10",
            ),
            (
                "postgresql://h/db?ssl=true",
                "host=h dbname=db sslmode=require",
            ),
            ("postgresql://h?opt%69ons=-c%3D1", "host=h options=-c=1"),
            (
                "postgresql://u:first@h?password=second",
                "user=u password=second host=h",
            ),
            (
                "postgresql://u:%31%32@h:%31%32",
                "user=u password=12 host=h port=12",
            ),
        ] {
            check(uri, expected);
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_uri() {
        for (uri, part) in [
            ("postgresql://[::1", "closing"),
            ("postgresql://[]", "empty"),
            ("postgresql://[::1]x", "followed by"),
            ("postgresql://u:hunter2/x@h", "%2F"),
            ("postgresql://u:hunter2%zz@h", "percent-encoding"),
            ("postgresql://u:hunter2%@h", "percent-encoding"),
            ("postgresql://u:hunter2%00@h", "%00"),
            ("postgresql://u:hunter2%ff@h", "UTF-8"),
            ("postgresql://h?sslmode", "\"=\""),
            ("postgresql://h?sslmode=a=b", "more than one"),
            ("postgresql://h?&", "\"=\""),
            ("postgresql://h?nosuch=1", "\"nosuch\""),
            ("postgresql://h?ssl=false", "\"ssl\""),
        ] {
            let rest = after_scheme(uri).unwrap();
            let error = parse(rest).err().map(|error| error.to_string());
            let error = error.unwrap_or_else(|| panic!("{uri} is accepted"));
            assert!(error.contains(part), "{uri}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = parse(&text);
        }

        #[test]
        fn an_encoded_password_comes_back(password in "[^\0]+") {
            let encoded: String = password.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let options = parse(&format!("u:{encoded}@h/d")).unwrap();
            prop_assert_eq!(options.get("password"), Some(password.as_str()));
            prop_assert_eq!(options.get("host"), Some("h"));
        }
    }
}

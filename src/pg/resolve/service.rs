//! Connection service files: `pg_service.conf`.
//!
//! The format is that of the documentation, "The Connection Service File"; lines are read as libpq's
//! `parseServiceFile` reads them. Not here: which files are looked at ([`super`]).

use std::path::Path;

use crate::pg::error::Error;
use crate::pg::options::text::Options;

/// Adds what the service `name` says in a service file's `text`, except where `options` already have
/// a value. False when the file does not define the service.
pub(crate) fn apply(
    text: &str,
    path: &Path,
    name: &str,
    options: &mut Options,
) -> Result<bool, Error> {
    let mut found = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found {
                return Ok(true);
            }
            let after = header.strip_prefix(name);
            found = after.is_some_and(|after| after.starts_with(']'));
        } else if found {
            put(line, options).map_err(|what| {
                let path = path.display();
                Error::setting(format!(
                    "{what} in service file \"{path}\", line {}",
                    number + 1
                ))
            })?;
        }
    }
    Ok(found)
}

fn put(line: &str, options: &mut Options) -> Result<(), &'static str> {
    if line.starts_with("ldap") {
        return Err("an LDAP lookup, which is not supported,");
    }
    let (keyword, value) = line.split_once('=').ok_or("syntax error: no \"=\"")?;
    if matches!(keyword, "service" | "servicefile") {
        return Err("nested service, which is not supported,");
    }
    let put = options.set_default(keyword, value);
    put.map_err(|_| "syntax error: unknown connection option")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# services\nhost=ignored, in no section\n[other]\nhost=o\n\n[ src ]\nhost=s\n\
                        [src]\n  host=src.example  \nport=5433\n# note\npassword=a=b\n[src]\nuser=late\n";

    fn read(text: &str, name: &str) -> Result<Option<Options>, String> {
        let mut options = Options::default();
        options.set("port", "1").unwrap();
        let found = apply(text, Path::new("/f"), name, &mut options);
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.then_some(options))
    }

    #[test]
    fn the_first_section_of_the_name_gives_defaults() {
        let options = read(FILE, "src").unwrap().unwrap();
        assert_eq!(options.get("host"), Some("src.example"));
        assert_eq!(options.get("port"), Some("1"));
        assert_eq!(options.get("password"), Some("a=b"));
        assert_eq!(options.get("user"), None);
        assert_eq!(read(FILE, "none").unwrap(), None);
    }

    #[test]
    fn errors_name_file_and_line_and_no_value() {
        let error = |text| read(text, "s").unwrap_err();
        assert!(error("[s]\nservice=t").contains("nested service"));
        assert!(error("[s]\nservice=t").ends_with("in service file \"/f\", line 2"));
        assert!(error("[s]\nservicefile=/f").contains("nested service"));
        assert!(error("[s]\nhunter2").starts_with("syntax error"));
        assert!(!error("[s]\npasword=hunter2").contains("hunter2"));
        assert!(error("[s]\nldap://x").contains("LDAP"));
    }
}

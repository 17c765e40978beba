//! The password file, `~/.pgpass`.
//!
//! Format and permission rule are those of the documentation, "The Password File". Looked up for each
//! connection, since an entry may be for one database only. Not here: which file it is
//! ([`crate::pg::resolve`]).

use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::secret::Secret;

/// A larger password file is not read.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Any of these bits lets others than the owner at the passwords.
const OTHERS_MODE: u32 = 0o077;

/// The socket folders that libpq is built with: as Debian does it, and as PostgreSQL's own sources.
/// Entries for them are under `localhost`.
pub(crate) const DEFAULT_SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// A field of an entry that a connection is compared with.
#[derive(PartialEq, Eq)]
enum Pattern {
    Any,
    Exactly(Vec<u8>),
}

impl Pattern {
    fn matches(&self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(expected) => expected == value,
        }
    }
}

struct Entry {
    /// Host, port, database, user.
    patterns: [Pattern; 4],
    password: Secret,
}

/// What a password is looked up for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    /// A host's name, or its address where it has no name, or a socket's folder; empty for the
    /// default socket.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) database: &'a [u8],
    pub(crate) user: &'a [u8],
}

/// The entries of a password file.
#[derive(Default)]
pub(crate) struct Passfile {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl fmt::Debug for Passfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passfile")
            .field("path", &self.path)
            .field("entries", &self.entries.len())
            .finish()
    }
}

impl Passfile {
    /// Reads a file. One that is not there, and one that may not be used, is as good as empty; the
    /// warning says why the latter was ignored.
    pub(crate) fn read(path: &Path) -> (Self, Option<String>) {
        let ignored = |why: &str| {
            let warning = format!("password file \"{}\" is ignored: {why}", path.display());
            (Self::default(), Some(warning))
        };
        let Ok(metadata) = fs::metadata(path) else {
            return (Self::default(), None);
        };
        if !metadata.is_file() {
            return ignored("it is not a plain file");
        }
        if metadata.permissions().mode() & OTHERS_MODE != 0 {
            return ignored(
                "others than its owner can use it; its permissions must be u=rw (0600) or less",
            );
        }
        let mut text = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut text));
        match read {
            Err(error) => ignored(&error.to_string()),
            Ok(_) if text.len() as u64 > FILE_BYTES_MAX => ignored("it is larger than 4 MiB"),
            Ok(_) => (Self::parse(path, &text), None),
        }
    }

    fn parse(path: &Path, text: &[u8]) -> Self {
        let lines = text.split(|byte| *byte == b'\n');
        Self {
            path: path.to_owned(),
            entries: lines.filter_map(parse_line).collect(),
        }
    }

    /// Where the entries are from.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The password of the first entry that fits.
    pub(crate) fn password(&self, key: &Key<'_>) -> Option<&Secret> {
        let host = match key.host {
            "" => "localhost",
            folder if DEFAULT_SOCKET_FOLDERS.contains(&folder) => "localhost",
            host => host,
        };
        let port = key.port.to_string();
        let values = [host.as_bytes(), port.as_bytes(), key.database, key.user];
        let fits = |entry: &&Entry| {
            let mut pairs = entry.patterns.iter().zip(values);
            pairs.all(|(pattern, value)| pattern.matches(value))
        };
        self.entries.iter().find(fits).map(|entry| &entry.password)
    }
}

fn parse_line(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"#") {
        return None;
    }
    let mut rest = line;
    let mut pattern = || {
        let (text, raw_bytes, after) = field(rest);
        let is_star = &rest[..raw_bytes] == b"*";
        rest = after?;
        Some(if is_star {
            Pattern::Any
        } else {
            Pattern::Exactly(text)
        })
    };
    let patterns = [pattern()?, pattern()?, pattern()?, pattern()?];
    // A password that is not UTF-8 cannot be typed or put into a variable either.
    let password = String::from_utf8(field(rest).0).ok()?;
    Some(Entry {
        patterns,
        password: Secret::new(password),
    })
}

/// A field without its backslashes, its length with them, and the rest after its colon.
fn field(text: &[u8]) -> (Vec<u8>, usize, Option<&[u8]>) {
    let mut value = Vec::new();
    let mut bytes = text.iter().enumerate();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b':' => return (value, at, Some(&text[at + 1..])),
            // A backslash at the very end stands for itself.
            b'\\' => value.push(bytes.next().map_or(b'\\', |(_, &escaped)| escaped)),
            _ => value.push(byte),
        }
    }
    (value, text.len(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn look_up(text: &str, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
        let key = Key {
            host,
            port,
            database: database.as_bytes(),
            user: user.as_bytes(),
        };
        let file = Passfile::parse(Path::new("f"), text.as_bytes());
        file.password(&key).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn the_first_entry_that_fits_is_taken() {
        let text = "# h:5432:d:u:comment\nh:5432:other:u:no\n\nh:5432:d:u:one\r\n*:*:*:u:any\n";
        assert_eq!(look_up(text, "h", 5432, "d", "u").as_deref(), Some("one"));
        assert_eq!(look_up(text, "x", 1, "y", "u").as_deref(), Some("any"));
        assert_eq!(look_up(text, "h", 5432, "d", "v"), None);
    }

    #[test]
    fn backslashes_and_stars() {
        let text = "::1:1:d:u:broken by its colons\n\\:\\:1:1:d\\\\:\\*:p\\:w\\\\\nh:1:d:*x:star\n";
        assert_eq!(
            look_up(text, "::1", 1, "d\\", "*").as_deref(),
            Some("p:w\\")
        );
        assert_eq!(look_up(text, "::1", 1, "d\\", "u"), None);
        assert_eq!(look_up(text, "h", 1, "d", "*x").as_deref(), Some("star"));
        assert_eq!(look_up(text, "h", 1, "d", "yx"), None);
        // Another colon and the rest of the line are no part of the password, as in libpq.
        assert_eq!(
            look_up("*:*:*:*:a:b", "h", 1, "d", "u").as_deref(),
            Some("a")
        );
        assert_eq!(look_up("*:*:*:*", "h", 1, "d", "u"), None);
    }

    #[test]
    fn default_sockets_are_localhost() {
        let text = "localhost:5432:d:u:l\n/run/x:5432:d:u:x\n";
        for host in ["", "localhost", "/var/run/postgresql", "/tmp"] {
            assert_eq!(
                look_up(text, host, 5432, "d", "u").as_deref(),
                Some("l"),
                "{host}"
            );
        }
        assert_eq!(
            look_up(text, "/run/x", 5432, "d", "u").as_deref(),
            Some("x")
        );
    }

    #[test]
    fn a_file_that_others_can_read_is_ignored_with_a_warning() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "*:*:*:*:a password").unwrap();
        let mode = |mode| fs::set_permissions(file.path(), fs::Permissions::from_mode(mode));
        mode(0o640).unwrap();
        let (passfile, warning) = Passfile::read(file.path());
        assert!(passfile.entries.is_empty());
        assert!(warning.unwrap().contains("0600"));
        mode(0o400).unwrap();
        let (passfile, warning) = Passfile::read(file.path());
        assert_eq!((passfile.entries.len(), warning), (1, None));
        let (_, warning) = Passfile::read(Path::new("/"));
        assert!(warning.unwrap().contains("plain file"));
        assert_eq!(Passfile::read(Path::new("/no/such/file")).1, None);
        assert!(!format!("{passfile:?}").contains("a password"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            Passfile::parse(Path::new("f"), &text);
        }

        #[test]
        fn an_escaped_entry_is_found(host in "[^\0\n\r]+", password in "[^\0\n\r]+") {
            let escape = |text: &str| text.replace('\\', "\\\\").replace(':', "\\:");
            let text = format!("{}:*:*:*:{}", escape(&host), escape(&password));
            if host != "*" && !host.starts_with('#') {
                prop_assert_eq!(look_up(&text, &host, 1, "d", "u"), Some(password));
            }
        }
    }
}

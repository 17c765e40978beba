//! The command that continues where this one stopped. Pure.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use bstr::ByteSlice as _;

/// The text in place of a command that cannot be shown.
const SAME: &str = "the same command with --resume";

/// These words in the name of a libpq setting mark a secret.
const SECRETS: [&str; 3] = ["password", "secret", "scram_"];

/// `pgark restore ..` as it was typed, with `--resume`, for a shell. `arguments` are all of the process's.
///
/// A connection string may hold a password, so a command with one is not repeated.
pub(crate) fn resume(arguments: impl Iterator<Item = OsString>) -> String {
    let mut words: Vec<OsString> = arguments
        .skip(1)
        .filter(|word| word != "--resume")
        .collect();
    words.insert(words.len().min(1), "--resume".into());
    line(words.iter()).unwrap_or_else(|| SAME.to_owned())
}

/// `pgark` and these words, for a shell; nothing where one of them may hold a password or is no text.
pub(crate) fn line<'a>(words: impl Iterator<Item = &'a OsString>) -> Option<String> {
    let mut line = "pgark".to_owned();
    for word in words {
        let text = word
            .to_str()
            .filter(|_| !may_hold_secret(word.as_bytes()))?;
        line.push(' ');
        line.push_str(&quoted(text));
    }
    Some(line)
}

/// libpq's `conninfo_parse` allows blanks around the equals sign, so that the word alone decides.
fn may_hold_secret(argument: &[u8]) -> bool {
    let names_secret = SECRETS.iter().any(|word| argument.contains_str(word));
    argument.contains_str("://") || argument.contains(&b'=') && names_secret
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &[&str]) -> String {
        resume(line.iter().map(OsString::from))
    }

    #[test]
    fn the_command_can_be_pasted() {
        assert_eq!(
            of(&["/usr/bin/pgark", "restore", "my snap.tar", "a=it's", "-C"]),
            "pgark restore --resume 'my snap.tar' 'a=it'\\''s' -C"
        );
        assert_eq!(
            of(&["pgark", "restore", "x", "--resume"]),
            "pgark restore --resume x"
        );
        assert_eq!(
            of(&["pgark", "restore", "x", "--no-role-passwords", "-w"]),
            "pgark restore --resume x --no-role-passwords -w"
        );
    }

    #[test]
    fn a_password_is_not_repeated() {
        assert_eq!(
            of(&["pgark", "restore", "x", "-d", "postgres://u:p@h/d"]),
            SAME
        );
        for conninfo in [
            "host=h password=p",
            "host=h password = p",
            "host=h password\t=\n'p'",
            "sslpassword= p",
        ] {
            assert_eq!(of(&["pgark", "restore", "x", "-d", conninfo]), SAME);
        }
    }
}

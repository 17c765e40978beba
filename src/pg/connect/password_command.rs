//! Passwords that a command prints: tokens that expire sooner than a dump ends.
//!
//! The command runs once for each connection, also for one that is opened again. Not here: when a person is
//! asked ([`super::config`]).

use std::process::Stdio;
use std::time::Duration;

use bstr::{BStr, ByteSlice};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use crate::pg::error::Error;
use crate::pg::options::host::Host;
use crate::pg::options::secret::Secret;

/// How long the command may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest password: a token of a cloud has two thousand bytes or so.
const PASSWORD_BYTES_MAX: u64 = 64 << 10;
/// The most that an error repeats of what the command complained of.
const COMPLAINT_BYTES_MAX: u64 = 2_000;

/// Whom the password is for. The command finds it in `PGHOST`, `PGPORT`, `PGUSER` and `PGDATABASE`.
#[derive(Clone, Copy)]
pub(super) struct Login<'a> {
    pub(super) host: &'a Host,
    pub(super) user: &'a str,
    pub(super) database: &'a BStr,
}

/// Runs the command by `sh -c`. The password is its first and only line.
pub(super) async fn ask(command: &str, login: Login<'_>) -> Result<Secret, Error> {
    let failed = |why: String| Error::PasswordCommand { why };
    let running = run(command, login);
    match tokio::time::timeout(TIMEOUT, running).await {
        Ok(password) => password.map_err(failed),
        Err(_) => Err(failed(format!(
            "it did not end within {} s",
            TIMEOUT.as_secs()
        ))),
    }
}

async fn run(command: &str, login: Login<'_>) -> Result<Secret, String> {
    let cannot = |error: std::io::Error| format!("it cannot be run: {error}");
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("PGHOST", login.host.name.as_deref().unwrap_or_default())
        .env("PGPORT", login.host.port.to_string())
        .env("PGUSER", login.user)
        .env("PGDATABASE", login.database.to_os_str_lossy())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(cannot)?;
    let (printed, complaint) = tokio::join!(
        read(child.stdout.take(), PASSWORD_BYTES_MAX),
        read(child.stderr.take(), COMPLAINT_BYTES_MAX)
    );
    let (printed, complaint) = (printed.map_err(cannot)?, complaint.map_err(cannot)?);
    let status = child.wait().await.map_err(cannot)?;
    if !status.success() {
        let complaint = complaint.trim_ascii().to_str_lossy().into_owned();
        let complaint = complaint.lines().collect::<Vec<_>>().join("; ");
        return Err(format!("{status}: {complaint}"));
    }
    password(&printed)
}

/// The password in what was printed, without the end of its line.
fn password(printed: &[u8]) -> Result<Secret, String> {
    let line = printed.strip_suffix(b"\n").unwrap_or(printed);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err("it printed nothing".into());
    }
    if printed.len() as u64 >= PASSWORD_BYTES_MAX {
        return Err(format!("it printed more than {PASSWORD_BYTES_MAX} bytes"));
    }
    if line.iter().any(|byte| b"\n\0".contains(byte)) {
        return Err("it printed more than one line".into());
    }
    let text = line
        .to_str()
        .map_err(|_| "it printed no UTF-8".to_owned())?;
    Ok(Secret::new(text.to_owned()))
}

/// What a pipe holds, up to a limit. The rest is read, so that the command can end, and thrown away.
async fn read(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![];
    if let Some(mut pipe) = pipe {
        (&mut pipe).take(limit).read_to_end(&mut bytes).await?;
        tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line() {
        let read = |printed: &[u8]| password(printed).map(|secret| secret.expose().to_owned());
        assert_eq!(read(b"se cret\n").unwrap(), "se cret");
        assert_eq!(read(b"secret\r\n").unwrap(), "secret");
        assert_eq!(read(b" secret").unwrap(), " secret");
        assert_eq!(read(b"\n").unwrap_err(), "it printed nothing");
        assert_eq!(
            read(b"a\nb\n").unwrap_err(),
            "it printed more than one line"
        );
        assert_eq!(read(b"\xff\n").unwrap_err(), "it printed no UTF-8");
        let long = vec![b'x'; 64 << 10];
        assert!(read(&long).is_err());
    }
}

//! Roles, memberships and tablespaces: read on the first leader's session and written as the archive's own
//! TOC of globals. `schema::globals` and `schema::globals_toc` make the entries.

use super::clock::{created_at, now_unix};
use super::error::Error;
use super::leader::Leader;
use super::manifest;
use super::options::{DumpOptions, Globals};
use crate::archive::manifest::GlobalsFacts;
use crate::archive::{ArchiveWriter, names};
use crate::digest::Sha256;
use crate::monitor::Monitor;
use crate::pgdump;
use crate::schema::globals::{self, Passwords};
use crate::schema::globals_toc;
use crate::toc::Toc;

/// Reads and writes them, if they are wanted.
pub(super) async fn dump(
    writer: &mut ArchiveWriter,
    leader: &mut Leader,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<Option<GlobalsFacts>, Error> {
    let passwords = match options.globals {
        Globals::None => return Ok(None),
        Globals::All => Passwords::Included,
        Globals::NoRolePasswords => Passwords::Excluded,
    };
    let (toc, facts) = read(leader, passwords, options, monitor).await?;
    write(writer, toc).await?;
    Ok(Some(facts))
}

async fn read(
    leader: &mut Leader,
    passwords: Passwords,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<(Toc, GlobalsFacts), Error> {
    let facts = globals::read(&mut leader.session, passwords)
        .await
        .map_err(|source| Error::Globals { source })?;
    if facts.passwords_state == Passwords::Unreadable {
        monitor.notice(format!(
            "role passwords are not in the archive: role \"{}\" may not read pg_authid",
            options
                .role
                .as_ref()
                .map_or_else(|| leader.server.user().to_string(), ToString::to_string)
        ));
    }
    for said in globals_toc::left_out(&facts) {
        monitor.notice(said);
    }
    // A reading session's texts are in the database's own encoding.
    let encoding = leader.session.parameter("server_encoding");
    let encoding = encoding.unwrap_or(b"SQL_ASCII");
    let header = Toc {
        database: leader.database.clone(),
        server_version: leader.session.server_version_text().into(),
        dump_version: leader.session.server_version_text().into(),
        ..Toc::default()
    };
    Ok((
        globals_toc::build(&facts, header, encoding),
        manifest::globals(&facts),
    ))
}

async fn write(writer: &mut ArchiveWriter, toc: Toc) -> Result<(), Error> {
    let toc = Toc {
        created: created_at(now_unix()),
        ..toc
    };
    let bytes =
        pgdump::write_toc_dat(&toc, pgdump::TocCompression::None).map_err(|source| Error::Toc {
            database: "globals".into(),
            source,
        })?;
    let sha256 = Sha256::of(&bytes);
    Ok(writer
        .append(names::GLOBALS_TOC, bytes, sha256, None)
        .await?)
}

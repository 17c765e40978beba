//! The syntax of a script: statements, comments, psql's commands, and which rows are under way.

use std::io::Write;

use bstr::{BString, ByteSlice};

use crate::restore::contents::DatabaseContents;
use crate::restore::error::Error;
use crate::restore::script::restrict_key::RestrictKey;
use crate::restore::statements::{Defaults, Owners, session_user};
use crate::toc::TocEntry;
use crate::toc::list::one_line;

/// The output of a script, and psql's state at that point.
pub(crate) struct Output<'a> {
    out: &'a mut (dyn Write + Send),
    key: &'a RestrictKey,
    defaults: Defaults,
    /// Whom the session has become, where the script made it become somebody.
    user: Option<BString>,
    /// The table and the COPY statement whose rows are being written, and the statements after them.
    rows: Option<Rows>,
}

/// Rows under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) schema: BString,
    pub(crate) table: BString,
    pub(crate) copy: BString,
    /// The statement that goes after the last of them, if any.
    pub(crate) afterwards: BString,
    /// The role that executes the statement; none for the user that psql logged in as.
    pub(crate) superuser: Option<BString>,
}

impl<'a> Output<'a> {
    pub(crate) fn new(out: &'a mut (dyn Write + Send), key: &'a RestrictKey) -> Self {
        Self {
            out,
            key,
            defaults: Defaults::default(),
            user: None,
            rows: None,
        }
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write_all(bytes).map_err(Error::script)
    }

    /// A statement, and an empty line after it.
    pub(crate) fn sql(&mut self, sql: &[u8]) -> Result<(), Error> {
        self.end_rows()?;
        self.raw(sql.trim_end_with(|c| c == '\n'))?;
        self.raw(b"\n\n")
    }

    fn comment(&mut self, lines: &[&[u8]]) -> Result<(), Error> {
        self.end_rows()?;
        self.raw(b"--\n")?;
        for line in lines {
            self.raw(b"-- ")?;
            self.raw(&one_line(line))?;
            self.raw(b"\n")?;
        }
        self.raw(b"--\n\n")
    }

    /// From here on psql obeys no command but those around this script's own: the content of an archive must
    /// not reach the host that psql runs on.
    pub(crate) fn begin(&mut self, is_set: bool) -> Result<(), Error> {
        self.comment(&[if is_set {
            b"pgark script of an archive"
        } else {
            b"pgark script of a database"
        }])?;
        self.command(b"\\restrict ")
    }

    fn command(&mut self, command: &[u8]) -> Result<(), Error> {
        let line = [command, self.key.0.as_bytes(), b"\n\n"].concat();
        self.raw(&line)
    }

    pub(crate) fn end(&mut self, is_set: bool) -> Result<(), Error> {
        self.comment(&[if is_set {
            b"pgark script of an archive complete"
        } else {
            b"pgark script of a database complete"
        }])?;
        self.command(b"\\unrestrict ")?;
        self.out.flush().map_err(Error::script)
    }

    pub(crate) fn database_heading(
        &mut self,
        database: &DatabaseContents,
        is_set: bool,
    ) -> Result<(), Error> {
        let toc = &database.toc;
        let from = [
            b"Dumped from database version ",
            toc.server_version.as_slice(),
        ]
        .concat();
        let by = [b"Dumped by pg_dump version ", toc.dump_version.as_slice()].concat();
        let name = [b"Database ", database.target.as_slice()].concat();
        if is_set {
            self.comment(&[&name, &from, &by])
        } else {
            self.comment(&[&from, &by])
        }
    }

    /// pg_restore's comment above an entry's definition.
    pub(crate) fn heading(&mut self, entry: &TocEntry, owners: Owners) -> Result<(), Error> {
        self.describe(b"Name: ", entry, owners)
    }

    /// Writes the comment above an entry's data.
    pub(crate) fn data_heading(&mut self, entry: &TocEntry, owners: Owners) -> Result<(), Error> {
        self.describe(b"Data for Name: ", entry, owners)
    }

    fn describe(&mut self, begin: &[u8], entry: &TocEntry, owners: Owners) -> Result<(), Error> {
        let or_dash = |text: Option<&BString>| match text {
            Some(text) if !text.is_empty() => text.to_vec(),
            _ => b"-".to_vec(),
        };
        let owner = entry.owner.as_ref().filter(|_| owners != Owners::Skip);
        let line = [
            begin,
            &entry.tag,
            b"; Type: ",
            entry.kind.desc(),
            b"; Schema: ",
            &or_dash(entry.namespace.as_ref()),
            b"; Owner: ",
            &or_dash(owner),
        ];
        self.comment(&[&line.concat()])
    }

    /// Connects psql to another database.
    pub(crate) fn connect(&mut self, database: &[u8]) -> Result<(), Error> {
        let command = connect_command(database).ok_or_else(|| Error::Usage {
            what: format!(
                "psql cannot connect to a database whose name holds a line end: \"{}\"",
                database.as_bstr()
            ),
        })?;
        self.end_rows()?;
        let key = self.key.0.as_bytes();
        let lines = [
            b"\\unrestrict ",
            key,
            b"\n",
            &command,
            b"\\restrict ",
            key,
            b"\n\n",
        ];
        self.raw(&lines.concat())
    }

    /// What a fresh session is told.
    pub(crate) fn new_session(&mut self, prelude: &[u8], defaults: Defaults) -> Result<(), Error> {
        self.defaults = defaults;
        self.user = None;
        self.sql(prelude)
    }

    /// The defaults that the entry was dumped under.
    pub(crate) fn switch_defaults(&mut self, entry: &TocEntry) -> Result<(), Error> {
        for sql in self.defaults.switch_to(entry) {
            self.sql(&sql)?;
        }
        Ok(())
    }

    /// Becomes this user, or with none who psql logged in as.
    pub(crate) fn become_user(&mut self, user: Option<&BString>) -> Result<(), Error> {
        let wanted = user.cloned().unwrap_or_default();
        if self.user.as_ref() == Some(&wanted) {
            return Ok(());
        }
        match user {
            Some(user) => self.sql(&session_user(user))?,
            None => self.sql(b"SET SESSION AUTHORIZATION DEFAULT;")?,
        }
        self.user = Some(wanted);
        Ok(())
    }

    /// Grants may change who the session is.
    pub(crate) fn forget_user(&mut self) {
        self.user = None;
    }

    /// The rows that are being written, if any.
    pub(crate) fn rows(&self) -> Option<&Rows> {
        self.rows.as_ref()
    }

    /// Begins rows, and ends earlier ones.
    pub(crate) fn begin_rows(&mut self, rows: Rows) -> Result<(), Error> {
        self.end_rows()?;
        self.raw(rows.copy.trim_end_with(|c| c == '\n'))?;
        self.raw(b"\n")?;
        self.rows = Some(rows);
        Ok(())
    }

    /// Ends rows that are under way.
    pub(crate) fn end_rows(&mut self) -> Result<(), Error> {
        let Some(rows) = self.rows.take() else {
            return Ok(());
        };
        self.raw(b"\\.\n\n\n")?;
        if rows.afterwards.is_empty() {
            return Ok(());
        }
        self.become_user(rows.superuser.as_ref())?;
        self.sql(&rows.afterwards)
    }
}

/// `\connect`, the name as psql expects it (`appendPsqlMetaConnect` in `fe_utils/string_utils.c`): a name
/// that is not plain goes in a connection string, whose encoding is left alone.
fn connect_command(database: &[u8]) -> Option<Vec<u8>> {
    if database.contains(&b'\n') || database.contains(&b'\r') {
        return None;
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if database.iter().all(|&byte| is_plain(byte)) {
        return Some([b"\\connect ", database, b"\n"].concat());
    }
    let mut quoted = Vec::new();
    for &byte in database {
        if matches!(byte, b'\'' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    let string = [b"dbname='".as_slice(), &quoted, b"'"].concat();
    let doubled = string.replace("\"", "\"\"");
    Some(
        [
            b"\\encoding SQL_ASCII\n\\connect -reuse-previous=on \"",
            doubled.as_slice(),
            b"\"\n",
        ]
        .concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_psql_reads_them() {
        let command = |name: &[u8]| connect_command(name).map(BString::from);
        assert_eq!(command(b"jobs_2"), Some("\\connect jobs_2\n".into()));
        let encoding = "\\encoding SQL_ASCII\n\\connect -reuse-previous=on ";
        assert_eq!(
            command(b"we\"ird/ %'\\n"),
            Some(format!("{encoding}\"dbname='we\"\"ird/ %\\'\\\\n'\"\n").into())
        );
        assert_eq!(
            command(b"Jobs"),
            Some(format!("{encoding}\"dbname='Jobs'\"\n").into())
        );
        assert_eq!(command(b"a\nb"), None);
    }

    #[test]
    fn rows_end_before_anything_else() {
        let key = RestrictKey::new("k1".to_owned()).unwrap();
        let mut written = Vec::new();
        let mut out = Output::new(&mut written, &key);
        out.become_user(Some(&"s".into())).unwrap();
        out.begin_rows(Rows {
            schema: "s".into(),
            table: "t".into(),
            copy: "COPY s.t (a) FROM stdin;\n".into(),
            afterwards: "SELECT 1;".into(),
            superuser: Some("s".into()),
        })
        .unwrap();
        out.raw(b"1\n").unwrap();
        out.sql(b"SELECT 2;\n").unwrap();
        assert_eq!(
            BString::from(written),
            "SET SESSION AUTHORIZATION 's';\n\nCOPY s.t (a) FROM stdin;\n1\n\\.\n\n\nSELECT 1;\n\nSELECT 2;\n\n"
        );
    }

    #[test]
    fn a_key_is_one_word() {
        assert!(RestrictKey::new("aZ09".to_owned()).is_some());
        for bad in ["", "a b", "a\n", "é"] {
            assert!(RestrictKey::new(bad.to_owned()).is_none(), "{bad}");
        }
    }
}

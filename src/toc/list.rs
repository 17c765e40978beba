//! A table of contents as `pg_restore -l` prints it and `pg_restore -L` reads it.
//!
//! After `PrintTOCSummary` and `_tocEntryRequired` in pg_backup_archiver.c. Bytes, because names are.

use bstr::BString;

use super::kind::Family;
use super::{CreatedAt, Toc, TocEntry};

/// The facts in the head of a list beside those of the archive's [`Toc`].
#[derive(Debug, Clone)]
pub struct Head<'a> {
    /// When it was made, as it is to be shown.
    pub date: String,
    /// The algorithm's name as pg_restore says it.
    pub compression: &'a str,
    /// Version and revision, for instance `1.15-0`.
    pub version: String,
    /// `CUSTOM`, `DIRECTORY` or `TAR`.
    pub format: &'a str,
    /// Width of integers, in bytes.
    pub int_bytes: u8,
    /// Width of file offsets, in bytes.
    pub offset_bytes: u8,
}

impl<'a> Head<'a> {
    /// The head of an archive of ours, all of which have much in common. Their dates are in UTC.
    pub fn ours(toc: &Toc, compression: &'a str) -> Self {
        Self {
            date: format!("{} UTC", local_date(&toc.created)),
            compression,
            version: "1.15-0".to_owned(),
            format: "DIRECTORY",
            int_bytes: 4,
            offset_bytes: 8,
        }
    }
}

/// The head of the list, down to the line before the first entry.
pub fn header(toc: &Toc, head: &Head<'_>) -> BString {
    let mut out = BString::default();
    let mut line = |begin: &str, text: &[u8]| {
        out.extend_from_slice(begin.as_bytes());
        push_line(&mut out, text);
        out.push(b'\n');
    };
    line(";", b"");
    line("; Archive created at ", head.date.as_bytes());
    line(";     dbname: ", &toc.database);
    let entries = toc.entries.len().to_string();
    line(";     TOC Entries: ", entries.as_bytes());
    line(";     Compression: ", head.compression.as_bytes());
    line(";     Dump Version: ", head.version.as_bytes());
    line(";     Format: ", head.format.as_bytes());
    let widths = [head.int_bytes, head.offset_bytes].map(|bytes| format!("{bytes} bytes"));
    line(";     Integer: ", widths[0].as_bytes());
    line(";     Offset: ", widths[1].as_bytes());
    line(";     Dumped from database version: ", &toc.server_version);
    line(";     Dumped by pg_dump version: ", &toc.dump_version);
    line(";", b"");
    line(";", b"");
    line("; Selected TOC Entries:", b"");
    line(";", b"");
    out
}

/// An entry's line: `dump id; catalog oid kind schema tag owner`.
pub fn entry_line(entry: &TocEntry) -> BString {
    let ids = &entry.catalog_id;
    let mut out = BString::from(format!("{}; {} {} ", entry.dump_id, ids.table_oid, ids.oid));
    push_line(&mut out, entry.kind.desc());
    out.push(b' ');
    match entry.schema() {
        b"" => out.push(b'-'),
        schema => push_line(&mut out, schema),
    }
    out.push(b' ');
    push_line(&mut out, &entry.tag);
    out.push(b' ');
    push_line(&mut out, entry.owner.as_ref().map_or(b"", |owner| owner));
    out.push(b'\n');
    out
}

/// Whether pg_restore lists the entry when it is given no option. It leaves out the entries that set the
/// stage for others (encoding, search path) and the database's own (`--create`).
pub fn is_listed(entry: &TocEntry) -> bool {
    let sets_the_stage = entry.kind.facts().family == Family::Setting || entry.is_about_database();
    !sets_the_stage && (!entry.definition().is_empty() || entry.had_dumper)
}

/// A text that fits into a line: a name may hold line ends (`sanitize_line`).
pub fn one_line(text: &[u8]) -> BString {
    let mut line = BString::default();
    push_line(&mut line, text);
    line
}

fn push_line(out: &mut BString, text: &[u8]) {
    let cleaned = text.iter().map(|&byte| match byte {
        b'\n' | b'\r' => b' ',
        other => other,
    });
    out.extend(cleaned);
}

/// The date in the time of the place where the archive was made.
pub fn local_date(at: &CreatedAt) -> String {
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        i64::from(at.year) + 1900,
        i64::from(at.mon) + 1,
        at.mday,
        at.hour,
        at.min,
        at.sec
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toc::ObjectKind;
    use crate::toc::{CatalogId, DumpId};

    fn entry(kind: ObjectKind, tag: &str) -> TocEntry {
        TocEntry {
            dump_id: DumpId(215),
            catalog_id: CatalogId {
                table_oid: 1259,
                oid: 16386,
            },
            kind,
            tag: tag.into(),
            defn: Some("CREATE".into()),
            ..TocEntry::default()
        }
    }

    #[test]
    fn a_line_is_pg_restores_line() {
        let mut table = entry(ObjectKind::Table, "nl\nname");
        table.namespace = Some("s".into());
        table.owner = Some("we ird".into());
        let line = "215; 1259 16386 TABLE s nl name we ird\n";
        assert_eq!(entry_line(&table), line);
        let extension = entry(ObjectKind::Extension, "hstore");
        let line = "215; 1259 16386 EXTENSION - hstore \n";
        assert_eq!(entry_line(&extension), line);
    }

    #[test]
    fn the_list_holds_what_pg_restore_lists() {
        assert!(is_listed(&entry(ObjectKind::Table, "t")));
        assert!(!is_listed(&entry(ObjectKind::Encoding, "ENCODING")));
        assert!(!is_listed(&entry(ObjectKind::Database, "d")));
        assert!(!is_listed(&entry(ObjectKind::Comment, "DATABASE d")));
        assert!(is_listed(&entry(ObjectKind::Comment, "TABLE d")));
        let mut data = entry(ObjectKind::TableData, "t");
        data.defn = None;
        assert!(!is_listed(&data));
        data.had_dumper = true;
        assert!(is_listed(&data));
    }

    #[test]
    fn the_header_names_the_database_and_the_date() {
        let toc = Toc {
            created: CreatedAt {
                year: 126,
                mon: 10,
                mday: 20,
                hour: 5,
                min: 33,
                sec: 9,
                isdst: 0,
            },
            database: "post\ngres".into(),
            server_version: "15.18".into(),
            ..Toc::default()
        };
        let header = header(&toc, &Head::ours(&toc, "zstd")).to_string();
        assert!(header.starts_with(";\n; Archive created at 2026-11-20 05:33:09 UTC\n"));
        assert!(header.contains(";     dbname: post gres\n;     TOC Entries: 0\n"));
        assert!(header.ends_with(";\n;\n; Selected TOC Entries:\n;\n"));
    }
}

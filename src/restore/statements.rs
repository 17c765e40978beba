//! The SQL for one entry and for a session, rendered for the server it goes to.
//!
//! Pure. The rules are those of `_printTocEntry`, `_getObjectDescription`, `_doSetFixedOutputState`
//! and the drop loop of `RestoreArchive` in PostgreSQL's `pg_backup_archiver.c`. Which entries are
//! restored is `select`'s business, in what order `graph`'s.

use bstr::{BString, ByteSlice, ByteVec};

use super::lex;
use super::options::RestoreOptions;
use crate::toc::{ObjectKind, Toc, TocEntry, quote};

/// `RELKIND_PARTITIONED_TABLE`: its access method is set by ALTER TABLE, not by a default.
const PARTITIONED_TABLE: u8 = b'p';

/// What every session is told before anything else.
///
/// `version_num` is the target's `server_version_num`: a parameter that it does not know is left out.
pub(super) fn prelude(toc: &Toc, version_num: u32, role: Option<&BString>) -> BString {
    let mut sql = BString::from(
        "SET statement_timeout = 0;\n\
         SET lock_timeout = 0;\n\
         SET idle_in_transaction_session_timeout = 0;\n",
    );
    if version_num >= 170_000 {
        sql.push_str("SET transaction_timeout = 0;\n");
    }
    if let Some(encoding) = toc.encoding() {
        sql.push_str("SET client_encoding = ");
        sql.push_str(quote::literal(encoding));
        sql.push_str(";\n");
    }
    for kind in [ObjectKind::StdStrings, ObjectKind::SearchPath] {
        let entry = toc.entries.iter().find(|entry| entry.kind == kind);
        if let Some(entry) = entry {
            sql.push_str(entry.definition());
        }
    }
    if let Some(role) = role {
        sql.push_str("SET ROLE ");
        sql.push_str(quote::ident(role));
        sql.push_str(";\n");
    }
    sql.push_str(
        "SET check_function_bodies = false;\n\
         SET xmloption = content;\n\
         SET client_min_messages = warning;\n\
         SET row_security = off;\n\
         SET synchronous_commit = off;\n",
    );
    sql
}

/// What a session's defaults are, so that they are only set where they differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Defaults {
    tablespace: Option<BString>,
    table_am: Option<BString>,
}

impl Defaults {
    /// The statements that make the defaults those that `entry` was dumped under. An entry without a
    /// tablespace or access method leaves them as they are.
    pub(super) fn switch_to(&mut self, entry: &TocEntry) -> Vec<BString> {
        let mut sql = Vec::new();
        if let Some(tablespace) = &entry.tablespace
            && self.tablespace.as_ref() != Some(tablespace)
        {
            let value = if tablespace.is_empty() {
                BString::from("''")
            } else {
                quote::ident(tablespace)
            };
            sql.push(joined(&[b"SET default_tablespace = ", &value, b";\n"]));
            self.tablespace = Some(tablespace.clone());
        }
        if let Some(table_am) = &entry.table_am
            && entry.relkind != PARTITIONED_TABLE
            && self.table_am.as_ref() != Some(table_am)
        {
            sql.push(joined(&[
                b"SET default_table_access_method = ",
                &quote::ident(table_am),
                b";\n",
            ]));
            self.table_am = Some(table_am.clone());
        }
        sql
    }
}

/// Whether ownership is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owners {
    /// By ALTER .. OWNER TO.
    Restore,
    /// `-O`: whoever restores owns.
    Skip,
}

impl Owners {
    /// As the options say.
    pub(super) fn of(options: &RestoreOptions) -> Self {
        match options.selection.owners {
            true => Self::Restore,
            false => Self::Skip,
        }
    }
}

/// The statements that create what an entry describes: its definition first, then what is said about
/// it afterwards. Each is sent by itself, so that a missing role does not undo the object.
pub(super) fn creation(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<BString> {
    let mut sql = vec![definition(toc, entry, owners)];
    if owners == Owners::Restore {
        sql.extend(ownership(entry));
    }
    if entry.relkind == PARTITIONED_TABLE
        && let Some(table_am) = &entry.table_am
    {
        sql.push(joined(&[
            b"ALTER TABLE ",
            &quote::qualified(entry.schema(), &entry.tag),
            b" SET ACCESS METHOD ",
            &quote::ident(table_am),
            b";\n",
        ]));
    }
    sql.retain(|statement| !statement.trim().is_empty());
    sql
}

fn definition(toc: &Toc, entry: &TocEntry, owners: Owners) -> BString {
    let defn = entry.definition();
    match entry.kind {
        // The definition in old archives says AUTHORIZATION; a comment stands for a schema that
        // initdb creates.
        ObjectKind::Schema if owners == Owners::Skip && !defn.starts_with(b"--") => {
            joined(&[b"CREATE SCHEMA ", &quote::ident(&entry.tag), b";\n"])
        }
        ObjectKind::BlobMetadata => {
            for_each_object(defn, b"SELECT pg_catalog.lo_create('", b"');\n")
        }
        ObjectKind::Acl if entry.tag.starts_with(b"LARGE OBJECTS") => group_acl(toc, entry),
        _ => defn.into(),
    }
}

/// One command for each large object OID in `oids`, one a line, as BLOB METADATA entries list them.
fn for_each_object(oids: &[u8], before: &[u8], after: &[u8]) -> BString {
    let mut sql = BString::default();
    for oid in oids.lines().filter(|oid| !oid.is_empty()) {
        sql.push_str(before);
        sql.push_str(oid);
        sql.push_str(after);
    }
    sql
}

/// An ACL for a group of large objects holds the commands for one of them; they are repeated for
/// every object that the BLOB METADATA entry lists (`IssueACLPerBlob`).
fn group_acl(toc: &Toc, entry: &TocEntry) -> BString {
    let group = entry
        .dependencies
        .first()
        .and_then(|id| toc.entry(*id))
        .filter(|group| group.kind == ObjectKind::BlobMetadata);
    let Some(group) = group else {
        return entry.definition().into();
    };
    let mut sql = BString::default();
    for command in lex::statements(entry.definition()) {
        if let Some((before, after)) = around_object(command) {
            let after = joined(&[after, b";\n"]);
            sql.push_str(for_each_object(group.definition(), before, &after));
        }
    }
    sql
}

/// What stands before and after the OID in `.. LARGE OBJECT 4711 ..`.
fn around_object(command: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = [&b""[..]; 2];
    for token in lex::tokens(command) {
        if token.kind == lex::TokenKind::Blank {
            continue;
        }
        if words == [&b"LARGE"[..], &b"OBJECT"[..]] {
            let start = token.range.start;
            let digits = command[start..].iter().take_while(|b| b.is_ascii_digit());
            let end = start + digits.count();
            return Some((&command[..start], &command[end..]));
        }
        words = [words[1], &command[token.range]];
    }
    None
}

/// `ALTER .. OWNER TO`, for what has an owner of its own. As in pg_restore, what has no DROP command
/// is taken to have none.
fn ownership(entry: &TocEntry) -> Option<BString> {
    let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty())?;
    let drop_stmt = entry.drop_stmt.as_ref().filter(|sql| !sql.is_empty())?;
    let owner = quote::ident(owner);
    if entry.kind == ObjectKind::BlobMetadata {
        let after = joined(&[b" OWNER TO ", &owner, b";\n"]);
        return Some(for_each_object(
            entry.definition(),
            b"ALTER LARGE OBJECT ",
            &after,
        ));
    }
    let object = owned_object(entry, drop_stmt)?;
    Some(joined(&[b"ALTER ", &object, b" OWNER TO ", &owner, b";\n"]))
}

/// How ALTER names the object.
fn owned_object(entry: &TocEntry, drop_stmt: &[u8]) -> Option<BString> {
    use ObjectKind as Kind;
    match entry.kind {
        Kind::Collation
        | Kind::Conversion
        | Kind::Database
        | Kind::Domain
        | Kind::EventTrigger
        | Kind::ForeignDataWrapper
        | Kind::ForeignTable
        | Kind::MaterializedView
        | Kind::ProceduralLanguage
        | Kind::Publication
        | Kind::Schema
        | Kind::Sequence
        | Kind::Server
        | Kind::Statistics
        | Kind::Subscription
        | Kind::Table
        | Kind::TextSearchConfiguration
        | Kind::TextSearchDictionary
        | Kind::Type
        | Kind::View => {
            let name = if entry.schema().is_empty() {
                quote::ident(&entry.tag)
            } else {
                quote::qualified(entry.schema(), &entry.tag)
            };
            Some(joined(&[entry.kind.desc(), b" ", &name]))
        }
        Kind::Blob => Some(joined(&[b"LARGE OBJECT ", &entry.tag])),
        // The tag holds the arguments unquoted; the DROP command has it all as ALTER wants it.
        Kind::Aggregate
        | Kind::Function
        | Kind::Operator
        | Kind::OperatorClass
        | Kind::OperatorFamily
        | Kind::Procedure => {
            let object = drop_stmt.strip_prefix(b"DROP ")?;
            Some(object.trim_end_with(|c| c == ';' || c == '\n').into())
        }
        _ => None,
    }
}

/// How a drop treats what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfExists {
    /// `--if-exists`: passes over it.
    PassOver,
    /// It is an error.
    Fail,
}

/// The command that drops what the entry describes, if it has one.
pub(super) fn drop(entry: &TocEntry, if_exists: IfExists) -> Option<BString> {
    let drop_stmt = entry.drop_stmt.as_ref().filter(|sql| !sql.is_empty())?;
    let lenient = if_exists == IfExists::PassOver;
    Some(match entry.kind {
        ObjectKind::BlobMetadata if lenient => {
            for_each_object(entry.definition(), UNLINK_WHERE, b"';\n")
        }
        ObjectKind::BlobMetadata => for_each_object(
            entry.definition(),
            b"SELECT pg_catalog.lo_unlink('",
            b"');\n",
        ),
        // Groups of ours have no OID of their own, and a command that passes over what is not there.
        ObjectKind::Blob if entry.catalog_id.oid == 0 => drop_stmt.clone(),
        ObjectKind::Blob if lenient => {
            let oid = entry.catalog_id.oid.to_string();
            joined(&[UNLINK_WHERE, oid.as_bytes(), b"';\n"])
        }
        _ if lenient => with_if_exists(&entry.kind, drop_stmt),
        _ => drop_stmt.clone(),
    })
}

const UNLINK_WHERE: &[u8] = b"SELECT pg_catalog.lo_unlink(oid) \
    FROM pg_catalog.pg_largeobject_metadata WHERE oid = '";

/// The DROP command with IF EXISTS where its grammar has room for it.
fn with_if_exists(kind: &ObjectKind, drop_stmt: &[u8]) -> BString {
    use ObjectKind as Kind;
    // A comment stands for the drop of what initdb created.
    if drop_stmt.starts_with(b"--") {
        return drop_stmt.into();
    }
    let (head, rest) = match drop_stmt.strip_prefix(b"ALTER TABLE") {
        Some(rest) => (&b"ALTER TABLE IF EXISTS"[..], rest),
        None => (&b""[..], drop_stmt),
    };
    // DROP DEFAULT knows no IF EXISTS; a rule ON SELECT is dropped by replacing its view.
    if matches!(kind, Kind::Default | Kind::DatabaseProperties)
        || rest.starts_with(b"CREATE OR REPLACE VIEW")
    {
        return joined(&[head, rest]);
    }
    let mark = match kind {
        Kind::Constraint | Kind::CheckConstraint | Kind::FkConstraint => {
            BString::from("DROP CONSTRAINT")
        }
        _ => joined(&[b"DROP ", kind.desc()]),
    };
    match rest.find(&mark) {
        Some(at) => {
            let end = at + mark.len();
            joined(&[head, &rest[..end], b" IF EXISTS", &rest[end..]])
        }
        None => joined(&[head, rest]),
    }
}

/// `sql` for a message: its first line that is not blank or a comment, without what may be secret.
pub(super) fn first_line(kind: &ObjectKind, sql: &[u8]) -> String {
    const LONGEST: usize = 200;
    let line = sql
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with(b"--"))
        .unwrap_or_default();
    let line = match secret_start(kind, line) {
        Some(at) => format!("{} ...", line[..at].trim_end().as_bstr()),
        None => line.as_bstr().to_string(),
    };
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    }
}

/// Where a password or a connection string may begin in the first line of such a definition.
fn secret_start(kind: &ObjectKind, line: &[u8]) -> Option<usize> {
    let word: &[u8] = match kind {
        ObjectKind::RolePassword => b" PASSWORD",
        ObjectKind::Subscription => b" CONNECTION",
        ObjectKind::UserMapping | ObjectKind::Server => b" OPTIONS",
        _ => return None,
    };
    line.find(word).map(|at| at + word.len())
}

/// `pieces` one after the other.
pub(super) fn joined(pieces: &[&[u8]]) -> BString {
    pieces.concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, toc};
    use crate::toc::DumpId;

    fn owned(kind: ObjectKind, tag: &str, drop_stmt: &str) -> TocEntry {
        let mut entry = entry(7, kind, Some("app"), tag);
        entry.owner = Some("O'Neil".into());
        entry.drop_stmt = Some(drop_stmt.into());
        entry
    }

    fn owner_of(entry: &TocEntry) -> Option<String> {
        creation(&toc(vec![]), entry, Owners::Restore)
            .get(1)
            .map(ToString::to_string)
    }

    #[test]
    fn the_prelude_is_the_targets() {
        let mut encoding = entry(1, ObjectKind::Encoding, None, "ENCODING");
        encoding.defn = Some("SET client_encoding = 'LATIN1';\n".into());
        let mut path = entry(2, ObjectKind::SearchPath, None, "SEARCHPATH");
        path.defn = Some("SELECT pg_catalog.set_config('search_path', '', false);\n".into());
        let toc = toc(vec![encoding, path]);
        let text = prelude(&toc, 160_004, Some(&BString::from("a b"))).to_string();
        assert!(!text.contains("transaction_timeout"), "{text}");
        assert!(text.contains("client_encoding = 'LATIN1'"), "{text}");
        assert!(text.contains("'search_path', ''"), "{text}");
        assert!(text.contains("SET ROLE \"a b\";"), "{text}");
        let newer = prelude(&toc, 170_000, None).to_string();
        assert!(newer.contains("transaction_timeout"), "{newer}");
        assert!(!newer.contains("SET ROLE"), "{newer}");
    }

    #[test]
    fn defaults_are_set_only_where_they_differ() {
        let mut defaults = Defaults::default();
        let mut table = entry(1, ObjectKind::Table, Some("app"), "t");
        assert!(defaults.switch_to(&table).is_empty());
        table.tablespace = Some("".into());
        table.table_am = Some("heap".into());
        assert_eq!(
            defaults.switch_to(&table),
            [
                "SET default_tablespace = '';\n",
                "SET default_table_access_method = \"heap\";\n"
            ]
        );
        table.tablespace = Some("fast disk".into());
        assert_eq!(
            defaults.switch_to(&table),
            ["SET default_tablespace = \"fast disk\";\n"]
        );
        assert!(defaults.switch_to(&table).is_empty());
    }

    #[test]
    fn owners_are_set_as_each_kind_wants() {
        let cases = [
            (
                owned(ObjectKind::Table, "T x", "DROP TABLE app.\"T x\";\n"),
                Some("ALTER TABLE \"app\".\"T x\" OWNER TO \"O'Neil\";\n"),
            ),
            (
                owned(
                    ObjectKind::Function,
                    "f(integer)",
                    "DROP FUNCTION app.f(integer);\n",
                ),
                Some("ALTER FUNCTION app.f(integer) OWNER TO \"O'Neil\";\n"),
            ),
            (
                owned(
                    ObjectKind::OperatorClass,
                    "c",
                    "DROP OPERATOR CLASS app.c USING btree;\n",
                ),
                Some("ALTER OPERATOR CLASS app.c USING btree OWNER TO \"O'Neil\";\n"),
            ),
            (
                owned(
                    ObjectKind::Blob,
                    "4711",
                    "SELECT pg_catalog.lo_unlink('4711');\n",
                ),
                Some("ALTER LARGE OBJECT 4711 OWNER TO \"O'Neil\";\n"),
            ),
            (owned(ObjectKind::Index, "i", "DROP INDEX app.i;\n"), None),
            (owned(ObjectKind::Table, "no drop", ""), None),
        ];
        for (entry, expected) in cases {
            assert_eq!(owner_of(&entry).as_deref(), expected, "{entry:?}");
        }
    }

    #[test]
    fn without_owners_a_schema_is_created_without_authorization() {
        let mut schema = entry(1, ObjectKind::Schema, None, "app");
        schema.defn = Some("CREATE SCHEMA app AUTHORIZATION x;\n".into());
        schema.drop_stmt = Some("DROP SCHEMA app;\n".into());
        schema.owner = Some("x".into());
        let sql = creation(&toc(vec![]), &schema, Owners::Skip);
        assert_eq!(sql, ["CREATE SCHEMA \"app\";\n"]);
    }

    #[test]
    fn a_partitioned_table_gets_its_access_method_afterwards() {
        let mut table = entry(1, ObjectKind::Table, Some("app"), "t");
        table.relkind = PARTITIONED_TABLE;
        table.table_am = Some("columnar".into());
        assert!(Defaults::default().switch_to(&table).is_empty());
        let sql = creation(&toc(vec![]), &table, Owners::Restore);
        assert_eq!(
            sql[1],
            "ALTER TABLE \"app\".\"t\" SET ACCESS METHOD \"columnar\";\n"
        );
    }

    #[test]
    fn groups_of_large_objects_are_taken_apart() {
        let mut group = owned(ObjectKind::BlobMetadata, "1..2", "SELECT lo_unlink('1');\n");
        group.defn = Some("1\n2\n".into());
        let mut acl = entry(8, ObjectKind::Acl, None, "LARGE OBJECTS 1..2");
        acl.defn = Some("GRANT ALL ON LARGE OBJECT 1 TO \"LARGE OBJECT 9\";\n\n".into());
        acl.dependencies = vec![DumpId(7)];
        let toc = toc(vec![group.clone(), acl.clone()]);
        assert_eq!(
            creation(&toc, &group, Owners::Restore),
            [
                "SELECT pg_catalog.lo_create('1');\nSELECT pg_catalog.lo_create('2');\n",
                "ALTER LARGE OBJECT 1 OWNER TO \"O'Neil\";\nALTER LARGE OBJECT 2 OWNER TO \"O'Neil\";\n",
            ]
        );
        assert_eq!(
            creation(&toc, &acl, Owners::Restore),
            ["GRANT ALL ON LARGE OBJECT 1 TO \"LARGE OBJECT 9\";\n\
              GRANT ALL ON LARGE OBJECT 2 TO \"LARGE OBJECT 9\";\n"]
        );
    }

    #[test]
    fn if_exists_goes_where_the_grammar_has_room() {
        let cases = [
            (
                ObjectKind::Table,
                "DROP TABLE a.t;\n",
                "DROP TABLE IF EXISTS a.t;\n",
            ),
            (
                ObjectKind::FkConstraint,
                "ALTER TABLE ONLY a.t DROP CONSTRAINT c;\n",
                "ALTER TABLE IF EXISTS ONLY a.t DROP CONSTRAINT IF EXISTS c;\n",
            ),
            (
                ObjectKind::Default,
                "ALTER TABLE a.t ALTER COLUMN c DROP DEFAULT;\n",
                "ALTER TABLE IF EXISTS a.t ALTER COLUMN c DROP DEFAULT;\n",
            ),
            (
                ObjectKind::Rule,
                "CREATE OR REPLACE VIEW a.v AS SELECT NULL::int AS x;\n",
                "CREATE OR REPLACE VIEW a.v AS SELECT NULL::int AS x;\n",
            ),
            (
                ObjectKind::Schema,
                "-- *not* dropping schema, since initdb creates it\n",
                "-- *not* dropping schema, since initdb creates it\n",
            ),
            (
                ObjectKind::Blob,
                "SELECT pg_catalog.lo_unlink('5');\n",
                "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata \
                 WHERE oid = '5';\n",
            ),
        ];
        for (kind, sql, expected) in cases {
            let mut entry = owned(kind, "x", sql);
            entry.catalog_id.oid = 5;
            assert_eq!(drop(&entry, IfExists::Fail), Some(sql.into()));
            assert_eq!(drop(&entry, IfExists::PassOver), Some(expected.into()));
        }
    }

    #[test]
    fn a_message_shows_no_secret() {
        let show = |kind, sql: &str| first_line(&kind, sql.as_bytes());
        assert_eq!(
            show(
                ObjectKind::RolePassword,
                "ALTER ROLE x PASSWORD 'SCRAM-SHA-256$4096:abc';"
            ),
            "ALTER ROLE x PASSWORD ..."
        );
        assert_eq!(
            show(
                ObjectKind::Subscription,
                "-- c\nCREATE SUBSCRIPTION s CONNECTION 'host=h password=p' PUBLICATION p;"
            ),
            "CREATE SUBSCRIPTION s CONNECTION ..."
        );
        assert_eq!(
            show(ObjectKind::Table, "\nCREATE TABLE a.t (\n x int\n);"),
            "CREATE TABLE a.t ("
        );
    }
}

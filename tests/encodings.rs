//! Bytes that are no UTF-8, in rows, in names and in the name of the database itself: they come back as they
//! were.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use bstr::{BString, ByteSlice};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::fixtures::{self, LATIN1, SQL_ASCII};
use crate::support::peers;
use crate::support::pgark::Pgark;

#[test]
fn every_byte_is_dumped_as_it_is_stored() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::dump(cluster, &[LATIN1, SQL_ASCII, "-Z", "none"]).verified();
    let folders = archive.unpack(folder.path());
    let table = |database: &str, schema: &[u8], name: &[u8]| {
        let tables = archive.database(database).tables;
        let mut found = tables
            .into_iter()
            .filter(|table| table.schema.0 == schema && table.name.0 == name);
        let table = found.next().unwrap();
        let file = format!("{}.dat", table.chunks[0].dump_id);
        let path = folders[&BString::from(database)].join(file);
        std::fs::read(path).unwrap()
    };
    // One byte a letter: "de ! à ÿ" of fixtures/extra/latin1.sql.
    let rows = table(LATIN1, b"caf\xe9", b"every_byte");
    for byte in [0xe9, 0xff, 0xa0, 0x80, 0x21] {
        let row = [format!("{}\t", u32::from(byte)).as_bytes(), &[byte], b"\n"].concat();
        assert!(rows.contains_str(&row), "{byte:x}");
    }
    let toc = archive.toc(LATIN1);
    assert_eq!(toc.encoding(), Some(&b"LATIN1"[..]));
    let rows = table(SQL_ASCII, b"public", b"mixed");
    assert!(
        rows.starts_with(b"1\t\xc3\xa9\n2\t\xe9\n3\t\xff\\\\.\n"),
        "{:?}",
        rows.as_bstr()
    );
    assert_eq!(archive.toc(SQL_ASCII).encoding(), Some(&b"SQL_ASCII"[..]));
}

#[test]
fn a_pattern_may_be_any_bytes() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    // fixtures/extra/sql_ascii.sql: the schema 80, the table t<ff><fe>able.
    let pattern = OsString::from_vec(b"\"\x80\".t\xff*".to_vec());
    let archive = Archive::dump(
        cluster,
        &[SQL_ASCII.as_ref(), "-t".as_ref(), pattern.as_os_str()],
    );
    let tables = archive.verified().database(SQL_ASCII).tables;
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].name.0, b"t\xff\xfeable"[..]);
}

#[test]
fn names_of_databases_and_roles_may_be_any_bytes() {
    let major = need!(peers::installed_major());
    let source = need!(Cluster::start(major));
    let target = need!(Cluster::start(major));
    source.create_database_in("ascii", "SQL_ASCII");
    // Bytes that are valid in no encoding, a slash, an equals sign, a percent sign.
    let name = OsStr::from_bytes(b"d\xff\xfe/=%2F");
    source.psql(
        "ascii",
        b"CREATE ROLE \"r\xff\xe9\" LOGIN PASSWORD 'x'; CREATE ROLE \"m\xe9\" IN ROLE \"r\xff\xe9\";
          COMMENT ON ROLE \"r\xff\xe9\" IS 'c\xff'; ALTER ROLE \"m\xe9\" SET search_path = \"s\xe9\", public;
          CREATE DATABASE \"d\xff\xfe/=%2F\" TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C' OWNER \"r\xff\xe9\";",
    );
    source.psql(
        name,
        b"COMMENT ON DATABASE \"d\xff\xfe/=%2F\" IS 'c\xfe';
          ALTER DATABASE \"d\xff\xfe/=%2F\" SET search_path = \"s\xe9\";
          CREATE SCHEMA \"s\xe9\" AUTHORIZATION \"r\xff\xe9\";
          CREATE TABLE \"s\xe9\".\"t\xff\" (\"c\xfe\" text DEFAULT '\xe9', id serial);
          INSERT INTO \"s\xe9\".\"t\xff\" VALUES ('\xff\xfe\xe9'), (DEFAULT);
          GRANT SELECT ON \"s\xe9\".\"t\xff\" TO \"m\xe9\";
          CREATE MATERIALIZED VIEW \"m\xff\" AS SELECT \"c\xfe\" FROM \"s\xe9\".\"t\xff\";
          SELECT lo_create(77); ALTER LARGE OBJECT 77 OWNER TO \"m\xe9\"; COMMENT ON LARGE OBJECT 77 IS '\xff'",
    );
    let archive = Archive::none_yet();
    let dump = dump_at(&source).arg("-f").arg(archive.path()).arg(name);
    dump.run().success();
    let archive = archive.verified();
    assert_eq!(
        archive.manifest().databases[0].directory,
        "d%FF%FE%2F%3D%252F"
    );
    archive.unpack(tempfile::tempdir().unwrap().path());
    let inspect = Pgark::new(["inspect"]).arg(archive.path()).run().success();
    assert!(inspect.stdout().contains("%2F"), "{}", inspect.describe());

    // Where such a name can be said: a session in UTF-8 would not take it.
    target.create_database_in("ascii", "SQL_ASCII");
    archive.restore(&target, &["--create", "-d", "ascii"]);
    for sql in [
        "TABLE \"s\\351\".\"t\\377\"",
        "SELECT lo_get(77), obj_description(77, 'pg_largeobject')",
        "SELECT relname, pg_get_userbyid(relowner), relacl FROM pg_class WHERE oid > 16383 AND relname !~ '^pg_' ORDER BY relname",
        "SELECT pg_get_userbyid(datdba), shobj_description(oid, 'pg_database') FROM pg_database ORDER BY 1",
        "SHOW search_path",
        // pg_dumpall fails over such roles.
        "SELECT rolname, rolcanlogin, rolpassword, shobj_description(oid, 'pg_authid') FROM pg_authid WHERE oid > 16383 ORDER BY 1",
        "SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members WHERE member > 16383",
        "SELECT pg_get_userbyid(setrole), setconfig FROM pg_db_role_setting ORDER BY setrole",
    ] {
        // psql has no way to write a byte in a name but the byte itself.
        let sql = sql.replace("\\351", "\u{1}").replace("\\377", "\u{2}");
        let sql: Vec<u8> = sql
            .bytes()
            .map(|byte| match byte {
                1 => 0xe9,
                2 => 0xff,
                other => other,
            })
            .collect();
        let answer = |cluster: &Cluster| {
            let sql = [b"SET client_encoding = SQL_ASCII;\n", &sql[..]].concat();
            cluster.try_psql(name, sql).success().stdout
        };
        let expected = answer(&source);
        assert!(!expected.is_empty());
        assert_eq!(answer(&target).as_bstr(), expected.as_bstr());
    }
    // Under a name of one's own: the first `=` separates, so that of the name is doubled.
    let choice = OsStr::from_bytes(b"d\xff\xfe/==%2F=plain");
    let args = ["--create", "-d", "ascii", "--no-globals"].map(OsStr::new);
    archive.restore(&target, &[&args[..], &[choice]].concat());
    let tables = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'm') AND oid > 16383";
    assert_eq!(target.psql("plain", tables), "2");
}

#[test]
fn encodings_of_several_bytes_come_back() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    for encoding in ["EUC_JP", "WIN1251", "LATIN9", "EUC_TW", "KOI8R"] {
        let name = format!("encoding {encoding}");
        source.create_database_in(&name, encoding);
        target.create_database_in(&name, encoding);
        let letters = match encoding {
            "EUC_JP" => "日本語",
            "WIN1251" | "KOI8R" => "Привет",
            "LATIN9" => "Œuvre €",
            _ => "台灣",
        };
        source.psql(
            name.as_str(),
            format!(
                "SET client_encoding = UTF8;
                 CREATE TABLE \"{letters}\" (\"{letters}\" text CHECK (\"{letters}\" <> '{letters}!'));
                 INSERT INTO \"{letters}\" SELECT '{letters} ' || i FROM generate_series(1, 100) AS i;
                 COMMENT ON TABLE \"{letters}\" IS '{letters}';"
            ),
        );
        let archive = Archive::dump(source, &[name.as_str()]).verified();
        archive.restore(target, &["--no-globals"]);
        assert_equal(source, &name, target, &name);
        target.drop_database(&name);
    }
}

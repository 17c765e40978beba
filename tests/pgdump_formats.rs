//! pg_dump's formats against other programs that read and write them: every pg_dump and pg_restore
//! at hand, and the crate libpgdump.
//!
//! What needs no other program is tested beside the code, in `src/pgdump`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use pgark::pgdump::custom::{CustomArchive, CustomData};
use pgark::pgdump::directory::Folder;
use pgark::pgdump::files::FileArchive;
use pgark::pgdump::tar::Members;
use pgark::pgdump::{TocCompression, fold_relkind, read_custom_toc, read_toc_dat, write_toc_dat};
use pgark::toc::{ObjectKind, Section, Toc, TocEntry};

use crate::need;
use crate::support::cluster::{Cluster, clean_command};
use crate::support::peers::{self, Missing};
use crate::support::run::run;

fn golden(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/pgdump")
        .join(path)
}

fn golden_toc(path: &str) -> Toc {
    read_custom_toc(&std::fs::read(golden(path)).unwrap()).unwrap()
}

/// The stock clients that read version 1.15.
fn modern_clients() -> Result<Vec<PathBuf>, Missing> {
    peers::CLIENT_MAJORS
        .into_iter()
        .map(peers::client)
        .collect()
}

/// A directory archive with a toc.dat of ours and nothing else.
fn folder_with(toc: &Toc) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = write_toc_dat(toc, TocCompression::Zstd).unwrap();
    std::fs::write(folder.path().join("toc.dat"), bytes).unwrap();
    folder
}

#[track_caller]
fn pg_restore(client: &Path, options: &[&str], archive: &Path) -> String {
    let mut command = clean_command(client.join("pg_restore"));
    command.args(options).arg(archive);
    run(&mut command, b"").success().stdout()
}

/// The lines of a listing or script that do not depend on the archive's own format, nor on the run:
/// `\restrict` has a random key.
fn essence(output: &str) -> Vec<&str> {
    let format = |line: &&str| {
        let varies = [
            "\\restrict",
            "\\unrestrict",
            ";     Format:",
            ";     Compression:",
        ];
        !line.is_empty()
            && !line.starts_with(";     Dump Version:")
            && !varies.iter().any(|start| line.starts_with(start))
    };
    output.lines().filter(format).collect()
}

#[test]
fn pg_restore_sees_in_our_toc_what_it_sees_in_the_original() {
    for client in need!(modern_clients()) {
        for archive in ["15/custom.dump", "18/schema.dump"] {
            let mut toc = golden_toc(archive);
            fold_relkind(&mut toc);
            let folder = folder_with(&toc);
            let list = |path: &Path| pg_restore(&client, &["-l"], path);
            let (theirs, ours) = (list(&golden(archive)), list(folder.path()));
            assert_eq!(essence(&ours), essence(&theirs), "{archive}");

            let script = |path: &Path| pg_restore(&client, &["-s", "-C", "-f", "-"], path);
            let (theirs, ours) = (script(&golden(archive)), script(folder.path()));
            let (theirs, ours) = (essence(&theirs), essence(&ours));
            assert_eq!(without_access_method(&ours), without_access_method(&theirs));
            let altered = usize::from(archive.starts_with("18"));
            assert_eq!(ours.len(), without_access_method(&ours).len() + altered);
            assert_eq!(ours.len(), theirs.len());
        }
    }
}

/// The one statement that is part of a definition in ours, and follows it in the original.
fn without_access_method<'a>(script: &[&'a str]) -> Vec<&'a str> {
    let other = |line: &&&str| !(line.contains(" SET ACCESS METHOD ") && line.starts_with("ALTER"));
    script.iter().filter(other).copied().collect()
}

#[test]
fn libpgdump_reads_what_we_write() {
    for archive in ["15/custom.dump", "18/schema.dump"] {
        let mut toc = golden_toc(archive);
        fold_relkind(&mut toc);
        let folder = folder_with(&toc);
        let theirs = libpgdump::format::directory::read_metadata(folder.path()).unwrap();
        assert_eq!(theirs.header.version.to_string(), "1.15.0");
        assert_eq!(BString::from(theirs.dbname), toc.database);
        assert_eq!(BString::from(theirs.server_version), toc.server_version);
        assert_eq!(theirs.entries.len(), toc.entries.len());
        for (theirs, ours) in theirs.entries.iter().zip(&toc.entries) {
            let mut theirs = from_libpgdump(theirs);
            theirs.data_file = None;
            assert_eq!(&theirs, ours, "{archive}");
        }
    }
}

/// An entry as that crate has it, as ours.
pub fn from_libpgdump(entry: &libpgdump::Entry) -> TocEntry {
    let text = |text: &Option<String>| text.as_deref().map(BString::from);
    TocEntry {
        dump_id: pgark::toc::DumpId(entry.dump_id),
        had_dumper: entry.had_dumper,
        catalog_id: pgark::toc::CatalogId {
            table_oid: entry.table_oid.parse().unwrap(),
            oid: entry.oid.parse().unwrap(),
        },
        tag: text(&entry.tag).unwrap_or_default(),
        kind: ObjectKind::from_desc(entry.desc.as_str().as_bytes()),
        section: match entry.section {
            libpgdump::Section::PreData => Section::PreData,
            libpgdump::Section::Data => Section::Data,
            libpgdump::Section::PostData => Section::PostData,
            libpgdump::Section::None => Section::None,
        },
        defn: text(&entry.defn),
        drop_stmt: text(&entry.drop_stmt),
        copy_stmt: text(&entry.copy_stmt),
        namespace: text(&entry.namespace),
        tablespace: text(&entry.tablespace),
        table_am: text(&entry.tableam),
        relkind: entry.relkind.map_or(0, |kind| kind as u8),
        owner: text(&entry.owner),
        dependencies: entry
            .dependencies
            .iter()
            .map(|&id| pgark::toc::DumpId(id))
            .collect(),
        data_file: text(&entry.filename),
    }
}

/// A dump with a table, its rows and a large object, as a PostgreSQL of that version would write it.
fn libpgdump_dump(appear_as: &str) -> libpgdump::Dump {
    let mut dump = libpgdump::new("old", "UTF8", appear_as).unwrap();
    let (schema, table, owner) = (Some("public"), Some("t"), Some("me"));
    let create = Some("CREATE TABLE public.t (a integer);\n");
    let kind = libpgdump::ObjectType::Table;
    let id = dump.add_entry(kind, schema, table, owner, create, None, None, &[]);
    let copy = Some("COPY public.t (a) FROM stdin;\n");
    let kind = libpgdump::ObjectType::TableData;
    let deps = [id.unwrap()];
    let data = dump.add_entry(kind, schema, table, owner, None, None, copy, &deps);
    dump.set_entry_data(data.unwrap(), b"1\n2\n".to_vec())
        .unwrap();
    dump.add_blob(4711, b"large".to_vec()).unwrap();
    dump
}

#[test]
fn what_libpgdump_writes_is_read_in_every_version() {
    let folder = tempfile::tempdir().unwrap();
    // 1.12 to 1.16, of which the first two have no other writer at hand.
    for appear_as in ["9.0", "11.0", "13.0", "16.0", "17.0"] {
        let mut dump = libpgdump_dump(appear_as);
        for compression in [
            libpgdump::CompressionAlgorithm::None,
            libpgdump::CompressionAlgorithm::Gzip,
        ] {
            let path = folder.path().join(format!("{appear_as}-{compression:?}"));
            dump.set_format(libpgdump::Format::Custom);
            dump.set_compression(compression);
            dump.save(&path).unwrap();
            let archive = CustomArchive::open(File::open(&path).unwrap()).unwrap();
            let read = Contents::of_custom(&path, &archive);
            assert_eq!(read.rows, [(b"t".as_bstr().into(), b"1\n2\n".to_vec())]);
            assert_eq!(read.large_objects, [(4711, b"large".to_vec())]);
            let count = dump.entries().len();
            assert_eq!(archive.toc().entries.len(), count, "{appear_as}");

            let path = path.with_extension("directory");
            dump.set_format(libpgdump::Format::Directory);
            dump.save(&path).unwrap();
            let archive = FileArchive::open(Folder(path)).unwrap();
            assert_eq!(archive.toc().entries.len(), count, "{appear_as}");
            // It names the list of large objects as 17 does in every version, which stock pg_restore
            // does not find in older ones either.
            if appear_as == "17.0" {
                assert_eq!(Contents::of_files(&archive), read);
            }
        }
    }
}

/// All data of an archive, sorted.
#[derive(Debug, Default, PartialEq)]
struct Contents {
    rows: Vec<(BString, Vec<u8>)>,
    large_objects: Vec<(u32, Vec<u8>)>,
}

fn content(mut source: impl Read) -> Vec<u8> {
    let mut content = Vec::new();
    source.read_to_end(&mut content).unwrap();
    content
}

impl Contents {
    fn of_custom(path: &Path, archive: &CustomArchive) -> Self {
        let mut contents = Self::default();
        for entry in &archive.toc().entries {
            let data = archive.data(File::open(path).unwrap(), entry.dump_id);
            match data.unwrap() {
                Some(CustomData::Data(rows)) => {
                    contents.rows.push((entry.tag.clone(), content(rows)));
                }
                Some(CustomData::LargeObjects(mut objects)) => {
                    while let Some(oid) = objects.next_object().unwrap() {
                        contents.large_objects.push((oid, content(&mut objects)));
                    }
                }
                None => (),
            }
        }
        contents.sorted()
    }

    fn of_files<F: pgark::pgdump::files::Files>(archive: &FileArchive<F>) -> Self {
        let mut contents = Self::default();
        for entry in archive.toc().entries.clone() {
            if entry.kind == ObjectKind::Blobs {
                for object in archive.large_objects(&entry).unwrap() {
                    let bytes = content(archive.large_object(&object).unwrap());
                    contents.large_objects.push((object.oid, bytes));
                }
            } else if let Some(rows) = archive.data(&entry).unwrap() {
                contents.rows.push((entry.tag.clone(), content(rows)));
            }
        }
        contents.sorted()
    }

    fn sorted(mut self) -> Self {
        self.rows.sort();
        self.large_objects.sort();
        self
    }
}

/// A server with the database that the golden archives hold.
fn golden_server(major: u32) -> Result<Cluster, Missing> {
    let cluster = Cluster::start(major)?;
    cluster.psql("postgres", "CREATE ROLE golden_owner");
    cluster.create_database("golden");
    let script = std::fs::read(golden("golden.sql")).unwrap();
    cluster.psql("golden", script);
    Ok(cluster)
}

#[track_caller]
fn pg_dump(cluster: &Cluster, client: &Path, options: &[&str], into: &Path) {
    let mut command = cluster.command(client.join("pg_dump"));
    command.args(options).arg("-f").arg(into).arg("golden");
    run(&mut command, b"").success();
}

/// The lines that `pg_restore -l -C` has for the entries of a TOC (`PrintTOCSummary`).
fn listing(toc: &Toc) -> Vec<String> {
    let unlisted = [
        ObjectKind::Encoding,
        ObjectKind::StdStrings,
        ObjectKind::SearchPath,
    ];
    let listed = toc
        .entries
        .iter()
        .filter(|entry| !unlisted.contains(&entry.kind));
    let line = |entry: &TocEntry| {
        let schema = entry.namespace.as_ref().map_or("-".into(), BString::clone);
        let owner = entry.owner.clone().unwrap_or_default();
        let id = &entry.catalog_id;
        format!(
            "{}; {} {} {} {schema} {} {owner}",
            entry.dump_id, id.table_oid, id.oid, entry.kind, entry.tag
        )
    };
    listed.map(line).collect()
}

fn theirs_listed(client: &Path, archive: &Path) -> Vec<String> {
    let output = pg_restore(client, &["-l", "-C"], archive);
    let entries = output
        .lines()
        .filter(|line| !line.starts_with(';') && !line.is_empty());
    entries.map(str::to_owned).collect()
}

#[test]
fn every_pg_dump_at_hand_is_read_in_every_format() {
    let cluster = need!(golden_server(need!(peers::installed_major())));
    let installed = need!(peers::installed_client());
    let folder = tempfile::tempdir().unwrap();
    for client in [vec![installed.clone()], need!(modern_clients())].concat() {
        let compressions: &[&str] = if client == installed {
            &["-Z0", "-Z6"]
        } else {
            &["-Z0", "-Z6", "-Zlz4", "-Zzstd:5", "-Zzstd:long"]
        };
        for compression in compressions {
            let path = |format: &str| folder.path().join(format);
            let (custom, directory) = (path("custom"), path("directory"));
            pg_dump(&cluster, &client, &["-Fc", compression], &custom);
            pg_dump(&cluster, &client, &["-Fd", compression], &directory);
            let archive = CustomArchive::open(File::open(&custom).unwrap()).unwrap();
            assert_eq!(listing(archive.toc()), theirs_listed(&client, &custom));
            let expected = Contents::of_custom(&custom, &archive);
            assert_eq!(expected.rows.len(), 6);
            assert_eq!(expected.large_objects.len(), 3);

            let archive = FileArchive::open(Folder(directory.clone())).unwrap();
            assert_eq!(listing(archive.toc()), theirs_listed(&client, &directory));
            assert_eq!(Contents::of_files(&archive), expected);
            std::fs::remove_dir_all(directory).unwrap();
        }
        let tar = folder.path().join("tar");
        pg_dump(&cluster, &client, &["-Ft"], &tar);
        let members = Members::open(Arc::new(File::open(&tar).unwrap())).unwrap();
        let archive = FileArchive::open(members).unwrap();
        assert_eq!(listing(archive.toc()), theirs_listed(&client, &tar));
        assert_eq!(Contents::of_files(&archive).large_objects.len(), 3);
    }
}

/// Has stock pg_restore restore a directory as pg_dump wrote it, and with its toc.dat exchanged for
/// ours, and compares what pg_dump says of the two copies. The target is a server 18, as pg_restore 17
/// and 18 set what older ones do not know.
fn restore_with_our_toc(source: &Cluster, client: &Path, options: &[&str]) -> Result<(), Missing> {
    let clients = modern_clients()?;
    let target = Cluster::start(18)?;
    target.psql(
        "postgres",
        "CREATE ROLE golden_owner; CREATE ROLE golden_reader",
    );
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("directory");
    pg_dump(source, client, &[&["-Fd"], options].concat(), &directory);
    let copy = |client: &Path, jobs: &str| {
        target.create_database("copy");
        let mut command = target.command(client.join("pg_restore"));
        command.args(["-e", "-d", "copy", jobs]).arg(&directory);
        run(&mut command, b"").success();
        let mut command = target.command(clients[1].join("pg_dump"));
        let text = run(command.arg("copy"), b"").success().stdout();
        target.drop_database("copy");
        let lines = essence(&text).into_iter().map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    let expected = copy(&clients[1], "-j1");
    exchange_toc(&directory.join("toc.dat"));
    for (client, jobs) in clients.iter().zip(["-j1", "-j2"]) {
        let copied = copy(client, jobs);
        let different = copied
            .iter()
            .zip(&expected)
            .find(|(ours, theirs)| ours != theirs);
        assert_eq!(different, None);
        assert_eq!(copied.len(), expected.len());
    }
    Ok(())
}

fn exchange_toc(toc_dat: &Path) {
    let mut toc = read_toc_dat(&std::fs::read(toc_dat).unwrap()).unwrap();
    fold_relkind(&mut toc);
    std::fs::write(toc_dat, write_toc_dat(&toc, TocCompression::None).unwrap()).unwrap();
}

#[test]
fn stock_pg_restore_restores_by_our_toc() {
    let source = need!(golden_server(need!(peers::installed_major())));
    let client = need!(peers::installed_client());
    need!(restore_with_our_toc(&source, &client, &[]));
}

#[test]
fn the_access_method_of_a_partitioned_table_survives_version_1_15() {
    let source = need!(golden_server(18));
    let client = need!(peers::client(18));
    // Large objects are left out: the groups of them that 17 and 18 write need 1.16.
    need!(restore_with_our_toc(&source, &client, &["-B"]));
}

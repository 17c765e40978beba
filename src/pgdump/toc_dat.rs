//! The entries of a table of contents, and whole TOCs: toc.dat both ways, the custom format's one way.
//!
//! `WriteToc` and `ReadToc` in pg_dump's source; the `_WriteExtraToc` and `_ReadExtraToc` of each
//! format add what follows an entry there. Lost on reading: whether a table was made WITH OIDS
//! (gone since PostgreSQL 12). Lost on writing: `relkind`, which version 1.15 has no field for.

use std::collections::HashSet;
use std::io::Read;

use bstr::{BString, ByteSlice};

use super::error::{Error, Part, Problem};
use super::header::{self, FORMAT_CUSTOM, FORMAT_TAR, Header, TocCompression, Version};
use super::limits::{MAX_DEPENDENCIES, MAX_ENTRIES, MAX_TOC_BYTES, MIN_ENTRY_BYTES};
use super::primitives::{Input, put_int, put_text};
use crate::toc::{CatalogId, DumpId, ObjectKind, Section, Toc, TocEntry};

/// Where a custom archive keeps an entry's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataPosition {
    /// Somewhere: the archive was written to a pipe, so the blocks have to be gone through.
    Unknown,
    /// At this byte of the file.
    At(u64),
    /// Nowhere: the entry has none.
    NoData,
}

/// See [`super::read_toc_dat`].
pub fn read(bytes: &[u8]) -> Result<Toc, Error> {
    let mut input = Input::new(bytes, bytes.len() as u64);
    let header = header::read(&mut input, FORMAT_TAR)?;
    let entries = read_entries(&mut input, &header, |input, entry| {
        let name = input.text("filename")?;
        entry.data_file = name.filter(|name| !name.is_empty());
        Ok(())
    })?;
    if input.left() > 0 {
        input.set_part(Part::Header);
        return Err(input.damaged("end", Problem::Trailing(input.left())));
    }
    Ok(Toc {
        entries,
        ..header.into_toc()
    })
}

/// See [`super::read_custom_toc`].
pub fn read_custom(bytes: &[u8]) -> Result<Toc, Error> {
    let mut input = Input::new(bytes, bytes.len() as u64);
    let header = header::read(&mut input, FORMAT_CUSTOM)?;
    let (entries, _) = read_custom_entries(&mut input, &header)?;
    Ok(Toc {
        entries,
        ..header.into_toc()
    })
}

/// The entries of a custom archive, and for each the position of its data.
pub fn read_custom_entries<R: Read>(
    input: &mut Input<R>,
    header: &Header,
) -> Result<(Vec<TocEntry>, Vec<DataPosition>), Error> {
    let mut positions = Vec::new();
    let entries = read_entries(input, header, |input, _| {
        positions.push(read_position(input, header.offset_bytes)?);
        Ok(())
    })?;
    Ok((entries, positions))
}

/// `ReadOffset`.
fn read_position<R: Read>(input: &mut Input<R>, width: u8) -> Result<DataPosition, Error> {
    let place = input.place("data state");
    let state = input.byte("data state")?;
    let offset = input.magnitude("data position", width)?;
    match state {
        1 => Ok(DataPosition::Unknown),
        2 => Ok(DataPosition::At(offset)),
        3 => Ok(DataPosition::NoData),
        _ => Err(Error::Damaged {
            place,
            problem: Problem::Value(state.into()),
        }),
    }
}

fn read_entries<R: Read>(
    input: &mut Input<R>,
    header: &Header,
    mut extra: impl FnMut(&mut Input<R>, &mut TocEntry) -> Result<(), Error>,
) -> Result<Vec<TocEntry>, Error> {
    let place = input.place("tocCount");
    let count = input.int("tocCount")?;
    let damaged = |problem| Error::Damaged { place, problem };
    let found = u64::try_from(count).map_err(|_| damaged(Problem::Value(count)))?;
    let limit = MAX_ENTRIES.min(input.left() / MIN_ENTRY_BYTES);
    if found > limit {
        return Err(damaged(Problem::Limit { found, limit }));
    }
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for number in 1..=found {
        input.set_part(Part::Entry(number));
        let mut entry = read_entry(input, header.version)?;
        extra(input, &mut entry)?;
        if !seen.insert(entry.dump_id) {
            return Err(input.damaged("dumpId", Problem::DuplicateId(entry.dump_id)));
        }
        if input.offset() > MAX_TOC_BYTES {
            return Err(Error::TooLarge(MAX_TOC_BYTES));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The fields in their order on disk, up to the dependencies.
fn read_entry<R: Read>(input: &mut Input<R>, version: Version) -> Result<TocEntry, Error> {
    let dump_id = read_dump_id(input)?;
    let had_dumper = input.int("hadDumper")? != 0;
    let catalog_id = CatalogId {
        table_oid: read_number(input, "catalogId.tableoid")?,
        oid: read_number(input, "catalogId.oid")?,
    };
    let tag = input.text("tag")?.unwrap_or_default();
    let desc = input.text("desc")?.unwrap_or_default();
    let section = read_section(input)?;
    let mut entry = TocEntry {
        dump_id,
        had_dumper,
        catalog_id,
        tag,
        kind: ObjectKind::from_desc(&desc),
        section,
        defn: input.text("defn")?,
        drop_stmt: input.text("dropStmt")?,
        copy_stmt: input.text("copyStmt")?,
        namespace: input.text("namespace")?,
        tablespace: input.text("tablespace")?,
        ..TocEntry::default()
    };
    if version >= Version::V1_14 {
        entry.table_am = input.text("tableam")?.filter(|name| !name.is_empty());
    }
    if version >= Version::V1_16 {
        entry.relkind = read_relkind(input)?;
    }
    entry.owner = input.text("owner")?;
    input.text("withOids")?;
    entry.dependencies = read_dependencies(input)?;
    Ok(entry)
}

fn read_dump_id<R: Read>(input: &mut Input<R>) -> Result<DumpId, Error> {
    let place = input.place("dumpId");
    match input.int32("dumpId")? {
        id if id > 0 => Ok(DumpId(id)),
        id => Err(Error::Damaged {
            place,
            problem: Problem::Value(id.into()),
        }),
    }
}

fn read_section<R: Read>(input: &mut Input<R>) -> Result<Section, Error> {
    let place = input.place("section");
    match input.int("section")? {
        1 => Ok(Section::None),
        2 => Ok(Section::PreData),
        3 => Ok(Section::Data),
        4 => Ok(Section::PostData),
        value => Err(Error::Damaged {
            place,
            problem: Problem::Value(value),
        }),
    }
}

fn read_relkind<R: Read>(input: &mut Input<R>) -> Result<u8, Error> {
    let place = input.place("relkind");
    let value = input.int("relkind")?;
    u8::try_from(value).map_err(|_| Error::Damaged {
        place,
        problem: Problem::Value(value),
    })
}

/// A number that is stored as a text, "for historical reasons" as the source has it.
fn read_number<R: Read, N: std::str::FromStr>(
    input: &mut Input<R>,
    field: &'static str,
) -> Result<N, Error> {
    let place = input.place(field);
    let text = input.text(field)?.unwrap_or_default();
    parse_number(&text).ok_or(Error::Damaged {
        place,
        problem: Problem::NotANumber(text),
    })
}

fn parse_number<N: std::str::FromStr>(text: &BString) -> Option<N> {
    text.to_str().ok()?.parse().ok()
}

/// Texts with a number each; an absent one ends the list.
fn read_dependencies<R: Read>(input: &mut Input<R>) -> Result<Vec<DumpId>, Error> {
    const FIELD: &str = "dependencies";
    let mut dependencies = Vec::new();
    loop {
        let place = input.place(FIELD);
        let damaged = |problem| Error::Damaged { place, problem };
        let Some(text) = input.text(FIELD)? else {
            return Ok(dependencies);
        };
        let id = parse_number(&text).filter(|&id: &i32| id > 0);
        let id = id.ok_or_else(|| damaged(Problem::NotANumber(text)))?;
        if dependencies.len() == MAX_DEPENDENCIES {
            let limit = MAX_DEPENDENCIES as u64;
            let found = limit + 1;
            return Err(damaged(Problem::Limit { found, limit }));
        }
        dependencies.push(DumpId(id));
    }
}

/// See [`super::write_toc_dat`].
pub fn write(toc: &Toc, compression: TocCompression) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    header::write(&mut out, toc, compression.into())?;
    let count = i32::try_from(toc.entries.len()).ok();
    let count = count.filter(|_| toc.entries.len() as u64 <= MAX_ENTRIES);
    put_int(&mut out, count.ok_or(Error::TooLarge(MAX_TOC_BYTES))?);
    let mut seen = HashSet::new();
    for entry in &toc.entries {
        let written = if seen.insert(entry.dump_id) {
            write_entry(&mut out, entry)
        } else {
            Err("its dump id occurs twice")
        };
        written.map_err(|reason| Error::Unwritable {
            id: entry.dump_id,
            kind: entry.kind.desc().into(),
            tag: entry.tag.clone(),
            reason,
        })?;
        if out.len() as u64 > MAX_TOC_BYTES {
            return Err(Error::TooLarge(MAX_TOC_BYTES));
        }
    }
    Ok(out)
}

fn write_entry(out: &mut Vec<u8>, entry: &TocEntry) -> Result<(), &'static str> {
    check_writable(entry)?;
    put_int(out, entry.dump_id.0);
    put_int(out, entry.had_dumper.into());
    put_text(out, Some(entry.catalog_id.table_oid.to_string().as_bytes()))?;
    put_text(out, Some(entry.catalog_id.oid.to_string().as_bytes()))?;
    put_text(out, Some(&entry.tag))?;
    put_text(out, Some(entry.kind.desc()))?;
    put_int(out, entry.section as i32);
    let texts = [
        &entry.defn,
        &entry.drop_stmt,
        &entry.copy_stmt,
        &entry.namespace,
        &entry.tablespace,
    ];
    for text in texts {
        put_text(out, text.as_ref().map(|text| text.as_slice()))?;
    }
    // pg_restore would make an empty name of it the session's default, which the server refuses.
    let table_am = entry.table_am.as_ref().filter(|name| !name.is_empty());
    put_text(out, table_am.map(|name| name.as_slice()))?;
    put_text(out, entry.owner.as_ref().map(|name| name.as_slice()))?;
    put_text(out, Some(b"false"))?;
    for dependency in &entry.dependencies {
        put_text(out, Some(dependency.to_string().as_bytes()))?;
    }
    put_text(out, None)?;
    put_text(out, Some(&data_file(entry)))
}

fn check_writable(entry: &TocEntry) -> Result<(), &'static str> {
    if entry.dump_id.0 <= 0 || entry.dependencies.iter().any(|id| id.0 <= 0) {
        return Err("a dump id is not positive");
    }
    if entry.dependencies.len() > MAX_DEPENDENCIES {
        return Err("it has too many dependencies");
    }
    if entry.kind == ObjectKind::BlobMetadata {
        return Err("groups of large objects need archive version 1.16");
    }
    Ok(())
}

/// The name that `_ArchiveEntry` of the directory format gives; pg_restore knows an archive before
/// 1.16 to have one list of large objects, of one name.
fn data_file(entry: &TocEntry) -> BString {
    match &entry.data_file {
        Some(name) => name.clone(),
        None if entry.kind == ObjectKind::Blobs => "blobs.toc".into(),
        None if entry.had_dumper => format!("{}.dat", entry.dump_id).into(),
        None => BString::default(),
    }
}

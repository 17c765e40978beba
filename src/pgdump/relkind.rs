//! SQL for readers of version 1.15, in the place of the `relkind` of version 1.16.
//!
//! Since 17 a partitioned table may have an access method: it has no storage itself, but its
//! partitions inherit it. pg_restore 17 creates the table and then alters it
//! (`_printTableAccessMethodNoStorage`). To a reader that does not know the relkind it is a table
//! like any other, so it would set `default_table_access_method` first, and CREATE TABLE ...
//! PARTITION BY takes no notice of that (and until 16 refuses an access method).

use crate::toc::{ObjectKind, Toc, TocEntry, quote};

/// `RELKIND_PARTITIONED_TABLE` of `pg_class.h`.
const PARTITIONED_TABLE: u8 = b'p';

/// Turns the access method of partitioned tables into a statement of their definition, and forgets
/// every relkind, so that the TOC comes back from version 1.15 as it went.
///
/// One difference remains: `pg_restore --no-table-access-method` no longer leaves it out.
pub fn fold_relkind(toc: &mut Toc) {
    toc.entries.iter_mut().for_each(fold_entry);
}

fn fold_entry(entry: &mut TocEntry) {
    let partitioned = entry.relkind == PARTITIONED_TABLE && entry.kind == ObjectKind::Table;
    entry.relkind = 0;
    if !partitioned {
        return;
    }
    let (Some(table_am), Some(defn)) = (entry.table_am.take(), entry.defn.as_mut()) else {
        return;
    };
    let namespace = entry.namespace.as_ref().filter(|name| !name.is_empty());
    let table = match namespace {
        Some(namespace) => quote::qualified(namespace, &entry.tag),
        None => quote::ident(&entry.tag),
    };
    defn.extend_from_slice(b"\nALTER TABLE ");
    defn.extend_from_slice(&table);
    defn.extend_from_slice(b" SET ACCESS METHOD ");
    defn.extend_from_slice(&quote::ident(&table_am));
    defn.extend_from_slice(b";\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(relkind: u8) -> Toc {
        let entry = TocEntry {
            kind: ObjectKind::Table,
            tag: "p\"t".into(),
            namespace: Some("s".into()),
            defn: Some("CREATE TABLE ...;\n".into()),
            table_am: Some("heap2".into()),
            relkind,
            ..TocEntry::default()
        };
        Toc {
            entries: vec![entry],
            ..Toc::default()
        }
    }

    #[test]
    fn a_partitioned_table_is_altered_once_and_an_ordinary_one_never() {
        let mut toc = table(b'p');
        fold_relkind(&mut toc);
        fold_relkind(&mut toc);
        let expected =
            "CREATE TABLE ...;\n\nALTER TABLE \"s\".\"p\"\"t\" SET ACCESS METHOD \"heap2\";\n";
        assert_eq!(toc.entries[0].definition(), expected.as_bytes());
        assert_eq!(toc.entries[0].table_am, None);
        assert_eq!(toc.entries[0].relkind, 0);

        let mut toc = table(b'r');
        let before = toc.entries[0].clone();
        fold_relkind(&mut toc);
        assert_eq!(toc.entries[0].defn, before.defn);
        assert_eq!(toc.entries[0].table_am, before.table_am);
    }
}

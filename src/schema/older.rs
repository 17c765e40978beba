//! What a newer pg_dump writes and an older server does not understand. Pure.
//!
//! pg_dump promises scripts for its own major version and later ones. An archive must also go back into the
//! version it came from, so the little that stands in the way is taken out of the definitions.

use bstr::ByteSlice;

use crate::toc::{ObjectKind, Toc, TocEntry};

/// Databases have a locale provider since this version; before, libc is the only one.
const LOCALE_PROVIDER_SINCE: u32 = 15;
/// The clause that `dumpDatabase()` in pg_dump.c writes for it.
const LIBC_PROVIDER: &[u8] = b" LOCALE_PROVIDER = libc";

/// Makes the definitions of a TOC fit for the server they were read from.
pub fn fit_for(server_major: u32, toc: &mut Toc) {
    if server_major < LOCALE_PROVIDER_SINCE {
        let databases = toc.entries.iter_mut();
        databases
            .filter(|entry| entry.kind == ObjectKind::Database)
            .for_each(without_provider);
    }
}

fn without_provider(entry: &mut TocEntry) {
    let Some(defn) = &mut entry.defn else { return };
    // The name comes first and may hold anything.
    let start = name_end(defn);
    if let Some(at) = defn[start..].find(LIBC_PROVIDER) {
        let at = start + at;
        defn.drain(at..at + LIBC_PROVIDER.len());
    }
}

/// Where the name in `CREATE DATABASE name ...` ends.
fn name_end(defn: &[u8]) -> usize {
    const BEFORE: &[u8] = b"CREATE DATABASE \"";
    if !defn.starts_with(BEFORE) {
        return 0;
    }
    let mut at = BEFORE.len();
    while let Some(quote) = defn[at..].find_byte(b'"') {
        at += quote + 1;
        if defn.get(at) != Some(&b'"') {
            return at;
        }
        at += 1;
    }
    defn.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(server_major: u32, defn: &str) -> String {
        let entry = TocEntry {
            kind: ObjectKind::Database,
            defn: Some(defn.into()),
            ..TocEntry::default()
        };
        let mut toc = Toc {
            entries: vec![entry],
            ..Toc::default()
        };
        fit_for(server_major, &mut toc);
        toc.entries[0].definition().to_str_lossy().into_owned()
    }

    #[test]
    fn a_server_without_locale_providers_is_not_told_of_one() {
        let with =
            "CREATE DATABASE a WITH ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C';\n";
        let without = "CREATE DATABASE a WITH ENCODING = 'UTF8' LOCALE = 'C';\n";
        assert_eq!(fitted(14, with), without);
        assert_eq!(fitted(15, with), with);
        assert_eq!(fitted(13, without), without);
    }

    #[test]
    fn a_name_is_left_alone() {
        let with = "CREATE DATABASE \"a\"\" LOCALE_PROVIDER = libc\" WITH LOCALE_PROVIDER = libc LOCALE = 'C';\n";
        let without = "CREATE DATABASE \"a\"\" LOCALE_PROVIDER = libc\" WITH LOCALE = 'C';\n";
        assert_eq!(fitted(13, with), without);
        let open = "CREATE DATABASE \"a LOCALE_PROVIDER = libc";
        assert_eq!(fitted(13, open), open);
    }
}

//! Names of members: folders made from database names, and data files made from dump ids.
//!
//! Every member name is ASCII, so that no file system and no tar changes it on the way.

use bstr::BString;

use crate::storage::location::percent_decoded;

/// The first member.
pub const README: &str = "README.txt";
/// The TOC of roles, memberships and tablespaces.
pub const GLOBALS_TOC: &str = "globals/toc.dat";
/// The content of the archive.
pub const MANIFEST: &str = "manifest.json";
/// `sha256sum -c` lines for every member above it.
pub const SUMS: &str = "SHA256SUMS";
/// The fixed-size end.
pub const TRAILER: &str = "trailer.json";

/// The folder below `databases/` for a database: every byte outside `[A-Za-z0-9_-]`, and a dot at
/// the beginning, becomes `%XX`. Different names give different folders.
pub fn directory_for(database: &[u8]) -> String {
    let mut out = String::with_capacity(database.len());
    for (at, &byte) in database.iter().enumerate() {
        if byte.is_ascii_alphanumeric() || b"_-".contains(&byte) || (byte == b'.' && at > 0) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The database whose folder this is; `None` for a name that [`directory_for`] never makes.
pub fn database_for(directory: &str) -> Option<BString> {
    let out = percent_decoded(directory)?;
    (!out.is_empty() && directory_for(&out) == directory).then(|| out.into())
}

/// `databases/<dir>/toc.dat`.
pub fn toc_member(directory: &str) -> String {
    format!("databases/{directory}/toc.dat")
}

/// `databases/<dir>/<dump id>.dat`, with `.zst` when compressed.
pub fn data_member(directory: &str, dump_id: i32, compressed: bool) -> String {
    let suffix = if compressed { ".zst" } else { "" };
    format!("databases/{directory}/{dump_id}.dat{suffix}")
}

/// Whether a member's content is a zstd frame.
pub fn is_compressed(member: &str) -> bool {
    member.ends_with(".zst")
}

/// The folder of a member below `databases/`.
pub fn directory_of(member: &str) -> Option<&str> {
    let (directory, _) = member.strip_prefix("databases/")?.split_once('/')?;
    Some(directory)
}

/// The dump id in the name of a data member.
pub fn dump_id_of(member: &str) -> Option<i32> {
    let (_, file) = member.rsplit_once('/')?;
    let stem = file.strip_suffix(".zst").unwrap_or(file);
    stem.strip_suffix(".dat")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_and_hostile_ones_are_tamed() {
        assert_eq!(directory_for(b"results201709"), "results201709");
        assert_eq!(directory_for(b"a.b-c_D"), "a.b-c_D");
        assert_eq!(directory_for(b".."), "%2E.");
        assert_eq!(directory_for(b"a/b c%"), "a%2Fb%20c%25");
        assert_eq!(directory_for("é\n".as_bytes()), "%C3%A9%0A");
        for not_ours in ["", ".", "a b", "%2e", "%4", "%zz", "%41", "%+1"] {
            assert_eq!(database_for(not_ours), None, "{not_ours}");
        }
    }

    #[test]
    fn members_tell_their_folder_and_their_dump_id() {
        let member = data_member("a%20b", 3412, true);
        assert_eq!(member, "databases/a%20b/3412.dat.zst");
        assert_eq!(directory_of(&member), Some("a%20b"));
        assert_eq!(dump_id_of(&member), Some(3412));
        assert_eq!(dump_id_of(&data_member("x", 7, false)), Some(7));
        assert_eq!(dump_id_of("databases/x/toc.dat"), None);
        assert_eq!(directory_of(GLOBALS_TOC), None);
    }

    proptest! {
        #[test]
        fn a_folder_leads_back_to_its_database(name in prop::collection::vec(1u8.., 1..64)) {
            let directory = directory_for(&name);
            prop_assert_eq!(database_for(&directory), Some(name.into()));
        }
    }
}

//! Upper bounds, far above what pg_dump writes, and small enough to keep a damaged or hostile file from
//! costing memory. A length is also never allowed to exceed the input itself.

/// Largest table of contents, in bytes: room for a million tables with their data, key and owner.
pub const MAX_TOC_BYTES: u64 = 2 << 30;

/// Longest text in a TOC: the server's own limit on a value (`MaxAllocSize`) is a byte less.
pub const MAX_TEXT_BYTES: u64 = 1 << 30;

/// Most entries in a TOC.
pub const MAX_ENTRIES: u64 = 50_000_000;

/// Most dependencies of one entry. An index depends on every chunk of its table.
pub const MAX_DEPENDENCIES: usize = 10_000_000;

/// Widest integer, in bytes, sign not counted; `ReadHead` draws the same line.
pub const MAX_INT_BYTES: u8 = 32;

/// Fewest bytes an entry takes: a sign and at least one byte for each of its integers and texts.
pub const MIN_ENTRY_BYTES: u64 = 30;

/// Longest name of a file of an archive: the limit of common file systems.
pub const MAX_FILE_NAME_BYTES: usize = 255;

/// Most large objects in one list of a directory or tar archive.
pub const MAX_LARGE_OBJECTS: usize = 20_000_000;

/// Most members of a tar archive: each large object is one.
pub const MAX_TAR_MEMBERS: usize = 20_000_000;

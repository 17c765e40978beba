//! How an object is written.

/// The treatment of an object that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Refuse at the beginning; at the end take another name.
    Never,
    /// Put the new one in its place.
    Existing,
}

/// How many parts an upload to S3 may have.
pub(super) const PARTS_MAX: u64 = 10_000;

/// The number of other names tried for a finished archive that cannot have its own.
pub(super) const OTHER_NAMES_MAX: usize = 1000;

/// How to write.
#[derive(Debug, Clone, Copy)]
pub struct UploadOptions {
    /// The size of every part but the last. Stores have a minimum (5 MiB).
    pub part_bytes: usize,
    /// How many parts the store takes: [`Upload::expect`] makes them larger where that is too few.
    pub parts_max: u64,
    /// How many parts may be under way at once; memory is bounded by both together.
    pub max_in_flight: usize,
    /// Whether the file and its folder are synced before and after it gets its name.
    pub sync: bool,
    /// The permissions of the file, exactly; without them only its owner may read and write it, as far as the
    /// umask allows.
    pub file_mode: Option<u32>,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            part_bytes: 8 << 20,
            parts_max: PARTS_MAX,
            max_in_flight: 2,
            sync: true,
            file_mode: None,
        }
    }
}

//! Writes the golden archives of the present format version. They are never written again.
//!
//! `tests/archives.rs` reads them; run this once after a change of the format's version.

use super::*;

#[tokio::test]
#[ignore = "writes fixtures/archives; only for a new version of the format"]
async fn write_golden_archives() {
    let version = crate::archive::FORMAT_VERSION;
    let root = env!("CARGO_MANIFEST_DIR");
    let folder = format!("{root}/fixtures/archives/v{version}");
    for (name, compression) in [("zstd", Compression::Zstd(1)), ("plain", Compression::None)] {
        let path = std::path::PathBuf::from(format!("{folder}/{name}.tar"));
        assert!(!path.exists(), "{} is never changed", path.display());
        let bytes = archive(&testing::small(compression)).await;
        std::fs::write(&path, bytes).unwrap_or_else(|e| panic!("{e}"));
    }
}

//! Any bytes as a file that `inspect` and `verify` are given, be it an archive of ours or of pg_dump's: no
//! panic, no endless loop, no more memory than the input justifies (`-rss_limit_mb`).
//!
//! Good inputs to begin with: `fixtures/archives/v1/*.tar`, `fixtures/pgdump/*/*.dump`.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use object_store::memory::InMemory;
use object_store::{ObjectStoreExt, path::Path};
use pgark::inspect::{Depth, InspectOptions, inspect};
use pgark::monitor::Monitor;
use pgark::storage::Store;
use pgark::verify::{Mode, VerifyOptions, render, verify};
use tokio::runtime::Runtime;

/// pg_dump's archives are read on a runtime of several threads only.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

fuzz_target!(|bytes: &[u8]| {
    RUNTIME.block_on(async {
        let objects = InMemory::new();
        let path = Path::from("archive");
        let put = objects.put(&path, bytes.to_vec().into()).await;
        put.expect("memory");
        let store = Store::over(Arc::new(objects), "archive").expect("a store");
        let depth = Depth::Contents;
        if let Ok(inspected) = inspect(&store, &InspectOptions { depth }, &Monitor::void()).await {
            let _ = (inspected.summary(), inspected.json(), inspected.list());
        }
        for mode in [Mode::Quick, Mode::Deep] {
            let options = VerifyOptions {
                mode,
                ..VerifyOptions::default()
            };
            if let Ok(outcome) = verify(&store, &options, &Monitor::void()).await {
                let _ = render::text(&outcome);
            }
        }
    });
});

//! A store in memory that counts requests and spoils answers as told.
//!
//! For tests of this layer and those above. The decorator is the one that the tests of the whole program
//! use.

#[path = "../../tests/support/faulty.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "part of it only the tests of the whole program use"
)]
mod decorator;

use std::sync::Arc;

use object_store::memory::InMemory;

use crate::storage::Store;

pub(crate) use decorator::{Call, Calls, Fault, Lasting};

/// A store in memory and its faults.
pub(crate) fn faulty() -> (Store, Arc<Calls>) {
    let (objects, calls) = decorator::over(Arc::new(InMemory::new()));
    let store = Store::over(objects, "snap.tar");
    (store.unwrap_or_else(|e| panic!("{e}")), calls)
}

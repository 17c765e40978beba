//! How long a store may take to be reached, and to say the next word.

use std::time::Duration;

/// How long a connection may take to come about.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be silent.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(60);

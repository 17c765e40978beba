//! Headings of `--help` that several commands share.

pub(super) const GENERAL: &str = "General options";

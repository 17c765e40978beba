//! Headings of `--help` that several commands share.

pub(crate) const GENERAL: &str = "General options";

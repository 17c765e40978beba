//! The one test binary: a line per topic.

mod connections;

// House rules: layers, prints, openings, lengths.
mod tidy;

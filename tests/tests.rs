//! The one test binary: a line per topic.

mod connections;

//! chosen

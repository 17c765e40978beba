//! What the user sees: results and errors, and in which colours.
//!
//! [`summary`] words outcomes, [`report`] errors and exit statuses.

pub(crate) mod colour;
pub(crate) mod metrics;
pub(crate) mod output;
pub(crate) mod report;
pub(crate) mod summary;
pub(crate) mod text;

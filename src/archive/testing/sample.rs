//! One table of a sample archive.

/// A table's rows as COPY text, one text for each chunk.
#[derive(Debug, Clone)]
pub(crate) struct SampleTable {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) chunks: Vec<Vec<u8>>,
}

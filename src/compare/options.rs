//! Which grants on what belongs to the whole server are compared.

use bstr::BString;

/// Tablespaces and parameters whose grants must be the archive's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SharedGrants {
    /// None.
    #[default]
    Nothing,
    /// All.
    All,
    /// All parameters and these tablespaces: a restore leaves others as they are.
    Tablespaces(Vec<BString>),
}

impl SharedGrants {
    pub(super) fn holds_tablespace(&self, name: &[u8]) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Tablespaces(names) => names.iter().any(|other| other == name),
        }
    }
}

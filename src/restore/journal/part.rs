//! The parts of an entry that are noted one by one.

/// A part of an entry, which is done in one transaction with its note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// One statement of its definition, by its position.
    Statement(i32),
    /// The rows of a data entry, or whatever its data is.
    Data,
    /// The drops of `--clean`.
    Dropped,
    /// ANALYZE of its table.
    Analyzed,
    /// A foreign key whose rows are not checked yet.
    Added,
}

impl Part {
    /// The statement at this position of a definition. No definition has so many that they cannot be counted.
    pub(crate) fn statement(position: usize) -> Self {
        Self::Statement(i32::try_from(position).unwrap_or(i32::MAX))
    }

    /// The code of the part in the journal's tables. Earlier versions wrote the same codes.
    pub(crate) fn code(self) -> i32 {
        match self {
            Self::Statement(position) => position,
            Self::Data => -1,
            Self::Dropped => -2,
            Self::Analyzed => -3,
            Self::Added => -4,
        }
    }

    /// The part that a journal means; none for a number of a version that knows more.
    pub(crate) fn of_code(code: i32) -> Option<Self> {
        match code {
            -1 => Some(Self::Data),
            -2 => Some(Self::Dropped),
            -3 => Some(Self::Analyzed),
            -4 => Some(Self::Added),
            position if position >= 0 => Some(Self::Statement(position)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_parts() {
        for part in [
            Part::Statement(0),
            Part::statement(7),
            Part::Data,
            Part::Dropped,
            Part::Analyzed,
            Part::Added,
        ] {
            assert_eq!(Part::of_code(part.code()), Some(part));
        }
        assert_eq!(Part::of_code(-5), None);
    }
}

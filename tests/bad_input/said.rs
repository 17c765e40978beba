//! What a failure says.

use crate::support::run::Finished;

/// The words of a failure: the message with its causes, and the hint.
pub(super) struct Said {
    pub(super) message: String,
    pub(super) hint: String,
}

impl Said {
    #[track_caller]
    pub(super) fn by(finished: &Finished) -> Self {
        let stderr = finished.stderr();
        let errors: Vec<&str> = stderr
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("pgark: notice: "))
            .collect();
        let stderr = errors.concat();
        let (message, hint) = stderr.split_once("hint: ").unwrap_or_else(|| {
            panic!("no hint\n{}", finished.describe());
        });
        let said = Self {
            message: message.to_owned(),
            hint: hint.trim_end().to_owned(),
        };
        let errors = message.matches("pgark: error: ").count();
        assert_eq!(errors, 1, "one message\n{}", finished.describe());
        assert!(said.message.starts_with("pgark: error: "), "{stderr}");
        assert!(said.hint.ends_with('.'), "a sentence: {}", said.hint);
        assert_eq!(finished.stdout(), "", "{}", finished.describe());
        said
    }

    #[track_caller]
    pub(super) fn message_has(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(
                self.message.contains(part),
                "no \"{part}\" in: {}",
                self.message
            );
        }
        self
    }

    #[track_caller]
    pub(super) fn hint_has(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.hint.contains(part), "no \"{part}\" in: {}", self.hint);
        }
        self
    }
}

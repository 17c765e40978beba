//! `~/.aws/config` and `~/.aws/credentials`: one profile's settings.
//!
//! Just the keys of a profile that an archive needs: keys, token, region, endpoint, addressing style. A
//! profile that gets its keys in another way (single sign-on, another role, a program) is refused with a
//! sentence of advice, instead of asking the machine for keys that the user did not mean. Format: AWS CLI
//! user guide, "Configuration and credential file settings".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use object_store::aws::AmazonS3ConfigKey;

use crate::storage::cloud::client::Surroundings;
use crate::storage::error::Error;

/// A file larger than this is no such file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Settings that say where keys come from, in ways that only the AWS tools know.
const OTHER_WAYS: [&str; 5] = [
    "sso_session",
    "sso_start_url",
    "role_arn",
    "credential_process",
    "source_profile",
];

/// One profile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    name: String,
    settings: BTreeMap<String, String>,
}

impl Profile {
    /// The profile that `AWS_PROFILE` names, or the default one if there is one.
    pub(super) fn find(surroundings: &Surroundings, location: &str) -> Result<Option<Self>, Error> {
        let named = surroundings.variable("AWS_PROFILE");
        let mut profile = Self {
            name: named.unwrap_or("default").to_owned(),
            settings: BTreeMap::new(),
        };
        let mut is_there = false;
        // A key in both files is taken from the credentials.
        for (variable, file) in [
            ("AWS_CONFIG_FILE", "config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ] {
            let given = surroundings.variable(variable).map(PathBuf::from);
            let home = surroundings.home.as_ref();
            let path = given.or_else(|| Some(home?.join(".aws").join(file)));
            let Some(text) = path.and_then(|path| read(&path)) else {
                continue;
            };
            is_there |= profile.add(&text);
        }
        match (is_there, named) {
            (true, _) => Ok(Some(profile)),
            (false, None) => Ok(None),
            (false, Some(name)) => Err(Error::NoProfile {
                location: location.to_owned(),
                profile: name.to_owned(),
            }),
        }
    }

    /// Adds what a file says of this profile. Returns whether it says anything.
    fn add(&mut self, text: &str) -> bool {
        let mut is_ours = false;
        let mut is_there = false;
        for line in text.lines() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if let Some(section) = trimmed.strip_prefix('[').and_then(|s| s.split(']').next()) {
                let section = section.trim();
                let name = section.strip_prefix("profile ").unwrap_or(section);
                is_ours = name.trim() == self.name;
                is_there |= is_ours;
            } else if let Some((name, value)) = trimmed.split_once('=').filter(|_| is_ours) {
                // Indented lines belong to a nested setting, such as `s3 =`; their names are their own.
                let name = name.trim().to_ascii_lowercase();
                self.settings.insert(name, value.trim().to_owned());
            }
        }
        is_there
    }

    /// Its settings for `object_store`. `has_key` says that the environment has the keys.
    pub(super) fn settings(
        &self,
        has_key: bool,
        location: &str,
    ) -> Result<Vec<(AmazonS3ConfigKey, String)>, Error> {
        let has = |name: &&&str| self.settings.contains_key(**name);
        if !has_key
            && !self.settings.contains_key("aws_access_key_id")
            && let Some(way) = OTHER_WAYS.iter().find(has)
        {
            return Err(Error::ProfileKeys {
                location: location.to_owned(),
                profile: self.name.clone(),
                setting: (*way).to_owned(),
            });
        }
        let mut keys = vec![
            ("region", AmazonS3ConfigKey::Region),
            ("endpoint_url", AmazonS3ConfigKey::Endpoint),
        ];
        if !has_key {
            keys.extend([
                ("aws_access_key_id", AmazonS3ConfigKey::AccessKeyId),
                ("aws_secret_access_key", AmazonS3ConfigKey::SecretAccessKey),
                ("aws_session_token", AmazonS3ConfigKey::Token),
            ]);
        }
        let named = keys.into_iter();
        let mut found: Vec<(AmazonS3ConfigKey, String)> = named
            .filter_map(|(name, key)| Some((key, self.settings.get(name)?.clone())))
            .collect();
        if self.settings.get("addressing_style").map(String::as_str) == Some("virtual") {
            let key = AmazonS3ConfigKey::VirtualHostedStyleRequest;
            found.push((key, "true".to_owned()));
        }
        Ok(found)
    }
}

/// A file that is not there or cannot be read says nothing, as with the AWS tools.
fn read(path: &Path) -> Option<String> {
    let is_small = std::fs::metadata(path).ok()?.len() <= FILE_BYTES_MAX;
    is_small
        .then(|| std::fs::read_to_string(path).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str, texts: &[&str]) -> Profile {
        let mut profile = Profile {
            name: name.to_owned(),
            ..Profile::default()
        };
        for text in texts {
            profile.add(text);
        }
        profile
    }

    const CONFIG: &str = "# mine\n[default]\nregion = eu-west-1\n\n[profile backup]\nregion=eu-central-1\n\
                          s3 =\n    addressing_style = virtual\nendpoint_url = https://s3.example\n";
    const CREDENTIALS: &str = "[default]\naws_access_key_id = A\naws_secret_access_key = a=b\n[backup]\n\
                               aws_access_key_id = B\naws_secret_access_key = c\naws_session_token = t\n";

    #[test]
    fn a_profile_is_put_together_from_both_files() {
        let found = profile("backup", &[CONFIG, CREDENTIALS]).settings(false, "x");
        let found = found.unwrap_or_else(|e| panic!("{e}"));
        let text = |key| {
            let named = found.iter().find(|(found, _)| *found == key);
            named.map(|(_, value)| value.as_str())
        };
        assert_eq!(text(AmazonS3ConfigKey::Region), Some("eu-central-1"));
        assert_eq!(text(AmazonS3ConfigKey::AccessKeyId), Some("B"));
        assert_eq!(text(AmazonS3ConfigKey::Token), Some("t"));
        assert_eq!(
            text(AmazonS3ConfigKey::Endpoint),
            Some("https://s3.example")
        );
        assert_eq!(
            text(AmazonS3ConfigKey::VirtualHostedStyleRequest),
            Some("true")
        );
        let default = profile("default", &[CONFIG, CREDENTIALS]);
        assert_eq!(default.settings["aws_secret_access_key"], "a=b");
    }

    #[test]
    fn keys_of_the_environment_come_alone() {
        let found = profile("backup", &[CONFIG, CREDENTIALS]).settings(true, "x");
        let found = found.unwrap_or_else(|e| panic!("{e}"));
        assert!(
            found
                .iter()
                .all(|(key, _)| *key != AmazonS3ConfigKey::Token)
        );
    }

    #[test]
    fn keys_that_come_in_other_ways_are_refused() {
        let sso = profile("p", &["[profile p]\nsso_session = corp\n"]);
        let error = sso.settings(false, "s3://b/k").err();
        assert!(matches!(error, Some(Error::ProfileKeys { .. })));
        assert!(sso.settings(true, "s3://b/k").is_ok());
    }
}

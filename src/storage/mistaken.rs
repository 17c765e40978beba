//! Locations that are almost right: a URL with a slash too few, a file of another host. Pure.

use crate::storage::given::scheme_of;

/// The schemes of the stores that there are.
const SCHEMES: [&str; 6] = ["s3", "gs", "az", "https", "http", "file"];
/// Other names for them, as other programs have them.
const OTHER_SCHEMES: [(&str, &[&str]); 3] = [
    ("gs", &["gcs"]),
    ("az", &["azure", "azblob", "abfs", "abfss", "wasb", "wasbs"]),
    ("s3", &["s3a", "s3n", "minio", "r2", "b2", "wasabi"]),
];
/// Schemes that lead to files of other hosts.
const SHELLS: [&str; 5] = ["ssh", "sftp", "scp", "rsync", "ftp"];

/// The URL that was meant by one without its two slashes: `s3:/bucket/name`, `s3:bucket/name`.
pub(super) fn meant(location: &str) -> Option<String> {
    if scheme_of(location).is_some() {
        return None;
    }
    let (scheme, rest) = location.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.trim_start_matches('/');
    match SCHEMES.contains(&scheme.as_str()) && !rest.is_empty() {
        true if scheme == "file" => Some(format!("file:///{rest}")),
        true => Some(format!("{scheme}://{rest}")),
        false => None,
    }
}

/// The host and the path of `host:/path` and `user@host:path`, as scp and rsync have them.
pub(super) fn on_another_host(location: &str) -> Option<(&str, &str)> {
    let (host, path) = location.split_once(':')?;
    let name = host.rsplit('@').next().unwrap_or(host);
    let is_host = name.len() > 1
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    (is_host && !path.is_empty()).then_some((host, path))
}

/// The advice about a file of another host.
pub(super) fn through_ssh(host: &str, path: &str) -> String {
    format!(
        "Through ssh: pgark dump .. -f - | ssh {host} 'cat > {path}', and ssh {host} 'cat {path}' | pgark verify -. \
         Restore and inspect read by ranges and need the file here."
    )
}

/// The advice about an unknown scheme.
pub(super) fn instead_of(scheme: &str) -> Option<String> {
    let scheme = scheme.to_ascii_lowercase();
    if SHELLS.contains(&scheme.as_str()) {
        return Some(through_ssh("HOST", "PATH"));
    }
    let mut others = OTHER_SCHEMES.iter();
    let known = others.find(|(_, names)| names.contains(&scheme.as_str()));
    let known = known.map(|(known, _)| *known);
    let lower = SCHEMES.into_iter().find(|known| *known == scheme);
    let known = known.or(lower)?;
    Some(match known {
        "s3" => {
            "Write it as s3://BUCKET/NAME; AWS_ENDPOINT_URL names a store that is not Amazon's."
                .to_owned()
        }
        known => format!("Write it as {known}://, in small letters."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_too_few_is_told_from_another_host() {
        for (given, expected) in [
            ("s3:/b/x", Some("s3://b/x")),
            ("s3:b/x", Some("s3://b/x")),
            ("S3:/b/x", Some("s3://b/x")),
            ("https:/host/x", Some("https://host/x")),
            ("file:/a/x", Some("file:///a/x")),
            ("s3://b/x", None),
            ("s3:", None),
            ("host:/a", None),
            ("/a/s3:/x", None),
        ] {
            assert_eq!(meant(given).as_deref(), expected, "{given}");
        }
        for (given, expected) in [
            ("host:/a/x.tar", Some(("host", "/a/x.tar"))),
            (
                "joe@backup.example:x.tar",
                Some(("joe@backup.example", "x.tar")),
            ),
            ("./host:/a", None),
            ("c:/a", None),
            ("a b:x", None),
            ("host:", None),
            ("plain", None),
        ] {
            assert_eq!(on_another_host(given), expected, "{given}");
        }
        assert!(instead_of("sftp").is_some_and(|text| text.contains("ssh HOST")));
        assert!(instead_of("gcs").is_some_and(|text| text.contains("gs://")));
        assert_eq!(instead_of("gopher"), None);
    }
}

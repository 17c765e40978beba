//! Why an object store refuses a request, in our words.
//!
//! S3 and its kin answer with a code and a message in XML, Azure too; `object_store` passes that on as text
//! in its errors. The codes are those of "Error responses" in the S3 API reference; Garage says most of it in
//! its messages only. The answer itself is never shown: it may repeat a session token.

use std::fmt;

/// More of a store's message than this is not shown.
const MESSAGE_CHARS_MAX: usize = 300;

/// A refusal that the user can do something about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The store does not know the access key.
    Key,
    /// The signature is wrong, and so the secret key that it was made with.
    Secret,
    /// The session token has expired or is another key's.
    Token,
    /// There is no such bucket.
    Bucket,
    /// The bucket is in another region: which, where the store says it.
    Region(Option<String>),
    /// The clocks are too far apart.
    Clock,
    /// Nobody gave credentials, and neither does this machine.
    NoCredentials,
    /// The store sends requests on to this host.
    Redirect(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "the store does not know this access key",
            Self::Secret => "the store says that the secret key does not fit the access key",
            Self::Token => "the session token has expired or is not valid",
            Self::Bucket => "there is no such bucket",
            Self::Region(None) => "the bucket is in another region",
            Self::Region(Some(region)) => {
                return write!(f, "the region of the bucket is {region}");
            }
            Self::Clock => "this machine's clock and the store's are too far apart",
            Self::NoCredentials => "there are no credentials for the store",
            Self::Redirect(host) => {
                return write!(
                    f,
                    "the store sends requests on to {host}, which get no credentials there"
                );
            }
        })
    }
}

impl Refusal {
    /// The refusal in the text of an error of `object_store`.
    pub(super) fn of(text: &str) -> Option<Self> {
        let answer = Answer::of(text);
        let says = |words: &str| answer.message.contains(words);
        Some(match answer.code.as_str() {
            "InvalidAccessKeyId" | "NotSignedUp" => Self::Key,
            "AccessDenied" if says("No such key") => Self::Key,
            "SignatureDoesNotMatch" | "AuthenticationFailed" => Self::Secret,
            "AccessDenied" if says("Invalid signature") => Self::Secret,
            "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => Self::Token,
            "NoSuchBucket" | "ContainerNotFound" => Self::Bucket,
            "RequestTimeTooSkewed" => Self::Clock,
            "InvalidRequest" if says("Date is too old") => Self::Clock,
            "AuthorizationHeaderMalformed" => return answer.wrong_scope(),
            "PermanentRedirect" | "IllegalLocationConstraintException" => Self::Region(None),
            // A redirection without a place to go, as `object_store` puts it.
            "" if text.contains("incorrectly configured region") => Self::Region(None),
            "" if text.contains("/latest/api/token") => Self::NoCredentials,
            _ => return None,
        })
    }

    /// What the user can do about it.
    pub(super) fn hint(&self, location: &str) -> String {
        let text = match self {
            Self::Key | Self::Secret | Self::Token => {
                return format!(
                    "Check {}, and that the endpoint is the store that they belong to.",
                    credentials(location)
                );
            }
            Self::Bucket => {
                "Check the bucket in the URL and the endpoint that the environment names. pgark creates no buckets."
            }
            Self::Region(None) => "Set AWS_REGION to the region of the bucket.",
            Self::Region(Some(region)) => return format!("Set AWS_REGION={region}."),
            Self::Clock => "Set this machine's clock; requests are signed with the time.",
            Self::NoCredentials => {
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE for a profile of ~/.aws. This \
                 machine was asked for credentials of its own and has none."
            }
            Self::Redirect(_) => {
                "No redirection is followed with credentials. Name the endpoint and the region that the bucket is in \
                 (for S3: AWS_ENDPOINT_URL, AWS_REGION)."
            }
        };
        text.to_owned()
    }
}

/// Where the credentials for a location come from.
pub(super) fn credentials(location: &str) -> &'static str {
    match location.split("://").next() {
        Some("s3") => {
            "the credentials in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), which \
             come first, or in ~/.aws (AWS_PROFILE)"
        }
        Some("gs") => "the credentials (GOOGLE_APPLICATION_CREDENTIALS, or those of gcloud)",
        Some("az") => "the credentials (AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY)",
        _ => "the URL and its signature",
    }
}

/// A store's answer to a request that it refused.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    code: String,
    message: String,
    /// Only where another is meant than was given.
    region: Option<String>,
}

impl Answer {
    fn of(text: &str) -> Self {
        Self {
            code: element(text, "Code").unwrap_or_default(),
            message: element(text, "Message").unwrap_or_default(),
            region: element(text, "Region"),
        }
    }

    /// A request is signed for a day and a region. Garage's message names both sides:
    /// `unexpected scope: 'DAY/REGION/s3/aws4_request', expected: 'DAY/REGION/s3/aws4_request'`.
    fn wrong_scope(&self) -> Option<Refusal> {
        if let Some(region) = &self.region {
            return Some(Refusal::Region(Some(region.clone())));
        }
        let mut scopes = self.message.split('\'').skip(1).step_by(2);
        let (given, expected) = (scopes.next()?, scopes.next()?);
        let (mut given, mut expected) = (given.split('/'), expected.split('/'));
        let (day, day_expected) = (given.next()?, expected.next()?);
        let (region, region_expected) = (given.next()?, expected.next()?);
        if region != region_expected {
            return Some(Refusal::Region(Some(region_expected.to_owned())));
        }
        (day != day_expected).then_some(Refusal::Clock)
    }
}

/// The store's own words in the text of an error; none if it has none.
pub(super) fn words(text: &str) -> Option<String> {
    let Answer { code, message, .. } = Answer::of(text);
    match (code.is_empty(), message.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("the store says {code}")),
        _ => Some(format!("the store says {code}: {message}")),
    }
}

/// The text of an XML element, as much of it as can be shown.
fn element(text: &str, name: &str) -> Option<String> {
    let begin = text.split_once(&format!("<{name}>"))?.1;
    let content = begin.split_once(&format!("</{name}>"))?.0;
    let shown = content
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let shown = shown.chars().take(MESSAGE_CHARS_MAX);
    let shown = shown.map(|c| if c.is_control() { ' ' } else { c });
    Some(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: &str, message: &str, more: &str) -> String {
        format!(
            "Generic S3 error: Error performing GET http://host/bucket/key in 2ms - Server returned non-2xx status \
             code: 400 Bad Request: <?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message>\
             {more}</Error>"
        )
    }

    #[test]
    fn amazons_answers_are_understood() {
        let cases = [
            ("InvalidAccessKeyId", "", Refusal::Key),
            ("SignatureDoesNotMatch", "", Refusal::Secret),
            ("ExpiredToken", "", Refusal::Token),
            ("NoSuchBucket", "", Refusal::Bucket),
            ("RequestTimeTooSkewed", "", Refusal::Clock),
            ("PermanentRedirect", "", Refusal::Region(None)),
            (
                "AuthorizationHeaderMalformed",
                "<Region>eu-west-1</Region>",
                Refusal::Region(Some("eu-west-1".to_owned())),
            ),
        ];
        for (code, more, expected) in cases {
            let found = Refusal::of(&answer(code, "words", more));
            assert_eq!(found, Some(expected), "{code}");
        }
        for other in ["AccessDenied", "NoSuchKey", "AuthorizationHeaderMalformed"] {
            assert_eq!(Refusal::of(&answer(other, "words", "")), None, "{other}");
        }
        let metadata = "Error performing PUT http://169.254.169.254/latest/api/token in 3s";
        assert_eq!(Refusal::of(metadata), Some(Refusal::NoCredentials));
        assert_eq!(Refusal::of("connection reset"), None);
    }

    #[test]
    fn garages_answers_are_understood() {
        let scope = |day: &str, region: &str| {
            format!(
                "unexpected scope: '{day}/{region}/s3/aws4_request', expected: '20260102/garage/s3/aws4_request'"
            )
        };
        let malformed = "AuthorizationHeaderMalformed";
        let cases = [
            ("AccessDenied", "Forbidden: No such key: GK12", Refusal::Key),
            (
                "AccessDenied",
                "Forbidden: Invalid signature",
                Refusal::Secret,
            ),
            (
                "InvalidRequest",
                "Bad request: Date is too old",
                Refusal::Clock,
            ),
            (malformed, &scope("20260101", "garage"), Refusal::Clock),
            (
                malformed,
                &scope("20260102", "eu"),
                Refusal::Region(Some("garage".to_owned())),
            ),
        ];
        for (code, message, expected) in cases {
            let escaped = message.replace('\'', "&apos;");
            let found = Refusal::of(&answer(code, &escaped, ""));
            assert_eq!(found, Some(expected), "{message}");
        }
    }

    #[test]
    fn a_token_in_an_answer_is_not_shown() {
        let token = "<Token-0>AQoDYXdzEPT</Token-0>";
        let shown = words(&answer("InvalidToken", "not\nvalid &amp; old", token));
        assert_eq!(
            shown.as_deref(),
            Some("the store says InvalidToken: not valid & old")
        );
        assert_eq!(words("connection reset"), None);
    }
}

//! The faults of an object, as sentences that name it.
//!
//! `object_store` knows "not found" and "already exists" and leaves the rest generic; on local disk the
//! operating system's own error is found in the chain of sources. That alone is kept as the source of
//! ours: each error of `object_store` repeats the text of those below it.

use std::error::Error as StdError;
use std::io;

use object_store::client::{HttpError, HttpErrorKind};

use super::given::redacted;
use super::mistaken;
use super::refusal::{self, Refusal};
use crate::monitor::units::counted;
use crate::storage::cloud::redirected::Redirected;

/// A storage failure. The location in it is the one the user gave.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// The object does not exist.
    #[error("\"{location}\" does not exist")]
    NotFound { location: String },
    /// The folder that should hold the file does not exist.
    #[error("the folder of \"{location}\" cannot be used")]
    Folder {
        location: String,
        #[source]
        source: io::Error,
    },
    /// An object has the name already.
    #[error("\"{location}\" exists already")]
    AlreadyExists { location: String },
    /// Another process writes an archive of this name.
    #[error("\"{location}\" is being written by another dump: {writer}")]
    BeingWritten {
        location: String,
        writer: String,
        partial: String,
    },
    /// Something got the name in a store, after the first of several parts was sent under it.
    #[error("\"{location}\" appeared while it was being written, and is left as it is")]
    Appeared { location: String },
    /// A folder, a device, a pipe, a symbolic link that leads nowhere.
    #[error("\"{location}\" is not a regular file but {kind}")]
    NotAFile {
        location: String,
        kind: &'static str,
    },
    /// The operating system or the store refuses.
    #[error("no permission to {doing} \"{location}\"")]
    Permission {
        doing: &'static str,
        location: String,
        #[source]
        source: io::Error,
    },
    /// The store refuses, for a reason that it says.
    #[error("\"{location}\": {refusal}")]
    Refused { location: String, refusal: Refusal },
    /// There is no connection to the store.
    #[error("cannot {doing} \"{location}\": no connection to the store")]
    Unreachable {
        doing: &'static str,
        location: String,
        #[source]
        source: io::Error,
    },
    /// The disk or a quota is full.
    #[error("no space left to {doing} \"{location}\"")]
    NoSpace {
        doing: &'static str,
        location: String,
        #[source]
        source: io::Error,
    },
    /// A location that names no file.
    #[error("\"{location}\" cannot be the name of an archive")]
    Name {
        location: String,
        #[source]
        source: io::Error,
    },
    /// A URL of a store without a bucket or without a name in it.
    #[error("\"{location}\" names no object: it takes {scheme}://BUCKET/NAME")]
    BucketUrl { location: String, scheme: String },
    /// An HTTPS URL that cannot be used.
    #[error("\"{location}\" cannot be used: {why}")]
    WebUrl { location: String, why: String },
    /// A location that takes no archive.
    #[error(
        "\"{location}\" can only be read: archives are written to s3://, gs://, az:// and files"
    )]
    ReadOnly { location: String },
    /// `AWS_CA_BUNDLE` names something that holds no certificates.
    #[error("\"{location}\": the certificates in \"{file}\" (AWS_CA_BUNDLE) cannot be used")]
    Certificates {
        location: String,
        file: String,
        #[source]
        source: io::Error,
    },
    /// The files of the AWS tools do not have the profile that `AWS_PROFILE` names.
    #[error(
        "\"{location}\": there is no profile \"{profile}\" (AWS_PROFILE) in ~/.aws/config or ~/.aws/credentials"
    )]
    NoProfile { location: String, profile: String },
    /// The profile gets its keys in a way that only the AWS tools know.
    #[error(
        "\"{location}\": profile \"{profile}\" gets its keys by {setting}, which pgark does not do"
    )]
    ProfileKeys {
        location: String,
        profile: String,
        setting: String,
    },
    /// The object is another one than at the beginning.
    #[error("\"{location}\" was replaced while it was being read")]
    Changed { location: String },
    /// The store holds another size than was written.
    #[error("\"{location}\": {} written, and the store holds {stored}", counted(*written, "byte", "bytes"))]
    Stored {
        location: String,
        written: u64,
        stored: u64,
    },
    /// An upload was given up, and the store did not say that its parts are gone.
    #[error("parts of the unfinished upload of \"{location}\" may still be in the store")]
    PartsLeft {
        location: String,
        #[source]
        source: io::Error,
    },
    /// More parts than the store takes.
    #[error("\"{location}\" takes more than {parts_max} parts of {part_bytes} bytes")]
    TooManyParts {
        location: String,
        parts_max: u64,
        part_bytes: u64,
    },
    /// A URL of a scheme that this version does not speak.
    #[error("\"{location}\": {scheme}:// is not supported by this version")]
    Scheme { location: String, scheme: String },
    /// A URL with a slash too few.
    #[error("\"{location}\" is no file here, and no URL")]
    AlmostUrl { location: String, meant: String },
    /// A file as scp names it.
    #[error("\"{location}\" is on another host, where pgark reads and writes no files")]
    OtherHost {
        location: String,
        host: String,
        path: String,
    },
    /// A `file://` URL of another host, or with a broken escape.
    #[error("\"{location}\" is not a URL of a file on this machine")]
    FileUrl { location: String },
    /// The object ends before the range that was asked for.
    #[error("\"{location}\" ends before byte {end} (reading from byte {start})")]
    Short {
        location: String,
        start: u64,
        end: u64,
    },
    /// One read would be larger than [`READ_BYTES_MAX`](super::READ_BYTES_MAX).
    #[error("one read of {} from \"{location}\" is more than any archive needs", counted(*bytes, "byte", "bytes"))]
    ReadTooLarge { location: String, bytes: u64 },
    /// The reader of the pipe is gone, or what the output leads to is full.
    #[error("cannot write to standard output")]
    PipeWrite {
        #[source]
        source: io::Error,
    },
    /// The pipe cannot be read.
    #[error("cannot read standard input")]
    PipeRead {
        #[source]
        source: io::Error,
    },
    /// Everything else.
    #[error("cannot {doing} \"{location}\"")]
    Other {
        doing: &'static str,
        location: String,
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        self.hint_of_location().or_else(|| self.hint_of_store())
    }

    /// The probable meaning of a location that is almost right.
    fn hint_of_location(&self) -> Option<String> {
        match self {
            Self::AlmostUrl { meant, .. } => Some(format!("Did you mean {meant}?")),
            Self::OtherHost { host, path, .. } => Some(mistaken::through_ssh(host, path)),
            Self::Scheme { scheme, .. } => mistaken::instead_of(scheme),
            _ => None,
        }
    }

    fn hint_of_store(&self) -> Option<String> {
        let text = match self {
            Self::NotFound { location } | Self::Permission { location, .. }
                if location.starts_with("http") =>
            {
                "Check the URL. One that was signed is for reading (GET), for this object and for a time."
            }
            Self::NotFound { location } if location.contains("://") => {
                "Check the bucket, the name in it, and the endpoint that the environment names."
            }
            Self::Permission { location, .. } if location.contains("://") => {
                let credentials = refusal::credentials(location);
                return Some(format!(
                    "Check {credentials}, and their rights: reading, writing and listing."
                ));
            }
            Self::Refused { location, refusal } => return Some(refusal.hint(location)),
            Self::Unreachable { location, .. } if location.starts_with("s3://") => {
                "Check the endpoint (AWS_ENDPOINT_URL, or else Amazon's in AWS_REGION), and whether this machine may \
                 reach it."
            }
            Self::Unreachable { .. } => "Check whether this machine may reach the store.",
            Self::AlreadyExists { .. } => {
                "Choose another name, or say --force to replace the existing file."
            }
            Self::BeingWritten { partial, .. } => {
                return Some(format!(
                    "Wait for its end, or choose another name. Its bytes so far are in {partial}."
                ));
            }
            Self::Appeared { .. } => {
                "Dump again under another name: a store cannot give parts that it has another one."
            }
            Self::NotFound { .. } => "Check the path; it is relative to the current folder.",
            Self::Folder { .. } => {
                "Create the folder first; none is created, so that an archive \
                 never lands beside a disk that is not mounted."
            }
            Self::NoSpace { .. } => {
                "Nothing was left behind. Free some space, or write the archive to another disk."
            }
            Self::NotAFile {
                kind: "a folder", ..
            } => "Name a file in it, for instance with /snap.tar at the end.",
            Self::NotAFile { .. } => {
                "An archive is written beside its place and then renamed, which takes a regular file."
            }
            Self::Permission { .. } => {
                "Ask for the permission, run as a user who has it, or choose another folder."
            }
            Self::Scheme { .. } => {
                "Use a path or a URL of file://, s3://, gs://, az:// or https://."
            }
            Self::ProfileKeys { profile, .. } => {
                return Some(format!(
                    "Run eval \"$(aws configure export-credentials --profile {profile} --format env)\" first."
                ));
            }
            Self::Changed { .. } => "Begin again, with the object that is there now.",
            Self::Stored { .. } => "Do not trust the object; dump again.",
            Self::PipeWrite { .. } => {
                "The bytes written so far are no archive: they have no end, and verify says so."
            }
            Self::TooManyParts { .. } => "Choose larger parts with --part-size.",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// The error of an operation, by what the store or the operating system said.
pub(super) fn of(doing: &'static str, location: &str, error: object_store::Error) -> Error {
    let location = location.to_owned();
    let redirected = find::<Redirected>(&error).map(|to| Refusal::Redirect(to.host.clone()));
    if let Some(refusal) = redirected.or_else(|| Refusal::of(&error.to_string())) {
        return Error::Refused { location, refusal };
    }
    let refused = match error {
        object_store::Error::NotFound { .. } => return Error::NotFound { location },
        object_store::Error::AlreadyExists { .. } => return Error::AlreadyExists { location },
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => true,
        _ => false,
    };
    let source = cause(&error);
    if is_unreachable(&error) {
        return Error::Unreachable {
            doing,
            location,
            source,
        };
    }
    match of_io(doing, &location, source) {
        Error::Other { source, .. } if refused => Error::Permission {
            doing,
            location,
            source,
        },
        error => error,
    }
}

/// The error of an operation on a local file.
pub(super) fn of_io(doing: &'static str, location: &str, source: io::Error) -> Error {
    let location = location.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Error::Permission {
            doing,
            location,
            source,
        },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Error::NoSpace {
                doing,
                location,
                source,
            }
        }
        io::ErrorKind::AlreadyExists => Error::AlreadyExists { location },
        _ => Error::Other {
            doing,
            location,
            source,
        },
    }
}

/// The same for a read: a range past the end has no variant of its own in `object_store`, and no
/// error of the operating system beneath it.
pub(super) fn of_read(location: &str, error: object_store::Error, short: Error) -> Error {
    let is_generic = matches!(error, object_store::Error::Generic { .. });
    if is_generic && find::<io::Error>(&error).is_none() {
        return short;
    }
    of("read", location, error)
}

/// A name that `object_store` does not take.
pub(super) fn of_name(location: &str, error: &object_store::Error) -> Error {
    Error::Name {
        location: location.to_owned(),
        source: cause(error),
    }
}

/// The operating system's error again, or what the store says.
pub(super) fn cause(error: &object_store::Error) -> io::Error {
    match find::<io::Error>(error) {
        None => {
            let text = error.to_string();
            // It may name the endpoint with the user and the password that belong to it.
            io::Error::other(refusal::words(&text).unwrap_or_else(|| redacted(&text)))
        }
        Some(found) => match found.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(found.kind(), found.to_string()),
        },
    }
}

/// Whether no connection to the store came about.
pub(super) fn is_unreachable(error: &object_store::Error) -> bool {
    let kind = find::<HttpError>(error).map(HttpError::kind);
    kind == Some(HttpErrorKind::Connect)
}

/// The error of this type among the causes.
fn find<E: StdError + 'static>(error: &object_store::Error) -> Option<&E> {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

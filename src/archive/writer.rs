//! Members in, one archive out. It alone knows offsets.
//!
//! [`ArchiveWriter::publish`] is the only commit point: without it nothing appears under the archive's
//! name. tar-rs's own `Builder` is not used, because it ends the archive properly when it is dropped,
//! also after an error.

use bytes::Bytes;

use crate::digest::Sha256;
use crate::storage::Sink;

use super::FORMAT_VERSION;
use super::error::Error;
use super::layout;
use super::manifest::{Manifest, Member};
use super::names;
use super::trailer::{Extent, Trailer};

const README_TEXT: &str = include_str!("README.txt");
static ZEROS: [u8; layout::END_BYTES as usize] = [0; layout::END_BYTES as usize];

/// An archive under way.
pub struct ArchiveWriter {
    sink: Sink,
    created_unix: i64,
    position: u64,
    members: Vec<Member>,
}

/// What a finished archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The SHA-256 of manifest.json, which pins every byte of the archive.
    pub digest: Sha256,
    /// The size of the file.
    pub bytes: u64,
    /// Where it is, if that is not where it was to be: something had appeared there.
    pub elsewhere: Option<String>,
}

impl ArchiveWriter {
    /// Begins an archive with its README.txt. `created_unix` dates every tar header.
    pub async fn create(sink: impl Into<Sink>, created_unix: i64) -> Result<Self, Error> {
        let mut writer = Self {
            sink: sink.into(),
            created_unix,
            position: 0,
            members: Vec::new(),
        };
        let readme = Bytes::from_static(README_TEXT.as_bytes());
        let sha256 = Sha256::of(&readme);
        match writer.append(names::README, readme, sha256, None).await {
            Ok(()) => Ok(writer),
            Err(error) => Err(writer.give_up(error).await),
        }
    }

    /// Adds a member. `raw_bytes` is the decoded size of data, with its end marker. After an error
    /// only [`abort`](Self::abort) makes sense.
    pub async fn append(
        &mut self,
        name: &str,
        content: impl Into<Bytes>,
        sha256: Sha256,
        raw_bytes: Option<u64>,
    ) -> Result<(), Error> {
        let content = content.into();
        let size = content.len() as u64;
        let offset = self.write_member(name, content).await?;
        self.members.push(Member {
            name: name.to_owned(),
            offset,
            size,
            sha256,
            raw_bytes,
        });
        Ok(())
    }

    /// About how large the archive is going to be: see [`Sink::expect`].
    pub fn expect(&mut self, bytes: u64) {
        self.sink.expect(bytes);
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.position
    }

    /// Ends and publishes the archive. After an error nothing is left behind.
    pub async fn finish(mut self, manifest: Manifest) -> Result<Finished, Error> {
        match self.end(manifest).await {
            Ok(digest) => self.publish(digest).await,
            Err(error) => Err(self.give_up(error).await),
        }
    }

    /// Gives the archive its name. `digest` is the result of [`end`](Self::end).
    pub async fn publish(self, digest: Sha256) -> Result<Finished, Error> {
        let bytes = self.position;
        let published = self.sink.finish().await?;
        Ok(Finished {
            digest,
            bytes,
            elsewhere: published.elsewhere,
        })
    }

    /// Removes everything written so far.
    pub async fn abort(self) -> Result<(), Error> {
        Ok(self.sink.abort().await?)
    }

    /// Aborts; the error that led here is the one to report.
    async fn give_up(self, error: Error) -> Error {
        let _ = self.sink.abort().await;
        error
    }

    /// Completes the manifest with format, date and members, and writes it, the sums and the trailer. Returns
    /// the archive's digest, to [`publish`](Self::publish) it; after an error, or when it is given up,
    /// [`abort`](Self::abort) is next.
    pub async fn end(&mut self, mut manifest: Manifest) -> Result<Sha256, Error> {
        refuse_repeated_names(&self.members)?;
        manifest.format = FORMAT_VERSION;
        manifest.created_unix = self.created_unix;
        manifest.members = std::mem::take(&mut self.members);
        let json = manifest.to_json();
        let json = json.map_err(|source| Error::Manifest { source })?;
        let digest = Sha256::of(&json);
        let sums = layout::sums(&manifest.members, digest);
        drop(manifest);
        let trailer = Trailer {
            format: FORMAT_VERSION,
            manifest: self.write_pinned(names::MANIFEST, json).await?,
            sums: self.write_pinned(names::SUMS, sums.into_bytes()).await?,
        };
        let trailer = trailer.to_bytes().ok_or_else(|| Error::TooLarge {
            member: names::TRAILER.to_owned(),
            bytes: self.position,
        })?;
        self.write_member(names::TRAILER, trailer.into()).await?;
        self.write(Bytes::from_static(&ZEROS)).await?;
        Ok(digest)
    }

    async fn write_pinned(&mut self, name: &str, content: Vec<u8>) -> Result<Extent, Error> {
        let sha256 = Sha256::of(&content);
        let size = content.len() as u64;
        let offset = self.write_member(name, content.into()).await?;
        Ok(Extent {
            offset,
            size,
            sha256,
        })
    }

    /// Header, content, padding; returns where the content begins.
    async fn write_member(&mut self, name: &str, content: Bytes) -> Result<u64, Error> {
        if name.is_empty() {
            return Err(Error::MemberName {
                member: name.to_owned(),
            });
        }
        let size = content.len() as u64;
        let header = layout::header(name, size, self.created_unix)?;
        self.write(header.into()).await?;
        let offset = self.position;
        self.write(content).await?;
        let padding = layout::padding(size);
        self.write(Bytes::from_static(&ZEROS[..padding])).await?;
        Ok(offset)
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.position += bytes.len() as u64;
        Ok(self.sink.write(bytes).await?)
    }
}

/// A tar may hold a name twice; the second would hide the first when it is unpacked.
fn refuse_repeated_names(members: &[Member]) -> Result<(), Error> {
    let mut names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    names.extend([names::MANIFEST, names::SUMS, names::TRAILER]);
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::MemberName {
            member: pair[0].to_owned(),
        }),
        None => Ok(()),
    }
}

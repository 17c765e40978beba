//! Messages to the server, built into a buffer.
//!
//! Statements, names and parameters are bytes in the database's encoding, which is why these few are
//! written here rather than with the postgres-protocol crate, whose builders take `str`. Not here:
//! sending ([`super::stream`]), and CopyData, which is written in place ([`crate::pg::copy_in`]).

use crate::pg::error::Error;

/// Protocol 3.0, the one every supported server speaks.
const PROTOCOL_VERSION: u32 = 3 << 16;
/// The number that asks for TLS in place of a protocol version.
const SSL_REQUEST: u32 = (1234 << 16) | 5679;
/// The number that asks for a cancellation in place of a protocol version.
const CANCEL_REQUEST: u32 = (1234 << 16) | 5678;

/// A buffer of messages that are sent together.
#[derive(Default)]
pub(crate) struct Messages(Vec<u8>);

impl Messages {
    /// The bytes to send.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a message without a tag, as they are before the session begins.
    fn untagged(mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Result<Self, Error> {
        let start = self.0.len();
        self.0.extend([0; 4]);
        fill(&mut self.0);
        let length = u32::try_from(self.0.len() - start).ok();
        let length = length.filter(|length| *length <= i32::MAX as u32);
        let length = length.ok_or(Error::TooLong)?;
        self.0[start..start + 4].copy_from_slice(&length.to_be_bytes());
        Ok(self)
    }

    fn tagged(mut self, tag: u8, fill: impl FnOnce(&mut Vec<u8>)) -> Result<Self, Error> {
        self.0.push(tag);
        self.untagged(fill)
    }

    /// StartupMessage: names and values of parameters.
    pub(crate) fn startup(self, parameters: &[(&[u8], &[u8])]) -> Result<Self, Error> {
        for (name, value) in parameters {
            refuse_zero_byte(name)?;
            refuse_zero_byte(value)?;
        }
        self.untagged(|out| {
            out.extend(PROTOCOL_VERSION.to_be_bytes());
            for (name, value) in parameters {
                put_text(out, name);
                put_text(out, value);
            }
            out.push(0);
        })
    }

    /// SSLRequest.
    pub(crate) fn ssl_request(self) -> Result<Self, Error> {
        self.untagged(|out| out.extend(SSL_REQUEST.to_be_bytes()))
    }

    /// CancelRequest with the session's process id and key, as BackendKeyData gave them.
    pub(crate) fn cancel(self, key_data: &[u8]) -> Result<Self, Error> {
        self.untagged(|out| {
            out.extend(CANCEL_REQUEST.to_be_bytes());
            out.extend(key_data);
        })
    }

    /// PasswordMessage: a password or its MD5 form.
    pub(crate) fn password(self, password: &[u8]) -> Result<Self, Error> {
        refuse_zero_byte(password)?;
        self.tagged(b'p', |out| put_text(out, password))
    }

    /// SASLInitialResponse.
    pub(crate) fn sasl_initial(self, mechanism: &str, data: &[u8]) -> Result<Self, Error> {
        let length = length_of(data)?;
        self.tagged(b'p', |out| {
            put_text(out, mechanism.as_bytes());
            out.extend(length.to_be_bytes());
            out.extend(data);
        })
    }

    /// SASLResponse.
    pub(crate) fn sasl(self, data: &[u8]) -> Result<Self, Error> {
        self.tagged(b'p', |out| out.extend(data))
    }

    /// Query: statements in the simple protocol.
    pub(crate) fn query(self, sql: &[u8]) -> Result<Self, Error> {
        refuse_zero_byte(sql)?;
        self.tagged(b'Q', |out| put_text(out, sql))
    }

    /// Parse: one statement as the unnamed prepared statement; the server infers parameter types.
    pub(crate) fn parse(self, sql: &[u8]) -> Result<Self, Error> {
        refuse_zero_byte(sql)?;
        self.tagged(b'P', |out| {
            out.push(0);
            put_text(out, sql);
            out.extend(0u16.to_be_bytes());
        })
    }

    /// Bind: parameters in text format to the unnamed portal, results in text format.
    pub(crate) fn bind(self, parameters: &[Option<&[u8]>]) -> Result<Self, Error> {
        let count = u16::try_from(parameters.len()).map_err(|_| Error::TooLong)?;
        let mut values = Vec::new();
        for parameter in parameters {
            match parameter {
                None => values.extend((-1i32).to_be_bytes()),
                Some(value) => {
                    values.extend(length_of(value)?.to_be_bytes());
                    values.extend(*value);
                }
            }
        }
        self.tagged(b'B', |out| {
            out.extend([0, 0]);
            out.extend(0u16.to_be_bytes());
            out.extend(count.to_be_bytes());
            out.extend(values);
            out.extend(0u16.to_be_bytes());
        })
    }

    /// Describe: asks for the unnamed portal's columns.
    pub(crate) fn describe_portal(self) -> Result<Self, Error> {
        self.tagged(b'D', |out| out.extend(b"P\0"))
    }

    /// Execute: all rows of the unnamed portal.
    pub(crate) fn execute(self) -> Result<Self, Error> {
        self.tagged(b'E', |out| {
            out.push(0);
            out.extend(0u32.to_be_bytes());
        })
    }

    /// Sync: the end of a series of extended-protocol messages.
    pub(crate) fn sync(self) -> Result<Self, Error> {
        self.tagged(b'S', |_| {})
    }

    /// CopyDone.
    pub(crate) fn copy_done(self) -> Result<Self, Error> {
        self.tagged(b'c', |_| {})
    }

    /// CopyFail with a reason that the server repeats in its error.
    pub(crate) fn copy_fail(self, why: &str) -> Result<Self, Error> {
        let why: Vec<u8> = why.bytes().filter(|byte| *byte != 0).collect();
        self.tagged(b'f', |out| put_text(out, &why))
    }

    /// Terminate.
    pub(crate) fn terminate(self) -> Result<Self, Error> {
        self.tagged(b'X', |_| {})
    }
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend(text);
    out.push(0);
}

/// A zero byte would end the text early and make the server read the rest as something else.
fn refuse_zero_byte(text: &[u8]) -> Result<(), Error> {
    if text.contains(&0) {
        return Err(Error::ZeroByte);
    }
    Ok(())
}

fn length_of(data: &[u8]) -> Result<i32, Error> {
    i32::try_from(data.len()).map_err(|_| Error::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_as_the_documentation_lays_them_out() {
        let new = Messages::default;
        let built = new().query(b"select \xff").unwrap();
        assert_eq!(built.as_bytes(), b"Q\0\0\0\x0dselect \xff\0");
        let built = new().bind(&[None, Some(b"ab")]).unwrap().sync().unwrap();
        let expected = b"B\0\0\0\x16\0\0\0\0\0\x02\xff\xff\xff\xff\0\0\0\x02ab\0\0S\0\0\0\x04";
        assert_eq!(built.as_bytes(), expected);
        let built = new().startup(&[(b"user", b"u")]).unwrap();
        assert_eq!(built.as_bytes(), b"\0\0\0\x10\0\x03\0\0user\0u\0\0");
        let built = new().ssl_request().unwrap();
        assert_eq!(built.as_bytes(), b"\0\0\0\x08\x04\xd2\x16\x2f");
    }

    #[test]
    fn a_zero_byte_cannot_smuggle_anything_in() {
        assert!(Messages::default().query(b"select 1\0; drop").is_err());
        assert!(
            Messages::default()
                .startup(&[(b"database", b"a\0user\0b")])
                .is_err()
        );
        assert!(Messages::default().password(b"a\0b").is_err());
    }
}

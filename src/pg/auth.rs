//! Authentication: proving to the server who we are.
//!
//! SCRAM itself is the postgres-protocol crate's. Not here: where the password comes from
//! ([`super::config`]).

use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};

use super::backend::{Body, tag};
use super::db_error::DbError;
use super::error::Error;
use super::frontend::Messages;
use super::wire::Wire;

const SCRAM: &str = "SCRAM-SHA-256";

/// What the user has to show.
pub(super) struct Credentials<'a> {
    pub(super) user: &'a [u8],
    pub(super) password: Option<&'a [u8]>,
}

impl<'a> Credentials<'a> {
    fn password(&self) -> Result<&'a [u8], Error> {
        self.password.ok_or(Error::PasswordRequired)
    }
}

/// What an AuthenticationXXX message asks for (PostgreSQL documentation, "Message Formats").
enum Request<'a> {
    Ok,
    Cleartext,
    Md5([u8; 4]),
    Sasl(&'a [u8]),
    SaslContinue(&'a [u8]),
    SaslFinal(&'a [u8]),
    Unknown(u32),
}

impl<'a> Request<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut body = Body::new(body, "Authentication");
        Ok(match body.u32()? {
            0 => Self::Ok,
            3 => Self::Cleartext,
            5 => Self::Md5(body.u32()?.to_be_bytes()),
            10 => Self::Sasl(body.rest()),
            11 => Self::SaslContinue(body.rest()),
            12 => Self::SaslFinal(body.rest()),
            other => Self::Unknown(other),
        })
    }
}

/// Goes through the server's demands until it lets us in.
pub(super) async fn authenticate(
    wire: &mut Wire,
    credentials: &Credentials<'_>,
) -> Result<(), Error> {
    let mut scram = None;
    let mut server_proved_itself = false;
    loop {
        let message = wire.message().await?;
        match message.tag {
            tag::AUTHENTICATION => {}
            tag::NEGOTIATE_PROTOCOL_VERSION => continue,
            tag::ERROR => return Err(DbError::parse(&message.body).into()),
            _ => return Err(wire.unexpected(message, "in authentication").await),
        }
        let answer = match Request::parse(&message.body)? {
            // A server that began SCRAM must end it: its last message proves that it knows the
            // password too.
            Request::Ok if scram.is_some() && !server_proved_itself => {
                return Err(refused("the server skipped the end of SCRAM"));
            }
            Request::Ok => return Ok(()),
            Request::Cleartext => Messages::default().password(credentials.password()?)?,
            Request::Md5(salt) => {
                let hash = md5_hash(credentials.user, credentials.password()?, salt);
                Messages::default().password(hash.as_bytes())?
            }
            Request::Sasl(mechanisms) if scram.is_none() => {
                if !mechanisms
                    .split(|byte| *byte == 0)
                    .any(|name| name == SCRAM.as_bytes())
                {
                    return Err(refused("the server offers no SASL mechanism that we know"));
                }
                let password = credentials.password()?;
                let begun = ScramSha256::new(password, ChannelBinding::unsupported());
                let first = Messages::default().sasl_initial(SCRAM, begun.message())?;
                scram = Some(begun);
                first
            }
            Request::SaslContinue(data) => {
                let scram = scram.as_mut().ok_or_else(out_of_turn)?;
                scram.update(data).map_err(scram_error)?;
                Messages::default().sasl(scram.message())?
            }
            Request::SaslFinal(data) => {
                let scram = scram.as_mut().ok_or_else(out_of_turn)?;
                scram.finish(data).map_err(scram_error)?;
                server_proved_itself = true;
                continue;
            }
            Request::Sasl(_) => return Err(out_of_turn()),
            Request::Unknown(code) => {
                let name = method_name(code);
                return Err(refused(format!(
                    "the server asks for {name}, which is not supported"
                )));
            }
        };
        wire.send(&answer).await?;
    }
}

fn method_name(code: u32) -> String {
    match code {
        2 => "Kerberos V5".to_owned(),
        6 => "SCM credentials".to_owned(),
        7 | 8 => "GSSAPI".to_owned(),
        9 => "SSPI".to_owned(),
        other => format!("authentication method {other}"),
    }
}

fn refused(why: impl Into<String>) -> Error {
    Error::Authentication { why: why.into() }
}

fn out_of_turn() -> Error {
    refused("the server sent a SASL message out of turn")
}

fn scram_error(error: std::io::Error) -> Error {
    refused(format!("SCRAM: {error}"))
}

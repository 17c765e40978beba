//! Authentication: proving to the server who we are, and having it prove that it knows us.
//!
//! The postgres-protocol crate does SCRAM itself. Which methods are refused, and in favour of which, follows
//! libpq (`fe-auth.c`, `check_expected_areq` and `pg_SASL_init`). Not here: the source of the password
//! ([`super::config`]).

use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};

use crate::pg::db_error::DbError;
use crate::pg::error::Error;
use crate::pg::options::require_auth::{Method, RequiredMethods};
use crate::pg::options::settings::Wish;
use crate::pg::wire::backend::{Body, Message, tag};
use crate::pg::wire::frontend::Messages;
use crate::pg::wire::stream::Wire;

const SCRAM: &str = "SCRAM-SHA-256";
const SCRAM_PLUS: &str = "SCRAM-SHA-256-PLUS";

/// What a connection can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel<'a> {
    /// There is no TLS.
    Plain,
    /// TLS, but the server's certificate has no hash to bind to.
    Unbindable,
    /// TLS, and the `tls-server-end-point` of the server's certificate.
    EndPoint(&'a [u8]),
}

/// Our credentials and our demands.
pub(crate) struct Credentials<'a> {
    pub(crate) user: &'a [u8],
    pub(crate) password: Option<&'a [u8]>,
    pub(crate) channel: Channel<'a>,
    pub(crate) binding: Wish,
    pub(crate) required: &'a RequiredMethods,
}

/// What an AuthenticationXXX message asks for (PostgreSQL documentation, "Message Formats").
enum Request<'a> {
    Ok,
    Cleartext,
    Md5([u8; 4]),
    Sasl(&'a [u8]),
    SaslContinue(&'a [u8]),
    SaslFinal(&'a [u8]),
    Other(u32),
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
            other => Self::Other(other),
        })
    }
}

/// How far the exchange has come.
struct Exchange<'a> {
    credentials: &'a Credentials<'a>,
    scram: Option<ScramSha256>,
    /// The server has shown that it knows the password or the key derived from it.
    server_proved_itself: bool,
    /// That proof was bound to the TLS connection.
    bound: bool,
    method: Method,
}

/// Goes through the server's demands until it lets us in.
pub(crate) async fn authenticate(
    wire: &mut Wire,
    credentials: &Credentials<'_>,
) -> Result<(), Error> {
    let mut exchange = Exchange {
        credentials,
        scram: None,
        server_proved_itself: false,
        bound: false,
        method: Method::None,
    };
    loop {
        let Message { tag, body } = wire.message().await?;
        match tag {
            tag::AUTHENTICATION => {}
            // We ask for nothing beyond protocol 3.0, so there is nothing to give up.
            tag::NEGOTIATE_PROTOCOL_VERSION => continue,
            tag::ERROR => return Err(DbError::parse(&body).into()),
            _ => {
                return Err(Error::protocol(
                    "it does not answer as a PostgreSQL server does",
                ));
            }
        }
        match Request::parse(&body)? {
            Request::Ok => return exchange.check_end(),
            Request::SaslFinal(data) => exchange.finish_scram(data)?,
            request => wire.send(&exchange.answer(request)?).await?,
        }
    }
}

impl Exchange<'_> {
    fn answer(&mut self, request: Request<'_>) -> Result<Messages, Error> {
        match request {
            Request::Cleartext => {
                self.begin(Method::Password)?;
                Messages::default().password(self.password()?)
            }
            Request::Md5(salt) => {
                self.begin(Method::Md5)?;
                let hash = md5_hash(self.credentials.user, self.password()?, salt);
                Messages::default().password(hash.as_bytes())
            }
            Request::Sasl(mechanisms) => self.begin_scram(mechanisms),
            Request::SaslContinue(data) => {
                let scram = self.scram.as_mut().ok_or_else(out_of_turn)?;
                scram.update(data).map_err(scram_error)?;
                Messages::default().sasl(scram.message())
            }
            Request::Other(code) => Err(unsupported(code)),
            Request::Ok | Request::SaslFinal(_) => Err(out_of_turn()),
        }
    }

    fn password(&self) -> Result<&[u8], Error> {
        let password = self
            .credentials
            .password
            .filter(|password| !password.is_empty());
        password.ok_or(Error::PasswordRequired)
    }

    /// Checks that the method may be used, before anything is given away.
    fn begin(&mut self, method: Method) -> Result<(), Error> {
        if self.method != Method::None {
            return Err(refused("the server changed its mind about the method"));
        }
        self.check_allowed(method)?;
        if self.credentials.binding == Wish::Require && method != Method::ScramSha256 {
            return Err(refused(
                "channel_binding=require, but the server asks for a password without it",
            ));
        }
        self.method = method;
        Ok(())
    }

    fn check_allowed(&self, method: Method) -> Result<(), Error> {
        if self.credentials.required.allows(method) {
            return Ok(());
        }
        Err(refused(match method {
            Method::None => "require_auth: the server let us in without authentication",
            Method::Password => "require_auth: the server asks for the password in clear text",
            Method::Md5 => "require_auth: the server asks for an MD5-hashed password",
            _ => "require_auth: the server asks for SCRAM",
        }))
    }

    fn begin_scram(&mut self, mechanisms: &[u8]) -> Result<Messages, Error> {
        self.begin(Method::ScramSha256)?;
        let offers = |name: &str| {
            let mut mechanisms = mechanisms.split(|byte| *byte == 0);
            mechanisms.any(|mechanism| mechanism == name.as_bytes())
        };
        let (plus, plain) = (offers(SCRAM_PLUS), offers(SCRAM));
        let Credentials {
            channel, binding, ..
        } = *self.credentials;
        if plus && channel == Channel::Plain {
            return Err(refused("the server offers channel binding without TLS"));
        }
        let (mechanism, gs2) = match (channel, binding) {
            (Channel::EndPoint(hash), Wish::Prefer | Wish::Require) if plus => {
                self.bound = true;
                (
                    SCRAM_PLUS,
                    ChannelBinding::tls_server_end_point(hash.to_vec()),
                )
            }
            (_, Wish::Require) => {
                return Err(refused("channel_binding=require: not to be had here"));
            }
            _ if !plain => return Err(refused("the server offers no SASL mechanism that we have")),
            // Says that we would have, had the server offered it: someone who took the offer out on
            // the way gives themselves away.
            (Channel::EndPoint(_), Wish::Prefer) => (SCRAM, ChannelBinding::unrequested()),
            _ => (SCRAM, ChannelBinding::unsupported()),
        };
        let scram = ScramSha256::new(self.password()?, gs2);
        let first = Messages::default().sasl_initial(mechanism, scram.message())?;
        self.scram = Some(scram);
        Ok(first)
    }

    fn finish_scram(&mut self, data: &[u8]) -> Result<(), Error> {
        let scram = self.scram.as_mut().ok_or_else(out_of_turn)?;
        scram.finish(data).map_err(scram_error)?;
        self.server_proved_itself = true;
        Ok(())
    }

    /// The server says that we are in; whether we want to be.
    fn check_end(&self) -> Result<(), Error> {
        if self.method == Method::ScramSha256 && !self.server_proved_itself {
            return Err(refused(
                "the server skipped the end of SCRAM, its own proof",
            ));
        }
        if self.credentials.binding == Wish::Require && !self.bound {
            return Err(refused(
                "channel_binding=require, but the server let us in without it",
            ));
        }
        self.check_allowed(self.method)
    }
}

fn unsupported(code: u32) -> Error {
    let name = match code {
        2 => "Kerberos V5",
        6 => "SCM credentials",
        7 | 8 => "GSSAPI",
        9 => "SSPI",
        _ => return refused(format!("the server asks for unknown method {code}")),
    };
    refused(format!(
        "the server asks for {name}, which is not supported"
    ))
}

fn refused(why: impl Into<String>) -> Error {
    Error::Authentication { why: why.into() }
}

fn out_of_turn() -> Error {
    refused("the server sent an authentication message out of turn")
}

fn scram_error(error: std::io::Error) -> Error {
    refused(format!("SCRAM: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials<'a>(
        channel: Channel<'a>,
        binding: Wish,
        required: &'a RequiredMethods,
    ) -> Credentials<'a> {
        Credentials {
            user: b"u",
            password: Some(b"p"),
            channel,
            binding,
            required,
        }
    }

    /// What the client does about a server's list of mechanisms: the beginning of its first message.
    fn first(channel: Channel<'_>, binding: Wish, mechanisms: &[u8]) -> Result<String, String> {
        let credentials = credentials(channel, binding, &RequiredMethods::Any);
        let mut exchange = exchange(&credentials);
        let message = exchange
            .begin_scram(mechanisms)
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&message.as_bytes()[5..]).replace('\0', " ");
        Ok(text
            .split(",,")
            .next()
            .unwrap_or_default()
            .replace("  ", " "))
    }

    fn exchange<'a>(credentials: &'a Credentials<'a>) -> Exchange<'a> {
        Exchange {
            credentials,
            scram: None,
            server_proved_itself: false,
            bound: false,
            method: Method::None,
        }
    }

    #[test]
    fn the_mechanism_follows_channel_and_wish() {
        let both = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
        let plain = b"SCRAM-SHA-256\0\0";
        let bindable = Channel::EndPoint(b"hash");
        let starts = |result: Result<String, String>, mechanism: &str, gs2: char| {
            let text = result.unwrap();
            assert!(text.starts_with(&format!("{mechanism} ")), "{text}");
            assert!(
                text.split(' ')
                    .next_back()
                    .unwrap()
                    .trim_start_matches(|c: char| c.is_control() || c == '(')
                    .contains(gs2),
                "{text}"
            );
        };
        starts(first(bindable, Wish::Prefer, both), SCRAM_PLUS, 'p');
        starts(first(bindable, Wish::Require, both), SCRAM_PLUS, 'p');
        starts(first(bindable, Wish::Disable, both), SCRAM, 'n');
        starts(first(bindable, Wish::Prefer, plain), SCRAM, 'y');
        starts(first(Channel::Unbindable, Wish::Prefer, both), SCRAM, 'n');
        starts(first(Channel::Plain, Wish::Prefer, plain), SCRAM, 'n');
        assert!(first(bindable, Wish::Require, plain).is_err());
        assert!(first(Channel::Unbindable, Wish::Require, both).is_err());
        assert!(first(Channel::Plain, Wish::Require, plain).is_err());
        assert!(first(Channel::Plain, Wish::Prefer, both).is_err());
        assert!(first(bindable, Wish::Prefer, b"NEW\0\0").is_err());
    }

    #[test]
    fn a_server_cannot_skip_what_was_demanded() {
        let scram_only = RequiredMethods::parse(Some("scram-sha-256")).unwrap();
        let demanding = credentials(Channel::Plain, Wish::Prefer, &scram_only);
        assert!(exchange(&demanding).check_end().is_err());
        assert!(exchange(&demanding).answer(Request::Cleartext).is_err());
        let binding = credentials(
            Channel::EndPoint(b"x"),
            Wish::Require,
            &RequiredMethods::Any,
        );
        assert!(exchange(&binding).check_end().is_err());
        assert!(exchange(&binding).answer(Request::Md5([0; 4])).is_err());
        let lenient = credentials(Channel::Plain, Wish::Prefer, &RequiredMethods::Any);
        assert!(exchange(&lenient).check_end().is_ok());
        let mut begun = exchange(&lenient);
        begun.begin_scram(b"SCRAM-SHA-256\0\0").unwrap();
        assert!(begun.check_end().is_err());
        assert!(begun.answer(Request::Cleartext).is_err());
        assert!(
            exchange(&lenient)
                .answer(Request::SaslContinue(b""))
                .is_err()
        );
        assert!(exchange(&lenient).answer(Request::Other(7)).is_err());
    }
}

//! What each `sslmode` trusts, client certificates, channel binding, and what goes wrong.

use pgark::pg::Session;

use super::fake::{self, Step};
use super::server::{Secured, quoted_password};
use super::{chain, config, config_in, one, open, refused, refused_by, try_config};
use crate::need;

const IS_ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// Whether a session as `user` is encrypted, or why there is none.
async fn encrypted(conninfo: &str) -> Result<bool, String> {
    match Session::connect(&config(conninfo)).await {
        Ok(mut session) => Ok(one(&mut session, IS_ENCRYPTED).await == "t"),
        Err(error) => Err(chain(&error)),
    }
}

#[tokio::test]
async fn every_mode_does_what_the_manual_says() {
    let server = need!(Secured::shared());
    let (ca, other) = (server.pki.path("ca.crt"), server.pki.path("other-ca.crt"));
    let right = format!("sslrootcert={ca}");
    let wrong = format!("sslrootcert={other}");
    // user, sslmode, root file, encrypted or a part of the error
    let yes = Ok(true);
    let no = Ok(false);
    for (user, mode, root, expected) in [
        ("postgres", "disable", "", no),
        ("postgres", "allow", "", no),
        ("postgres", "prefer", "", yes),
        ("postgres", "require", "", yes),
        ("postgres", "verify-ca", &right, yes),
        ("postgres", "verify-full", &right, yes),
        ("tls_only", "disable", "", Err("28000")),
        ("tls_only", "allow", "", yes),
        ("plain_only", "allow", "", no),
        ("plain_only", "prefer", "", no),
        ("plain_only", "require", "", Err("28000")),
        // With a root file even the weaker modes verify who signed the certificate.
        ("postgres", "require", &right, yes),
        ("postgres", "require", &wrong, Err("UnknownIssuer")),
        ("postgres", "verify-ca", &wrong, Err("UnknownIssuer")),
        ("postgres", "verify-full", &wrong, Err("UnknownIssuer")),
        ("postgres", "prefer", &wrong, no),
        ("tls_only", "prefer", &wrong, Err("UnknownIssuer")),
        ("postgres", "verify-ca", "", Err("no root certificate file")),
        (
            "postgres",
            "verify-full",
            "sslrootcert=/nonexistent",
            Err("does not exist"),
        ),
        ("postgres", "require", "sslrootcert=/nonexistent", yes),
    ] {
        let what = format!("user={user} sslmode={mode} {root}");
        let result = encrypted(&server.tcp(&what)).await;
        match (&result, expected) {
            (Ok(result), Ok(expected)) => assert_eq!(*result, expected, "{what}"),
            (Err(error), Err(part)) => assert!(error.contains(part), "{what}: {error}"),
            _ => panic!("{what}: {result:?}"),
        }
    }
    let disabled = server.socket("user=postgres sslmode=verify-full");
    assert_eq!(
        encrypted(&disabled).await,
        Ok(false),
        "a socket needs no TLS"
    );
}

#[tokio::test]
async fn both_refusals_are_told() {
    let server = need!(Secured::shared());
    let error = refused(&server.tcp("user=nobody_at_all")).await;
    assert_eq!(error.matches("SQLSTATE 28000").count(), 2, "{error}");
}

#[tokio::test]
async fn full_verification_compares_the_name() {
    let server = need!(Secured::shared());
    let port = server.cluster.port();
    let root = server.pki.path("ca.crt");
    let conninfo = |host: &str, mode: &str| {
        format!(
            "{host} port={port} user=postgres dbname=postgres sslmode={mode} sslrootcert={root}"
        )
    };
    for host in [
        "host=localhost",
        "host=LOCALHOST",
        "host=127.0.0.1",
        "host=a.wild.test hostaddr=127.0.0.1",
    ] {
        open(&conninfo(host, "verify-full")).await;
    }
    for host in ["wild.test", "a.b.wild.test", "common.test", "127.0.0.2"] {
        let host = format!("host={host} hostaddr=127.0.0.1");
        let error = refused(&conninfo(&host, "verify-full")).await;
        assert!(
            error.contains("is for \"localhost\", \"*.wild.test\", \"127.0.0.1\""),
            "{error}"
        );
        open(&conninfo(&host, "verify-ca")).await;
    }
    let error = refused(&conninfo("hostaddr=127.0.0.1", "verify-full")).await;
    assert!(error.contains("needs a host's name"), "{error}");
    open(&format!(
        "{} sslsni=0",
        conninfo("host=localhost", "verify-full")
    ))
    .await;
}

#[tokio::test]
async fn the_home_folder_has_default_files() {
    let server = need!(Secured::shared());
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".postgresql");
    std::fs::create_dir(&folder).unwrap();
    let copy =
        |from: &str, to: &str| std::fs::copy(server.pki.path(from), folder.join(to)).unwrap();
    copy("ca.crt", "root.crt");
    copy("client.crt", "postgresql.crt");
    copy("client.key", "postgresql.key");
    let conninfo = server.tcp("user=certified sslmode=verify-full");
    let config = config_in(&conninfo, &[], Some(home.path()));
    Session::connect(&config).await.unwrap();
    copy("revoked.crl", "root.crl");
    let config = config_in(&conninfo, &[], Some(home.path()));
    assert!(refused_by(&config).await.contains("Revoked"));
    copy("other-ca.crt", "root.crt");
    let config = config_in(
        &server.tcp("user=postgres sslmode=require"),
        &[],
        Some(home.path()),
    );
    assert!(refused_by(&config).await.contains("UnknownIssuer"));
}

#[tokio::test]
async fn certificates_of_clients() {
    let server = need!(Secured::shared());
    let conninfo = |name: &str, rest: &str| {
        let file = |ending: &str| server.pki.path(&format!("{name}.{ending}"));
        let (cert, key) = (file("crt"), file("key"));
        server.tcp(&format!(
            "sslmode=require sslcert={cert} sslkey={key} user=certified {rest}"
        ))
    };
    open(&conninfo("client", "")).await;
    open(&conninfo("client", "sslcertmode=require")).await;
    let error = refused(&conninfo("stranger", "")).await;
    assert!(error.contains("TLS"), "{error}");
    let error = refused(&conninfo("client", "sslcertmode=disable")).await;
    assert!(error.contains("28000"), "{error}");
    let error = refused(&conninfo("missing", "")).await;
    assert!(error.contains("28000"), "{error}");
    let error = refused(&conninfo("missing", "sslcertmode=require user=tls_only")).await;
    assert!(error.contains("there is no certificate"), "{error}");
    let mismatched = format!("sslkey={}", server.pki.path("stranger.key"));
    let error = refused(&conninfo("client", &mismatched)).await;
    assert!(error.contains("does not belong"), "{error}");
}

#[tokio::test]
async fn a_private_key_that_others_can_read_is_refused() {
    let server = need!(Secured::shared());
    std::fs::copy(server.pki.path("client.key"), server.pki.path("open.key")).unwrap();
    let files = format!(
        "sslcert={} sslkey={}",
        server.pki.path("client.crt"),
        server.pki.path("open.key")
    );
    let conninfo = server.tcp(&format!("user=certified sslmode=require {files}"));
    server.pki.permit("open.key", 0o644);
    let error = refused(&conninfo).await;
    assert!(
        error.contains("private key") && error.contains("0600"),
        "{error}"
    );
    // No TLS, no key: a connection that needs neither is not kept up by it.
    open(&server.socket(&format!("user=postgres {files}"))).await;
    // Where TLS is only preferred it does without, as it does when the server cannot.
    let preferring = server.tcp(&format!("user=postgres sslmode=prefer {files}"));
    assert_eq!(encrypted(&preferring).await, Ok(false));
    server.pki.permit("open.key", 0o600);
    open(&conninfo).await;
    let text = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    server.pki.write("locked.key", text);
    let error = refused(&conninfo.replace("open.key", "locked.key")).await;
    assert!(error.contains("it is encrypted"), "{error}");
}

#[tokio::test]
async fn revocation_lists() {
    let server = need!(Secured::shared());
    let folder = tempfile::tempdir().unwrap();
    let conninfo = |rest: &str| {
        let root = server.pki.path("ca.crt");
        server.tcp(&format!(
            "user=postgres sslmode=verify-ca sslrootcert={root} {rest}"
        ))
    };
    open(&conninfo(&format!(
        "sslcrl={}",
        server.pki.path("clean.crl")
    )))
    .await;
    let error = refused(&conninfo(&format!(
        "sslcrl={}",
        server.pki.path("revoked.crl")
    )))
    .await;
    assert!(error.contains("Revoked"), "{error}");
    let error = refused(&conninfo("sslcrl=/nonexistent")).await;
    assert!(error.contains("revocation list"), "{error}");
    std::fs::copy(
        server.pki.path("revoked.crl"),
        folder.path().join("0123.r0"),
    )
    .unwrap();
    let error = refused(&conninfo(&format!("sslcrldir={}", folder.path().display()))).await;
    assert!(error.contains("Revoked"), "{error}");
}

#[tokio::test]
async fn versions_of_the_protocol_can_be_chosen() {
    let server = need!(Secured::shared());
    let version = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    for (rest, expected) in [
        ("", "TLSv1.3"),
        ("ssl_max_protocol_version=TLSv1.2", "TLSv1.2"),
        ("ssl_min_protocol_version=TLSv1.3", "TLSv1.3"),
    ] {
        let root = server.pki.path("ca.crt");
        let conninfo = format!("user=postgres sslmode=verify-full sslrootcert={root} {rest}");
        let mut session = open(&server.tcp(&conninfo)).await;
        assert_eq!(one(&mut session, version).await, expected);
    }
}

#[tokio::test]
async fn channel_binding_where_it_is_demanded() {
    let server = need!(Secured::shared());
    let with = |rest: &str| server.tcp(&format!("password='{}' {rest}", quoted_password()));
    for binding in ["disable", "prefer", "require"] {
        open(&with(&format!(
            "user=scram sslmode=require channel_binding={binding}"
        )))
        .await;
    }
    for rest in [
        "user=scram sslmode=disable",
        "user=md5 sslmode=require",
        "user=clear sslmode=require",
        "user=postgres sslmode=require",
    ] {
        let error = refused(&with(&format!("{rest} channel_binding=require"))).await;
        assert!(error.contains("channel_binding=require"), "{rest}: {error}");
    }
}

#[tokio::test]
async fn large_results_and_cancellation_work_over_tls() {
    let server = need!(Secured::shared());
    let mut session = open(&server.tcp("user=tls_only sslmode=require")).await;
    session
        .execute(b"CREATE TEMP TABLE t (a text)")
        .await
        .unwrap();
    let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
    let rows = "0123456789abcdef\n".repeat(1 << 17);
    for _ in 0..8 {
        copy.write(rows.as_bytes()).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), 8 << 17);
    let mut copy = session.copy_out(b"COPY t TO STDOUT").await.unwrap();
    let mut out = Vec::new();
    while copy.read_rows(&mut out).await.unwrap() {}
    assert_eq!(out, rows.repeat(8).as_bytes());

    let canceller = session.canceller();
    let (slept, cancelled) = tokio::join!(session.execute(b"SELECT pg_sleep(60)"), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        canceller.cancel().await
    });
    cancelled.unwrap();
    assert_eq!(slept.unwrap_err().sqlstate(), Some("57014"));
}

#[tokio::test]
async fn a_server_without_tls() {
    let declines = || vec![Step::Untagged, Step::Send(b"N".to_vec())];
    let script = [declines(), fake::session(&[])].concat();
    let plain = fake::start(vec![script, declines()]).await;
    open(&plain.conninfo("sslmode=prefer")).await;
    let error = refused(&plain.conninfo("sslmode=require")).await;
    assert!(error.contains("does not support TLS"), "{error}");
}

#[tokio::test]
async fn bytes_slipped_in_before_the_handshake_are_not_taken_for_the_servers() {
    // What a man in the middle would add after the S: the beginning of a session.
    let mut answer = b"S".to_vec();
    answer.extend(fake::session_messages(&[]));
    let server = fake::start(vec![vec![Step::Untagged, Step::Send(answer)]]).await;
    let error = refused(&server.conninfo("sslmode=require")).await;
    assert!(error.contains("TLS"), "{error}");
}

#[tokio::test]
async fn tls_from_the_first_byte_on() {
    let server = need!(Secured::start(17));
    let root = server.pki.path("ca.crt");
    let rest = format!("user=tls_only sslrootcert={root} sslnegotiation=direct");
    assert!(
        encrypted(&server.tcp(&format!("{rest} sslmode=verify-full")))
            .await
            .unwrap()
    );
    let shared = need!(Secured::shared());
    if shared.cluster.major() < 17 {
        let rest = "user=tls_only sslnegotiation=direct sslmode=require";
        let error = refused(&shared.tcp(rest)).await;
        assert!(error.contains("TLS"), "{error}");
    }
    assert!(try_config("sslnegotiation=direct sslmode=prefer", &[], None).is_err());
}

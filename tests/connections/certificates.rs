//! Certificates as people make them with OpenSSL: every key and signature, by the recipes of
//! PostgreSQL's manual, with and without extensions.

use std::path::Path;
use std::process::Command;

use super::server::{Secured, quoted_password};
use super::{open, refused};
use crate::need;
use crate::support::peers::{self, Missing};
use crate::support::run::run;

/// Runs openssl in a folder; arguments are separated by spaces.
fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command
        .current_dir(folder)
        .args(arguments.split_whitespace());
    run(&mut command, b"").success();
}

fn has_openssl() -> Result<(), Missing> {
    match Command::new("openssl").arg("version").output() {
        Ok(_) => Ok(()),
        Err(error) => Err(Missing(format!("openssl: {error}"))),
    }
}

/// Makes `NAME.crt`, signed by the authority `root.crt`, for host `localhost`.
fn make(server: &Secured, name: &str, key: &str, signature: &str, extensions: &str) {
    let folder = server.pki.folder();
    openssl(folder, &format!("genpkey -out {name}.key {key}"));
    openssl(
        folder,
        &format!("req -new -key {name}.key -out {name}.csr -subj /CN=localhost"),
    );
    if !extensions.is_empty() {
        server.pki.write("extensions.cnf", extensions);
    }
    let extensions = match extensions {
        "" => String::new(),
        _ => "-extfile extensions.cnf".to_owned(),
    };
    let sign = "x509 -req -CA root.crt -CAkey root.key -CAcreateserial -days 9";
    openssl(
        folder,
        &format!("{sign} -in {name}.csr -out {name}.crt {signature} {extensions}"),
    );
    hand_over(server, name);
}

fn hand_over(server: &Secured, name: &str) {
    for ending in ["crt", "key"] {
        server.pki.permit(&format!("{name}.{ending}"), 0o600);
        server
            .pki
            .hand_over(&format!("{name}.{ending}"), &server.cluster.data_dir());
    }
}

/// Makes the authority by the manual's recipe.
fn make_authority(server: &Secured) {
    let folder = server.pki.folder();
    openssl(
        folder,
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out root.key",
    );
    openssl(
        folder,
        "req -new -key root.key -out root.csr -subj /CN=root.test",
    );
    server.pki.write(
        "ca.cnf",
        "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n",
    );
    openssl(
        folder,
        "x509 -req -in root.csr -extfile ca.cnf -signkey root.key -days 9 -out root.crt",
    );
}

#[tokio::test]
async fn keys_and_signatures_of_every_kind() {
    need!(has_openssl());
    let server = need!(Secured::start(need!(peers::installed_major())));
    make_authority(&server);
    const SAN: &str = "subjectAltName=DNS:localhost\n";
    const RSA: &str = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048";
    const P256: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
    const P384: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-384";
    const PSS: &str = "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48";
    for (name, key, signature, extensions) in [
        ("rsa256", RSA, "-sha256", SAN),
        ("rsa384", RSA, "-sha384", SAN),
        ("rsa512", RSA, "-sha512", SAN),
        ("pss", RSA, PSS, SAN),
        ("ec256", P256, "-sha256", SAN),
        ("ec384", P384, "-sha512", SAN),
        ("common", RSA, "-sha256", "basicConstraints=CA:FALSE\n"),
        // The manual's recipe: no extensions, so version 1 with OpenSSL up to 3.1.
        ("version1", RSA, "-sha256", ""),
    ] {
        make(&server, name, key, signature, extensions);
        server.use_certificate(name);
        let root = server.pki.path("root.crt");
        let other = server.pki.path("other-ca.crt");
        for version in ["TLSv1.2", "TLSv1.3"] {
            let with = |rest: &str| {
                let password = quoted_password();
                let range = format!(
                    "ssl_min_protocol_version={version} ssl_max_protocol_version={version}"
                );
                server.tcp(&format!("user=scram password='{password}' {range} {rest}"))
            };
            open(&with("sslmode=require channel_binding=require")).await;
            open(&with(&format!("sslmode=verify-full sslrootcert={root}"))).await;
            let error = refused(&with(&format!("sslmode=verify-ca sslrootcert={other}"))).await;
            assert!(error.contains("TLS"), "{name}: {error}");
            let elsewhere = format!("sslmode=verify-full sslrootcert={root} host=elsewhere.test");
            let error = refused(&with(&elsewhere)).await;
            assert!(error.contains("is for \"localhost\""), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_vouches_for_itself() {
    need!(has_openssl());
    let server = need!(Secured::start(need!(peers::installed_major())));
    // The manual's quick recipe; OpenSSL marks the result as an authority.
    let request = "req -new -x509 -days 9 -nodes -newkey rsa:2048 -subj /CN=localhost";
    openssl(
        server.pki.folder(),
        &format!("{request} -out own.crt -keyout own.key"),
    );
    hand_over(&server, "own");
    server.use_certificate("own");
    let own = server.pki.path("own.crt");
    for mode in ["verify-ca", "verify-full"] {
        open(&server.tcp(&format!("user=postgres sslmode={mode} sslrootcert={own}"))).await;
    }
    let ca = server.pki.path("ca.crt");
    refused(&server.tcp(&format!("user=postgres sslmode=verify-ca sslrootcert={ca}"))).await;

    // Ed25519 names no hash, so there is nothing to bind the password to; it works all the same.
    let request = "req -new -x509 -days 9 -nodes -newkey ed25519 -subj /CN=localhost";
    openssl(
        server.pki.folder(),
        &format!("{request} -out ed.crt -keyout ed.key"),
    );
    hand_over(&server, "ed");
    server.use_certificate("ed");
    let scram = format!(
        "user=scram password='{}' sslmode=require",
        quoted_password()
    );
    open(&server.tcp(&scram)).await;
    let error = refused(&server.tcp(&format!("{scram} channel_binding=require"))).await;
    assert!(error.contains("channel_binding=require"), "{error}");
}

#[tokio::test]
async fn a_certificate_that_is_out_of_date() {
    let server = need!(Secured::start(need!(peers::installed_major())));
    hand_over(&server, "expired");
    server.use_certificate("expired");
    let ca = server.pki.path("ca.crt");
    let expired = server.pki.path("expired.crt");
    for root in [ca, expired] {
        let conninfo = format!("user=postgres sslmode=verify-ca sslrootcert={root}");
        let error = refused(&server.tcp(&conninfo)).await;
        assert!(error.contains("expired"), "{error}");
    }
    open(&server.tcp("user=postgres sslmode=require")).await;
}

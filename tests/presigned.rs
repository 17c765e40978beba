//! Archives behind a URL that somebody signed: a real S3 server takes the signature, and nobody else gets to
//! see it.

use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::signer::Signer;

use crate::need;
use crate::support::fixtures;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::Finished;
use crate::support::s3::S3Server;

const NAME: &str = "nightly/snap.tar";

/// A URL that allows to get the object, and nothing else, for an hour.
fn signed(s3: &S3Server) -> String {
    // Whichever test is first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let store = AmazonS3Builder::new()
        .with_endpoint(s3.endpoint())
        .with_allow_http(true)
        .with_region("us-east-1")
        .with_bucket_name("bucket")
        .with_access_key_id("key")
        .with_secret_access_key("secret")
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let (hour, path) = (Duration::from_secs(3600), Path::from(NAME));
    let url = store.signed_url(reqwest::Method::GET, &path, hour);
    runtime.unwrap().block_on(url).unwrap().into()
}

/// Demands that the signature is in no output.
#[track_caller]
fn silent(finished: Finished) -> Finished {
    let said = finished.stdout() + &finished.stderr();
    assert!(!said.contains("X-Amz"), "{}", finished.describe());
    finished
}

#[test]
fn a_signed_url_is_an_archive_and_a_secret() {
    let s3 = need!(S3Server::start());
    let source = need!(fixtures::source(need!(peers::installed_major())));
    source.create_database("to sign");
    source.psql("to sign", "CREATE TABLE t AS SELECT 7 AS id");
    let object = format!("s3://bucket/{NAME}");
    let dump = ["dump", "-w", "to sign", "--no-globals", "-f", &object];
    s3.told(Pgark::new(dump).at(source)).run().success();
    let url = signed(&s3);
    assert!(url.contains("X-Amz-Signature="), "{url}");

    for words in [
        &["inspect", "--json"][..],
        &["verify", "-v"],
        &["verify", "--deep", "--json"],
    ] {
        silent(Pgark::new(words).arg(&url).run().success());
    }
    let restore = ["restore", &url, "to sign=signed", "--create", "-w", "-v"];
    silent(Pgark::new(restore).at(source).run().success());
    assert_eq!(source.psql("signed", "SELECT id FROM t"), "7");
    source.drop_database("to sign");
    source.drop_database("signed");

    let other = match url.strip_suffix('0') {
        Some(start) => format!("{start}1"),
        None => format!("{}0", &url[..url.len() - 1]),
    };
    for refused in [&other, url.split('?').next().unwrap()] {
        let finished = silent(Pgark::new(["verify", refused]).run().code(4));
        let said = finished.stdout() + &finished.stderr();
        assert!(said.contains("no permission to read \"http://"), "{said}");
        assert!(said.contains("One that was signed"), "{said}");
    }
    let dump = ["dump", "-w", "postgres", "-f", &url];
    let said = silent(Pgark::new(dump).at(source).run().code(1)).stderr();
    assert!(said.contains("can only be read"), "{said}");
}

//! Several hosts, several addresses, and which of them is taken.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pgark::pg::Session;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, UnixListener};

use super::fake::{self, Fake, Step};
use super::server::Secured;
use super::{chain, config, one, open, refused};
use crate::need;

/// A port on which nobody listens.
async fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// A connection string with several of these servers.
fn several(ports: &[u16], rest: &str) -> String {
    let hosts = vec!["127.0.0.1"; ports.len()].join(",");
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let ports = ports.join(",");
    format!("host={hosts} port={ports} user=u dbname=d sslmode=disable {rest}")
}

/// The version of the server that the session is on, by which the fakes are told apart.
async fn reached(conninfo: &str) -> String {
    open(conninfo).await.server_version_text().to_owned()
}

async fn fake_of_version(version: &str, parameters: &[(&str, &str)]) -> Fake {
    let parameters = [&[("server_version", version)], parameters].concat();
    fake::start(vec![fake::session(&parameters)]).await
}

#[tokio::test]
async fn a_host_that_is_down_is_passed_over() {
    let server = need!(Secured::shared());
    let closed = closed_port().await;
    let (folder, port) = (server.cluster.socket_dir().display(), server.cluster.port());
    let conninfo = format!(
        "host=127.0.0.1,/nonexistent,{folder} port={closed},1,{port} user=postgres dbname=postgres"
    );
    let mut session = open(&conninfo).await;
    // Whatever else belongs to this session must be on the same server.
    let pinned = config(&conninfo).pinned_to(&session);
    assert_eq!(pinned.describe(), format!("{folder}/.s.PGSQL.{port}"));
    let pid = one(&mut session, "SELECT pg_postmaster_start_time()").await;
    let mut other = Session::connect(&pinned).await.unwrap();
    assert_eq!(
        one(&mut other, "SELECT pg_postmaster_start_time()").await,
        pid
    );
}

#[tokio::test]
async fn a_pinned_configuration_keeps_name_and_address() {
    let server = need!(Secured::shared());
    let port = server.cluster.port();
    let config = config(&format!(
        "host=localhost port={port} user=postgres dbname=postgres"
    ));
    let session = Session::connect(&config).await.unwrap();
    let pinned = config.pinned_to(&session);
    let get = |name: &str| {
        pinned
            .libpq_env()
            .into_iter()
            .find(|(key, _)| key == name)
            .unwrap()
            .1
    };
    assert_eq!(get("PGHOST").unwrap(), "localhost");
    assert_eq!(get("PGHOSTADDR").unwrap(), "127.0.0.1");
    assert_eq!(get("PGPORT").unwrap(), *port.to_string());
}

#[tokio::test]
async fn all_failures_are_told_and_a_refusal_ends_the_search() {
    let (first, second) = (closed_port().await, closed_port().await);
    let error = refused(&several(&[first, second], "")).await;
    for port in [first, second] {
        assert!(
            error.contains(&format!("127.0.0.1:{port}: cannot reach the server: ")),
            "{error}"
        );
    }
    let refusing = fake::start(vec![fake::refusal("28P01")]).await;
    let never = fake_of_version("14.1", &[]).await;
    let ports = [refusing.port(), never.port()];
    refused(&several(&ports, "target_session_attrs=prefer-standby")).await;
    let error = refused(&several(&ports, "")).await;
    assert!(
        error.ends_with("no, said the fake (SQLSTATE 28P01)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_is_starting_up_is_passed_over() {
    let starting = fake::start(vec![fake::refusal("57P03")]).await;
    let ready = fake_of_version("14.1", &[]).await;
    assert_eq!(
        reached(&several(&[starting.port(), ready.port()], "")).await,
        "14.1"
    );
}

#[tokio::test]
async fn the_wanted_kind_of_server_is_looked_for() {
    let parameter = |standby, read_only| {
        [
            ("in_hot_standby", standby),
            ("default_transaction_read_only", read_only),
        ]
    };
    let primary = fake_of_version("14.1", &parameter("off", "off")).await;
    let standby = fake_of_version("14.2", &parameter("on", "off")).await;
    let read_only = fake_of_version("14.3", &parameter("off", "on")).await;
    let all = [primary.port(), standby.port(), read_only.port()];
    let reverse = [read_only.port(), standby.port(), primary.port()];
    for (attribute, forward, backward) in [
        ("any", "14.1", "14.3"),
        ("read-write", "14.1", "14.1"),
        ("read-only", "14.2", "14.3"),
        ("primary", "14.1", "14.3"),
        ("standby", "14.2", "14.2"),
        ("prefer-standby", "14.2", "14.2"),
    ] {
        let rest = format!("target_session_attrs={attribute}");
        assert_eq!(reached(&several(&all, &rest)).await, forward, "{attribute}");
        assert_eq!(
            reached(&several(&reverse, &rest)).await,
            backward,
            "{attribute}"
        );
    }
    let only = [primary.port()];
    assert_eq!(
        reached(&several(&only, "target_session_attrs=prefer-standby")).await,
        "14.1"
    );
    let error = refused(&several(&only, "target_session_attrs=standby")).await;
    assert!(
        error.contains("not a standby, but target_session_attrs asks for a standby"),
        "{error}"
    );
}

#[tokio::test]
async fn servers_before_14_are_asked_what_they_are() {
    let answering = |answer: &str| {
        let lets_in = vec![Step::Untagged, Step::Send(fake::session_messages(&[]))];
        // Parse, Bind, Describe, Execute, Sync
        let asked = vec![Step::Tagged; 5];
        let answered = vec![Step::Send(fake::one_row(answer))];
        let (path, parameters) = (fake::opening_step(), fake::opening_step());
        [lets_in, path, asked, answered, parameters].concat()
    };
    let standby = fake::start(vec![answering("t")]).await;
    open(&standby.conninfo("target_session_attrs=standby")).await;
    refused(&standby.conninfo("target_session_attrs=primary")).await;
    let read_only = fake::start(vec![answering("on")]).await;
    open(&read_only.conninfo("target_session_attrs=read-only")).await;
    refused(&read_only.conninfo("target_session_attrs=read-write")).await;
}

#[tokio::test]
async fn a_real_server_says_what_it_is() {
    let server = need!(Secured::shared());
    for attribute in ["any", "read-write", "primary", "prefer-standby"] {
        open(&server.socket(&format!("user=postgres target_session_attrs={attribute}"))).await;
    }
    let read_only = "user=postgres options='-c default_transaction_read_only=on'";
    open(&server.socket(&format!("{read_only} target_session_attrs=read-only"))).await;
    refused(&server.socket(&format!("{read_only} target_session_attrs=read-write"))).await;
}

#[tokio::test]
async fn a_silent_server_is_given_up_in_time() {
    let silent = fake::start(vec![vec![Step::Untagged]]).await;
    let ready = fake_of_version("14.1", &[]).await;
    let ports = [silent.port(), ready.port()];
    let begun = Instant::now();
    assert_eq!(reached(&several(&ports, "connect_timeout=1")).await, "14.1");
    let waited = begun.elapsed();
    assert!(
        waited >= Duration::from_secs(2) && waited < Duration::from_secs(20),
        "{waited:?}"
    );
    let error = refused(&several(&ports[..1], "connect_timeout=2")).await;
    assert!(error.contains("no answer within 2 s"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn sockets_without_a_file() {
    let folder = format!("pgark-test-{}", std::process::id());
    let listener = UnixListener::bind(format!("\0{folder}/.s.PGSQL.77")).unwrap();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(
                &[
                    fake::session_messages(&[]),
                    fake::opening_answer().repeat(2),
                ]
                .concat(),
            )
            .await
            .unwrap();
        stream
    });
    let session = open(&format!("host=@{folder} port=77 user=u dbname=d")).await;
    assert_eq!(session.server_version_text(), "13.1");
    let pinned = config("host=x user=u").pinned_to(&session);
    assert_eq!(pinned.describe(), format!("@{folder}/.s.PGSQL.77"));
    drop(serving.await.unwrap());
}

#[tokio::test]
async fn load_is_spread() {
    let mut fakes = Vec::new();
    for version in ["14.1", "14.2", "14.3"] {
        fakes.push(fake_of_version(version, &[]).await);
    }
    let ports: Vec<u16> = fakes.iter().map(Fake::port).collect();
    let conninfo = several(&ports, "load_balance_hosts=random");
    let mut seen = BTreeSet::new();
    // All three within a hundred tries, but for one chance in 10^17.
    for _ in 0..100 {
        seen.insert(reached(&conninfo).await);
    }
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn a_name_without_an_address_is_said_to_be_one() {
    let error = Session::connect(&config("host=no-such-host.invalid user=u"))
        .await
        .unwrap_err();
    let text = chain(&error);
    assert!(
        text.contains("cannot find the address of host \"no-such-host.invalid\""),
        "{text}"
    );
    assert!(error.hint().is_some());
}

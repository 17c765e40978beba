//! Passwords, where they come from, and who is let in how.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pgark::pg::{ConnectionArgs, Environment, PasswordPolicy, ServerConfig, Session, resolve};

use super::server::{PASSWORD, Secured, quoted_password};
use super::{config, config_in, one, open, refused, refused_by};
use crate::need;
use crate::support::cluster::clean_command;
use crate::support::peers;
use crate::support::run::run;

#[tokio::test]
async fn every_kind_of_password_lets_in() {
    let server = need!(Secured::shared());
    for user in ["scram", "md5", "clear"] {
        for sslmode in ["disable", "require"] {
            let rest = format!(
                "user={user} sslmode={sslmode} password='{}'",
                quoted_password()
            );
            let mut session = open(&server.tcp(&rest)).await;
            assert_eq!(one(&mut session, "SELECT current_user").await, user);
            let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let expected = if sslmode == "require" { "t" } else { "f" };
            assert_eq!(one(&mut session, encrypted).await, expected);
        }
    }
    let rest = format!("user=peerless password='{}'", quoted_password());
    open(&server.socket(&rest)).await.close().await;
    open(&server.socket("user=scram")).await.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_the_servers_refusal_and_is_not_repeated() {
    let server = need!(Secured::shared());
    for user in ["scram", "md5", "clear"] {
        let config = config(&server.tcp(&format!("user={user} sslmode=require password=hunter2")));
        let error = Session::connect(&config).await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("28P01"));
        assert!(error.hint().unwrap().contains("password"));
        let shown = format!("{error:?} {} {config:?}", super::chain(&error));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains(&format!("localhost:{}", server.cluster.port())));
    }
    let error = refused(&server.tcp("user=scram")).await;
    assert!(
        error.contains("asks for a password and none was given"),
        "{error}"
    );
}

#[tokio::test]
async fn what_does_not_exist_or_is_not_allowed_is_named() {
    let server = need!(Secured::shared());
    let config = config(&server.tcp("user=postgres")).with_dbname(b"no such = database");
    let error = Session::connect(&config).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("3D000"));
    let text = super::chain(&error);
    assert!(
        text.starts_with("cannot connect to database \"no such = database\" at localhost:"),
        "{text}"
    );

    let error = refused(&server.tcp("user=nobody_at_all sslmode=disable")).await;
    assert!(error.contains("28000"), "{error}");
    let error = refused("host=/nonexistent user=u dbname=d").await;
    assert!(
        error.contains("/nonexistent/.s.PGSQL.5432: cannot reach the server"),
        "{error}"
    );
}

#[tokio::test]
async fn the_kinds_of_authentication_can_be_restricted() {
    let server = need!(Secured::shared());
    let with = |user: &str, rest: &str| {
        let password = quoted_password();
        server.tcp(&format!(
            "user={user} sslmode=disable password='{password}' {rest}"
        ))
    };
    open(&with("scram", "require_auth=scram-sha-256")).await;
    open(&with("clear", "require_auth=!md5,!scram-sha-256")).await;
    open(&with("postgres", "require_auth=none")).await;
    for (user, rest) in [
        ("clear", "require_auth=scram-sha-256,md5"),
        ("md5", "require_auth=!md5"),
        ("postgres", "require_auth=!none"),
        ("scram", "require_auth=password"),
    ] {
        let error = refused(&with(user, rest)).await;
        assert!(error.contains("require_auth: the server"), "{error}");
    }
}

fn in_home(server: &Secured, user: &str, home: &Path) -> ServerConfig {
    config_in(
        &server.tcp(&format!("user={user} sslmode=disable")),
        &[],
        Some(home),
    )
}

#[tokio::test]
async fn the_password_file_is_used_only_while_nobody_else_can_read_it() {
    let server = need!(Secured::shared());
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    let escaped = PASSWORD.replace('\\', "\\\\").replace(':', "\\:");
    let port = server.cluster.port();
    let text =
        format!("# test\nlocalhost:{port}:other:scram:no\nlocalhost:*:postgres:scram:{escaped}\n");
    fs::write(&file, text).unwrap();
    let permit = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();

    permit(0o600);
    let config = in_home(server, "scram", home.path());
    assert!(config.warnings().is_empty());
    Session::connect(&config).await.unwrap();
    let error = Session::connect(&config.with_dbname(b"other"))
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate(), Some("28P01"));
    let hint = error.hint().unwrap();
    assert!(hint.contains(file.to_str().unwrap()), "{hint}");

    permit(0o640);
    let config = in_home(server, "scram", home.path());
    assert!(
        config.warnings()[0].contains("0600"),
        "{:?}",
        config.warnings()
    );
    assert!(refused_by(&config).await.contains("none was given"));

    // A file named in the connection string or by PGPASSFILE takes its place.
    permit(0o600);
    let conninfo = server.tcp("user=scram sslmode=disable");
    let named = config_in(&conninfo, &[("PGPASSFILE", file.to_str().unwrap())], None);
    Session::connect(&named).await.unwrap();
    let wrong = config_in(&conninfo, &[("PGPASSWORD", "x")], Some(home.path()));
    assert!(refused_by(&wrong).await.contains("28P01"));
    let right = config_in(&conninfo, &[("PGPASSWORD", PASSWORD)], None);
    Session::connect(&right).await.unwrap();
}

#[tokio::test]
async fn a_service_says_where_and_how() {
    let server = need!(Secured::shared());
    let home = tempfile::tempdir().unwrap();
    let text = format!(
        "[pgark]\nhost={}\nport={}\nuser=peerless\ndbname=postgres\npassword={PASSWORD}\n",
        server.cluster.socket_dir().display(),
        server.cluster.port()
    );
    fs::write(home.path().join(".pg_service.conf"), text).unwrap();
    let config = config_in("service=pgark", &[], Some(home.path()));
    let mut session = Session::connect(&config).await.unwrap();
    assert_eq!(one(&mut session, "SELECT current_user").await, "peerless");
    let config = config_in(
        "user=postgres",
        &[("PGSERVICE", "pgark")],
        Some(home.path()),
    );
    let mut session = Session::connect(&config).await.unwrap();
    assert_eq!(one(&mut session, "SELECT current_user").await, "postgres");
}

#[tokio::test]
async fn a_uri_over_the_socket_and_over_tcp() {
    let server = need!(Secured::shared());
    let mut session = open(&server.cluster.socket_url("postgres")).await;
    assert_eq!(
        one(&mut session, "SELECT inet_server_port() IS NULL").await,
        "t"
    );
    let uri = format!(
        "{}?application_name=it%27s&options=-c%20work_mem%3D77kB",
        server.cluster.url("postgres")
    );
    let mut session = open(&uri).await;
    assert_eq!(one(&mut session, "SHOW application_name").await, "it's");
    assert_eq!(one(&mut session, "SHOW work_mem").await, "77kB");
}

#[tokio::test]
async fn variables_of_the_session_are_passed_on() {
    let server = need!(Secured::shared());
    let variables = [
        ("PGTZ", "Asia/Tokyo"),
        ("PGOPTIONS", "-c geqo=off"),
        ("PGAPPNAME", "other"),
        ("PGCLIENTENCODING", "LATIN1"),
    ];
    let config = config_in(&server.socket("user=postgres"), &variables, None);
    let mut session = Session::connect(&config).await.unwrap();
    assert_eq!(one(&mut session, "SHOW timezone").await, "Asia/Tokyo");
    assert_eq!(one(&mut session, "SHOW geqo").await, "off");
    assert_eq!(session.parameter("application_name"), Some(&b"other"[..]));
    // Names and data stay in the database's encoding unless the connection string says otherwise.
    assert_eq!(session.parameter("client_encoding"), Some(&b"UTF8"[..]));
    let mut session = open(&server.socket("user=postgres client_encoding=LATIN1")).await;
    assert_eq!(one(&mut session, "SHOW client_encoding").await, "LATIN1");
}

#[tokio::test]
async fn the_owner_of_the_socket_can_be_demanded() {
    let server = need!(Secured::shared());
    let owner = fs::metadata(server.cluster.data_dir()).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&owner);
    let owner = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(owner))
        .unwrap()
        .unwrap()
        .name;
    open(&server.socket(&format!("user=postgres requirepeer={owner}"))).await;
    let error = refused(&server.socket("user=postgres requirepeer=mallory")).await;
    assert!(
        error.contains("requirepeer asks for a server of \"mallory\""),
        "{error}"
    );
}

/// A configuration whose prompt gives `answer` and counts how often it was asked.
fn prompting(
    server: &Secured,
    user: &str,
    policy: PasswordPolicy,
    answer: &'static str,
) -> (ServerConfig, Arc<AtomicUsize>) {
    let args = ConnectionArgs {
        dbname: Some(server.tcp(&format!("user={user}"))),
        password: policy,
        ..ConnectionArgs::default()
    };
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let config = resolve(&args, &Environment::default()).unwrap();
    let config = config.with_password_prompt(Arc::new(move |text: &str| {
        assert!(text.starts_with("Password for user "), "{text}");
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(answer.to_owned())
    }));
    (config, asked)
}

#[tokio::test]
async fn a_person_is_asked_once_and_only_if_need_be() {
    let server = need!(Secured::shared());
    let (config, asked) = prompting(server, "scram", PasswordPolicy::Default, PASSWORD);
    let copy = config.with_dbname(b"template1");
    let (first, second) = tokio::join!(Session::connect(&config), Session::connect(&copy));
    let pinned = config.pinned_to(&first.unwrap());
    second.unwrap();
    Session::connect(&pinned).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let password = pinned
        .libpq_env()
        .into_iter()
        .find(|(name, _)| name == "PGPASSWORD");
    assert_eq!(password.unwrap().1.unwrap(), PASSWORD);
    assert!(!format!("{config:?}").contains(PASSWORD));

    let (config, asked) = prompting(server, "postgres", PasswordPolicy::Default, "unused");
    Session::connect(&config).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    let (config, asked) = prompting(server, "postgres", PasswordPolicy::Force, "unused");
    Session::connect(&config).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let (config, asked) = prompting(server, "scram", PasswordPolicy::Never, PASSWORD);
    assert!(refused_by(&config).await.contains("none was given"));
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    let (config, asked) = prompting(server, "scram", PasswordPolicy::Default, "wrong");
    assert!(refused_by(&config).await.contains("28P01"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn libpq_programs_are_led_to_the_same_place() {
    let server = need!(Secured::shared());
    let psql = need!(peers::installed_client()).join("psql");
    let scram = format!(
        "user=scram password='{}' sslmode=verify-full sslrootcert={} options='-c work_mem=77kB'",
        quoted_password(),
        server.pki.path("ca.crt")
    );
    let over_tcp = config(&server.tcp(&scram));
    let over_socket = config(&server.socket("user=postgres")).with_dbname(b"template1");
    for (config, expected) in [
        (over_tcp, "scram|postgres|127.0.0.1|t|77kB"),
        (over_socket, "postgres|template1||f|4MB"),
    ] {
        let session = Session::connect(&config).await.unwrap();
        let mut command = clean_command(&psql);
        for (name, value) in config.pinned_to(&session).libpq_env() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let sql = "SELECT current_user, current_database(), inet_client_addr(), ssl, \
                   current_setting('work_mem') FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        command.args(["-X", "-w", "-A", "-t", "-c", sql]);
        let answer = run(&mut command, b"").success().stdout();
        assert_eq!(answer.trim_end(), expected);
    }
}

//! The ground the other tests stand on: servers start, answer, and are gone afterwards.

use crate::need;
use crate::support::cluster::{Cluster, Options};
use crate::support::peers;
use crate::support::run::run;
use crate::support::tls::Certificates;

#[test]
fn the_installed_server_starts_and_answers() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("it's a \"test\" = 100% fine");
    let name = cluster.psql("it's a \"test\" = 100% fine", "SELECT current_database()");
    assert_eq!(name, "it's a \"test\" = 100% fine");
}

#[test]
fn every_major_version_starts() {
    for major in peers::SERVER_MAJORS {
        let cluster = need!(Cluster::start(major));
        let version = cluster.psql("postgres", "SHOW server_version_num");
        assert!(version.starts_with(&major.to_string()), "{version}");
    }
}

#[test]
fn a_stopped_server_leaves_nothing() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    let dir = cluster.socket_dir().to_owned();
    let pid = std::fs::read_to_string(cluster.data_dir().join("postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap().to_owned();
    cluster.stop();
    assert!(!dir.exists());
    assert!(!std::path::Path::new("/proc").join(pid).exists());
}

#[test]
fn a_server_takes_authentication_lines_and_settings() {
    let options = Options {
        hba: vec!["host all locked 127.0.0.1/32 scram-sha-256".to_owned()],
        settings: vec!["password_encryption = 'scram-sha-256'".to_owned()],
    };
    let cluster = need!(Cluster::start_with(
        need!(peers::installed_major()),
        &options
    ));
    cluster.psql(
        "postgres",
        "CREATE ROLE locked LOGIN PASSWORD 'open sesame'",
    );
    let psql = need!(peers::installed_client()).join("psql");
    let mut command = cluster.command(&psql);
    command.args([
        "-X",
        "-w",
        "-h",
        "127.0.0.1",
        "-U",
        "locked",
        "-d",
        "postgres",
        "-c",
        "SELECT 1",
    ]);
    run(&mut command, b"").code(2);
    command.env("PGPASSWORD", "open sesame");
    run(&mut command, b"").success();
}

#[test]
fn a_server_speaks_tls() {
    let certificates = need!(Certificates::make());
    let options = Options {
        hba: vec!["hostssl all app_login 127.0.0.1/32 cert".to_owned()],
        settings: certificates.settings("server"),
    };
    let cluster = need!(Cluster::start_with(
        need!(peers::installed_major()),
        &options
    ));
    cluster.psql("postgres", "CREATE ROLE app_login LOGIN");
    let psql = need!(peers::installed_client()).join("psql");
    let mut command = cluster.command(&psql);
    command.args([
        "-X",
        "-A",
        "-t",
        "-c",
        "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    ]);
    command
        .env("PGHOST", "127.0.0.1")
        .env("PGDATABASE", "postgres");
    command.env("PGSSLMODE", "verify-full");
    command.env("PGSSLROOTCERT", certificates.path("other-ca.crt"));
    run(&mut command, b"").code(2);
    command.env("PGSSLROOTCERT", certificates.path("ca.crt"));
    assert_eq!(run(&mut command, b"").success().stdout(), "t\n");
    command.env("PGUSER", "app_login");
    run(&mut command, b"").code(2);
    command.env("PGSSLCERT", certificates.path("client.crt"));
    command.env("PGSSLKEY", certificates.path("client.key"));
    run(&mut command, b"").success();
}

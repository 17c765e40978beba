//! Our client beside tokio-postgres, which shares no code with it above the bytes of a message: over a Unix socket, TCP
//! and TLS with SCRAM both must read the same rows.

use std::sync::Arc;

use pgark::pg::Session;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::open;
use super::server::{PASSWORD, Secured, quoted_password};
use crate::need;

/// SSLRequest: its length and its code (documentation, 55.7).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Rows of every shape that a client could get wrong: nothing, much, many, absent and empty texts, bytes beyond ASCII.
const QUERIES: [&str; 8] = [
    "SELECT current_user, current_database()",
    "SELECT n, n * n, repeat('x', n), NULLIF(n % 7, 0) FROM generate_series(1, 3000) AS n",
    "SELECT repeat('wide ', 400000)",
    "SELECT NULL::text, '', 'NULL', '\\N', E'\\t\\n', 'Rôle; \u{1f418}'",
    "SELECT 1 WHERE false",
    "SELECT",
    "SELECT typname, typlen, typnotnull, typdefault FROM pg_type ORDER BY oid",
    "SELECT 1.50::numeric, '-infinity'::timestamptz, '{1,NULL,\"a b\"}'::text[], '\\xff00'::bytea, 1e-300::float8",
];

type Rows = Vec<Vec<Option<String>>>;

/// The other client, its connection driven by a task.
async fn other<S>(config: &tokio_postgres::Config, stream: S) -> Client
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn rows_of_other(client: &Client, sql: &str) -> Rows {
    let messages = client.simple_query(sql).await.unwrap();
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| {
        (0..row.len())
            .map(|at| row.get(at).map(str::to_owned))
            .collect()
    })
    .collect()
}

async fn rows_of_ours(session: &mut Session, sql: &str) -> Rows {
    let rows = session.query(sql.as_bytes(), &[]).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    rows.iter()
        .map(|row| (0..row.len()).map(|at| row.get(at).map(text)).collect())
        .collect()
}

/// Both read all queries, and meet the same error.
async fn assert_alike(mut ours: Session, other: Client) {
    for sql in QUERIES {
        let expected = rows_of_other(&other, sql).await;
        let found = rows_of_ours(&mut ours, sql).await;
        assert!(
            found == expected,
            "{sql}: {} rows and {}",
            found.len(),
            expected.len()
        );
    }
    let wrong = "SELECT 1/0";
    let theirs = other.simple_query(wrong).await.unwrap_err();
    let mine = ours.query(wrong.as_bytes(), &[]).await.unwrap_err();
    assert_eq!(mine.sqlstate(), theirs.code().map(|code| code.code()));
    assert_eq!(mine.sqlstate(), Some("22012"));
    // And both go on afterwards.
    assert_eq!(
        rows_of_ours(&mut ours, "SELECT 7").await,
        rows_of_other(&other, "SELECT 7").await
    );
}

fn plain_config(user: &str) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config.user(user).dbname("postgres").password(PASSWORD);
    config
}

#[tokio::test]
async fn over_a_unix_socket_both_read_the_same() {
    let server = need!(Secured::shared());
    let path = server
        .cluster
        .socket_dir()
        .join(format!(".s.PGSQL.{}", server.cluster.port()));
    let stream = tokio::net::UnixStream::connect(path).await.unwrap();
    let other = other(&plain_config("postgres"), stream).await;
    let ours = open(&server.socket("user=postgres dbname=postgres")).await;
    assert_alike(ours, other).await;
}

#[tokio::test]
async fn over_tcp_both_read_the_same() {
    let server = need!(Secured::shared());
    let stream = TcpStream::connect(("127.0.0.1", server.cluster.port()))
        .await
        .unwrap();
    let other = other(&plain_config("scram"), stream).await;
    let rest = format!(
        "user=scram dbname=postgres sslmode=disable password='{}'",
        quoted_password()
    );
    let ours = open(&server.tcp(&rest)).await;
    assert_alike(ours, other).await;
}

#[tokio::test]
async fn over_tls_with_scram_both_read_the_same() {
    let server = need!(Secured::shared());
    let mut stream = TcpStream::connect(("127.0.0.1", server.cluster.port()))
        .await
        .unwrap();
    stream.write_all(&SSL_REQUEST).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'S');
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read(server.pki.path("ca.crt")).unwrap();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(tls))
        .connect(name, stream)
        .await
        .unwrap();
    let other = other(&plain_config("scram"), stream).await;
    let root = server.pki.path("ca.crt");
    let password = quoted_password();
    let rest = format!(
        "user=scram dbname=postgres sslmode=verify-full sslrootcert={root} password='{password}'"
    );
    let ours = open(&server.tcp(&rest)).await;
    assert_alike(ours, other).await;
}

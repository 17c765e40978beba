//! Statements, transactions, bytes that are not UTF-8.

use std::time::Duration;

use pgark::pg::{Session, TransactionStatus};

use super::server::Secured;
use super::{config, one, open};
use crate::need;

#[tokio::test]
async fn a_session_knows_its_server() {
    let server = need!(Secured::shared());
    let session = open(&server.socket("user=postgres")).await;
    assert_eq!(session.server_version().major(), server.cluster.major());
    assert!(
        session
            .server_version_text()
            .starts_with(&session.server_version().to_string())
    );
    assert_eq!(session.parameter("server_encoding"), Some(&b"UTF8"[..]));
    assert_eq!(session.parameter("nosuch"), None);
    session.close().await;
}

#[tokio::test]
async fn queries_with_parameters() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let params: &[Option<&[u8]>] = &[Some(b"41"), None, Some("é\\'".as_bytes())];
    let sql = b"SELECT $1::int + 1 AS a, $2::text, $3::text, true, 3000000000::oid, ''";
    let rows = session.query(sql, params).await.unwrap();
    let row = &rows[0];
    assert_eq!((rows.len(), row.len()), (1, 6));
    assert_eq!((row.i64(0).unwrap(), row.i32(0).unwrap()), (42, 42));
    assert_eq!(row.get(1), None);
    assert_eq!(row.str(2).unwrap(), "é\\'");
    assert!(row.bool(3).unwrap());
    assert_eq!(row.u32(4).unwrap(), 3_000_000_000);
    assert_eq!(row.text(5).unwrap(), b"");
    assert_eq!(
        row.bool(0).unwrap_err().to_string(),
        "column \"a\" holds \"42\", not a boolean"
    );

    let rows = session
        .query(b"SELECT generate_series(1, 100000)", &[])
        .await
        .unwrap();
    assert_eq!(rows.len(), 100_000);
    assert!(
        session
            .query(b"CREATE TEMP TABLE t (a int)", &[])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(session.query(b"", &[]).await.unwrap().is_empty());
    let error = session.query(b"SELECT 1; SELECT 2", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("42601"));
    let error = session.query(b"SELECT\0 1", &[]).await.unwrap_err();
    assert!(error.to_string().contains("zero byte"));
    assert_eq!(one(&mut session, "SELECT 1").await, "1");
}

#[tokio::test]
async fn transactions_and_errors() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    assert_eq!(session.transaction_status(), TransactionStatus::Idle);
    session.execute(b"BEGIN; SELECT 1; SELECT 2").await.unwrap();
    assert_eq!(
        session.transaction_status(),
        TransactionStatus::InTransaction
    );
    let error = session
        .execute(b"SELECT 1; SELECT nosuch; SELECT 2")
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate(), Some("42703"));
    assert_eq!(error.db().unwrap().position, Some(18));
    assert!(!error.is_connection_lost());
    assert_eq!(session.transaction_status(), TransactionStatus::Failed);
    session.execute(b"ROLLBACK").await.unwrap();
    assert_eq!(session.transaction_status(), TransactionStatus::Idle);
}

#[tokio::test]
async fn notices_are_kept_within_bounds() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let sql = "DO $$BEGIN FOR i IN 1..250 LOOP RAISE NOTICE 'n %', i; END LOOP; END$$";
    session.execute(sql.as_bytes()).await.unwrap();
    let notices = session.take_notices();
    assert_eq!(notices.len(), 100);
    assert_eq!(
        (notices[0].message.as_str(), notices[0].severity.as_str()),
        ("n 151", "NOTICE")
    );
    assert!(session.take_notices().is_empty());
    session
        .execute(b"SET application_name = 'renamed'")
        .await
        .unwrap();
    assert_eq!(session.parameter("application_name"), Some(&b"renamed"[..]));
}

#[tokio::test]
async fn names_and_texts_may_be_any_bytes() {
    let server = need!(Secured::shared());
    server.cluster.psql(
        "postgres",
        "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0",
    );
    let config = config(&server.socket("user=postgres")).with_dbname(b"ascii");
    let mut session = Session::connect(&config).await.unwrap();
    session
        .execute(b"CREATE TABLE public.\"caf\xe9 \xff\" (\"\xfe\" text)")
        .await
        .unwrap();
    session
        .execute(b"CREATE DATABASE \"d\xff\" TEMPLATE template0")
        .await
        .unwrap();
    let sql = b"INSERT INTO public.\"caf\xe9 \xff\" VALUES ($1) RETURNING \"\xfe\"";
    let rows = session.query(sql, &[Some(b"\x80\xff")]).await.unwrap();
    assert_eq!(rows[0].text(0).unwrap(), b"\x80\xff");
    assert!(rows[0].str(0).is_err());
    let mut copy = session
        .copy_out(b"COPY public.\"caf\xe9 \xff\" TO STDOUT")
        .await
        .unwrap();
    let mut out = Vec::new();
    while copy.read_rows(&mut out).await.unwrap() {}
    assert_eq!(out, b"\x80\xff\n");
    let error = session
        .execute(b"SELECT * FROM \"no\xff\"")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no\u{fffd}"), "{error}");
    let mut other = Session::connect(&config.with_dbname(b"d\xff"))
        .await
        .unwrap();
    let rows = other
        .query(b"SELECT current_database()", &[])
        .await
        .unwrap();
    assert_eq!(rows[0].text(0).unwrap(), b"d\xff");
}

#[tokio::test]
async fn a_session_that_the_server_ended_says_why() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let mut killer = open(&server.socket("user=postgres")).await;
    let pid = one(&mut session, "SELECT pg_backend_pid()").await;
    killer
        .execute(format!("SELECT pg_terminate_backend({pid})").as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let error = session.execute(b"SELECT 1").await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("57P01"), "{error}");
    assert!(error.is_connection_lost());
}

#[tokio::test]
async fn a_huge_statement_and_a_huge_value() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let value = vec![b'v'; 20_000_000];
    let rows = session
        .query(b"SELECT $1::text", &[Some(&value)])
        .await
        .unwrap();
    assert!(rows[0].text(0).unwrap() == value);
    let sql = [b"SELECT '", &value[..], b"'::text::int"].concat();
    let error = session.execute(&sql).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("22P02"));
    assert!(
        error.to_string().len() < 100_000,
        "the value in the message is cut"
    );
    session
        .execute(&[b"SELECT '", &value[..], b"'"].concat())
        .await
        .unwrap();
}

#[tokio::test]
async fn futures_can_move_between_threads() {
    fn movable<T: Send>(_: T) {}
    let server = need!(Secured::shared());
    let config = config(&server.socket("user=postgres"));
    movable(Session::connect(&config));
    let mut session = open(&server.socket("user=postgres")).await;
    movable(session.execute(b""));
    movable(session.query(b"", &[]));
    let mut copy = session
        .copy_out(b"COPY (SELECT 1) TO STDOUT")
        .await
        .unwrap();
    let mut out = Vec::new();
    movable(copy.read_rows(&mut out));
}

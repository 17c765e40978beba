//! COPY in both directions.

use std::time::Duration;

use pgark::pg::{Error, Session, TransactionStatus};

use super::server::Secured;
use super::{one, open};
use crate::need;

async fn read_all(session: &mut Session, sql: &str) -> Vec<u8> {
    let mut copy = session.copy_out(sql.as_bytes()).await.unwrap();
    let mut out = Vec::new();
    while copy.read_rows(&mut out).await.unwrap() {}
    assert!(!copy.read_rows(&mut out).await.unwrap());
    out
}

#[tokio::test]
async fn rows_of_every_length_go_both_ways() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"CREATE TEMP TABLE t (a text)")
        .await
        .unwrap();
    let mut rows = Vec::new();
    let mut count = 0;
    // Around the sizes of all buffers, and one row of 40 MB.
    for length in [
        0, 1, 65_530, 131_066, 131_067, 262_139, 262_140, 300_000, 40_000_000, 3,
    ] {
        rows.extend(vec![b'a' + u8::try_from(count % 26).unwrap(); length]);
        rows.push(b'\n');
        count += 1;
    }
    for slice in [1 << 20, 70_001] {
        session.execute(b"TRUNCATE t").await.unwrap();
        let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
        for part in rows.chunks(slice) {
            copy.write(part).await.unwrap();
        }
        assert_eq!(copy.finish().await.unwrap(), count);
        assert!(read_all(&mut session, "COPY t TO STDOUT").await == rows);
    }
}

#[tokio::test]
async fn many_short_rows_come_in_large_pieces() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let sql = "COPY (SELECT i, 'row ' || i FROM generate_series(1, 200000) i) TO STDOUT";
    let mut copy = session.copy_out(sql.as_bytes()).await.unwrap();
    let (mut out, mut calls) = (Vec::new(), 0);
    loop {
        let before = out.len();
        if !copy.read_rows(&mut out).await.unwrap() {
            assert_eq!(out.len(), before);
            break;
        }
        calls += 1;
        assert!(out.len() > before && out.ends_with(b"\n"), "rows are whole");
        assert!(out.len() - before < 600 * 1024, "a piece has about 256 KiB");
    }
    assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 200_000);
    assert!(calls < 20_000, "{calls} calls");
}

#[tokio::test]
async fn tables_without_rows_and_without_columns() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"CREATE TEMP TABLE e (); INSERT INTO e DEFAULT VALUES")
        .await
        .unwrap();
    assert_eq!(read_all(&mut session, "COPY e TO STDOUT").await, b"\n");
    assert_eq!(
        read_all(&mut session, "COPY (SELECT 1 WHERE false) TO STDOUT").await,
        b""
    );
    let copy = session.copy_in(b"COPY e FROM STDIN").await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 0);
}

#[tokio::test]
async fn an_error_while_rows_are_sent_comes_back_early_and_the_session_lives() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"BEGIN; CREATE TEMP TABLE t (a int)")
        .await
        .unwrap();
    let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
    copy.write(b"1\nnot a number\n").await.unwrap();
    let rows = b"2\n".repeat(1 << 20);
    let mut written = 0;
    let error = loop {
        assert!(written < 1_000, "the error is never noticed");
        match copy.write(&rows).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.sqlstate(), Some("22P02"));
    assert!(
        error
            .db()
            .unwrap()
            .context
            .as_deref()
            .unwrap()
            .contains("COPY t, line 2")
    );
    drop(copy);
    assert_eq!(session.transaction_status(), TransactionStatus::Failed);
    session.execute(b"ROLLBACK").await.unwrap();
    assert_eq!(one(&mut session, "SELECT 1").await, "1");
}

#[tokio::test]
async fn an_error_at_the_end_of_the_rows_is_finishs() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"CREATE TEMP TABLE t (a int UNIQUE)")
        .await
        .unwrap();
    let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
    copy.write(b"1\n1\n").await.unwrap();
    let error = copy.finish().await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("23505"));
    assert!(error.db().unwrap().constraint.is_some());
    assert_eq!(one(&mut session, "SELECT count(*) FROM t").await, "0");
}

#[tokio::test]
async fn rows_can_be_taken_back() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"CREATE TEMP TABLE t (a int)")
        .await
        .unwrap();
    let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
    copy.write(&b"3\n".repeat(100_000)).await.unwrap();
    copy.fail("changed our mind").await.unwrap();
    assert_eq!(one(&mut session, "SELECT count(*) FROM t").await, "0");
}

#[tokio::test]
async fn an_error_while_rows_are_read() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let sql = "COPY (SELECT 1 / (100000 - i) FROM generate_series(1, 200000) i) TO STDOUT";
    let mut copy = session.copy_out(sql.as_bytes()).await.unwrap();
    let mut out = Vec::new();
    let error = loop {
        match copy.read_rows(&mut out).await {
            Ok(more) => assert!(more),
            Err(error) => break error,
        }
    };
    assert_eq!(error.sqlstate(), Some("22012"));
    assert_eq!(out.len(), 99_999 * 2);
    assert_eq!(one(&mut session, "SELECT 1").await, "1");
}

#[tokio::test]
async fn what_is_not_the_right_copy_is_refused_and_the_session_lives() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"CREATE TEMP TABLE t (a int)")
        .await
        .unwrap();
    for sql in ["SELECT 1", "COPY t FROM STDIN", ""] {
        let error = session
            .copy_out(sql.as_bytes())
            .await
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, Error::NotThatCopy { .. }), "{sql}: {error}");
    }
    assert_eq!(read_all(&mut session, "COPY t TO STDOUT").await, b"");
}

#[tokio::test]
async fn copies_where_no_copy_was_asked_for() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    session
        .execute(b"CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)")
        .await
        .unwrap();
    for sql in [
        "COPY t FROM STDIN",
        "COPY t TO STDOUT",
        "COPY t TO STDOUT; SELECT 1",
    ] {
        let error = session.execute(sql.as_bytes()).await.unwrap_err();
        assert!(matches!(error, Error::NotThatCopy { .. }), "{sql}: {error}");
        assert_eq!(one(&mut session, "SELECT count(*) FROM t").await, "1");
    }
    for sql in ["SELECT 1", "COPY t TO STDOUT", ""] {
        let error = session
            .copy_in(sql.as_bytes())
            .await
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, Error::NotThatCopy { .. }), "{sql}: {error}");
    }
    let error = session
        .copy_in(b"COPY nosuch FROM STDIN")
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.sqlstate(), Some("42P01"));
    assert_eq!(one(&mut session, "SELECT count(*) FROM t").await, "1");
}

#[tokio::test]
async fn a_copy_dropped_midway_ends_the_session() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let sql = b"COPY (SELECT generate_series(1, 1000000)) TO STDOUT";
    let mut out = Vec::new();
    session
        .copy_out(sql)
        .await
        .unwrap()
        .read_rows(&mut out)
        .await
        .unwrap();
    assert!(matches!(
        session.execute(b"SELECT 1").await,
        Err(Error::Broken)
    ));
}

#[tokio::test]
async fn a_copy_is_cancelled() {
    let server = need!(Secured::shared());
    let mut session = open(&server.socket("user=postgres")).await;
    let canceller = session.canceller();
    let sql = b"COPY (SELECT pg_sleep(1) FROM generate_series(1, 100)) TO STDOUT";
    let reading = async {
        let mut copy = session.copy_out(sql).await?;
        let mut out = Vec::new();
        while copy.read_rows(&mut out).await? {}
        Ok::<(), Error>(())
    };
    let (read, cancelled) = tokio::join!(reading, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        canceller.cancel().await
    });
    cancelled.unwrap();
    assert_eq!(read.unwrap_err().sqlstate(), Some("57014"));
    session.execute(b"SELECT 1").await.unwrap();
}

//! `pg` against a real server: ways in, ways of failing, statements, COPY.

mod server;

use std::collections::BTreeMap;

use pgark::pg::{ConnectionArgs, Environment, ServerConfig, Session, TransactionStatus, resolve};

use server::Server;

fn config(server: &Server, user: &str) -> ServerConfig {
    let args = ConnectionArgs {
        host: Some(server.socket_folder().to_owned()),
        port: Some(server.port().to_string()),
        username: Some(user.to_owned()),
        dbname: Some("postgres".to_owned()),
        ..ConnectionArgs::default()
    };
    let env = Environment {
        vars: BTreeMap::new(),
        home: None,
        os_user: Some("nobody".to_owned()),
    };
    resolve(&args, &env).expect("valid settings")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_executes_queries_and_copies() {
    let server = Server::start("", "", &[]);
    let mut session = Session::connect(&config(&server, "postgres"))
        .await
        .unwrap();
    assert_eq!(session.server_version().major(), 15);
    assert_eq!(session.parameter("server_encoding"), Some(&b"UTF8"[..]));
    let rows = session
        .query(
            b"select $1::int + 1, null, $2::text",
            &[Some(b"41"), Some("é".as_bytes())],
        )
        .await
        .unwrap();
    assert_eq!(rows[0].i64(0).unwrap(), 42);
    assert_eq!(rows[0].get(1), None);
    assert_eq!(rows[0].str(2).unwrap(), "é");

    session
        .execute(b"begin; create table t (a text)")
        .await
        .unwrap();
    assert_eq!(
        session.transaction_status(),
        TransactionStatus::InTransaction
    );
    let row = [&vec![b'x'; 40_000_000][..], b"\n"].concat();
    let mut copy = session.copy_in(b"copy t from stdin").await.unwrap();
    copy.write(b"one\ntwo\n").await.unwrap();
    copy.write(&row).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 3);
    let mut copy = session.copy_out(b"copy t to stdout").await.unwrap();
    let mut out = Vec::new();
    while copy.read_rows(&mut out).await.unwrap() {}
    assert_eq!(out.len(), row.len() + 8);
    assert!(out.starts_with(b"one\ntwo\nxxx") && out.ends_with(b"x\n"));

    let error = session.query(b"select nosuch", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("42703"));
    assert_eq!(session.transaction_status(), TransactionStatus::Failed);
    session.execute(b"rollback").await.unwrap();
    assert_eq!(session.transaction_status(), TransactionStatus::Idle);
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_the_middle_of_copy_in_comes_back_and_the_session_lives() {
    let server = Server::start("", "", &[]);
    let mut session = Session::connect(&config(&server, "postgres"))
        .await
        .unwrap();
    session
        .execute(b"create temp table t (a int)")
        .await
        .unwrap();
    let mut copy = session.copy_in(b"copy t from stdin").await.unwrap();
    copy.write(b"1\nnot a number\n").await.unwrap();
    let rows = b"2\n".repeat(1 << 20);
    let error = loop {
        if let Err(error) = copy.write(&rows).await {
            break error;
        }
    };
    assert_eq!(error.sqlstate(), Some("22P02"));
    drop(copy);
    let mut copy = session.copy_in(b"copy t from stdin").await.unwrap();
    copy.write(b"3\n").await.unwrap();
    copy.fail("changed our mind").await.unwrap();
    let rows = session.query(b"select count(*) from t", &[]).await.unwrap();
    assert_eq!(rows[0].i64(0).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_cancelled() {
    let server = Server::start("", "", &[]);
    let mut session = Session::connect(&config(&server, "postgres"))
        .await
        .unwrap();
    let canceller = session.canceller();
    let cancelling = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        canceller.cancel().await
    });
    let error = session.execute(b"select pg_sleep(60)").await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("57014"));
    cancelling.await.unwrap().unwrap();
    session.execute(b"select 1").await.unwrap();
}

fn _futures_can_move_between_threads(session: &mut Session) {
    fn send<T: Send>(_: T) {}
    send(session.execute(b""));
    send(session.query(b"", &[]));
}

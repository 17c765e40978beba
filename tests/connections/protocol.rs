//! Servers that lie, stall or fall silent: an error each, never a panic, a hang or a memory hole.

use std::time::Duration;

use pgark::pg::{Error, Session};

use super::fake::{self, Fake, Step, message};
use super::{chain, config, open, refused};

/// A server that answers the startup message with these bytes.
async fn answering(bytes: Vec<u8>) -> Fake {
    fake::start(vec![vec![Step::Untagged, Step::Send(bytes), Step::Close]]).await
}

#[tokio::test]
async fn what_is_not_postgresql_is_told_apart() {
    for bytes in [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        message(b'X', b""),
        message(b'R', b"\0"),
        vec![b'R', 0, 0, 0, 0],
        vec![b'R', 0x7f, 0xff, 0xff, 0xff],
        vec![0; 64],
    ] {
        let server = answering(bytes).await;
        let error = refused(&server.conninfo("")).await;
        assert!(error.contains("broke the protocol"), "{error}");
    }
    let error = refused(&answering(Vec::new()).await.conninfo("")).await;
    assert!(error.contains("closed the connection"), "{error}");
}

#[tokio::test]
async fn methods_that_we_do_not_have_are_named() {
    for (code, name) in [(2, "Kerberos"), (7, "GSSAPI"), (9, "SSPI"), (99, "99")] {
        let server = answering(message(b'R', &u32::to_be_bytes(code))).await;
        let error = refused(&server.conninfo("password=p")).await;
        assert!(error.contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_skips_its_part_of_scram_is_refused() {
    let mechanisms = [&10u32.to_be_bytes()[..], b"SCRAM-SHA-256\0\0"].concat();
    let skips = vec![
        Step::Untagged,
        Step::Send(message(b'R', &mechanisms)),
        Step::Tagged,
        Step::Send(fake::session_messages(&[])),
    ];
    let final_first = [&12u32.to_be_bytes()[..], b"v=AAAA"].concat();
    let jumps = vec![
        Step::Untagged,
        Step::Send(message(b'R', &mechanisms)),
        Step::Tagged,
        Step::Send(message(b'R', &final_first)),
    ];
    let server = fake::start(vec![skips, jumps]).await;
    let error = refused(&server.conninfo("password=p")).await;
    assert!(error.contains("skipped the end of SCRAM"), "{error}");
    let error = refused(&server.conninfo("password=p")).await;
    assert!(error.contains("SCRAM"), "{error}");
}

#[tokio::test]
async fn texts_in_other_encodings_are_no_obstacle() {
    let server = answering(message(
        b'E',
        b"SFEHLER\0VFATAL\0C28000\0Mf\xfcr caf\xe9\0\0",
    ))
    .await;
    let error = refused(&server.conninfo("")).await;
    assert!(
        error.contains("f\u{fffd}r caf\u{fffd} (SQLSTATE 28000)"),
        "{error}"
    );
    let mut bytes = message(b'R', &[0; 4]);
    bytes.extend(message(b'S', b"session_authorization\0\xe9\0"));
    bytes.extend(message(b'N', b"VNOTICE\0C00000\0M\xff\0\0"));
    bytes.extend(&fake::session_messages(&[])[9..]);
    let lets_in = vec![Step::Untagged, Step::Send(bytes)];
    let server = fake::start(vec![[lets_in, fake::opening()].concat()]).await;
    let mut session = open(&server.conninfo("")).await;
    assert_eq!(
        session.parameter("session_authorization"),
        Some(&b"\xe9"[..])
    );
    assert_eq!(session.take_notices()[0].message, "\u{fffd}");
}

/// A session on a fake that answers the next message with these bytes and stays silent.
async fn session_with_answer(bytes: Vec<u8>) -> (Fake, Session) {
    let script = [
        fake::session(&[]),
        vec![Step::Tagged, Step::Send(bytes), Step::Close],
    ]
    .concat();
    let server = fake::start(vec![script]).await;
    let session = open(&server.conninfo("")).await;
    (server, session)
}

#[tokio::test]
async fn nonsense_in_a_session_is_an_error_and_the_end_of_it() {
    for bytes in [
        message(b'Z', b"Q"),
        message(b'Z', b""),
        message(b'R', &[0; 4]),
        message(b'W', &[0; 3]),
        vec![b'd', 0xff, 0xff, 0xff, 0xff],
        vec![b'C', 0x00, 0xff, 0xff, 0xff],
        [message(b'C', b"SELECT 1\0"), b"Z\0\0".to_vec()].concat(),
    ] {
        let (_server, mut session) = session_with_answer(bytes).await;
        let error = session.execute(b"SELECT 1").await.unwrap_err();
        assert!(error.is_connection_lost(), "{error}");
        assert!(matches!(
            session.execute(b"SELECT 1").await,
            Err(Error::Broken)
        ));
    }
}

#[tokio::test]
async fn a_claimed_length_costs_no_memory_before_the_bytes_come() {
    // A row of almost 1 GiB of which nothing follows.
    let bytes = [
        message(b'H', &[0; 3]),
        vec![b'd', 0x3f, 0xff, 0xff, 0xff, b'x'],
    ]
    .concat();
    let (_server, mut session) = session_with_answer(bytes).await;
    let mut copy = session.copy_out(b"COPY t TO STDOUT").await.unwrap();
    let mut out = Vec::new();
    let error = copy.read_rows(&mut out).await.unwrap_err();
    assert!(matches!(error, Error::Closed), "{error}");
    assert!(out.capacity() < 64 << 20, "{}", out.capacity());
}

#[tokio::test]
async fn the_reason_for_hanging_up_is_told_even_in_the_middle_of_a_copy() {
    let script = [
        fake::session(&[]),
        vec![
            Step::Tagged,
            Step::Send(message(b'G', &[0; 3])),
            Step::Tagged,
            Step::Send(fake::error("57P01")),
            Step::Close,
        ],
    ];
    let server = fake::start(vec![script.concat()]).await;
    let mut session = open(&server.conninfo("")).await;
    let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
    let rows = vec![b'\n'; 1 << 20];
    let error = loop {
        if let Err(error) = copy.write(&rows).await {
            break error;
        }
    };
    // A reset connection may swallow the server's last words; hanging up is told in any case.
    let told =
        error.sqlstate() == Some("57P01") || matches!(error, Error::Closed | Error::Io { .. });
    assert!(told, "{}", chain(&error));
    assert!(error.is_connection_lost());
}

#[tokio::test]
async fn a_server_that_talks_while_it_should_listen_does_not_block_us() {
    // Far more notices than any socket buffers, before it reads on, one of them larger than ours.
    let notice = message(b'N', b"VNOTICE\0C00000\0Mblah\0\0");
    let long = [&b"VNOTICE\0C00000\0M"[..], &vec![b'x'; 3_000_000], b"\0\0"].concat();
    let script = [
        fake::session(&[]),
        vec![
            Step::Tagged,
            Step::Send(message(b'G', &[0; 3])),
            Step::Send(notice.repeat(1 << 18)),
            Step::Send(message(b'N', &long)),
            Step::Send(notice.repeat(1 << 18)),
            Step::Drain,
        ],
    ];
    let server = fake::start(vec![script.concat()]).await;
    let mut session = open(&server.conninfo("")).await;
    let writing = async {
        let mut copy = session.copy_in(b"COPY t FROM STDIN").await.unwrap();
        let rows = vec![b'\n'; 1 << 20];
        for _ in 0..64 {
            copy.write(&rows).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), writing)
        .await
        .unwrap();
    assert!(session.take_notices().len() <= 100);
}

#[tokio::test]
async fn an_operation_given_up_midway_leaves_no_half_answers_behind() {
    let (_server, mut session) = session_with_answer(Vec::new()).await;
    let waiting = session.execute(b"SELECT 1");
    tokio::time::timeout(Duration::from_millis(50), waiting)
        .await
        .ok();
    assert!(matches!(
        session.query(b"SELECT 2", &[]).await,
        Err(Error::Broken)
    ));
    assert!(matches!(
        session.copy_out(b"COPY t TO STDOUT").await,
        Err(Error::Broken)
    ));
}

#[tokio::test]
async fn configurations_are_shared_between_threads() {
    fn shareable<T: Send + Sync + 'static>(_: &T) {}
    shareable(&config("host=h user=u"));
}

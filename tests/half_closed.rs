//! A connection that is closed in one direction only: the server does not hear us any more, and says so in an
//! ERROR of class 08 that we can still read. That is a lost session.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;

/// How much a client may say before the way to the server is closed behind it.
const CUT_AFTER_BYTES: usize = 400_000;

/// Relays to the server. The first connection that says more than [`CUT_AFTER_BYTES`] is closed that way.
fn relay(server_port: u16, was_cut: &Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let was_cut = Arc::clone(was_cut);
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", server_port)).unwrap();
            let (from_server, to_client) =
                (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || copy(from_server, to_client, None));
            let was_cut = Arc::clone(&was_cut);
            thread::spawn(move || copy(client, server, Some(&was_cut)));
        }
    });
    port
}

fn copy(mut from: TcpStream, mut to: TcpStream, cut: Option<&AtomicBool>) {
    let mut buffer = vec![0; 1 << 14];
    let mut bytes = 0;
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
        bytes += count;
        if bytes > CUT_AFTER_BYTES && cut.is_some_and(|cut| !cut.swap(true, Ordering::SeqCst)) {
            to.shutdown(Shutdown::Write).ok();
            // What the client says from here on is heard by nobody.
            while from.read(&mut buffer).is_ok_and(|count| count > 0) {}
            return;
        }
    }
    to.shutdown(Shutdown::Write).ok();
}

#[test]
fn a_half_closed_connection_is_a_lost_session_and_no_failed_copy() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("halved");
    cluster.psql(
        "halved",
        "CREATE TABLE t AS SELECT n AS id, repeat(md5(n::text), 4) AS filler FROM generate_series(1, 30000) AS n",
    );
    let archive = Archive::dump(&cluster, &["halved", "--chunk-size", "1MB"]);
    let was_cut = Arc::default();
    let port = relay(cluster.port(), &was_cut).to_string();
    let restore = Pgark::new(["restore", "-j", "1", "--create"]).at(&cluster);
    let restore = restore.env("PGHOST", "127.0.0.1").env("PGPORT", &port);
    restore
        .arg(archive.path())
        .arg("halved=whole")
        .run()
        .success();
    assert!(was_cut.load(Ordering::SeqCst));
    assert!(
        cluster
            .log()
            .contains("unexpected EOF on client connection"),
        "{}",
        cluster.log()
    );
    assert_eq!(
        cluster.psql("whole", "SELECT count(*), sum(id) FROM t"),
        "30000|450015000"
    );
}

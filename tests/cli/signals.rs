//! Signals, against a server that accepts connections and never answers.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for the slowest machine, short of what a test may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(status.success());
}

/// The exit status, if it comes in time.
fn wait(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("a child of ours");
    None
}

#[test]
fn the_first_signal_stops_a_dump_cleanly() {
    let mut answers = 0;
    for signal in ["-INT", "-TERM", "-HUP"] {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = silent.local_addr().expect("bound").port().to_string();
        let folder = tempfile::tempdir().expect("a folder");
        let archive = folder.path().join("snap.tar");
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("pgark"))
            .args([
                "dump",
                "a",
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                "me",
                "-f",
            ])
            .arg(&archive)
            .env_clear()
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // when it knocks, it listens to signals
        let _connection = silent.accept().expect("a connection");
        send(signal, &child);
        let status = wait(&mut child);
        let mut stderr = String::new();
        let mut pipe = child.stderr.take().expect("a pipe");
        pipe.read_to_string(&mut stderr).expect("text");
        assert_eq!(status, Some(130), "{signal}: {stderr}");
        // The operation may end before the thread that listens has said so.
        answers += usize::from(stderr.contains("stopping"));
        assert!(
            stderr.contains("pgark: error: interrupted"),
            "{signal}: {stderr}"
        );
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert!(left.is_empty(), "{signal}: {left:?}");
    }
    assert!(answers > 0, "nobody was told that the dump is stopping");
}

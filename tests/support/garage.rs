//! Garage on loopback: a store of three nodes that keeps everything three times. Nodes can be killed and
//! brought back; all end with the test, also when that is killed.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::peers::{self, Missing};
use super::pgark::Pgark;
use super::run::{Finished, run};
use super::s3::{Account, free_port};

/// How long a node may take to answer, and the nodes to come to an understanding.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often other ports are tried when somebody else was faster.
const STARTS_TRIED: u32 = 5;

/// Any 32 bytes that all nodes share.
const RPC_SECRET: &str = "5f0b7b1f1d3c4f7ea1b6f1a3f6f7c9d05f0b7b1f1d3c4f7ea1b6f1a3f6f7c9d0";

/// The region that clients have to name.
pub const REGION: &str = "garage";
/// The one bucket.
pub const BUCKET: &str = "pgark";

/// Kills the server when the pipe from the test closes, and ends when the server does.
const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null & server=$!
{ read -r _ <&3; kill -KILL "$server"; } & reader=$!
wait "$server"
kill "$reader""#;

/// A cluster with one bucket, and an account that may use it.
pub struct Garage {
    program: PathBuf,
    nodes: Vec<Node>,
    /// Their data; removed after the nodes have ended.
    _folder: tempfile::TempDir,
}

struct Node {
    folder: PathBuf,
    s3_port: u16,
    /// Its server runs as long as this one's standard input is open.
    guard: Option<Child>,
}

impl Garage {
    /// The node that [`told`](Self::told) sends a client to.
    pub const SPOKEN_TO: usize = 0;
    /// A node that no client knows of.
    pub const UNSEEN: usize = 1;

    /// Three nodes that know one another, ready for requests.
    pub fn start() -> Result<Self, Missing> {
        let program = peers::garage()?;
        for _ in 0..STARTS_TRIED {
            if let Some(garage) = Self::try_start(&program) {
                garage.set_up();
                return Ok(garage);
            }
        }
        panic!("Garage did not start on any of {STARTS_TRIED} sets of ports");
    }

    /// Three nodes that answer; nothing if one ended, because a port was taken.
    fn try_start(program: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut garage = Self {
            program: program.to_owned(),
            nodes: (0..3)
                .map(|n| Node::new(folder.path().join(n.to_string())))
                .collect(),
            _folder: folder,
        };
        for n in 0..garage.nodes.len() {
            garage.boot(n);
        }
        let all = 0..garage.nodes.len();
        all.into_iter().all(|n| garage.answers(n)).then_some(garage)
    }

    fn boot(&mut self, n: usize) {
        let node = &mut self.nodes[n];
        let log = std::fs::File::create(node.folder.join("log")).unwrap();
        let guard = Command::new("bash")
            .args(["-c", GUARD, "guard"])
            .arg(&self.program)
            .arg("-c")
            .arg(node.config())
            .arg("server")
            .env("RUST_LOG", "garage=info")
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // A group of its own, so that a Ctrl-C in the terminal reaches it through the pipe only.
            .process_group(0)
            .spawn();
        node.guard = Some(guard.unwrap());
    }

    /// Waits until a node answers. False if it has ended instead.
    fn answers(&mut self, n: usize) -> bool {
        let begun = Instant::now();
        while !self.command(n, &["status"]).status.success() {
            let guard = self.nodes[n].guard.as_mut().unwrap();
            if guard.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", self.nodes[n].log());
            sleep(Duration::from_millis(50));
        }
        true
    }

    fn set_up(&self) {
        let ids: Vec<String> = (0..self.nodes.len())
            .map(|n| self.ask(n, &["node", "id", "-q"]).trim().to_owned())
            .collect();
        for id in &ids[1..] {
            self.ask(0, &["node", "connect", id]);
        }
        for (n, id) in ids.iter().enumerate() {
            let zone = format!("zone{n}");
            let id = id.split('@').next().unwrap();
            self.ask(0, &["layout", "assign", "-z", &zone, "-c", "20G", id]);
        }
        self.ask(0, &["layout", "apply", "--version", "1"]);
        self.ask(0, &["bucket", "create", BUCKET]);
        let (key, secret) = (Self::key(), Self::secret());
        self.ask(0, &["key", "import", "--yes", "-n", "tests", &key, &secret]);
        let allow = ["bucket", "allow", "--read", "--write", BUCKET, "--key"];
        self.ask(0, &[&allow[..], &[&key]].concat());
    }

    /// The program of a node's administrator.
    fn command(&self, n: usize, args: &[&str]) -> Finished {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(self.nodes[n].config()).args(args);
        run(&mut command, b"")
    }

    /// The same until it succeeds: what one node was told reaches the others a moment later.
    #[track_caller]
    fn ask(&self, n: usize, args: &[&str]) -> String {
        let begun = Instant::now();
        loop {
            let answer = self.command(n, args);
            if answer.status.success() {
                return answer.stdout();
            }
            assert!(begun.elapsed() < PATIENCE, "{}", answer.describe());
            sleep(Duration::from_millis(100));
        }
    }

    /// The account's public half.
    pub fn key() -> String {
        format!("GK{}", "12".repeat(12))
    }

    /// The account's secret.
    pub fn secret() -> String {
        "5ec2e7".repeat(11)[..64].to_owned()
    }

    /// Tells a call of pgark where the store is and who calls.
    pub fn told(&self, call: Pgark) -> Pgark {
        self.account().told(call)
    }

    /// Where the store is and who calls.
    pub fn account(&self) -> Account {
        Account {
            port: self.nodes[Self::SPOKEN_TO].s3_port,
            key: Self::key(),
            secret: Self::secret(),
            region: REGION.to_owned(),
        }
    }

    /// Loses a node, as when its power fails.
    pub fn kill(&mut self, n: usize) {
        self.nodes[n].kill();
    }

    /// Brings a node back.
    pub fn revive(&mut self, n: usize) {
        self.boot(n);
        assert!(self.answers(n), "{}", self.nodes[n].log());
    }

    /// How many blocks of objects' content a node holds on its disk: of a megabyte, all but the last of a
    /// part. Small objects have none.
    pub fn blocks(&self, n: usize) -> usize {
        fn count(folder: &Path) -> usize {
            // It may be moving its files.
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let sum = entries.map(|entry| match entry.file_type() {
                Ok(kind) if kind.is_dir() => count(&entry.path()),
                _ => 1,
            });
            sum.sum()
        }
        count(&self.nodes[n].folder.join("data"))
    }

    /// Ends the uploads into the bucket that are not finished; how many there were. (The numbers that the
    /// store keeps of them come late, and later where a node was lost.)
    #[track_caller]
    pub fn end_uploads(&self) -> u64 {
        let end = ["bucket", "cleanup-incomplete-uploads", "--older-than", "0s"];
        let answer = self.ask(Self::SPOKEN_TO, &[&end[..], &[BUCKET]].concat());
        // "BUCKET: 2 uploads deleted", or "no" in place of the number.
        let number = answer.split_whitespace().nth(1).unwrap_or_default();
        match number {
            "no" => 0,
            number => number.parse().unwrap_or_else(|_| panic!("{answer}")),
        }
    }
}

impl Node {
    fn new(folder: PathBuf) -> Self {
        std::fs::create_dir(&folder).unwrap();
        let (s3_port, rpc_port) = (free_port(), free_port());
        let path = folder.display();
        let config = format!(
            "metadata_dir = \"{path}/meta\"\ndata_dir = \"{path}/data\"\ndb_engine = \"lmdb\"\n\
             lmdb_map_size = \"1GiB\"\nreplication_factor = 3\nrpc_bind_addr = \"127.0.0.1:{rpc_port}\"\n\
             rpc_public_addr = \"127.0.0.1:{rpc_port}\"\nrpc_secret = \"{RPC_SECRET}\"\n\
             [s3_api]\ns3_region = \"{REGION}\"\napi_bind_addr = \"127.0.0.1:{s3_port}\"\n"
        );
        let node = Self {
            folder,
            s3_port,
            guard: None,
        };
        std::fs::write(node.config(), config).unwrap();
        node
    }

    fn config(&self) -> PathBuf {
        self.folder.join("garage.toml")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn kill(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            guard.wait().ok();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

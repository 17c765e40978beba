//! What README and the pages of `docs` tell their readers to type: it is typed here.
//!
//! An indented block is a script. All blocks of a page run in one shell, in an empty folder, `-h src` being a server
//! with two databases and `-h dst` an empty one. A block behind `<!-- parsed only: .. -->` needs what a test has not;
//! its pgark commands must still be commands that pgark takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::{Cluster, clean_command};
use crate::support::fixtures;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::{Running, run};

/// The status that says that a command line is wrong.
const USAGE: i32 = 2;

/// How long a page may take. Pages of documentation are small.
const PAGE_TIMEOUT: Duration = Duration::from_secs(300);

/// An indented block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    text: String,
    is_run: bool,
}

/// The indented blocks of a page; what stands between fences is no block.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut is_fenced, mut is_run, mut text) = (false, true, String::new());
    for line in page.lines().chain([""]) {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
        } else if let Some(code) = line.strip_prefix("    ").filter(|_| !is_fenced) {
            text.push_str(code);
            text.push('\n');
        } else if !text.is_empty() {
            let text = std::mem::take(&mut text);
            blocks.push(Block { text, is_run });
            is_run = true;
        }
        if line.starts_with("<!-- parsed only: ") {
            is_run = false;
        } else if !line.is_empty() && !line.starts_with("    ") {
            is_run = true;
        }
    }
    blocks
}

/// The calls of pgark in a script, which may stand in pipes.
fn calls(script: &str) -> Vec<String> {
    let parts = script.lines().flat_map(|line| line.split(['|', '>', '\'']));
    let parts = parts.flat_map(|part| part.split("&&")).map(str::trim);
    parts
        .filter(|part| part.starts_with("pgark "))
        .map(str::to_owned)
        .collect()
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|page| root.join(page)));
    pages.sort();
    pages
}

#[test]
fn what_the_pages_say_can_be_typed() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    // Stock tools without pgark are of version 16 or newer.
    let client = need!(peers::client(18));
    let sample = Archive::dump(source, &["accounts", "jobs"]);
    let mut count = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let scripts: Vec<Block> = blocks(&text)
            .into_iter()
            .filter(|block| block.is_run)
            .collect();
        if scripts.is_empty() {
            continue;
        }
        count += scripts.len();
        let target = need!(Cluster::start(major));
        fixtures::load_roles(&target);
        let folder = target.scratch();
        fs::copy(sample.path(), folder.path().join("snap.tar")).unwrap();
        let script: String = scripts.into_iter().map(|block| block.text).collect();
        type_in(&page, &script, &client, [source, &target], folder.path());
    }
    assert!(count > 12, "only {count} blocks were found");
}

/// Runs a page's script. What it writes to `snap.tar` is to be new, so a page that dumps begins without.
fn type_in(
    page: &Path,
    script: &str,
    client: &Path,
    [source, target]: [&Cluster; 2],
    folder: &Path,
) {
    if script.contains("-f snap.tar") {
        fs::remove_file(folder.join("snap.tar")).unwrap();
    }
    let place = |cluster: &Cluster| {
        format!(
            "-h {} -p {}",
            cluster.socket_dir().display(),
            cluster.port()
        )
    };
    let script = script
        .replace("-h src", &place(source))
        .replace("-h dst", &place(target));
    let pgark = Path::new(env!("CARGO_BIN_EXE_pgark")).parent().unwrap();
    let path = format!(
        "{}:{}:{}",
        pgark.display(),
        client.display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = clean_command("bash");
    command
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder)
        .env("PATH", path);
    let finished = Running::start(&mut command, b"").finish(PAGE_TIMEOUT);
    println_page(page, &finished.describe());
    finished.success();
}

/// The page, for whoever reads why it failed.
#[expect(clippy::print_stdout, reason = "shown only where the test fails")]
fn println_page(page: &Path, said: &str) {
    println!("{}\n{said}", page.display());
}

#[test]
fn what_cannot_be_run_is_taken_by_the_command_line() {
    let mut count = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let parsed = blocks(&text).into_iter().filter(|block| !block.is_run);
        for call in parsed.flat_map(|block| calls(&block.text)) {
            count += 1;
            // Nothing is reached: neither a server nor a store.
            let call = call
                .replace("-h db.example.com", "-h /nonexistent")
                .replace("-h src", "-h /nonexistent");
            let words = run(
                Command::new("bash").args(["-c", &format!("printf '%s\\n' {call}")]),
                b"",
            );
            let words = words.success().stdout();
            let words = words
                .lines()
                .skip(1)
                .map(|word| word.replace("DIGEST", &"0".repeat(64)));
            let finished = Pgark::new(words)
                .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
                .env("AWS_ALLOW_HTTP", "true")
                .env("AWS_ACCESS_KEY_ID", "none")
                .env("AWS_SECRET_ACCESS_KEY", "none")
                .env("AWS_REGION", "nowhere")
                .run();
            assert_ne!(
                finished.status.code(),
                Some(USAGE),
                "{}: {}",
                page.display(),
                finished.describe()
            );
        }
    }
    assert!(count > 8, "only {count} calls were found");
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.starts_with("http") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let shown = page.display();
            let there = fs::read_to_string(&target)
                .unwrap_or_else(|error| panic!("{shown}: {link}: {error}"));
            let anchors = there.lines().filter(|line| line.starts_with('#'));
            let mut anchors = anchors.map(|line| {
                line.trim_start_matches(['#', ' '])
                    .to_lowercase()
                    .replace(' ', "-")
            });
            assert!(
                heading.is_empty() || anchors.any(|anchor| anchor == heading),
                "{shown}: {link}"
            );
        }
    }
}

#[test]
fn blocks_and_calls_are_found() {
    let page = "Text\n\n    a\n    b\n\n```text\n    c\n```\n<!-- parsed only: why -->\n\n    pgark x | pgark y\n\nText\n\n    d\n";
    let block = |text: &str, is_run| Block {
        text: text.to_owned(),
        is_run,
    };
    let found = blocks(page);
    assert_eq!(
        found,
        [
            block("a\nb\n", true),
            block("pgark x | pgark y\n", false),
            block("d\n", true)
        ]
    );
    assert_eq!(calls(&found[1].text), ["pgark x", "pgark y"]);
}

/// Messages that troubleshooting quotes are the program's own: pieces between what differs are found in its source.
#[test]
fn quoted_messages_are_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/troubleshooting.md")).unwrap();
    let source = whole_source(&root.join("src"));
    let quoted = page
        .split("**`")
        .skip(1)
        .filter_map(|rest| rest.split("`").next());
    let mut count = 0;
    for message in quoted {
        let pieces =
            message.split(|c: char| c == '"' || c == 'N' || c == '.' || c.is_ascii_digit());
        for piece in pieces.map(str::trim).filter(|piece| piece.len() > 5) {
            count += 1;
            assert!(
                source.contains(piece),
                "{message}: {piece:?} is nowhere in the source"
            );
        }
    }
    assert!(count > 10, "only {count} pieces were found");
}

/// All Rust below a folder, with continued literals in one line.
fn whole_source(folder: &Path) -> String {
    let mut source = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source.push_str(&whole_source(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.split("\\\n").map(str::trim_start);
            source.push_str(&lines.collect::<Vec<_>>().join(""));
        }
    }
    source
}

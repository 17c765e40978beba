//! The program as a user meets it: what it says and the status it ends with. No server is needed
//! here; what operations do is tested at the library.

mod exit;
mod foreign;
mod help;
mod signals;
mod usage;

use assert_cmd::Command;

/// The program in an empty environment: nothing of the machine's own settings gets in.
fn pgark() -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("pgark");
    command.env_clear();
    command
}

/// One run: exit status, standard output, standard error.
fn run(args: &[&str]) -> (i32, String, String) {
    let output = pgark().args(args).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let status = output.status.code().expect("not killed");
    (status, text(output.stdout), text(output.stderr))
}

//! The binary: hands the command line to `cli` and exits with the status it returns.

use std::process::ExitCode;

fn main() -> ExitCode {
    pgark::cli::main()
}

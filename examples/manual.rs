//! Writes what belongs to an installed pgark beside the program: manual pages and completions of shells.
//!
//! `cargo run --example manual -- FOLDER` makes `man/*.1` and `completions/*` in that folder, from the same
//! definition of the command line that the program parses. `make dist` calls it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap_complete::{Shell, generate_to};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: manual FOLDER")?;
    let folder = PathBuf::from(folder);
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    let mut command = pgark::cli::command();
    clap_mangen::generate_to(command.clone(), &man)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "pgark", &completions)?;
    }
    Ok(())
}

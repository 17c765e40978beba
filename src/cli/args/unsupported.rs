//! What to tell a user who types an option that `pg_dump` or `pg_restore` has and pgark has not:
//! some come with a later release, some have no meaning here. Looked up only when clap refused it.

/// An option's spellings and the hint for it.
struct Unsupported(&'static [&'static str], &'static str);

const OPTIONS: &[Unsupported] = &[
    Unsupported(&["-f", "--file"], "-f: the archive is the first argument."),
    Unsupported(
        &["-F", "--format"],
        "There is one format: a tar of pg_dump directory archives, which pg_restore -Fd reads.",
    ),
    Unsupported(
        &["-E", "--encoding"],
        "Each database is dumped in its own encoding; nothing is converted.",
    ),
    Unsupported(
        &["-e", "--extension"],
        "-e: not in pgark yet; extensions are always dumped.",
    ),
    Unsupported(
        &[
            "-c",
            "--clean",
            "--if-exists",
            "-C",
            "--create",
            "-O",
            "--no-owner",
            "-x",
            "--no-privileges",
            "--no-acl",
        ],
        "That is chosen when the archive is restored: see `pgark restore --help`.",
    ),
    Unsupported(
        &["--use-set-session-authorization"],
        "Owners are set by ALTER .. OWNER TO; -O leaves objects to the role that restores, --role \
         chooses that.",
    ),
    Unsupported(
        &["-R", "--no-reconnect"],
        "pg_restore has not reconnected for many versions either: leave it out.",
    ),
    Unsupported(
        &[
            "-l",
            "--list",
            "-L",
            "--use-list",
            "-S",
            "--superuser",
            "--disable-triggers",
            "--filter",
            "--strict-names",
            "--no-comments",
            "--no-policies",
            "--no-publications",
            "--no-security-labels",
            "--no-subscriptions",
            "--no-tablespaces",
            "--no-table-access-method",
            "--enable-row-security",
            "--no-data",
            "--no-schema",
            "--statistics",
            "--no-statistics",
            "--statistics-only",
        ],
        "Everything is dumped; `pgark restore` has that option and leaves out what is not wanted.",
    ),
    Unsupported(
        &[
            "--inserts",
            "--column-inserts",
            "--rows-per-insert",
            "--on-conflict-do-nothing",
        ],
        "Rows are always stored as COPY text.",
    ),
    Unsupported(
        &["--snapshot", "--no-synchronized-snapshots"],
        "pgark takes its own snapshots, one per database, back to back.",
    ),
    Unsupported(
        &[
            "--no-unlogged-table-data",
            "--include-foreign-data",
            "--table-and-children",
            "--exclude-table-and-children",
            "--exclude-table-data-and-children",
            "--exclude-extension",
            "--quote-all-identifiers",
            "--extra-float-digits",
        ],
        "That option of pg_dump or pg_restore is not in pgark yet.",
    ),
];

/// The hint for `option`, spelled as the user did, with or without a value behind `=`.
pub(super) fn hint(option: &str) -> Option<&'static str> {
    let name = option.split('=').next().unwrap_or(option);
    let known = |unsupported: &&Unsupported| unsupported.0.contains(&name);
    OPTIONS.iter().find(known).map(|unsupported| unsupported.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_unique_and_values_do_not_matter() {
        let mut all: Vec<_> = OPTIONS.iter().flat_map(|option| option.0).collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(hint("--filter=x").is_some());
        assert!(hint("--nonsense").is_none());
    }
}

//! What to tell a user who types an option that `pg_dump`, `pg_dumpall` or `pg_restore` has, in any version
//! from 13 to 19, and that this command of pgark has not. Looked up only when clap refused the option.
//!
//! Each gets a sentence of its own, so that no guess by spelling ever turns one meaning into another. The
//! tests hold the table against the `--help` of all clients at hand.

/// The commands whose words are PostgreSQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// `pgark dump`, by users of pg_dump and pg_dumpall.
    Dump,
    /// `pgark restore`, by users of pg_restore and, for what is in the archive, of pg_dump.
    Restore,
    /// Any command.
    Any,
}

/// An option's spellings and the sentence for it.
struct Unsupported(On, &'static [&'static str], &'static str);

const OPTIONS: &[Unsupported] = &[
    Unsupported(
        On::Dump,
        &[
            "-g",
            "--globals-only",
            "-r",
            "--roles-only",
            "--tablespaces-only",
        ],
        "A dump is of databases; roles and tablespaces go along. `pgark restore ARCHIVE --globals-only` \
         restores them alone, from any archive: dump a small database, such as postgres, for that.",
    ),
    Unsupported(
        On::Dump,
        &["-l", "--database"],
        "The database to connect to first is named by -d; those to dump are listed by name.",
    ),
    Unsupported(
        On::Dump,
        &["-F", "--format"],
        "There is one format: a tar of pg_dump directory archives, which pg_restore -Fd reads.",
    ),
    Unsupported(
        On::Dump,
        &["-E", "--encoding"],
        "Each database is dumped in its own encoding; nothing is converted.",
    ),
    Unsupported(
        On::Dump,
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
            "--use-set-session-authorization",
        ],
        "That is chosen when the archive is restored: see `pgark restore --help`.",
    ),
    Unsupported(
        On::Dump,
        &[
            "-L",
            "--use-list",
            "--list",
            "-S",
            "--superuser",
            "--disable-triggers",
            "--section",
            "--no-comments",
            "--no-policies",
            "--no-publications",
            "--no-security-labels",
            "--no-subscriptions",
            "--no-tablespaces",
            "--no-table-access-method",
        ],
        "Everything is dumped; `pgark restore` has that option and leaves out what is not wanted.",
    ),
    Unsupported(
        On::Dump,
        &["--strict-names"],
        "Look at what would be dumped with --dry-run; `pgark restore` has that option.",
    ),
    Unsupported(
        On::Dump,
        &["--no-data"],
        "pgark dump says that with -s/--schema-only.",
    ),
    Unsupported(
        On::Dump,
        &["--no-schema"],
        "pgark dump says that with -a/--data-only.",
    ),
    Unsupported(
        On::Dump,
        &["--statistics-only"],
        "Dump with -s --statistics; `pgark restore` has that option and restores nothing but them.",
    ),
    Unsupported(
        On::Dump,
        &["--sequence-data"],
        "The values of sequences are dumped unless -s leaves out all data.",
    ),
    Unsupported(
        On::Dump,
        &[
            "--inserts",
            "--column-inserts",
            "--attribute-inserts",
            "--rows-per-insert",
            "--on-conflict-do-nothing",
        ],
        "Rows are always stored as COPY text.",
    ),
    Unsupported(
        On::Dump,
        &["--snapshot", "--no-synchronized-snapshots"],
        "pgark takes its own snapshots, one per database, back to back.",
    ),
    Unsupported(
        On::Dump,
        &["--no-unlogged-table-data"],
        "Rows of unlogged tables are dumped; --exclude-table-data leaves out those of the tables that you name.",
    ),
    Unsupported(
        On::Dump,
        &["--include-foreign-data"],
        "Rows of foreign tables stay on their own server: dump that one.",
    ),
    Unsupported(
        On::Dump,
        &["--load-via-partition-root"],
        "The rows of each partition are restored into that partition.",
    ),
    Unsupported(
        On::Dump,
        &["--quote-all-identifiers", "--disable-dollar-quoting"],
        "Definitions are stored as pg_dump writes them by default, which every supported server reads.",
    ),
    Unsupported(
        On::Dump,
        &["--extra-float-digits"],
        "Numbers are always dumped exactly (extra_float_digits = 3).",
    ),
    Unsupported(
        On::Dump,
        &["--no-toast-compression"],
        "Compression methods of columns are dumped as they are.",
    ),
    Unsupported(
        On::Dump,
        &["--enable-row-security"],
        "A dump under row security would leave out rows without a word: dump as a superuser, as a role with \
         BYPASSRLS, or as the tables' owner.",
    ),
    Unsupported(
        On::Dump,
        &["--sync-method"],
        "Archives are synced by fsync; --no-sync leaves that out.",
    ),
    Unsupported(
        On::Dump,
        &["--restrict-key"],
        "Only a script has such a key: `pgark restore ARCHIVE -f FILE --restrict-key WORD`.",
    ),
    Unsupported(
        On::Restore,
        &["-g", "-r", "--roles-only", "--tablespaces-only"],
        "--globals-only restores roles, memberships and tablespaces; --no-tablespaces leaves out the last.",
    ),
    Unsupported(
        On::Restore,
        &["-E", "--encoding"],
        "Each database is restored in its own encoding; nothing is converted.",
    ),
    Unsupported(
        On::Restore,
        &["-Z", "--compress"],
        "How an archive is compressed is recognized; `pgark dump` chooses it.",
    ),
    Unsupported(
        On::Restore,
        &[
            "--extension",
            "--exclude-extension",
            "--exclude-table",
            "--exclude-table-data",
            "--exclude-table-and-children",
            "--exclude-table-data-and-children",
            "--table-and-children",
            "-b",
            "--large-objects",
            "--blobs",
            "-B",
            "--no-large-objects",
            "--no-blobs",
        ],
        "pg_restore has no such option either: `pgark restore ARCHIVE -l > list`, delete the lines that are not \
         wanted, and add -L list to the restore.",
    ),
    Unsupported(
        On::Restore,
        &["--all-databases"],
        "Without a name every database of the archive is restored.",
    ),
    Unsupported(
        On::Restore,
        &["--exclude-database"],
        "List the databases that are wanted; without a name every database of the archive is restored.",
    ),
    Unsupported(
        On::Restore,
        &["--database"],
        "-d names the database to connect to; those to restore are listed by name.",
    ),
    Unsupported(
        On::Restore,
        &[
            "--inserts",
            "--column-inserts",
            "--attribute-inserts",
            "--rows-per-insert",
            "--on-conflict-do-nothing",
        ],
        "Rows are restored as the archive stores them, with COPY where they were dumped so.",
    ),
    Unsupported(
        On::Restore,
        &["--load-via-partition-root"],
        "That is decided when an archive is dumped.",
    ),
    Unsupported(
        On::Restore,
        &["--sequence-data"],
        "The values of sequences are restored unless -s leaves out all data.",
    ),
    Unsupported(
        On::Restore,
        &["--no-toast-compression"],
        "A compression method that the target does not know is left out by itself.",
    ),
    Unsupported(
        On::Any,
        &["-F", "--format"],
        "Formats are recognized: leave it out.",
    ),
    Unsupported(
        On::Any,
        &["-R", "--no-reconnect", "-i", "--ignore-version"],
        "PostgreSQL's own programs have ignored that option for many versions: leave it out.",
    ),
    Unsupported(
        On::Any,
        &["-o", "--oids"],
        "PostgreSQL has had no OIDs of rows since version 12: leave it out.",
    ),
    Unsupported(On::Any, &["--binary-upgrade"], "That is pg_upgrade's own."),
    Unsupported(
        On::Any,
        &["-f", "--file"],
        "The archive is the first argument, without -f.",
    ),
];

/// The sentence for `option` of `command`, the option spelled as the user did, with or without a value behind
/// `=`.
pub(crate) fn hint(command: &str, option: &str) -> Option<&'static str> {
    let name = option.split('=').next().unwrap_or(option);
    let on = match command {
        "dump" => On::Dump,
        "restore" => On::Restore,
        _ => On::Any,
    };
    let of = |on| {
        let mut known = OPTIONS
            .iter()
            .filter(move |unsupported| unsupported.0 == on);
        known.find(|unsupported| unsupported.1.contains(&name))
    };
    let found = of(on).or_else(|| of(On::Any)).map(|found| found.2);
    let is_dumps = on == On::Restore && of(On::Dump).is_some();
    found.or_else(|| is_dumps.then_some("That is decided when an archive is dumped: leave it out."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_unique_and_values_do_not_matter() {
        for on in [On::Dump, On::Restore, On::Any] {
            let of = OPTIONS.iter().filter(|option| option.0 == on);
            let mut all: Vec<_> = of.flat_map(|option| option.1).collect();
            all.sort_unstable();
            let count = all.len();
            all.dedup();
            assert_eq!(all.len(), count, "{on:?}");
        }
        assert!(hint("dump", "--encoding=x").is_some());
        assert!(hint("dump", "--nonsense").is_none());
        assert!(hint("inspect", "-Fc").is_none() && hint("inspect", "-F").is_some());
        assert_ne!(hint("dump", "-E"), hint("restore", "-E"));
    }
}

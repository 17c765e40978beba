//! The pages of `--help`: usage, the options that most need, examples, exit statuses. Words only.
//!
//! Every line has 80 columns at most, and an example ends where its line ends, or is continued by a
//! backslash: it can be copied as it stands. What each option does stands at its definition.

/// What a page has beside the options.
pub(crate) struct Page {
    /// Behind `Usage: `.
    pub(crate) usage: &'static str,
    /// The options that come first, by their long names with underscores.
    pub(crate) most_used: &'static [&'static str],
    /// What stands behind the options.
    pub(crate) afterwards: &'static str,
}

/// `pgark --help`
pub(crate) const PROGRAM: Page = Page {
    usage: "pgark COMMAND [OPTIONS]",
    most_used: &[],
    afterwards: "\
Example:
  pgark dump -h src -U admin accounts jobs -j 4 -f snap.tar
  pgark inspect snap.tar
  pgark verify snap.tar
  pgark restore snap.tar -h dst -U admin --create -j 8

Options stand behind the command. -h is the host, as in every PostgreSQL tool;
help is --help or -?.",
};

/// `pgark dump --help`
pub(crate) const DUMP: Page = Page {
    usage: "pgark dump [CONNECTION] [DBNAME]... -f ARCHIVE [OPTIONS]",
    most_used: &[
        "file",
        "all_databases",
        "host",
        "username",
        "jobs",
        "schema",
        "table",
        "force",
        "dry_run",
    ],
    afterwards: "\
PATTERN means what it means in pg_dump and psql: * and ? match, quotes keep the
case, and a dot separates the schema from the table.

Without DBNAME and --all-databases, the database of -d or of PGDATABASE is
dumped.

With several databases a pattern may match in some of them only; one that
matches in none is an error.

With -f - the result goes to standard error, and what a failed dump has written
has no end: verify says that it was cut off.

Example:
  pgark dump -h src -U admin accounts analysis jobs -j 4 -f snap.tar

  Everything, with roles and tablespaces, on a schedule that asks nobody:
  pgark dump -h src -U admin -w --all-databases -f \"snap-$(date +%F).tar\"

  One table and its rows:
  pgark dump -h src -U admin accounts -t app.orders -f orders.tar

  From a managed service, whose roles' passwords nobody may read:
  pgark dump -h db.example.net -U admin accounts --no-role-passwords -f a.tar

  To another host, and proven there:
  pgark dump -h src -U admin --all-databases -f - \\
    | ssh backup 'cat > snap.tar && pgark verify snap.tar'

Exit status:
    0  the archive is complete, synced, and stands under its name
    1  failed; there is no archive
    2  the command line is wrong; nothing was done
  130  interrupted; there is no archive",
};

/// `pgark inspect --help`
pub(crate) const INSPECT: Page = Page {
    usage: "pgark inspect ARCHIVE [OPTIONS]",
    most_used: &[],
    afterwards: "\
Only the end of the archive, its manifest and the tables of contents are read:
that is quick for an archive of any size, and no proof that the rest is whole.
For that there is `pgark verify`. Archives of pg_dump are described too: custom,
tar, or the folder of a directory archive.

Example:
  pgark inspect snap.tar
  pgark inspect snap.tar --list > contents.txt

Exit status:
    0  printed
    1  the archive cannot be read
    2  the command line is wrong
    3  the archive is damaged",
};

/// `pgark verify --help`
pub(crate) const VERIFY: Page = Page {
    usage: "pgark verify ARCHIVE [OPTIONS]
       pgark verify ARCHIVE [DBNAME[=NEWNAME]]... --against DBNAME [CONNECTION]",
    most_used: &["digest", "deep", "quick", "against", "jobs"],
    afterwards: "\
The archive's digest is printed at the end of a dump and by every verify. Kept
elsewhere and given to --digest, it proves that this is that very archive, down
to the last byte.

Archives of pg_dump carry no checksums: they are decoded from end to end, which
shows most damage and proves nothing, so the best that comes out is status 4.

Standard input (-) is read once, to its end, without a temporary file; the
verdict is the same as that on a file. --quick and --against need a file or an
object, and so do archives of pg_dump.

--against reads each database in one snapshot. Between servers of different
versions another wording of a definition is no difference, and cannot be called
equal either, since every version words some definitions differently.

Example:
  pgark verify snap.tar
  pgark verify snap.tar --deep -j 8
  pgark verify snap.tar --digest \"$(cat snap.digest)\"
  ssh backup cat snap.tar | pgark verify -

  After a restore, or months later:
  pgark verify snap.tar --against postgres -h dst -U admin -j 8

Exit status:
    0  whole, and equal to the server with --against
    2  the command line is wrong
    3  damaged, or the server differs; every damaged place and every different
       object is named
    4  could not be verified: it could not be read, carries no checksums, or
       could not be compared
  130  interrupted",
};

/// `pgark restore --help`
pub(crate) const RESTORE: Page = Page {
    usage: "pgark restore ARCHIVE [DBNAME[=NEWNAME]]... [CONNECTION] [OPTIONS]",
    most_used: &[
        "create",
        "clean",
        "dry_run",
        "host",
        "username",
        "dbname",
        "jobs",
        "table",
        "with_dependants",
        "resume",
        "file",
        "list",
    ],
    afterwards: "\
PATTERN: a plain name is compared exactly, as in pg_restore. With *, ?, a dot or
double quotes it is a pattern as in psql: wildcards, schema.name, letters folded
to lower case outside quotes.

Without DBNAME every database of the archive is restored. DBNAME=NEWNAME
restores it under another name; the first = separates, and a = that belongs to a
name is written ==.

Without --create the databases must exist. As in pg_restore, -d then names the
database that is restored into, when the archive holds or DBNAME selects exactly
one; in all other cases it is only the database that the first connection is
made to.

With -f, the script of one named DBNAME is what pg_restore -f writes; of
several, or of the whole archive, it begins with roles and tablespaces and
connects to each database in turn.

Restoring executes code that the archive brings along: functions, triggers,
defaults, views. Look at an archive from strangers before you restore it.

Example:
  pgark restore snap.tar -h dst -U admin --create -j 8

  What it would do, and what stands in its way:
  pgark restore snap.tar -h dst -U admin --create --dry-run

  Beside the one that is there, to look something up:
  pgark restore snap.tar -h dst -U admin --create jobs=jobs_copy

  One table, with its indexes, keys, sequence and types, into a database:
  pgark restore snap.tar accounts -t app.orders --with-dependants \\
    -h dst -U admin -d accounts --allow-non-empty

  Into a managed service, where nobody is a superuser:
  pgark restore snap.tar -h db.example.net -U admin --create \\
    --map-role postgres=admin --skip-forbidden

  Interrupted, killed or cut off: the same command with --resume goes on:
  pgark restore --resume snap.tar -h dst -U admin --create -j 8

  Into an older server, first as a rehearsal that leaves nothing behind:
  pgark restore snap.tar -h old -U admin --rehearse
  pgark restore snap.tar -h old -U admin --create -j 8 --verify

  As a script:
  pgark restore snap.tar jobs -t 'app.*' -f -

Exit status:
    0  everything was restored
    1  failed, or finished with errors that were reported
    2  the command line is wrong; nothing was done
    3  the archive is damaged, or what was restored differs from it (--verify)
    4  what was restored could not be compared (--verify)
  130  interrupted",
};

/// The page of the command of this name.
pub(crate) fn of(command: &str) -> Option<&'static Page> {
    match command {
        "dump" => Some(&DUMP),
        "inspect" => Some(&INSPECT),
        "verify" => Some(&VERIFY),
        "restore" => Some(&RESTORE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_broken_by_a_terminal_of_80_columns() {
        for page in [&PROGRAM, &DUMP, &INSPECT, &VERIFY, &RESTORE] {
            for line in format!("Usage: {}\n{}", page.usage, page.afterwards).lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

//! Help: it goes to standard output, status 0, and its text is held here, because it is the manual.

use super::run;

fn help(args: &[&str]) -> String {
    let (status, stdout, stderr) = run(args);
    assert_eq!((status, stderr.as_str()), (0, ""), "{args:?}");
    stdout
}

#[test]
fn the_version_is_the_crate_s() {
    let expected = format!("pgark {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(help(&["--version"]), expected);
    assert_eq!(help(&["-V"]), expected);
    for command in ["dump", "inspect", "verify", "restore"] {
        assert_eq!(help(&[command, "-V"]), expected);
        assert_eq!(help(&[command, "--version"]), expected);
    }
}

#[test]
fn both_spellings_of_help_say_the_same() {
    for command in ["dump", "inspect", "verify", "restore"] {
        let page = help(&[command, "--help"]);
        assert_eq!(help(&[command, "-?"]), page);
        assert_eq!(help(&["help", command]), page);
    }
    assert_eq!(help(&["-?"]), help(&["--help"]));
    assert_eq!(help(&["help"]), help(&["--help"]));
    assert_eq!(help(&["-h"]), help(&["--help"]));
}

#[test]
fn nothing_asks_for_help_and_is_no_success() {
    let (status, stdout, stderr) = run(&[]);
    let (page, error) = (help(&["--help"]), "\npgark: error: no command is given\n");
    assert_eq!((status, stdout, stderr), (2, String::new(), page + error));
}

/// What is printed does not depend on the terminal: an example that is copied is what was meant.
#[test]
fn examples_are_never_broken() {
    for command in ["dump", "inspect", "verify", "restore"] {
        let page = help(&[command, "--help"]);
        let mut lines = page.lines().skip_while(|line| *line != "Example:").skip(1);
        let mut count = 0;
        while let Some(line) = lines.next().filter(|line| *line != "Exit status:") {
            if !line.trim_start().starts_with("pgark ") && !line.contains("| pgark ") {
                continue;
            }
            count += 1;
            let mut words = line.trim_end().to_owned();
            while let Some(begun) = words.strip_suffix('\\') {
                words = begun.to_owned() + lines.next().unwrap().trim();
            }
            let quotes = words.matches('\'').count() + words.matches('"').count();
            assert_eq!(quotes % 2, 0, "{words}");
        }
        assert!(count >= 2, "{page}");
    }
}

#[test]
fn every_command_shows_an_example_and_its_exit_statuses() {
    for command in ["dump", "inspect", "verify", "restore"] {
        let text = help(&[command, "--help"]);
        assert!(text.contains(&format!("  pgark {command} ")), "{text}");
        assert!(text.contains("Exit status:\n    0  "), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }
}

#[test]
fn pgark() {
    insta::assert_snapshot!(help(&["--help"]), @r"
    Portable, checksummed snapshots of PostgreSQL databases in one file

    Usage: pgark COMMAND [OPTIONS]

    Commands:
      dump     Write databases of one server to an archive
      inspect  Say what is in an archive
      verify   Prove that an archive is whole; needs no server
      restore  Load databases from an archive into a server
      help     Print this, or the page of a command: pgark help restore

    General options:
      -V, --version               Print the version and exit
      -?, --help                  Print this help and exit

    Example:
      pgark dump -h src -U admin accounts jobs -j 4 -f snap.tar
      pgark inspect snap.tar
      pgark verify snap.tar
      pgark restore snap.tar -h dst -U admin --create -j 8

    Options stand behind the command. -h is the host, as in every PostgreSQL tool;
    help is --help or -?.
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the text is long")]
fn dump() {
    insta::assert_snapshot!(help(&["dump", "--help"]), @r#"
    Write databases of one server to an archive

    Usage: pgark dump [CONNECTION] [DBNAME]... -f ARCHIVE [OPTIONS]

    Arguments:
      [DBNAME]...                 Databases to dump, by their exact names

    Most used options:
      -f, --file <ARCHIVE>        The archive to write: a path, a URL of an object
                                  store, or - for standard output
          --all-databases         Dump every database that allows connections,
                                  templates too; template1 only if somebody filled
                                  it
      -h, --host <HOSTNAME>       Server host, or the folder of its Unix-domain
                                  socket
      -U, --username <NAME>       User to connect as
      -j, --jobs <N>              How many workers run at once [default: one per
                                  CPU, 8 at most]
      -n, --schema <PATTERN>      Only schemas that match
      -t, --table <PATTERN>       Only tables, views, sequences and foreign tables
                                  that match
          --force                 Replace an archive that exists, once the new one
                                  is complete
          --dry-run               Print what would be dumped and stop

    Output options:
      -Z, --compress <METHOD>     Compression: zstd, zstd:LEVEL or none
          --chunk-size <SIZE>     Raw size at which a table's rows are cut into
                                  chunks: 8MB, 512kB, 1GB (powers of 1024) [default:
                                  16MB, and 8MB without compression]
          --part-size <SIZE>      In an object store: the smallest size of a part of
                                  the upload; larger ones are taken where the
                                  archive would have too many [default: 8MB]
          --max-parts <N>         In an object store: how many parts it takes
                                  [default: 10000]
          --no-sync               Do not wait until the archive is on the disk
          --file-mode <MODE>      Permissions of the file that is written, as chmod
                                  takes them in octal: 0640 [default: 0600, and less
                                  where the umask says so]

    Selection options:
          --exclude-database <PATTERN>
                                  With --all-databases: leave out databases that
                                  match
      -N, --exclude-schema <PATTERN>
                                  Leave out schemas that match
      -a, --data-only             Rows, large objects and sequence values, no
                                  definitions
      -s, --schema-only           Definitions, no rows
          --no-globals            Leave out roles, memberships and tablespaces
          --no-role-passwords     Leave out the roles' passwords
      -T, --exclude-table <PATTERN>
                                  Leave out tables that match
          --table-and-children <PATTERN>
                                  As -t, with partitions and tables that inherit
          --exclude-table-and-children <PATTERN>
                                  As -T, with partitions and tables that inherit
          --exclude-table-data <PATTERN>
                                  Leave out the rows of tables that match
          --exclude-table-data-and-children <PATTERN>
                                  The same, with partitions and tables that inherit
      -e, --extension <PATTERN>   Only extensions that match
          --exclude-extension <PATTERN>
                                  Leave out extensions that match
          --filter <FILE>         Read patterns from a file, in the format of
                                  pg_dump's --filter; - is standard input
      -b, --large-objects         Dump large objects even where -n or -t would leave
                                  them out
      -B, --no-large-objects      Leave out large objects
          --statistics            Dump the planner's statistics even where -s or -a
                                  would leave them out
          --no-statistics         Leave out the planner's statistics

    Source options:
          --lock-wait-timeout <TIMEOUT>
                                  Give up when a table's lock is not granted in this
                                  time: milliseconds, or 10s, 2min
          --serializable-deferrable
                                  Wait for a snapshot that no serialization anomaly
                                  can reach
          --role <ROLENAME>       Become this role (SET ROLE) in every session
          --schema-reader <READER>
                                  What the schema is read from: catalogs (the
                                  default), or pg_dump, not older than the server
          --pg-dump <PATH>        Have this pg_dump read the schema [env:
                                  PGARK_PG_DUMP, beside --schema-reader pg_dump]

    Connection options:
      -p, --port <PORT>           Server port
      -w, --no-password           Never ask for a password
      -W, --password              Ask for a password before connecting
          --password-command <COMMAND>
                                  Have a command print the password, anew for each
                                  connection, for tokens that expire. It finds
                                  PGHOST, PGPORT, PGUSER and PGDATABASE in its
                                  environment
      -d, --dbname <DBNAME>       Database to connect to first, a postgresql:// URI,
                                  or a conninfo string

    General options:
          --json                  Print the outcome as JSON
          --bandwidth-limit <RATE>
                                  Write or read no more than this of the archive per
                                  second, all workers together: 20MB, 512kB
          --metrics-file <FILE>   Write how it ended to this file, as
                                  node_exporter's textfile collector reads it
          --on-success <COMMAND>  Run this by sh when all is done, with the result
                                  as JSON on its standard input
          --on-failure <COMMAND>  Run this by sh when it failed, was refused or was
                                  stopped, with the error as JSON on its standard
                                  input
          --progress <HOW>        Progress: auto (bars on a terminal, else plain),
                                  plain (a line every ten seconds), json (one event
                                  a line) or none [default: auto]
      -v, --verbose               Say more: every task as it begins and ends
      -q, --quiet                 Print errors, notices and asked-for results only
      -V, --version               Print the version and exit
      -?, --help                  Print this help and exit

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
      pgark dump -h src -U admin -w --all-databases -f "snap-$(date +%F).tar"

      One table and its rows:
      pgark dump -h src -U admin accounts -t app.orders -f orders.tar

      From a managed service, whose roles' passwords nobody may read:
      pgark dump -h db.example.net -U admin accounts --no-role-passwords -f a.tar

      To another host, and proven there:
      pgark dump -h src -U admin --all-databases -f - \
        | ssh backup 'cat > snap.tar && pgark verify snap.tar'

    Exit status:
        0  the archive is complete, synced, and stands under its name
        1  failed; there is no archive
        2  the command line is wrong; nothing was done
      130  interrupted; there is no archive
    "#);
}

#[test]
fn inspect() {
    insta::assert_snapshot!(help(&["inspect", "--help"]), @r"
    Say what is in an archive

    Usage: pgark inspect ARCHIVE [OPTIONS]

    Arguments:
      <ARCHIVE>                   The archive to look at

    Output options:
          --json                  Print everything the archive says about itself as
                                  JSON
      -l, --list                  Print the tables of contents as pg_restore -l does
          --diff <ARCHIVE>        Compare with another archive: databases, settings,
                                  definitions, rows by number and digest, roles.
                                  Status 1 says that something differs
          --sql <NAME>            Print the statements that make an object:
                                  [DATABASE:][SCHEMA.]NAME
          --rows <TABLE>          Print the rows of a table:
                                  [DATABASE:][SCHEMA.]NAME
          --format <FORMAT>       With --rows: copy (as COPY writes them), csv (with
                                  a line of names) or jsonl (an object a line)
                                  [default: copy]
          --limit <N>             With --rows: print so many at most

    General options:
          --bandwidth-limit <RATE>
                                  Write or read no more than this of the archive per
                                  second, all workers together: 20MB, 512kB
          --progress <HOW>        Progress: auto (bars on a terminal, else plain),
                                  plain (a line every ten seconds), json (one event
                                  a line) or none [default: auto]
      -v, --verbose               Say more: every task as it begins and ends
      -q, --quiet                 Print errors, notices and asked-for results only
      -V, --version               Print the version and exit
      -?, --help                  Print this help and exit

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
        3  the archive is damaged
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the text is long")]
fn verify() {
    insta::assert_snapshot!(help(&["verify", "--help"]), @r#"
    Prove that an archive is whole; needs no server

    Usage: pgark verify ARCHIVE [OPTIONS]
           pgark verify ARCHIVE [DBNAME[=NEWNAME]]... --against DBNAME [CONNECTION]

    Arguments:
      <ARCHIVE>                   The archive to verify: a path, a URL of an object
                                  store, or - for standard input
      [DBNAME[=NEWNAME]]...       With --against: which databases, and their names
                                  on the server

    Most used options:
          --digest <SHA256>       Demand the archive with this digest: the 64 digits
                                  that the dump printed
          --deep                  Also decode every chunk: row counts, sizes, row
                                  digests, columns
          --quick                 Check the end, the manifest and the tables of
                                  contents only, not the data
          --against <DBNAME>      Read these databases of a server back and compare
                                  them with the archive: rows, sequences, large
                                  objects and definitions. DBNAME is as in other
                                  commands: a name, a URI or a conninfo string
      -j, --jobs <N>              How many workers run at once [default: one per
                                  CPU, 8 at most]

    Verification options:
          --json                  Print the verdict and all findings as JSON

    Connection options:
      -h, --host <HOSTNAME>       Server host, or the folder of its Unix-domain
                                  socket
      -p, --port <PORT>           Server port
      -U, --username <NAME>       User to connect as
      -w, --no-password           Never ask for a password
      -W, --password              Ask for a password before connecting
          --password-command <COMMAND>
                                  Have a command print the password, anew for each
                                  connection, for tokens that expire. It finds
                                  PGHOST, PGPORT, PGUSER and PGDATABASE in its
                                  environment

    General options:
          --bandwidth-limit <RATE>
                                  Write or read no more than this of the archive per
                                  second, all workers together: 20MB, 512kB
          --metrics-file <FILE>   Write how it ended to this file, as
                                  node_exporter's textfile collector reads it
          --on-success <COMMAND>  Run this by sh when all is done, with the result
                                  as JSON on its standard input
          --on-failure <COMMAND>  Run this by sh when it failed, was refused or was
                                  stopped, with the error as JSON on its standard
                                  input
          --progress <HOW>        Progress: auto (bars on a terminal, else plain),
                                  plain (a line every ten seconds), json (one event
                                  a line) or none [default: auto]
      -v, --verbose               Say more: every task as it begins and ends
      -q, --quiet                 Print errors, notices and asked-for results only
      -V, --version               Print the version and exit
      -?, --help                  Print this help and exit

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
      pgark verify snap.tar --digest "$(cat snap.digest)"
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
      130  interrupted
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the text is long")]
fn restore() {
    insta::assert_snapshot!(help(&["restore", "--help"]), @r"
    Load databases from an archive into a server

    Usage: pgark restore ARCHIVE [DBNAME[=NEWNAME]]... [CONNECTION] [OPTIONS]

    Arguments:
      <ARCHIVE>                   The archive to restore from
      [DBNAME[=NEWNAME]]...       Databases to restore, and the names to restore
                                  them under

    Most used options:
      -C, --create                Create the databases
      -c, --clean                 Drop what is to be restored first; with --create,
                                  the databases themselves
          --dry-run               Print what would be done, and what stands in its
                                  way, and stop
      -h, --host <HOSTNAME>       Server host, or the folder of its Unix-domain
                                  socket
      -U, --username <NAME>       User to connect as
      -d, --dbname <DBNAME>       Database, a postgresql:// URI, or a conninfo
                                  string; see below
      -j, --jobs <N>              How many workers run at once [default: one per
                                  CPU, 8 at most]
      -t, --table <PATTERN>       Only tables, views, sequences and foreign tables
                                  that match
          --with-dependants       With names: bring along what they need and own:
                                  types, sequences, indexes, constraints, triggers,
                                  policies, comments, grants, schemas, and foreign
                                  keys whose other end is there
          --resume                Go on where an earlier restore of the same into
                                  the same databases stopped
      -f, --file <FILE>           Write a script for psql instead of restoring into
                                  a server; - is standard output
      -l, --list                  Print the list of what would be restored, as
                                  pg_restore -l does, for -L

    Output options:
          --force                 Replace a file that exists, once the new one is
                                  complete; the archive itself never
          --restrict-key <WORD>   The word for the script's \restrict [default: a
                                  random one]
          --file-mode <MODE>      Permissions of the file that is written, as chmod
                                  takes them in octal: 0640 [default: 0600, and less
                                  where the umask says so]

    Target options:
          --if-exists             With --clean: do not complain about what is not
                                  there to drop
          --force-drop            With --create --clean: end the sessions of others
                                  in the databases that are dropped
          --allow-non-empty       Restore into databases that already hold something
          --map-role <OLD=NEW>    Put role NEW wherever the archive names role OLD:
                                  as owner, in grants, policies, memberships and
                                  settings in databases. OLD is not created; NEW
                                  must be there or in the archive. May be repeated
          --skip-forbidden        Leave out, and list, what takes rights that the
                                  user does not have, and what depends on it.
                                  Without this nothing is restored if there is any
          --skip-unavailable      Leave out, and list, what needs a role, an
                                  extension or a tablespace that the target lacks,
                                  and what depends on it. Without this nothing is
                                  restored if there is any
          --skip-damaged          Read everything first, and leave out, and list,
                                  the tables that are damaged in the archive; they
                                  come empty. Exit status 3 if there are any
          --role <ROLENAME>       SET ROLE to this role after connecting
          --use-set-session-authorization
                                  Create objects as their owners, by SET SESSION
                                  AUTHORIZATION, instead of giving them away
                                  afterwards; needs a superuser
          --disable-triggers      With -a: no trigger sees the rows, foreign keys
                                  are not checked; needs a superuser
      -S, --superuser <NAME>      The superuser to become for --disable-triggers
          --enable-row-security   Load rows under the row security of their tables
          --no-data-for-failed-tables
                                  Leave out the rows of tables that could not be
                                  created, though they are there
      -e, --exit-on-error         Stop at the first error instead of going on and
                                  reporting all at the end
      -1, --single-transaction    Restore each database in one transaction: whole,
                                  or not at all; implies -e
          --transaction-size <N>  Restore up to N objects in one transaction;
                                  implies -e
          --no-analyze            Leave out ANALYZE, which every table gets whose
                                  statistics are not in the archive
          --analyze               ANALYZE every table once its rows are in
          --rehearse              Restore into scratch databases on the server,
                                  report every error and what each phase took, and
                                  drop them. Roles that the server lacks are made
                                  without a login, and dropped too
          --verify                Afterwards read everything back and compare it
                                  with the archive, as verify --against does
          --vacuum                VACUUM every table too, for visibility maps, which
                                  index-only scans need
          --lock-wait-timeout <TIMEOUT>
                                  Give up an object when a lock that it needs is not
                                  granted in this time: milliseconds, or 10s, 2min
          --foreign-statistics    Get statistics of tables with foreign partitions
                                  or children too: that asks the foreign servers

    Selection options:
      -n, --schema <PATTERN>      Only schemas that match
      -N, --exclude-schema <PATTERN>
                                  Leave out schemas that match
      -a, --data-only             Rows, large objects and sequence values, no
                                  definitions
      -s, --schema-only           Definitions, no rows
          --no-globals            Leave out roles, memberships and tablespaces
          --no-role-passwords     Leave out the roles' passwords
      -I, --index <PATTERN>       Only indexes that match
      -P, --function <PATTERN>    Only functions, procedures and aggregates that
                                  match: NAME or NAME(ARGUMENTS)
      -T, --trigger <PATTERN>     Only triggers that match
          --filter <FILE>         Read names from a file, in the format of
                                  pg_restore's --filter; - is standard input
      -L, --use-list <FILE>       Restore what is left in this list, in its order;
                                  -l prints one. - is standard input
          --strict-names          Fail if a name matches nothing
          --section <SECTION>     Restore this section: pre-data, data or post-data
          --no-data               Leave out rows, large objects and sequence values
          --no-schema             Leave out definitions
          --statistics            Restore the planner's statistics; the default but
                                  with -s, -a and -f
          --statistics-only       Restore nothing but them
          --no-statistics         Leave them out
          --globals-only          Restore roles, memberships and tablespaces only,
                                  no database
      -O, --no-owner              Leave objects to the role that restores them
      -x, --no-privileges         Leave out GRANT and REVOKE
          --no-comments           Leave out comments
          --no-policies           Leave out row security and its policies
          --no-publications       Leave out publications
          --no-subscriptions      Leave out subscriptions
          --no-security-labels    Leave out security labels
          --no-tablespaces        Leave the choice of tablespaces to the target
          --no-table-access-method
                                  Leave the choice of table access methods to the
                                  target

    Connection options:
      -p, --port <PORT>           Server port
      -w, --no-password           Never ask for a password
      -W, --password              Ask for a password before connecting
          --password-command <COMMAND>
                                  Have a command print the password, anew for each
                                  connection, for tokens that expire. It finds
                                  PGHOST, PGPORT, PGUSER and PGDATABASE in its
                                  environment

    General options:
          --json                  Print the outcome as JSON
          --bandwidth-limit <RATE>
                                  Write or read no more than this of the archive per
                                  second, all workers together: 20MB, 512kB
          --metrics-file <FILE>   Write how it ended to this file, as
                                  node_exporter's textfile collector reads it
          --on-success <COMMAND>  Run this by sh when all is done, with the result
                                  as JSON on its standard input
          --on-failure <COMMAND>  Run this by sh when it failed, was refused or was
                                  stopped, with the error as JSON on its standard
                                  input
          --progress <HOW>        Progress: auto (bars on a terminal, else plain),
                                  plain (a line every ten seconds), json (one event
                                  a line) or none [default: auto]
      -v, --verbose               Say more: every task as it begins and ends
      -q, --quiet                 Print errors, notices and asked-for results only
      -V, --version               Print the version and exit
      -?, --help                  Print this help and exit

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
      pgark restore snap.tar accounts -t app.orders --with-dependants \
        -h dst -U admin -d accounts --allow-non-empty

      Into a managed service, where nobody is a superuser:
      pgark restore snap.tar -h db.example.net -U admin --create \
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
      130  interrupted
    ");
}

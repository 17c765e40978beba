//! Combinations of options that contradict each other: one clear sentence each, before anything is
//! opened. Pure. What needs the archive or the server to be judged is the operations' business.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;

use bstr::{BStr, ByteSlice as _};

use super::super::report::Failure;
use super::dump::DumpArgs;
use super::read::VerifyArgs;
use super::restore::RestoreArgs;
use super::selection::RestoreSelection;

type Check = Result<(), Failure>;

/// An option's spelling for people, and whether it was given.
type Given<'a> = (&'a str, bool);

/// Refuses the first pair whose two options were both given.
fn exclusive(pairs: &[(Given<'_>, Given<'_>)]) -> Check {
    match pairs.iter().find(|((_, a), (_, b))| *a && *b) {
        Some(((a, _), (b, _))) => Err(Failure::usage(format!("{a} and {b} exclude each other"))),
        None => Ok(()),
    }
}

/// Refuses the first option that was given without the one it depends on.
fn needs(pairs: &[(Given<'_>, Given<'_>)]) -> Check {
    match pairs.iter().find(|((_, a), (_, b))| *a && !*b) {
        Some(((a, _), (b, _))) => Err(Failure::usage(format!("{a} means nothing without {b}"))),
        None => Ok(()),
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a BStr>, what: &str) -> Check {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Failure::usage(format!("database \"{name}\" {what} twice")));
        }
    }
    Ok(())
}

/// Judges the arguments of `pgark dump`.
pub(super) fn dump(args: &DumpArgs) -> Check {
    let selection = &args.selection;
    let all_databases = ("--all-databases", selection.all_databases);
    let schema_only = ("-s/--schema-only", selection.filters.schema_only);
    exclusive(&[
        (("-a/--data-only", selection.filters.data_only), schema_only),
        (
            all_databases,
            ("a list of databases", !args.databases.is_empty()),
        ),
        (
            ("-b/--large-objects", selection.large_objects),
            ("-B/--no-large-objects", selection.no_large_objects),
        ),
    ])?;
    needs(&[(
        ("--exclude-database", !selection.exclude_database.is_empty()),
        all_databases,
    )])?;
    let names = || args.databases.iter().map(|name| name.as_bytes().as_bstr());
    if let Some(name) = names().find(|name| is_connection_string(name)) {
        return Err(
            Failure::usage(format!("\"{name}\" is not the name of a database")).with_hint(
                "A URI or conninfo string goes to -d; the databases are listed by name.",
            ),
        );
    }
    if names().any(|name| name.is_empty()) {
        return Err(Failure::usage("a database name is empty"));
    }
    twice(names(), "is listed")
}

/// A URI given as a database name. A `=` proves nothing: names may contain it.
fn is_connection_string(name: &BStr) -> bool {
    name.starts_with(b"postgresql://") || name.starts_with(b"postgres://")
}

/// What excludes one another about definitions, data and statistics, as in pg_restore.
fn contents<'a>(selection: &RestoreSelection, clean: Given<'a>) -> [(Given<'a>, Given<'a>); 10] {
    let data_only = ("-a/--data-only", selection.filters.data_only);
    let schema_only = ("-s/--schema-only", selection.filters.schema_only);
    let statistics_only = ("--statistics-only", selection.statistics_only);
    let statistics = ("--statistics", selection.statistics);
    let no_statistics = ("--no-statistics", selection.no_statistics);
    [
        (data_only, schema_only),
        (schema_only, statistics_only),
        (data_only, statistics_only),
        (data_only, ("--no-data", selection.no_data)),
        (schema_only, ("--no-schema", selection.no_schema)),
        (statistics_only, no_statistics),
        (statistics, no_statistics),
        (data_only, statistics),
        (schema_only, statistics),
        (data_only, clean),
    ]
}

/// The options that choose objects of databases.
fn choosing(selection: &RestoreSelection) -> [Given<'static>; 11] {
    let filters = &selection.filters;
    [
        ("--no-globals", filters.no_globals),
        ("-a/--data-only", filters.data_only),
        ("-n/--schema", !filters.schema.is_empty()),
        ("-N/--exclude-schema", !filters.exclude_schema.is_empty()),
        ("-t/--table", !filters.table.is_empty()),
        ("-I/--index", !selection.index.is_empty()),
        ("-P/--function", !selection.function.is_empty()),
        ("-T/--trigger", !selection.trigger.is_empty()),
        ("--filter", !selection.filter.is_empty()),
        ("-L/--use-list", selection.use_list.is_some()),
        ("--section", !selection.section.is_empty()),
    ]
}

/// Judges the arguments of `pgark verify`.
pub(super) fn verify(args: &VerifyArgs) -> Check {
    let against = ("--against", args.against.is_some());
    let flags = &args.connection;
    needs(&[
        (("-h/--host", flags.host.is_some()), against),
        (("-p/--port", flags.port.is_some()), against),
        (("-U/--username", flags.username.is_some()), against),
        (("-w/--no-password", flags.no_password), against),
        (("-W/--password", flags.password), against),
    ])?;
    twice(
        args.databases.iter().map(|db| db.target().as_bstr()),
        "is named",
    )
}

fn names_objects(selection: &RestoreSelection) -> bool {
    let by_option = [
        &selection.filters.schema,
        &selection.filters.table,
        &selection.index,
        &selection.function,
        &selection.trigger,
        &selection.filter,
    ];
    by_option.iter().any(|names| !names.is_empty())
}

/// What needs a server that is restored into.
fn served(args: &RestoreArgs) -> [Given<'static>; 8] {
    [
        ("-d/--dbname", args.dbname.is_some()),
        ("--dry-run", args.dry_run),
        ("--json", args.json),
        ("--analyze", args.target.analyze),
        ("--skip-forbidden", args.target.skip_forbidden),
        ("--verify", args.target.verify),
        ("--rehearse", args.target.rehearse),
        ("--resume", args.target.resume),
    ]
}

/// Judges the arguments of `pgark restore`.
pub(super) fn restore(args: &RestoreArgs) -> Check {
    let (target, selection) = (&args.target, &args.selection);
    let clean = ("-c/--clean", target.clean);
    let create = ("-C/--create", target.create);
    exclusive(&contents(selection, clean))?;
    let globals_only = ("--globals-only", selection.globals_only);
    let single = ("-1/--single-transaction", target.single_transaction);
    let resume = ("--resume", target.resume);
    let several = target.jobs.jobs.is_some_and(|jobs| jobs.get() > 1);
    exclusive(&[(globals_only, ("--verify", target.verify))])?;
    let rehearse = ("--rehearse", target.rehearse);
    exclusive(&[
        (rehearse, clean),
        (rehearse, resume),
        (rehearse, single),
        (rehearse, globals_only),
        (rehearse, ("--dry-run", args.dry_run)),
        (rehearse, ("--verify", target.verify)),
        (rehearse, ("--resume", target.resume)),
        (rehearse, ("-a/--data-only", selection.filters.data_only)),
    ])?;
    let vacuum = ("--vacuum", target.vacuum);
    exclusive(&[
        (
            single,
            ("--transaction-size", target.transaction_size.is_some()),
        ),
        (single, create),
        (single, resume),
        (single, vacuum),
        (single, ("several --jobs", several)),
    ])?;
    let named = ("a list of databases", !args.databases.is_empty());
    for other in [named, clean, create, vacuum, single, resume]
        .into_iter()
        .chain(choosing(selection))
    {
        exclusive(&[(globals_only, other)])?;
    }
    let file = ("-f/--file", args.output_as.file.is_some());
    let list = ("-l/--list", args.output_as.list);
    for other in served(args) {
        exclusive(&[(other, file), (other, list)])?;
    }
    exclusive(&[(globals_only, list)])?;
    needs(&[
        (("--if-exists", target.if_exists), clean),
        (
            ("--with-dependants", selection.with_dependants),
            ("-n, -t, -I, -P, -T or --filter", names_objects(selection)),
        ),
    ])?;
    exclusive(&[(
        ("--with-dependants", selection.with_dependants),
        ("-L/--use-list", selection.use_list.is_some()),
    )])?;
    twice(
        args.databases.iter().map(|db| db.source.as_bstr()),
        "is named",
    )?;
    twice(
        args.databases.iter().map(|db| db.target().as_bstr()),
        "would be restored into",
    )
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::parse;

    fn message(line: &str) -> Option<String> {
        parse(line.split(' ').map(OsString::from))
            .err()
            .map(|failure| failure.message)
    }

    #[track_caller]
    fn assert_refused(cases: &[(&str, &str)]) {
        for (line, expected) in cases {
            let said = message(&format!("pgark {line}"));
            assert_eq!(said.as_deref(), Some(*expected), "{line}");
        }
    }

    #[test]
    fn contradictions_of_dump_are_refused_in_one_sentence() {
        assert_refused(&[
            (
                "dump a -f x -a -s",
                "-a/--data-only and -s/--schema-only exclude each other",
            ),
            (
                "dump a -f x --all-databases",
                "--all-databases and a list of databases exclude each other",
            ),
            (
                "dump a -f x -b -B",
                "-b/--large-objects and -B/--no-large-objects exclude each other",
            ),
            (
                "dump a -f x --exclude-database b",
                "--exclude-database means nothing without --all-databases",
            ),
            ("dump a b a -f x", "database \"a\" is listed twice"),
            (
                "dump postgres://h/a -f x",
                "\"postgres://h/a\" is not the name of a database",
            ),
        ]);
    }

    #[test]
    fn contradictions_of_restore_are_refused_in_one_sentence() {
        assert_refused(&[
            (
                "restore x -a -s",
                "-a/--data-only and -s/--schema-only exclude each other",
            ),
            (
                "restore x -a -c",
                "-a/--data-only and -c/--clean exclude each other",
            ),
            (
                "restore x --if-exists",
                "--if-exists means nothing without -c/--clean",
            ),
            (
                "restore x -a --no-data",
                "-a/--data-only and --no-data exclude each other",
            ),
            (
                "restore x -s --no-schema",
                "-s/--schema-only and --no-schema exclude each other",
            ),
            (
                "restore x -s --statistics",
                "-s/--schema-only and --statistics exclude each other",
            ),
            (
                "restore x --statistics-only --no-statistics",
                "--statistics-only and --no-statistics exclude each other",
            ),
            (
                "restore x --globals-only -T t",
                "--globals-only and -T/--trigger exclude each other",
            ),
            (
                "restore x --globals-only --no-globals",
                "--globals-only and --no-globals exclude each other",
            ),
            (
                "restore x --globals-only a",
                "--globals-only and a list of databases exclude each other",
            ),
            (
                "restore x --with-dependants",
                "--with-dependants means nothing without -n, -t, -I, -P, -T or --filter",
            ),
            (
                "restore x -f s -d a",
                "-d/--dbname and -f/--file exclude each other",
            ),
            ("restore x a a=b", "database \"a\" is named twice"),
            (
                "restore x a=b b",
                "database \"b\" would be restored into twice",
            ),
        ]);
    }

    #[test]
    fn one_transaction_is_one_session_s_work() {
        assert_refused(&[
            (
                "restore x -1 -j 2",
                "-1/--single-transaction and several --jobs exclude each other",
            ),
            (
                "restore x -1 -C",
                "-1/--single-transaction and -C/--create exclude each other",
            ),
            (
                "restore x -1 --transaction-size 5",
                "-1/--single-transaction and --transaction-size exclude each other",
            ),
            (
                "restore x --resume -1",
                "-1/--single-transaction and --resume exclude each other",
            ),
        ]);
    }

    #[test]
    fn what_only_looks_odd_is_accepted() {
        for line in [
            "dump --all-databases -n public -f x",
            "dump a=b -f x",
            "dump -f x -d postgresql://h/a",
            "restore x -C a=b b=a",
            "restore x -c --if-exists -C",
            "restore x -1 -j 1",
            "restore x --section pre-data --section data -n a -n b",
            "verify x -j1 --deep",
            "inspect x -l",
        ] {
            assert_eq!(message(&format!("pgark {line}")), None, "{line}");
        }
    }
}

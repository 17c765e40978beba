//! Combinations of options that contradict each other: one clear sentence each, before anything is
//! opened. Pure. What needs the archive or the server to be judged is the operations' business.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use bstr::{BStr, ByteSlice as _};

use super::dump::{DumpArgs, SchemaReaderChoice};
use super::read::{InspectArgs, VerifyArgs};
use super::restore::{RestoreArgs, RestoreTarget};
use super::selection::RestoreSelection;
use super::values::RoleArg;
use crate::cli::screen::report::Failure;
use crate::storage::Location;

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

/// Refuses an empty name of an archive or a file: what an unset variable of a script leaves.
fn not_empty(what: &str, name: impl AsRef<OsStr>) -> Check {
    if !name.as_ref().is_empty() {
        return Ok(());
    }
    let failure = Failure::usage(format!("{what} is empty"));
    Err(failure.with_hint("If it came from a variable of a script, that one is not set."))
}

/// Judges the arguments of `pgark dump`.
pub(crate) fn dump(args: &DumpArgs) -> Check {
    not_empty("the archive's name (-f/--file)", args.file.shown())?;
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
        (
            (
                "--schema-reader catalogs",
                args.source.schema_reader == Some(SchemaReaderChoice::Catalogs),
            ),
            ("--pg-dump", args.source.pg_dump.is_some()),
        ),
    ])?;
    needs(&[(
        ("--exclude-database", !selection.exclude_database.is_empty()),
        all_databases,
    )])?;
    let is_file = !args.file.is_pipe() && !is_store(args.file.shown());
    needs(&[(
        ("--file-mode", args.file_mode.file_mode.is_some()),
        ("-f FILE", is_file),
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

/// Whether the archive goes to an object store, which has no permissions of files.
fn is_store(file: &str) -> bool {
    ["s3", "gs", "az"]
        .iter()
        .any(|scheme| file.starts_with(&format!("{scheme}://")))
}

/// A URI given as a database name. A `=` proves nothing: names may contain it.
fn is_connection_string(name: &BStr) -> bool {
    name.starts_with(b"postgresql://") || name.starts_with(b"postgres://")
}

/// Options about definitions, data and statistics that exclude one another, as in pg_restore.
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

/// Judges the arguments of `pgark inspect`.
pub(crate) fn inspect(args: &InspectArgs) -> Check {
    not_empty("the archive's name", args.archive.shown())?;
    if !args.others.is_empty() {
        return Err(several_archives("inspect"));
    }
    refuse_pipe(&args.archive, "inspected")
}

/// `verify *.tar`: the shell has made several arguments of it.
pub(crate) fn several_archives(command: &str) -> Failure {
    let message = format!("{command} takes one archive, and several are named");
    // A loop that is copied must not lose the options: another server would be the one restored into.
    Failure::usage(message).with_hint(match command {
        "restore" => "Restore them one after the other, each with all the options of this call.".to_owned(),
        _ => format!(
            "One after the other, with the options of this call: for f in *.tar; do pgark {command} \"$f\" || echo \"failed: $f\"; done"
        ),
    })
}

/// Refuses `-` where an archive is read from its end.
fn refuse_pipe(archive: &Location, done: &str) -> Check {
    if archive.is_pipe() {
        Err(
            Failure::usage(format!("an archive on standard input cannot be {done}")).with_hint(
                "It is read from its end, by ranges: write it to a file first, for instance with \
             `cat > snap.tar`. Only verify reads a pipe.",
            ),
        )
    } else {
        Ok(())
    }
}

/// Judges the arguments of `pgark verify`.
pub(crate) fn verify(args: &VerifyArgs) -> Check {
    not_empty("the archive's name", args.archive.shown())?;
    if args.archive.is_pipe() {
        let unfit = [
            (args.quick, "--quick reads the end of the archive first"),
            (
                args.against.is_some(),
                "--against reads the archive by ranges",
            ),
        ];
        if let Some((_, why)) = unfit.iter().find(|(given, _)| *given) {
            let message = format!("{why}, which standard input cannot do");
            return Err(Failure::usage(message).with_hint(
                "Write the archive to a file first; `pgark verify -` reads all of it, with --deep every row.",
            ));
        }
    }
    let against = ("--against", args.against.is_some());
    if let Some(first) = args.databases.first().filter(|_| !against.1) {
        let looks_like_a_file = first.source.contains(&b'.') || first.source.contains(&b'/');
        if looks_like_a_file {
            return Err(several_archives("verify"));
        }
        needs(&[(("the name of a database", true), against)])?;
    }
    let flags = &args.connection;
    needs(&[
        (("-h/--host", flags.host.is_some()), against),
        (("-p/--port", flags.port.is_some()), against),
        (("-U/--username", flags.username.is_some()), against),
        (("-w/--no-password", flags.no_password), against),
        (("-W/--password", flags.password), against),
        (
            ("--password-command", flags.password_command.is_some()),
            against,
        ),
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

/// Options that need a target server.
fn served(args: &RestoreArgs) -> [Given<'static>; 10] {
    [
        ("-d/--dbname", args.dbname.is_some()),
        ("--dry-run", args.dry_run),
        ("--json", args.json),
        ("--analyze", args.target.analyze),
        ("--skip-forbidden", args.target.skip_forbidden),
        ("--skip-unavailable", args.target.skip_unavailable),
        ("--verify", args.target.verify),
        ("--rehearse", args.target.rehearse),
        ("--resume", args.target.resume),
        (
            "--lock-wait-timeout",
            args.target.lock_wait_timeout.is_some(),
        ),
    ]
}

/// Another session's user is no member of anything that `--role` said.
fn one_user(target: &RestoreTarget) -> Check {
    let session = target.use_set_session_authorization;
    exclusive(&[(
        ("--use-set-session-authorization", session),
        ("--role", target.role.is_some()),
    )])
}

fn mapped_once(roles: &[RoleArg]) -> Check {
    let mut mapped = BTreeSet::new();
    match roles.iter().find(|role| !mapped.insert(&role.source)) {
        None => Ok(()),
        Some(RoleArg { source, .. }) => {
            let what = format!("--map-role: role \"{source}\" cannot become two others");
            Err(Failure::usage(what))
        }
    }
}

/// Refuses a URL as the place of a script.
fn refuse_url(script: Option<&std::path::Path>) -> Check {
    if !script.is_some_and(|file| file.as_os_str().as_bytes().contains_str("://")) {
        return Ok(());
    }
    let message = "a script is written to a file or to standard output, not to a URL";
    let hint = "-f - prints it, for instance for | aws s3 cp - s3://BUCKET/NAME.";
    Err(Failure::usage(message).with_hint(hint))
}

/// `-1` commits each database once, at its end: nothing that commits on the way goes with it.
fn one_transaction(target: &RestoreTarget) -> Check {
    let single = ("-1/--single-transaction", target.single_transaction);
    let several = target.jobs.jobs.is_some_and(|jobs| jobs.get() > 1);
    let sizes = target.transaction_size.is_some();
    exclusive(&[
        (single, ("--transaction-size", sizes)),
        (single, ("-C/--create", target.create)),
        (single, ("--resume", target.resume)),
        (single, ("--vacuum", target.vacuum)),
        (single, ("several --jobs", several)),
    ])
}

/// Judges the arguments of `pgark restore`.
pub(crate) fn restore(args: &RestoreArgs) -> Check {
    not_empty("the archive's name", args.archive.shown())?;
    refuse_pipe(&args.archive, "restored")?;
    refuse_url(args.output_as.file.as_deref())?;
    let (target, selection) = (&args.target, &args.selection);
    let clean = ("-c/--clean", target.clean);
    let create = ("-C/--create", target.create);
    exclusive(&contents(selection, clean))?;
    let globals_only = ("--globals-only", selection.globals_only);
    let single = ("-1/--single-transaction", target.single_transaction);
    let resume = ("--resume", target.resume);
    exclusive(&[(globals_only, ("--verify", target.verify))])?;
    let rehearse = ("--rehearse", target.rehearse);
    exclusive(&[
        (rehearse, clean),
        (rehearse, resume),
        (rehearse, single),
        (rehearse, globals_only),
        (rehearse, ("--dry-run", args.dry_run)),
        (rehearse, ("--verify", target.verify)),
        (rehearse, ("-a/--data-only", selection.filters.data_only)),
    ])?;
    one_user(target)?;
    let vacuum = ("--vacuum", target.vacuum);
    one_transaction(target)?;
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
    let writes_script = args.output_as.file.is_some() && !args.output_as.list;
    let file_mode = ("--file-mode", args.output_as.file_mode.file_mode.is_some());
    needs(&[(file_mode, ("-f FILE", writes_script))])?;
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
    mapped_once(&target.map_role)?;
    twice(
        args.databases.iter().map(|db| db.target().as_bstr()),
        "would be restored into",
    )
}

#[cfg(test)]
mod tests;

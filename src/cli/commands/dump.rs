//! `pgark dump`: arguments to options, one call, the outcome printed.

use std::os::unix::ffi::OsStrExt as _;

use bstr::BString;

use crate::archive::chunk::Compression;
use crate::cli::aftermath::Aftermath;
use crate::cli::args::{DumpArgs, DumpSelection, SchemaReaderChoice, bytes};
use crate::cli::commands::named_files;
use crate::cli::run::Run;
use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::cli::screen::{output, summary};
use crate::cli::surroundings::environment::Environment;
use crate::cli::surroundings::{pipes, programs};
use crate::dump::{self, Content, Databases, DumpOptions, Filters, Globals, LargeObjects};
use crate::pg::ServerConfig;
use crate::schema::reader::SchemaReader;
use crate::storage::{Location, PipeWriter, Replace, Sink, Store, UploadOptions};

/// Raw bytes at which a chunk ends, without `--chunk-size`.
const CHUNK_BYTES_DEFAULT: u64 = 16 * 1024 * 1024;
/// The same without compression, where a chunk takes as much memory as its rows.
const PLAIN_CHUNK_BYTES_DEFAULT: u64 = 8 * 1024 * 1024;

/// Runs `pgark dump`.
pub(crate) fn run(args: &DumpArgs, after: &Aftermath<'_>) -> Result<Exit, Failure> {
    let mut run = Run::new(&args.output)?;
    let server = run.server(&args.connection, args.dbname.as_deref())?;
    let named = run.named_database(&args.connection, args.dbname.as_deref())?;
    let databases = databases(args, &server, named, &run.environment)?;
    let options = options(args, databases, &run.environment)?;
    let into = into(args, &run)?;
    let print = match into {
        Into::Store(_) => output::print,
        // Only the archive belongs into the archive's pipe.
        Into::Pipe(_) | Into::Nothing => output::print_aside,
    };
    run.listen()?;
    let monitor = run.monitor.clone();
    let outcome = match into {
        Into::Store(store) if !args.dry_run => {
            let dump = dump::dump(&server, &store, &options, &monitor);
            run.finish(options.jobs, dump)?
        }
        Into::Pipe(pipe) => {
            let dump = dump::dump_into(&server, Sink::Pipe(pipe), &options, &monitor);
            run.finish(options.jobs, dump)?
        }
        Into::Store(_) | Into::Nothing => {
            let plan = run.finish(options.jobs, dump::plan(&server, &options, &monitor))?;
            let plan = plan.map_err(|error| run.failure(&error))?;
            print(&plan.to_string())?;
            return Ok(Exit::Done);
        }
    };
    let outcome = outcome.map_err(|error| run.failure(&error))?;
    let elapsed = run.display.elapsed();
    let elsewhere = outcome.elsewhere.as_ref().map(Location::from);
    let location = elsewhere.as_ref().unwrap_or(&args.file);
    let json = summary::dump::to_json(location, &outcome, elapsed);
    after.keep(&json);
    if args.json {
        print(&format!("{json:#}\n"))?;
    } else if !args.output.quiet {
        print(&summary::dump::render(location, &outcome, elapsed))?;
    }
    match &outcome.elsewhere {
        None => Ok(Exit::Done),
        Some(elsewhere) => Err(is_elsewhere(args.file.shown(), elsewhere)),
    }
}

/// The archive is whole, but its next reader would read another one.
fn is_elsewhere(wanted: &str, elsewhere: &str) -> Failure {
    Failure::new(
        Exit::Failed,
        format!(
            "\"{wanted}\" appeared while the dump was at work, so the archive is \"{elsewhere}\""
        ),
    )
    .with_hint(
        "It is complete; the other file is as it was. Find out who else writes under this name.",
    )
}

/// Where the archive goes.
enum Into {
    Store(Store),
    Pipe(PipeWriter),
    /// It would go into a pipe, if this were more than a plan.
    Nothing,
}

fn into(args: &DumpArgs, run: &Run) -> Result<Into, Failure> {
    Ok(match args.file.is_pipe() {
        false => Into::Store(run.store(&args.file, &args.pace)?),
        true if args.dry_run => Into::Nothing,
        true => Into::Pipe(pipes::standard_output(&args.pace)?),
    })
}

/// Which databases: as listed, or, as `pg_dump` has it, the one of the connection, if it was named.
fn databases(
    args: &DumpArgs,
    server: &ServerConfig,
    named: Option<BString>,
    environment: &Environment,
) -> Result<Databases, Failure> {
    if args.selection.all_databases {
        let exclude = bytes(&args.selection.exclude_database);
        return Ok(Databases::All { exclude });
    }
    if !args.databases.is_empty() {
        let listed = bytes(&args.databases);
        return match named.filter(|named| !listed.contains(named)) {
            Some(named) if !is_by_service(args) => Err(named_besides(&named, &listed)),
            _ => Ok(Databases::Listed(listed)),
        };
    }
    if args.dbname.is_some() || environment.pg.vars.contains_key("PGDATABASE") {
        return Ok(Databases::Listed(vec![BString::from(server.dbname())]));
    }
    Err(Failure::usage("no database is named").with_hint(
        "List the databases by their names, or say --all-databases; `psql -l` lists them.",
    ))
}

/// Whether a service of pg_service.conf may name the database.
fn is_by_service(args: &DumpArgs) -> bool {
    let dbname = args.dbname.as_deref().unwrap_or_default();
    dbname.contains("service=") && !dbname.contains("dbname=")
}

/// `-d accounts jobs`: in pg_dump, `-d` names the database to dump. Here that database would silently be left
/// out.
fn named_besides(named: &BString, listed: &[BString]) -> Failure {
    let quoted: Vec<String> = listed.iter().map(|name| format!("\"{name}\"")).collect();
    let (quoted, plain) = (quoted.join(", "), listed[0].to_string());
    Failure::usage(format!(
        "-d names database \"{named}\", which is not among those that are listed: {quoted}"
    ))
    .with_hint(format!(
        "Only listed databases are dumped. To dump \"{named}\" as well, list it: pgark dump {named} {plain} ..; \
         to dump only what is listed, leave it out of -d, which takes -d host=.. or a URI without a database, too."
    ))
}

fn options(
    args: &DumpArgs,
    databases: Databases,
    environment: &Environment,
) -> Result<DumpOptions, Failure> {
    let selection = &args.selection;
    let compression = args.compress.unwrap_or_default();
    let default_chunk_bytes = match compression {
        Compression::None => PLAIN_CHUNK_BYTES_DEFAULT,
        Compression::Zstd(_) => CHUNK_BYTES_DEFAULT,
    };
    Ok(DumpOptions {
        databases,
        jobs: args.jobs.number(),
        compression,
        filters: filters(selection)?,
        content: match (selection.filters.schema_only, selection.filters.data_only) {
            (true, _) => Content::SchemaOnly,
            (_, true) => Content::DataOnly,
            _ => Content::All,
        },
        planner_statistics: selection.statistics
            || !(selection.no_statistics
                || selection.filters.schema_only
                || selection.filters.data_only),
        large_objects: match (selection.large_objects, selection.no_large_objects) {
            (true, _) => LargeObjects::Include,
            (_, true) => LargeObjects::Exclude,
            _ => LargeObjects::Default,
        },
        globals: match (
            selection.filters.no_globals,
            selection.filters.no_role_passwords,
        ) {
            (true, _) => Globals::None,
            (_, true) => Globals::NoRolePasswords,
            _ => Globals::All,
        },
        role: args
            .source
            .role
            .as_ref()
            .map(|role| BString::from(role.as_bytes())),
        lock_wait_timeout_ms: args.source.lock_wait_timeout,
        serializable_deferrable: args.source.serializable_deferrable,
        chunk_bytes: args.chunk_size.unwrap_or(default_chunk_bytes),
        replace: if args.force {
            Replace::Existing
        } else {
            Replace::Never
        },
        upload: upload(args),
        schema_reader: schema_reader(args, environment),
    })
}

/// A pg_dump that is named is to be used.
fn schema_reader(args: &DumpArgs, environment: &Environment) -> SchemaReader {
    let named = args.source.pg_dump.as_ref();
    let choice = args.source.schema_reader;
    match choice.or(named.map(|_| SchemaReaderChoice::PgDump)) {
        None | Some(SchemaReaderChoice::Catalogs) => SchemaReader::Catalogs,
        Some(SchemaReaderChoice::PgDump) => {
            SchemaReader::PgDump(programs::pg_dump(named, environment))
        }
    }
}

fn upload(args: &DumpArgs) -> UploadOptions {
    let default = UploadOptions::default();
    UploadOptions {
        sync: !args.no_sync,
        part_bytes: args.part_size.unwrap_or(default.part_bytes),
        parts_max: args.max_parts.unwrap_or(default.parts_max),
        file_mode: args.file_mode.file_mode,
        ..default
    }
}

fn filters(selection: &DumpSelection) -> Result<Filters, Failure> {
    let mut filters = Filters {
        schemas: bytes(&selection.filters.schema),
        exclude_schemas: bytes(&selection.filters.exclude_schema),
        tables: bytes(&selection.filters.table),
        exclude_tables: bytes(&selection.exclude_table),
        extensions: bytes(&selection.extension),
        exclude_extensions: bytes(&selection.exclude_extension),
        tables_and_children: bytes(&selection.table_and_children),
        exclude_tables_and_children: bytes(&selection.exclude_table_and_children),
        exclude_table_data: bytes(&selection.exclude_table_data),
        exclude_table_data_and_children: bytes(&selection.exclude_table_data_and_children),
    };
    named_files::filters(&selection.filter, |text| filters.add_file(text))?;
    Ok(filters)
}

impl OperationError for dump::Error {
    fn exit(&self) -> Exit {
        if self.is_interrupted() {
            Exit::Interrupted
        } else {
            Exit::Failed
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}

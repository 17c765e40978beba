//! `pgark dump`: arguments to options, one call, the outcome printed.

use bstr::BString;

use super::args::{DumpArgs, DumpSelection, bytes};
use super::environment::Environment;
use super::output;
use super::pipes;
use super::programs;
use super::report::{Exit, Failure, OperationError};
use super::run::Run;
use super::summary;
use crate::archive::chunk::Compression;
use crate::dump::{self, Content, Databases, DumpOptions, Filters, Globals, LargeObjects};
use crate::pg::ServerConfig;
use crate::storage::{PipeWriter, Replace, Sink, Store, UploadOptions};

/// Raw bytes at which a chunk ends, without `--chunk-size`.
const CHUNK_BYTES_DEFAULT: u64 = 16 * 1024 * 1024;
/// The same without compression, where a chunk takes as much memory as its rows.
const PLAIN_CHUNK_BYTES_DEFAULT: u64 = 8 * 1024 * 1024;

/// Runs `pgark dump`.
pub(super) fn run(args: &DumpArgs) -> Result<Exit, Failure> {
    let mut run = Run::new(&args.output)?;
    let server = run.server(&args.connection, args.dbname.as_deref())?;
    let databases = databases(args, &server, &run.environment)?;
    let options = options(args, databases, &run.environment);
    let into = into(args, &run)?;
    let print = match into {
        Into::Store(_) => output::print,
        // What belongs into the archive's pipe is the archive.
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
    if args.json {
        let json = summary::dump::to_json(&args.file, &outcome, elapsed);
        print(&format!("{json:#}\n"))?;
    } else if !args.output.quiet {
        print(&summary::dump::render(&args.file, &outcome, elapsed))?;
    }
    Ok(Exit::Done)
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
    environment: &Environment,
) -> Result<Databases, Failure> {
    if args.selection.all_databases {
        let exclude = bytes(&args.selection.exclude_database);
        return Ok(Databases::All { exclude });
    }
    if !args.databases.is_empty() {
        return Ok(Databases::Listed(bytes(&args.databases)));
    }
    if args.dbname.is_some() || environment.pg.vars.contains_key("PGDATABASE") {
        return Ok(Databases::Listed(vec![BString::from(server.dbname())]));
    }
    Err(Failure::usage("no database is named").with_hint(
        "List the databases by their names, or say --all-databases; `psql -l` shows what there is.",
    ))
}

fn options(args: &DumpArgs, databases: Databases, environment: &Environment) -> DumpOptions {
    let selection = &args.selection;
    let compression = args.compress.unwrap_or_default();
    let default_chunk_bytes = match compression {
        Compression::None => PLAIN_CHUNK_BYTES_DEFAULT,
        Compression::Zstd(_) => CHUNK_BYTES_DEFAULT,
    };
    DumpOptions {
        databases,
        jobs: args.jobs.number(),
        compression,
        filters: filters(selection),
        content: match (selection.filters.schema_only, selection.filters.data_only) {
            (true, _) => Content::SchemaOnly,
            (_, true) => Content::DataOnly,
            _ => Content::All,
        },
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
        lock_wait_timeout_ms: args.source.lock_wait_timeout,
        serializable_deferrable: args.source.serializable_deferrable,
        chunk_bytes: args.chunk_size.unwrap_or(default_chunk_bytes),
        replace: if args.force {
            Replace::Existing
        } else {
            Replace::Never
        },
        upload: upload(args),
        pg_dump: programs::pg_dump(args.source.pg_dump.as_ref(), environment),
    }
}

fn upload(args: &DumpArgs) -> UploadOptions {
    let default = UploadOptions::default();
    UploadOptions {
        sync: !args.no_sync,
        part_bytes: args.part_size.unwrap_or(default.part_bytes),
        parts_max: args.max_parts.unwrap_or(default.parts_max),
        ..default
    }
}

fn filters(selection: &DumpSelection) -> Filters {
    Filters {
        schemas: bytes(&selection.filters.schema),
        exclude_schemas: bytes(&selection.filters.exclude_schema),
        tables: bytes(&selection.filters.table),
        exclude_tables: bytes(&selection.exclude_table),
        exclude_table_data: bytes(&selection.exclude_table_data),
    }
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

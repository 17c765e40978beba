//! The arguments of `pgark restore` as an operation's options, the files that they name read.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt as _;

use bstr::BString;

use crate::cli::args::{RestoreArgs, RestoreSelection, RoleArg, SectionChoice, bytes};
use crate::cli::commands::named_files;
use crate::cli::screen::report::Failure;
use crate::restore::{
    self, Content, DatabaseChoice, GlobalsChoice, List, RestoreOptions, RoleChoice, Sections,
    Selection, Statistics, Transactions,
};

/// What the arguments of `pgark restore` ask for.
pub(crate) fn options(args: &RestoreArgs) -> Result<RestoreOptions, Failure> {
    let (target, selection) = (&args.target, &args.selection);
    let role = |name: Option<&OsString>| name.map(|name| BString::from(name.as_bytes()));
    Ok(RestoreOptions {
        databases: args
            .databases
            .iter()
            .map(|database| DatabaseChoice {
                source: database.source.clone(),
                target: database.target().clone(),
            })
            .collect(),
        // one transaction is one session's work
        jobs: if target.single_transaction {
            NonZeroUsize::MIN
        } else {
            target.jobs.number()
        },
        create: target.create,
        clean: target.clean,
        if_exists: target.if_exists,
        force_drop: target.force_drop,
        allow_non_empty: target.allow_non_empty,
        selection: selected(selection, args.output_as.file.is_some())?,
        list: selection.use_list.as_deref().map(list).transpose()?,
        role: role(target.role.as_ref()),
        session_authorization: target.use_set_session_authorization,
        row_security: target.enable_row_security,
        disable_triggers: target.disable_triggers,
        superuser: role(target.superuser.as_ref()),
        no_data_for_failed_tables: target.no_data_for_failed_tables,
        exit_on_error: target.exit_on_error,
        globals: match (selection.globals_only, selection.filters.no_globals) {
            (true, _) => GlobalsChoice::Only,
            (_, true) => GlobalsChoice::Without,
            _ => GlobalsChoice::With,
        },
        role_passwords: !selection.filters.no_role_passwords,
        map_roles: target.map_role.iter().map(role_choice).collect(),
        skip_forbidden: target.skip_forbidden,
        skip_unavailable: target.skip_unavailable,
        skip_damaged: target.skip_damaged,
        statistics: match (target.no_analyze, target.analyze) {
            (true, _) => Statistics::None,
            (_, true) => Statistics::Analyze,
            _ => Statistics::Missing,
        },
        vacuum: target.vacuum,
        foreign_statistics: target.foreign_statistics,
        transactions: match (target.single_transaction, target.transaction_size) {
            (true, _) => Transactions::Database,
            (_, Some(count)) => Transactions::UpTo(count),
            _ => Transactions::Each,
        },
        resume: target.resume,
        lock_wait_timeout_ms: target.lock_wait_timeout,
    })
}

fn role_choice(arg: &RoleArg) -> RoleChoice {
    RoleChoice {
        source: arg.source.clone(),
        target: arg.target.clone(),
    }
}

fn selected(selection: &RestoreSelection, is_script: bool) -> Result<Selection, Failure> {
    let filters = &selection.filters;
    let section = |choice| selection.section.is_empty() || selection.section.contains(&choice);
    let omissions = &selection.omissions;
    let mut selected = Selection {
        schemas: bytes(&filters.schema),
        exclude_schemas: bytes(&filters.exclude_schema),
        tables: bytes(&filters.table),
        indexes: bytes(&selection.index),
        functions: bytes(&selection.function),
        triggers: bytes(&selection.trigger),
        with_dependants: selection.with_dependants,
        strict_names: selection.strict_names,
        sections: Sections {
            pre_data: section(SectionChoice::PreData),
            data: section(SectionChoice::Data),
            post_data: section(SectionChoice::PostData),
        },
        content: content(selection, is_script),
        owners: !omissions.no_owner,
        privileges: !omissions.no_privileges,
        comments: !omissions.no_comments,
        policies: !omissions.no_policies,
        publications: !omissions.no_publications,
        subscriptions: !omissions.no_subscriptions,
        security_labels: !omissions.no_security_labels,
        tablespaces: !omissions.no_tablespaces,
        table_access_methods: !omissions.no_table_access_method,
    };
    named_files::filters(&selection.filter, |text| {
        restore::add_filters(text, &mut selected)
    })?;
    Ok(selected)
}

/// As pg_restore derives it: the "-only" options first, then what is left out. A script goes to a server that
/// nobody knows yet, and older ones do not take the planner's statistics: they are in it if somebody says so.
fn content(selection: &RestoreSelection, is_script: bool) -> Content {
    let filters = &selection.filters;
    let base = if filters.schema_only {
        Content::SCHEMA_ONLY
    } else if filters.data_only {
        Content::DATA_ONLY
    } else if selection.statistics_only {
        Content::STATISTICS_ONLY
    } else {
        Content::default()
    };
    Content {
        definitions: base.definitions && !selection.no_schema,
        data: base.data && !selection.no_data,
        statistics: (selection.statistics || base.statistics && !(is_script && base.definitions))
            && !selection.no_statistics,
    }
}

fn list(file: &OsStr) -> Result<List, Failure> {
    List::parse(&named_files::read(file)?).map_err(|error| Failure::usage(error.to_string()))
}

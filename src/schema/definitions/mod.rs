//! The definitions of a database, straight from its catalogs: the table of contents that pg_dump writes.
//!
//! ```text
//! 1  the catalogs have the columns that we know                                  guard::shape
//! 2  schemas, extensions, relations                                              fetch, build::first
//! 3  everything else, in few statements on all sessions                          fetch, build::second
//! 4  every object of users has a fate                                            guard::accounts
//! 5  the order, with circles broken                                              graph
//! 6  statements, comments, rights                                                render, kinds
//! 7  nothing has changed that the server writes as it is now                     guard::drift
//! ```
//!
//! The dialect is that of pg_dump [`DIALECT`], whatever the server, so that archives of one server are equal
//! wherever they are made. What is not understood is named and refused, never left out. Steps 5 and 6 are
//! pure.
//! Not here: what the filters of a dump mean (`schema::selection`), rows, roles.
//!
//! **None of the users' code runs.** Functions of the server that write definitions (`pg_get_*def`,
//! `pg_get_expr`, `format_type`, the output of `regproc` and its like) turn stored trees into text. They call
//! output functions of constants' types, which only superusers can define, and nothing else of users.

mod acl;
mod array;
mod build;
mod catalogs;
mod error;
mod fetch;
mod fields;
mod graph;
mod guard;
mod kinds;
mod letters;
mod model;
mod object;
mod output;
mod render;
mod rows;
mod selection;
mod statements;
mod text;
mod version;
mod wanted;

use bstr::BString;

use self::fetch::ask;
use self::model::Model;
use self::statements::{FIRST, SECOND, Statement};
use crate::pg::Session;
use crate::toc::Toc;

pub use error::Error;
pub use selection::Selection;
pub use version::{DIALECT, NEWEST_MAJOR, OLDEST_MAJOR};

/// What was read of a database.
#[derive(Debug)]
pub struct Definitions {
    /// The table of contents, without data.
    pub toc: Toc,
    /// What the user should know.
    pub notices: Vec<String>,
}

/// Reads the definitions of the leader's database. Leader and helpers stand in one snapshot, with the
/// settings of `sql/session.sql`; the leader holds locks on the tables that are wanted. In the end the first
/// helper leaves the snapshot, and tells whether something changed meanwhile; without helpers nobody does.
pub async fn read(
    leader: &mut Session,
    helpers: &mut [Session],
    selection: &Selection,
    encoding: &[u8],
) -> Result<Definitions, Error> {
    let major = leader.server_version().major();
    let server_version = BString::from(leader.server_version_text());
    let is_superuser = leader.parameter("is_superuser") == Some(b"on");
    guard::shape::check(leader, major).await?;
    let mut model = Model::new(major, selection.clone());
    let mut answers = ask(leader, &mut [], &FIRST, &fetch::Lists::default(), major).await?;
    let lists = build::first(&mut answers, &mut model)?;
    let mut statements = SECOND.to_vec();
    statements.push(if is_superuser {
        Statement::Subscriptions
    } else {
        Statement::SubscriptionCount
    });
    let mut answers = ask(leader, helpers, &statements, &lists, major).await?;
    build::second(&mut answers, &mut model)?;
    drop(answers);
    guard::accounts::check(leader, &mut model).await?;
    let sorted = graph::sorted(&mut model);
    let entries = render::entries(&model, &sorted, encoding)?;
    if let Some(fresh) = helpers.first_mut() {
        guard::drift::check(leader, fresh, &model.wanted_relations()).await?;
    }
    Ok(Definitions {
        toc: Toc {
            database: model.database.name.clone(),
            server_version,
            dump_version: DIALECT.into(),
            entries,
            ..Toc::default()
        },
        notices: model.notices,
    })
}

//! The definitions of a database, straight from its catalogs: the table of contents that pg_dump writes.
//!
//! ```text
//! 1  the catalogs have the columns that we know                                  guard::shape
//! 2  what no list of OIDs is needed for, in few statements on all sessions       fetch, build::first
//! 3  what belongs to the schemas and relations that are wanted                   fetch, build::second
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
//! **No code runs that a user wrote who is no superuser.** Functions of the server that write definitions
//! (`pg_get_*def`, `pg_get_expr`, `format_type`, the output of `regproc` and its like) turn stored trees into
//! text. What they call of an object's own is the output function of a constant's type, the function that
//! writes a type's modifier, and the function that lists a parser's tokens. Only superusers can define these.

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
mod statements;
#[cfg(test)]
mod tests;
mod text;
mod version;
mod wanted;

use bstr::BString;

use self::fetch::ask;
use self::model::Model;
use self::statements::{FIRST, SECOND, STATISTICS, Statement};
use crate::pg::Session;
use crate::schema::chosen::Chosen;
use crate::toc::{Toc, TocEntry};

/// The first server that takes extended statistics back.
const SINCE_EXTENDED_STATISTICS: u32 = 19;

pub use error::Error;
pub use version::{DIALECT, NEWEST_MAJOR, OLDEST_MAJOR};

/// What was read of a database.
#[derive(Debug)]
pub struct Definitions {
    /// The table of contents, without data.
    pub toc: Toc,
    /// What the user should know.
    pub notices: Vec<String>,
}

/// The definitions that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The objects chosen by name.
    pub chosen: &'a Chosen,
    /// The encoding of the texts.
    pub encoding: &'a [u8],
    /// Whether the planner's statistics come along.
    pub has_statistics: bool,
}

/// Reads the definitions of the leader's database. Leader and helpers stand in one snapshot, with the
/// settings of `sql/session.sql`. Nothing need be locked: in the end the first helper leaves the snapshot,
/// and tells whether something changed meanwhile. Without helpers nobody does.
pub async fn read(
    leader: &mut Session,
    helpers: &mut [Session],
    wanted: &Wanted<'_>,
) -> Result<Definitions, Error> {
    let major = leader.server_version().major();
    let server_version = BString::from(leader.server_version_text());
    let is_superuser = leader.parameter("is_superuser") == Some(b"on");
    guard::shape::check(leader, major).await?;
    let mut model = Model::new(major, wanted.chosen.clone());
    model.has_statistics = wanted.has_statistics;
    model.version_num = leader.server_version().num();
    let mut statements = FIRST.to_vec();
    statements.push(if is_superuser {
        Statement::Subscriptions
    } else {
        Statement::SubscriptionCount
    });
    let lists = fetch::Lists::default();
    let mut answers = ask(leader, helpers, &statements, &lists, major).await?;
    let lists = build::first(&mut answers, &mut model)?;
    let mut statements = SECOND.to_vec();
    if wanted.has_statistics {
        statements.extend(STATISTICS);
        if major >= SINCE_EXTENDED_STATISTICS {
            statements.push(Statement::ExtendedStatisticsData);
        }
    }
    answers.add(ask(leader, helpers, &statements, &lists, major).await?);
    build::second(&mut answers, &mut model)?;
    let unknown = guard::accounts::unknown(&answers.take(Statement::Accounts), &model)?;
    guard::accounts::check(leader, &unknown).await?;
    guard::accounts::tell_never_dumped(&answers.take(Statement::NeverDumped), &mut model)?;
    drop(answers);
    let entries = match helpers.first_mut() {
        Some(fresh) => {
            let oldest = guard::drift::leave(leader, fresh).await?;
            // The servers search while we write: the question is sent before the first entry is made.
            let (drift, entries) = tokio::join!(
                biased;
                guard::drift::look(leader, fresh, &oldest),
                async { write(&mut model, wanted.encoding) }
            );
            let (entries, drift) = (entries?, drift?);
            guard::drift::check(&drift, &model)?;
            entries
        }
        None => write(&mut model, wanted.encoding)?,
    };
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

/// Sorts, and writes the entries.
fn write(model: &mut Model, encoding: &[u8]) -> Result<Vec<TocEntry>, Error> {
    let sorted = graph::sorted(model);
    render::entries(model, &sorted, encoding)
}

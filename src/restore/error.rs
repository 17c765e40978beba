//! Why a restore cannot begin or cannot go on.
//!
//! The failure of a single object is no error here: the restore goes on and reports it in
//! [`RestoreOutcome`](super::RestoreOutcome), as pg_restore does.

use bstr::BString;

use crate::monitor::nearest;
use crate::{pg, source};

use super::select::list::ListError;
use super::select::names::Unmatched;
use crate::restore::finding::Finding;

/// A failure of the whole restore.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// The archive could not be read, or is damaged.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// Databases that the archive does not hold.
    #[error(
        "the archive holds no database {}; it holds {}",
        names(missing),
        names(present)
    )]
    UnknownDatabases {
        missing: Vec<BString>,
        present: Vec<BString>,
    },
    /// Roles of `--map-role` that nothing in the archive names.
    #[error("--map-role: the archive names no role {}", names(missing))]
    UnknownRoles {
        missing: Vec<BString>,
        present: Vec<BString>,
    },
    /// Names of objects that choose nothing at all or, with `--strict-names`, that nothing bears.
    #[error("{}", unknown_names(databases, missing))]
    UnknownNames {
        databases: Vec<BString>,
        missing: Vec<String>,
        meant: Vec<BString>,
    },
    /// A list of entries that cannot be followed.
    #[error(transparent)]
    List(#[from] ListError),
    /// Options that contradict one another.
    #[error("{what}")]
    Usage { what: String },
    /// Something is wrong with the target, found before anything was done.
    #[error("nothing was restored: {}", listed(problems))]
    Preflight { problems: Vec<Finding> },
    /// Something stands in the way of a restore that was to go on after a session or the server was lost.
    #[error(
        "the restore was stopped ({why}), and cannot go on: {}",
        listed(problems)
    )]
    CannotGoOn {
        /// The reason of the stop.
        why: String,
        problems: Vec<Finding>,
    },
    /// The server could not be asked, or went away.
    #[error("cannot {doing}")]
    Server {
        doing: String,
        #[source]
        source: pg::Error,
    },
    /// The session is gone that had the only transaction of a database open.
    #[error("the only transaction (-1) of database \"{database}\" was lost with its session")]
    TransactionLost { database: String },
    /// A script that cannot be written.
    #[error("cannot write the script")]
    Script(#[source] std::io::Error),
    /// The server went down while it worked for us.
    #[error("the server is gone{}", said(last_words))]
    ServerLost {
        /// What it said on another session, where it said nothing on this one.
        last_words: Option<String>,
        /// Whether every database that was changed has a journal.
        can_go_on: bool,
        #[source]
        source: pg::Error,
    },
    /// The archive turned out to be damaged once something was restored.
    #[error("the archive is damaged{}", filled(partial))]
    DamagedMidway {
        /// The databases that were begun and not restored to their end.
        partial: Vec<BString>,
        /// Whether a journal notes the work done.
        can_go_on: bool,
        #[source]
        source: Box<source::Error>,
    },
    /// The session that held the lock of the databases is gone: another restore may have begun since.
    #[error("the session that held the lock of the databases was lost ({why})")]
    LockLost {
        why: String,
        /// Whether every database that was changed has a journal.
        can_go_on: bool,
    },
    /// The user asked for a stop, and nothing was done that another restore could go on with.
    #[error("interrupted")]
    Interrupted,
    /// `-d` names one database, and several are to be restored.
    #[error(
        "-d names one database to restore into, \"{into}\", and {count} are to be restored: {names}"
    )]
    TargetOfSeveral {
        into: BString,
        count: usize,
        names: String,
    },
    /// The user asked for a stop. The databases' journals note the work done.
    #[error("interrupted")]
    InterruptedMidway,
}

fn filled(partial: &[BString]) -> String {
    let names: Vec<String> = partial.iter().map(|name| format!("\"{name}\"")).collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!(": database {name} is filled in part"),
        names => format!(": databases {} are filled in part", names.join(", ")),
    }
}

fn said(last_words: &Option<String>) -> String {
    let words = last_words
        .iter()
        .map(|words| format!(", its last words: {words}"));
    words.collect()
}

fn listed(problems: &[Finding]) -> String {
    match problems {
        [only] => only.text.clone(),
        several => {
            let lines = several
                .iter()
                .map(|problem| format!("\n  - {}", problem.text));
            format!("{} problems{}", several.len(), lines.collect::<String>())
        }
    }
}

fn names(names: &[BString]) -> String {
    nearest::listed(names.iter().map(|name| name.as_slice()))
}

fn unknown_names(databases: &[BString], missing: &[String]) -> String {
    let what = match missing {
        [] => "nothing that all names together mean".to_owned(),
        missing => format!("no {}", missing.join(", no ")),
    };
    match databases {
        [_] => format!("database {} of the archive holds {what}", names(databases)),
        several => format!("databases {} of the archive hold {what}", names(several)),
    }
}

/// `Did you mean ..?` and a space, where something is near.
fn question(missing: &[BString], present: &[BString]) -> String {
    let present: Vec<&[u8]> = present.iter().map(|name| name.as_slice()).collect();
    let missing = missing.iter().map(|name| name.as_slice());
    let question = nearest::did_you_mean(missing, &present);
    question.map_or_else(String::new, |question| question + " ")
}

/// The hints of all problems, each once.
fn hints(problems: &[Finding]) -> Option<String> {
    let mut hints: Vec<&str> = Vec::new();
    for hint in problems
        .iter()
        .filter_map(|problem| problem.hint.as_deref())
    {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("\n"))
}

fn one_of_several(into: &BString) -> String {
    format!(
        "Name the one that goes into \"{into}\": pgark restore ARCHIVE DBNAME -d {into}. Without a database \
         in -d each goes into the one of its own name, DBNAME=NEWNAME says into which, and --create \
         creates them."
    )
}

impl Error {
    pub(crate) fn unknown_names(databases: Vec<BString>, unmatched: Vec<Unmatched>) -> Self {
        let mut meant: Vec<BString> = Vec::new();
        for name in unmatched.iter().filter_map(|name| name.meant.as_ref()) {
            if !meant.contains(name) {
                meant.push(name.clone());
            }
        }
        Self::UnknownNames {
            databases,
            missing: unmatched.into_iter().map(|name| name.text).collect(),
            meant,
        }
    }

    pub(crate) fn script(source: std::io::Error) -> Self {
        Self::Script(source)
    }

    pub(crate) fn server(doing: impl Into<String>) -> impl FnOnce(pg::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Server { doing, source }
    }

    /// What stands in the way of a restore that something has stopped before, which this says.
    pub(crate) fn after(self, stopped_by: Option<String>) -> Self {
        match (self, stopped_by) {
            (Self::Preflight { problems }, Some(why)) => Self::CannotGoOn { why, problems },
            (error, _) => error,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Server { source, .. } => source.hint(),
            Self::Preflight { problems } | Self::CannotGoOn { problems, .. } => hints(problems),
            Self::UnknownDatabases { missing, present } => Some(format!(
                "{}Names are compared exactly; pgark inspect lists them.",
                question(missing, present)
            )),
            Self::UnknownRoles { missing, present } => Some(format!(
                "{}It names {}.",
                question(missing, present),
                match present.as_slice() {
                    [] => "no role at all".to_owned(),
                    present => names(present),
                }
            )),
            Self::ServerLost {
                can_go_on: true, ..
            }
            | Self::LockLost {
                can_go_on: true, ..
            }
            | Self::InterruptedMidway => {
                Some("The same command with --resume goes on where this one stopped.".to_owned())
            }
            Self::DamagedMidway {
                can_go_on: true, ..
            } => Some(
                "With a whole copy of the archive in its place, the same command with --resume goes on where this \
                 one stopped. Without one, the same command with --resume --skip-damaged leaves out the tables \
                 that are damaged and restores everything else."
                    .to_owned(),
            ),
            Self::DamagedMidway { .. } => Some(
                "Start over with a whole copy of the archive or, without one, with --skip-damaged, which leaves \
                 out the tables that are damaged and restores everything else."
                    .to_owned(),
            ),
            Self::ServerLost { source, .. } => source.hint(),
            Self::UnknownNames { meant, .. } => {
                let meant: Vec<String> = meant.iter().map(ToString::to_string).collect();
                let question = match meant.as_slice() {
                    [] => String::new(),
                    meant => format!("Did you mean {}? ", meant.join(", ")),
                };
                Some(format!(
                    "{question}Plain names are compared exactly, case included; with a dot, *, ? or quotes \
                     they mean what they mean in psql. pgark restore ARCHIVE -l lists what there is."
                ))
            }
            Self::List(_) => Some(
                "pgark restore ARCHIVE -l prints a list with the headings and numbers that -L understands."
                    .to_owned(),
            ),
            Self::TransactionLost { .. } => {
                Some("Nothing of the database was restored: it is as it was before.".to_owned())
            }
            Self::TargetOfSeveral { into, .. } => Some(one_of_several(into)),
            Self::Usage { .. } | Self::Script(_) | Self::Interrupted | Self::LockLost { .. } => None,
        }
    }

    /// Whether the user asked for the stop.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted | Self::InterruptedMidway)
    }

    /// Whether the same may succeed in a moment.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Server { source, .. } => source.is_transient(),
            Self::ServerLost { can_go_on, .. } | Self::LockLost { can_go_on, .. } => *can_go_on,
            _ => false,
        }
    }

    /// Whether the archive is damaged.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Source(error) => error.is_damage(),
            Self::DamagedMidway { .. } => true,
            _ => false,
        }
    }

    /// Whether the options make no sense.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Usage { .. } | Self::List(_) | Self::TargetOfSeveral { .. }
        )
    }
}

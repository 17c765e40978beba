//! What an operation says while it works, and how it is told to stop.
//!
//! The library never prints: operations send [`Event`]s, plain data, to a [`Sink`] that the caller chose.
//! [`units`] says how numbers look, [`chain`] how an error does, [`nearest`] what a mistyped name was meant
//! to be. Not here: bars, lines and JSON (`cli::progress`).

mod chain;
pub mod nearest;
pub mod units;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

pub use chain::chain;

/// The phases an operation goes through, in the order in which they are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Connecting, snapshots, locks. Earlier counts are reset.
    Connect,
    /// Reading the schema, or the archive's own tables of contents.
    Schema,
    /// Roles and tablespaces.
    Globals,
    /// Objects that rows need.
    PreData,
    /// Rows and large objects.
    Data,
    /// Indexes, constraints, triggers.
    PostData,
    /// ANALYZE.
    Analyze,
    /// Hashing and checking.
    Verify,
    /// Closing, syncing and publishing the archive.
    Finish,
}

/// One thing that happened. Byte counts of data are raw (uncompressed) bytes unless the name says
/// otherwise.
#[derive(Debug, Clone)]
pub enum Event {
    /// A phase began.
    Phase(Phase),
    /// How much there is to do: units of work and an estimate of their bytes.
    #[allow(missing_docs)]
    Total { tasks: u64, bytes: u64 },
    /// Work that moves no bytes, such as building indexes, as a part of `Total::bytes`.
    OtherTotal(u64),
    /// How much of the work was done.
    OtherWork(u64),
    #[allow(missing_docs)]
    /// A worker took up a task; `subject` is for people, for instance `metrics: public.samples`.
    Started { worker: usize, subject: String },
    #[allow(missing_docs)]
    /// A worker got on: bytes and rows since its last report, in the unit of `Total::bytes`.
    Advanced {
        worker: usize,
        bytes: u64,
        rows: u64,
    },
    #[allow(missing_docs)]
    /// A worker finished its task.
    Finished { worker: usize },
    /// Something the user should know that stops nothing.
    Notice(String),
    /// An error that was survived; it comes back in the outcome.
    Problem(String),
}

/// Where events go. Called from many tasks at once; must not block for long.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn event(&self, event: Event);
}

struct Void;

impl Sink for Void {
    fn event(&self, _event: Event) {}
}

/// The handle every operation gets: a sink for events and the wish to stop. Cheap to clone.
#[derive(Clone)]
pub struct Monitor {
    sink: Arc<dyn Sink>,
    stop: watch::Receiver<Option<Instant>>,
}

/// Asks every operation that holds the matching [`Monitor`] to stop. Dropping it asks nothing.
#[derive(Debug)]
pub struct Interrupt(watch::Sender<Option<Instant>>);

impl Interrupt {
    /// Asks for a stop. Operations then clean up and return their `Interrupted` error.
    pub fn interrupt(&self) {
        self.0.send_if_modified(|asked| {
            let is_first = asked.is_none();
            asked.get_or_insert_with(Instant::now);
            is_first
        });
    }
}

impl Monitor {
    /// A monitor over `sink`, and the handle that interrupts it.
    pub fn new(sink: Arc<dyn Sink>) -> (Self, Interrupt) {
        let (sender, stop) = watch::channel(None);
        (Self { sink, stop }, Interrupt(sender))
    }

    /// A monitor that ignores everything and is never interrupted.
    pub fn void() -> Self {
        Self::new(Arc::new(Void)).0
    }

    /// Sends an event.
    pub fn event(&self, event: Event) {
        self.sink.event(event);
    }

    /// Sends a [`Event::Notice`].
    pub fn notice(&self, text: impl Into<String>) {
        self.event(Event::Notice(text.into()));
    }

    /// Whether a stop was asked for.
    pub fn is_interrupted(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Waits until a stop is asked for; for ever when nobody can ask any more.
    pub async fn interrupted(&self) {
        self.asked().await;
    }

    /// Waits until a stop was asked for this long ago: a clean-up has that much time. A second after the
    /// wish to stop a program is expected to be gone, so that all that cleans up one after the other shares
    /// it.
    pub async fn interrupted_for(&self, span: Duration) {
        let asked = self.asked().await;
        tokio::time::sleep_until((asked + span).into()).await;
    }

    async fn asked(&self) -> Instant {
        let mut stop = self.stop.clone();
        let asked = stop.wait_for(Option::is_some).await.ok();
        match asked.and_then(|asked| *asked) {
            Some(asked) => asked,
            None => std::future::pending().await,
        }
    }
}

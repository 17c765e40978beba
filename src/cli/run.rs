//! The tools of every subcommand: surroundings, progress, the wish to stop, a runtime.

use std::num::NonZeroUsize;

use bstr::BString;

use super::args::{ConnectionFlags, OutputFlags, PaceFlag, ProgressChoice};
use super::progress::Display;
use super::screen::report::{Exit, Failure, OperationError};
use super::surroundings::environment::Environment;
use super::surroundings::signals::{self, Stop};
use super::surroundings::{connection, pipes};
use crate::monitor::{Monitor, units};
use crate::pg::ServerConfig;
use crate::storage::{Location, Store};

/// One run of one subcommand.
pub(crate) struct Run {
    pub(crate) environment: Environment,
    pub(crate) display: Display,
    pub(crate) monitor: Monitor,
    stop: Stop,
}

impl Run {
    /// Reads the surroundings and opens the display.
    pub(crate) fn new(output: &OutputFlags) -> Result<Self, Failure> {
        let environment = Environment::read()?;
        let display = Display::open(output, environment.dumb_terminal);
        let (monitor, interrupt) = Monitor::new(display.sink());
        let stop = Stop::new(interrupt);
        Ok(Self {
            environment,
            display,
            monitor,
            stop,
        })
    }

    /// The server that the options describe.
    pub(crate) fn server(
        &self,
        flags: &ConnectionFlags,
        dbname: Option<&str>,
    ) -> Result<ServerConfig, Failure> {
        let console = self.display.console();
        let stop = self.stop.clone();
        let server = connection::server(flags, dbname, &self.environment, console, stop)?;
        // for instance a password file that others may read, and that therefore does not count
        for warning in server.warnings() {
            self.monitor.notice(warning);
        }
        Ok(server)
    }

    /// The database that `-d` names, if it does.
    pub(crate) fn named_database(
        &self,
        flags: &ConnectionFlags,
        dbname: Option<&str>,
    ) -> Result<Option<BString>, Failure> {
        connection::named_database(flags, dbname, &self.environment)
    }

    /// The archive that the user named, to be read: not where our own output goes.
    pub(crate) fn archive(&self, location: &Location, pace: &PaceFlag) -> Result<Store, Failure> {
        let store = self.store(location, pace)?;
        pipes::refuse_own_output(&store)?;
        Ok(store)
    }

    /// The archive that the user named.
    pub(crate) fn store(&self, location: &Location, pace: &PaceFlag) -> Result<Store, Failure> {
        let store = Store::open_in(location, &self.environment.stores);
        let store = store.map_err(|error| self.failure(&error))?;
        Ok(match pace.bandwidth_limit {
            Some(bytes_per_second) => store.paced(bytes_per_second, &self.monitor),
            None => store,
        })
    }

    /// Tells the cost of reading the archive: over a network always, elsewhere with `--verbose`.
    pub(crate) fn say_reads(&self, store: &Store, output: &OutputFlags) {
        let reads = store.traffic();
        let is_wanted = store.is_remote() && output.progress != ProgressChoice::None;
        if output.verbose || (is_wanted && !output.quiet) {
            let bytes = units::bytes(reads.bytes);
            let requests = units::counted(reads.requests, "request", "requests");
            self.display
                .console()
                .line(&format!("read {bytes} in {requests}"));
        }
        if reads.repeated > 0 {
            let count = units::counted(reads.repeated, "read", "reads");
            self.monitor.notice(format!(
                "{count} broke off or did not arrive as stored, and had to be repeated"
            ));
        }
    }

    /// From now on signals ask the operation to stop, instead of ending the process.
    pub(crate) fn listen(&self) -> Result<(), Failure> {
        signals::listen(self.stop.clone(), self.display.console())
            .map_err(|error| Failure::of(Exit::Failed, &error))
    }

    /// Runs an operation with `jobs` workers to its end and takes the progress off the screen.
    pub(crate) fn finish<T>(
        &mut self,
        jobs: NonZeroUsize,
        operation: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        // one thread for the writer and the queue, which are no workers
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(jobs.get().saturating_add(1))
            .enable_all()
            .build()
            .map_err(|error| Failure::of(Exit::Failed, &error))?;
        let result = runtime.block_on(operation);
        // a password prompt that nobody answers must not keep the process
        runtime.shutdown_background();
        self.display.close();
        Ok(result)
    }

    /// An operation's error in words for the user. Whatever fails after a wish to stop, fails for it.
    pub(crate) fn failure(&self, error: &dyn OperationError) -> Failure {
        if error.exit() == Exit::Failed && self.monitor.is_interrupted() {
            return Failure::new(Exit::Interrupted, "interrupted");
        }
        Failure::from_operation(error)
    }
}

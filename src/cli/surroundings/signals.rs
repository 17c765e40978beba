//! Ctrl-C, SIGTERM, SIGHUP. The first asks the operation to stop and clean up, the second ends the
//! process at once.
//!
//! The listener is a thread with a runtime of its own: it answers however busy the operation is.

use std::io;
use std::sync::Arc;

use nix::libc::SIGXFSZ;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::progress::Console;
use crate::cli::screen::report::Exit;
use crate::monitor::Interrupt;

/// The request to stop, shared by all that can make it.
#[derive(Clone)]
pub(crate) struct Stop(Arc<Interrupt>);

impl Stop {
    /// Wraps the handle that belongs to the operation's monitor.
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Self(Arc::new(interrupt))
    }

    /// Asks the operation to stop.
    pub(crate) fn request(&self) {
        self.0.interrupt();
    }
}

/// Listens until the process ends.
pub(crate) fn listen(stop: Stop, console: Console) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut signals = {
        let _context = runtime.enter();
        // A file that grows beyond the user's limit fails the write, with its message and its cleaning up;
        // without a handler it would be the end of the process.
        let _handled = signal(SignalKind::from_raw(SIGXFSZ))?;
        [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ]
        .into_iter()
        .map(signal)
        .collect::<io::Result<Vec<_>>>()?
    };
    let mut received = move || {
        runtime.block_on(async {
            futures::future::select_all(signals.iter_mut().map(|signal| Box::pin(signal.recv())))
                .await;
        });
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            received();
            stop.request();
            console.line("stopping; a second interrupt ends at once");
            received();
            exit_at_once();
        })?;
    Ok(())
}

/// A second signal leaves unfinished files under their temporary names. The user has asked for that.
#[expect(clippy::exit, reason = "a second interrupt does not wait for anything")]
fn exit_at_once() {
    std::process::exit(i32::from(Exit::Interrupted.status()));
}

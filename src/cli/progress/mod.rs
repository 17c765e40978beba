//! Progress for people and for programs: the sinks that take an operation's events.
//!
//! [`state`] is the pure part: events in; totals, rate and time left out. The three views draw it:
//! [`terminal`] bars, [`plain`] lines, [`json`] events. One lock guards the state and its view, and a
//! thread of their own draws what changes without an event; workers never wait for the terminal for
//! longer than it takes to print a line.

mod json;
mod plain;
mod state;
mod terminal;
mod view;

use std::io::IsTerminal as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::args::{OutputFlags, ProgressChoice};
use crate::monitor::{Event, Sink};
use state::Progress;
use view::{Verbosity, View};

struct Shown {
    progress: Progress,
    view: Box<dyn View>,
    /// Lines that came while another program has the terminal.
    held: Option<Vec<(Event, Duration)>>,
}

impl Shown {
    fn event(&mut self, event: Event, now: Duration) {
        self.progress.apply(&event, now);
        match &mut self.held {
            // steps are in the state; a prompt for a password does not take long
            Some(_) if matches!(event, Event::Advanced { .. }) => {}
            Some(held) => held.push((event, now)),
            None => self.view.event(&event, &self.progress, now),
        }
    }

    fn tick(&mut self, now: Duration) {
        if self.held.is_none() {
            self.view.tick(&self.progress, now);
        }
    }

    fn pause(&mut self) {
        self.view.pause();
        self.held = Some(Vec::new());
    }

    fn resume(&mut self) {
        for (event, when) in self.held.take().unwrap_or_default() {
            self.view.event(&event, &self.progress, when);
        }
    }
}

struct Shared {
    begun: Instant,
    shown: Mutex<Shown>,
}

impl Shared {
    /// A panic elsewhere is no reason to stop showing progress.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Shared {
    fn event(&self, event: Event) {
        let now = self.begun.elapsed();
        self.lock().event(event, now);
    }
}

/// A progress display that runs until it is closed or dropped.
pub(crate) struct Display {
    shared: Arc<Shared>,
    stop: Option<Sender<()>>,
    ticker: Option<JoinHandle<()>>,
}

/// A handle by which other threads say a line or borrow the terminal.
#[derive(Clone)]
pub(crate) struct Console(Arc<Shared>);

impl Console {
    /// Prints a line among the progress.
    pub(crate) fn line(&self, text: &str) {
        let now = self.0.begun.elapsed();
        self.0.lock().view.line(text, now);
    }

    /// Runs `action` while nothing else draws. Events are held back, not held up: an operation that is
    /// told to stop meanwhile must be able to.
    pub(crate) fn alone<T>(&self, action: impl FnOnce() -> T) -> T {
        self.0.lock().pause();
        let result = action();
        self.0.lock().resume();
        result
    }
}

impl Display {
    /// The display that the options ask for, on standard error.
    pub(crate) fn open(output: &OutputFlags, dumb_terminal: bool) -> Self {
        let verbosity = match (output.quiet, output.verbose, output.progress) {
            (true, ..) | (_, _, ProgressChoice::None) => Verbosity::Quiet,
            (_, true, _) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let bars = std::io::stderr().is_terminal() && !dumb_terminal;
        let view: Box<dyn View> = match output.progress {
            ProgressChoice::Json => Box::new(json::Json::new(std::io::stderr(), verbosity)),
            ProgressChoice::Auto if bars && verbosity >= Verbosity::Normal => {
                Box::new(terminal::Terminal::new(verbosity))
            }
            _ => Box::new(plain::Plain::new(std::io::stderr(), verbosity)),
        };
        Self::over(view)
    }

    fn over(view: Box<dyn View>) -> Self {
        let interval = view.interval();
        let shared = Arc::new(Shared {
            begun: Instant::now(),
            shown: Mutex::new(Shown {
                progress: Progress::default(),
                view,
                held: None,
            }),
        });
        let (stop, stopped) = channel::<()>();
        let ticking = Arc::clone(&shared);
        let ticker = std::thread::spawn(move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                let now = ticking.begun.elapsed();
                ticking.lock().tick(now);
            }
        });
        Self {
            shared,
            stop: Some(stop),
            ticker: Some(ticker),
        }
    }

    /// Where operations send their events.
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        Arc::clone(&self.shared) as Arc<dyn Sink>
    }

    /// A handle for other threads.
    pub(crate) fn console(&self) -> Console {
        Console(Arc::clone(&self.shared))
    }

    /// Time since the display was opened.
    pub(crate) fn elapsed(&self) -> Duration {
        self.shared.begun.elapsed()
    }

    /// Removes the bars, so that results can be printed.
    pub(crate) fn close(&mut self) {
        self.stop = None;
        if let Some(ticker) = self.ticker.take() {
            // a ticker that panicked has said so on standard error already
            let _ = ticker.join();
            self.shared.lock().view.close();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count(Arc<Mutex<(u32, u32, bool)>>);

    impl View for Count {
        fn event(&mut self, _event: &Event, _progress: &Progress, _now: Duration) {
            self.0.lock().unwrap().0 += 1;
        }
        fn tick(&mut self, _progress: &Progress, _now: Duration) {
            self.0.lock().unwrap().1 += 1;
        }
        fn interval(&self) -> Duration {
            Duration::from_millis(1)
        }
        fn line(&mut self, _text: &str, _now: Duration) {}
        fn close(&mut self) {
            self.0.lock().unwrap().2 = true;
        }
    }

    #[test]
    fn a_display_ticks_until_it_is_closed_and_closes_once() {
        let seen = Arc::new(Mutex::new((0, 0, false)));
        let mut display = Display::over(Box::new(Count(Arc::clone(&seen))));
        display.sink().event(Event::Notice("x".into()));
        while seen.lock().unwrap().1 < 3 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(display.console().alone(|| 7), 7);
        display.close();
        let (events, ticks, closed) = *seen.lock().unwrap();
        assert!(events == 1 && closed);
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(seen.lock().unwrap().1, ticks);
    }

    #[test]
    fn while_somebody_has_the_terminal_events_wait_and_nobody_else_does() {
        let seen = Arc::new(Mutex::new((0, 0, false)));
        let mut display = Display::over(Box::new(Count(Arc::clone(&seen))));
        let sink = display.sink();
        display.console().alone(|| {
            sink.event(Event::Notice("x".into()));
            display.close();
            assert_eq!(seen.lock().unwrap().0, 0);
        });
        assert_eq!(seen.lock().unwrap().0, 1);
    }
}

//! Writing to a pipe whose reader may stop reading: `restore -f - | less`.
//!
//! A write to a full pipe blocks its thread, and nothing interrupts it. So the writes are those of a thread
//! that nobody waits for: a writer waits for room in a queue, and gives up when a stop was asked
//! for.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use crate::monitor::Monitor;

/// Pieces that may wait for the reader: the writer above has a buffer of its own.
const WAITING_MAX: usize = 4;

/// How often it is looked whether there is room.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A writer that can be told to stop.
pub(crate) struct Patient {
    pieces: SyncSender<Vec<u8>>,
    /// The outcome of each piece.
    written: Receiver<io::Result<()>>,
    waiting: usize,
    monitor: Monitor,
}

impl Patient {
    /// Writes to `out` until `monitor` is asked to stop.
    pub(crate) fn new(mut out: impl Write + Send + 'static, monitor: Monitor) -> io::Result<Self> {
        let (pieces, to_write) = sync_channel::<Vec<u8>>(WAITING_MAX);
        let (answer, written) = sync_channel(WAITING_MAX + 1);
        std::thread::Builder::new()
            .name("output".into())
            .spawn(move || {
                for piece in to_write {
                    let done = out.write_all(&piece).and_then(|()| out.flush());
                    // Nobody listens any more where a stop was asked for.
                    if answer.send(done).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self {
            pieces,
            written,
            waiting: 0,
            monitor,
        })
    }

    /// Notes the outcomes of finished pieces. Waits for the first one where none is finished.
    fn take_note(&mut self) -> io::Result<()> {
        let answer = self.written.recv_timeout(LOOK_EVERY);
        if let Ok(done) = answer {
            self.waiting -= 1;
            return done;
        }
        if self.monitor.is_interrupted() {
            Err(io::Error::other("interrupted"))
        } else {
            Ok(())
        }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut piece = bytes.to_vec();
        loop {
            match self.pieces.try_send(piece) {
                Ok(()) => break,
                Err(TrySendError::Full(back)) => piece = back,
                Err(TrySendError::Disconnected(_)) => {
                    return Err(io::Error::from(io::ErrorKind::BrokenPipe));
                }
            }
            self.take_note()?;
        }
        self.waiting += 1;
        while self.waiting > WAITING_MAX {
            self.take_note()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.waiting > 0 {
            self.take_note()?;
        }
        Ok(())
    }
}

impl Drop for Patient {
    /// Pieces handed over before another failure are still written.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{Event, Sink};
    use std::sync::Arc;

    struct Deaf;

    impl Sink for Deaf {
        fn event(&self, _event: Event) {}
    }

    /// A reader that never reads.
    struct Stuck;

    impl Write for Stuck {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            loop {
                std::thread::park();
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn everything_arrives_in_its_order_and_errors_come_back() {
        let (reader, writer) = io::pipe().unwrap();
        let reading = std::thread::spawn(move || io::read_to_string(reader).unwrap());
        let mut patient = Patient::new(writer, Monitor::void()).unwrap();
        let lines: Vec<String> = (0..1000).map(|number| format!("{number}\n")).collect();
        for line in &lines {
            patient.write_all(line.as_bytes()).unwrap();
        }
        patient.flush().unwrap();
        drop(patient);
        assert_eq!(reading.join().unwrap(), lines.concat());
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut patient = Patient::new(writer, Monitor::void()).unwrap();
        let failed = patient.write_all(b"x").and_then(|()| patient.flush());
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_reader_that_does_not_read_keeps_nobody_who_wants_to_stop() {
        let (monitor, interrupt) = Monitor::new(Arc::new(Deaf));
        let mut patient = Patient::new(Stuck, monitor).unwrap();
        patient.write_all(b"x").unwrap();
        interrupt.interrupt();
        assert!(patient.flush().is_err());
    }
}

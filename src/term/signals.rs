//! Signals as flags that the loop looks at.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::Signal;

/// What came since the start.
#[derive(Debug)]
pub(super) struct Signals {
    ends: Vec<(Signal, Arc<AtomicBool>)>,
    resized: Arc<AtomicBool>,
}

impl Signals {
    /// Watches for all of them.
    ///
    /// A second one does no more than the first: it often comes (a shell passes a hangup on that the kernel sent as
    /// well), and would leave the terminal as it is. A loop that is stuck on a dead line gets an error, not a wait.
    #[cfg(unix)]
    pub fn watch() -> io::Result<Self> {
        use signal_hook::{
            consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH},
            flag,
        };
        let mut ends = Vec::new();
        let ending = [
            (Signal::Interrupt, SIGINT),
            (Signal::Terminate, SIGTERM),
            (Signal::Hangup, SIGHUP),
            (Signal::Quit, SIGQUIT),
        ];
        for (signal, number) in ending {
            let came = Arc::new(AtomicBool::new(false));
            flag::register(number, Arc::clone(&came))?;
            ends.push((signal, came));
        }
        let resized = Arc::new(AtomicBool::new(false));
        flag::register(SIGWINCH, Arc::clone(&resized))?;
        Ok(Self { ends, resized })
    }

    /// Nothing to watch for.
    #[cfg(not(unix))]
    pub fn watch() -> io::Result<Self> {
        Ok(Self { ends: Vec::new(), resized: Arc::default() })
    }

    /// The signal that asks the program to end, if one came.
    pub fn end(&self) -> Option<Signal> {
        self.ends.iter().find(|(_, came)| came.load(Ordering::SeqCst)).map(|(signal, _)| *signal)
    }

    /// Whether the size changed since the last call.
    pub fn resized(&self) -> bool {
        self.resized.swap(false, Ordering::SeqCst)
    }
}

/// Stops the process as Ctrl-Z does; returns when it is continued.
#[cfg(unix)]
pub(super) fn stop() -> io::Result<()> {
    signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)
}

/// There is no such thing here.
#[cfg(not(unix))]
pub(super) fn stop() -> io::Result<()> {
    Ok(())
}

//! Progress on stderr: a bar on a terminal, a plain line now and then in a pipe, nothing with `--quiet`.

use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;

/// How often a plain line is written.
const LINE_EVERY: u64 = 1000;

/// How far a long job is. Can be told from several threads.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: &'static str,
    lines: bool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Progress of a job that is called `what` ("images read").
    pub fn new(what: &'static str, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (terminal && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta} left")
                .expect("the template is constant and checked by a test");
            bar.set_style(style);
            bar.set_message(what);
            bar
        });
        Self { bar, what, lines: !terminal && !quiet, done: AtomicU64::new(0), total: AtomicU64::new(0) }
    }

    /// There is so much to do, on top of what was said before.
    pub fn more(&self, n: u64) {
        let total = self.total.fetch_add(n, Ordering::Relaxed) + n;
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }

    /// This much more is done.
    pub fn add(&self, n: u64) {
        let before = self.done.fetch_add(n, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(n);
        }
        if self.lines && before / LINE_EVERY != (before + n) / LINE_EVERY {
            let total = self.total.load(Ordering::Relaxed);
            let of = if total > 0 { format!(" of {total}") } else { String::new() };
            output::complain(&format!("{}{of} {}", before + n, self.what));
        }
    }

    /// Says a sentence without tearing the bar.
    pub fn complain(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output::complain(text)),
            None => output::complain(text),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A flag that Ctrl-C, SIGTERM and SIGHUP raise; a second signal ends the program at once.
pub fn interruption() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Registering fails for signals that cannot be caught only; these can.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag));
        let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
    }
    flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_counting_adds_up() {
        assert!(ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta} left").is_ok());
        let p = Progress::new("images", true);
        p.more(3);
        p.add(2);
        p.add(1);
        assert_eq!(p.done.load(Ordering::Relaxed), 3);
        p.finish();
    }
}

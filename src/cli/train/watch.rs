//! What a person sees of a run, and its checkpoints.

use std::{
    io::IsTerminal,
    path::PathBuf,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::{context::show, output};
use crate::{
    export::write_file,
    term,
    train::{EpochRecord, Moment, Observer},
    ui::curves::{Series, curves},
};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Rows of the charts.
const ROWS: u16 = 9;

/// Watches a run.
pub(super) struct Watch {
    bar: Option<ProgressBar>,
    lines: bool,
    /// In front of every line: the fold, if there are any.
    what: String,
    checkpoint: PathBuf,
    every: Duration,
    kept: Instant,
    told: Instant,
    /// Mean loss of the epoch so far, at some of its steps: (epochs done, loss).
    losses: Vec<(f64, f64)>,
    history: Vec<EpochRecord>,
}

impl Watch {
    /// Of the run `what`, with checkpoints in a file.
    pub fn new(what: &str, checkpoint: PathBuf, every: Duration, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (terminal && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4));
            let style = ProgressStyle::with_template("{msg}\n{wide_bar} {pos}/{len}").expect("a constant template");
            bar.set_style(style);
            bar
        });
        let now = Instant::now();
        let what = if what.is_empty() { String::new() } else { format!("{what}: ") };
        Self {
            bar,
            lines: !terminal && !quiet,
            what,
            checkpoint,
            every,
            kept: now,
            told: now,
            losses: Vec::new(),
            history: Vec::new(),
        }
    }

    /// Takes over the epochs of a run that is gone on with.
    pub fn goes_on(&mut self, history: &[EpochRecord]) {
        self.history = history.to_vec();
    }

    /// Takes the charts away, so that other lines can be written.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn charts(&self) -> String {
        let columns = term::error_columns().unwrap_or(80).clamp(40, 200);
        let ended = |pick: fn(&EpochRecord) -> Option<f64>| -> Vec<(f64, f64)> {
            self.history.iter().filter_map(|e| Some((e.epoch as f64, pick(e)?))).collect()
        };
        let loss = [
            Series { name: "loss".into(), points: self.losses.clone() },
            Series { name: "validation loss".into(), points: ended(|e| e.validation.map(|v| v.loss)) },
        ];
        let right = [
            Series { name: "accuracy".into(), points: ended(|e| e.validation.map(|v| v.accuracy)) },
            Series { name: "macro F1".into(), points: ended(|e| e.validation.map(|v| v.macro_f1)) },
        ];
        let half = (columns / 2).max(20);
        let (left, right) = (curves(&loss, half, ROWS), curves(&right, half, ROWS));
        // Either may have nothing to show yet.
        let line = |of: &[String], i: usize| of.get(i).cloned().unwrap_or_else(|| " ".repeat(usize::from(half)));
        let lines = left.len().max(right.len());
        (0..lines).map(|i| format!("{}{}\n", line(&left, i), line(&right, i).trim_end())).collect()
    }
}

/// `1 h 02 min`, `3 min`, `40 s`.
fn duration(of: Duration) -> String {
    let seconds = of.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn told(moment: &Moment) -> String {
    let left = moment.left.map_or_else(String::new, |left| format!(", {} left", duration(left)));
    format!(
        "epoch {}/{}, step {}/{}, loss {:.3}, {:.0} images/s{left}",
        moment.epoch, moment.epochs, moment.step, moment.steps, moment.loss, moment.images_per_s
    )
}

fn ended(record: &EpochRecord) -> String {
    let mut text = format!("epoch {} ended: loss {:.4}", record.epoch, record.loss);
    if let Some(v) = record.validation {
        text += &format!(", validation loss {:.4}, accuracy {:.4}, macro F1 {:.4}", v.loss, v.accuracy, v.macro_f1);
    }
    if record.doubted > 0 {
        text += &format!(", {} images left out as wrongly labelled", record.doubted);
    }
    text
}

impl Observer for Watch {
    fn step(&mut self, moment: &Moment) {
        let done = (moment.epoch - 1) as f64 + moment.step as f64 / moment.steps.max(1) as f64;
        if moment.step * 20 / moment.steps.max(1) != (moment.step - 1) * 20 / moment.steps.max(1) {
            self.losses.push((done, moment.loss));
        }
        if let Some(bar) = &self.bar {
            bar.set_length((moment.epochs * moment.steps) as u64);
            bar.set_position(((moment.epoch - 1) * moment.steps + moment.step) as u64);
            if self.told.elapsed() > Duration::from_millis(500) {
                self.told = Instant::now();
                bar.set_message(format!("{}{}{}", self.charts(), self.what, told(moment)));
            }
        } else if self.lines && self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            output::complain(&format!("{}{}", self.what, told(moment)));
        }
    }

    fn validating(&mut self, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{}{}validation: {done} of {of} images", self.charts(), self.what));
        }
    }

    fn epoch(&mut self, history: &[EpochRecord]) {
        self.history = history.to_vec();
        if let (true, Some(last)) = (self.lines, history.last()) {
            output::complain(&format!("{}{}", self.what, ended(last)));
        }
    }

    fn wants_checkpoint(&mut self) -> bool {
        self.kept.elapsed() >= self.every
    }

    fn checkpoint(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        self.kept = Instant::now();
        let remedy = "make room there, then go on with --resume";
        write_file(&self.checkpoint, &bytes).map_err(|e| format!("{}: {e}; {remedy}", show(&self.checkpoint)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Validation;

    #[test]
    fn moments_and_epochs_are_told_in_words() {
        let left = Some(Duration::from_secs(3720));
        let moment = Moment { epoch: 2, epochs: 9, step: 3, steps: 40, loss: 1.25, images_per_s: 77.4, left };
        assert_eq!(told(&moment), "epoch 2/9, step 3/40, loss 1.250, 77 images/s, 1 h 02 min left");
        assert_eq!(
            (duration(Duration::from_secs(59)), duration(Duration::from_secs(61))),
            ("59 s".into(), "2 min".into())
        );
        let validation = Some(Validation { loss: 0.5, accuracy: 0.81, macro_f1: 0.6 });
        let record = EpochRecord { epoch: 2, loss: 0.75, validation, doubted: 4 };
        let said = ended(&record);
        assert!(said.contains("accuracy 0.8100") && said.ends_with("4 images left out as wrongly labelled"), "{said}");
    }
}

//! What a run tells whoever watches it.

use std::time::{Duration, Instant};

use crate::train::EpochRecord;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// The epoch under way, from 1.
    pub epoch: usize,
    /// All epochs.
    pub epochs: usize,
    /// Steps of the epoch that are done.
    pub step: usize,
    /// All its steps.
    pub steps: usize,
    /// Mean loss of the epoch so far.
    pub loss: f64,
    /// Images learnt from a second since this run started or went on.
    pub images_per_s: f64,
    /// Until the last epoch's end, with pictures as large as they are going to be; `None`: too early to say.
    pub left: Option<Duration>,
}

/// Is told how a run goes.
pub trait Observer {
    /// After each step.
    fn step(&mut self, moment: &Moment);
    /// While a network is validated: so many of so many images.
    fn validating(&mut self, done: usize, of: usize);
    /// After each epoch, with all epochs so far.
    fn epoch(&mut self, history: &[EpochRecord]);
    /// Whether a checkpoint is due.
    fn wants_checkpoint(&mut self) -> bool;
    /// Keeps a checkpoint.
    ///
    /// # Errors
    /// With a sentence, when it cannot be kept: the run stops.
    fn checkpoint(&mut self, bytes: Vec<u8>) -> Result<(), String>;
}

/// Share of what was known of the speed that a step keeps: some minutes.
const KEPT: f64 = 0.997;

/// How fast images are learnt from.
pub(super) struct Speed {
    pub started: Instant,
    pub images: usize,
    /// Px learnt from, and the seconds that it took.
    work: f64,
    seconds: f64,
}

impl Speed {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { started: Instant::now(), images: 0, work: 0.0, seconds: 0.0 }
    }

    pub fn add(&mut self, images: usize, side: usize, began: Instant) {
        self.images += images;
        // What was long ago counts little: other programs come and go.
        self.work = KEPT * self.work + (images * side * side) as f64;
        self.seconds = KEPT * self.seconds + began.elapsed().as_secs_f64();
    }

    pub fn per_second(&self) -> f64 {
        self.work / self.seconds.max(1e-9)
    }
}

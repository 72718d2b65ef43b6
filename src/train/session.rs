//! A training run: epochs of steps, validation after each, and what is kept.
//!
//! No file is read or written here: pictures come from a function of the caller's, and checkpoints go to its observer.

mod ending;
mod lesson;
mod told;
mod validate;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use candle_core::{D, Device, Result as CandleResult, Tensor};
use candle_nn::ops::softmax;
use image::RgbImage;

use super::{
    AdamW, Checkpoint, EpochRecord, Init, Loss, Mode, Rates, Recipe, Trainable,
    average::Average,
    checkpoint::{Parts, Position, Shown},
    feed::{Batch, Feed},
    file::write,
    order,
    random::Draw,
};
use crate::{
    domain::ClassTable,
    model::{DeviceChoice, NetworkFile},
};

pub use ending::{Ending, Finished, SessionError};
pub use lesson::Lesson;
pub use told::{Moment, Observer};
pub use validate::Judge;

use told::Speed;

/// A frame and its um per px, or why there is none.
pub type Frame = Result<(RgbImage, Option<f64>), String>;

/// Gives the frame of an image by its place in the caller's list.
pub type Frames<'a> = &'a (dyn Fn(usize) -> Frame + Sync);

/// A run.
pub struct Session<'a> {
    recipe: Recipe,
    lesson: Lesson,
    table: &'a ClassTable,
    choice: DeviceChoice,
    device: Device,
    network: Trainable,
    optimiser: AdamW,
    average: Average,
    position: Position,
    /// SHA-256 of the network that it started from.
    started_from: Option<String>,
}

impl<'a> Session<'a> {
    /// A run from the start: from a new network, or from the one in `start`, to which its weights are then held.
    ///
    /// # Errors
    /// When there is nothing to learn from, or the device fails.
    pub fn new(
        recipe: Recipe,
        lesson: Lesson,
        start: Option<&NetworkFile>,
        table: &'a ClassTable,
        choice: DeviceChoice,
    ) -> Result<Self, SessionError> {
        let classes = lesson.trained().into_iter().filter(|t| *t).count();
        if lesson.train.len() < 2 || classes < 2 {
            return Err(SessionError::Lesson(format!(
                "there are {} images of {classes} classes to learn from; training needs two classes at least",
                lesson.train.len()
            )));
        }
        let device = choice.open()?;
        let init = Init { seed: recipe.seed, zero_last: true };
        let network = Trainable::new(&recipe.architecture, lesson.classes.len(), recipe.bn_eps, init, &device)?;
        let rates = Rates { weight_decay: recipe.learning.weight_decay, ..Rates::default() };
        let mut optimiser = AdamW::new(network.parameters(), rates)?;
        let mut started_from = None;
        if start.is_none() && recipe.learning.norms_still_from == 1 {
            return Err(SessionError::Lesson(
                "a network that starts anew has no statistics that its norms could keep; set learning.norms_still_from to \
                 0 or a later epoch, or name a network with --start"
                    .into(),
            ));
        }
        if let Some(start) = start {
            network.adopt(&start.bytes)?;
            optimiser.anchor()?;
            started_from = Some(start.info.sha256.to_string());
        }
        let average = Average::new(&network, recipe.learning.average)?;
        let position = Position { shown: vec![Shown::default(); lesson.train.len()], ..Position::default() };
        Ok(Self { recipe, lesson, table, choice, device, network, optimiser, average, position, started_from })
    }

    /// Goes on where a checkpoint of the same run was made.
    ///
    /// # Errors
    /// When it is of another recipe or other data, or damaged.
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> Result<(), SessionError> {
        let other = |what: &str| {
            Err(SessionError::Checkpoint(format!(
                "is of a run with other {what}; name the same ones, or start anew without --resume"
            )))
        };
        if checkpoint.recipe != self.recipe {
            return other("settings");
        }
        if checkpoint.data != self.lesson.data {
            return other("images or labels");
        }
        let damaged = |e: candle_core::Error| SessionError::Checkpoint(format!("is damaged: {e}"));
        self.parts().restore(checkpoint).map_err(damaged)?;
        if self.position.shown.len() != self.lesson.train.len() {
            return other("images");
        }
        Ok(())
    }

    /// The epochs that are done.
    pub fn history(&self) -> &[EpochRecord] {
        &self.position.history
    }

    /// Learns until the end, or until `cancel` is set: then a checkpoint is made first.
    ///
    /// # Errors
    /// When a picture cannot be had, a checkpoint cannot be kept, the loss is no number, or the device fails.
    pub fn run(
        &mut self,
        frames: Frames<'_>,
        cancel: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Ending, SessionError> {
        let mut speed = Speed::new();
        let epochs = self.recipe.learning.epochs;
        while self.position.epoch < epochs && !self.is_stale() {
            if !self.epoch(frames, cancel, observer, &mut speed)? {
                observer.checkpoint(self.checkpoint()?).map_err(SessionError::Keeping)?;
                return Ok(Ending::Interrupted);
            }
            observer.epoch(&self.position.history);
            observer.checkpoint(self.checkpoint()?).map_err(SessionError::Keeping)?;
        }
        self.finish().map(Ending::Finished)
    }

    /// One epoch and its validation; `false`: it was interrupted.
    fn epoch(
        &mut self,
        frames: Frames<'_>,
        cancel: &AtomicBool,
        observer: &mut dyn Observer,
        speed: &mut Speed,
    ) -> Result<bool, SessionError> {
        let (epoch, seed) = (self.position.epoch, self.recipe.seed);
        let side = self.recipe.side(epoch);
        let order = self.order();
        let size = self.recipe.learning.batch;
        // A batch norm over one picture would know no spread: a rest of one is left out.
        let batches: Vec<&[usize]> = order.chunks(size).filter(|b| b.len() > 1).collect();
        let from = self.position.step.min(batches.len());
        let loss = Loss { smoothing: self.recipe.learning.smoothing, weights: Vec::new() };
        let (augment, input) = (self.recipe.augment.clone(), self.recipe.input.clone());
        let train = self.lesson.train.clone();
        let make = |place: usize| {
            let (frame, um_per_px) = frames(train[place].0)?;
            Ok(augment.view(&frame, um_per_px, &input, side, &mut Draw::of(seed, "view", [epoch, place])))
        };
        let workers =
            if self.device.is_cpu() { 1 } else { std::thread::available_parallelism().map_or(1, |n| n.get()) };
        let whole = std::thread::scope(|scope| -> Result<bool, SessionError> {
            let mut feed = Feed::start(scope, workers, &batches[from..], &make);
            for step in from..batches.len() {
                let Some(batch) = feed.next() else { break };
                let batch = batch.map_err(SessionError::Picture)?;
                let done = (epoch as f64 + step as f64 / batches.len() as f64) / self.recipe.learning.epochs as f64;
                let learning = &self.recipe.learning;
                let rate = learning.rate * learning.curve.share(done, learning.rise);
                let began = Instant::now();
                let count = batch.places.len();
                let found = f64::from(self.learn(&loss, batch, side, rate)?);
                speed.add(count, side, began);
                if !found.is_finite() {
                    return Err(SessionError::Diverged { loss: found, epoch: epoch + 1, step: step + 1 });
                }
                self.position.loss += found;
                self.position.step = step + 1;
                observer.step(&self.moment(batches.len(), speed));
                if cancel.load(Ordering::Relaxed) {
                    return Ok(false);
                }
                if observer.wants_checkpoint() {
                    observer.checkpoint(self.checkpoint()?).map_err(SessionError::Keeping)?;
                }
            }
            Ok(true)
        })?;
        if !whole {
            return Ok(false);
        }
        let bytes = self.network_bytes()?;
        let mut telling = |done, of| observer.validating(done, of);
        let judge = Judge { table: self.table, choice: self.choice };
        let Some(validation) = judge.validate(&bytes, &self.lesson, frames, cancel, &mut telling)? else {
            return Ok(false);
        };
        self.close_epoch(batches.len(), validation, bytes);
        Ok(true)
    }

    /// Records an epoch and goes to the next one.
    fn close_epoch(&mut self, steps: usize, validation: Option<super::Validation>, bytes: Vec<u8>) {
        let round = |v: f64| (v * 1e6).round() / 1e6;
        let doubted = self.position.shown.iter().filter(|s| s.left_out).count();
        let position = &mut self.position;
        let record = EpochRecord {
            epoch: position.epoch + 1,
            loss: round(position.loss / steps.max(1) as f64),
            validation,
            doubted,
        };
        // Without a validation part the last network is the one that is kept.
        let reached = validation.map_or(f64::NEG_INFINITY, |v| v.loss);
        if position.best.as_ref().is_none_or(|(best, _)| reached < *best || validation.is_none()) {
            position.best = Some((reached, bytes));
        }
        position.history.push(record);
        position.epoch += 1;
        position.step = 0;
        position.loss = 0.0;
    }

    /// Whether so many epochs brought nothing better that it is time to stop.
    fn is_stale(&self) -> bool {
        let patience = self.recipe.learning.patience;
        let best = best_epoch(&self.position.history);
        patience > 0 && best > 0 && self.position.history.len() >= best + patience
    }

    /// The places that the epoch under way shows, in order.
    fn order(&mut self) -> Vec<usize> {
        let epoch = self.position.epoch;
        let (kinds, counts) = self.lesson.kinds();
        let repeats = order::repeats(&counts, &self.recipe.data);
        let mut order = order::epoch(&kinds, &repeats, self.recipe.seed, epoch);
        let from = self.recipe.learning.doubt_from;
        // Decided when an epoch begins: an epoch that is gone on with leaves out the same images.
        if from > 0 && epoch + 1 >= from && self.position.step == 0 {
            let doubted: Vec<bool> = self.position.shown.iter().map(|s| self.is_doubted(s)).collect();
            self.position.shown.iter_mut().zip(doubted).for_each(|(s, d)| s.left_out = d);
        }
        order.retain(|&place| !self.position.shown[place].left_out);
        order
    }

    /// Whether an image's label is doubted: once it was shown as often as there were epochs before that is asked.
    fn is_doubted(&self, shown: &Shown) -> bool {
        let learning = &self.recipe.learning;
        let least = learning.doubt_from.saturating_sub(1).max(1) as f32;
        shown.times >= least && shown.mean() < learning.doubt as f32
    }

    fn learn(&mut self, loss: &Loss, batch: Batch, side: usize, rate: f64) -> CandleResult<f32> {
        let Batch { values, places } = batch;
        let labels: Vec<usize> = places.iter().map(|&p| self.lesson.train[p].1).collect();
        let pictures = Tensor::from_vec(values, (labels.len(), 3, side, side), &self.device)?;
        let still = self.recipe.learning.norms_still_from;
        let mode = if still > 0 && self.position.epoch + 1 >= still { Mode::Still } else { Mode::Train };
        let logits = self.network.forward(&pictures, mode)?;
        let value = loss.of(&logits, &labels)?;
        self.optimiser.step(&value.backward()?, rate)?;
        self.average.step(&self.network)?;
        let probabilities = softmax(&logits.detach(), D::Minus1)?.to_vec2::<f32>()?;
        for ((place, label), row) in places.into_iter().zip(labels).zip(probabilities) {
            let shown = &mut self.position.shown[place];
            shown.times += 1.0;
            shown.sum += row[label];
        }
        value.to_scalar()
    }

    fn moment(&self, steps: usize, speed: &Speed) -> Moment {
        let Position { epoch, step, loss, .. } = &self.position;
        let learning = &self.recipe.learning;
        // An image costs in proportion to its px.
        let area = |e: usize| (self.recipe.side(e) * self.recipe.side(e)) as f64;
        let ahead: f64 = (epoch + 1..learning.epochs).map(area).sum();
        let work = (ahead * steps as f64 + area(*epoch) * (steps - step) as f64) * learning.batch as f64;
        let left = (speed.images >= 4 * learning.batch).then(|| Duration::from_secs_f64(work / speed.per_second()));
        Moment {
            epoch: epoch + 1,
            epochs: learning.epochs,
            step: *step,
            steps,
            loss: loss / (*step).max(1) as f64,
            images_per_s: speed.images as f64 / speed.started.elapsed().as_secs_f64().max(1e-9),
            left,
        }
    }

    fn parts(&mut self) -> Parts<'_> {
        Parts {
            network: &self.network,
            optimiser: &mut self.optimiser,
            average: &mut self.average,
            position: &mut self.position,
        }
    }

    fn checkpoint(&mut self) -> Result<Vec<u8>, SessionError> {
        let (recipe, data) = (self.recipe.clone(), self.lesson.data.clone());
        Ok(self.parts().to_bytes(&recipe, &data)?)
    }

    /// The averaged network as a file.
    fn network_bytes(&self) -> CandleResult<Vec<u8>> {
        let metadata = super::record::metadata(&self.recipe, &self.lesson, self.started_from.as_deref());
        write(self.average.named(&self.network), metadata)
    }

    fn finish(&mut self) -> Result<Finished, SessionError> {
        let Some((_, bytes)) = self.position.best.clone() else {
            return Err(SessionError::Lesson("no epoch was finished".into()));
        };
        let pairs = self.lesson.train.iter().zip(&self.position.shown);
        let mut doubted: Vec<_> =
            pairs.filter(|(_, s)| self.is_doubted(s)).map(|(image, s)| (image.0, s.mean())).collect();
        doubted.sort_by(|a, b| a.1.total_cmp(&b.1));
        let history = self.position.history.clone();
        let best = best_epoch(&history);
        Ok(Finished { bytes, best: if best > 0 { best } else { history.len() }, history, doubted })
    }
}

/// The epoch with the least validation loss, from 1; 0: none was validated.
fn best_epoch(history: &[EpochRecord]) -> usize {
    let validated = history.iter().filter_map(|e| Some((e.epoch, e.validation?.loss)));
    validated.reduce(|best, e| if e.1 < best.1 { e } else { best }).map_or(0, |e| e.0)
}

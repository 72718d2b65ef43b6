//! Everything that decides what a training run makes, besides its images: one file, written into every network.

mod presets;
mod read;

use serde::{Deserialize, Serialize};

use super::{augment::Augment, schedule::Curve};
use crate::model::{Architecture, InputSpec};

pub use presets::Preset;

/// How a network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The network's name.
    pub name: String,
    /// The same seed gives the same network on the CPU.
    pub seed: u64,
    /// Its layers.
    pub architecture: Architecture,
    /// What it looks at.
    pub input: InputSpec,
    /// Epsilon of its batch norms.
    pub bn_eps: f64,
    /// Which images, and how often.
    pub data: Data,
    /// How images are varied.
    pub augment: Augment,
    /// What is learnt from them.
    pub learning: Learning,
}

/// Which images, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// How far the classes are evened out, 0..=1: a class of which a set has n images is drawn in proportion to
    /// n^(1 - balance). 0 draws every image once an epoch; 1 draws every class of a set equally often, as the paper's
    /// oversampling does.
    pub balance: f64,
    /// No image is drawn more often than this in an epoch: a class of eleven images does not become a tenth of them.
    pub most_repeats: f64,
    /// Share of the patients (or images without one) that is kept apart to stop and to calibrate by.
    pub validation: f64,
    /// Share of the rest that is trained on, by patient: for accuracy against the number of training images.
    pub share: f64,
}

/// What is learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Passes over the images.
    pub epochs: usize,
    /// Images a step.
    pub batch: usize,
    /// The highest learning rate of AdamW.
    pub rate: f64,
    /// How it runs.
    pub curve: Curve,
    /// Share of the steps until the highest is reached.
    pub rise: f64,
    /// Pull of the weights towards zero, or in fine-tuning towards those it started from (L2-SP: Li et al. 2018).
    pub weight_decay: f64,
    /// Share of each label that is spread over all classes (Szegedy et al. 2016).
    pub smoothing: f64,
    /// Share of the running average of the weights that a step keeps; the average is what is validated and kept. 0: none.
    pub average: f64,
    /// Side of the pictures in the first epoch, as a share of the input's; it grows to 1 over the first two thirds of the
    /// epochs. Small pictures are learnt from several times faster.
    pub first_side: f64,
    /// From this epoch on (counted from 1; 0: never) images whose label is doubted are left out.
    pub doubt_from: usize,
    /// A label is doubted when the network gave it less than this probability on average over all its views so far: the
    /// confidence of Swayamdipta et al. 2020, whose low end are wrong labels.
    pub doubt: f64,
    /// Epochs without a better validation loss after which it stops; 0: never.
    pub patience: usize,
    /// From this epoch on (counted from 1; 0: never) batch norms keep the statistics that they have, as in prediction, so
    /// that what is learnt does not lean on which pictures stand in a batch together. No preset does so: adapting a network
    /// of donors to another laboratory's patients was measured both ways, and statistics that are learnt anew were better
    /// (accuracy 0.795 on unseen patients, 0.764 with still ones, 0.453 before).
    #[serde(default, skip_serializing_if = "is_never")]
    pub norms_still_from: usize,
}

/// A network's record says nothing of what it did not use, as the records of older ones.
fn is_never(epoch: &usize) -> bool {
    *epoch == 0
}

/// Why a recipe cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecipeError(pub(super) String);

impl Recipe {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// With a sentence that names the field, what it is and what it may be.
    pub fn check(&self) -> Result<(), RecipeError> {
        let bad = |text: String| Err(RecipeError(text));
        self.architecture.check().map_err(|e| RecipeError(format!("architecture.{e}")))?;
        if !(16..=2048).contains(&self.input.size) {
            return bad(format!("input.size is {}; use 16 to 2048 px", self.input.size));
        }
        let (data, learning) = (&self.data, &self.learning);
        let shares = [
            ("data.balance", data.balance, 0.0..=1.0),
            ("data.validation", data.validation, 0.0..=0.5),
            ("data.share", data.share, 0.001..=1.0),
            ("data.most_repeats", data.most_repeats, 1.0..=1e6),
            ("learning.rate", learning.rate, 1e-9..=10.0),
            ("learning.rise", learning.rise, 0.0..=0.9),
            ("learning.weight_decay", learning.weight_decay, 0.0..=10.0),
            ("learning.smoothing", learning.smoothing, 0.0..=0.9),
            ("learning.average", learning.average, 0.0..=0.99999),
            ("learning.first_side", learning.first_side, 0.25..=1.0),
            ("learning.doubt", learning.doubt, 0.0..=0.5),
            ("bn_eps", self.bn_eps, 1e-12..=0.1),
        ];
        for (name, value, range) in shares {
            if !range.contains(&value) {
                return bad(format!("{name} is {value}; use {} to {}", range.start(), range.end()));
            }
        }
        if !(1..=10_000).contains(&learning.epochs) {
            return bad(format!("learning.epochs is {}; use 1 to 10000", learning.epochs));
        }
        if learning.norms_still_from > learning.epochs {
            return bad(format!(
                "learning.norms_still_from is {}; use 0 for never, or an epoch up to {}",
                learning.norms_still_from, learning.epochs
            ));
        }
        if !(2..=4096).contains(&learning.batch) {
            return bad(format!(
                "learning.batch is {}; use 2 to 4096: a batch norm needs more than one image",
                learning.batch
            ));
        }
        self.augment.check().map_err(|e| RecipeError(format!("augment.{e}")))
    }

    /// Side of the pictures in epoch `epoch` (from 0): a multiple of 16 px, as the layers halve them up to four times.
    pub fn side(&self, epoch: usize) -> usize {
        let full = self.input.size;
        let grown = 2.0 / 3.0 * self.learning.epochs as f64;
        let share = self.learning.first_side + (1.0 - self.learning.first_side) * epoch as f64 / grown.max(1.0);
        if share >= 1.0 {
            return full;
        }
        ((full as f64 * share / 16.0).round() as usize * 16).clamp(16.min(full), full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_named() {
        let wrong = |change: fn(&mut Recipe)| {
            let mut recipe = Preset::Light.recipe();
            change(&mut recipe);
            recipe.check().expect_err("refused").to_string()
        };
        assert!(wrong(|r| r.learning.batch = 1).contains("learning.batch is 1"));
        assert!(wrong(|r| r.learning.rate = f64::NAN).contains("learning.rate is NaN"));
        assert!(wrong(|r| r.data.balance = 1.5).contains("data.balance is 1.5; use 0 to 1"));
        assert!(wrong(|r| r.architecture.stages.clear()).starts_with("architecture."));
        assert!(wrong(|r| r.augment.zoom = 3.0).starts_with("augment.zoom"));
        assert!(wrong(|r| r.input.size = 4).contains("input.size"));
        assert!(wrong(|r| r.learning.epochs = 0).contains("learning.epochs"));
    }

    #[test]
    fn sides_grow_to_the_whole_picture() {
        let mut recipe = Preset::Light.recipe();
        recipe.learning.epochs = 12;
        recipe.learning.first_side = 0.66;
        let sides: Vec<usize> = (0..12).map(|e| recipe.side(e)).collect();
        assert_eq!((sides[0], sides[8], sides[11]), (64, 96, 96));
        assert!(sides.windows(2).all(|w| w[0] <= w[1]) && sides.iter().all(|s| s % 16 == 0), "{sides:?}");
        recipe.learning.first_side = 1.0;
        assert!((0..12).all(|e| recipe.side(e) == 96));
        recipe.input.size = 40;
        assert_eq!(recipe.side(0), 40);
    }
}

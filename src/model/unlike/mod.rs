//! Whether a picture is unlike what a network was trained on: a score of 0..1, and a threshold, both kept in the
//! network's file. Fitting is in [`fit`]; nothing here looks at a picture, only at what the network makes of it.
//!
//! Two things are looked at. How far the features before the last layer lie from those of every class: the Mahalanobis
//! distance to the nearest mean of a class in a set, under one covariance for all (Lee et al., A simple unified framework for
//! detecting out-of-distribution samples, NeurIPS 2018). And how little the most probable class is spoken for: one minus
//! its probability (Hendrycks and Gimpel, A baseline for detecting misclassified and out-of-distribution examples, ICLR
//! 2017). Each is turned into the probability that a picture which the network gets right is as odd, and the two are
//! taken together by Fisher's method (Fisher 1925; for this purpose Haroush et al., A statistical framework for efficient
//! out of distribution detection, ICLR 2022). The score is the share of such pictures that are less odd.
//!
//! The distance alone sees strange pictures and misses mistakes at home; the probability alone does the reverse.

mod fit;
mod linear;
mod tail;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    error::ModelError,
    info::NetworkInfo,
    network::{Output, softmax},
    tensors::Tensors,
};
use crate::domain;
use tail::Tail;

pub use fit::{Labelled, UnlikeError, fit_unlike};

/// The only method that is read.
const METHOD: &str = "mahalanobis+softmax/1";

/// What a network's metadata say of it, under `unlike`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnlikeInfo {
    /// How the score is computed.
    pub method: String,
    /// Scores above this are flagged.
    pub threshold: f64,
    /// Share of the right answers on pictures kept out of training that are flagged.
    pub share: f64,
    /// Number of those answers.
    pub held_out: usize,
}

impl UnlikeInfo {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.method != METHOD {
            return Err(format!(
                "method is `{}`; this program computes `{METHOD}`: use a newer program or fit it again",
                crate::domain::printable(&self.method)
            ));
        }
        if !(0.0..1.0).contains(&self.threshold) {
            return Err(format!(
                "threshold is {}; scores are from 0 to 1, and above it they are flagged",
                self.threshold
            ));
        }
        if !(0.0..1.0).contains(&self.share) {
            return Err(format!("share is {}, which is no share of answers", self.share));
        }
        Ok(())
    }

    /// One clause for people.
    pub fn describe(&self) -> String {
        let Self { method, threshold, share, held_out } = self;
        let share = 100.0 * share;
        format!("{method}, flagged above {threshold:.3}: {share:.1}% of {held_out} right answers on held-out pictures")
    }
}

/// What tells pictures that are unlike a network's training data.
#[derive(Debug, Clone, PartialEq)]
pub struct Unlike {
    about: UnlikeInfo,
    /// Lower triangular [features, features]: makes classes round and of width one.
    whitening: Vec<f32>,
    /// Means of the classes of each set that have one, whitened [means, features].
    means: Vec<f32>,
    /// Whether each output of the network was trained and gets a probability.
    trained: Vec<bool>,
    /// Tails of distance and doubt over right answers on held-out pictures, and of their sum.
    tails: [Tail; 3],
}

/// The tensors of a network file that hold it; all begin with [`Unlike::PREFIX`].
const WHITENING: &str = "unlike.whitening";
const MEANS: &str = "unlike.means";
const TAILS: &str = "unlike.tails";

impl Unlike {
    /// What the names of its tensors begin with.
    pub const PREFIX: &str = "unlike.";

    /// What the metadata say of it.
    pub fn info(&self) -> &UnlikeInfo {
        &self.about
    }

    /// How unlike the training data a picture is, from what the network makes of it: 0..=1.
    ///
    /// 0.9 says that nine of ten pictures of the kind that the network gets right are more like them.
    pub fn score(&self, output: &Output) -> f64 {
        let [distance, doubt] = self.evidence(output);
        // Fisher's statistic, halved: minus the logarithm of the product of both probabilities.
        let together = self.tails[0].rarity(distance) + self.tails[1].rarity(doubt);
        1.0 - (-self.tails[2].rarity(together)).exp()
    }

    /// The score, and whether it is past the threshold.
    pub(super) fn judge(&self, output: &Output) -> domain::Unlike {
        let score = self.score(output);
        domain::Unlike { score: score as f32, flagged: score > self.about.threshold }
    }

    /// Distance and doubt.
    fn evidence(&self, output: &Output) -> [f64; 2] {
        evidence(output, &self.whitening, &self.means, &self.trained)
    }

    /// The tensors that a network file keeps it in: name, shape, values.
    pub fn tensors(&self) -> Vec<(&'static str, Vec<usize>, Vec<f32>)> {
        let features = (self.whitening.len() as f64).sqrt() as usize;
        let tails: Vec<f32> = self.tails.iter().flat_map(Tail::numbers).collect();
        vec![
            (WHITENING, vec![features, features], self.whitening.clone()),
            (MEANS, vec![self.means.len() / features.max(1), features], self.means.clone()),
            (TAILS, vec![self.tails.len(), tail::NUMBERS], tails),
        ]
    }

    /// What goes under `unlike` in a network's metadata.
    pub fn metadata(&self) -> Value {
        serde_json::to_value(&self.about).unwrap_or(Value::Null)
    }

    /// From the tensors of a checked network file.
    ///
    /// # Errors
    /// When a tensor is missing, has another shape than the network needs, or holds what it never would.
    pub(super) fn load(about: &UnlikeInfo, info: &NetworkInfo, tensors: &Tensors<'_>) -> Result<Self, ModelError> {
        let features = info.architecture.features();
        let trained: Vec<bool> = info.classes.iter().map(|c| !info.untrained.contains(c)).collect();
        let whitening = tensors.shaped(WHITENING, &[Some(features), Some(features)])?;
        let means = tensors.shaped(MEANS, &[None, Some(features)])?;
        let numbers = tensors.shaped(TAILS, &[Some(3), Some(tail::NUMBERS)])?;
        let tails: Option<Vec<Tail>> = numbers.chunks_exact(tail::NUMBERS).map(Tail::from_numbers).collect();
        let tails = tails.and_then(|t| <[Tail; 3]>::try_from(t).ok());
        let tails = tails.ok_or_else(|| tensors.bad(TAILS, "values that do not rise; fit it again"))?;
        Ok(Self { about: about.clone(), whitening, means, trained, tails })
    }
}

/// The squared distance of `white` to the nearest of some means, as a share of what is expected in its own class.
fn nearest(white: &[f32], means: &[f32]) -> f64 {
    let distance = |mean: &[f32]| -> f32 {
        let difference: Vec<f32> = white.iter().zip(mean).map(|(a, b)| a - b).collect();
        linear::dot(&difference, &difference)
    };
    let least = means.chunks_exact(white.len().max(1)).map(distance).fold(f32::INFINITY, f32::min);
    f64::from(least) / white.len().max(1) as f64
}

/// Distance and doubt: one minus the largest probability, at a temperature of one, whatever the network's own is.
fn evidence(output: &Output, whitening: &[f32], means: &[f32], trained: &[bool]) -> [f64; 2] {
    let white = linear::times_lower(whitening, &output.features);
    let sure = softmax(&output.logits, trained, 1.0).into_iter().fold(0.0, f32::max);
    [nearest(&white, means), 1.0 - f64::from(sure)]
}

//! The averaged network on images that it does not learn from, through the program's own way of predicting.

use std::{borrow::Cow, sync::atomic::AtomicBool};

use rayon::prelude::*;

use super::{Frames, Lesson, SessionError};
use crate::{
    domain::ClassTable,
    model::{DeviceChoice, Input, Network, NetworkFile, Output, preprocess},
    train::Validation,
};

/// Images that are decoded and then predicted at once.
const AT_ONCE: usize = 64;

/// What a network is loaded with.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The classes.
    pub table: &'a ClassTable,
    /// The device.
    pub choice: DeviceChoice,
}

impl Judge<'_> {
    /// The network of a file's bytes.
    ///
    /// # Errors
    /// When it does not load.
    pub fn network(&self, bytes: &[u8]) -> Result<Network, SessionError> {
        let file = NetworkFile::parse("the network in training", "in training", Cow::Owned(bytes.to_vec()))?;
        Ok(Network::load(&file, self.table, self.choice)?)
    }

    /// Features and logits of images, given as (place in the caller's list, label), in their order; `None`: interrupted.
    ///
    /// # Errors
    /// When a picture cannot be had or the device fails.
    pub fn outputs(
        &self,
        network: &Network,
        images: &[(usize, usize)],
        frames: Frames<'_>,
        cancel: &AtomicBool,
        telling: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<Vec<Output>>, SessionError> {
        let spec = &network.info().input;
        let mut outputs = Vec::with_capacity(images.len());
        for chunk in images.chunks(AT_ONCE) {
            if cancel.load(std::sync::atomic::Ordering::Relaxed) {
                return Ok(None);
            }
            let inputs: Result<Vec<Input>, String> = chunk
                .par_iter()
                .map(|&(image, _)| frames(image).map(|(frame, um_per_px)| preprocess(&frame, um_per_px, spec)))
                .collect();
            outputs.extend(network.outputs(&inputs.map_err(SessionError::Picture)?)?);
            telling(outputs.len(), images.len());
        }
        Ok(Some(outputs))
    }

    /// The figures of a network on the lesson's validation part: outer `None`: interrupted; inner: there is no such part.
    ///
    /// # Errors
    /// As [`Judge::outputs`].
    pub fn validate(
        &self,
        bytes: &[u8],
        lesson: &Lesson,
        frames: Frames<'_>,
        cancel: &AtomicBool,
        telling: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<Option<Validation>>, SessionError> {
        if lesson.validation.is_empty() {
            return Ok(Some(None));
        }
        let network = self.network(bytes)?;
        let Some(outputs) = self.outputs(&network, &lesson.validation, frames, cancel, telling)? else {
            return Ok(None);
        };
        let logits: Vec<Vec<f32>> = outputs.into_iter().map(|o| o.logits).collect();
        Ok(Some(figures(&logits, &lesson.validation, &lesson.trained())))
    }
}

/// The figures of logits; images of classes without training images take no part. `None` when no other is left.
fn figures(logits: &[Vec<f32>], images: &[(usize, usize)], trained: &[bool]) -> Option<Validation> {
    let classes = trained.len();
    let mut confusion = vec![vec![0_u64; classes]; classes];
    let (mut loss, mut n) = (0.0, 0.0);
    for (row, &(_, label)) in logits.iter().zip(images).filter(|(_, image)| trained[image.1]) {
        let scores = || row.iter().zip(trained).filter(|(_, t)| **t).map(|(&v, _)| f64::from(v));
        let most = scores().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores().map(|v| (v - most).exp()).sum();
        loss -= f64::from(row[label]) - most - sum.ln();
        n += 1.0;
        let said = (0..classes).filter(|&c| trained[c]).max_by(|&a, &b| row[a].total_cmp(&row[b]))?;
        confusion[label][said] += 1;
    }
    if n == 0.0 {
        return None;
    }
    let right: u64 = (0..classes).map(|c| confusion[c][c]).sum();
    let f1 = |c: usize| {
        let (of, called) = (confusion[c].iter().sum::<u64>(), confusion.iter().map(|r| r[c]).sum::<u64>());
        (of > 0).then(|| 2.0 * confusion[c][c] as f64 / (of + called) as f64)
    };
    let scores: Vec<f64> = (0..classes).filter_map(f1).collect();
    let round = |v: f64| (v * 1e6).round() / 1e6;
    Some(Validation {
        loss: round(loss / n),
        accuracy: round(right as f64 / n),
        macro_f1: round(scores.iter().sum::<f64>() / scores.len() as f64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_trained_classes() {
        let logits = [vec![2.0, 0.0, 9.0], vec![1.0, 0.0, 9.0], vec![0.0, 3.0, 9.0], vec![0.0, 1.0, 0.0]];
        let images = [(0, 0), (1, 1), (2, 1), (3, 2)];
        let found = figures(&logits, &images, &[true, true, false]).expect("figures");
        let nll = |right: f64, other: f64| ((right.exp() + other.exp()).ln()) - right;
        let wanted = (nll(2.0, 0.0) + nll(0.0, 1.0) + nll(3.0, 0.0)) / 3.0;
        assert!((found.loss - wanted).abs() < 1e-5, "{} {wanted}", found.loss);
        assert!((found.accuracy - 2.0 / 3.0).abs() < 1e-5 && (found.macro_f1 - 2.0 / 3.0).abs() < 1e-5, "{found:?}");
        assert_eq!(figures(&logits[3..], &images[3..], &[true, true, false]), None);
    }
}

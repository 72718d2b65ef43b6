//! How a run ends: with a network, kept for later, or with an error.

use crate::{model::ModelError, train::EpochRecord};

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// All epochs, or none of the last ones was better.
    Finished(Finished),
    /// It was interrupted; the checkpoint is the observer's.
    Interrupted,
}

/// A trained network.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Its tensors as a safetensors file, with metadata that [`NetworkFile`](crate::model::NetworkFile) reads.
    pub bytes: Vec<u8>,
    /// The epochs.
    pub history: Vec<EpochRecord>,
    /// The epoch whose network it is, from 1.
    pub best: usize,
    /// Training images whose labels are doubted: the place in the caller's list, and the mean probability of the label.
    pub doubted: Vec<(usize, f32)>,
}

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A picture could not be had.
    #[error("{0}")]
    Picture(String),
    /// The network or its device.
    #[error("training: {0}; a smaller learning.batch needs less memory")]
    Compute(#[from] candle_core::Error),
    /// The averaged network could not be validated.
    #[error("validation: {0}")]
    Validation(#[from] ModelError),
    /// The loss is no number any more.
    #[error("the loss is {loss} at step {step} of epoch {epoch}; train with a lower learning.rate")]
    Diverged {
        /// The loss.
        loss: f64,
        /// The epoch, from 1.
        epoch: usize,
        /// The step, from 1.
        step: usize,
    },
    /// There is nothing to learn from.
    #[error("{0}")]
    Lesson(String),
    /// A checkpoint does not belong to this run.
    #[error("the checkpoint {0}")]
    Checkpoint(String),
    /// A checkpoint could not be kept.
    #[error("{0}")]
    Keeping(String),
}

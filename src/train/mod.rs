//! Training: the network with its gradients, its loss and its optimiser, and the run that teaches it.
//!
//! candle's autograd holds the network together, and its tensors are what is learnt. On the CPU the layers are this
//! program's own ([`trunk`]); on any other device they are candle's ([`composed`]). [`Session`] is a run: which images an
//! epoch shows ([`order`]), how they are varied ([`augment`]), what a [`Recipe`] says of it all, and [`Checkpoint`]s from
//! which it goes on. No file is read or written here: pictures come from the caller, and files go to it.

pub mod augment;
mod average;
mod checkpoint;
mod composed;
mod feed;
mod file;
mod init;
mod loss;
mod network;
mod optimiser;
pub mod order;
mod random;
mod recipe;
mod record;
mod schedule;
mod session;
pub mod split;
#[cfg(test)]
mod tests;
mod trunk;

pub use augment::Shift;
pub use checkpoint::{Checkpoint, EpochRecord, Validation};
pub use init::Init;
pub use loss::Loss;
pub use network::{Mode, Parameter, Trainable};
pub use optimiser::{AdamW, Rates};
pub use recipe::{Data, Learning, Preset, Recipe, RecipeError};
pub use schedule::Curve;
pub use session::{Ending, Finished, Frame, Frames, Judge, Lesson, Moment, Observer, Session, SessionError};

use candle_core::{Result, Tensor};

/// One step: the loss of a batch before it, and the parameters after it.
///
/// `pictures` are [n, 3, height, width]; `labels` are the classes, as places among the network's outputs. Steps of a
/// learning rate of zero only bring the running statistics forward.
///
/// # Errors
/// When shapes do not fit, a label is no class, or the device fails.
pub fn step(
    network: &Trainable,
    optimiser: &mut AdamW,
    loss: &Loss,
    pictures: &Tensor,
    labels: &[usize],
    learning_rate: f64,
) -> Result<f32> {
    let loss = loss.of(&network.forward(pictures, Mode::Train)?, labels)?;
    optimiser.step(&loss.backward()?, learning_rate)?;
    loss.to_scalar()
}

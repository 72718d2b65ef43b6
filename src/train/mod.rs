//! Training: the network with its gradients, its loss and its optimiser.
//!
//! candle's autograd holds it together, and its tensors are what is learnt. On the CPU the layers are this program's own
//! ([`trunk`]); on any other device they are candle's ([`composed`]). No file is read here and nothing is chosen: which
//! images, in which order and for how long is decided by whoever calls [`step`].

mod composed;
mod file;
mod init;
mod loss;
mod network;
mod optimiser;
#[cfg(test)]
mod tests;
mod trunk;

pub use init::Init;
pub use loss::Loss;
pub use network::{Mode, Parameter, Trainable};
pub use optimiser::{AdamW, Rates};

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

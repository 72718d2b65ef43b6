//! The network: what a network file says about itself, the layers it is made of, the one preprocessing function, and
//! prediction on whichever device there is.
//!
//! candle lives here and nowhere else. No image file is read here (that is intake's), nothing is kept (the store's),
//! and no class means anything here beyond its code in the [`ClassTable`](crate::domain::ClassTable).
//!
//! - [`NetworkFile`] is a network's bytes, hashed and checked, without a tensor built: cheap enough for every start.
//! - [`Network`] is the same, ready to predict on a device.
//! - [`preprocess`] makes an [`Input`] of a frame; training, prediction and explanation all go through it.
//! - [`Gradients`] is the same network with its way back to the input: what explanations are made from.
//! - [`Nearest`] finds the pictures of which a network makes nearly the same as of another one.
//! - [`classify_stream`] runs decoding and the network side by side over any number of images.

pub(crate) mod architecture;
mod colour;
mod compute;
mod device;
mod engine;
mod error;
mod file;
mod folded;
mod gradients;
mod infer;
mod info;
pub mod kernels;
mod layers;
mod nearest;
mod network;
mod pieces;
mod preprocess;
mod record;
mod resnext;
mod stream;
mod tensors;
mod unlike;

pub use architecture::{Architecture, Pool, Stage, Stem};
pub use colour::{Colour, Correction, Stain};
pub use compute::{Compute, Precision};
pub use device::{DeviceChoice, available_devices};
pub use error::ModelError;
pub use file::NetworkFile;
pub use gradients::{Gradients, Sensitivity};
pub use infer::infer_architecture;
pub(crate) use info::FORMAT;
pub use info::{InputSpec, NetworkInfo, describe};
pub use kernels::SimdPath;
pub use nearest::{Imprint, Nearest, Neighbour};
pub use network::{DEFAULT_BATCH, MAX_BATCH, Network, Output};
pub use preprocess::{Input, preprocess};
pub(crate) use preprocess::{resized, sides};
pub use record::describe_training;
pub use stream::{StreamOptions, StreamOutcome, classify_stream};
pub use unlike::{Labelled, Unlike, UnlikeError, UnlikeInfo, fit_unlike};

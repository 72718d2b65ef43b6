//! The layers of a ResNeXt for one picture on a CPU, and their gradients, with the vector instructions that it has.
//!
//! Pictures are slices of planes [channels, height, width]. A layer is planned once, for planes of one size, and computes
//! any range of its blocks of output channels, so that threads can share a picture. candle is not known here: networks
//! are put together in [`engine`](super::engine), and for training in [`trunk`](crate::train). There is no `unsafe`:
//! `pulp` has the instructions, slices the bounds.
//!
//! - [`Pointwise`]: 1x1, a matrix product over packed panels, with the shortcut and the ReLU.
//! - [`Direct`]: grouped k x k, each tap a shifted run over padded planes; the stem too.
//! - [`MaxPool`]: the pool behind a stem.
//! - [`PointwiseGradient`], [`DirectGradient`], [`PoolGradient`]: the way back.
//! - [`moments`], [`join`](fn@join), [`pass`]: what batch norm, shortcut and ReLU need between layers.
//! - [`Source`]: what a layer reads; norm, ReLU and their gradient are computed on the way.
//! - [`dots`]: dot products of 8-bit rows, for [`nearest`](super::nearest).
//! - `tile`: the register tile of the convolutions; `blocks`: their weights in its order; `padded`: planes between zeros.

mod ahead;
mod blocks;
mod direct;
mod direct_gradient;
mod join;
mod moments;
mod narrow;
mod outer;
mod padded;
mod pointwise;
mod pointwise_gradient;
mod pool;
mod pool_gradient;
mod rows;
mod scratch;
mod shape;
mod simd;
mod similar;
mod source;
#[cfg(test)]
mod tests;
mod tile;

pub use ahead::Ahead;
pub use direct::Direct;
pub use direct_gradient::DirectGradient;
pub use join::{Gate, GradientSums, Normed, Shortcut, join, pass};
pub use moments::{Moments, merge, moments};
pub use pointwise::Pointwise;
pub use pointwise_gradient::{Into, Next, PointwiseGradient};
pub use pool::MaxPool;
pub use pool_gradient::PoolGradient;
pub use scratch::{Buffer, Scratch};
pub use shape::{Finish, Plane};
pub use simd::SimdPath;
pub use similar::dots;
pub use source::{Norm, NormGradient, Source};

//! The layers of a ResNeXt for one picture on a CPU, with the vector instructions that it has.
//!
//! Pictures are slices of planes [channels, height, width]. A layer is planned once, for planes of one size, and computes
//! any range of its blocks of output channels, so that threads can share a picture. candle is not known here: networks
//! are put together in [`engine`](super::engine). There is no `unsafe`: `pulp` has the instructions, slices the bounds.
//!
//! - [`Pointwise`]: 1x1, a matrix product over packed panels, with the shortcut and the ReLU.
//! - [`Direct`]: grouped k x k, each tap a shifted run over padded planes; the stem too.
//! - [`MaxPool`]: the pool behind a stem.
//! - `tile`: the register tile of both convolutions; `blocks`: their weights in its order.

mod blocks;
mod direct;
mod pointwise;
mod pool;
mod scratch;
mod shape;
mod simd;
#[cfg(test)]
mod tests;
mod tile;

pub use direct::Direct;
pub use pointwise::Pointwise;
pub use pool::MaxPool;
pub use scratch::{Buffer, Scratch};
pub use shape::{Finish, Plane};
pub use simd::SimdPath;

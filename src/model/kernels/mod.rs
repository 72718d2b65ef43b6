//! ResNeXt layers of one picture on a CPU, with the vector instructions that it has. Plain slices: candle is not known here.
mod blocks;
mod direct;
mod pointwise;
mod scratch;
mod shape;
mod simd;
mod tile;
pub use direct::Direct;
pub use pointwise::Pointwise;
pub use scratch::{Buffer, Scratch};
pub use shape::{Finish, Plane};
pub use simd::SimdPath;

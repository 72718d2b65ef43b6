//! The few positions that a 1x1 convolution is left with when its planes are no whole number of vectors.
//!
//! A vector of which a few lanes are used costs as much as a full one: 49 positions (7 x 7) would cost as much as 64. Here
//! each position is computed on its own, a vector of output channels at a time. It is an operation of its own because the
//! compiler keeps the tiles of [`pointwise`](super::pointwise) in registers only in a function that holds nothing else.

use std::{any::TypeId, ops::Range};

use pulp::{Simd, WithSimd};

use super::{blocks::Blocks, scratch::Buffer, shape::Finish, source::Source};

/// Whether so few positions are computed here.
pub(super) const fn is_narrow(count: usize, lanes: usize) -> bool {
    count * 4 <= lanes
}

/// The positions of `input` from `start` to the end of its planes, of `plane` values each.
pub(super) struct Narrow<'a> {
    pub weights: &'a Blocks,
    pub blocks: Range<usize>,
    pub input: Source<'a>,
    pub plane: usize,
    pub start: usize,
    pub finish: Finish<'a>,
    pub out: &'a mut [f32],
    pub panel: &'a mut Buffer,
}

impl WithSimd for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { weights, blocks, input, plane, start, finish, out, panel } = self;
        let count = plane - start;
        let panel = panel.get(input.len() / plane * count);
        for (channel, to) in panel.chunks_exact_mut(count).enumerate() {
            input.copy(simd, plane, channel, start, to);
        }
        let first = weights.channels(blocks.start).start;
        for block in blocks {
            for position in 0..count {
                let column = Column { panel, count, position };
                let sums = match weights.height {
                    8 => pad(column.sums::<S, 8>(weights.weights(block))),
                    6 => pad(column.sums::<S, 6>(weights.weights(block))),
                    4 => pad(column.sums::<S, 4>(weights.weights(block))),
                    _ => pad(column.sums::<S, 2>(weights.weights(block))),
                };
                let channels = weights.channels(block).zip(weights.biases(block)).zip(sums);
                for ((channel, bias), sum) in channels {
                    let residual = finish.residual.map_or(0.0, |r| r[channel * plane + start + position]);
                    let value = bias + sum + residual;
                    out[(channel - first) * plane + start + position] =
                        if finish.relu { value.max(0.0) } else { value };
                }
            }
        }
    }
}

fn pad<const M: usize>(sums: [f32; M]) -> [f32; 8] {
    std::array::from_fn(|m| sums.get(m).copied().unwrap_or(0.0))
}

/// One of the `count` positions of every input channel.
#[derive(Clone, Copy)]
struct Column<'a> {
    panel: &'a [f32],
    count: usize,
    position: usize,
}

impl Column<'_> {
    /// Sums of a block, in four parts that do not wait for each other.
    #[inline(always)]
    fn sums<S: Simd, const M: usize>(self, weights: &[f32]) -> [f32; M] {
        let mut sums = [[0.0f32; M]; 4];
        let (quads, rest) = weights.as_chunks::<M>().0.as_chunks::<4>();
        let (values, last) = self.panel.split_at(quads.len() * 4 * self.count);
        for (quad, values) in quads.iter().zip(values.chunks_exact(4 * self.count)) {
            for (i, (weights, sums)) in quad.iter().zip(&mut sums).enumerate() {
                add::<S, M>(sums, weights, values[i * self.count + self.position]);
            }
        }
        for (weights, values) in rest.iter().zip(last.chunks_exact(self.count)) {
            add::<S, M>(&mut sums[0], weights, values[self.position]);
        }
        let [a, b, c, d] = sums;
        std::array::from_fn(|m| (a[m] + b[m]) + (c[m] + d[m]))
    }
}

#[inline(always)]
fn add<S: Simd, const M: usize>(sums: &mut [f32; M], weights: &[f32; M], value: f32) {
    for (sum, &weight) in sums.iter_mut().zip(weights) {
        // Without an instruction for it, a fused product is a call to a library.
        let fused = TypeId::of::<S>() != TypeId::of::<pulp::Scalar128b>();
        *sum = if fused { weight.mul_add(value, *sum) } else { weight * value + *sum };
    }
}

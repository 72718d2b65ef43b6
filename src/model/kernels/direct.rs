//! Grouped convolution of one picture with a square kernel, without unrolling it into a matrix.
//!
//! The planes of a group are copied between zeros, so that each tap of the kernel is the same run of positions, shifted:
//! a tile loads vectors at any offset and needs no edge cases. With a stride s the copy deals the positions out to s * s
//! phases, in which the taps are shifts again. Positions between two rows are computed as well and left out when the
//! result is copied to its place.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    blocks::Blocks,
    scratch::Scratch,
    shape::{Finish, Plane},
    tile::{Tile, add_product, biased, copy, thin, with_tile},
};

/// Vectors that a tile may read behind the last position.
const SLACK: usize = 4 * 16;

/// A grouped convolution with bias and padding kernel / 2.
#[derive(Debug, Clone)]
pub struct Direct {
    blocks: Blocks,
    /// Input channels of one group.
    inputs: usize,
    groups: usize,
    kernel: usize,
    stride: usize,
    input: Plane,
    output: Plane,
    /// One phase of a padded plane.
    phase: Plane,
    /// Where each tap reads, from an output's position in the first phase.
    taps: Vec<usize>,
}

impl Direct {
    /// Packs `weights` [outputs, inputs / groups, kernel, kernel] and `biases` [outputs] for planes of size `input`.
    pub fn new(
        path: SimdPath,
        weights: &[f32],
        biases: &[f32],
        (kernel, stride, groups): (usize, usize, usize),
        input: Plane,
    ) -> Self {
        let output = input.strided(kernel, stride);
        let pad = kernel / 2;
        // Without a stride, the padding left of a row also serves as the one right of the row before.
        let phase = match stride {
            1 => Plane { height: input.height + 2 * pad, width: input.width + pad },
            _ => Plane {
                height: (input.height + 2 * pad).div_ceil(stride),
                width: (input.width + 2 * pad).div_ceil(stride),
            },
        };
        let tap = |i: usize| {
            let (y, x) = (i / kernel, i % kernel);
            let plane = y % stride * stride + x % stride;
            plane * phase.len() + y / stride * phase.width + x / stride
        };
        let taps = (0..kernel * kernel).map(tap).collect();
        let inputs = weights.len() / biases.len() / (kernel * kernel);
        let blocks = Blocks::new(weights, biases, groups, path.most_rows());
        Self { blocks, inputs, groups, kernel, stride, input, output, phase, taps }
    }

    /// Blocks of output channels that can be computed on their own.
    pub fn blocks(&self) -> usize {
        self.blocks.count()
    }

    /// The output channels of a range of blocks.
    pub fn channels(&self, blocks: Range<usize>) -> Range<usize> {
        self.blocks.channels_of(blocks)
    }

    /// The planes that it writes.
    pub fn output(&self) -> Plane {
        self.output
    }

    /// Computes the output channels of `blocks` into `out`, which holds just them.
    ///
    /// `input` is a picture [groups * inputs, height, width]. A shortcut is not added here.
    pub fn run(
        &self,
        path: SimdPath,
        blocks: Range<usize>,
        input: &[f32],
        finish: Finish<'_>,
        out: &mut [f32],
        scratch: &mut Scratch,
    ) {
        assert_eq!(input.len(), self.groups * self.inputs * self.input.len(), "a picture of the planned size");
        assert!(finish.residual.is_none(), "only pointwise convolutions end a block");
        path.run(Run { layer: self, blocks, input, relu: finish.relu, out, scratch });
    }

    /// Values of one padded input channel.
    fn channel(&self) -> usize {
        self.stride * self.stride * self.phase.len()
    }

    /// Positions that are computed: whole rows of the phase, but for what follows the last output.
    fn positions(&self) -> usize {
        (self.output.height - 1) * self.phase.width + self.output.width
    }
}

struct Run<'a> {
    layer: &'a Direct,
    blocks: Range<usize>,
    input: &'a [f32],
    relu: bool,
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer, blocks, input, relu, mut out, scratch } = self;
        let height = layer.blocks.height;
        let most = super::simd::vectors::<S>(height);
        let positions = layer.positions();
        let row = positions.next_multiple_of(S::F32_LANES);
        // Zeros once a call: every group overwrites the same places between them.
        let planes = scratch.planes.get(layer.inputs * layer.channel() + SLACK);
        planes.fill(0.0);
        let sums = scratch.sums.get(height * row);
        let mut held = None;
        for block in blocks {
            let group = block / layer.blocks.per_group;
            if held.replace(group) != Some(group) {
                let size = layer.inputs * layer.input.len();
                pad(simd, layer, &input[group * size..][..size], planes);
            }
            let (weights, biases) = (layer.blocks.weights(block), layer.blocks.biases(block));
            let mut start = 0;
            while start < positions {
                let vectors = (positions - start).div_ceil(S::F32_LANES).min(most);
                let at = At { start, row };
                with_tile!(height, vectors, block_of::<S>(simd, layer, weights, biases, planes, at, relu, sums));
                start += vectors * S::F32_LANES;
            }
            for sums in sums.chunks_exact(row).take(layer.blocks.channels(block).len()) {
                let (plane, rest) = out.split_at_mut(layer.output.len());
                for (to, from) in plane.chunks_exact_mut(layer.output.width).zip(sums.chunks(layer.phase.width)) {
                    copy(simd, &from[..layer.output.width], to);
                }
                out = rest;
            }
        }
    }
}

/// Copies the planes of a group between zeros, phase by phase.
#[inline(always)]
fn pad<S: Simd>(simd: S, layer: &Direct, input: &[f32], planes: &mut [f32]) {
    let (stride, pad) = (layer.stride, layer.kernel / 2);
    let channels = planes.chunks_exact_mut(layer.channel());
    for (plane, padded) in input.chunks_exact(layer.input.len()).zip(channels) {
        for (y, row) in plane.chunks_exact(layer.input.width).enumerate() {
            let y = y + pad;
            let line = |x: usize| (y % stride * stride + x) * layer.phase.len() + y / stride * layer.phase.width;
            if stride == 1 {
                copy(simd, row, &mut padded[line(0) + pad..][..row.len()]);
                continue;
            }
            for phase in 0..stride {
                // The first px of the row in this phase of columns, and where it lies in the padded row.
                let first = (phase + stride - pad % stride) % stride;
                let to = &mut padded[line(phase) + (first + pad) / stride..];
                thin(&row[first.min(row.len())..], stride, to);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct At {
    start: usize,
    row: usize,
}

#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one loop, split off so that its tile has constant sides")]
fn block_of<S: Simd, const M: usize, const N: usize>(
    simd: S,
    layer: &Direct,
    weights: &[f32],
    biases: &[f32],
    planes: &[f32],
    at: At,
    relu: bool,
    sums: &mut [f32],
) {
    let mut tile: Tile<S, M, N> = biased::<S, M, N>(simd, biases);
    let mut weights = weights.as_chunks::<M>().0.iter();
    for channel in 0..layer.inputs {
        let plane = &planes[channel * layer.channel() + at.start..];
        for (&tap, weights) in layer.taps.iter().zip(&mut weights) {
            let values = S::as_simd_f32s(&plane[tap..][..N * S::F32_LANES]).0;
            let values: &[S::f32s; N] = values.first_chunk().expect("as many as were asked for");
            add_product(simd, &mut tile, weights, values);
        }
    }
    let zero = simd.splat_f32s(0.0);
    for (m, tile) in tile.iter().enumerate() {
        let to = &mut sums[m * at.row + at.start..][..N * S::F32_LANES];
        for (to, &sum) in S::as_mut_simd_f32s(to).0.iter_mut().zip(tile) {
            *to = if relu { simd.max_f32s(sum, zero) } else { sum };
        }
    }
}

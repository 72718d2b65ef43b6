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
    padded::Padded,
    scratch::Scratch,
    shape::{Finish, Plane},
    source::Source,
    tile::{Tile, add_product, biased, with_tile},
};

/// Vectors that a tile may read behind the last position.
pub(super) const SLACK: usize = 4 * 16;

/// A grouped convolution with bias and padding kernel / 2.
#[derive(Debug, Clone)]
pub struct Direct {
    blocks: Blocks,
    /// Input channels of one group.
    inputs: usize,
    groups: usize,
    output: Plane,
    padded: Padded,
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
        let padded = Padded::new(kernel, stride, input);
        let inputs = weights.len() / biases.len() / (kernel * kernel);
        let blocks = Blocks::new(weights, biases, groups, path.most_rows());
        Self { blocks, inputs, groups, output: input.strided(kernel, stride), padded, taps: padded.taps(kernel) }
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
        self.run_from(path, blocks, Source::Plain(input), finish, out, scratch);
    }

    /// As [`Direct::run`], of a picture that is computed on the way.
    pub fn run_from(
        &self,
        path: SimdPath,
        blocks: Range<usize>,
        input: Source<'_>,
        finish: Finish<'_>,
        out: &mut [f32],
        scratch: &mut Scratch,
    ) {
        assert_eq!(input.len(), self.groups * self.inputs * self.padded.input.len(), "a picture of the planned size");
        assert!(finish.residual.is_none(), "only pointwise convolutions end a block");
        path.run(Run { layer: self, blocks, input, relu: finish.relu, out, scratch });
    }

    /// Puts other weights and biases of the same shape in.
    pub fn fill(&mut self, weights: &[f32], biases: &[f32]) {
        self.blocks.fill(weights, biases);
    }

    /// Positions that are computed: whole rows of the phase, but for what follows the last output.
    fn positions(&self) -> usize {
        (self.output.height - 1) * self.padded.phase.width + self.output.width
    }
}

struct Run<'a> {
    layer: &'a Direct,
    blocks: Range<usize>,
    input: Source<'a>,
    relu: bool,
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer, blocks, input, relu, mut out, scratch } = self;
        let padded = layer.padded;
        let height = layer.blocks.height;
        let row = layer.positions().next_multiple_of(S::F32_LANES);
        // Zeros once a call: every group overwrites the same places between them.
        let planes = scratch.planes.get(layer.inputs * padded.channel + SLACK);
        planes.fill(0.0);
        let (sums, line) = (scratch.sums.get(height * row), scratch.row.get(padded.input.width));
        let shifts = Shifts { channel: padded.channel, taps: &layer.taps };
        let mut held = None;
        for block in blocks {
            let group = block / layer.blocks.per_group;
            if held.replace(group) != Some(group) {
                for (i, plane) in planes.chunks_exact_mut(padded.channel).take(layer.inputs).enumerate() {
                    padded.fill(simd, input, group * layer.inputs + i, plane, line);
                }
            }
            shifted(simd, &layer.blocks, block, planes, shifts, layer.positions(), relu, sums);
            for sums in sums.chunks_exact(row).take(layer.blocks.channels(block).len()) {
                let (plane, rest) = out.split_at_mut(layer.output.len());
                padded.cut(simd, sums, layer.output.width, plane);
                out = rest;
            }
        }
    }
}

/// Where the taps of a kernel read in padded planes.
#[derive(Clone, Copy)]
pub(super) struct Shifts<'a> {
    /// Values from one plane to the next.
    pub channel: usize,
    /// Offset of each tap.
    pub taps: &'a [usize],
}

/// Computes `positions` of the channels of one block into `sums` [height, positions rounded up to whole vectors].
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "all are of different kinds")]
pub(super) fn shifted<S: Simd>(
    simd: S,
    blocks: &Blocks,
    block: usize,
    planes: &[f32],
    shifts: Shifts<'_>,
    positions: usize,
    relu: bool,
    sums: &mut [f32],
) {
    let most = super::simd::vectors::<S>(blocks.height);
    let row = positions.next_multiple_of(S::F32_LANES);
    let (weights, biases) = (blocks.weights(block), blocks.biases(block));
    let mut start = 0;
    while start < positions {
        let vectors = (positions - start).div_ceil(S::F32_LANES).min(most);
        let at = At { start, row };
        with_tile!(blocks.height, vectors, block_of::<S>(simd, weights, biases, planes, shifts, at, relu, sums));
        start += vectors * S::F32_LANES;
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
    weights: &[f32],
    biases: &[f32],
    planes: &[f32],
    shifts: Shifts<'_>,
    at: At,
    relu: bool,
    sums: &mut [f32],
) {
    let mut tile: Tile<S, M, N> = biased::<S, M, N>(simd, biases);
    let channels = weights.as_chunks::<M>().0.chunks_exact(shifts.taps.len());
    for (channel, weights) in channels.enumerate() {
        let plane = &planes[channel * shifts.channel + at.start..];
        for (&tap, weights) in shifts.taps.iter().zip(weights) {
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

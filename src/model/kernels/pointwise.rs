//! 1x1 convolution of one picture: a matrix product whose right side is packed panel by panel.
//!
//! A panel is a few vectors of positions of every input channel, so that a tile reads both of its sides in order. It is
//! packed once and read by every block of output channels; packing also skips the positions that a stride leaves out.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    ahead::{Ahead, STEPS},
    blocks::Blocks,
    narrow::{Narrow, is_narrow},
    scratch::Scratch,
    shape::{Finish, Plane},
    source::Source,
    tile::{Tile, add_product, biased, thin, with_tile},
};

/// A 1x1 convolution with bias.
#[derive(Debug, Clone)]
pub struct Pointwise {
    blocks: Blocks,
    inputs: usize,
    stride: usize,
    input: Plane,
    output: Plane,
}

impl Pointwise {
    /// Packs `weights` [outputs, inputs] and `biases` [outputs] for pictures whose planes are `input`.
    pub fn new(path: SimdPath, weights: &[f32], biases: &[f32], stride: usize, input: Plane) -> Self {
        let output = input.strided(1, stride);
        let blocks = Blocks::new(weights, biases, 1, path.most_rows());
        Self { inputs: weights.len() / biases.len(), blocks, stride, input, output }
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
    /// `input` is a picture [inputs, height, width].
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

    /// As [`Pointwise::run`], of a picture that is computed on the way.
    pub fn run_from(
        &self,
        path: SimdPath,
        blocks: Range<usize>,
        input: Source<'_>,
        finish: Finish<'_>,
        out: &mut [f32],
        scratch: &mut Scratch,
    ) {
        assert_eq!(input.len(), self.inputs * self.input.len(), "a picture of the planned size");
        let (planes, stride) = ((self.input, self.output), self.output.len());
        let run = Run { layer: self, planes, blocks: blocks.clone(), input, finish, out, stride, scratch };
        let start = path.run(run);
        if start < stride {
            let (weights, plane, panel) = (&self.blocks, stride, &mut scratch.panel);
            path.run(Narrow { weights, blocks, input, plane, start, finish, out, panel });
        }
    }

    /// Puts other weights and biases of the same shape in.
    pub fn fill(&mut self, weights: &[f32], biases: &[f32]) {
        self.blocks.fill(weights, biases);
    }

    /// Computes all output channels of rows instead of planes: of `count` values, with `pitch` from one input channel and
    /// `stride` from one output channel to the next. There must be no stride in the plan.
    pub(super) fn run_rows(
        &self,
        path: SimdPath,
        (count, pitch): (usize, usize),
        input: &[f32],
        (out, stride): (&mut [f32], usize),
        scratch: &mut Scratch,
    ) {
        assert_eq!((input.len(), self.stride), (self.inputs * pitch, 1), "a row of each input channel");
        let row = |width| Plane { height: 1, width };
        let planes = (row(pitch), row(count));
        let (blocks, finish, input) = (0..self.blocks.count(), Finish::default(), Source::Plain(input));
        path.run(Run { layer: self, planes, blocks, input, finish, out, stride, scratch });
    }
}

struct Run<'a> {
    layer: &'a Pointwise,
    /// Input and output.
    planes: (Plane, Plane),
    blocks: Range<usize>,
    input: Source<'a>,
    finish: Finish<'a>,
    out: &'a mut [f32],
    /// Values from one output channel to the next.
    stride: usize,
    scratch: &'a mut Scratch,
}

impl WithSimd for Run<'_> {
    /// The first position that is left to [`Narrow`].
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let Self { layer, planes, blocks, input, finish, out, stride, scratch } = self;
        let most = super::simd::vectors::<S>(layer.blocks.height);
        // Rows, which gradients are made of, are computed here to their end.
        let left = planes.1.len() % S::F32_LANES;
        let narrow = layer.stride == 1 && is_narrow(left, S::F32_LANES) && planes.1.height > 1;
        let positions = planes.1.len() - if narrow { left } else { 0 };
        let first = layer.blocks.channels(blocks.start).start;
        let (panel, row) = (scratch.panel.get(layer.inputs * most * S::F32_LANES), scratch.row.get(planes.0.width));
        let ahead = &mut scratch.ahead;
        let mut start = 0;
        while start < positions {
            let count = (positions - start).min(most * S::F32_LANES);
            let vectors = count.div_ceil(S::F32_LANES);
            let width = vectors * S::F32_LANES;
            let panel = &mut panel[..layer.inputs * width];
            pack(simd, layer, planes, input, start..start + count, panel, row);
            for block in blocks.clone() {
                let channels = layer.blocks.channels(block);
                let at = (channels.start - first) * stride + start;
                let rows = Rows { count: channels.len(), stride, width: count };
                let residual = finish.residual.map(|r| &r[channels.start * stride + start..]);
                let (weights, biases) = (layer.blocks.weights(block), layer.blocks.biases(block));
                let out = &mut out[at..];
                with_tile!(
                    layer.blocks.height,
                    vectors,
                    block_of::<S>(simd, weights, biases, panel, rows, residual, finish.relu, out, ahead)
                );
            }
            start += count;
        }
        positions
    }
}

/// Where a tile goes in the output.
#[derive(Clone, Copy)]
struct Rows {
    count: usize,
    stride: usize,
    width: usize,
}

/// Copies these positions of every input channel; what a vector holds beyond them is zero.
#[inline(always)]
fn pack<S: Simd>(
    simd: S,
    layer: &Pointwise,
    (input, output): (Plane, Plane),
    source: Source<'_>,
    positions: Range<usize>,
    panel: &mut [f32],
    row: &mut [f32],
) {
    let count = positions.len();
    for (channel, to) in panel.chunks_exact_mut(panel.len() / layer.inputs).enumerate() {
        let (to, behind) = to.split_at_mut(count);
        if layer.stride == 1 {
            source.copy(simd, input.len(), channel, positions.start, to);
        } else {
            let (mut y, mut x, mut done) = (positions.start / output.width, positions.start % output.width, 0);
            while done < count {
                let length = (output.width - x).min(count - done);
                let from = source.read(simd, input.len(), channel, y * layer.stride * input.width, row);
                thin(&from[x * layer.stride..], layer.stride, &mut to[done..done + length]);
                (y, x, done) = (y + 1, 0, done + length);
            }
        }
        behind.fill(0.0);
    }
}

#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one loop, split off so that its tile has constant sides")]
fn block_of<S: Simd, const M: usize, const N: usize>(
    simd: S,
    weights: &[f32],
    biases: &[f32],
    panel: &[f32],
    rows: Rows,
    residual: Option<&[f32]>,
    relu: bool,
    out: &mut [f32],
    ahead: &mut Ahead,
) {
    let mut tile: Tile<S, M, N> = biased::<S, M, N>(simd, biases);
    let panel = S::as_simd_f32s(panel).0.as_chunks::<N>().0;
    for (weights, values) in weights.as_chunks::<M>().0.chunks(STEPS).zip(panel.chunks(STEPS)) {
        ahead.step();
        for (weights, values) in weights.iter().zip(values) {
            add_product(simd, &mut tile, weights, values);
        }
    }
    for (m, sums) in tile.iter().enumerate().take(rows.count) {
        let row = &mut out[m * rows.stride..][..rows.width];
        let residual = residual.map(|r| &r[m * rows.stride..][..rows.width]);
        store(simd, sums, residual, relu, row);
    }
}

/// Writes the sums of one output channel, after the shortcut and the ReLU.
#[inline(always)]
fn store<S: Simd, const N: usize>(simd: S, sums: &[S::f32s; N], residual: Option<&[f32]>, relu: bool, row: &mut [f32]) {
    let zero = simd.splat_f32s(0.0);
    let (full, tail) = S::as_mut_simd_f32s(row);
    for n in 0..N {
        let mut value = sums[n];
        if let Some(residual) = residual {
            let from = &residual[n * S::F32_LANES..];
            value = simd.add_f32s(
                value,
                match S::as_simd_f32s(from).0.first() {
                    Some(&all) => all,
                    None => simd.partial_load_f32s(from),
                },
            );
        }
        if relu {
            value = simd.max_f32s(value, zero);
        }
        match full.get_mut(n) {
            Some(to) => *to = value,
            None => simd.partial_store_f32s(tail, value),
        }
    }
}

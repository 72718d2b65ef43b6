//! The gradient of a 1x1 convolution with respect to its weights: outer products of two pictures, summed over positions.
//!
//! One side is transposed panel by panel, so that a vector holds a few of its channels at one position; the other side is
//! read where it lies, a value at a time. The register tile is that of the convolutions.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    ahead::{Ahead, STEPS},
    blocks::best_height,
    scratch::Scratch,
    tile::{Tile, add_product, with_tile},
};

/// Planes are this many values, or a multiple: what is behind the last position is zero.
pub const PITCH: usize = STEPS;

/// Positions whose panel is kept in the cache nearest to the processor but one.
const DEPTH: usize = 576;

/// Planes [channels, pitch], of which each is read from `start`.
#[derive(Debug, Clone, Copy)]
pub struct Planes<'a> {
    /// All values.
    pub values: &'a [f32],
    /// Values from one plane to the next.
    pub pitch: usize,
    /// First value of each that is read.
    pub start: usize,
}

impl<'a> Planes<'a> {
    #[inline(always)]
    fn row(self, channel: usize, from: usize, count: usize) -> &'a [f32] {
        &self.values[channel * self.pitch + self.start + from..][..count]
    }
}

/// A plan for pictures of `left` and `right` channels.
#[derive(Debug, Clone, Copy)]
pub struct Outer {
    left: usize,
    right: usize,
    height: usize,
}

impl Outer {
    /// Sums [left, right] of products of planes.
    pub fn new(path: SimdPath, left: usize, right: usize) -> Self {
        Self { left, right, height: best_height(left, path.most_rows()) }
    }

    /// Adds the products of the first `count` values of each plane of both sides to `sums` [left, right].
    pub fn add(
        &self,
        path: SimdPath,
        count: usize,
        left: Planes<'_>,
        right: Planes<'_>,
        sums: &mut [f32],
        scratch: &mut Scratch,
    ) {
        assert_eq!(sums.len(), self.left * self.right, "a sum for each pair of channels");
        assert_eq!(count % PITCH, 0, "planes end in zeros");
        path.run(Run { plan: *self, count, left, right, sums, scratch });
    }
}

struct Run<'a> {
    plan: Outer,
    count: usize,
    left: Planes<'a>,
    right: Planes<'a>,
    sums: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { plan, count, left, right, sums, scratch } = self;
        let most = super::simd::vectors::<S>(plan.height) * S::F32_LANES;
        let (panel, ahead) = (scratch.panel.get(DEPTH * most), &mut scratch.ahead);
        for first in (0..plan.right).step_by(most) {
            let width = (plan.right - first).min(most);
            let vectors = width.div_ceil(S::F32_LANES);
            for start in (0..count).step_by(DEPTH) {
                let depth = (count - start).min(DEPTH);
                let panel = &mut panel[..depth * vectors * S::F32_LANES];
                transpose(right, first..first + width, start, depth, panel, vectors * S::F32_LANES);
                for row in (0..plan.left).step_by(plan.height) {
                    let at = At { row, rows: (plan.left - row).min(plan.height), first, width, start, depth };
                    with_tile!(plan.height, vectors, block_of::<S>(simd, plan, at, left, panel, sums, ahead));
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct At {
    row: usize,
    rows: usize,
    first: usize,
    width: usize,
    start: usize,
    depth: usize,
}

/// Makes [depth, pitch] of the rows of `right`, four of them at a time: four by four values become shuffles.
#[inline(always)]
fn transpose(right: Planes<'_>, channels: Range<usize>, start: usize, depth: usize, panel: &mut [f32], pitch: usize) {
    const SIDE: usize = 4;
    for first in channels.clone().step_by(SIDE) {
        let at = first - channels.start;
        if first + SIDE > channels.end {
            for channel in first..channels.end {
                let row = right.row(channel, start, depth);
                let column = panel[at + channel - first..].iter_mut().step_by(pitch);
                column.zip(row).for_each(|(to, &value)| *to = value);
            }
            continue;
        }
        let rows: [_; SIDE] = std::array::from_fn(|i| right.row(first + i, start, depth).as_chunks::<SIDE>().0);
        for (k, to) in panel.chunks_exact_mut(SIDE * pitch).enumerate() {
            let [a, b, c, d] = rows.map(|row| row[k]);
            for j in 0..SIDE {
                to[j * pitch + at..][..SIDE].copy_from_slice(&[a[j], b[j], c[j], d[j]]);
            }
        }
    }
}

#[inline(always)]
fn block_of<S: Simd, const M: usize, const N: usize>(
    simd: S,
    plan: Outer,
    at: At,
    left: Planes<'_>,
    panel: &[f32],
    sums: &mut [f32],
    ahead: &mut Ahead,
) {
    let mut tile: Tile<S, M, N> = [[simd.splat_f32s(0.0); N]; M];
    // Rows beyond the last are read twice and not written.
    let rows: [&[[f32; PITCH]]; M] =
        std::array::from_fn(|m| left.row(at.row + m.min(at.rows - 1), at.start, at.depth).as_chunks().0);
    let panel = S::as_simd_f32s(panel).0.as_chunks::<N>().0.as_chunks::<PITCH>().0;
    for (k, values) in panel.iter().enumerate() {
        ahead.step();
        let rows: [&[f32; PITCH]; M] = std::array::from_fn(|m| &rows[m][k]);
        for (k, values) in values.iter().enumerate() {
            add_product(simd, &mut tile, &std::array::from_fn(|m| rows[m][k]), values);
        }
    }
    for (m, tile) in tile.iter().enumerate().take(at.rows) {
        let to = &mut sums[(at.row + m) * plan.right + at.first..][..at.width];
        let (full, tail) = S::as_mut_simd_f32s(to);
        for (n, &sum) in tile.iter().enumerate() {
            match full.get_mut(n) {
                Some(to) => *to = simd.add_f32s(*to, sum),
                None => {
                    let before = simd.partial_load_f32s(tail);
                    simd.partial_store_f32s(tail, simd.add_f32s(before, sum));
                }
            }
        }
    }
}

//! The gradient of a 1x1 convolution with respect to its weights: outer products of two pictures, summed over positions.
//!
//! One side is transposed panel by panel, so that a vector holds a few of its channels at one position; the other side is
//! read where it lies, a value at a time. The register tile is that of the convolutions.

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    blocks::best_height,
    scratch::Buffer,
    tile::{Tile, add_product, with_tile},
};

/// Planes are this many values, or a multiple: what is behind the last position is zero.
pub const PITCH: usize = 16;

/// Positions whose panel is kept in the cache nearest to the processor but one.
const DEPTH: usize = 384;

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

    /// Adds the products of `left` [left, pitch] and `right` [right, pitch] to `sums` [left, right].
    pub fn add(&self, path: SimdPath, left: &[f32], right: &[f32], sums: &mut [f32], panel: &mut Buffer) {
        let pitch = left.len() / self.left;
        assert_eq!(
            (left.len(), right.len(), sums.len()),
            (self.left * pitch, self.right * pitch, self.left * self.right)
        );
        assert_eq!(pitch % PITCH, 0, "planes end in zeros");
        path.run(Run { plan: *self, pitch, left, right, sums, panel });
    }
}

struct Run<'a> {
    plan: Outer,
    pitch: usize,
    left: &'a [f32],
    right: &'a [f32],
    sums: &'a mut [f32],
    panel: &'a mut Buffer,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { plan, pitch, left, right, sums, panel } = self;
        let most = super::simd::vectors::<S>(plan.height) * S::F32_LANES;
        let panel = panel.get(DEPTH * most);
        for first in (0..plan.right).step_by(most) {
            let width = (plan.right - first).min(most);
            let vectors = width.div_ceil(S::F32_LANES);
            for start in (0..pitch).step_by(DEPTH) {
                let depth = (pitch - start).min(DEPTH);
                let panel = &mut panel[..depth * vectors * S::F32_LANES];
                let rows = right[first * pitch..].chunks_exact(pitch).take(width);
                transpose(rows, start, depth, panel, vectors * S::F32_LANES);
                for row in (0..plan.left).step_by(plan.height) {
                    let at = At { row, rows: (plan.left - row).min(plan.height), first, width, start, depth };
                    with_tile!(plan.height, vectors, block_of::<S>(simd, plan, pitch, at, left, panel, sums));
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

/// Makes [depth, pitch] of `depth` values of each row from `start`.
#[inline(always)]
fn transpose<'a>(rows: impl Iterator<Item = &'a [f32]>, start: usize, depth: usize, panel: &mut [f32], pitch: usize) {
    for (i, row) in rows.enumerate() {
        for (to, &value) in panel.chunks_exact_mut(pitch).zip(&row[start..start + depth]) {
            to[i] = value;
        }
    }
}

#[inline(always)]
fn block_of<S: Simd, const M: usize, const N: usize>(
    simd: S,
    plan: Outer,
    pitch: usize,
    at: At,
    left: &[f32],
    panel: &[f32],
    sums: &mut [f32],
) {
    let mut tile: Tile<S, M, N> = [[simd.splat_f32s(0.0); N]; M];
    // Rows beyond the last are read twice and not written.
    let rows: [&[[f32; PITCH]]; M] = std::array::from_fn(|m| {
        let row = at.row + m.min(at.rows - 1);
        left[row * pitch + at.start..][..at.depth].as_chunks().0
    });
    let panel = S::as_simd_f32s(panel).0.as_chunks::<N>().0.as_chunks::<PITCH>().0;
    for (k, values) in panel.iter().enumerate() {
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

//! Loops over rows of any length, a vector at a time.

use pulp::Simd;

use super::source::Norm;
use super::tile::multiply_add;

/// What is done to each vector of `K` rows, and to what was in the row that is written.
pub(super) trait Each<S: Simd, const K: usize> {
    /// The value that is written. Lanes behind a row's end hold zeros, and what becomes of them is not written.
    fn each(&mut self, simd: S, values: [S::f32s; K], before: S::f32s) -> S::f32s;
}

/// Writes `out`, which is as long as each of the rows.
#[inline(always)]
pub(super) fn map<S: Simd, const K: usize>(simd: S, rows: [&[f32]; K], out: &mut [f32], each: &mut impl Each<S, K>) {
    let (out, out_tail) = S::as_mut_simd_f32s(out);
    let vectors: [&[S::f32s]; K] = std::array::from_fn(|k| &S::as_simd_f32s(rows[k]).0[..out.len()]);
    for (i, out) in out.iter_mut().enumerate() {
        *out = each.each(simd, std::array::from_fn(|k| vectors[k][i]), *out);
    }
    if !out_tail.is_empty() {
        let values = std::array::from_fn(|k| simd.partial_load_f32s(S::as_simd_f32s(rows[k]).1));
        let value = each.each(simd, values, simd.partial_load_f32s(out_tail));
        simd.partial_store_f32s(out_tail, value);
    }
}

/// A channel's [`Norm`] in vectors.
#[derive(Clone, Copy)]
pub(super) struct Normalise<S: Simd> {
    mean: S::f32s,
    scale: S::f32s,
    shift: S::f32s,
}

impl<S: Simd> Normalise<S> {
    #[inline(always)]
    pub fn new(simd: S, Norm { mean, scale, shift }: Norm) -> Self {
        Self { mean: simd.splat_f32s(mean), scale: simd.splat_f32s(scale), shift: simd.splat_f32s(shift) }
    }

    /// Distance from the mean.
    #[inline(always)]
    pub fn deviation(self, simd: S, x: S::f32s) -> S::f32s {
        simd.sub_f32s(x, self.mean)
    }

    /// The normalised value of a deviation.
    #[inline(always)]
    pub fn of_deviation(self, simd: S, deviation: S::f32s) -> S::f32s {
        multiply_add(simd, deviation, self.scale, self.shift)
    }

    /// The normalised value.
    #[inline(always)]
    pub fn of(self, simd: S, x: S::f32s) -> S::f32s {
        self.of_deviation(simd, self.deviation(simd, x))
    }
}

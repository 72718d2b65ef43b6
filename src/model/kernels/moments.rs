//! Means and squared deviations of planes, merged over a batch without loss.

use pulp::{Simd, WithSimd};

use super::{SimdPath, tile::multiply_add};

/// Mean of a plane, and the sum of squared deviations from it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f32,
    /// Sum of squared deviations.
    pub squares: f32,
}

/// Mean and sum of squared deviations of planes of `length` values together (Chan, Golub and LeVeque 1979).
pub fn merge(planes: impl Iterator<Item = Moments> + Clone, length: usize) -> (f64, f64) {
    let (count, length) = (planes.clone().count() as f64, length as f64);
    let mean = planes.clone().map(|p| f64::from(p.mean)).sum::<f64>() / count;
    let squares = |p: Moments| f64::from(p.squares) + length * (f64::from(p.mean) - mean).powi(2);
    (mean, planes.map(squares).sum())
}

/// Computes the moments of each plane of `picture`, as many as `moments` has room for.
pub fn moments(path: SimdPath, picture: &[f32], moments: &mut [Moments]) {
    path.run(OfPlanes { picture, moments });
}

struct OfPlanes<'a> {
    picture: &'a [f32],
    moments: &'a mut [Moments],
}

impl WithSimd for OfPlanes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let length = self.picture.len() / self.moments.len();
        for (plane, to) in self.picture.chunks_exact(length).zip(self.moments) {
            let mean = sum(simd, plane, None) / length as f32;
            let squares = sum(simd, plane, Some(mean));
            *to = Moments { mean, squares };
        }
    }
}

/// Sum of the values, or of the squares of their distances from `from`.
#[inline(always)]
fn sum<S: Simd>(simd: S, values: &[f32], from: Option<f32>) -> f32 {
    const SUMS: usize = 4;
    let mut sums = [simd.splat_f32s(0.0); SUMS];
    let centre = simd.splat_f32s(from.unwrap_or(0.0));
    let (vectors, tail) = S::as_simd_f32s(values);
    let (fours, rest) = vectors.as_chunks::<SUMS>();
    for four in fours {
        for (sum, &value) in sums.iter_mut().zip(four) {
            let distance = simd.sub_f32s(value, centre);
            *sum = match from {
                Some(_) => multiply_add(simd, distance, distance, *sum),
                None => simd.add_f32s(*sum, value),
            };
        }
    }
    for (sum, &value) in sums.iter_mut().zip(rest) {
        let distance = simd.sub_f32s(value, centre);
        *sum = match from {
            Some(_) => multiply_add(simd, distance, distance, *sum),
            None => simd.add_f32s(*sum, value),
        };
    }
    let [a, b, c, d] = sums;
    let all = simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d));
    let of = |v: f32| from.map_or(v, |f| (v - f) * (v - f));
    simd.reduce_sum_f32s(all) + tail.iter().map(|&v| of(v)).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planes that lie far from zero, in which a sum of squares would lose all of the variance, and of a length that fits
    /// no vector.
    #[test]
    fn moments_of_planes_far_from_zero_are_kept_and_merged() {
        const LENGTH: usize = 77;
        let value = |plane: usize, i: usize| 4096.0 + plane as f32 + (i * 37 % 64) as f32 / 64.0;
        let planes: Vec<f32> = (0..6).flat_map(|p| (0..LENGTH).map(move |i| value(p, i))).collect();
        let mean = planes.iter().map(|&v| f64::from(v)).sum::<f64>() / planes.len() as f64;
        let squares = planes.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
        for path in SimdPath::available() {
            let mut found = [Moments::default(); 6];
            moments(path, &planes, &mut found);
            let (found_mean, found_squares) = merge(found.into_iter(), LENGTH);
            assert!((found_mean - mean).abs() < 1e-3, "{}: {found_mean} for {mean}", path.name());
            assert!((found_squares / squares - 1.0).abs() < 1e-3, "{}: {found_squares} for {squares}", path.name());
        }
    }
}

//! The covariance within classes, made sound by shrinkage, and what makes it round.

use candle_core::{DType, Device, Result, Tensor};

/// What takes differences of features to a space in which classes are round and of width one.
pub(super) struct Whitening {
    /// Lower triangular, row by row [features, features]; its product with the covariance and itself is the identity.
    pub matrix: Vec<f32>,
}

impl Whitening {
    /// Of deviations from the classes' means, row by row [n, features].
    ///
    /// The covariance is shrunk towards a multiple of the identity by the weight of Ledoit and Wolf (A well-conditioned
    /// estimator for large-dimensional covariance matrices, J. Multivariate Analysis 2004), so that there is an inverse
    /// with fewer pictures than features, and with features that are always zero.
    ///
    /// # Errors
    /// When the deviations are all zero, or the computation fails.
    pub fn of(deviations: Vec<f32>, features: usize) -> Result<Option<Self>> {
        let n = deviations.len() / features.max(1);
        let fourth: f64 = deviations.chunks_exact(features.max(1)).map(|row| square(row).powi(2)).sum();
        let rows = Tensor::from_vec(deviations, (n, features), &Device::Cpu)?.to_dtype(DType::F64)?;
        let covariance = (rows.t()?.matmul(&rows)? / n.max(1) as f64)?;
        let mut covariance = covariance.flatten_all()?.to_vec1::<f64>()?;
        Ok(shrink(&mut covariance, features, (n, fourth)).filter(|_| cholesky(&mut covariance, features)).map(|_| {
            let matrix = inverse_of_lower(&covariance, features).into_iter().map(|v| v as f32).collect();
            Self { matrix }
        }))
    }
}

/// Replaces a share of a covariance by its mean variance, and tells the share; `None`: nothing varies. It is of `n` rows
/// whose lengths to the fourth power add up to `fourth`.
fn shrink(covariance: &mut [f64], features: usize, (n, fourth): (usize, f64)) -> Option<f64> {
    let mean = covariance.iter().step_by(features + 1).sum::<f64>() / features.max(1) as f64;
    if !(mean.is_finite() && mean > 0.0) {
        return None;
    }
    let norm: f64 = covariance.iter().map(|v| v * v).sum();
    // Squared distances of the covariance, to its target and to the truth.
    let to_target = norm - features as f64 * mean * mean;
    let to_truth = ((fourth - n as f64 * norm) / (n as f64).powi(2)).max(0.0);
    let share = if to_target > 0.0 { (to_truth / to_target).clamp(LEAST_SHRINKAGE, 1.0) } else { 1.0 };
    covariance.iter_mut().for_each(|v| *v *= 1.0 - share);
    covariance.iter_mut().step_by(features + 1).for_each(|v| *v += share * mean);
    Some(share)
}

/// However many pictures there are: a feature that is never active varies by this share of the mean variance.
const LEAST_SHRINKAGE: f64 = 1e-3;

fn square(row: &[f32]) -> f64 {
    row.iter().map(|v| f64::from(*v).powi(2)).sum()
}

/// Replaces the lower triangle of a symmetric matrix by its Cholesky factor; `false`: it is not positive definite.
fn cholesky(matrix: &mut [f64], n: usize) -> bool {
    for row in 0..n {
        let (above, own) = matrix.split_at_mut(row * n);
        for column in 0..row {
            let other = &above[column * n..][..=column];
            let sum: f64 = own[..column].iter().zip(other).map(|(a, b)| a * b).sum();
            own[column] = (own[column] - sum) / other[column];
        }
        let rest = own[row] - own[..row].iter().map(|v| v * v).sum::<f64>();
        if rest.is_nan() || rest <= 0.0 {
            return false;
        }
        own[row] = rest.sqrt();
    }
    true
}

/// The inverse of the lower triangle of a matrix, with zeros above the diagonal.
fn inverse_of_lower(lower: &[f64], n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for row in 0..n {
        let (above, own) = inverse.split_at_mut(row * n);
        // Each row of the inverse from those above it.
        for (k, factor) in lower[row * n..][..row].iter().enumerate() {
            for (out, value) in own[..=k].iter_mut().zip(&above[k * n..][..=k]) {
                *out -= factor * value;
            }
        }
        own[row] = 1.0;
        let diagonal = lower[row * n + row];
        own[..=row].iter_mut().for_each(|v| *v /= diagonal);
    }
    inverse
}

/// The product of a lower triangular matrix [n, n] and a vector.
pub(super) fn times_lower(matrix: &[f32], vector: &[f32]) -> Vec<f32> {
    let rows = matrix.chunks_exact(vector.len().max(1)).enumerate();
    rows.map(|(i, row)| dot(&row[..=i], &vector[..=i])).collect()
}

/// A dot product summed in eight lanes.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a8, a1), (b8, b1)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0_f32; 8];
    for (a, b) in a8.iter().zip(b8) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + a1.iter().zip(b1).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use rand_pcg::{Pcg64, rand_core::RngCore};

    use super::*;

    /// Deviations of three features: the first wide, the second a mixture with it, the third never active.
    fn deviations(n: usize) -> Vec<f32> {
        let mut random = Pcg64::new(3, 5);
        let mut even = || (random.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0;
        (0..n)
            .flat_map(|_| {
                let (a, b) = (3.0 * even(), even());
                [a, 0.5 * a + b, 0.0]
            })
            .collect()
    }

    #[test]
    fn whitened_deviations_are_round() {
        let rows = deviations(4000);
        let whitening = Whitening::of(rows.clone(), 3).expect("computed").expect("deviations");
        let white: Vec<Vec<f32>> = rows.chunks_exact(3).map(|r| times_lower(&whitening.matrix, r)).collect();
        let moment = |i: usize, j: usize| white.iter().map(|r| r[i] * r[j]).sum::<f32>() / white.len() as f32;
        assert!((moment(0, 0) - 1.0).abs() < 0.02 && (moment(1, 1) - 1.0).abs() < 0.02, "{}", moment(1, 1));
        assert!(moment(0, 1).abs() < 0.02 && moment(2, 2).abs() < 1e-6);
    }

    #[test]
    fn few_pictures_are_shrunk_more_and_none_at_all_give_nothing() {
        let of = |n: usize| {
            let rows = deviations(n);
            let mut covariance = vec![0.0; 9];
            for (row, (i, j)) in rows.chunks_exact(3).flat_map(|r| (0..9).map(move |k| (r, (k / 3, k % 3)))) {
                covariance[3 * i + j] += f64::from(row[i] * row[j]) / n as f64;
            }
            let fourth = rows.chunks_exact(3).map(|r| square(r).powi(2)).sum();
            let trace = |c: &[f64]| c[0] + c[4] + c[8];
            let before = trace(&covariance);
            let share = shrink(&mut covariance, 3, (n, fourth)).expect("deviations");
            assert!((trace(&covariance) - before).abs() < 1e-9 && covariance[8] > 0.0);
            share
        };
        assert!(of(5) > of(50) && of(50) > of(2000) && of(2000) < 0.01, "{} {} {}", of(5), of(50), of(2000));
        assert!(Whitening::of(vec![0.0; 12], 3).expect("computed").is_none());
    }

    #[test]
    fn a_factor_and_its_inverse_give_the_matrix_back() {
        let matrix = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let mut factor = matrix;
        assert!(cholesky(&mut factor, 3));
        let inverse = inverse_of_lower(&factor, 3);
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (j..=i).map(|k| inverse[i * 3 + k] * factor[k * 3 + j]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j}");
                let back: f64 = (0..=i.min(j)).map(|k| factor[i * 3 + k] * factor[j * 3 + k]).sum();
                assert!((back - matrix[i * 3 + j]).abs() < 1e-12, "{i} {j}");
            }
        }
        assert!(!cholesky(&mut [1.0, 2.0, 2.0, 1.0], 2), "not positive definite");
    }
}

//! The register tile that both convolutions are made of: a few output channels times a few vectors of positions.

use std::any::TypeId;

use pulp::Simd;

/// Accumulators of `M` output channels and `N` vectors of positions.
pub(super) type Tile<S, const M: usize, const N: usize> = [[<S as Simd>::f32s; N]; M];

/// A tile that holds its channels' biases.
#[inline(always)]
pub(super) fn biased<S: Simd, const M: usize, const N: usize>(simd: S, biases: &[f32]) -> Tile<S, M, N> {
    let biases: &[f32; M] = biases.first_chunk().expect("a bias a row");
    std::array::from_fn(|m| [simd.splat_f32s(biases[m]); N])
}

/// Adds the outer product of `weights` [M] and `values` [N vectors].
#[inline(always)]
pub(super) fn add_product<S: Simd, const M: usize, const N: usize>(
    simd: S,
    tile: &mut Tile<S, M, N>,
    weights: &[f32; M],
    values: &[S::f32s; N],
) {
    for m in 0..M {
        let weight = simd.splat_f32s(weights[m]);
        for n in 0..N {
            tile[m][n] = multiply_add(simd, weight, values[n], tile[m][n]);
        }
    }
}

/// `a * b + c`, fused where the processor does that.
#[inline(always)]
pub(super) fn multiply_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    // pulp's portable lanes call a library for a fused product, one lane at a time: 60 times slower than two operations.
    if TypeId::of::<S>() == TypeId::of::<pulp::Scalar128b>() {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    } else {
        simd.mul_add_e_f32s(a, b, c)
    }
}

/// Every `stride`th value of `from`, beginning with its first, for as long as both last.
#[inline(always)]
pub(super) fn thin(from: &[f32], stride: usize, to: &mut [f32]) {
    if stride == 2 {
        // The usual case in a form that the compiler turns into shuffles.
        let (pairs, odd) = from.as_chunks::<2>();
        for (to, pair) in to.iter_mut().zip(pairs) {
            *to = pair[0];
        }
        if let (Some(to), Some(&last)) = (to.get_mut(pairs.len()), odd.first()) {
            *to = last;
        }
    } else {
        for (to, from) in to.iter_mut().zip(from.iter().step_by(stride)) {
            *to = *from;
        }
    }
}

/// Copies a row of any length, vector by vector: shorter rows than a call to `memcpy` pays for.
#[inline(always)]
pub(super) fn copy<S: Simd>(simd: S, from: &[f32], to: &mut [f32]) {
    let (from, from_tail) = S::as_simd_f32s(from);
    let (to, to_tail) = S::as_mut_simd_f32s(to);
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    if !from_tail.is_empty() {
        simd.partial_store_f32s(to_tail, simd.partial_load_f32s(from_tail));
    }
}

/// Calls `$run::<S, M, N>($($argument),*)` with the constants that equal `$m` and `$n`.
macro_rules! with_tile {
    ($m:expr, $n:expr, $run:ident::<$S:ident>($($argument:expr),* $(,)?)) => {
        match ($m, $n) {
            (8, 3) => $run::<$S, 8, 3>($($argument),*),
            (8, 2) => $run::<$S, 8, 2>($($argument),*),
            (8, _) => $run::<$S, 8, 1>($($argument),*),
            (6, 4) => $run::<$S, 6, 4>($($argument),*),
            (6, 3) => $run::<$S, 6, 3>($($argument),*),
            (6, 2) => $run::<$S, 6, 2>($($argument),*),
            (6, _) => $run::<$S, 6, 1>($($argument),*),
            (4, 4) => $run::<$S, 4, 4>($($argument),*),
            (4, 3) => $run::<$S, 4, 3>($($argument),*),
            (4, 2) => $run::<$S, 4, 2>($($argument),*),
            (4, _) => $run::<$S, 4, 1>($($argument),*),
            (_, 4) => $run::<$S, 2, 4>($($argument),*),
            (_, 3) => $run::<$S, 2, 3>($($argument),*),
            (_, 2) => $run::<$S, 2, 2>($($argument),*),
            (_, _) => $run::<$S, 2, 1>($($argument),*),
        }
    };
}
pub(super) use with_tile;

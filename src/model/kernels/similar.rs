//! Dot products of a row of 8-bit integers with many others.
//!
//! Integers add up to the same in any order: every set of instructions and any number of threads gives the same products.

use pulp::{Simd, WithSimd};

use super::SimdPath;

/// The dot product of `query` with each row of `matrix` [out.len(), query.len()].
///
/// # Panics
/// When the matrix has another size.
pub fn dots(path: SimdPath, matrix: &[i8], query: &[i8], out: &mut [i32]) {
    assert_eq!(matrix.len(), out.len() * query.len(), "a row for each product");
    path.run(Dots { matrix, query, out });
}

struct Dots<'a> {
    matrix: &'a [i8],
    query: &'a [i8],
    out: &'a mut [i32],
}

impl WithSimd for Dots<'_> {
    type Output = ();

    // Plain loops: inside, the compiler may use the instructions of `S`, and has a product of 8-bit pairs that pulp has not.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { matrix, query, out } = self;
        if query.is_empty() {
            return out.fill(0);
        }
        for (row, out) in matrix.chunks_exact(query.len()).zip(out) {
            *out = row.iter().zip(query).map(|(&a, &b)| i32::from(i16::from(a) * i16::from(b))).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_gives_the_plain_sum_at_any_width() {
        let value = |i: usize| ((i * 7919 + i / 3) % 255) as i32 as u8 as i8;
        for (rows, width) in [(0, 5), (1, 1), (3, 31), (5, 64), (2, 512), (4, 515), (3, 0)] {
            let matrix: Vec<i8> = (0..rows * width).map(|i| value(i).max(-127)).collect();
            let query: Vec<i8> = (0..width).map(|i| value(i + 90).max(-127)).collect();
            let plain = |row: &[i8]| row.iter().zip(&query).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum::<i32>();
            let wanted: Vec<i32> = (0..rows).map(|r| plain(&matrix[r * width..][..width])).collect();
            for path in SimdPath::available() {
                let mut out = vec![9; rows];
                dots(path, &matrix, &query, &mut out);
                assert_eq!(out, wanted, "{} {rows} x {width}", path.name());
            }
        }
    }
}

//! Which vector instructions the kernels use: found out when the program runs, or forced by a test.

use pulp::{Simd, WithSimd};

/// A set of vector instructions that this processor has.
///
/// It can only be had from [`SimdPath::best`] and [`SimdPath::available`], so that holding one proves that its
/// instructions can run.
#[derive(Debug, Clone, Copy)]
pub struct SimdPath(Token);

#[derive(Debug, Clone, Copy)]
enum Token {
    /// Four lanes of plain Rust, which the compiler maps to what every processor of the target has (SSE2 on x86-64).
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
}

impl SimdPath {
    /// All that can run here, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(pulp::x86::V4::try_new().map(Token::Avx512));
            all.extend(pulp::x86::V3::try_new().map(Token::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        all.extend(pulp::aarch64::Neon::try_new().map(Token::Neon));
        all.push(Token::Portable);
        all.into_iter().map(Self).collect()
    }

    /// The fastest that can run here.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Its name: `avx512`, `avx2`, `neon` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Token::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Token::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Token::Avx512(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            Token::Neon(_) => "neon",
        }
    }

    /// Runs `op` with these instructions.
    pub(super) fn run<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self.0 {
            Token::Portable => Simd::vectorize(pulp::Scalar128b, op),
            #[cfg(target_arch = "x86_64")]
            Token::Avx2(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "x86_64")]
            Token::Avx512(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "aarch64")]
            Token::Neon(simd) => Simd::vectorize(simd, op),
        }
    }

    /// Most output channels that one register tile holds: 8 with 32 registers, 6 with 16.
    pub(super) fn most_rows(self) -> usize {
        struct Rows;
        impl WithSimd for Rows {
            type Output = usize;
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> usize {
                if S::REGISTER_COUNT >= 32 { 8 } else { 6 }
            }
        }
        self.run(Rows)
    }
}

/// Vectors of positions beside `rows` output channels in a register tile: as many as leave registers for the inputs
/// and one weight.
#[inline(always)]
pub(super) const fn vectors<S: Simd>(rows: usize) -> usize {
    match (S::REGISTER_COUNT >= 32, rows) {
        (true, 7..) => 3,
        (true, _) => 4,
        (false, 5..) => 2,
        (false, 3..) => 3,
        (false, _) => 4,
    }
}

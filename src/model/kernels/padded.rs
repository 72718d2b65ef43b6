//! Planes between zeros, so that each tap of a kernel is the same run of positions, shifted.

use pulp::Simd;

use super::{
    shape::Plane,
    source::Source,
    tile::{copy, thin},
};

/// How planes are laid out between zeros: with a stride s, the positions are dealt out to s * s phases, in which the taps
/// of a kernel are shifts again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Padded {
    pub stride: usize,
    /// Zeros above, and to the left of, a plane.
    pub pad: usize,
    pub input: Plane,
    /// One phase with its zeros; a row's zeros on the right may be those of the next row on the left.
    pub phase: Plane,
    /// Values from one plane to the next.
    pub channel: usize,
}

impl Padded {
    /// For a square kernel with padding kernel / 2.
    pub fn new(kernel: usize, stride: usize, input: Plane) -> Self {
        let pad = kernel / 2;
        // Without a stride, the padding left of a row also serves as the one right of the row before.
        let phase = match stride {
            1 => Plane { height: input.height + 2 * pad, width: input.width + pad },
            _ => Plane {
                height: (input.height + 2 * pad).div_ceil(stride),
                width: (input.width + 2 * pad).div_ceil(stride),
            },
        };
        Self { stride, pad, input, phase, channel: stride * stride * phase.len() }
    }

    /// Where each tap of a kernel reads, from an output's position in the first phase.
    pub fn taps(&self, kernel: usize) -> Vec<usize> {
        let Self { stride, phase, .. } = *self;
        let tap = |i: usize| {
            let (y, x) = (i / kernel, i % kernel);
            (y % stride * stride + x % stride) * phase.len() + y / stride * phase.width + x / stride
        };
        (0..kernel * kernel).map(tap).collect()
    }

    /// Copies plane `channel` of `source` to its place between zeros, which stay as they are.
    #[inline(always)]
    pub fn fill<S: Simd>(&self, simd: S, source: Source<'_>, channel: usize, padded: &mut [f32], row: &mut [f32]) {
        let Self { stride, pad, input, phase, .. } = *self;
        for y in 0..input.height {
            let start = y * input.width;
            let y = y + pad;
            let line = |x: usize| (y % stride * stride + x) * phase.len() + y / stride * phase.width;
            if stride == 1 {
                source.copy(simd, input.len(), channel, start, &mut padded[line(0) + pad..][..input.width]);
                continue;
            }
            let row = source.read(simd, input.len(), channel, start, &mut row[..input.width]);
            for x in 0..stride {
                // The first px of the row in this phase of columns, and where it lies in the padded row.
                let first = (x + stride - pad % stride) % stride;
                let to = &mut padded[line(x) + (first + pad) / stride..];
                thin(&row[first.min(row.len())..], stride, to);
            }
        }
    }

    /// Copies `plane` out of sums whose rows have the phase's width.
    #[inline(always)]
    pub fn cut<S: Simd>(&self, simd: S, sums: &[f32], width: usize, plane: &mut [f32]) {
        for (to, from) in plane.chunks_exact_mut(width).zip(sums.chunks(self.phase.width)) {
            copy(simd, &from[..width], to);
        }
    }
}

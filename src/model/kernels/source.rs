//! What a layer reads: planes as they lie in memory, or computed from them on the way, so that a pass over memory is spared.

use std::ops::Range;

use pulp::Simd;

use super::{
    ahead::Ahead,
    rows::{Each, Normalise, map},
    tile::{copy, multiply_add},
};

/// Batch norm of a channel: `(x - mean) * scale + shift`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Norm {
    /// Mean over the batch.
    pub mean: f32,
    /// Gamma over the standard deviation.
    pub scale: f32,
    /// Beta.
    pub shift: f32,
}

/// Gradient of a channel through its batch norm: `a * g + b * (x - mean) + c`, with the gradient `g` behind the norm.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NormGradient {
    /// Of the gradient.
    pub a: f32,
    /// Of the deviation.
    pub b: f32,
    /// Alone.
    pub c: f32,
    /// Mean over the batch.
    pub mean: f32,
}

/// A picture [channels, height, width] as a layer reads it.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// As it is.
    Plain(&'a [f32]),
    /// Normalised, and zero where that is negative: what follows a convolution.
    Activated(&'a [f32], &'a [Norm]),
    /// The gradient of a convolution's sums: from that behind the norm, and the sums.
    Gradient(&'a [f32], &'a [f32], &'a [NormGradient]),
}

impl<'a> Source<'a> {
    /// Values in it.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Plain(x) | Self::Activated(x, _) | Self::Gradient(x, ..) => x.len(),
        }
    }

    /// Writes the values of `channel` from `start`, as many as fit in `to`; planes have `plane` values.
    #[inline(always)]
    pub(super) fn copy<S: Simd>(self, simd: S, plane: usize, channel: usize, start: usize, to: &mut [f32]) {
        let from = channel * plane + start;
        let to_from = from..from + to.len();
        match self {
            Self::Plain(x) => copy(simd, &x[to_from], to),
            Self::Activated(x, norms) => {
                map(simd, [&x[to_from]], to, &mut Activate(Normalise::new(simd, norms[channel])));
            }
            Self::Gradient(g, x, norms) => {
                let mut each = Through::new(simd, norms[channel]);
                map(simd, [&g[to_from.clone()], &x[to_from]], to, &mut each);
            }
        }
    }

    /// Has a part of some planes of `length` values fetched.
    pub fn fetch(self, ahead: &mut Ahead, length: usize, channels: Range<usize>, part: Range<usize>) {
        match self {
            Self::Plain(x) | Self::Activated(x, _) => ahead.add(x, length, channels, part),
            Self::Gradient(g, x, _) => {
                ahead.add(x, length, channels.clone(), part.clone());
                ahead.add(g, length, channels, part);
            }
        }
    }

    /// The same values: where they lie, or in `buffer`.
    #[inline(always)]
    pub(super) fn read<'b, S: Simd>(
        self,
        simd: S,
        plane: usize,
        channel: usize,
        start: usize,
        buffer: &'b mut [f32],
    ) -> &'b [f32]
    where
        'a: 'b,
    {
        match self {
            Self::Plain(x) => &x[channel * plane + start..][..buffer.len()],
            _ => {
                self.copy(simd, plane, channel, start, buffer);
                buffer
            }
        }
    }
}

struct Activate<S: Simd>(Normalise<S>);

impl<S: Simd> Each<S, 1> for Activate<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [x]: [S::f32s; 1], _: S::f32s) -> S::f32s {
        simd.max_f32s(self.0.of(simd, x), simd.splat_f32s(0.0))
    }
}

struct Through<S: Simd> {
    a: S::f32s,
    b: S::f32s,
    c: S::f32s,
    mean: S::f32s,
}

impl<S: Simd> Through<S> {
    #[inline(always)]
    fn new(simd: S, NormGradient { a, b, c, mean }: NormGradient) -> Self {
        let of = |v: f32| simd.splat_f32s(v);
        Self { a: of(a), b: of(b), c: of(c), mean: of(mean) }
    }
}

impl<S: Simd> Each<S, 2> for Through<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [g, x]: [S::f32s; 2], _: S::f32s) -> S::f32s {
        let deviation = simd.sub_f32s(x, self.mean);
        multiply_add(simd, self.a, g, multiply_add(simd, self.b, deviation, self.c))
    }
}

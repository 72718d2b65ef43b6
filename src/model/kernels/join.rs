//! The end of a block: its output, and the gradient on its way back through the ReLU to the norms before it.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    ahead::Ahead,
    rows::{Each, Normalise, map},
    source::Norm,
    tile::multiply_add,
};

/// The sums of a convolution [channels, height, width] and the norm of each channel.
#[derive(Debug, Clone, Copy)]
pub struct Normed<'a> {
    /// What the convolution made of a picture.
    pub sums: &'a [f32],
    /// What follows it.
    pub norms: &'a [Norm],
}

/// The other way from a block's input to its output.
#[derive(Debug, Clone, Copy)]
pub enum Shortcut<'a> {
    /// There is none.
    Absent,
    /// The block's input.
    Identity(&'a [f32]),
    /// A convolution of it.
    Projected(Normed<'a>),
}

/// Writes a block's output: its last convolution, normalised, and the shortcut; zero where that is negative.
pub fn join(path: SimdPath, last: Normed<'_>, shortcut: Shortcut<'_>, out: &mut [f32]) {
    path.run(Join { last, shortcut, out });
}

struct Join<'a> {
    last: Normed<'a>,
    shortcut: Shortcut<'a>,
    out: &'a mut [f32],
}

impl WithSimd for Join<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { last, shortcut, out } = self;
        let length = out.len() / last.norms.len();
        for (channel, out) in out.chunks_exact_mut(length).enumerate() {
            let at = channel * length..(channel + 1) * length;
            let norm = Normalise::new(simd, last.norms[channel]);
            let sums = &last.sums[at.clone()];
            match shortcut {
                Shortcut::Absent => map(simd, [sums], out, &mut Alone(norm)),
                Shortcut::Identity(x) => map(simd, [sums, &x[at]], out, &mut Identity(norm)),
                Shortcut::Projected(other) => {
                    let mut each = Projected(norm, Normalise::new(simd, other.norms[channel]));
                    map(simd, [sums, &other.sums[at]], out, &mut each);
                }
            }
        }
    }
}

struct Alone<S: Simd>(Normalise<S>);

impl<S: Simd> Each<S, 1> for Alone<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [x]: [S::f32s; 1], _: S::f32s) -> S::f32s {
        simd.max_f32s(self.0.of(simd, x), simd.splat_f32s(0.0))
    }
}

struct Identity<S: Simd>(Normalise<S>);

impl<S: Simd> Each<S, 2> for Identity<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [x, shortcut]: [S::f32s; 2], _: S::f32s) -> S::f32s {
        simd.max_f32s(simd.add_f32s(self.0.of(simd, x), shortcut), simd.splat_f32s(0.0))
    }
}

struct Projected<S: Simd>(Normalise<S>, Normalise<S>);

impl<S: Simd> Each<S, 2> for Projected<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [x, shortcut]: [S::f32s; 2], _: S::f32s) -> S::f32s {
        let sum = simd.add_f32s(self.0.of(simd, x), self.1.of(simd, shortcut));
        simd.max_f32s(sum, simd.splat_f32s(0.0))
    }
}

/// What the gradient of a norm is computed from: sums over positions of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GradientSums {
    /// Of the gradient.
    pub gradient: f32,
    /// Of its products with the deviations of the norm's input from their mean.
    pub deviation: f32,
    /// The same with a projected shortcut's.
    pub shortcut: f32,
}

/// The ReLU that a gradient comes back through, and the norms before it.
#[derive(Debug, Clone, Copy)]
pub enum Gate<'a> {
    /// A convolution's, which computes from its sums again where it was open.
    Inner(Normed<'a>),
    /// A block's: its output, its last convolution, and its projected shortcut if it has one.
    Block(&'a [f32], Normed<'a>, Option<Normed<'a>>),
}

/// Sets `gradient` to zero where the gate was closed, and adds up what its norms need.
pub fn pass(path: SimdPath, gate: Gate<'_>, gradient: &mut [f32], sums: &mut [GradientSums]) {
    path.run(Pass { gate, gradient, sums });
}

struct Pass<'a> {
    gate: Gate<'a>,
    gradient: &'a mut [f32],
    sums: &'a mut [GradientSums],
}

impl WithSimd for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let length = self.gradient.len() / self.sums.len();
        for (channel, (row, sums)) in self.gradient.chunks_exact_mut(length).zip(self.sums).enumerate() {
            self.gate.pass(simd, length, channel, 0, row, sums);
        }
    }
}

impl Gate<'_> {
    /// Has a part of all planes of `length` values fetched, as far as no source of the same layer has them.
    pub(super) fn fetch(self, ahead: &mut Ahead, length: usize, part: Range<usize>) {
        let Gate::Block(_, last, shortcut) = self else { return };
        for normed in [Some(last), shortcut].into_iter().flatten() {
            ahead.add(normed.sums, length, 0..normed.norms.len(), part.clone());
        }
    }

    /// Lets `row`, from `start` of a channel, through, and adds to `sums`; planes have `plane` values.
    #[inline(always)]
    pub(super) fn pass<S: Simd>(
        self,
        simd: S,
        plane: usize,
        channel: usize,
        start: usize,
        row: &mut [f32],
        sums: &mut GradientSums,
    ) {
        let from = channel * plane + start;
        let at = from..from + row.len();
        let zero = simd.splat_f32s(0.0);
        let norm = |n: Normed<'_>| Normalise::new(simd, n.norms[channel]);
        match self {
            Gate::Inner(x) => {
                let mut each = Inner { norm: norm(x), sums: [zero; 2] };
                map(simd, [&x.sums[at]], row, &mut each);
                sums.add(simd, [each.sums[0], each.sums[1], zero]);
            }
            Gate::Block(out, x, None) => {
                let mut each = Block { norm: norm(x), sums: [zero; 2] };
                map(simd, [&out[at.clone()], &x.sums[at]], row, &mut each);
                sums.add(simd, [each.sums[0], each.sums[1], zero]);
            }
            Gate::Block(out, x, Some(y)) => {
                let mut each = BothWays { norms: [norm(x), norm(y)], sums: [zero; 3] };
                map(simd, [&out[at.clone()], &x.sums[at.clone()], &y.sums[at]], row, &mut each);
                sums.add(simd, each.sums);
            }
        }
    }
}

impl GradientSums {
    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, [gradient, deviation, shortcut]: [S::f32s; 3]) {
        self.gradient += simd.reduce_sum_f32s(gradient);
        self.deviation += simd.reduce_sum_f32s(deviation);
        self.shortcut += simd.reduce_sum_f32s(shortcut);
    }
}

/// The gradient where `open` is above zero.
#[inline(always)]
fn where_open<S: Simd>(simd: S, open: S::f32s, gradient: S::f32s) -> S::f32s {
    let zero = simd.splat_f32s(0.0);
    simd.select_f32s(simd.less_than_f32s(zero, open), gradient, zero)
}

struct Inner<S: Simd> {
    norm: Normalise<S>,
    sums: [S::f32s; 2],
}

impl<S: Simd> Each<S, 1> for Inner<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [x]: [S::f32s; 1], before: S::f32s) -> S::f32s {
        let deviation = self.norm.deviation(simd, x);
        let gradient = where_open(simd, self.norm.of_deviation(simd, deviation), before);
        self.sums[0] = simd.add_f32s(self.sums[0], gradient);
        self.sums[1] = multiply_add(simd, gradient, deviation, self.sums[1]);
        gradient
    }
}

struct Block<S: Simd> {
    norm: Normalise<S>,
    sums: [S::f32s; 2],
}

impl<S: Simd> Each<S, 2> for Block<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [out, x]: [S::f32s; 2], before: S::f32s) -> S::f32s {
        let gradient = where_open(simd, out, before);
        self.sums[0] = simd.add_f32s(self.sums[0], gradient);
        self.sums[1] = multiply_add(simd, gradient, self.norm.deviation(simd, x), self.sums[1]);
        gradient
    }
}

struct BothWays<S: Simd> {
    norms: [Normalise<S>; 2],
    sums: [S::f32s; 3],
}

impl<S: Simd> Each<S, 3> for BothWays<S> {
    #[inline(always)]
    fn each(&mut self, simd: S, [out, x, y]: [S::f32s; 3], before: S::f32s) -> S::f32s {
        let gradient = where_open(simd, out, before);
        self.sums[0] = simd.add_f32s(self.sums[0], gradient);
        self.sums[1] = multiply_add(simd, gradient, self.norms[0].deviation(simd, x), self.sums[1]);
        self.sums[2] = multiply_add(simd, gradient, self.norms[1].deviation(simd, y), self.sums[2]);
        gradient
    }
}

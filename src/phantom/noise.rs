//! Chance and texture: the generator that every choice is drawn from, and lattice noise for irregular outlines and
//! chromatin. No drawing here.
//!
//! Both are our own arithmetic over a named generator (PCG-XSH-RR 64/32), so a seed means the same phantom wherever
//! the program runs; nothing depends on the value streams of a general-purpose crate, which may change between releases.

use rand_pcg::{Pcg32, rand_core::RngCore};

use super::geometry::{P, p};

/// The source of every choice that one phantom is made of.
#[derive(Debug, Clone)]
pub(super) struct Rng(Pcg32);

impl Rng {
    /// A generator for `seed`; `stream` keeps independent uses of one seed apart.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(Pcg32::new(mix(seed), mix(stream ^ 0x9e37_79b9_7f4a_7c15)))
    }

    /// A generator named by a text, so that two classes with one seed share nothing.
    pub fn named(seed: u64, name: &str) -> Self {
        // FNV-1a
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Self::new(seed, hash)
    }

    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1 << 24) as f32
    }

    /// Uniform between the two.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True with probability `chance`.
    pub fn chance(&mut self, chance: f32) -> bool {
        self.unit() < chance
    }

    /// An integer from `low` to `high`, both included.
    pub fn count(&mut self, low: usize, high: usize) -> usize {
        low + (self.unit() * (high - low + 1) as f32) as usize
    }

    /// About normal with mean 0 and standard deviation 1 (the sum of four uniforms).
    pub fn normal(&mut self) -> f32 {
        (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 1.732
    }

    /// An angle in radians.
    pub fn angle(&mut self) -> f32 {
        self.range(0.0, std::f32::consts::TAU)
    }

    /// A point at the given distance, in a random direction.
    pub fn around(&mut self, distance: f32) -> P {
        P::polar(self.angle(), distance)
    }

    /// A point uniform in the disc of that radius.
    pub fn within(&mut self, radius: f32) -> P {
        let distance = radius * self.unit().sqrt();
        self.around(distance)
    }

    /// Puts a slice into random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.count(0, i));
        }
    }
}

/// Spreads the bits of a seed (SplitMix64's finaliser): seeds 1, 2, 3 shall not begin alike.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A lattice point's value in [-1, 1].
#[inline]
fn lattice(seed: u32, x: i32, y: i32) -> f32 {
    let mut h = seed ^ (x as u32).wrapping_mul(0x8da6_b343) ^ (y as u32).wrapping_mul(0xd816_3841);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    (h ^ (h >> 15)) as i32 as f32 / 2_147_483_648.0
}

/// The integer below (`f32::floor` is a call into the C library on the oldest x86-64, and this is the inner loop).
#[inline]
fn floor(x: f32) -> i32 {
    let i = x as i32;
    i - i32::from(i as f32 > x)
}

/// e to the power of `x` to four digits, the same on every platform. For what goes below e^-80 the answer is 0.
#[inline]
pub(super) fn exp(x: f32) -> f32 {
    let y = x * std::f32::consts::LOG2_E;
    if y < -120.0 {
        return 0.0;
    }
    let whole = floor(y.min(120.0));
    let f = y - whole as f32;
    let power = 1.0 + f * (std::f32::consts::LN_2 + f * (0.240_2 + f * (0.055_8 + f * 0.010_85)));
    power * f32::from_bits(((whole + 127) as u32) << 23)
}

/// Value noise in [-1, 1] with features of about one unit.
#[inline]
pub(super) fn noise(seed: u32, at: P) -> f32 {
    let (x, y) = (floor(at.x), floor(at.y));
    let (u, v) = (at.x - x as f32, at.y - y as f32);
    let (u, v) = (u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v));
    let top = lattice(seed, x, y) * (1.0 - u) + lattice(seed, x + 1, y) * u;
    let bottom = lattice(seed, x, y + 1) * (1.0 - u) + lattice(seed, x + 1, y + 1) * u;
    top * (1.0 - v) + bottom * v
}

/// Three octaves of [`noise`], about in [-1, 1]. The octaves are turned against each other, which hides the lattice.
#[inline]
pub(super) fn fractal(seed: u32, at: P) -> f32 {
    let second = p(at.x * 1.6 + at.y * 1.2, at.y * 1.6 - at.x * 1.2);
    let third = p(at.x * 2.1 - at.y * 3.4, at.y * 2.1 + at.x * 3.4);
    0.62 * noise(seed, at) + 0.36 * noise(seed ^ 0x51ed, second) + 0.22 * noise(seed ^ 0xa3c7, third)
}

//! Points and outlines as signed distance fields (negative inside), in micrometres. No colour here.

use std::ops::{Add, Mul, Sub};

use super::noise::noise;

/// A point or a displacement in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct P {
    pub x: f32,
    pub y: f32,
}

/// Shorthand of a [`P`].
#[inline]
pub(super) const fn p(x: f32, y: f32) -> P {
    P { x, y }
}

impl P {
    pub const ZERO: Self = p(0.0, 0.0);

    pub fn polar(angle: f32, distance: f32) -> Self {
        p(angle.cos() * distance, angle.sin() * distance)
    }

    #[inline]
    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    #[inline]
    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// Turned by the angle whose cosine and sine these are.
    #[inline]
    pub fn turned(self, (cos, sin): (f32, f32)) -> Self {
        p(self.x * cos - self.y * sin, self.x * sin + self.y * cos)
    }
}

impl Add for P {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        p(self.x + o.x, self.y + o.y)
    }
}

impl Sub for P {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        p(self.x - o.x, self.y - o.y)
    }
}

impl Mul<f32> for P {
    type Output = Self;
    #[inline]
    fn mul(self, k: f32) -> Self {
        p(self.x * k, self.y * k)
    }
}

/// A segment with a radius at each end: a disc, a rod or a drop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Capsule {
    pub a: P,
    pub b: P,
    pub ra: f32,
    pub rb: f32,
}

impl Capsule {
    pub fn disc(at: P, radius: f32) -> Self {
        Self { a: at, b: at, ra: radius, rb: radius }
    }

    pub fn rod(a: P, b: P, radius: f32) -> Self {
        Self { a, b, ra: radius, rb: radius }
    }

    #[inline]
    pub fn distance(&self, at: P) -> f32 {
        let (from_a, along) = (at - self.a, self.b - self.a);
        let square = along.dot(along);
        let t = if square > 0.0 { (from_a.dot(along) / square).clamp(0.0, 1.0) } else { 0.0 };
        (from_a - along * t).length() - (self.ra + (self.rb - self.ra) * t)
    }
}

/// An outline: parts blended together, minus cuts, stretched, turned, and made irregular by noise.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub parts: Vec<Capsule>,
    /// What is taken away, in the frame of the parts.
    pub cuts: Vec<Capsule>,
    /// How far around a joint two parts flow together.
    pub blend: f32,
    pub centre: P,
    /// Cosine and sine of its turn.
    turn: (f32, f32),
    /// Longer by this factor along its own x axis, shorter by it along y.
    stretch: f32,
    /// Height and size of the irregularities of the outline.
    pub wobble: (f32, f32),
    pub seed: u32,
}

impl Shape {
    pub fn new(parts: Vec<Capsule>, blend: f32, seed: u32) -> Self {
        let turn = (1.0, 0.0);
        Self { parts, cuts: Vec::new(), blend, centre: P::ZERO, turn, stretch: 1.0, wobble: (0.0, 1.0), seed }
    }

    pub fn disc(radius: f32, seed: u32) -> Self {
        Self::new(vec![Capsule::disc(P::ZERO, radius)], 0.3, seed)
    }

    pub fn at(self, centre: P) -> Self {
        Self { centre, ..self }
    }

    pub fn turned(self, angle: f32) -> Self {
        Self { turn: (angle.cos(), angle.sin()), ..self }
    }

    /// `ratio` is the long axis by the short one; the area stays.
    pub fn stretched(self, ratio: f32) -> Self {
        Self { stretch: ratio.sqrt(), ..self }
    }

    pub fn wobbling(self, height: f32, size: f32) -> Self {
        Self { wobble: (height, size), ..self }
    }

    /// A point of the frame, in the frame of the parts.
    #[inline]
    pub fn local(&self, at: P) -> P {
        let (cos, sin) = self.turn;
        let q = (at - self.centre).turned((cos, -sin));
        p(q.x / self.stretch, q.y * self.stretch)
    }

    /// Signed distance (exact for one unstretched disc, near enough elsewhere).
    #[inline]
    pub fn distance(&self, at: P) -> f32 {
        let q = self.local(at);
        let mut d = f32::INFINITY;
        for part in &self.parts {
            d = smooth_min(d, part.distance(q), self.blend);
        }
        for cut in &self.cuts {
            d = -smooth_min(-d, cut.distance(q), self.blend * 0.5);
        }
        let (height, size) = self.wobble;
        // the irregularities matter near the outline only, and noise is what costs
        if height > 0.0 && d.abs() < 1.4 * height + 0.8 {
            let s = q * (1.0 / size);
            d += height * (noise(self.seed, s) + 0.4 * noise(self.seed ^ 0x77, s * 2.3));
        }
        d
    }

    /// A radius around the frame's origin that holds the whole shape.
    pub fn reach(&self) -> f32 {
        let ends = |c: &Capsule| (c.a.length() + c.ra).max(c.b.length() + c.rb);
        let reach = self.parts.iter().map(ends).fold(0.0, f32::max);
        self.centre.length() + reach * self.stretch.max(1.0 / self.stretch) + 1.4 * self.wobble.0
    }
}

/// The lesser of two distances, rounded off over `k`.
#[inline]
pub(super) fn smooth_min(a: f32, b: f32, k: f32) -> f32 {
    let gap = (k - (a - b).abs()).max(0.0);
    if k > 0.0 { a.min(b) - gap * gap / (4.0 * k) } else { a.min(b) }
}

/// 0 below `low`, 1 above `high`, smooth between.
#[inline]
pub(super) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

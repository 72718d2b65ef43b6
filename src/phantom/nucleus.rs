//! Shapes of nuclei: round, indented, bent into a band, lobed, folded; and where nucleoli and folds lie in them.

use super::{
    cell::{Chromatin, Nucleus},
    geometry::{Capsule, P, Shape, p},
    noise::Rng,
};

/// A nucleus of that shape and chromatin.
pub(super) fn nucleus(shape: Shape, chromatin: Chromatin) -> Nucleus {
    Nucleus { shape, chromatin, nucleoli: Vec::new(), creases: Vec::new(), edge: 0.22, held: true }
}

/// Round to oval.
pub(super) fn round(rng: &mut Rng, radius: f32, elongation: f32) -> Shape {
    Shape::disc(radius, rng.bits()).stretched(elongation).turned(rng.angle()).wobbling(0.045 * radius, 0.55 * radius)
}

/// A bean: a disc with a bay of that depth (as a share of the radius).
pub(super) fn indented(rng: &mut Rng, radius: f32, depth: f32) -> Shape {
    // deeper bays go with longer nuclei
    let mut shape = round(rng, radius, 1.15 + 0.35 * depth);
    let bay = radius * 0.75;
    shape.cuts.push(Capsule::disc(p(rng.range(-0.15, 0.15) * radius, radius + bay - depth * radius), bay));
    shape.blend = 0.5 * radius;
    shape
}

/// A bent sausage: `bend` radians of an arc of that radius, thinner in its middle by `waist` (a share).
pub(super) fn band(rng: &mut Rng, thickness: f32, arc: f32, bend: f32, waist: f32) -> Shape {
    const STEPS: usize = 9;
    let at = |i: usize| {
        let t = i as f32 / STEPS as f32 - 0.5;
        let radius = thickness * (1.0 - waist * (1.0 - 4.0 * t * t));
        (P::polar(t * bend, arc) - p(arc * 0.55, 0.0), radius)
    };
    let part = |i| {
        let ((a, ra), (b, rb)) = (at(i), at(i + 1));
        Capsule { a, b, ra, rb }
    };
    Shape::new((0..STEPS).map(part).collect(), 0.25, rng.bits()).turned(rng.angle()).wobbling(0.16, 1.1)
}

/// Lobes joined by filaments. They lie along a bent path, as in a segmented granulocyte.
pub(super) fn lobed(rng: &mut Rng, lobes: usize, radius: f32, filament: f32) -> Shape {
    let bend = rng.range(3.3, 4.6) * (lobes as f32 - 1.0) / 3.2;
    let step = bend / (lobes as f32 - 1.0).max(1.0);
    let gap = radius * rng.range(2.15, 2.4);
    let arc = if lobes == 2 { radius * 1.35 } else { gap / (2.0 * (step * 0.5).sin().abs().max(0.35)) };
    let step = if lobes == 2 { rng.range(1.7, 2.4) } else { step };
    let centres: Vec<P> = (0..lobes)
        .map(|i| P::polar((i as f32 - (lobes as f32 - 1.0) / 2.0) * step, arc) + rng.within(radius * 0.25))
        .collect();
    let middle = centres.iter().fold(P::ZERO, |sum, c| sum + *c) * (1.0 / lobes as f32);
    // the fewer the lobes, the longer each is
    let length = [0.0, 0.0, 0.45, 0.38, 0.22, 0.22][lobes.min(5)];
    let mut parts = Vec::new();
    for centre in &centres {
        let axis = rng.around(radius * length);
        let r = radius * rng.range(0.86, 1.08);
        let c = *centre - middle;
        parts.push(Capsule { a: c - axis, b: c + axis, ra: r, rb: r * rng.range(0.85, 1.0) });
    }
    for pair in centres.windows(2) {
        parts.push(Capsule::rod(pair[0] - middle, pair[1] - middle, filament));
    }
    Shape::new(parts, 0.35, rng.bits()).turned(rng.angle()).wobbling(0.17, 1.0)
}

/// A large nucleus folded upon itself: overlapping lobes without filaments.
pub(super) fn folded(rng: &mut Rng, radius: f32, lobes: usize) -> Shape {
    let turn = rng.angle();
    let parts = (0..lobes)
        .map(|i| {
            let at = P::polar(turn + i as f32 * rng.range(1.5, 2.2), radius * 0.55);
            Capsule::disc(at, radius * rng.range(0.62, 0.78))
        })
        .collect();
    Shape::new(parts, 0.35 * radius, rng.bits()).stretched(rng.range(1.0, 1.25)).wobbling(0.07 * radius, 0.5 * radius)
}

impl Nucleus {
    /// Adds nucleoli of about that radius.
    pub fn with_nucleoli(mut self, rng: &mut Rng, count: usize, radius: f32, paleness: f32) -> Self {
        let reach = self.shape.reach();
        for _ in 0..count {
            for _ in 0..20 {
                let at = self.shape.centre + rng.within(reach * 0.7);
                let apart = self.nucleoli.iter().all(|(o, r, _)| (*o - at).length() > 2.4 * r);
                if apart && self.shape.distance(at) < -radius * 1.5 {
                    self.nucleoli.push((at, radius * rng.range(0.8, 1.15), paleness));
                    break;
                }
            }
        }
        self
    }

    /// Adds folds: lines across the nucleus.
    pub fn with_creases(mut self, rng: &mut Rng, count: usize, length: f32) -> Self {
        for _ in 0..count {
            let (at, half) = (self.shape.centre + rng.within(length * 0.4), rng.around(length * 0.5));
            self.creases.push(Capsule::rod(at - half, at + half, 0.02));
        }
        self
    }
}

//! Granules: their kinds and how they are strewn over a cell.

use super::{
    canvas::Canvas,
    cell::Cell,
    geometry::{Capsule, P},
    noise::Rng,
    stain::{self, Od},
};

/// One population of granules.
#[derive(Debug, Clone)]
pub(super) struct Granules {
    pub od: Od,
    /// How many are tried; those without a place are left out.
    pub count: usize,
    /// Least and largest radius.
    pub radius: (f32, f32),
    pub opacity: f32,
    /// Share of those over the nucleus that are kept.
    pub over_nucleus: f32,
    /// Least distance between two centres as a multiple of the radius; 0: they may overlap.
    pub spacing: f32,
    /// A region that they keep to: centre and radius.
    pub region: Option<(P, f32)>,
}

impl Granules {
    fn of(od: Od, count: usize, radius: (f32, f32), opacity: f32) -> Self {
        Self { od, count, radius, opacity, over_nucleus: 0.0, spacing: 0.0, region: None }
    }

    /// Neutrophilic: fine and pale.
    pub fn neutrophil(count: usize, opacity: f32) -> Self {
        Self::of(stain::NEUTROPHIL, count, (0.09, 0.19), opacity)
    }

    /// Azurophilic: purple-red, also over the nucleus.
    pub fn azurophil(count: usize, opacity: f32) -> Self {
        Self { over_nucleus: 0.35, ..Self::of(stain::AZUROPHIL, count, (0.11, 0.22), opacity) }
    }

    /// Eosinophilic: large, round, close together, never over the nucleus.
    pub fn eosinophil(count: usize) -> Self {
        Self { spacing: 1.25, ..Self::of(stain::EOSINOPHIL, count, (0.30, 0.40), 0.9) }
    }

    /// Basophilic: large, dark, over everything.
    pub fn basophil(count: usize) -> Self {
        Self { over_nucleus: 0.85, spacing: 1.0, ..Self::of(stain::BASOPHIL, count, (0.24, 0.44), 0.88) }
    }

    /// Strews them over a cell whose centre is at `at`.
    pub fn draw(&self, cell: &Cell, canvas: &mut Canvas, at: P, rng: &mut Rng) {
        let (centre, reach) = self.region.unwrap_or((cell.outline.centre, cell.outline.reach()));
        let mut placed: Vec<P> = Vec::new();
        for _ in 0..self.count {
            let q = centre + rng.within(reach);
            let radius = rng.range(self.radius.0, self.radius.1);
            let (strength, keep) = (rng.range(0.65, 1.15), rng.unit());
            if cell.distance(q) > -radius * 0.8 {
                continue;
            }
            if self.over_nucleus < 1.0 && cell.nuclear_distance(q) < radius * 0.6 && keep > self.over_nucleus {
                continue;
            }
            if self.spacing > 0.0 {
                let least = self.spacing * radius;
                if placed.iter().any(|o| (*o - q).dot(*o - q) < least * least) {
                    continue;
                }
                placed.push(q);
            }
            let soft = if radius > 0.25 { 0.18 } else { 0.14 };
            canvas.stamp(&Capsule::disc(at + q, radius), stain::times(self.od, strength), self.opacity, soft);
        }
    }
}

//! What lies around the cell: red cells that overlap the frame's edge, single platelets, a little dirt.

use super::cell::{Cell, Cytoplasm};
use super::{
    canvas::{Canvas, coverage},
    geometry::{P, Shape, p},
    granules::Granules,
    noise::{Rng, exp},
    stain::{AZUROPHIL, HAEMOGLOBIN, times},
};

/// Half a frame in micrometres, with the part of a red cell that may hang over it.
const FIELD: f32 = 18.0 + 3.2;

/// A red cell.
#[derive(Debug, Clone)]
pub(super) struct RedCell {
    pub at: P,
    pub radius: f32,
    shape: Shape,
    /// Depth and width of the central pallor.
    pallor: (f32, f32),
    density: f32,
}

/// Places red cells where `free` (distance of a point from the nearest leukocyte) leaves room. `overlap` is how far they
/// may reach into a leukocyte; `crowd` how many are tried.
pub(super) fn red_cells(rng: &mut Rng, crowd: usize, overlap: f32, free: impl Fn(P) -> f32) -> Vec<RedCell> {
    let mut cells: Vec<RedCell> = Vec::new();
    let pallor = rng.range(0.35, 0.85);
    let density = 1.0 + 0.06 * rng.normal();
    for _ in 0..crowd {
        let at = p(rng.range(-FIELD, FIELD), rng.range(-FIELD, FIELD));
        let radius = 3.7 * (1.0 + 0.06 * rng.normal());
        // most lie side by side, a few over each other
        let least = if rng.chance(0.03) { 4.6 } else { 7.1 };
        if free(at) < radius - overlap || cells.iter().any(|o| (o.at - at).length() < least) {
            continue;
        }
        let ratio = 1.0 + 0.22 * rng.unit() + 0.12 * (rng.normal() - 1.0).max(0.0);
        let shape = Shape::disc(radius, rng.bits()).stretched(ratio).turned(rng.angle()).wobbling(0.16, 2.6);
        cells.push(RedCell {
            at,
            radius,
            shape,
            pallor: ((pallor + 0.18 * rng.normal()).clamp(0.05, 0.92), rng.range(0.24, 0.42)),
            density: density * (1.0 + 0.04 * rng.normal()),
        });
    }
    cells
}

impl RedCell {
    /// Draws it; where two lie over each other the densities add up.
    pub fn draw(&self, canvas: &mut Canvas) {
        canvas.each(self.at, self.shape.reach() + 0.3, |px, q| {
            let d = self.shape.distance(q);
            let alpha = coverage(d, 0.2);
            if alpha == 0.0 {
                return;
            }
            let from_centre = ((d + self.radius) / self.radius).max(0.0);
            let pale = self.pallor.0 * exp(-(from_centre / self.pallor.1).powi(2) * 0.8);
            let rim = 0.20 * exp(-(d / 0.30).powi(2));
            let body = 0.86 + 0.22 * from_centre.min(0.9);
            let k = alpha * self.density * (body * (1.0 - pale) + rim);
            for (c, haemoglobin) in px.iter_mut().zip(HAEMOGLOBIN) {
                // over another cell a little less than the sum: both are thinner where they touch
                *c += haemoglobin * k * if *c > 0.1 { 0.62 } else { 1.0 };
            }
        });
    }
}

/// A platelet of that radius: pale body, purple granules in its middle.
pub(super) fn platelet(rng: &mut Rng, radius: f32) -> Cell {
    let outline = Shape::disc(radius, rng.bits())
        .stretched(rng.range(1.0, 1.5))
        .turned(rng.angle())
        .wobbling(0.22 * radius.sqrt(), 0.75 * radius.sqrt());
    let body = Cytoplasm { edge: 0.45, ..Cytoplasm::new([0.30, 0.32, 0.07]).rim(0.0, 0.4).mottle(0.35, 0.5) };
    let mut granules = Granules::azurophil((26.0 * radius * radius) as usize, 0.62);
    granules.region = Some((P::ZERO, radius * 0.85));
    granules.od = times(AZUROPHIL, 0.95);
    Cell { outline, cytoplasm: body, nucleus: None, granules: vec![granules], auer: 0 }
}

/// One to three platelets between the cells.
pub(super) fn stray_platelets(canvas: &mut Canvas, rng: &mut Rng, free: impl Fn(P) -> f32) {
    for _ in 0..rng.count(0, 2) {
        let (at, radius) = (p(rng.range(-17.0, 17.0), rng.range(-17.0, 17.0)), rng.range(0.8, 1.3));
        let cell = platelet(rng, radius);
        if free(at) > radius + 0.8 {
            cell.draw(canvas, at, rng);
        }
    }
}

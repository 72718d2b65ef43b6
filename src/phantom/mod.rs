//! Phantoms: leukocytes drawn by this program from a seed, for the demonstration case and for tests.
//!
//! A phantom is no photograph and holds nothing of one: shapes are signed distance fields, colours are optical
//! densities of a Giemsa-type stain seen through a simulated microscope. Drawing only: nothing here reads a file, knows
//! a database or classifies a cell. Whoever shows a phantom says that it is one.

mod background;
mod canvas;
mod cell;
mod debris;
mod demo;
mod folder;
mod geometry;
mod granules;
mod granulocytes;
mod mononuclear;
mod noise;
mod nucleus;
mod recipe;
mod reference;
mod sheet;
mod stain;
#[cfg(test)]
mod tests;

use image::RgbImage;

use canvas::Canvas;
use geometry::Capsule;
use noise::Rng;
use recipe::Scene;

pub use canvas::{HEIGHT, UM_PER_PX, WIDTH};
pub use demo::{DEMO_SEED, DemoCell, demo_case};
pub use folder::write_folder;
pub use recipe::CLASSES;
pub use reference::{REFERENCE_PER_CLASS, REFERENCE_SET, reference_cell, reference_cells};
pub use sheet::sheet;
pub use stain::Look;

/// What to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhantomSpec<'a> {
    /// Class code, one of [`CLASSES`].
    pub code: &'a str,
    /// Which of the class's cells: the same seed is the same picture.
    pub seed: u64,
    /// Stain, light and camera; `None`: varied with the seed, as within one laboratory.
    pub look: Option<Look>,
}

impl PhantomSpec<'_> {
    /// Draws the phantom, [`WIDTH`] x [`HEIGHT`] px at [`UM_PER_PX`]; `None` if the code is not one of [`CLASSES`].
    pub fn render(&self) -> Option<RgbImage> {
        let mut rng = Rng::named(self.seed, self.code);
        let mut scene = recipe::scene(self.code, &mut rng)?;
        let varied = Look::varied(&mut rng);
        add_companion(&mut scene, self.code, &mut rng);
        let canvas = paint(&mut scene, &mut rng);
        Some(stain::develop(&canvas, &self.look.unwrap_or(varied), &mut rng))
    }
}

/// Draws the phantom of a class and seed in the usual light; `None` if the code is not one of [`CLASSES`].
pub fn render(code: &str, seed: u64) -> Option<RgbImage> {
    PhantomSpec { code, seed, look: None }.render()
}

/// Now and then a second leukocyte stands at the frame's edge.
fn add_companion(scene: &mut Scene, code: &str, rng: &mut Rng) {
    let Some(other) = recipe::companion(code).filter(|_| rng.chance(0.22)) else { return };
    let at = rng.around(19.0);
    if let Some((_, cell)) = recipe::scene(other, rng).and_then(|s| s.cells.into_iter().next()) {
        scene.cells.push((at, cell));
    }
}

/// Lays everything on a canvas: red cells first, then platelets, marks and leukocytes.
fn paint(scene: &mut Scene, rng: &mut Rng) -> Canvas {
    let mut canvas = Canvas::new();
    let crowd = rng.count(40, 170);
    let red = background::red_cells(rng, crowd, scene.hugs, |at| scene.distance(at));
    press_in(scene, &red);
    for cell in &red {
        cell.draw(&mut canvas);
    }
    background::stray_platelets(&mut canvas, rng, |at| {
        red.iter().map(|r| (r.at - at).length() - r.radius).fold(scene.distance(at), f32::min)
    });
    for (at, cell) in &scene.cells {
        cell.draw(&mut canvas, *at, rng);
    }
    for mark in &scene.marks {
        canvas.stamp(&mark.shape, mark.od, mark.opacity, mark.soft);
    }
    canvas
}

/// Lets red cells dent the outline of the cell in the middle.
fn press_in(scene: &mut Scene, red: &[background::RedCell]) {
    let Some((centre, cell)) = scene.cells.first_mut() else { return };
    let outline = &mut cell.outline;
    let dents: Vec<Capsule> = red
        .iter()
        .filter(|r| outline.distance(r.at - *centre) < r.radius + 0.3)
        .map(|r| Capsule::disc(outline.local(r.at - *centre), r.radius + 0.1))
        .collect();
    outline.cuts.extend(dents);
    outline.blend = outline.blend.max(0.9);
}

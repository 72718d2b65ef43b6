//! Recipes of what is counted beside the leukocytes: smudge cells, platelets, artefacts. All lengths in micrometres.

use super::{
    background::platelet,
    cell::{Cell, Chromatin, Cytoplasm},
    geometry::{Capsule, P, Shape},
    granules::Granules,
    noise::Rng,
    nucleus::nucleus,
    recipe::{Mark, Scene},
    stain::{BASOPHIL, times},
};

/// A burst cell: a bare nucleus spread over the glass, its edge frayed, hardly any cytoplasm left.
pub(super) fn smudge_cell(rng: &mut Rng) -> Cell {
    let radius = rng.range(5.0, 6.6);
    let spread = rng.unit();
    let ratio = rng.range(1.1, 1.9);
    let turn = rng.angle();
    let mut shape =
        Shape::disc(radius, rng.bits()).stretched(ratio).turned(turn).wobbling(0.5 + 0.7 * spread, 0.36 * radius);
    // strands of chromatin drawn out of it
    for _ in 0..rng.count(2, 5) {
        let out = rng.angle();
        let (from, to) =
            (P::polar(out, radius * 0.7), P::polar(out + 0.15 * rng.normal(), radius * rng.range(1.05, 1.3)));
        shape.parts.push(Capsule { a: from, b: to, ra: radius * 0.25, rb: 0.15 });
    }
    shape.blend = 1.2;
    let chromatin = Chromatin {
        amount: 1.25 - 0.35 * spread,
        contrast: 0.45,
        size: 0.5 + 0.2 * spread,
        clumping: 0.35,
        rim: 0.35,
        shade: 0.2,
    };
    let nucleus = super::cell::Nucleus { edge: 0.3 + 0.9 * spread, held: false, ..nucleus(shape, chromatin) };
    let halo = Cytoplasm { edge: 4.0, ..Cytoplasm::new([0.10, 0.10, 0.02]).rim(0.0, 1.0).mottle(0.6, 1.6) };
    let outline = Shape::disc(radius + 0.6, rng.bits()).stretched(ratio).turned(turn).wobbling(0.6, 2.5);
    Cell { outline, cytoplasm: halo, nucleus: Some(nucleus), granules: Vec::new(), auer: 0 }
}

/// A platelet as large as a red cell.
pub(super) fn giant_platelet(rng: &mut Rng) -> Cell {
    let radius = rng.range(3.4, 4.4);
    let mut cell = platelet(rng, radius);
    cell.outline = cell.outline.wobbling(0.45, 0.9);
    cell.cytoplasm.edge = 0.6;
    let mut fringe = Granules::azurophil(160, 0.35);
    fringe.radius = (0.08, 0.16);
    cell.granules.push(fringe);
    cell
}

/// Platelets stuck together.
pub(super) fn platelet_clump(rng: &mut Rng) -> Scene {
    let mut scene = Scene::default();
    let reach = rng.range(3.2, 5.0);
    for _ in 0..(reach * 9.0) as usize {
        let (at, radius) = (rng.within(reach), rng.range(0.9, 1.5));
        let crowded = scene.cells.iter().any(|(o, _)| (*o - at).length() < 1.15);
        if !crowded {
            scene.cells.push((at, platelet(rng, radius)));
        }
    }
    scene
}

/// Stain precipitate, or a fibre with dirt on it.
pub(super) fn artefact(rng: &mut Rng) -> Scene {
    let mut scene = Scene::default();
    if rng.chance(0.6) {
        // precipitate: specks from coarse to dust, denser in the middle
        let reach = rng.range(4.0, 8.0);
        for _ in 0..rng.count(90, 200) {
            let distance = reach * rng.unit();
            let at = rng.around(distance);
            let radius = 0.12 + 0.55 * rng.unit() * rng.unit() * (1.2 - distance / reach);
            let mark = Capsule { a: at, b: at + rng.within(0.5), ra: radius, rb: radius * 0.7 };
            let od = times(BASOPHIL, rng.range(0.6, 1.2));
            scene.marks.push(Mark { shape: mark, od, opacity: 0.9, soft: 0.22 });
        }
        return scene;
    }
    let (mut at, mut heading) = (rng.around(13.0), 0.0);
    let towards = P::ZERO - at;
    let start = towards.y.atan2(towards.x);
    let od = [0.55 + 0.3 * rng.unit(), 0.60, 0.45];
    for _ in 0..26 {
        heading += 0.22 * rng.normal();
        let next = at + P::polar(start + heading, 1.0);
        scene.marks.push(Mark { shape: Capsule::rod(at, next, rng.range(0.35, 0.55)), od, opacity: 0.8, soft: 0.5 });
        at = next;
    }
    for _ in 0..rng.count(6, 14) {
        let shape = Capsule::disc(rng.within(5.0), rng.range(0.2, 0.9));
        scene.marks.push(Mark { shape, od: [0.9, 1.0, 0.8], opacity: 0.85, soft: 0.4 });
    }
    scene
}

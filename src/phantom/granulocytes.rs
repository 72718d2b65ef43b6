//! Recipes of the granulocytic line, from the myeloblast to the segmented forms. All lengths in micrometres.

use super::{
    cell::{Cell, Chromatin, Cytoplasm},
    geometry::{P, Shape},
    granules::Granules,
    noise::Rng,
    nucleus::{band, indented, lobed, nucleus, round},
    stain::{PINK, RNA, blend, times},
};

/// Chromatin of the mature forms: dark, in clumps.
fn mature(rng: &mut Rng) -> Chromatin {
    let amount = rng.range(1.65, 1.95);
    Chromatin { amount, contrast: 0.62, size: 0.48, clumping: 0.6, rim: 0.35, shade: 0.10 }
}

/// Chromatin of blasts: pale, a fine even net.
pub(super) fn fine(rng: &mut Rng, amount: f32) -> Chromatin {
    let amount = amount * rng.range(0.92, 1.1);
    Chromatin { amount, contrast: 0.58, size: 0.40, clumping: 0.25, rim: 0.75, shade: 0.15 }
}

/// A body with an outline about round.
pub(super) fn body(rng: &mut Rng, radius: f32, elongation: f32, wobble: f32) -> Shape {
    let radius = radius * (1.0 + 0.03 * rng.normal());
    Shape::disc(radius, rng.bits()).stretched(elongation).turned(rng.angle()).wobbling(wobble, 0.6 * radius)
}

/// The pale lilac body of the mature neutrophil line with its fine granules.
fn neutrophil(rng: &mut Rng, radius: f32) -> Cell {
    let granularity = rng.range(0.4, 0.9);
    let elongation = rng.range(1.0, 1.12);
    let cytoplasm = Cytoplasm::new(times(PINK, rng.range(0.19, 0.27))).rim(0.25, 0.3).mottle(0.32, 0.4);
    Cell {
        outline: body(rng, radius, elongation, 0.22),
        cytoplasm,
        nucleus: None,
        granules: vec![Granules::neutrophil(520, granularity)],
        auer: 0,
    }
}

pub(super) fn segmented(rng: &mut Rng) -> Cell {
    let size = rng.range(6.3, 7.1);
    let lobes = [2, 3, 3, 3, 4, 4, 5][rng.count(0, 6)];
    let radius = [0.0, 0.0, 2.15, 1.75, 1.55, 1.40][lobes] * size / 6.7;
    let shape = lobed(rng, lobes, radius, 0.22).at(rng.within(0.6));
    let chromatin = mature(rng);
    Cell { nucleus: Some(nucleus(shape, chromatin)), ..neutrophil(rng, size) }
}

pub(super) fn band_form(rng: &mut Rng) -> Cell {
    let size = rng.range(6.4, 7.2);
    let (thickness, arc) = (rng.range(1.65, 1.9), rng.range(2.9, 3.4));
    let (bend, waist) = (rng.range(2.4, 3.4), rng.range(-0.05, 0.15));
    let shape = band(rng, thickness, arc, bend, waist).at(rng.within(0.5));
    let chromatin = mature(rng);
    Cell { nucleus: Some(nucleus(shape, chromatin)), ..neutrophil(rng, size) }
}

pub(super) fn metamyelocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(6.5, 7.3);
    let (radius, depth) = (rng.range(4.5, 4.9), rng.range(0.45, 0.65));
    let shape = indented(rng, radius, depth).at(rng.around(1.2));
    let chromatin = Chromatin { amount: 1.72, contrast: 0.55, size: 0.48, clumping: 0.6, rim: 0.4, shade: 0.12 };
    let mut cell = Cell { nucleus: Some(nucleus(shape, chromatin)), ..neutrophil(rng, size) };
    cell.cytoplasm.od = blend(times(PINK, 0.29), times(RNA, 0.30), 0.35);
    cell.granules.push(Granules::azurophil(230, 0.5));
    cell
}

pub(super) fn myelocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(7.2, 8.0);
    let radius = rng.range(4.7, 5.2);
    let shape = round(rng, radius, 1.2).at(rng.around(size - radius - 0.9));
    let chromatin = Chromatin { amount: 1.6, contrast: 0.58, size: 0.46, clumping: 0.5, rim: 0.35, shade: 0.15 };
    let hof = Some((shape.centre * -0.6, 2.2, 0.35));
    let mut cell = Cell { nucleus: Some(nucleus(shape, chromatin)), ..neutrophil(rng, size) };
    cell.cytoplasm = Cytoplasm {
        hof,
        ..Cytoplasm::new(blend(times(PINK, 0.36), times(RNA, 0.42), 0.45)).rim(0.35, 0.5).mottle(0.4, 0.45)
    };
    cell.granules = vec![Granules::neutrophil(520, 0.7), Granules::azurophil(520, 0.65)];
    cell
}

pub(super) fn promyelocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(8.2, 9.4);
    let radius = rng.range(5.7, 6.3);
    let shape = round(rng, radius, 1.15).at(rng.around(size - radius - 0.6));
    let hof = Some((shape.centre * -0.9, 2.6, 0.5));
    let chromatin = fine(rng, 1.15);
    let nucleus = nucleus(shape, chromatin).with_nucleoli(rng, 2, 0.8, 0.8);
    let cytoplasm = Cytoplasm {
        hof,
        ..Cytoplasm::new(blend(times(RNA, 0.52), times(PINK, 0.5), 0.25)).rim(0.45, 0.5).mottle(0.35, 0.45)
    };
    let elongation = rng.range(1.0, 1.2);
    let (mut coarse, mut dust) = (Granules::azurophil(380, 0.8), Granules::azurophil(1100, 0.6));
    coarse.over_nucleus = 0.6;
    (dust.over_nucleus, dust.radius) = (0.8, (0.08, 0.15));
    let outline = body(rng, size, elongation, 0.45);
    Cell { outline, cytoplasm, nucleus: Some(nucleus), granules: vec![dust, coarse], auer: 0 }
}

/// The variant of promyelocytic leukaemia: two large lobes on a narrow bridge, dusty granules.
pub(super) fn bilobed_promyelocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(7.8, 8.8);
    let radius = rng.range(3.7, 4.1);
    let mut shape = lobed(rng, 2, radius, 1.3);
    shape.blend = 0.8;
    let chromatin = fine(rng, 1.15);
    let nucleus = nucleus(shape, chromatin).with_nucleoli(rng, 1, 0.7, 0.4);
    let cytoplasm = Cytoplasm::new(blend(times(RNA, 0.40), times(PINK, 0.40), 0.4)).rim(0.4, 0.5).mottle(0.35, 0.45);
    let mut dust = Granules::azurophil(1100, 0.55);
    dust.radius = (0.07, 0.14);
    let auer = if rng.chance(0.3) { rng.count(1, 3) } else { 0 };
    let elongation = rng.range(1.05, 1.2);
    Cell { outline: body(rng, size, elongation, 0.3), cytoplasm, nucleus: Some(nucleus), granules: vec![dust], auer }
}

pub(super) fn myeloblast(rng: &mut Rng) -> Cell {
    let size = rng.range(6.4, 7.8);
    let auer = if rng.chance(0.28) { rng.count(1, 2) } else { 0 };
    let ratio = if auer > 0 { 0.84 } else { rng.range(0.87, 0.94) };
    let radius = size * ratio;
    let shape = round(rng, radius, 1.06).at(rng.around((size - radius) * 0.7));
    let (chromatin, nucleoli) = (fine(rng, 1.2), rng.count(1, 3));
    let creases = usize::from(rng.chance(0.3));
    let nucleus = nucleus(shape, chromatin).with_nucleoli(rng, nucleoli, 0.9, 1.0).with_creases(rng, creases, radius);
    let cytoplasm = Cytoplasm::new(times(RNA, rng.range(0.55, 0.85))).rim(0.9, 0.4).mottle(0.4, 0.45);
    let elongation = rng.range(1.0, 1.2);
    Cell { outline: body(rng, size, elongation, 0.4), cytoplasm, nucleus: Some(nucleus), granules: Vec::new(), auer }
}

pub(super) fn eosinophil(rng: &mut Rng) -> Cell {
    let size = rng.range(6.4, 7.2);
    let lobes = if rng.chance(0.8) { 2 } else { 3 };
    let shape = lobed(rng, lobes, if lobes == 2 { 2.2 } else { 1.75 }, 0.25).at(rng.around(0.9));
    let chromatin = mature(rng);
    let cytoplasm = Cytoplasm::new([0.16, 0.34, 0.24]).rim(0.2, 0.3);
    Cell {
        outline: body(rng, size, 1.06, 0.3),
        cytoplasm,
        nucleus: Some(nucleus(shape, chromatin)),
        granules: vec![Granules::eosinophil(1500)],
        auer: 0,
    }
}

pub(super) fn basophil(rng: &mut Rng) -> Cell {
    let size = rng.range(5.8, 6.6);
    let lobes = rng.count(2, 3);
    let shape = lobed(rng, lobes, if lobes == 2 { 2.5 } else { 2.0 }, 1.0).at(P::ZERO);
    let chromatin = Chromatin { amount: 1.35, ..mature(rng) };
    let cytoplasm = Cytoplasm::new([0.46, 0.74, 0.20]).rim(0.2, 0.3).mottle(0.25, 0.6);
    Cell {
        outline: body(rng, size, 1.08, 0.4),
        cytoplasm,
        nucleus: Some(nucleus(shape, chromatin)),
        granules: vec![Granules::basophil(420)],
        auer: 0,
    }
}

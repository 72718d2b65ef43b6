//! Recipes of monocytes and their precursors, lymphoid cells and the erythroblast. All lengths in micrometres.

use super::{
    cell::{Cell, Chromatin, Cytoplasm},
    geometry::p,
    granules::Granules,
    granulocytes::{body, fine},
    noise::Rng,
    nucleus::{folded, indented, nucleus, round},
    stain::{GREY_BLUE, RNA, times},
};

pub(super) fn monoblast(rng: &mut Rng) -> Cell {
    let size = rng.range(8.4, 9.8);
    let radius = size * rng.range(0.70, 0.76);
    let shape = if rng.chance(0.5) { round(rng, radius, 1.12) } else { indented(rng, radius * 1.03, 0.22) };
    let chromatin = Chromatin { contrast: 0.45, ..fine(rng, 1.0) };
    let shape = shape.at(rng.around((size - radius) * 0.5));
    // one large nucleolus is the rule
    let nucleus = nucleus(shape, chromatin).with_nucleoli(rng, 1, 1.25, 0.9);
    let cytoplasm = Cytoplasm {
        vacuoles: (rng.count(2, 7), 0.55),
        ..Cytoplasm::new(times(RNA, rng.range(0.48, 0.6))).rim(0.5, 0.6).mottle(0.25, 0.9)
    };
    let elongation = rng.range(1.0, 1.15);
    let mut dust = Granules::azurophil(40, 0.45);
    dust.over_nucleus = 0.0;
    let outline = body(rng, size, elongation, 0.5);
    Cell { outline, cytoplasm, nucleus: Some(nucleus), granules: vec![dust], auer: 0 }
}

pub(super) fn promonocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(8.4, 9.6);
    let shape = folded(rng, 5.9, 3).at(rng.around(0.7));
    let chromatin = Chromatin { rim: 0.5, ..fine(rng, 1.08) };
    let nucleus = nucleus(shape, chromatin).with_nucleoli(rng, 1, 0.8, 0.5).with_creases(rng, 3, 5.0);
    let cytoplasm = Cytoplasm {
        vacuoles: (rng.count(0, 3), 0.5),
        ..Cytoplasm::new(times(GREY_BLUE, 0.40)).rim(0.35, 0.6).mottle(0.25, 0.7)
    };
    let outline = body(rng, size, 1.08, 0.5);
    Cell { outline, cytoplasm, nucleus: Some(nucleus), granules: vec![Granules::azurophil(150, 0.45)], auer: 0 }
}

pub(super) fn monocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(8.2, 9.6);
    let radius = size * rng.range(0.62, 0.70);
    let depth = rng.range(0.35, 0.65);
    let shape = if rng.chance(0.55) { indented(rng, radius, depth) } else { folded(rng, radius, 3) };
    let shape = shape.at(rng.around(0.9));
    let chromatin = Chromatin { amount: 1.25, contrast: 0.55, size: 0.46, clumping: 0.4, rim: 0.6, shade: 0.18 };
    let creases = rng.count(1, 3);
    let nucleus = nucleus(shape, chromatin).with_creases(rng, creases, radius);
    let cytoplasm = Cytoplasm {
        vacuoles: (rng.count(4, 22), 0.8),
        edge: 0.4,
        ..Cytoplasm::new(times(GREY_BLUE, rng.range(0.25, 0.36))).rim(0.2, 0.5).mottle(0.5, 0.45)
    };
    let elongation = rng.range(1.0, 1.15);
    let mut dust = Granules::azurophil(260, 0.3);
    dust.radius = (0.07, 0.13);
    let outline = body(rng, size, elongation, 0.75);
    Cell { outline, cytoplasm, nucleus: Some(nucleus), granules: vec![dust], auer: 0 }
}

pub(super) fn lymphocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(5.1, 6.2);
    let radius = size * rng.range(0.80, 0.87);
    // round, or with a slight notch
    let shape = if rng.chance(0.65) { round(rng, radius, 1.1) } else { indented(rng, radius * 1.04, 0.15) };
    let shape = shape.at(rng.around((size - radius) * 0.9));
    let chromatin = Chromatin { amount: 1.7, contrast: 0.42, size: 0.62, clumping: 0.6, rim: 0.4, shade: 0.18 };
    let nucleus = nucleus(shape, chromatin);
    let cytoplasm = Cytoplasm::new(times(RNA, rng.range(0.34, 0.5))).rim(0.4, 0.4).mottle(0.15, 0.9);
    // some carry a few azurophilic granules
    let granules = if rng.chance(0.2) { vec![Granules::azurophil(40, 0.7)] } else { Vec::new() };
    let elongation = rng.range(1.0, 1.15);
    Cell { outline: body(rng, size, elongation, 0.22), cytoplasm, nucleus: Some(nucleus), granules, auer: 0 }
}

pub(super) fn atypical_lymphocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(7.8, 9.2);
    let radius = rng.range(5.0, 5.7);
    let elongation = rng.range(1.15, 1.4);
    let shape = round(rng, radius, elongation).at(rng.around(1.3));
    let chromatin = Chromatin { amount: 1.42, contrast: 0.48, size: 0.5, clumping: 0.45, rim: 0.4, shade: 0.2 };
    let nucleus = nucleus(shape, chromatin);
    // pale in the middle, deep blue where it meets red cells
    let cytoplasm = Cytoplasm::new(times(RNA, rng.range(0.3, 0.45))).rim(1.2, 0.7).mottle(0.4, 0.6);
    let elongation = rng.range(1.0, 1.25);
    let outline = body(rng, size, elongation, 0.9);
    Cell { outline, cytoplasm, nucleus: Some(nucleus), granules: Vec::new(), auer: 0 }
}

pub(super) fn prolymphocyte(rng: &mut Rng) -> Cell {
    let size = rng.range(6.6, 7.4);
    let radius = size * rng.range(0.72, 0.77);
    let shape = round(rng, radius, 1.06).at(rng.around((size - radius) * 0.6));
    let chromatin = Chromatin { amount: 1.5, contrast: 0.46, size: 0.7, clumping: 0.7, rim: 0.4, shade: 0.12 };
    // one vesicular nucleolus near the middle is the mark of the class
    let mut nucleus = nucleus(shape, chromatin);
    nucleus.nucleoli.push((nucleus.shape.centre + rng.within(radius * 0.3), 1.3, 1.0));
    let cytoplasm = Cytoplasm::new(times(RNA, 0.36)).rim(0.35, 0.45).mottle(0.15, 0.9);
    let outline = body(rng, size, 1.06, 0.25);
    Cell { outline, cytoplasm, nucleus: Some(nucleus), granules: Vec::new(), auer: 0 }
}

pub(super) fn plasma_cell(rng: &mut Rng) -> Cell {
    let size = rng.range(6.6, 7.4);
    let radius = rng.range(4.1, 4.5);
    let turn = rng.angle();
    let outline = body(rng, size, 1.35, 0.25).turned(turn);
    // the nucleus lies at one end of the egg
    let centre = p(turn.cos(), turn.sin()) * (size * 1.16 - radius - 1.0);
    let shape = round(rng, radius, 1.05).at(centre);
    let chromatin = Chromatin { amount: 1.75, contrast: 0.5, size: 1.2, clumping: 1.0, rim: 0.35, shade: 0.05 };
    let hof = Some((centre * 0.05, 2.3, 0.7));
    let cytoplasm = Cytoplasm {
        hof,
        vacuoles: (rng.count(0, 3), 0.35),
        ..Cytoplasm::new(times(RNA, rng.range(0.75, 0.95))).rim(0.5, 0.5).mottle(0.45, 0.45)
    };
    Cell { outline, cytoplasm, nucleus: Some(nucleus(shape, chromatin)), granules: Vec::new(), auer: 0 }
}

pub(super) fn erythroblast(rng: &mut Rng) -> Cell {
    // the younger, the larger and bluer, with gaps in its chromatin; the oldest is pyknotic
    let age = rng.unit();
    let size = 5.6 - 1.1 * age + 0.2 * rng.normal();
    let radius = 3.5 - 1.1 * age;
    let shape = round(rng, radius, 1.05).wobbling(0.08, 1.0).at(rng.within((size - radius) * 0.7));
    let chromatin = Chromatin {
        amount: 2.05 + 0.35 * age,
        contrast: 0.42 * (1.0 - age) + 0.05,
        size: 0.8,
        clumping: 0.9,
        rim: 0.1,
        shade: 0.05,
    };
    let blue = 1.0 - 0.75 * age;
    let cytoplasm = Cytoplasm::new([0.34 + 0.30 * blue, 0.58 + 0.08 * blue, 0.24 - 0.05 * blue]).rim(0.15, 0.4);
    Cell {
        outline: body(rng, size, 1.1, 0.45),
        cytoplasm: cytoplasm.mottle(0.1, 0.7),
        nucleus: Some(nucleus(shape, chromatin)),
        granules: Vec::new(),
        auer: 0,
    }
}

//! From a class code to what is in the frame. The recipes themselves: `granulocytes`, `mononuclear`, `debris`.

use super::{
    cell::Cell,
    debris,
    geometry::{Capsule, P},
    granulocytes, mononuclear,
    noise::Rng,
    stain::Od,
};

/// Codes of the classes that can be drawn: every class of the table but UNI, which is a reader's doubt and no cell, and the blasts
/// that only more than a picture tells from a myeloblast (LBL, BLU).
pub const CLASSES: &[&str] = &[
    "NGS", "NGB", "LYT", "LYA", "MON", "EOS", "BAS", "MYO", "MOB", "PMO", "PMB", "MYB", "MMZ", "EBO", "KSC", "PLC",
    "PRM", "PRL", "GPL", "PLT", "ART",
];

/// A mark that is no cell: stain precipitate, a fibre.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub shape: Capsule,
    pub od: Od,
    pub opacity: f32,
    pub soft: f32,
}

/// What a frame shows besides red cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    pub cells: Vec<(P, Cell)>,
    pub marks: Vec<Mark>,
    /// How far red cells press into the cell's outline (reactive lymphocytes flow around them), in micrometres.
    pub hugs: f32,
}

impl Scene {
    /// A scene of one cell in the middle.
    pub fn of(cell: Cell) -> Self {
        Self { cells: vec![(P::ZERO, cell)], hugs: 0.6, ..Self::default() }
    }

    /// Distance from the nearest thing that red cells keep away from.
    pub fn distance(&self, at: P) -> f32 {
        self.cells.iter().map(|(centre, cell)| cell.distance(at - *centre)).fold(f32::INFINITY, f32::min)
    }
}

/// The scene for a class; `None` for a code that is not in [`CLASSES`].
pub(super) fn scene(code: &str, rng: &mut Rng) -> Option<Scene> {
    let cell = match code {
        "NGS" => granulocytes::segmented(rng),
        "NGB" => granulocytes::band_form(rng),
        "MMZ" => granulocytes::metamyelocyte(rng),
        "MYB" => granulocytes::myelocyte(rng),
        "PMO" => granulocytes::promyelocyte(rng),
        "PMB" => granulocytes::bilobed_promyelocyte(rng),
        "MYO" => granulocytes::myeloblast(rng),
        "EOS" => granulocytes::eosinophil(rng),
        "BAS" => granulocytes::basophil(rng),
        "MOB" => mononuclear::monoblast(rng),
        "PRM" => mononuclear::promonocyte(rng),
        "MON" => mononuclear::monocyte(rng),
        "LYT" => mononuclear::lymphocyte(rng),
        "LYA" => return Some(Scene { hugs: 1.5, ..Scene::of(mononuclear::atypical_lymphocyte(rng)) }),
        "PRL" => mononuclear::prolymphocyte(rng),
        "PLC" => mononuclear::plasma_cell(rng),
        "EBO" => mononuclear::erythroblast(rng),
        "KSC" => debris::smudge_cell(rng),
        "GPL" => debris::giant_platelet(rng),
        "PLT" => return Some(debris::platelet_clump(rng)),
        "ART" => return Some(debris::artefact(rng)),
        _ => return None,
    };
    Some(Scene::of(cell))
}

/// Class of a second leukocyte that may stand at the frame's edge: what comes with this cell in a leukaemic smear.
pub(super) fn companion(code: &str) -> Option<&'static str> {
    match code {
        "MYO" | "NGS" | "LYT" | "MYB" => Some("MYO"),
        "MOB" | "PRM" | "MON" => Some("MOB"),
        "PMO" | "PMB" => Some("PMO"),
        _ => None,
    }
}

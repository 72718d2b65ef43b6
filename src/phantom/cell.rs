//! What one cell is made of, and how it is laid on the canvas: cytoplasm, then nucleus, then granules. Which class has
//! which is in the recipes.

use super::{
    canvas::{Canvas, cover, coverage},
    geometry::{Capsule, P, Shape, p, smoothstep},
    granules::Granules,
    noise::{Rng, exp, fractal, noise},
    stain::{Od, blend, chromatin, times},
};

/// Half the length of an Auer rod.
const AUER_ROD: f32 = 1.35;

/// A cell in its own frame (micrometres from its centre).
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub outline: Shape,
    pub cytoplasm: Cytoplasm,
    pub nucleus: Option<Nucleus>,
    pub granules: Vec<Granules>,
    /// Auer rods: azurophilic needles.
    pub auer: usize,
}

/// The cell body.
#[derive(Debug, Clone)]
pub(super) struct Cytoplasm {
    pub od: Od,
    /// How much denser the rim is, as a share, and the rim's width.
    pub rim: (f32, f32),
    /// Unevenness as a share, and its size.
    pub mottle: (f32, f32),
    /// A paler zone (Golgi): centre, radius, share taken away.
    pub hof: Option<(P, f32, f32)>,
    /// Number of vacuoles and their largest radius.
    pub vacuoles: (usize, f32),
    /// Width of the outer edge: 0.15 is a sharp membrane.
    pub edge: f32,
}

impl Cytoplasm {
    pub fn new(od: Od) -> Self {
        Self { od, rim: (0.25, 0.5), mottle: (0.15, 0.8), hof: None, vacuoles: (0, 0.0), edge: 0.18 }
    }

    pub fn rim(self, share: f32, width: f32) -> Self {
        Self { rim: (share, width), ..self }
    }

    pub fn mottle(self, share: f32, size: f32) -> Self {
        Self { mottle: (share, size), ..self }
    }
}

/// How a nucleus's chromatin lies.
#[derive(Debug, Clone)]
pub(super) struct Chromatin {
    /// Mean amount (1: a blast's, 2.3: pyknotic).
    pub amount: f32,
    /// Variation as a share, and the size of its features.
    pub contrast: f32,
    pub size: f32,
    /// 0: a fine even net; 1: clumps with clear gaps.
    pub clumping: f32,
    /// How much denser the nuclear membrane is, as a share.
    pub rim: f32,
    /// Slow variation over the nucleus, as a share.
    pub shade: f32,
}

/// A nucleus.
#[derive(Debug, Clone)]
pub(super) struct Nucleus {
    pub shape: Shape,
    pub chromatin: Chromatin,
    /// Nucleoli: place, radius, paleness.
    pub nucleoli: Vec<(P, f32, f32)>,
    /// Folds of the nuclear membrane.
    pub creases: Vec<Capsule>,
    /// Width of the edge: 0.2 is a sharp membrane.
    pub edge: f32,
    /// Whether the nucleus stays inside the outline of the cell.
    pub held: bool,
}

impl Cell {
    /// Signed distance from the cell's outline.
    pub fn distance(&self, at: P) -> f32 {
        self.outline.distance(at)
    }

    /// Signed distance from the nucleus; far away where there is none.
    pub fn nuclear_distance(&self, at: P) -> f32 {
        self.nucleus.as_ref().map_or(f32::INFINITY, |n| {
            let d = n.shape.distance(at);
            if n.held { d.max(self.distance(at) + 0.12) } else { d }
        })
    }

    /// Draws the cell with its centre at `at`.
    pub fn draw(&self, canvas: &mut Canvas, at: P, rng: &mut Rng) {
        let seed = rng.bits();
        self.draw_cytoplasm(canvas, at, seed);
        self.draw_vacuoles(canvas, at, rng);
        self.draw_nucleus(canvas, at, seed ^ 0x5bd1);
        for granules in &self.granules {
            granules.draw(self, canvas, at, rng);
        }
        self.draw_auer_rods(canvas, at, rng);
    }

    fn draw_cytoplasm(&self, canvas: &mut Canvas, at: P, seed: u32) {
        let body = &self.cytoplasm;
        canvas.each(at, self.outline.reach() + body.edge, |px, q| {
            let d = self.outline.distance(q);
            let alpha = coverage(d, body.edge);
            if alpha == 0.0 {
                return;
            }
            let rim = 1.0 + body.rim.0 * exp(-(d / body.rim.1).powi(2));
            let mottle = 1.0 + body.mottle.0 * fractal(seed, q * (1.0 / body.mottle.1));
            let hof = body.hof.map_or(1.0, |(centre, radius, share)| {
                1.0 - share * smoothstep(radius * 1.35, radius * 0.55, (q - centre).length())
            });
            cover(px, times(body.od, rim * mottle * hof), alpha);
        });
    }

    fn draw_vacuoles(&self, canvas: &mut Canvas, at: P, rng: &mut Rng) {
        let (count, largest) = self.cytoplasm.vacuoles;
        let reach = self.outline.reach();
        let cluster = rng.around(reach * 0.7);
        for i in 0..count {
            // a place that fits, if one turns up; most lie together
            for _ in 0..12 {
                let radius = largest * rng.range(0.35, 1.0);
                let q = if i % 4 == 0 { rng.within(reach) } else { cluster + rng.within(reach * 0.4) };
                if self.distance(q) < -radius - 0.2 && self.nuclear_distance(q) > 0.0 {
                    canvas.lighten(at + q, radius, rng.range(0.45, 0.8));
                    break;
                }
            }
        }
    }

    fn draw_nucleus(&self, canvas: &mut Canvas, at: P, seed: u32) {
        let Some(nucleus) = &self.nucleus else { return };
        let held = nucleus.held && self.nucleus_touches_outline(nucleus);
        canvas.each(at, nucleus.shape.reach() + nucleus.edge, |px, q| {
            let mut d = nucleus.shape.distance(q);
            if d > nucleus.edge {
                return;
            }
            if held {
                d = d.max(self.outline.distance(q) + 0.12);
            }
            let alpha = coverage(d, nucleus.edge);
            if alpha > 0.0 {
                cover(px, nucleus.od(q, d, seed), alpha);
            }
        });
    }

    /// Whether the outline can cut into the nucleus at all (else its distance need not be computed for each pixel).
    fn nucleus_touches_outline(&self, nucleus: &Nucleus) -> bool {
        let reach = nucleus.shape.reach();
        (0..48).any(|i| self.distance(P::polar(i as f32 * std::f32::consts::TAU / 48.0, reach)) > -0.2)
    }

    fn draw_auer_rods(&self, canvas: &mut Canvas, at: P, rng: &mut Rng) {
        for _ in 0..self.auer {
            for _ in 0..60 {
                let (q, half) = (rng.within(self.outline.reach()), rng.around(AUER_ROD));
                let (a, b) = (q - half, q + half);
                let free = |q: P| self.distance(q) < -0.25 && self.nuclear_distance(q) > -0.6;
                if free(a) && free(b) && free(q) {
                    canvas.stamp(&Capsule::rod(at + a, at + b, 0.16), [0.62, 1.75, 0.50], 0.85, 0.2);
                    break;
                }
            }
        }
    }
}

impl Nucleus {
    /// Density at a place of the nucleus; `d` is its (negative) distance from the membrane.
    #[inline]
    fn od(&self, q: P, d: f32, seed: u32) -> Od {
        let c = &self.chromatin;
        let s = q * (1.0 / c.size);
        let n = fractal(seed, s);
        // a net is bright meshes between strands (ridges of the noise); clumps are its hills, pushed apart
        let net = 0.55 - 1.6 * n.abs();
        // (dark ground with clear gaps: the gaps are deeper than the hills are high)
        let hills = (n + 0.08) * (1.0 + 3.5 * c.clumping);
        let hills = hills / (0.45 + hills.abs());
        let hills = if hills > 0.0 { 0.6 * hills } else { 1.15 * hills };
        let texture = net + (hills - net) * c.clumping.min(1.0);
        let slow = noise(seed ^ 0x1b3, q * 0.35);
        let rim = c.rim * exp(-(d / 0.32).powi(2));
        let mut amount = c.amount * (1.0 + c.contrast * texture + c.shade * slow + rim);
        let mut paleness = 0.0;
        for (centre, radius, strength) in &self.nucleoli {
            let from = (q - *centre).length() / radius;
            let ring = (1.0 - ((from - 1.15) / 0.3).abs()).max(0.0);
            paleness += strength * smoothstep(1.2, 0.45, from);
            amount *= 1.0 + 0.15 * strength * ring;
        }
        for crease in &self.creases {
            // bent by noise: no fold is straight
            let bend = p(noise(seed ^ 0x2f, q * 0.5), noise(seed ^ 0x3d, q * 0.5)) * 1.1;
            let from = crease.distance(q + bend);
            amount *=
                1.0 + 0.30 * (1.0 - from.abs() / 0.35).max(0.0) - 0.15 * (1.0 - (from - 0.5).abs() / 0.4).max(0.0);
        }
        let od = chromatin(amount.max(0.25));
        if paleness > 0.0 { blend(od, [0.62, 0.78, 0.20], 0.75 * paleness.min(1.0)) } else { od }
    }
}

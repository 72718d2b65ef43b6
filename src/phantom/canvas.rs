//! The frame as optical density: what lies in the light's way, per pixel and colour. Light and camera are in `stain`.

use super::{
    geometry::{Capsule, P, p},
    stain::Od,
};

/// Width of a phantom in px.
pub const WIDTH: u32 = 360;
/// Height of a phantom in px.
pub const HEIGHT: u32 = 363;
/// Micrometres per px.
pub const UM_PER_PX: f64 = 0.10;

const PX_PER_UM: f32 = 10.0;

/// Optical densities of a frame. The origin of the plane is the frame's centre.
pub(super) struct Canvas {
    pub od: Vec<Od>,
}

impl Canvas {
    pub fn new() -> Self {
        Self { od: vec![[0.0; 3]; (WIDTH * HEIGHT) as usize] }
    }

    /// Calls `paint` with each pixel of the disc of that radius around `centre`, and where it lies (in micrometres from
    /// `centre`).
    pub fn each(&mut self, centre: P, reach: f32, mut paint: impl FnMut(&mut Od, P)) {
        // the middle of pixel 0 lies half a pixel inside the frame's edge
        let middle_x = centre.x * PX_PER_UM + WIDTH as f32 / 2.0 - 0.5;
        let middle_y = centre.y * PX_PER_UM + HEIGHT as f32 / 2.0 - 0.5;
        let bounds = |middle: f32, half: f32, side: u32| {
            let bound = |px: f32| px.clamp(0.0, side as f32) as usize;
            bound(middle - half + 1.0)..bound(middle + half + 1.0)
        };
        for y in bounds(middle_y, reach * PX_PER_UM, HEIGHT) {
            let dy = (y as f32 - middle_y) / PX_PER_UM;
            let half = (reach * reach - dy * dy).max(0.0).sqrt() * PX_PER_UM;
            let row = &mut self.od[y * WIDTH as usize..][..WIDTH as usize];
            for x in bounds(middle_x, half, WIDTH) {
                paint(&mut row[x], p((x as f32 - middle_x) / PX_PER_UM, dy));
            }
        }
    }

    /// Lays a capsule of one density over what is there; `soft` is the width of its edge in micrometres.
    pub fn stamp(&mut self, mark: &Capsule, od: Od, opacity: f32, soft: f32) {
        let centre = (mark.a + mark.b) * 0.5;
        let reach = (mark.b - mark.a).length() * 0.5 + mark.ra.max(mark.rb) + soft;
        self.each(centre, reach, |px, at| {
            let alpha = opacity * coverage(mark.distance(at + centre), soft);
            if alpha > 0.0 {
                cover(px, od, alpha);
            }
        });
    }

    /// Makes a disc lighter: a vacuole, with a thin denser wall.
    pub fn lighten(&mut self, at: P, radius: f32, strength: f32) {
        self.each(at, radius + 0.3, |px, q| {
            let d = q.length() - radius;
            let inside = coverage(d, 0.45) * strength;
            let wall = (1.0 - (d / 0.16).abs()).max(0.0) * 0.25 * strength;
            for c in px {
                *c *= 1.0 - inside + wall;
            }
        });
    }
}

/// How much of a pixel lies inside an outline at that distance, the edge being `soft` micrometres wide.
#[inline]
pub(super) fn coverage(distance: f32, soft: f32) -> f32 {
    (0.5 - distance / soft).clamp(0.0, 1.0)
}

/// Replaces a share `alpha` of what a pixel shows.
#[inline]
pub(super) fn cover(px: &mut Od, od: Od, alpha: f32) {
    for (c, new) in px.iter_mut().zip(od) {
        *c += (new - *c) * alpha;
    }
}

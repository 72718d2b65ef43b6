//! Varied views of a cell: as it could have lain, been stained, been lit and been photographed elsewhere.
//!
//! A view is a picture of the field at the network's resolution; [`preprocess`](crate::model::preprocess), the one
//! function that prediction uses as well, makes the network's input of it.

mod place;
mod quality;
mod shift;
mod stain;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::random::Draw;
use crate::model::{Input, InputSpec, preprocess};

pub use place::Placement;
pub use shift::Shift;

/// How far a cell is varied. All zero: not at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augment {
    /// Any rotation: a smear has no upright.
    pub turn: bool,
    /// Half of the views are mirrored.
    pub mirror: bool,
    /// Largest change of the size, as a share: 0.15 for 0.87 to 1.15.
    pub zoom: f64,
    /// Largest shift along each side, in um.
    pub shift_um: f64,
    /// Standard deviation of the logarithm of the stain's strength in optical density; each dye varies by half of it besides.
    pub stain: f64,
    /// Standard deviation of the logarithm of the light's colour and strength.
    pub light: f64,
    /// Largest standard deviation of a blur, in um; a third of the views are blurred.
    pub blur_um: f64,
    /// Share of the views that are compressed once more as JPEG, of quality 40 to 95.
    pub jpeg: f64,
    /// Largest standard deviation of the sensor's noise, in grey levels of 255.
    pub noise: f64,
}

impl Augment {
    /// For a network that other laboratories are to use.
    pub fn broad() -> Self {
        Self {
            turn: true,
            mirror: true,
            zoom: 0.15,
            shift_um: 1.0,
            stain: 0.25,
            light: 0.08,
            blur_um: 0.3,
            jpeg: 0.15,
            noise: 4.0,
        }
    }

    /// Rotations and mirror images alone, as in the paper.
    pub fn turned() -> Self {
        Self { turn: true, mirror: true, ..Self::none() }
    }

    /// The cell as it is.
    pub fn none() -> Self {
        Self {
            turn: false,
            mirror: false,
            zoom: 0.0,
            shift_um: 0.0,
            stain: 0.0,
            light: 0.0,
            blur_um: 0.0,
            jpeg: 0.0,
            noise: 0.0,
        }
    }

    /// Checks what the types leave open.
    ///
    /// # Errors
    /// With a clause that names the field.
    pub fn check(&self) -> Result<(), String> {
        let bounds = [
            ("zoom", self.zoom, 1.0),
            ("shift_um", self.shift_um, 100.0),
            ("stain", self.stain, 2.0),
            ("light", self.light, 1.0),
            ("blur_um", self.blur_um, 10.0),
            ("jpeg", self.jpeg, 1.0),
            ("noise", self.noise, 64.0),
        ];
        match bounds.into_iter().find(|(_, value, most)| !(0.0..=*most).contains(value)) {
            Some((name, value, most)) => Err(format!("{name} is {value}; use 0 to {most}")),
            None => Ok(()),
        }
    }

    /// A view of `frame`, as an input of `side` x `side` px.
    pub(super) fn view(
        &self,
        frame: &RgbImage,
        um_per_px: Option<f64>,
        spec: &InputSpec,
        side: usize,
        draw: &mut Draw,
    ) -> Input {
        let spec = InputSpec { size: side, ..spec.clone() };
        let px_per_um = side as f64 / spec.field_um;
        let placement = Placement {
            angle: if self.turn { std::f64::consts::TAU * draw.unit() } else { 0.0 },
            mirrored: self.mirror && draw.happens(0.5),
            zoom: (draw.signed() * (1.0 + self.zoom).ln()).exp(),
            shift: [draw.signed(), draw.signed()].map(|s| s * self.shift_um * px_per_um),
        };
        let mut picture = place::place(frame, um_per_px, spec.field_um, side, &placement);
        if self.stain > 0.0 || self.light > 0.0 {
            stain::restain(&mut picture, &stain::Look::draw(self.stain, self.light, draw));
        }
        if self.blur_um > 0.0 && draw.happens(1.0 / 3.0) {
            quality::blur(&mut picture, draw.unit() * self.blur_um * px_per_um);
        }
        if self.noise > 0.0 {
            let deviation = draw.unit() * self.noise;
            quality::noise(&mut picture, deviation, draw);
        }
        if self.jpeg > 0.0 && draw.happens(self.jpeg) {
            quality::jpeg(&mut picture, 40 + draw.below(56) as u8);
        }
        // The picture is the field already: nothing is cut or resized any more.
        preprocess(&picture, Some(spec.field_um / side as f64), &spec)
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::model::Colour;

    /// A dark disc right of the middle of a bright frame.
    fn frame() -> RgbImage {
        RgbImage::from_fn(192, 192, |x, y| {
            let (dx, dy) = (f64::from(x) - 110.0, f64::from(y) - 96.0);
            if dx.hypot(dy) < 30.0 { Rgb([90, 40, 140]) } else { Rgb([235, 220, 225]) }
        })
    }

    fn spec() -> InputSpec {
        InputSpec { colour: Colour::AsIs, ..crate::train::Preset::Light.recipe().input }
    }

    #[test]
    fn a_view_without_variation_is_what_prediction_sees() {
        let (frame, spec) = (frame(), spec());
        let plain = preprocess(&frame, Some(0.1333), &spec);
        let view = Augment::none().view(&frame, Some(0.1333), &spec, 96, &mut Draw::new(1, 1));
        let far = plain.values().iter().zip(view.values()).filter(|(a, b)| (*a - *b).abs() > 0.3).count();
        // Half a px at the disc's edge: whole px of the frame there, exact places here.
        assert!(far < 3 * 300, "{far} of {} values differ", 3 * 96 * 96);
    }

    #[test]
    fn a_draw_decides_a_view_and_views_differ() {
        let (frame, spec) = (frame(), spec());
        let view = |n| Augment::broad().view(&frame, Some(0.1333), &spec, 64, &mut Draw::new(1, n));
        assert_eq!(view(1), view(1));
        assert_ne!(view(1), view(2));
        assert_eq!(view(1).values().len(), 3 * 64 * 64);
    }

    #[test]
    fn odd_frames_do_no_harm() {
        let spec = spec();
        for (width, height) in [(1, 1), (3, 400), (500, 2), (40, 40), (2920, 30)] {
            for scale in [None, Some(0.1), Some(5.0), Some(0.005), Some(1e-300)] {
                let frame = RgbImage::from_pixel(width, height, Rgb([200, 0, 255]));
                let view = Augment::broad().view(&frame, scale, &spec, 32, &mut Draw::new(3, 5));
                assert!(view.values().iter().all(|v| v.is_finite()), "{width}x{height} {scale:?}");
            }
        }
        let empty = Augment::broad().view(&RgbImage::new(0, 7), None, &spec, 32, &mut Draw::new(3, 5));
        assert_eq!(empty.values().len(), 3 * 32 * 32);
    }
}

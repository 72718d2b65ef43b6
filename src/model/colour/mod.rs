//! Frames of different laboratories made comparable: by the light of the background, or by the two dyes of the stain.
//!
//! What is here looks at one frame at a time and needs no other; the wanted colours are part of a network's input
//! specification. Where a frame does not show what a method needs (no background, no stained cell, no colour), as much
//! is done as it does show, and never more than the limits below.

mod background;
mod stain;

use image::RgbImage;
use serde::{Deserialize, Serialize};

pub use stain::Stain;

use background::Light;
use stain::Unmixing;

/// What the background becomes in each channel: white, with room for what is brighter.
const WHITE: f32 = 240.0;

/// Pixels of a frame that are looked at: a grid of so many, whatever its size.
const SAMPLES: usize = 2304;

/// How the colours of frames are made comparable before a network sees them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Colour {
    /// Not at all.
    #[default]
    AsIs,
    /// White balance: each channel is scaled so that the brightest twentieth of the frame, the background between red
    /// cells as a rule, becomes the same near-white (white-patch retinex with a quantile for the maximum: Ebner, Color
    /// Constancy, 2007, section 6.1).
    Background,
    /// The white balance, and then each of two dyes brought to the same hue and strength in optical density (Macenko et
    /// al., A method for normalizing histology slides for quantitative analysis, ISBI 2009). What is neither dye, such as
    /// hemoglobin and the orange of eosinophil granules, is kept as it is.
    Stain(Stain),
}

impl Colour {
    /// Whether frames stay as they are.
    pub fn is_as_is(&self) -> bool {
        *self == Self::AsIs
    }

    /// One clause for people.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::AsIs => "colours as they are",
            Self::Background => "white balance by the background",
            Self::Stain(_) => "white balance by the background, stain normalised (Macenko 2009)",
        }
    }

    /// Looks for what is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::Stain(stain) => stain.check(),
            _ => Ok(()),
        }
    }
}

/// What is done to every pixel of one frame.
#[derive(Debug, Clone)]
pub struct Correction(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Nothing,
    Light(Box<Light>),
    Stain(Box<Unmixing>),
}

impl Correction {
    /// The correction that `colour` asks for, found from `frame` alone. A frame without pixels is left as it is.
    pub fn of(frame: &RgbImage, colour: &Colour) -> Self {
        if colour.is_as_is() || frame.is_empty() {
            return Self(Kind::Nothing);
        }
        let sample = sample(frame);
        let light = Light::of(&sample);
        Self(match colour {
            Colour::AsIs => Kind::Nothing,
            Colour::Background => Kind::Light(Box::new(light)),
            Colour::Stain(stain) => match Unmixing::of(&sample, &light, stain) {
                Some(unmixing) => Kind::Stain(Box::new(unmixing)),
                None => Kind::Light(Box::new(light)),
            },
        })
    }

    /// Corrects `pixels`, red, green and blue of each in turn.
    pub fn apply(&self, pixels: &mut [u8]) {
        let (pixels, _) = pixels.as_chunks_mut::<3>();
        match &self.0 {
            Kind::Nothing => {}
            Kind::Light(light) => pixels.iter_mut().for_each(|p| *p = light.balanced(*p)),
            Kind::Stain(unmixing) => pixels.iter_mut().for_each(|p| *p = unmixing.normalised(*p)),
        }
    }
}

/// Pixels on a grid over the whole frame.
fn sample(frame: &RgbImage) -> Vec<[u8; 3]> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let step = ((width * height) as f64 / SAMPLES as f64).sqrt().floor().max(1.0) as usize;
    let (pixels, _) = frame.as_raw().as_chunks::<3>();
    let rows = pixels.chunks_exact(width).skip(step / 2).step_by(step);
    let sample: Vec<_> = rows.flat_map(|row| row.iter().skip(step / 2).step_by(step).copied()).collect();
    // A frame that is narrower than half a step.
    if sample.is_empty() { pixels.to_vec() } else { sample }
}

#[cfg(test)]
mod tests;

//! Colours as optical densities of a May-Grünwald-Giemsa/Wright smear, and the microscope that looks at them:
//! transmitted light by Beer-Lambert, optical blur, sensor noise.
//!
//! The densities were read off real captures (a scanner's white point of about 255, 229, 203): natural logarithm of
//! background over colour, for red, green and blue.

use image::RgbImage;

use super::{
    canvas::{Canvas, HEIGHT, WIDTH},
    noise::{Rng, exp},
};

/// Optical density (natural logarithm) for red, green and blue.
pub(super) type Od = [f32; 3];

/// Haemoglobin in a red cell at full thickness.
pub(super) const HAEMOGLOBIN: Od = [0.36, 0.61, 0.33];
/// Basophilic cytoplasm (RNA) of density 1.
pub(super) const RNA: Od = [0.96, 0.85, 0.20];
/// Cytoplasm of maturing granulocytes of density 1.
pub(super) const PINK: Od = [0.62, 1.0, 0.36];
/// Grey-blue cytoplasm of monocytes of density 1.
pub(super) const GREY_BLUE: Od = [0.92, 0.96, 0.20];
/// Azurophilic (primary) granules.
pub(super) const AZUROPHIL: Od = [0.92, 1.90, 0.42];
/// Specific granules of neutrophils.
pub(super) const NEUTROPHIL: Od = [0.50, 0.82, 0.22];
/// Eosinophilic granules.
pub(super) const EOSINOPHIL: Od = [0.30, 0.80, 0.62];
/// Basophilic granules.
pub(super) const BASOPHIL: Od = [1.42, 2.35, 0.52];

/// A stain at another strength.
pub(super) fn times(od: Od, k: f32) -> Od {
    od.map(|c| c * k)
}

/// Two densities blended.
pub(super) fn blend(a: Od, b: Od, t: f32) -> Od {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

/// A nucleus's density for an amount of chromatin: azure B first (bluish), eosin-azure with it (purple).
#[inline]
pub(super) fn chromatin(amount: f32) -> Od {
    let base = (amount * 2.0).min(1.0);
    [0.17 * base + 0.50 * amount, 0.08 * base + amount, 0.13 * base + 0.17 * amount]
}

/// How a smear was stained, lit and photographed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Colour of the empty background, 0 to 255.
    pub light: [f32; 3],
    /// Strength of the stain; 1 is usual.
    pub strength: f32,
    /// Balance of the stain from blue (-1) to red (1).
    pub tone: f32,
    /// Optical blur: standard deviation in px.
    pub blur: f32,
    /// Sensor noise: standard deviation in grey levels.
    pub noise: f32,
    /// Fall of light across the frame, as a share.
    pub tilt: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self { light: [255.0, 229.0, 203.0], strength: 1.0, tone: 0.0, blur: 0.6, noise: 1.1, tilt: 0.0 }
    }
}

impl Look {
    /// One frame's look: what the smears of one laboratory differ by from cell to cell.
    pub(super) fn varied(rng: &mut Rng) -> Self {
        let light = rng.normal() * 1.6;
        let usual = Self::default();
        Self {
            light: [usual.light[0] + light.min(0.0), usual.light[1] + light, usual.light[2] + light + rng.normal()],
            strength: 1.0 + 0.05 * rng.normal(),
            tone: 0.45 * rng.normal(),
            blur: rng.range(0.5, 0.75),
            noise: rng.range(0.9, 1.4),
            tilt: rng.range(-0.008, 0.008),
        }
    }

    /// Multipliers of the three densities.
    fn balance(&self) -> [f32; 3] {
        let tone = self.tone.clamp(-2.0, 2.0);
        [1.0 - 0.09 * tone, 1.0 + 0.02 * tone, 1.0 + 0.07 * tone].map(|c| c * self.strength)
    }
}

/// The picture that a camera takes of the canvas.
pub(super) fn develop(canvas: &Canvas, look: &Look, rng: &mut Rng) -> RgbImage {
    let balance = look.balance();
    let mut light = vec![[1.0_f32; 3]; canvas.od.len()];
    for (out, od) in light.iter_mut().zip(&canvas.od) {
        // half of a frame is empty glass
        if od[1] > 0.0 {
            for k in 0..3 {
                out[k] = exp(-od[k] * balance[k]);
            }
        }
    }
    blur(light.as_flattened_mut(), look.blur);
    let mut out = RgbImage::new(WIDTH, HEIGHT);
    for (line, light) in out.chunks_exact_mut(LINE).zip(light.chunks_exact(WIDTH as usize)) {
        for (x, (px, light)) in line.chunks_exact_mut(3).zip(light).enumerate() {
            let fall = 1.0 + look.tilt * (x as f32 / WIDTH as f32 - 0.5);
            // one word of chance: a shared part and a part per colour, each a byte, with the variance of a normal
            let [shared, own @ ..] = rng.bits().to_le_bytes();
            for k in 0..3 {
                let noise = look.noise * (0.6 * spread(shared) + 0.8 * spread(own[k]));
                px[k] = (look.light[k] * fall * light[k] + noise + 0.5) as u8;
            }
        }
    }
    out
}

/// A random byte as a number with mean 0 and variance 1.
#[inline]
fn spread(byte: u8) -> f32 {
    (f32::from(byte) - 127.5) / 73.9
}

/// Values in a line of the frame.
const LINE: usize = WIDTH as usize * 3;

/// Gaussian blur over five px each way, edges repeated. Plain loops over lines of floats, which the compiler vectorises.
fn blur(light: &mut [f32], sigma: f32) {
    if sigma <= 0.0 {
        return;
    }
    let weight = |d: f32| exp(-d * d / (2.0 * sigma * sigma));
    let total = weight(0.0) + 2.0 * weight(1.0) + 2.0 * weight(2.0);
    let w = [weight(0.0) / total, weight(1.0) / total, weight(2.0) / total];
    let mut across = vec![0.0; light.len()];
    let mut padded = vec![0.0; LINE + 12];
    for (line, out) in light.chunks_exact(LINE).zip(across.chunks_exact_mut(LINE)) {
        padded[6..LINE + 6].copy_from_slice(line);
        for k in 0..6 {
            padded[k] = line[k % 3];
            padded[LINE + 6 + k] = line[LINE - 3 + k % 3];
        }
        weigh(out, w, [&padded, &padded[3..], &padded[6..], &padded[9..], &padded[12..]]);
    }
    let line = |y: isize| &across[y.clamp(0, HEIGHT as isize - 1) as usize * LINE..][..LINE];
    for (y, out) in (0..).zip(light.chunks_exact_mut(LINE)) {
        weigh(out, w, [line(y - 2), line(y - 1), line(y), line(y + 1), line(y + 2)]);
    }
}

/// The weighted sum of five lines, the third being the middle one.
fn weigh(out: &mut [f32], w: [f32; 3], from: [&[f32]; 5]) {
    let from = from.map(|line| &line[..LINE]);
    for (i, out) in out[..LINE].iter_mut().enumerate() {
        *out = w[0] * from[2][i] + w[1] * (from[1][i] + from[3][i]) + w[2] * (from[0][i] + from[4][i]);
    }
}

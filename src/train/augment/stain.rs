//! Another stain and another light, in optical density.

use image::RgbImage;

use super::super::random::Draw;

/// How a picture is stained and lit anew.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// Optical densities of red, green and blue after it, for those before it.
    density: [[f32; 3]; 3],
    /// Factors of the light's red, green and blue.
    light: [f32; 3],
}

impl Look {
    /// The same dyes, all stronger by a factor, in a light of these factors.
    pub fn fixed(strength: f64, light: [f64; 3]) -> Self {
        let of = |to, from| if to == from { strength as f32 } else { 0.0 };
        Self {
            density: std::array::from_fn(|to| std::array::from_fn(|from| of(to, from))),
            light: light.map(|l| l as f32),
        }
    }

    /// One at random. Strength and balance of the dyes vary in optical density, where they are additive (Beer-Lambert), in
    /// the spirit of Tellez et al. 2018 for haematoxylin and eosin; the dyes of a Romanowsky stain overlap too much to be
    /// told apart by colour, so that channels vary instead, and a little of each goes into the others.
    pub fn draw(stain: f64, light: f64, draw: &mut Draw) -> Self {
        let strength = (stain * draw.gauss().clamp(-2.0, 2.0)).exp();
        let mut density = [[0.0; 3]; 3];
        for (to, row) in density.iter_mut().enumerate() {
            for (from, value) in row.iter_mut().enumerate() {
                let g = draw.gauss().clamp(-2.0, 2.0);
                *value = (strength * if to == from { (0.5 * stain * g).exp() } else { 0.15 * stain * g }) as f32;
            }
        }
        let all = light * draw.gauss().clamp(-2.0, 2.0);
        let light = [0; 3].map(|_| (all + light * draw.gauss().clamp(-2.0, 2.0)).exp() as f32);
        Self { density, light }
    }
}

/// Stains and lights a picture anew. The light that falls through is taken for the 95th percentile of each channel.
pub(super) fn restain(picture: &mut RgbImage, look: &Look) {
    let background = [0, 1, 2].map(|channel| f32::from(percentile(picture, channel, 0.95)) + 1.0);
    let table: [[f32; 256]; 3] =
        std::array::from_fn(|c| std::array::from_fn(|v| (background[c] / (v as f32 + 1.0)).ln()));
    let light: [f32; 3] = std::array::from_fn(|c| background[c] * look.light[c]);
    for pixel in picture.pixels_mut() {
        let density: [f32; 3] = std::array::from_fn(|c| table[c][usize::from(pixel[c])]);
        for ((value, row), light) in pixel.0.iter_mut().zip(&look.density).zip(light) {
            let new: f32 = row.iter().zip(density).map(|(m, d)| m * d).sum();
            *value = (light * (-new).exp() - 1.0).round().clamp(0.0, 255.0) as u8;
        }
    }
}

/// The value below which a share of a channel's px lie.
fn percentile(picture: &RgbImage, channel: usize, share: f64) -> u8 {
    let mut counts = [0_u32; 256];
    picture.pixels().for_each(|p| counts[usize::from(p[channel])] += 1);
    let wanted = (share * f64::from(picture.width() * picture.height())) as u32;
    let mut seen = 0;
    let found = counts.iter().position(|n| {
        seen += n;
        seen > wanted
    });
    found.unwrap_or(255) as u8
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn picture() -> RgbImage {
        RgbImage::from_fn(32, 32, |x, _| if x < 8 { Rgb([100, 50, 150]) } else { Rgb([240, 230, 220]) })
    }

    #[test]
    fn the_same_stain_and_light_change_nothing() {
        let mut new = picture();
        let density = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        restain(&mut new, &Look { density, light: [1.0; 3] });
        assert_eq!(new, picture());
    }

    #[test]
    fn a_stronger_stain_darkens_the_cell_and_another_light_everything() {
        let mut strong = picture();
        let density = [[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        restain(&mut strong, &Look { density, light: [1.0, 1.0, 0.4] });
        // Twice the density of red: 101^2 / 241 - 1; blue of half the light: 0.4 * 151 - 1 and 0.4 * 221 - 1.
        assert_eq!(strong.get_pixel(0, 0), &Rgb([41, 50, 59]));
        assert_eq!(strong.get_pixel(20, 0), &Rgb([240, 230, 87]));
    }

    #[test]
    fn looks_are_drawn_about_as_far_as_asked_for() {
        let diagonal: Vec<f64> =
            (0..2000).map(|n| f64::from(Look::draw(0.2, 0.1, &mut Draw::new(1, n)).density[1][1]).ln()).collect();
        let deviation = (diagonal.iter().map(|d| d * d).sum::<f64>() / 2000.0).sqrt();
        assert!((0.19..0.24).contains(&deviation), "{deviation}");
        let none = Look::draw(0.0, 0.0, &mut Draw::new(1, 1));
        assert_eq!((none.density[0], none.light), ([1.0, 0.0, 0.0], [1.0; 3]));
    }
}

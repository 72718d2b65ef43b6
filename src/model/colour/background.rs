//! The light that a frame was taken in, from its background.

use super::WHITE;

/// Where among the values of a channel, dark to bright, the background is looked for: in most frames of single cells
/// more than a twentieth is neither red cell nor leukocyte, and the brightest few pixels may be glare.
const QUANTILE: f64 = 0.95;

/// The most that a channel is darkened or brightened. Without these a frame that is all nucleus would become white.
const GAINS: [f32; 2] = [0.8, 2.2];

/// The light in each channel.
#[derive(Debug, Clone)]
pub(super) struct Light {
    /// What the background is in each channel, as far as the limits let it be.
    pub white: [f32; 3],
    /// Every value of every channel, balanced.
    tables: [[u8; 256]; 3],
}

impl Light {
    /// The light of a frame of which `sample` is a fair part.
    pub fn of(sample: &[[u8; 3]]) -> Self {
        let white = [0, 1, 2].map(|channel| {
            let found = quantile(sample.iter().map(|p| p[channel]), QUANTILE);
            f32::from(found).clamp(WHITE / GAINS[1], WHITE / GAINS[0])
        });
        let tables = white
            .map(|white| std::array::from_fn(|value| (value as f32 * WHITE / white).round().clamp(0.0, 255.0) as u8));
        Self { white, tables }
    }

    /// A pixel in white light.
    pub fn balanced(&self, pixel: [u8; 3]) -> [u8; 3] {
        std::array::from_fn(|channel| self.tables[channel][usize::from(pixel[channel])])
    }
}

/// The value below which a share of the values lies; 0 where there are none.
fn quantile(values: impl Iterator<Item = u8>, share: f64) -> u8 {
    let mut counts = [0_u32; 256];
    values.for_each(|v| counts[usize::from(v)] += 1);
    let wanted = share * f64::from(counts.iter().sum::<u32>());
    let mut seen = 0;
    let place = counts.iter().position(|&n| {
        seen += n;
        n > 0 && f64::from(seen) >= wanted
    });
    place.unwrap_or(0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occur() {
        let of = |values: &[u8], share| quantile(values.iter().copied(), share);
        assert_eq!((of(&[3, 1, 2, 9], 0.5), of(&[3, 1, 2, 9], 1.0), of(&[3, 1, 2, 9], 0.0)), (2, 9, 1));
        assert_eq!((of(&[], 0.95), of(&[255; 7], 0.95)), (0, 255));
    }
}

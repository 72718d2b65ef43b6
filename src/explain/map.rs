//! A map over a network's input, and the one that Simonyan et al. make of a gradient.

use crate::model::{Gradients, Input, InputSpec, ModelError, Sensitivity};

/// The share of px that may be beyond the end of the scale: a few stand out so far that the rest would be dark.
const BEYOND: f64 = 0.005;

/// A map over a network's input: 0 where nothing comes from, 1 where most does.
#[derive(Debug, Clone, PartialEq)]
pub struct SaliencyMap {
    side: usize,
    values: Vec<f32>,
}

impl SaliencyMap {
    /// Scales `values`, row by row and none below zero, so that all but the few largest are between 0 and 1, and cuts those
    /// off.
    pub(super) fn new(side: usize, mut values: Vec<f32>) -> Self {
        let mut sorted = values.clone();
        sorted.sort_by(f32::total_cmp);
        let end = ((1.0 - BEYOND) * (values.len().saturating_sub(1)) as f64).round() as usize;
        // Where almost all is zero, what is left is no outlier.
        let most = [sorted.get(end), sorted.last()].into_iter().flatten().copied().find(|&v| v > 0.0);
        values.iter_mut().for_each(|v| *v = most.map_or(0.0, |most| (*v / most).clamp(0.0, 1.0)));
        Self { side, values }
    }

    /// Px on each side.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The values in 0..=1, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value at a place, between px by linear interpolation; the first px is centred on 0, and beyond the border its
    /// value holds.
    pub fn at(&self, x: f64, y: f64) -> f32 {
        let split = |at: f64| {
            let at = at.clamp(0.0, (self.side - 1) as f64);
            (at.floor() as usize, (at.floor() as usize + 1).min(self.side - 1), at.fract() as f32)
        };
        let ((left, right, across), (above, below, down)) = (split(x), split(y));
        let value = |x: usize, y: usize| self.values[y * self.side + x];
        let row = |y: usize| value(left, y) * (1.0 - across) + value(right, y) * across;
        row(above) * (1.0 - down) + row(below) * down
    }
}

/// The map of Simonyan et al. 2013.
pub(super) fn gradient(network: &Gradients, input: &Input, output: usize) -> Result<SaliencyMap, ModelError> {
    let found = network.of(std::slice::from_ref(input), output)?;
    let spec = &network.info().input;
    Ok(SaliencyMap::new(spec.size, found.first().map_or_else(Vec::new, |f| largest(f, spec))))
}

/// The largest over the channels of the absolute gradient with respect to red, green and blue in 0..1.
fn largest(found: &Sensitivity, spec: &InputSpec) -> Vec<f32> {
    let plane = spec.size * spec.size;
    let mut values = vec![0.0_f32; plane];
    for (gradients, deviation) in found.gradient.chunks_exact(plane).zip(spec.std) {
        values.iter_mut().zip(gradients).for_each(|(v, g)| *v = v.max((g / deviation).abs()));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_of_the_strongest_channel_counts_whatever_its_sign() {
        let spec = InputSpec { size: 16, field_um: 10.0, mean: [0.0; 3], std: [0.5, 1.0, 1.0] };
        let mut gradient = vec![0.0; 3 * 256];
        // Two px: red by -1 with half the deviation, which is 2 of a whole one; blue by 1, and green by less.
        (gradient[20], gradient[2 * 256 + 30], gradient[256 + 30]) = (-1.0, 1.0, -0.5);
        let values = largest(&Sensitivity { score: 0.0, gradient }, &spec);
        assert_eq!((values[20], values[30], values.iter().sum::<f32>()), (2.0, 1.0, 3.0));
    }

    #[test]
    fn a_few_outliers_do_not_darken_the_rest_and_nothing_stays_nothing() {
        let mut values: Vec<f32> = (0..1000).map(|i| i as f32 / 1000.0).collect();
        values[3] = 100.0;
        let map = SaliencyMap::new(10, values);
        assert_eq!((map.values()[3], map.values()[0]), (1.0, 0.0));
        assert!((map.values()[500] - 0.5).abs() < 0.01, "{}", map.values()[500]);
        assert_eq!(SaliencyMap::new(2, vec![0.0, 0.0, 0.0, 3.0]).values(), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(SaliencyMap::new(2, vec![0.0; 4]).values(), [0.0; 4]);
    }

    #[test]
    fn between_px_is_interpolated_and_beyond_the_border_its_value_holds() {
        let map = SaliencyMap { side: 2, values: vec![0.25, 0.5, 0.75, 1.0] };
        assert_eq!((map.at(-5.0, -5.0), map.at(9.0, 9.0), map.at(0.5, 0.5)), (0.25, 1.0, 0.625));
    }
}

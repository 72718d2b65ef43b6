//! Where the parameters begin: drawn by this program's own generator, because candle's on the CPU cannot be seeded.

use std::f64::consts::TAU;

use rand_pcg::{Pcg64, rand_core::RngCore};

/// How a network's parameters are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Init {
    /// The same seed gives the same parameters.
    pub seed: u64,
    /// Whether the last gamma of each block is zero, so that every block begins as its shortcut (Goyal et al. 2017).
    pub zero_last: bool,
}

/// The generator of one tensor's values.
pub(super) struct Draw(Pcg64);

impl Draw {
    /// A generator of its own for each tensor, so that a change of one leaves the others as they were.
    pub fn new(seed: u64, tensor: usize) -> Self {
        Self(Pcg64::new(u128::from(seed), tensor as u128))
    }

    /// In 0..1, from the upper 53 bits.
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Normal values of mean zero (Box and Muller 1958).
    pub fn normal(&mut self, count: usize, deviation: f64) -> Vec<f32> {
        let mut one = || {
            let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
            (deviation * radius * (TAU * self.unit()).cos()) as f32
        };
        (0..count).map(|_| one()).collect()
    }

    /// Values spread evenly over -most..most.
    pub fn uniform(&mut self, count: usize, most: f64) -> Vec<f32> {
        (0..count).map(|_| ((2.0 * self.unit() - 1.0) * most) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_spread_that_was_asked_for_and_come_again() {
        let values = Draw::new(7, 3).normal(100_000, 0.5);
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let fourth = values.iter().map(|&v| (f64::from(v) - mean).powi(4)).sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 0.01 && (variance - 0.25).abs() < 0.005, "{mean} {variance}");
        assert!((fourth / variance.powi(2) - 3.0).abs() < 0.1, "as many far out as a normal distribution has");
        assert_eq!(values[..8], Draw::new(7, 3).normal(8, 0.5));
        assert_ne!(values[..8], Draw::new(7, 4).normal(8, 0.5));
        assert_ne!(values[..8], Draw::new(8, 3).normal(8, 0.5));
        let even = Draw::new(1, 1).uniform(10_000, 2.0);
        let (least, most) = even.iter().fold((0.0f32, 0.0f32), |(a, b), &v| (a.min(v), b.max(v)));
        assert!((-2.0..-1.99).contains(&least) && (1.99..2.0).contains(&most), "{least} {most}");
    }
}

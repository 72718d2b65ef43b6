//! Random numbers of training: from this program's own generator, because candle's on the CPU cannot be seeded.
//!
//! Every use has a stream of its own that is named by what it is for, so that a change of one leaves the others as they
//! were, and nothing depends on which thread comes first.

use std::f64::consts::TAU;

use rand_pcg::{Pcg64, rand_core::RngCore};

/// A stream of random numbers.
pub(super) struct Draw(Pcg64);

impl Draw {
    /// The stream `number` of a seed.
    pub fn new(seed: u64, number: usize) -> Self {
        Self(Pcg64::new(u128::from(seed), number as u128))
    }

    /// The stream of one use (an epoch, an image) of a purpose: purposes never share numbers.
    pub fn of(seed: u64, purpose: &str, place: [usize; 2]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        // FNV-1a: any hash that stays the same in every version will do.
        let places = place.iter().flat_map(|p| (*p as u64).to_le_bytes());
        for byte in purpose.bytes().chain(places) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(Pcg64::new(u128::from(seed) << 64 | u128::from(hash), u128::from(hash)))
    }

    /// In 0..1, from the upper 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// In -1..1.
    pub fn signed(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Standard normal (Box and Muller 1958).
    pub fn gauss(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// Normal values of mean zero.
    pub fn normal(&mut self, count: usize, deviation: f64) -> Vec<f32> {
        (0..count).map(|_| (deviation * self.gauss()) as f32).collect()
    }

    /// Values spread evenly over -most..most.
    pub fn uniform(&mut self, count: usize, most: f64) -> Vec<f32> {
        (0..count).map(|_| (self.signed() * most) as f32).collect()
    }

    /// In another order, each as likely as any other (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
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

    #[test]
    fn purposes_and_places_have_streams_of_their_own() {
        let first = |seed, purpose, place| Draw::of(seed, purpose, place).unit();
        let one = first(1, "order", [0, 0]);
        assert_eq!(one, first(1, "order", [0, 0]));
        for other in [first(2, "order", [0, 0]), first(1, "look", [0, 0]), first(1, "order", [1, 0])] {
            assert_ne!(one, other);
        }
        assert_ne!(first(1, "order", [0, 1]), first(1, "order", [1, 0]));
    }

    #[test]
    fn a_shuffle_keeps_all_and_favours_none() {
        let mut places = [0_usize; 4];
        for seed in 0..4000 {
            let mut items = [0, 1, 2, 3];
            Draw::new(seed, 0).shuffle(&mut items);
            places[items.iter().position(|&i| i == 0).expect("kept")] += 1;
        }
        assert!(places.iter().all(|&n| (850..1150).contains(&n)), "{places:?}");
        assert!((0..1000).all(|seed| Draw::new(seed, 1).below(3) < 3));
    }
}

//! How rare a value is among values that were seen: the upper tail of a sample, in a few numbers.

/// Levels of probability at which the tail is kept, from certain to rare.
pub(super) const LEVELS: [f64; 16] =
    [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01];

/// Numbers that a tail is kept in: a value for each level, and the mean excess beyond the last but [`BEYOND`].
pub(super) const NUMBERS: usize = LEVELS.len() + 1;

/// The level from which on the tail is taken for exponential: the peaks over a threshold (Pickands 1975) of the
/// lightest-tailed kind.
const BEYOND: usize = 12;

/// Nothing is rarer than this, in natural logarithms: other evidence counts beside the strangest.
const RAREST: f64 = 20.0;

/// An upper tail.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tail {
    /// The values that are exceeded with the probabilities of [`LEVELS`].
    at: [f64; LEVELS.len()],
    /// Mean excess over the value of level [`BEYOND`].
    excess: f64,
}

impl Tail {
    /// Of some values, in any order; there must be some.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = LEVELS.map(|level| {
            let place = (1.0 - level) * last as f64;
            let (low, part) = (place.floor() as usize, place.fract());
            values[low] + part * (values[(low + 1).min(last)] - values[low])
        });
        let over: Vec<f64> = values.iter().map(|v| v - at[BEYOND]).filter(|e| *e > 0.0).collect();
        let mean = over.iter().sum::<f64>() / over.len().max(1) as f64;
        // Values that are all alike leave no excess; anything beyond them is then as rare as can be.
        Some(Self { at, excess: mean.max(1e-9) })
    }

    /// Minus the natural logarithm of the probability of a value as large as this: 0 for what is common.
    pub fn rarity(&self, value: f64) -> f64 {
        if value >= self.at[BEYOND] {
            return ((value - self.at[BEYOND]) / self.excess - LEVELS[BEYOND].ln()).min(RAREST);
        }
        let above = self.at.iter().position(|at| value < *at).unwrap_or(BEYOND);
        let Some(below) = above.checked_sub(1) else { return 0.0 };
        let part = (value - self.at[below]) / (self.at[above] - self.at[below]);
        -(LEVELS[below] + part * (LEVELS[above] - LEVELS[below])).ln()
    }

    /// The numbers that it is kept in.
    pub fn numbers(&self) -> Vec<f32> {
        self.at.iter().chain([&self.excess]).map(|v| *v as f32).collect()
    }

    /// From those numbers; `None`: they are none.
    pub fn from_numbers(numbers: &[f32]) -> Option<Self> {
        let (excess, at) = numbers.split_last()?;
        let at: [f64; LEVELS.len()] = at.iter().map(|v| f64::from(*v)).collect::<Vec<_>>().try_into().ok()?;
        let excess = f64::from(*excess);
        (excess > 0.0 && at.windows(2).all(|w| w[0] <= w[1])).then_some(Self { at, excess })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarity_is_minus_the_logarithm_of_the_share_above() {
        // Exponential: the share above x is exp(-x).
        let n = 20_000;
        let values: Vec<f64> = (0..n).map(|i| -((f64::from(i) + 0.5) / f64::from(n)).ln()).collect();
        let tail = Tail::of(values).expect("values");
        for x in [0.1, 0.5, 1.0, 2.0, 2.9, 3.1, 4.0, 6.0, 9.0] {
            assert!((tail.rarity(x) - x).abs() < 0.05 * x.max(1.0), "{x}: {}", tail.rarity(x));
        }
        assert_eq!((tail.rarity(-1.0), tail.rarity(1e9)), (0.0, RAREST));
    }

    #[test]
    fn it_rises_and_comes_back_from_its_numbers() {
        let tail = Tail::of((0..500).map(|i| f64::from(i * i % 977)).collect()).expect("values");
        let mut before = 0.0;
        for i in -10..2000 {
            let rarity = tail.rarity(f64::from(i));
            assert!(rarity >= before - 1e-9, "{i}: {rarity} after {before}");
            before = rarity;
        }
        let numbers = tail.numbers();
        assert_eq!(numbers.len(), NUMBERS);
        let back = Tail::from_numbers(&numbers).expect("a tail");
        assert!((0..1000).all(|i| (back.rarity(f64::from(i)) - tail.rarity(f64::from(i))).abs() < 1e-4));
        assert!(Tail::from_numbers(&numbers[1..]).is_none());
        assert!(Tail::from_numbers(&numbers.iter().rev().copied().collect::<Vec<_>>()).is_none());
        let alike = Tail::of(vec![2.0; 30]).expect("values");
        assert!(alike.rarity(1.9) == 0.0 && alike.rarity(2.1) == RAREST, "{}", alike.rarity(2.1));
        assert!(Tail::of(Vec::new()).is_none());
    }
}

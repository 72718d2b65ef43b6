//! Intervals by resampling whole patients: cells of one patient are alike, and cells alone would promise too much.

use std::collections::HashMap;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::domain::Interval;

/// How intervals are resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Resamples; each draws as many patients as there are, with replacement.
    pub replicates: u32,
    /// Seed: the same seed gives the same intervals.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { replicates: 2000, seed: 1 }
    }
}

/// Which cells belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// The cluster of each cell.
    of: Vec<usize>,
    number: usize,
    patients: usize,
}

impl Clusters {
    /// Cells of one patient are one cluster; a cell without a patient is one of its own.
    pub fn new<'a>(patients: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut number = 0;
        let mut next = || {
            number += 1;
            number - 1
        };
        let of = patients.into_iter().map(|p| match p {
            Some(patient) => *known.entry(patient).or_insert_with(&mut next),
            None => next(),
        });
        let of: Vec<usize> = of.collect();
        Self { of, patients: known.len(), number }
    }

    /// Number of patients; 0: none is known, and the clusters are single cells.
    pub fn patients(&self) -> usize {
        self.patients
    }

    /// The cluster of each cell, from 0.
    pub fn of(&self) -> &[usize] {
        &self.of
    }
}

impl Bootstrap {
    /// 95% percentile intervals (Efron and Tibshirani 1993, chapter 13; clusters as in Field and Welsh, J R Stat Soc B
    /// 2007;69:369) of the figures that `figures` computes from a weight per cell. A figure that is not defined in a
    /// resample is left out of its own quantiles. `None` where fewer than two clusters are there, or a figure was
    /// defined in less than half of the resamples.
    pub fn intervals(
        &self,
        clusters: &Clusters,
        figures: impl Fn(&[u64]) -> Vec<Option<f64>>,
    ) -> Vec<Option<Interval>> {
        let mut rng = Pcg64Mcg::seed_from_u64(self.seed);
        let mut found: Vec<Vec<f64>> = figures(&vec![1; clusters.of.len()]).iter().map(|_| Vec::new()).collect();
        if clusters.number < 2 {
            return found.iter().map(|_| None).collect();
        }
        let mut drawn = vec![0; clusters.number];
        let mut weights = vec![0; clusters.of.len()];
        for _ in 0..self.replicates {
            drawn.fill(0);
            for _ in 0..clusters.number {
                drawn[rng.random_range(0..clusters.number)] += 1;
            }
            weights.iter_mut().zip(&clusters.of).for_each(|(w, &c)| *w = drawn[c]);
            for (values, value) in found.iter_mut().zip(figures(&weights)) {
                values.extend(value);
            }
        }
        let enough = |values: &Vec<f64>| 2 * values.len() >= self.replicates as usize && !values.is_empty();
        found.into_iter().map(|values| enough(&values).then(|| percentile_interval(values))).collect()
    }
}

fn percentile_interval(mut values: Vec<f64>) -> Interval {
    values.sort_by(f64::total_cmp);
    Interval { lower: quantile(&values, 0.025), upper: quantile(&values, 0.975) }
}

/// The quantile of sorted values, between neighbours by linear interpolation (NumPy's default).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighted_mean(values: &[f64]) -> impl Fn(&[u64]) -> Vec<Option<f64>> + '_ {
        |weights| {
            let sum: f64 = values.iter().zip(weights).map(|(v, &w)| v * w as f64).sum();
            vec![Some(sum / weights.iter().sum::<u64>() as f64)]
        }
    }

    /// The bootstrap's standard error of a mean of n independent values is their population sd over the root of n.
    #[test]
    fn the_interval_of_a_mean_has_the_width_that_theory_gives() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i % 10)).collect();
        let clusters = Clusters::new(values.iter().map(|_| None));
        let bootstrap = Bootstrap { replicates: 4000, seed: 7 };
        let ci = bootstrap.intervals(&clusters, weighted_mean(&values))[0].expect("an interval");
        let half = 1.96 * (8.25_f64 / 200.0).sqrt();
        assert!((ci.lower - (4.5 - half)).abs() < 0.03 && (ci.upper - (4.5 + half)).abs() < 0.03, "{ci:?}");
        assert_eq!(bootstrap.intervals(&clusters, weighted_mean(&values))[0], Some(ci), "the same seed");
    }

    /// Ten patients of twenty equal cells each are ten observations, not two hundred.
    #[test]
    fn cells_of_a_patient_are_no_observations_of_their_own() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i / 20)).collect();
        let names: Vec<String> = (0..200).map(|i| format!("patient {}", i / 20)).collect();
        let clusters = Clusters::new(names.iter().map(|n| Some(n.as_str())));
        assert_eq!((clusters.patients(), clusters.of()[199]), (10, 9));
        let ci = Bootstrap::default().intervals(&clusters, weighted_mean(&values))[0].expect("an interval");
        let half = 1.96 * (8.25_f64 / 10.0).sqrt();
        assert!((ci.upper - ci.lower - 2.0 * half).abs() < 0.25, "{ci:?}");
    }

    #[test]
    fn one_patient_or_a_figure_that_is_hardly_ever_defined_has_no_interval() {
        let one = Clusters::new([Some("a"), Some("a")]);
        assert_eq!(Bootstrap::default().intervals(&one, |_| vec![Some(1.0)]), [None]);
        let two = Clusters::new([Some("a"), None]);
        // Both cells are drawn in half of the resamples only, twice the second one in a quarter.
        let figures = |w: &[u64]| vec![(w[1] == 2).then_some(1.0), Some(w[0] as f64)];
        let found = Bootstrap::default().intervals(&two, figures);
        assert_eq!((found[0], found[1]), (None, Some(Interval { lower: 0.0, upper: 2.0 })));
    }

    #[test]
    fn quantiles_are_numpys() {
        // numpy.quantile([1, 2, 4, 8], [0.025, 0.5, 0.975])
        let values = [1.0, 2.0, 4.0, 8.0];
        for (p, expected) in [(0.025, 1.075), (0.5, 3.0), (0.975, 7.7)] {
            assert!((quantile(&values, p) - expected).abs() < 1e-12);
        }
    }
}

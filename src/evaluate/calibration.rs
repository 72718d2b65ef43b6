//! Whether a probability means what it says: reliability, expected calibration error, temperature.

use crate::domain::{Interval, clopper_pearson};

/// Bins of equal width over 0..=1 that the expected calibration error uses unless told otherwise (Guo et al. 2017).
pub const BINS: usize = 15;

/// Cells whose top class got a probability in one range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Probabilities above this (the first bin takes 0 in as well) ...
    pub above: f64,
    /// ... and up to this.
    pub up_to: f64,
    /// Cells.
    pub n: u64,
    /// Their mean probability.
    pub confidence: f64,
    /// The share of them that the network has right.
    pub accuracy: f64,
    /// Exact 95% interval of that share.
    pub ci95: Interval,
}

/// A reliability curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The bins that hold cells, in order.
    pub bins: Vec<Bin>,
    /// Expected calibration error: the mean difference of accuracy and confidence, weighted with the bins' cells.
    pub ece: f64,
}

/// The reliability of cells given as (probability of the top class, whether it is right), in `bins` bins of equal width
/// (Guo et al., On calibration of modern neural networks, ICML 2017). `None` without cells.
pub fn reliability(cells: &[(f64, bool)], bins: usize) -> Option<Reliability> {
    let bin_of = |p: f64| ((p * bins as f64).ceil() as usize).clamp(1, bins) - 1;
    let mut sums = vec![(0_u64, 0.0, 0_u64); bins];
    for &(p, right) in cells {
        let sum = &mut sums[bin_of(p)];
        *sum = (sum.0 + 1, sum.1 + p, sum.2 + u64::from(right));
    }
    let bin = |(i, &(n, p, right)): (usize, &(u64, f64, u64))| {
        let ci95 = clopper_pearson(right, n)?;
        let (above, up_to) = (i as f64 / bins as f64, (i + 1) as f64 / bins as f64);
        Some(Bin { above, up_to, n, confidence: p / n as f64, accuracy: right as f64 / n as f64, ci95 })
    };
    let bins: Vec<Bin> = sums.iter().enumerate().filter_map(bin).collect();
    let total: u64 = bins.iter().map(|b| b.n).sum();
    let gap = |b: &Bin| b.n as f64 * (b.accuracy - b.confidence).abs();
    (total > 0).then(|| Reliability { ece: bins.iter().map(gap).sum::<f64>() / total as f64, bins })
}

/// A temperature, and what it does to the mean negative log-likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature {
    /// Outputs are divided by this before the softmax; above 1 the network was too sure.
    pub value: f64,
    /// Mean negative log-likelihood of the labels without it, in nats.
    pub nll_before: f64,
    /// The same with it: the least that one temperature can give.
    pub nll_after: f64,
    /// Cells that it was fitted on.
    pub n: usize,
}

/// Temperatures are sought between this and its inverse.
const HOTTEST: f64 = 20.0;

/// The temperature that minimises the negative log-likelihood (Guo et al. 2017) of cells given as outputs (or logarithms of
/// probabilities, which differ by a constant) and the place of the label. Outputs that take no part are negative
/// infinity; cells whose label takes none are left out. The likelihood is convex in the inverse temperature, so that its
/// slope is bisected. `None` when no cell is left; a temperature outside 0.05..=20 is cut to that.
pub fn fit_temperature<'a>(cells: impl IntoIterator<Item = (&'a [f64], usize)>) -> Option<Temperature> {
    let cells: Vec<_> = cells.into_iter().filter(|(scores, label)| scores[*label].is_finite()).collect();
    if cells.is_empty() {
        return None;
    }
    let n = cells.len() as f64;
    let nll =
        |inverse: f64| cells.iter().map(|(scores, label)| nll_and_slope(scores, *label, inverse).0).sum::<f64>() / n;
    let slope =
        |inverse: f64| cells.iter().map(|(scores, label)| nll_and_slope(scores, *label, inverse).1).sum::<f64>();
    let (mut low, mut high) = (1.0 / HOTTEST, HOTTEST);
    if slope(low) >= 0.0 {
        high = low;
    } else if slope(high) <= 0.0 {
        low = high;
    }
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if slope(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let inverse = 0.5 * (low + high);
    Some(Temperature { value: 1.0 / inverse, nll_before: nll(1.0), nll_after: nll(inverse), n: cells.len() })
}

/// Negative log-likelihood of a label, and its derivative by the inverse temperature.
fn nll_and_slope(scores: &[f64], label: usize, inverse: f64) -> (f64, f64) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut sum, mut moment) = (0.0, 0.0);
    for &score in scores.iter().filter(|s| s.is_finite()) {
        let power = (inverse * (score - most)).exp();
        sum += power;
        moment += power * score;
    }
    (sum.ln() - inverse * (scores[label] - most), moment / sum - scores[label])
}

/// Probabilities of outputs (or logarithms of probabilities) at a temperature.
pub fn at_temperature(scores: &[f64], temperature: f64) -> Vec<f64> {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|s| ((s - most) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| p / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_their_upper_edge_and_the_error_is_weighted() {
        let cells = [(0.0, false), (0.5, true), (0.5, false), (0.75, true), (1.0, true)];
        let found = reliability(&cells, 2).expect("cells");
        let counts: Vec<_> = found.bins.iter().map(|b| (b.n, b.confidence, b.accuracy)).collect();
        assert_eq!(counts, [(3, 1.0 / 3.0, 1.0 / 3.0), (2, 0.875, 1.0)]);
        assert!((found.ece - 2.0 / 5.0 * 0.125).abs() < 1e-15);
        assert_eq!(reliability(&[], 15), None);
    }

    /// Labels drawn as the outputs say, with the outputs doubled: halving them is right.
    #[test]
    fn doubled_outputs_want_a_temperature_of_two() {
        // Two classes at odds of 3 to 1, and three of four cells are of the first.
        let doubled = [2.0 * 3.0_f64.ln(), 0.0, f64::NEG_INFINITY];
        let cells = (0..400).map(|i| (&doubled[..], usize::from(i % 4 == 0)));
        let found = fit_temperature(cells.chain([(&doubled[..], 2)])).expect("cells");
        assert!((found.value - 2.0).abs() < 1e-9, "{found:?}");
        assert_eq!(found.n, 400);
        let entropy = -(0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln());
        assert!((found.nll_after - entropy).abs() < 1e-12 && found.nll_before > found.nll_after);
        let p = at_temperature(&doubled, found.value);
        assert!((p[0] - 0.75).abs() < 1e-9 && p[2] == 0.0);
    }

    #[test]
    fn what_is_always_right_or_never_is_cut_and_nothing_is_none() {
        let scores = [1.0, 0.0];
        assert_eq!(fit_temperature([(&scores[..], 0)]).map(|t| t.value), Some(0.05));
        assert_eq!(fit_temperature([(&scores[..], 1)]).map(|t| t.value), Some(20.0));
        assert_eq!(fit_temperature([(&[0.0, f64::NEG_INFINITY][..], 1)]), None);
    }
}

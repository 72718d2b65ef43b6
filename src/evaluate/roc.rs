//! Receiver operating characteristic of a score, and the area under it as a rank statistic.

use crate::domain::Interval;
use crate::domain::Z975;

/// One point of a curve: what share of each side is at or above a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// The threshold; infinite at the first point, where nothing is called positive.
    pub threshold: f64,
    /// Share of the negatives called positive: 1 - specificity.
    pub false_positive: f64,
    /// Share of the positives called positive: sensitivity.
    pub sensitivity: f64,
}

/// Scores in descending order, sorted once for any number of weightings.
#[derive(Debug, Clone)]
pub struct RankedScores {
    /// Score, positive or not, and the place in the caller's list.
    entries: Vec<(f64, bool, usize)>,
}

impl RankedScores {
    /// Sorts scores (higher: more likely positive), each with whether it is a positive.
    pub fn new(scores: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let mut entries: Vec<_> = scores.into_iter().enumerate().map(|(i, (s, positive))| (s, positive, i)).collect();
        entries.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self { entries }
    }

    /// Area under the curve: the probability that a positive scores higher than a negative, ties counting half
    /// (Mann-Whitney U over the product of the numbers; Hanley and McNeil, Radiology 1982;143:29). `weight` says how often
    /// the entry at a place of the caller's list counts. `None` when one side is empty.
    pub fn auc(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut wins, mut above, mut positives, mut negatives) = (0.0, 0.0, 0.0, 0.0);
        for tie in self.entries.chunk_by(|a, b| a.0 == b.0) {
            let side = |wanted: bool| tie.iter().filter(|e| e.1 == wanted).map(|e| weight(e.2)).sum::<f64>();
            let (here, against) = (side(true), side(false));
            wins += against * (above + 0.5 * here);
            above += here;
            positives += here;
            negatives += against;
        }
        (positives > 0.0 && negatives > 0.0).then(|| wins / (positives * negatives))
    }

    /// The curve from (0, 0) to (1, 1), a point for each distinct score. Empty when one side is empty.
    pub fn curve(&self) -> Vec<RocPoint> {
        let positives = self.entries.iter().filter(|e| e.1).count() as f64;
        let negatives = self.entries.len() as f64 - positives;
        if positives == 0.0 || negatives == 0.0 {
            return Vec::new();
        }
        let mut curve = vec![RocPoint { threshold: f64::INFINITY, false_positive: 0.0, sensitivity: 0.0 }];
        let (mut hits, mut misses) = (0.0, 0.0);
        for tie in self.entries.chunk_by(|a, b| a.0 == b.0) {
            hits += tie.iter().filter(|e| e.1).count() as f64;
            misses += tie.iter().filter(|e| !e.1).count() as f64;
            let (false_positive, sensitivity) = (misses / negatives, hits / positives);
            curve.push(RocPoint { threshold: tie[0].0, false_positive, sensitivity });
        }
        curve
    }
}

/// 95% interval of an area by inverting Hanley and McNeil's variance at the bounds themselves, with both group sizes in
/// its last terms replaced by their mean (Newcombe, Stat Med 2006;25:559, method 5). It takes cells as independent, and has
/// a width where every positive scores above every negative, which a bootstrap interval has not.
pub(super) fn score_interval(auc: f64, positives: u64, negatives: u64) -> Interval {
    let (m, n) = (positives as f64, negatives as f64);
    let half = 0.5 * (m + n) - 1.0;
    let variance = |t: f64| t * (1.0 - t) * (1.0 + half * ((1.0 - t) / (2.0 - t) + t / (1.0 + t))) / (m * n);
    let bound = |mut outside: f64, mut inside: f64| {
        // Half an interval often enough, and its ends are neighbours.
        for _ in 0..200 {
            let middle = 0.5 * (outside + inside);
            if (auc - middle).powi(2) > Z975.powi(2) * variance(middle) { outside = middle } else { inside = middle }
        }
        inside
    };
    Interval { lower: bound(0.0, auc), upper: bound(1.0, auc) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_half_and_weights_are_repetitions() {
        // Pairs: 0.9 beats both negatives, 0.5 ties one and beats one, 0.1 ties one and loses one: (2 + 1.5 + 0.5) / 6.
        let scores = [(0.9, true), (0.5, true), (0.1, true), (0.5, false), (0.1, false)];
        let ranked = RankedScores::new(scores);
        assert!((ranked.auc(|_| 1.0).expect("both sides") - 4.0 / 6.0).abs() < 1e-15);
        let twice = RankedScores::new(scores.into_iter().chain([(0.1, true)]));
        assert_eq!(ranked.auc(|i| if i == 2 { 2.0 } else { 1.0 }), twice.auc(|_| 1.0));
        let corner = |p: &RocPoint| (p.false_positive, p.sensitivity);
        assert_eq!(
            ranked.curve().iter().map(corner).collect::<Vec<_>>(),
            [(0.0, 0.0), (0.0, 1.0 / 3.0), (0.5, 2.0 / 3.0), (1.0, 1.0)]
        );
    }

    /// Bounds found by `scipy.optimize.brentq` for the same equation.
    #[test]
    fn a_full_area_has_an_interval_that_shrinks_with_the_cells() {
        for (auc, positives, negatives, lower, upper) in [
            (1.0, 4, 26, 0.732_778_484_585, 1.0),
            (0.9, 40, 60, 0.813_728_205_064, 0.946_882_802_148),
            (0.0, 5, 5, 0.0, 0.357_297_176_069),
        ] {
            let found = score_interval(auc, positives, negatives);
            assert!((found.lower - lower).abs() < 1e-9 && (found.upper - upper).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn one_side_alone_has_no_curve() {
        let ranked = RankedScores::new([(0.3, true), (0.2, true)]);
        assert_eq!((ranked.auc(|_| 1.0), ranked.curve()), (None, Vec::new()));
        assert_eq!(RankedScores::new([(0.3, true), (0.2, false)]).auc(|i| f64::from(i as u8)), None);
    }
}

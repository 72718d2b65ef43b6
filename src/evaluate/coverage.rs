//! What is gained by leaving the least certain cells to the human.

/// What remains to the network when everything below a probability goes to the human.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoveragePoint {
    /// The least probability that the network keeps.
    pub threshold: f64,
    /// Share of the cells that go to the human.
    pub left_to_human: f64,
    /// Accuracy on the cells that remain.
    pub accuracy: f64,
}

/// The accuracy on what remains against the share left to the human, from none to all but the most certain cells, for
/// cells given as (probability of the top class, whether it is right). Cells of equal probability go together.
/// (The risk-coverage curve of Geifman and El-Yaniv, NeurIPS 2017, with 1 - risk over 1 - coverage.)
pub fn coverage(cells: &[(f64, bool)]) -> Vec<CoveragePoint> {
    let mut sorted = cells.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut kept, mut right) = (0_usize, 0_usize);
    let mut points: Vec<CoveragePoint> = sorted
        .chunk_by(|a, b| a.0 == b.0)
        .map(|tie| {
            kept += tie.len();
            right += tie.iter().filter(|c| c.1).count();
            let left_to_human = (cells.len() - kept) as f64 / cells.len() as f64;
            CoveragePoint { threshold: tie[0].0, left_to_human, accuracy: right as f64 / kept as f64 }
        })
        .collect();
    points.reverse();
    points
}

/// The first point that leaves at least `share` of the cells to the human.
pub fn leaving(points: &[CoveragePoint], share: f64) -> Option<CoveragePoint> {
    points.iter().copied().find(|p| p.left_to_human >= share - 1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_certain_go_first_and_ties_together() {
        let cells = [(0.9, true), (0.4, false), (0.6, true), (0.6, false), (0.8, true)];
        let points = coverage(&cells);
        let shown: Vec<_> = points.iter().map(|p| (p.left_to_human, p.accuracy, p.threshold)).collect();
        assert_eq!(shown, [(0.0, 0.6, 0.4), (0.2, 0.75, 0.6), (0.6, 1.0, 0.8), (0.8, 1.0, 0.9)]);
        assert_eq!(leaving(&points, 0.3).map(|p| p.threshold), Some(0.8));
        assert_eq!(leaving(&points, 0.2).map(|p| p.threshold), Some(0.6));
        assert_eq!((leaving(&points, 0.9), coverage(&[]).len()), (None, 0));
    }
}

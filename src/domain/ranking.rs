//! What a network says about one cell.

use super::{BlastSet, ClassId, ClassTable};

/// The classes of a network ordered by probability, and the two questions that the paper asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    entries: Vec<(ClassId, f32)>,
    /// Probability that the cell is a blast: the sum over the table's blast classes.
    pub blast: f32,
    /// Probability that the cell is atypical: the sum over the table's atypical classes.
    pub atypical: f32,
    /// How far the picture is from what the network was trained on; `None`: the network cannot say.
    pub unlike: Option<Unlike>,
}

/// How far a picture is from what the network was trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unlike {
    /// 0..=1.
    pub score: f32,
    /// Whether that is past the network's threshold: its class is then a weak guess and no suggestion.
    pub flagged: bool,
}

/// Probabilities that are none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RankingError {
    /// A value is NaN, infinite, or outside 0..=1.
    #[error("the network's output for {code} is {value}, which is no probability")]
    NotAProbability {
        /// The class's code.
        code: String,
        /// The value.
        value: f32,
    },
    /// They do not add up to one.
    #[error("the network's probabilities add up to {0}, not to 1")]
    Sum(f32),
    /// There are none.
    #[error("the network names no class")]
    Empty,
}

impl Ranking {
    /// Orders `probabilities` (in any order, one per class of the network); equal ones stay in the table's order.
    ///
    /// # Errors
    /// When a value is not a probability, or they do not add up to 1 within 1e-3.
    pub fn new(table: &ClassTable, probabilities: &[(ClassId, f32)]) -> Result<Self, RankingError> {
        if probabilities.is_empty() {
            return Err(RankingError::Empty);
        }
        for &(id, value) in probabilities {
            if !(0.0..=1.0 + 1e-5).contains(&value) {
                return Err(RankingError::NotAProbability { code: table.code(id).to_owned(), value });
            }
        }
        let sum: f32 = probabilities.iter().map(|e| e.1).sum();
        if (sum - 1.0).abs() > 1e-3 {
            return Err(RankingError::Sum(sum));
        }
        let over = |wanted: fn(&super::Class) -> bool| {
            let sum: f32 = probabilities.iter().filter(|e| wanted(table.get(e.0))).map(|e| e.1).sum();
            sum.min(1.0)
        };
        let mut entries = probabilities.to_vec();
        entries.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(Self { entries, blast: over(|c| c.blast), atypical: over(|c| c.atypical), unlike: None })
    }

    /// The same with the network's word on how unlike its training data the picture is.
    pub fn with_unlike(self, unlike: Option<Unlike>) -> Self {
        Self { unlike, ..self }
    }

    /// Whether the picture is unlike what the network was trained on.
    pub fn is_flagged(&self) -> bool {
        self.unlike.is_some_and(|u| u.flagged)
    }

    /// The most probable class and its probability.
    pub fn top(&self) -> (ClassId, f32) {
        self.entries[0]
    }

    /// All classes of the network, most probable first.
    pub fn entries(&self) -> &[(ClassId, f32)] {
        &self.entries
    }

    /// Probability that the cell is of one of these classes.
    pub fn probability_of(&self, blasts: &BlastSet) -> f32 {
        self.entries.iter().filter(|e| blasts.holds(e.0)).map(|e| e.1).sum::<f32>().min(1.0)
    }

    /// The probability of one class; `None`: the network does not know it.
    pub fn probability(&self, id: ClassId) -> Option<f32> {
        self.entries.iter().find(|e| e.0 == id).map(|e| e.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(table: &ClassTable, codes: &[(&str, f32)]) -> Vec<(ClassId, f32)> {
        codes.iter().map(|(c, p)| (table.by_code(c).expect("a code"), *p)).collect()
    }

    #[test]
    fn the_ranking_is_ordered_and_the_questions_are_sums() {
        let table = ClassTable::default();
        let ranking = Ranking::new(&table, &ids(&table, &[("NGS", 0.1), ("MYO", 0.5), ("MOB", 0.2), ("PMO", 0.2)]))
            .expect("valid");
        assert_eq!(table.code(ranking.top().0), "MYO");
        assert_eq!(ranking.entries().iter().map(|e| table.code(e.0)).collect::<Vec<_>>(), ["MYO", "MOB", "PMO", "NGS"]);
        assert!((ranking.blast - 0.7).abs() < 1e-6 && (ranking.atypical - 0.9).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        let table = ClassTable::default();
        for bad in [f32::NAN, f32::INFINITY, -0.1, 1.5] {
            assert!(Ranking::new(&table, &ids(&table, &[("NGS", bad), ("LYT", 0.0)])).is_err(), "{bad}");
        }
        assert_eq!(Ranking::new(&table, &[]), Err(RankingError::Empty));
        assert!(matches!(Ranking::new(&table, &ids(&table, &[("NGS", 0.5)])), Err(RankingError::Sum(_))));
    }
}

//! A table of how often one reading said this while the other said that, and the shares that follow from it.

/// Counts of cells by their class in two readings, over one list of classes.
///
/// For a network the rows are the labels and the columns what it says; for two experts the rows are the first one's.
/// A share of nothing is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    labels: Vec<String>,
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// An empty table over the classes of these codes.
    pub fn new(labels: Vec<String>) -> Self {
        let counts = vec![vec![0; labels.len()]; labels.len()];
        Self { labels, counts }
    }

    /// Counts a cell that is class `row` in the first reading and `column` in the second, by their place in the list.
    ///
    /// # Panics
    /// When a place is outside the list.
    pub fn add(&mut self, row: usize, column: usize) {
        self.add_times(row, column, 1);
    }

    /// Counts a cell `times` times.
    ///
    /// # Panics
    /// As [`Confusion::add`].
    pub fn add_times(&mut self, row: usize, column: usize, times: u64) {
        self.counts[row][column] += times;
    }

    /// Codes of the classes, in order.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The counts, row by row.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Cells in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Cells of class `i` in the first reading.
    pub fn row_total(&self, i: usize) -> u64 {
        self.counts[i].iter().sum()
    }

    /// Cells of class `i` in the second reading.
    pub fn column_total(&self, i: usize) -> u64 {
        self.counts.iter().map(|row| row[i]).sum()
    }

    /// Cells of class `i` in both.
    pub fn both(&self, i: usize) -> u64 {
        self.counts[i][i]
    }

    /// Cells of the same class in both.
    pub fn agreed(&self) -> u64 {
        (0..self.labels.len()).map(|i| self.both(i)).sum()
    }

    /// Share of cells of the same class in both: the accuracy of a network, the agreement of two experts.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.agreed(), self.total())
    }

    /// Share of the first reading's cells of class `i` that the second calls the same: sensitivity.
    pub fn sensitivity(&self, i: usize) -> Option<f64> {
        share(self.both(i), self.row_total(i))
    }

    /// Share of the second reading's cells of class `i` that are so in the first: precision.
    pub fn precision(&self, i: usize) -> Option<f64> {
        share(self.both(i), self.column_total(i))
    }

    /// Harmonic mean of sensitivity and precision, which is also the proportion of specific agreement of two experts;
    /// 0 where one reading alone has the class, `None` where neither has.
    pub fn f1(&self, i: usize) -> Option<f64> {
        share(2 * self.both(i), self.row_total(i) + self.column_total(i))
    }

    /// Mean sensitivity of the classes that the first reading has.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        mean((0..self.labels.len()).filter_map(|i| self.sensitivity(i)))
    }

    /// Mean F1 of the classes that the first reading has. Classes that only the second has count through the precision
    /// of the others; scikit-learn's default would take them in as zeros.
    pub fn macro_f1(&self) -> Option<f64> {
        mean((0..self.labels.len()).filter(|&i| self.row_total(i) > 0).filter_map(|i| self.f1(i)))
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0_u64), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Truth 0 0 0 0 1 1 1 2, said 0 0 1 3 1 1 0 2. The shares are counted by hand; scikit-learn's
    /// `f1_score(average=None)` gives 4/7, 2/3, 1, 0 as well.
    #[test]
    fn shares_are_those_counted_by_hand() {
        let mut table = Confusion::new(["A", "B", "C", "D"].map(String::from).into());
        for (row, column) in [(0, 0), (0, 0), (0, 1), (0, 3), (1, 1), (1, 1), (1, 0), (2, 2)] {
            table.add(row, column);
        }
        assert_eq!((table.total(), table.agreed()), (8, 5));
        assert_eq!(table.sensitivity(0), Some(0.5));
        assert_eq!((table.precision(0), table.precision(1)), (Some(2.0 / 3.0), Some(2.0 / 3.0)));
        assert_eq!((table.sensitivity(3), table.precision(3), table.f1(3)), (None, Some(0.0), Some(0.0)));
        assert!((table.f1(0).expect("defined") - 4.0 / 7.0).abs() < 1e-15);
        assert!((table.balanced_accuracy().expect("defined") - (0.5 + 2.0 / 3.0 + 1.0) / 3.0).abs() < 1e-15);
        assert!((table.macro_f1().expect("defined") - (4.0 / 7.0 + 2.0 / 3.0 + 1.0) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        let table = Confusion::new(vec!["A".into()]);
        assert_eq!(
            (table.accuracy(), table.f1(0), table.balanced_accuracy(), table.macro_f1()),
            (None, None, None, None)
        );
    }
}

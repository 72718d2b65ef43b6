//! Cohen's kappa: agreement beyond what the two readings' class frequencies give by chance.

use super::{Confusion, Interval};

/// 97.5% quantile of the standard normal distribution.
pub const Z975: f64 = 1.959_963_984_540_054;

/// Cohen's kappa of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kappa {
    /// Kappa, -1..=1: 1 is full agreement, 0 what chance gives.
    pub value: f64,
    /// Its asymptotic standard error.
    pub standard_error: f64,
    /// Kappa +- 1.96 standard errors; not cut at 1, so that other packages give the same.
    pub ci95: Interval,
}

/// Unweighted kappa (Cohen, Educ Psychol Meas 1960;20:37) with the large-sample variance of Fleiss, Cohen and Everitt
/// (Psychol Bull 1969;72:323). With shares p_ij, margins p_i. and p_.j and chance agreement p_e = sum p_i. p_.i:
///
/// ```text
/// var = ( sum_i p_ii [1 - (p_i. + p_.i)(1 - kappa)]^2
///         + (1 - kappa)^2 sum_(i!=j) p_ij (p_.i + p_j.)^2
///         - [kappa - p_e (1 - kappa)]^2 ) / ( n (1 - p_e)^2 )
/// ```
///
/// `None` when there are no cells, or both readings put all of them into one class: chance then explains everything.
pub fn cohens_kappa(table: &Confusion) -> Option<Kappa> {
    let n = table.total() as f64;
    let classes = 0..table.labels().len();
    let p = |i: usize, j: usize| table.counts()[i][j] as f64 / n;
    let rows: Vec<f64> = classes.clone().map(|i| table.row_total(i) as f64 / n).collect();
    let columns: Vec<f64> = classes.clone().map(|i| table.column_total(i) as f64 / n).collect();
    let chance: f64 = rows.iter().zip(&columns).map(|(r, c)| r * c).sum();
    let one_class = classes.clone().any(|i| table.both(i) == table.total());
    if n == 0.0 || one_class {
        return None;
    }
    let observed = table.agreed() as f64 / n;
    let kappa = (observed - chance) / (1.0 - chance);
    let mut agreeing = 0.0;
    let mut others = 0.0;
    for i in classes.clone() {
        agreeing += p(i, i) * (1.0 - (rows[i] + columns[i]) * (1.0 - kappa)).powi(2);
        for j in classes.clone().filter(|&j| j != i) {
            others += p(i, j) * (columns[i] + rows[j]).powi(2);
        }
    }
    let bracket = agreeing + (1.0 - kappa).powi(2) * others - (kappa - chance * (1.0 - kappa)).powi(2);
    // Rounding can leave a full agreement a little below zero.
    let standard_error = (bracket.max(0.0) / n).sqrt() / (1.0 - chance);
    let bound = |sign: f64| kappa + sign * Z975 * standard_error;
    Some(Kappa { value: kappa, standard_error, ci95: Interval { lower: bound(-1.0), upper: bound(1.0) } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: &[&[u64]]) -> Confusion {
        let mut table = Confusion::new((0..counts.len()).map(|i| i.to_string()).collect());
        for (i, row) in counts.iter().enumerate() {
            row.iter().enumerate().for_each(|(j, &n)| table.add_times(i, j, n));
        }
        table
    }

    /// Figures of statsmodels 0.15, `inter_rater.cohens_kappa`, for the same counts.
    #[test]
    fn kappa_and_its_interval_agree_with_statsmodels() {
        let kappa = cohens_kappa(&table(&[&[75, 1, 4], &[5, 4, 1], &[0, 0, 10]])).expect("defined");
        for (is, should) in [
            (kappa.value, 0.676_470_588_235),
            (kappa.standard_error, 0.087_702_953_475),
            (kappa.ci95.lower, 0.504_575_958_086),
            (kappa.ci95.upper, 0.848_365_218_385),
        ] {
            assert!((is - should).abs() < 1e-11, "{is} {should}");
        }
    }

    #[test]
    fn full_agreement_is_one_and_one_class_is_undefined() {
        let full = cohens_kappa(&table(&[&[5, 0], &[0, 3]])).expect("defined");
        assert!((full.value - 1.0).abs() < 1e-15 && full.standard_error < 1e-7, "{full:?}");
        assert_eq!(cohens_kappa(&table(&[&[5, 0], &[0, 0]])), None);
        assert_eq!(cohens_kappa(&table(&[&[0, 0], &[0, 0]])), None);
    }
}

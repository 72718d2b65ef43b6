//! Mean and standard deviation over the folds of a cross-validation.

/// A figure over folds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverFolds {
    /// Mean over the folds in which the figure is defined.
    pub mean: f64,
    /// Standard deviation (n - 1); `None` with one fold.
    pub sd: Option<f64>,
    /// Those folds.
    pub folds: usize,
}

/// Mean and standard deviation of a figure over folds. `None` where it is defined in none of them.
pub fn over_folds(values: impl IntoIterator<Item = Option<f64>>) -> Option<OverFolds> {
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.len() > 1).then(|| (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt());
    (!values.is_empty()).then_some(OverFolds { mean, sd, folds: values.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy.mean and numpy.std(ddof=1) of [0.9, 0.8, 0.85] are 0.85 and 0.05.
    #[test]
    fn undefined_folds_are_left_out() {
        let found = over_folds([Some(0.9), None, Some(0.8), Some(0.85)]).expect("defined");
        assert!((found.mean - 0.85).abs() < 1e-12 && (found.sd.expect("three folds") - 0.05).abs() < 1e-12);
        assert_eq!(found.folds, 3);
        assert_eq!(over_folds([Some(0.5)]), Some(OverFolds { mean: 0.5, sd: None, folds: 1 }));
        assert_eq!(over_folds([None, None]), None);
    }
}

//! Confidence intervals, and the exact binomial one.

use statrs::function::beta::beta_reg;

/// A confidence interval; that of a proportion is in fractions of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// The exact two-sided 95% interval of `successes` out of `trials` (Clopper and Pearson, Biometrika 1934;26:404).
///
/// `None` when there are no trials, or more successes than trials.
pub fn clopper_pearson(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let (k, n) = (successes as f64, trials as f64);
    let lower = if successes == 0 { 0.0 } else { beta_quantile(k, n - k + 1.0, 0.025) };
    let upper = if successes == trials { 1.0 } else { beta_quantile(k + 1.0, n - k, 0.975) };
    Some(Interval { lower, upper })
}

/// The `p` quantile of Beta(a, b), by bisection of the regularised incomplete beta function down to adjacent doubles:
/// slower than Newton's method and never wrong in the tails.
fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        let mid = 0.5 * (low + high);
        if mid <= low || mid >= high {
            return mid;
        }
        if beta_reg(a, b, mid) < p {
            low = mid;
        } else {
            high = mid;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values: `scipy.stats.beta.ppf` of SciPy, 12 digits.
    #[test]
    fn agrees_with_scipy() {
        include!("interval_reference.in").into_iter().for_each(|(k, n, lower, upper): (u64, u64, f64, f64)| {
            let ci = clopper_pearson(k, n).expect("an interval");
            assert!((ci.lower - lower).abs() < 1e-10, "{k}/{n}: {ci:?}");
            assert!((ci.upper - upper).abs() < 1e-10, "{k}/{n}: {ci:?}");
        });
    }

    #[test]
    fn nothing_counted_has_no_interval() {
        assert_eq!(clopper_pearson(0, 0), None);
        assert_eq!(clopper_pearson(3, 2), None);
    }
}

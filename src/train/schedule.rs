//! The learning rate of each step.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// How the learning rate runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// Up from a 25th over the first part and down to nearly nothing, both along a cosine (Smith and Topin 2018).
    OneCycle,
    /// From zero in a straight line over the first part, then down along a cosine (Loshchilov and Hutter 2017).
    Cosine,
    /// Always the same.
    Constant,
}

/// The rate of one-cycle's first step, as a share of the highest.
const START: f64 = 1.0 / 25.0;
/// The rate of the last step, as a share of the highest.
const END: f64 = 1e-4;

impl Curve {
    /// The share of the highest rate when `done` of the training, 0..=1, is done; `rise` is where it is reached.
    pub fn share(self, done: f64, rise: f64) -> f64 {
        let done = done.clamp(0.0, 1.0);
        let cosine = |from: f64, to: f64, done: f64| to + (from - to) * 0.5 * (1.0 + (PI * done.clamp(0.0, 1.0)).cos());
        match self {
            Self::Constant => 1.0,
            Self::OneCycle if done < rise => cosine(START, 1.0, done / rise),
            Self::Cosine if done < rise => done / rise,
            Self::OneCycle | Self::Cosine => cosine(1.0, END, (done - rise) / (1.0 - rise).max(f64::EPSILON)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_rise_fall_and_never_leave_their_bounds() {
        for curve in [Curve::OneCycle, Curve::Cosine] {
            for rise in [0.0, 0.2, 0.9] {
                let rates: Vec<f64> = (-1..=101).map(|s| curve.share(f64::from(s) / 100.0, rise)).collect();
                assert!(rates.iter().all(|r| (0.0..=1.0).contains(r)), "{curve:?} {rates:?}");
            }
            let rates: Vec<f64> = (0..=100).map(|s| curve.share(f64::from(s) / 100.0, 0.2)).collect();
            assert!(rates[..20].windows(2).all(|w| w[0] < w[1]) && rates[20..].windows(2).all(|w| w[0] > w[1]));
            assert!((rates[20] - 1.0).abs() < 1e-9 && (rates[100] - END).abs() < 1e-9, "{curve:?}");
        }
        assert!((Curve::OneCycle.share(0.0, 0.2) - START).abs() < 1e-9);
        assert_eq!((Curve::Cosine.share(0.0, 0.2), Curve::Constant.share(0.05, 0.2)), (0.0, 1.0));
    }
}

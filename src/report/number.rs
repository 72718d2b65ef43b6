//! Numbers for people: three decimals, a dash for what is not defined.

use crate::domain::Interval;

/// `0.878`, or `-`.
pub(super) fn three(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |v| format!("{v:.3}"))
}

/// `0.862 - 0.892`, or `-`.
pub(super) fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "-".into(), |i| format!("{:.3} - {:.3}", i.lower, i.upper))
}

/// Both bounds in an array.
pub(super) fn bounds(interval: Option<Interval>) -> Option<[f64; 2]> {
    interval.map(|i| [i.lower, i.upper])
}

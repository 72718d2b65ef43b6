//! Numbers and names as the report words them.

use crate::domain::{Interval, one_decimal, printable};
pub(super) use crate::domain::{counted, to_the_minute as when};

/// A percentage to one decimal, without its sign, that hides no cell.
pub(super) fn percent(x: f64) -> String {
    one_decimal(x)
}

/// An exact interval in percent: `16.2 to 24.3`.
pub(super) fn interval(ci: Interval) -> String {
    format!("{:.1} to {:.1}", 100.0 * ci.lower, 100.0 * ci.upper)
}

/// A bound of a reference range, without needless decimals.
pub(super) fn bound(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Safe to show: nothing in it steers or reorders.
pub(super) fn safe(text: &str) -> String {
    printable(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_for_people() {
        assert_eq!((percent(100.0 / 3.0), bound(0.5), bound(40.0)), ("33.3".into(), "0.5".into(), "40".into()));
        assert_eq!(interval(Interval { lower: 0.162, upper: 0.2434 }), "16.2 to 24.3");
    }
}

//! Numbers, times and names as the report words them.

use crate::domain::{Interval, printable};

/// A percentage to one decimal, without its sign.
pub(super) fn percent(x: f64) -> String {
    format!("{x:.1}")
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

/// A recorded time, `2026-11-23T10:00:00.000Z`, to the minute: `2026-11-23 10:00 UTC`. What is no such time stays as it is.
pub(super) fn when(at: &str) -> String {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b':');
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(minute)) if digits(day) && digits(minute) && at.ends_with('Z') => {
            format!("{day} {minute} UTC")
        }
        _ => printable(at).into_owned(),
    }
}

/// `1 cell`, `2 cells`.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Safe to show: nothing in it steers or reorders.
pub(super) fn safe(text: &str) -> String {
    printable(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_times_are_rounded_for_people() {
        assert_eq!((percent(100.0 / 3.0), bound(0.5), bound(40.0)), ("33.3".into(), "0.5".into(), "40".into()));
        assert_eq!(interval(Interval { lower: 0.162, upper: 0.2434 }), "16.2 to 24.3");
        assert_eq!(when("2026-11-23T10:05:59.123Z"), "2026-11-23 10:05 UTC");
        assert_eq!((when("soon\x07"), when("é")), ("soon\\u{7}".into(), "é".into()));
        assert_eq!((counted(1, "cell", "cells"), counted(0, "cell", "cells")), ("1 cell".into(), "0 cells".into()));
    }
}

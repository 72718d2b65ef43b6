//! Counts, shares and times as people read them.

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};

use super::printable;

/// `1 cell`, `2 cells`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// A percentage, or a count to 100 others, with one decimal. One that is more than nothing never reads as nothing, and one that is
/// less than all never as all: `<0.1`, `>99.9`.
pub fn one_decimal(percent: f64) -> String {
    let rounded = format!("{percent:.1}");
    match rounded.as_str() {
        "0.0" if percent > 0.0 => "<0.1".to_owned(),
        "100.0" if percent < 100.0 => ">99.9".to_owned(),
        _ => rounded,
    }
}

/// A recorded time on the clock of `zone`, to the minute, with the zone's name: `2026-11-28 14:03 CET`.
pub fn to_the_minute(at: &str, zone: &TimeZone) -> String {
    on_the_clock(at, zone, "%Y-%m-%d %H:%M")
}

/// The same to the second.
pub fn to_the_second(at: &str, zone: &TimeZone) -> String {
    on_the_clock(at, zone, "%Y-%m-%d %H:%M:%S")
}

/// The day of a recorded time in `zone`: `2026-11-28`.
pub fn day(at: &str, zone: &TimeZone) -> String {
    let told = at.parse::<Timestamp>().ok().and_then(|t| strtime::format("%Y-%m-%d", &t.to_zoned(zone.clone())).ok());
    told.unwrap_or_else(|| printable(at).into_owned())
}

/// What is no time stays as it is, but for characters that steer a terminal. An hour that the clock shows twice, when summer time
/// ends, has its offset beside it.
fn on_the_clock(at: &str, zone: &TimeZone, form: &str) -> String {
    let told = || {
        let local = at.parse::<Timestamp>().ok()?.to_zoned(zone.clone());
        let twice = zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
        strtime::format(if twice { format!("{form} %Z (%:z)") } else { format!("{form} %Z") }, &local).ok()
    };
    told().unwrap_or_else(|| printable(at).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central Europe's rule, so that no test needs the system's list of zones.
    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
    }

    #[test]
    fn times_are_told_on_the_readers_clock_and_name_its_zone() {
        let at = "2026-11-28T13:03:59.123Z";
        assert_eq!(to_the_minute(at, &berlin()), "2026-11-28 14:03 CET");
        assert_eq!(to_the_second(at, &TimeZone::UTC), "2026-11-28 13:03:59 UTC");
        assert_eq!(to_the_minute("2026-07-01T22:30:00Z", &berlin()), "2026-07-02 00:30 CEST");
        assert_eq!(
            (day("2026-07-01T22:30:00Z", &berlin()), day(at, &TimeZone::UTC)),
            ("2026-07-02".into(), "2026-11-28".into())
        );
    }

    #[test]
    fn an_hour_that_comes_twice_has_its_offset() {
        assert_eq!(to_the_minute("2026-10-25T00:30:00Z", &berlin()), "2026-10-25 02:30 CEST (+02:00)");
        assert_eq!(to_the_minute("2026-10-25T01:30:00Z", &berlin()), "2026-10-25 02:30 CET (+01:00)");
        assert_eq!(to_the_minute("2026-10-25T02:30:00Z", &berlin()), "2026-10-25 03:30 CET");
    }

    #[test]
    fn what_is_no_time_is_shown_as_it_is_and_steers_nothing() {
        for at in ["soon", "", "é", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z"] {
            assert_eq!((to_the_minute(at, &berlin()), day(at, &berlin())), (at.to_owned(), at.to_owned()));
        }
        assert_eq!(to_the_second("2026\x1b[2J", &berlin()), "2026\\u{1b}[2J");
    }

    #[test]
    fn rounding_hides_no_cell() {
        let of = |count: f64, all: f64| one_decimal(100.0 * count / all);
        assert_eq!([of(1.0, 5000.0), of(4999.0, 5000.0)], ["<0.1", ">99.9"]);
        assert_eq!([of(0.0, 9.0), of(9.0, 9.0), of(1.0, 3.0)], ["0.0", "100.0", "33.3"]);
        assert_eq!([of(1.0, 1000.0), of(999.0, 1000.0), of(3.0, 2.0)], ["0.1", "99.9", "150.0"]);
    }

    #[test]
    fn one_is_singular() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "cell", "cells")), ["0 cells", "1 cell", "2 cells"]);
    }
}

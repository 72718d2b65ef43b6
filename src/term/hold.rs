//! Finds keys that are being held, where the terminal reports them as if they were pressed again and again.
//!
//! A keyboard repeats with the regularity of a clock, 15 to 60 ms apart; fingers do not. Kitty's keyboard protocol sends
//! repeats of letters as presses too, but reports when they come up: pressed twice without that is held.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use crate::keymap::Key;

/// The gaps of a keyboard's repeat.
const GAP: std::ops::RangeInclusive<Duration> = Duration::from_millis(15)..=Duration::from_millis(60);
/// How far a gap of a held key is from the mean.
const JITTER: Duration = Duration::from_millis(4);
/// As many such gaps in a row make a held key.
const RUN: usize = 4;
/// A pause that ends the holding.
const PAUSE: Duration = Duration::from_millis(150);

/// The longest delay before a keyboard starts to repeat; a release that was lost counts no longer than that.
const DELAY: Duration = Duration::from_millis(700);

/// Watches the times of key presses.
#[derive(Debug, Default)]
pub struct HoldGuard {
    last: Option<(Key, Instant)>,
    gaps: Vec<Duration>,
    held: bool,
    /// Keys whose coming up the terminal reports; not all of them are, Enter for one.
    reported: HashSet<Key>,
    /// The key that has not come up since.
    down: Option<(Key, Instant)>,
}

impl HoldGuard {
    /// Whether this press, at that time, comes of holding the key.
    pub fn is_held(&mut self, key: Key, at: Instant) -> bool {
        let gap = match self.last.replace((key, at)) {
            Some((before, then)) if before == key => at.saturating_duration_since(then),
            _ => PAUSE,
        };
        if gap >= PAUSE {
            self.held = false;
            self.gaps.clear();
        } else if !GAP.contains(&gap) {
            self.gaps.clear();
        } else {
            self.gaps.push(gap);
            let run = &self.gaps[self.gaps.len().saturating_sub(RUN)..];
            let mean = run.iter().sum::<Duration>() / run.len().max(1) as u32;
            self.held |= run.len() == RUN && run.iter().all(|g| g.abs_diff(mean) <= JITTER);
        }
        let still_down = self
            .down
            .replace((key, at))
            .is_some_and(|(k, then)| k == key && at.saturating_duration_since(then) < DELAY);
        self.held || (still_down && self.reported.contains(&key))
    }

    /// The terminal reports that a key came up.
    pub fn released(&mut self, key: Key) {
        self.reported.insert(key);
        self.down = self.down.filter(|(k, _)| *k != key);
        self.held = false;
        self.gaps.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which presses of one key, that many ms after each other, are taken for held.
    fn held(gaps: &[u64]) -> Vec<bool> {
        let mut guard = HoldGuard::default();
        let mut at = Instant::now();
        let mut press = |gap: &u64| {
            at += Duration::from_millis(*gap);
            guard.is_held(Key::char(' '), at)
        };
        gaps.iter().map(&mut press).collect()
    }

    #[test]
    fn a_held_key_is_found_at_its_fifth_regular_press() {
        // The first gap is the keyboard's delay.
        let found = held(&[0, 500, 33, 33, 34, 33, 33, 30]);
        assert_eq!(found, [false, false, false, false, false, true, true, true]);
        assert!(held(&[0, 250, 25, 27, 24, 26])[5]);
    }

    #[test]
    fn once_held_it_stays_so_until_a_pause_or_another_key() {
        assert_eq!(held(&[0, 30, 30, 30, 30, 90, 30])[4..], [true, true, true]);
        assert_eq!(held(&[0, 30, 30, 30, 30, 160, 30])[4..], [true, false, false]);
        let mut guard = HoldGuard::default();
        let start = Instant::now();
        for i in 0..6 {
            guard.is_held(Key::char('s'), start + Duration::from_millis(30 * i));
        }
        assert!(!guard.is_held(Key::char('b'), start + Duration::from_millis(180)));
        assert!(!guard.is_held(Key::char('s'), start + Duration::from_millis(210)));
    }

    #[test]
    fn a_key_that_did_not_come_up_is_held_where_that_is_reported() {
        let mut guard = HoldGuard::default();
        let start = Instant::now();
        let ms = |n| start + Duration::from_millis(n);
        let (space, enter) = (Key::char(' '), Key::plain(crate::keymap::KeyCode::Enter));
        assert!(!guard.is_held(space, ms(0)));
        guard.released(space);
        assert!(!guard.is_held(space, ms(200)));
        assert!(guard.is_held(space, ms(700)), "the first repeat after the keyboard's delay");
        guard.released(space);
        assert!(!guard.is_held(space, ms(730)), "a fast finger");
        assert!(!guard.is_held(space, ms(2000)), "the release was lost");
        assert!(!guard.is_held(enter, ms(2100)) && !guard.is_held(enter, ms(2300)), "never reported for this key");
    }

    #[test]
    fn a_fast_typist_and_a_burst_are_not_held_keys() {
        assert!(held(&[0, 55, 42, 58, 47, 60, 41, 55, 44, 59]).iter().all(|h| !h), "fast, but with human rhythm");
        assert!(
            held(&[0, 110, 112, 111, 110, 109, 111]).iter().all(|h| !h),
            "regular, but slower than any keyboard's repeat"
        );
        assert!(held(&[0, 0, 0, 0, 0, 0, 0]).iter().all(|h| !h), "read in one go: typed ahead, not held");
    }
}

//! Tells presses of a key from a key that is being held.
//!
//! Where the terminal says when a key comes up, a press that follows that is a press. Elsewhere a held key looks as if it
//! were pressed again and again: once, after the keyboard's delay (225 to 1000 ms) once more, and then every 15 to 100 ms,
//! with the jitter of what lies between. The second of these presses looks like any other when it comes; only what follows
//! tells. So the same key once more is *unsure* for a moment: what comes faster than fingers shows that it was held, another
//! key or a pause that it was pressed. Measured against fingers that press one key at most every 100 ms.

use std::time::{Duration, Instant};

use crate::{
    keymap::{Key, KeyCode},
    term::Arrival,
};

/// Closer together than this is no finger.
const FAST: Duration = Duration::from_millis(95);
/// Further apart than this is no repeat of a usual rate.
const SLOW: Duration = Duration::from_millis(135);
/// Between both, so many gaps in a row that are this short in the mean, or so many at all, are a held key.
const RUN: (usize, Duration, usize) = (5, Duration::from_micros(105_500), 8);
/// When nothing has followed for so long, it was a press.
const SETTLED: Duration = Duration::from_millis(140);
/// A pause that ends the holding.
const PAUSE: Duration = Duration::from_millis(190);

/// What a press is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// The key was pressed.
    Sure,
    /// That will show.
    Unsure,
    /// The key is being held.
    Held,
}

/// What a press is, and what it says of those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// What has become of the unsure ones before: all were pressed, or none; `None`: there are none, or it is still unsure.
    pub before: Option<bool>,
    /// This press.
    pub press: Press,
    /// It goes on with the regularity of a clock after a longer gap, but no faster than fingers: perhaps a held key of a slow
    /// rate. Said once.
    pub regular: bool,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    key: Key,
    at: Arrival,
    /// The terminal said that it came up.
    up: bool,
}

/// Watches the times of key presses.
#[derive(Debug, Default)]
pub struct HoldGuard {
    last: Option<Last>,
    waiting: bool,
    /// Gaps between unsure presses that fingers and repeats have in common.
    run: Vec<Duration>,
    held: bool,
    rhythm: Rhythm,
}

impl HoldGuard {
    /// A press of a key.
    pub fn press(&mut self, key: Key, at: Arrival) -> Judged {
        let before = self.last.replace(Last { key, at, up: false });
        let Some(before) = before.filter(|l| l.key == key && !l.up) else {
            let before = self.settle(true);
            self.held = false;
            self.rhythm = Rhythm::default();
            return Judged { before, press: Press::Sure, regular: false };
        };
        let least = at.from.saturating_duration_since(before.at.to);
        let most = at.to.saturating_duration_since(before.at.from);
        let regular = self.rhythm.goes_on(at.to.saturating_duration_since(before.at.to));
        if self.held && least < PAUSE {
            return Judged { before: None, press: Press::Held, regular: false };
        }
        self.held = false;
        if most < FAST {
            self.held = true;
            return Judged { before: self.settle(false), press: Press::Held, regular: false };
        }
        let mut settled = None;
        if least > SLOW {
            settled = self.settle(true);
        } else if most <= SLOW {
            self.run.push(most);
            let mean = self.run.iter().sum::<Duration>() / self.run.len() as u32;
            let (quick, short, all) = RUN;
            if self.run.len() >= all || (self.run.len() >= quick && mean <= short) {
                self.held = true;
                return Judged { before: self.settle(false), press: Press::Held, regular: false };
            }
        }
        self.waiting = true;
        Judged { before: settled, press: Press::Unsure, regular }
    }

    /// The terminal reports that a key repeats: its press was one.
    pub fn repeats(&mut self, key: Key) -> Option<bool> {
        if self.last.is_some_and(|l| l.key == key) { self.settle(true) } else { None }
    }

    /// The terminal reports that a key came up.
    pub fn released(&mut self, key: Key) {
        if let Some(last) = self.last.as_mut().filter(|l| is_same(l.key, key)) {
            last.up = true;
            self.held = false;
        }
    }

    /// When [`HoldGuard::expire`] has something to say if no key comes before.
    pub fn deadline(&self) -> Option<Instant> {
        self.last.filter(|_| self.waiting).map(|last| last.at.to + SETTLED)
    }

    /// Whether the unsure presses were pressed, for nothing followed; `None`: not yet, or there are none.
    pub fn expire(&mut self, now: Instant) -> Option<bool> {
        if self.deadline().is_some_and(|deadline| now >= deadline) { self.settle(true) } else { None }
    }

    fn settle(&mut self, pressed: bool) -> Option<bool> {
        self.run.clear();
        std::mem::take(&mut self.waiting).then_some(pressed)
    }
}

/// The same key, whatever has become of Shift until it came up.
fn is_same(a: Key, b: Key) -> bool {
    match (a.code, b.code) {
        (KeyCode::Char(a), KeyCode::Char(b)) => a.to_lowercase().eq(b.to_lowercase()),
        (a, b) => a == b,
    }
}

/// Looks for the regularity of a clock in presses of one key.
#[derive(Debug, Default)]
struct Rhythm {
    gaps: Vec<Duration>,
}

impl Rhythm {
    /// So many gaps of one length, after a longer one.
    const GAPS: usize = 6;
    /// How far they may be apart; fingers are further.
    const JITTER: Duration = Duration::from_millis(5);
    /// The longest gap of a keyboard, and its longest delay.
    const LONGEST: (Duration, Duration) = (Duration::from_millis(520), Duration::from_millis(1100));

    /// One more gap; whether they look like a held key's by now. Said once in a run.
    fn goes_on(&mut self, gap: Duration) -> bool {
        if self.gaps.len() > Self::GAPS + 1 {
            self.gaps.remove(0);
        }
        self.gaps.push(gap);
        let Some(start) = self.gaps.len().checked_sub(Self::GAPS + 1) else { return false };
        let (delay, run) = (self.gaps[start], &self.gaps[start + 1..]);
        let (Some(&least), Some(&most)) = (run.iter().min(), run.iter().max()) else { return false };
        let was_so_before = start.checked_sub(1).is_some_and(|i| self.gaps[i].abs_diff(least) <= least / 8);
        most - least <= Self::JITTER
            && most > SLOW
            && most <= Self::LONGEST.0
            && delay <= Self::LONGEST.1
            && delay > most * 13 / 10
            && !was_so_before
    }
}

#[cfg(test)]
mod tests;

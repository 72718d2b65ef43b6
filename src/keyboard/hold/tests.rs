//! Every pattern of a held key that keyboards, consoles and lines make, and hands that are as fast.

use rand::{Rng as _, SeedableRng as _};

use super::*;

/// A terminal that tells the time of each press, and what a reviewer would have decided by it.
struct Hand {
    guard: HoldGuard,
    now: Instant,
    /// Presses that count, by their number.
    counted: Vec<usize>,
    unsure: Vec<usize>,
    pressed: usize,
    regular: usize,
}

impl Hand {
    fn new() -> Self {
        Self {
            guard: HoldGuard::default(),
            now: Instant::now(),
            counted: Vec::new(),
            unsure: Vec::new(),
            pressed: 0,
            regular: 0,
        }
    }

    fn wait(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        while let Some(deadline) = self.guard.deadline().filter(|d| *d <= until) {
            let settled = self.guard.expire(deadline);
            self.settle(settled);
        }
        self.now = until;
    }

    fn settle(&mut self, settled: Option<bool>) {
        if let Some(pressed) = settled {
            let unsure = std::mem::take(&mut self.unsure);
            if pressed {
                self.counted.extend(unsure);
            }
        }
    }

    fn press(&mut self, key: char) {
        self.press_within(key, 0);
    }

    /// A press that was found when the program came back after so many ms elsewhere.
    fn press_within(&mut self, key: char, ms: u64) {
        let at = Arrival { from: self.now - Duration::from_millis(ms), to: self.now };
        let judged = self.guard.press(Key::char(key), at);
        self.settle(judged.before);
        self.regular += usize::from(judged.regular);
        match judged.press {
            Press::Sure => self.counted.push(self.pressed),
            Press::Unsure => self.unsure.push(self.pressed),
            Press::Held => {}
        }
        self.pressed += 1;
    }

    fn presses(gaps: impl IntoIterator<Item = u64>) -> Self {
        let mut hand = Self::new();
        hand.press('s');
        for gap in gaps {
            hand.wait(gap);
            hand.press('s');
        }
        hand.wait(2_000);
        hand
    }
}

/// The times at which a held key's repeats are sent, in ms after it went down.
fn repeats(delay: u64, rate: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| delay as f64 + i as f64 * rate).collect()
}

/// Gaps between whole ms.
fn gaps(times: &[f64]) -> Vec<u64> {
    let mut before = 0;
    times.iter().map(|t| (t.round() as u64).saturating_sub(std::mem::replace(&mut before, t.round() as u64))).collect()
}

#[test]
fn a_held_key_decides_once_at_every_rate_delay_jitter_and_grid() {
    let mut random = rand_pcg::Pcg64::seed_from_u64(13);
    for delay in [225, 250, 300, 400, 500, 660, 750, 1000] {
        for rate in [15.0, 20.0, 25.0, 30.0, 33.3, 40.0, 50.0, 66.0, 80.0, 83.0, 90.0, 92.0, 95.0, 100.0] {
            for (grid, jitter) in [(0, 0), (0, 4), (0, 10), (20, 0), (20, 4), (16, 2), (33, 0)] {
                let times: Vec<f64> = repeats(delay, rate, 42)
                    .into_iter()
                    .map(|t| t + random.random_range(-(jitter as f64)..=jitter as f64))
                    .map(|t| if grid == 0 { t } else { (t / f64::from(grid)).ceil() * f64::from(grid) })
                    .collect();
                let hand = Hand::presses(gaps(&times));
                assert_eq!(
                    hand.counted,
                    [0],
                    "{delay} ms, then each {rate} ms, grid {grid}, jitter {jitter}: {times:?}"
                );
            }
        }
    }
}

#[test]
fn a_held_key_decides_once_when_its_repeats_come_in_bursts() {
    for (burst, each) in [(2, 66), (2, 120), (3, 100), (6, 200), (10, 333), (4, 150)] {
        let mut hand = Hand::new();
        hand.press('s');
        hand.wait(500);
        for _ in 0..20 {
            (0..burst).for_each(|_| hand.press('s'));
            hand.wait(each);
        }
        hand.wait(1_000);
        assert_eq!(hand.counted, [0], "{burst} each {each} ms");
    }
}

#[test]
fn a_hand_of_six_a_second_is_never_dropped_however_long_it_presses_one_key() {
    for gap in [166, 167, 250, 200, 140, 180] {
        let hand = Hand::presses(std::iter::repeat_n(gap, 200));
        assert_eq!(hand.counted.len(), 201, "each {gap} ms");
        assert_eq!(hand.regular, 0, "no longer gap before: each {gap} ms");
    }
    let mut random = rand_pcg::Pcg64::seed_from_u64(7);
    for run in 0..50 {
        let hand = Hand::presses((0..200).map(|_| random.random_range(100..=260)));
        assert_eq!(hand.counted.len(), 201, "run {run}");
    }
    // After a look, and with a look in between.
    let hand = Hand::presses([900, 166, 166, 166, 1200, 166, 166, 400, 166]);
    assert_eq!(hand.counted.len(), 10);
}

#[test]
fn a_press_before_and_after_the_holding_counts() {
    let mut hand = Hand::presses([166, 166, 500, 33, 33, 33, 33, 33]);
    assert_eq!(hand.counted, [0, 1, 2]);
    hand.press('s');
    hand.wait(1_000);
    assert_eq!(hand.counted, [0, 1, 2, 9], "after a pause the key is a key again");
    // Another key takes over, and the first one's repeats stop.
    let mut hand = Hand::new();
    for (gap, key) in [(0, 's'), (500, 's'), (33, 's'), (33, 'l'), (500, 'l'), (33, 'l'), (33, 'b')] {
        hand.wait(gap);
        hand.press(key);
    }
    assert_eq!(hand.counted, [0, 3, 6]);
}

#[test]
fn what_is_unsure_is_settled_by_another_key_at_once() {
    let mut hand = Hand::new();
    hand.press('s');
    hand.wait(400);
    hand.press('s');
    assert_eq!((hand.counted.clone(), hand.unsure.clone()), (vec![0], vec![1]));
    hand.wait(20);
    hand.press('l');
    assert_eq!(hand.counted, [0, 1, 2]);
}

#[test]
fn a_program_that_was_elsewhere_neither_drops_nor_lets_through() {
    // Pressed each 166 ms, found up to 60 ms later.
    let mut hand = Hand::new();
    for i in 0..60_u64 {
        hand.press_within('s', [0, 60, 30, 5][i as usize % 4]);
        hand.wait(166);
    }
    hand.wait(1_000);
    assert_eq!(hand.counted.len(), 60);
    // Held, and the program was elsewhere when the repeats began.
    let mut hand = Hand::new();
    hand.press('s');
    hand.wait(500);
    hand.press('s');
    hand.wait(100);
    hand.press_within('s', 90);
    (0..9).for_each(|_| {
        hand.wait(33);
        hand.press('s');
    });
    hand.wait(1_000);
    assert_eq!(hand.counted, [0]);
}

#[test]
fn where_the_terminal_says_that_a_key_came_up_time_tells_nothing() {
    let mut hand = Hand::new();
    let s = Key::char('s');
    for _ in 0..20 {
        hand.press('s');
        hand.wait(20);
        hand.guard.released(s);
        hand.wait(30);
    }
    assert_eq!(hand.counted.len(), 20, "as fast as can be");
    // A release that was lost blocks nothing.
    hand.press('s');
    hand.wait(400);
    hand.press('s');
    hand.wait(400);
    assert_eq!(hand.counted.len(), 22);
    // Shift was let go first.
    hand.press('S');
    hand.guard.released(s);
    hand.wait(30);
    hand.press('S');
    assert_eq!(hand.counted.len(), 24);
    // Of this press the terminal says that it is held: it was one.
    hand.wait(500);
    hand.press('S');
    let settled = hand.guard.repeats(Key::char('S'));
    assert_eq!(settled, Some(true));
}

#[test]
fn a_slow_clock_is_said_and_dropped_by_nobody() {
    for rate in [150, 200, 333, 500] {
        let hand = Hand::presses([700].into_iter().chain(std::iter::repeat_n(rate, 12)));
        assert_eq!((hand.counted.len(), hand.regular), (14, 1), "each {rate} ms");
    }
    let mut random = rand_pcg::Pcg64::seed_from_u64(3);
    for _ in 0..50 {
        let hand = Hand::presses([700].into_iter().chain((0..60).map(|_| random.random_range(140..=190))));
        assert_eq!(hand.regular, 0, "fingers");
    }
}

//! When enough cells are counted: targets, and a rule that stops once blasts are clearly above or below a threshold.
//!
//! The counts are looked at after every cell. An interval for a sample of fixed size, read again and again until it leaves
//! the threshold out, is wrong far more often than it says; the rule here holds at whatever moment somebody looks.

use statrs::function::beta::ln_beta;

/// WBC that are commonly counted; the last is two readers' 200 each (CLSI H20-A2).
pub const TARGETS: [u64; 3] = [100, 200, 400];

/// How a target is called: `2 x 200` for two readers' 200, else its number.
pub fn target_name(target: u64) -> String {
    if target == 400 { "2 x 200".to_owned() } else { target.to_string() }
}

/// Stops when the share of blasts is clearly above or below a threshold.
///
/// The evidence against "the share is p0", after k blasts of n WBC, is the beta-binomial mixture
/// M = \[B(a+k, b+n-k) / B(a, b)\] / \[p0^k (1-p0)^(n-k)\]: how much likelier the cells are under shares drawn from
/// Beta(a, b) than under p0 (Robbins, Annals of Mathematical Statistics 1970;41:1397; Howard et al., Annals of Statistics
/// 2021;49:1055). Were the share p0, M would be a martingale that starts at 1, so that it ever reaches 1/alpha with a
/// probability of at most alpha (Ville), however often it is looked at and whenever counting stops. M is convex in k and
/// lowest about p0 n, so a share below p0 reaches the wrong side less often still.
///
/// a + b = 10 cells, with their mean at p0. Measured on simulated slides, in cells until it stops (mean): threshold 20% at
/// true shares of 10% and 40%, 121 and 46; with a + b = 2, 126 and 46; with a + b = 40, 133 and 55. Threshold 5% at 10%,
/// 224 against 260 and 218; threshold 1% at 5%, 139 against 162 and 131. No blast at all settles 20%, 10%, 5%, 1% sooner
/// with small a + b (81 cells for 5%; 66 with 2, 112 with 40).
///
/// It is about cells taken as they come: cells picked because they look like blasts make any rule wrong. They come without
/// replacement from a slide that holds far more of them; a count from a finite slide scatters less than the binomial
/// (Hoeffding, JASA 1963;58:13, theorem 4), and the simulation in the tests covers it. What the reader mistakes, and how
/// unevenly cells lie on the smear, is not in the error rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopRule {
    percent: u8,
}

/// What a [`StopRule`] says of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopVerdict {
    /// The share is above the threshold.
    Above,
    /// The share is below the threshold.
    Below,
    /// Neither is clear yet.
    Open {
        /// WBC that are still needed if the share stays as it is; `None`: more than 10,000, as at the threshold itself, or
        /// nothing is counted yet.
        more: Option<u64>,
    },
}

impl StopRule {
    /// The rules on offer, by the thresholds that a reader of blasts watches.
    pub const CHOICES: [Self; 4] =
        [Self { percent: 20 }, Self { percent: 10 }, Self { percent: 5 }, Self { percent: 1 }];
    /// Probability, at most, of ever stopping on the wrong side.
    pub const ERROR_RATE: f64 = 0.05;
    /// Cells that the prior is worth: a + b.
    const WEIGHT: f64 = 10.0;
    /// WBC beyond which no answer is in sight.
    const HORIZON: u64 = 10_000;

    /// The threshold in percent.
    pub fn percent(self) -> u8 {
        self.percent
    }

    /// The threshold as a fraction of one.
    pub fn threshold(self) -> f64 {
        f64::from(self.percent) / 100.0
    }

    /// What so many blasts of so many WBC say.
    pub fn verdict(self, blasts: u64, wbc: u64) -> StopVerdict {
        let (k, n) = (blasts.min(wbc) as f64, wbc as f64);
        if !self.is_clear(k, n) {
            StopVerdict::Open { more: self.more(k, n) }
        } else if k > self.threshold() * n {
            StopVerdict::Above
        } else {
            StopVerdict::Below
        }
    }

    /// Whether M is at least 1/alpha. Counts are real numbers, for shares that no whole number of cells has.
    fn is_clear(self, k: f64, n: f64) -> bool {
        let p0 = self.threshold();
        let (a, b) = (Self::WEIGHT * p0, Self::WEIGHT * (1.0 - p0));
        let ln_m = ln_beta(a + k, b + n - k) - ln_beta(a, b) - k * p0.ln() - (n - k) * (1.0 - p0).ln();
        ln_m >= -Self::ERROR_RATE.ln()
    }

    /// At one share, ln M is convex in n (ln B is convex along every line) and 0 at n = 0: once it is past the limit it stays
    /// there, so that halving finds where.
    fn more(self, k: f64, n: f64) -> Option<u64> {
        let clear = |more: u64| {
            let all = n + more as f64;
            self.is_clear(k / n * all, all)
        };
        if n == 0.0 || !clear(Self::HORIZON) {
            return None;
        }
        let (mut too_few, mut enough) = (0, Self::HORIZON);
        while enough - too_few > 1 {
            let middle = too_few + (enough - too_few) / 2;
            if clear(middle) { enough = middle } else { too_few = middle }
        }
        Some(enough)
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    const SLIDES: usize = 4000;
    const MOST: u64 = 1000;

    fn rule(percent: u8) -> StopRule {
        StopRule { percent }
    }

    /// Slides out of [`SLIDES`] that stop above and below when looked at after every cell; the slide has so many WBC, or no end.
    fn stops(percent: u8, share: f64, slide: Option<u64>) -> (usize, usize) {
        let rule = rule(percent);
        let mut random = Pcg64::seed_from_u64(u64::from(percent) * 1000 + (share * 1000.0) as u64);
        let (mut above, mut below) = (0, 0);
        for _ in 0..SLIDES {
            let blasts = slide.map_or(0.0, |all| (share * all as f64).round());
            let mut k = 0.0;
            for n in 0..MOST {
                let p = slide.map_or(share, |all| (blasts - k) / (all - n) as f64);
                k += f64::from(u8::from(random.random::<f64>() < p));
                let n = (n + 1) as f64;
                if rule.is_clear(k, n) {
                    if k > rule.threshold() * n {
                        above += 1
                    } else {
                        below += 1
                    }
                    break;
                }
            }
        }
        (above, below)
    }

    #[test]
    fn wrong_answers_are_no_more_than_the_error_rate_looking_after_every_cell() {
        let allowed = (StopRule::ERROR_RATE * SLIDES as f64) as usize;
        for (percent, share) in [(20, 0.2), (5, 0.05), (1, 0.01)] {
            let (above, below) = stops(percent, share, None);
            assert!(above + below <= allowed, "{percent}% at the threshold itself: {above} and {below} of {SLIDES}");
            assert!(above + below > 0, "the rule never stops there, so that the simulation shows nothing");
        }
        for (percent, share, right) in [(20, 0.19, 0), (20, 0.12, 3000), (5, 0.045, 0), (1, 0.005, 0)] {
            let (above, below) = stops(percent, share, None);
            assert!(above <= allowed && below >= right, "{percent}% at {share}: {above} and {below} of {SLIDES}");
        }
        for (percent, share, right) in [(20, 0.21, 0), (20, 0.4, 3990), (5, 0.055, 0), (1, 0.05, 3900)] {
            let (above, below) = stops(percent, share, None);
            assert!(below <= allowed && above >= right, "{percent}% at {share}: {above} and {below} of {SLIDES}");
        }
    }

    #[test]
    fn a_slide_that_is_half_counted_is_no_worse() {
        let (above, below) = stops(20, 0.2, Some(2 * MOST));
        assert!(above + below <= (StopRule::ERROR_RATE * SLIDES as f64) as usize, "{above} and {below} of {SLIDES}");
    }

    #[test]
    fn the_number_needed_is_where_the_rule_stops_cell_by_cell() {
        for (percent, k, n) in [(20, 6, 19), (20, 0, 10), (5, 0, 1), (5, 3, 30), (10, 4, 20), (1, 0, 57), (1, 1, 40)] {
            let rule = rule(percent);
            let StopVerdict::Open { more: Some(more) } = rule.verdict(k, n) else { panic!("{k} of {n}") };
            let share = k as f64 / n as f64;
            let stepped = (1..=10_000_u64).find(|m| rule.is_clear(share * (n + m) as f64, (n + m) as f64));
            assert_eq!(Some(more), stepped, "{k} of {n} against {percent}%");
        }
    }

    /// M from its product of conditional probabilities, which is another way than by beta functions.
    #[test]
    fn the_limit_lies_where_the_product_over_the_cells_says() {
        // No blast against 20%: each cell multiplies M by (b + i) / (10 + i) / 0.8.
        let mut m = 1.0;
        let mut i = 0;
        while m < 20.0 {
            m *= (8.0 + f64::from(i)) / (10.0 + f64::from(i)) / 0.8;
            i += 1;
        }
        let rule = rule(20);
        assert_eq!(rule.verdict(0, i as u64), StopVerdict::Below);
        assert_eq!(rule.verdict(0, i as u64 - 1), StopVerdict::Open { more: Some(1) });
    }

    #[test]
    fn at_the_threshold_and_without_cells_no_answer_is_in_sight() {
        for rule in StopRule::CHOICES {
            let at = u64::from(rule.percent());
            assert_eq!(rule.verdict(0, 0), StopVerdict::Open { more: None });
            assert_eq!(rule.verdict(at, 100), StopVerdict::Open { more: None });
            assert_eq!(rule.verdict(100 * at, 10_000), StopVerdict::Open { more: None });
            assert_eq!(rule.verdict(90, 100), StopVerdict::Above);
            assert_eq!(rule.verdict(0, 1000), StopVerdict::Below);
        }
        assert_eq!((target_name(100), target_name(400)), ("100".to_owned(), "2 x 200".to_owned()));
    }
}

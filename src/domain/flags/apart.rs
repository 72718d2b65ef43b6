//! Whether decisions and suggestions are apart by more than chance: McNemar's test on the cells that have both.

use std::{collections::BTreeSet, fmt};

use statrs::function::beta::beta_reg;

use super::ClassCount;
use crate::domain::{BlastNames, Role};

/// One question, asked of the decisions and of the suggestions on the same cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart {
    /// What was asked: `blasts`, `blasts+PMO` where other classes count than by default, or a class's code.
    pub what: String,
    /// Cells that only the decisions call so.
    pub decided_only: u64,
    /// Cells that only the suggestions call so.
    pub suggested_only: u64,
    /// Cells that have both a decision and a suggestion.
    pub cells: u64,
    /// Two-sided exact p; for a class, adjusted for the number of classes.
    pub p: f64,
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { decided_only, suggested_only, cells, p, .. } = self;
        write!(f, "{decided_only} decided so alone, {suggested_only} suggested so alone, of {cells} cells (McNemar, ")?;
        if *p < 0.001 { write!(f, "p < 0.001)") } else { write!(f, "p = {p:.3})") }
    }
}

/// The two-sided exact p of McNemar's test (Psychometrika 1947;12:153): so many cells that one of two readings alone calls so,
/// and so many that the other alone does. Were neither more given to it, each of them would be a toss of a coin.
pub fn mcnemar(first_only: u64, second_only: u64) -> f64 {
    let (n, k) = (first_only + second_only, first_only.min(second_only));
    if n == 0 {
        return 1.0;
    }
    // P(X <= k) of Binomial(n, 1/2), as a regularised incomplete beta function.
    (2.0 * beta_reg((n - k) as f64, (k + 1) as f64, 0.5)).min(1.0)
}

/// The questions on which both are apart: blasts at the level `alpha`, which is the question that matters most and asked on
/// its own, and every other class within one family at that level (Holm 1979).
///
/// Cells that the reviewer could not identify say nothing, and classes outside every count are none that a network is asked
/// for. It is a test for one look, when the decisions are made; read after every cell it would be wrong more often than
/// `alpha`.
pub(super) fn apart(classes: &[ClassCount<'_>], pairs: &[(&str, &str)], alpha: f64) -> Vec<Apart> {
    let class = |code: &str| classes.iter().find(|c| c.code == code);
    let known: Vec<_> = pairs
        .iter()
        .filter_map(|&(decided, suggested)| Some((class(decided)?, class(suggested)?)))
        .filter(|(decided, _)| decided.role != Role::Unidentified)
        .collect();
    let test = |what: &str, is: &dyn Fn(&ClassCount<'_>) -> bool| {
        let count = |wanted: (bool, bool)| known.iter().filter(|(d, s)| (is(d), is(s)) == wanted).count() as u64;
        let (decided_only, suggested_only) = (count((true, false)), count((false, true)));
        let p = mcnemar(decided_only, suggested_only);
        Apart { what: what.to_owned(), decided_only, suggested_only, cells: known.len() as u64, p }
    };
    let names = BlastNames::of(classes.iter().filter(|c| c.role.is_wbc()).map(|c| (c.code, c.blast, c.blast_class)));
    let mut found = vec![test(&names.short(), &|c| c.blast)];
    found.retain(|a| a.p <= alpha);

    let codes: BTreeSet<&str> = known.iter().flat_map(|(d, s)| [d, s]).filter(asked).map(|c| c.code).collect();
    let mut tests: Vec<_> = codes.iter().map(|&code| test(code, &|c| c.code == code)).collect();
    tests.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (all, mut least) = (tests.len(), 0.0_f64);
    for (i, mut test) in tests.into_iter().enumerate() {
        least = least.max(test.p * (all - i) as f64).min(1.0);
        test.p = least;
        if test.p <= alpha {
            found.push(test);
        }
    }
    found
}

/// Whether a class is asked about on its own.
fn asked(class: &&&ClassCount<'_>) -> bool {
    !class.blast && class.role != Role::Outside
}

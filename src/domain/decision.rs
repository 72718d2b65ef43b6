//! The log of decisions and what follows from it.
//!
//! Decisions are only ever appended. Undoing one appends an [`Action::Undo`] that names it, and redoing appends an
//! [`Action::Redo`] that names it again; what holds for a cell is computed from the log each time.

use std::collections::{HashMap, HashSet};

use super::{CellId, ClassId, ClassTable, Sha256Hash, same_person};

/// What stands in place of a class for cells that were taken out of every count.
pub const EXCLUDED: &str = "excluded";

/// A decision's number in the database; later decisions have greater ones.
pub type Seq = i64;

/// The number of a step that decided many cells at once.
pub type Bulk = i64;

/// What a reviewer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Took the network's suggestion.
    Accept(ClassId),
    /// Named a class.
    Reclassify(ClassId),
    /// Took the cell out of every count.
    Exclude,
    /// Took back an earlier decision.
    Undo(Seq),
    /// Let a taken-back decision hold again.
    Redo(Seq),
}

impl Action {
    /// What the action says of the cell; `None` for undo and redo.
    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Accept(id) | Self::Reclassify(id) => Some(Verdict::Class(id)),
            Self::Exclude => Some(Verdict::Excluded),
            Self::Undo(_) | Self::Redo(_) => None,
        }
    }

    /// The name that the database and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept(_) => "accept",
            Self::Reclassify(_) => "reclassify",
            Self::Exclude => "exclude",
            Self::Undo(_) => "undo",
            Self::Redo(_) => "redo",
        }
    }
}

/// What holds for a decided cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is of this class.
    Class(ClassId),
    /// It is in no count.
    Excluded,
}

impl Verdict {
    /// The decision that says so, whatever was suggested.
    pub fn action(self) -> Action {
        match self {
            Self::Class(class) => Action::Reclassify(class),
            Self::Excluded => Action::Exclude,
        }
    }

    /// The class's code, or [`EXCLUDED`].
    pub fn code(self, table: &ClassTable) -> &str {
        match self {
            Self::Class(class) => table.code(class),
            Self::Excluded => EXCLUDED,
        }
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Its number.
    pub seq: Seq,
    /// The cell it is about.
    pub cell: CellId,
    /// Who decided.
    pub reviewer: String,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// What was done.
    pub action: Action,
    /// The network whose suggestion was on screen.
    pub network: Option<Sha256Hash>,
    /// Its suggestion and the suggestion's probability.
    pub suggested: Option<(ClassId, f32)>,
    /// The step that it was part of, where many cells were decided at once.
    pub bulk: Option<Bulk>,
}

/// The decision that holds for each decided cell: the latest one, of any reviewer, that is not taken back.
///
/// `log` must be in order of `seq`.
pub fn current(log: &[Decision]) -> HashMap<CellId, &Decision> {
    let undone = undone(log);
    let holding = log.iter().filter(|d| d.action.verdict().is_some() && !undone.contains(&d.seq));
    holding.map(|d| (d.cell, d)).collect()
}

/// The decision that `reviewer` would take back next: their latest one that holds.
pub fn undoable<'a>(log: &'a [Decision], reviewer: &str) -> Option<&'a Decision> {
    let undone = undone(log);
    log.iter()
        .rev()
        .find(|d| same_person(&d.reviewer, reviewer) && d.action.verdict().is_some() && !undone.contains(&d.seq))
}

/// The decision that `reviewer` would let hold again: the one they took back last, unless they decided since.
pub fn redoable<'a>(log: &'a [Decision], reviewer: &str) -> Option<&'a Decision> {
    let mut taken_back: Vec<Seq> = Vec::new();
    for d in log.iter().filter(|d| same_person(&d.reviewer, reviewer)) {
        match d.action {
            Action::Undo(seq) => taken_back.push(seq),
            Action::Redo(seq) => taken_back.retain(|&s| s != seq),
            _ => taken_back.clear(),
        }
    }
    let last = taken_back.pop()?;
    log.iter().find(|d| d.seq == last)
}

/// All decisions of the step that `decision` was part of, itself among them, in order: what is taken back, or holds again,
/// together. `log` must be in order of `seq`.
pub fn step<'a>(log: &'a [Decision], decision: &'a Decision) -> Vec<&'a Decision> {
    let (undone, gone) = (undone(log), |seq: Seq, set: &HashSet<Seq>| set.contains(&seq));
    let alike = |d: &&Decision| {
        d.bulk == decision.bulk && d.action.verdict().is_some() && gone(d.seq, &undone) == gone(decision.seq, &undone)
    };
    match decision.bulk {
        None => vec![decision],
        Some(_) => log.iter().filter(alike).collect(),
    }
}

fn undone(log: &[Decision]) -> HashSet<Seq> {
    let mut set = HashSet::new();
    for d in log {
        match d.action {
            Action::Undo(seq) => _ = set.insert(seq),
            Action::Redo(seq) => _ = set.remove(&seq),
            _ => {}
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: &[(&str, i64, Action)]) -> Vec<Decision> {
        let entry = |(i, (who, cell, action)): (usize, &(&str, i64, Action))| Decision {
            seq: i as Seq + 1,
            cell: CellId(*cell),
            reviewer: (*who).to_owned(),
            at: String::new(),
            action: *action,
            network: None,
            suggested: None,
            bulk: None,
        };
        entries.iter().enumerate().map(entry).collect()
    }

    fn class(n: u16) -> Action {
        Action::Reclassify(ClassId(n))
    }

    #[test]
    fn the_latest_decision_holds_and_undo_brings_the_one_before_back() {
        let l = log(&[("a", 1, class(0)), ("b", 1, class(1))]);
        assert_eq!(current(&l)[&CellId(1)].seq, 2);
        let l = log(&[("a", 1, class(0)), ("b", 1, class(1)), ("b", 1, Action::Undo(2))]);
        assert_eq!(current(&l)[&CellId(1)].seq, 1);
        let l = log(&[("a", 1, class(0)), ("a", 1, Action::Undo(1))]);
        assert!(current(&l).is_empty());
    }

    #[test]
    fn each_reviewer_undoes_their_own() {
        let l = log(&[("a", 1, class(0)), ("b", 2, class(1))]);
        assert_eq!(undoable(&l, "a").map(|d| d.seq), Some(1));
        assert_eq!(undoable(&l, "b").map(|d| d.seq), Some(2));
        assert_eq!(undoable(&l, "c"), None);
    }

    #[test]
    fn redo_goes_back_in_order_and_ends_with_a_new_decision() {
        let mut entries =
            vec![("a", 1, class(0)), ("a", 2, class(1)), ("a", 2, Action::Undo(2)), ("a", 1, Action::Undo(1))];
        assert_eq!(redoable(&log(&entries), "a").map(|d| d.seq), Some(1));
        entries.push(("a", 1, Action::Redo(1)));
        assert_eq!(redoable(&log(&entries), "a").map(|d| d.seq), Some(2));
        entries.push(("b", 3, class(1)));
        assert_eq!(
            redoable(&log(&entries), "a").map(|d| d.seq),
            Some(2),
            "another reviewer's decision does not end it"
        );
        entries.push(("a", 3, class(1)));
        assert_eq!(redoable(&log(&entries), "a"), None);
    }

    #[test]
    fn a_step_is_all_that_was_decided_in_it_and_still_stands_as_one_does() {
        let mut l = log(&[("a", 1, class(0)), ("a", 2, class(1)), ("a", 3, class(1)), ("a", 4, class(1))]);
        l[1..].iter_mut().for_each(|d| d.bulk = Some(9));
        let seqs = |l: &[Decision], of: usize| step(l, &l[of]).iter().map(|d| d.seq).collect::<Vec<_>>();
        assert_eq!((seqs(&l, 0), seqs(&l, 2)), (vec![1], vec![2, 3, 4]));
        let undo = Decision { seq: 5, action: Action::Undo(3), bulk: None, ..l[2].clone() };
        l.push(undo);
        assert_eq!((seqs(&l, 1), seqs(&l, 2)), (vec![2, 4], vec![3]), "one of them was taken back by itself");
    }

    proptest::proptest! {
        /// Undoing as often as was decided empties the log's effect; redoing as often restores it.
        #[test]
        fn undo_and_redo_are_inverse(cells in proptest::collection::vec((1_i64..5, 0_u16..4), 1..12)) {
            let mut l = log(&cells.iter().map(|&(c, k)| ("a", c, class(k))).collect::<Vec<_>>());
            let verdicts = |l: &[Decision]| current(l).into_iter().map(|(c, d)| (c, d.action)).collect::<HashMap<_, _>>();
            let before = verdicts(&l);
            let push = |l: &mut Vec<Decision>, target: Decision, action| {
                let seq = l.len() as Seq + 1;
                l.push(Decision { seq, action, ..target });
            };
            while let Some(d) = undoable(&l, "a").cloned() {
                let seq = d.seq;
                push(&mut l, d, Action::Undo(seq));
            }
            proptest::prop_assert!(current(&l).is_empty());
            while let Some(d) = redoable(&l, "a").cloned() {
                let seq = d.seq;
                push(&mut l, d, Action::Redo(seq));
            }
            proptest::prop_assert_eq!(verdicts(&l), before);
        }
    }
}

//! Two readings beside each other, over the review of the case: the table of how far they agree, the cells in dispute one by
//! one, and the decisions of the record that settle them.

use std::collections::BTreeSet;

use crate::{
    app::{Command, CompareWhich, Effect, Notice, Proposal, Review, Sight, State, decide::open_to_decisions},
    domain::{Action, Comparison, Decision, Pair, ReadingKind, Seq, redoable, settles, undoable},
};

/// Cells that a screenful moves by.
const PAGE: usize = 10;

/// Two readings beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Disputes {
    /// What they say.
    pub comparison: Comparison,
    /// The one under the cursor, among the cells in dispute.
    pub cursor: usize,
    /// Whether that cell is shown large; else the table is shown.
    pub is_open: bool,
    /// Decisions of the record that settle a dispute; not all of them need hold.
    pub(in crate::app) settling: BTreeSet<Seq>,
    /// Places in `comparison.pairs`.
    places: Vec<usize>,
}

impl Disputes {
    /// The table of a comparison.
    pub fn new(comparison: Comparison, settling: BTreeSet<Seq>) -> Self {
        let places = comparison.pairs.iter().enumerate().filter(|(_, p)| p.is_dispute()).map(|(i, _)| i).collect();
        Self { comparison, cursor: 0, is_open: false, settling, places }
    }

    /// How many cells are in dispute.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether the readings agree on every cell.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The cell in dispute at a place of the list.
    pub fn pair(&self, at: usize) -> Option<&Pair> {
        self.comparison.pairs.get(*self.places.get(at)?)
    }

    /// Whether it is a training: then there is nothing to settle, for the labels are the reference.
    pub fn is_training(&self) -> bool {
        self.comparison.reading.kind == ReadingKind::Training
    }

    /// The decision that settles the cell in dispute at a place of the list.
    pub fn settled<'a>(&self, review: &'a Review, at: usize) -> Option<&'a Decision> {
        let cell = self.pair(at)?.cell;
        review.decision(review.place_of(cell)?).filter(|d| self.settling.contains(&d.seq))
    }

    /// How many cells nobody settled.
    pub fn unsettled(&self, review: &Review) -> usize {
        if self.is_training() { 0 } else { (0..self.len()).filter(|&i| self.settled(review, i).is_none()).count() }
    }
}

/// Carries a command out that the two readings know; `None`: it is the review's, or no two readings are shown.
pub(in crate::app) fn command(state: &mut State, command: Command) -> Option<Vec<Effect>> {
    let review = state.review.as_mut()?;
    let mut disputes = review.disputes.take()?;
    let last = disputes.len().saturating_sub(1);
    let at = disputes.cursor;
    let mut to = at;
    let mut outcome = None;
    match command {
        Command::Next => to = at + 1,
        Command::Previous => to = at.saturating_sub(1),
        Command::PageDown => to = at + PAGE,
        Command::PageUp => to = at.saturating_sub(PAGE),
        Command::First => to = 0,
        Command::Last => to = last,
        Command::Open if disputes.is_empty() => state.notice = Some(Notice::NoDispute),
        Command::Open => {
            disputes.is_open = !disputes.is_open;
            review.painted = None;
        }
        Command::Cancel if disputes.is_open => {
            disputes.is_open = false;
            review.painted = None;
        }
        Command::Cancel => state.notice = Some(Notice::NothingToClose),
        Command::Cases => return Some(state.leave_case()),
        Command::Compare => {
            let (case, id) = (review.case.id, disputes.comparison.reading.id);
            review.disputes = Some(disputes);
            return Some(vec![Effect::Compare { case, which: CompareWhich::Before(id) }]);
        }
        Command::FirstRight | Command::SecondRight | Command::Class(_) | Command::Exclude => {
            outcome = Some(settle(review, &disputes, command));
        }
        Command::Undo | Command::Redo => outcome = Some(again(review, &disputes, command == Command::Undo)),
        Command::Sign if disputes.is_training() => outcome = Some(Err(Notice::TrainingSettlesNothing)),
        // Whatever else has a key here means what it means in the review.
        _ => {
            review.disputes = Some(disputes);
            return None;
        }
    }
    disputes.cursor = to.min(last);
    show(review, &disputes);
    let effects = match outcome {
        None => Vec::new(),
        Some(Err(why)) => {
            state.notice = Some(why);
            Vec::new()
        }
        Some(Ok(proposal)) => {
            review.pending = true;
            vec![Effect::Adjudicate { reading: disputes.comparison.reading.id, proposal }]
        }
    };
    review.disputes = Some(disputes);
    Some(effects)
}

/// The review's cell is the one under the cursor.
pub(in crate::app) fn show(review: &mut Review, disputes: &Disputes) {
    if let Some(pair) = disputes.pair(disputes.cursor) {
        review.go_to_cell(pair.cell);
    }
}

/// A decision on the cell that was painted, by the rules of any other.
fn settle(review: &Review, disputes: &Disputes, command: Command) -> Result<Proposal, Notice> {
    may_settle(review, disputes)?;
    let painted = review.painted.ok_or(Notice::NotPainted)?;
    let pair = disputes.pair(disputes.cursor).filter(|p| p.cell == painted.cell).ok_or(Notice::NotPainted)?;
    let action = match command {
        Command::FirstRight => pair.first.verdict.action(),
        Command::SecondRight => pair.second.action(),
        Command::Class(class) => Action::Reclassify(class),
        _ => Action::Exclude,
    };
    if painted.sight == Sight::Message && action != Action::Exclude {
        return Err(Notice::NoPicture);
    }
    Ok(Proposal::on(&painted, review.case.id, action))
}

/// Takes the reviewer's last decision that settles something back, or lets it hold again.
fn again(review: &Review, disputes: &Disputes, undo: bool) -> Result<Proposal, Notice> {
    may_settle(review, disputes)?;
    let log: Vec<Decision> = review.log().iter().filter(|d| settles(d, &disputes.settling)).cloned().collect();
    let (found, nothing) = match undo {
        true => (undoable(&log, review.reviewer()), Notice::NothingToUndo),
        false => (redoable(&log, review.reviewer()), Notice::NothingToRedo),
    };
    let d = found.ok_or(nothing)?;
    let action = if undo { Action::Undo(d.seq) } else { Action::Redo(d.seq) };
    Ok(Proposal { case: review.case.id, cell: d.cell, action, network: None, suggested: None })
}

fn may_settle(review: &Review, disputes: &Disputes) -> Result<(), Notice> {
    if disputes.is_training() {
        return Err(Notice::TrainingSettlesNothing);
    }
    open_to_decisions(review)?;
    if disputes.is_open { Ok(()) } else { Err(Notice::OpenDispute) }
}

/// A decision that settles something, or takes that back, is in the database: the next open cell comes.
pub(in crate::app) fn adjudicated(state: &mut State, decision: Decision) {
    let Some(review) = &mut state.review else { return };
    review.pending = false;
    let Some(mut disputes) = review.disputes.take() else { return };
    let (cell, action) = (decision.cell, decision.action);
    if action.verdict().is_some() {
        disputes.settling.insert(decision.seq);
    }
    review.merge(&state.table, [decision]);
    let here = (0..disputes.len()).find(|&i| disputes.pair(i).is_some_and(|p| p.cell == cell));
    disputes.cursor = here.unwrap_or(disputes.cursor);
    let n = disputes.len();
    match action {
        Action::Undo(_) => state.notice = Some(Notice::Undone),
        Action::Redo(_) => state.notice = Some(Notice::Redone),
        _ => {
            let around = (1..=n).map(|step| (disputes.cursor + step) % n.max(1));
            match around.into_iter().find(|&i| disputes.settled(review, i).is_none()) {
                Some(next) => disputes.cursor = next,
                None => state.notice = Some(Notice::AllSettled(n)),
            }
        }
    }
    show(review, &disputes);
    review.disputes = Some(disputes);
}

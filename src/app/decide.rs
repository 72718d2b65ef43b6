//! Decisions: which key decides what, and when it decides nothing.

use crate::domain::{Action, CaseId, ClassId, Decision, Seq, counted, same_person};

use super::{Effect, Notice, Proposal, Review, Sight, State, gallery};

/// What a deciding key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Accept,
    Class(ClassId),
    Exclude,
    Undo,
    Redo,
}

/// Proposes a decision on the cell that was painted, or says why there is none.
pub(super) fn decide(state: &mut State, choice: Choice) -> Vec<Effect> {
    let Some(review) = &mut state.review else {
        return Vec::new();
    };
    match propose(review, choice) {
        Ok(effect) => {
            review.pending = true;
            vec![effect]
        }
        Err(why) => {
            state.notice = Some(why);
            Vec::new()
        }
    }
}

pub(super) fn propose(review: &Review, choice: Choice) -> Result<Effect, Notice> {
    open_to_decisions(review)?;
    let painted = review.painted.ok_or(Notice::NotPainted)?;
    let case = review.case.id;
    let action = match choice {
        Choice::Undo => return again(case, &review.to_undo(), Action::Undo).ok_or(Notice::NothingToUndo),
        Choice::Redo => return again(case, &review.to_redo(), Action::Redo).ok_or(Notice::NothingToRedo),
        Choice::Exclude => Action::Exclude,
        // A class that nobody has seen the picture of would be a guess, or another picture's.
        Choice::Accept | Choice::Class(_) if painted.sight == Sight::Message => return Err(Notice::NoPicture),
        Choice::Accept => match painted.suggested {
            None => return Err(Notice::NoSuggestion),
            // A guess at something that the network has never seen: whoever agrees says the class, so that no run of
            // accepting takes it along.
            Some(s) if s.flagged => return Err(Notice::Unlike(s.class)),
            Some(s) => Action::Accept(s.class),
        },
        Choice::Class(id) => Action::Reclassify(id),
    };
    Ok(Effect::Record(Proposal::on(&painted, case, action)))
}

/// Whether anything may be decided now.
pub(super) fn open_to_decisions(review: &Review) -> Result<(), Notice> {
    match (review.is_signed(), review.pending) {
        (true, _) => Err(Notice::Signed(review.case.version.unwrap_or(1))),
        (false, true) => Err(Notice::Busy),
        (false, false) => Ok(()),
    }
}

/// Takes decisions back, or lets them hold again: what was one step is one step.
fn again(case: CaseId, of: &[&Decision], action: fn(Seq) -> Action) -> Option<Effect> {
    let propose =
        |d: &&Decision| Proposal { case, cell: d.cell, action: action(d.seq), network: None, suggested: None };
    match of {
        [] => None,
        [one] => Some(Effect::Record(propose(one))),
        many => {
            let what = action(0).name();
            let proposals = many.iter().map(propose).collect();
            Some(Effect::RecordStep {
                proposals,
                visible: 0,
                shown: format!("{what} of {} together", counted(many.len() as u64, "cell", "cells")),
            })
        }
    }
}

/// The decision is in the database: now it shows, and now the next cell comes.
pub(super) fn recorded(state: &mut State, decision: Decision) {
    let Some(review) = &mut state.review else {
        return;
    };
    review.pending = false;
    let (cell, action) = (decision.cell, decision.action);
    let place = review.gallery.as_ref().map(|g| g.place(review.cursor).unwrap_or(0));
    review.merge(&state.table, [decision.clone()]);
    if review.settling.front() == Some(&cell) {
        // The next cell is on the screen already.
        review.settling.pop_front();
        if review.unreviewed(true).is_none() {
            state.notice = Some(all_reviewed(review));
        }
        return;
    }
    if let Some(place) = place {
        match action {
            Action::Undo(_) => state.notice = Some(Notice::Undone),
            Action::Redo(_) => state.notice = Some(Notice::Redone),
            _ => {}
        }
        return gallery::decided(state, place, &[decision]);
    }
    review.go_to_cell(cell);
    match action {
        Action::Undo(_) => state.notice = Some(Notice::Undone),
        Action::Redo(_) => state.notice = Some(Notice::Redone),
        _ => match review.unreviewed(true) {
            Some(next) => review.go(next),
            None => state.notice = Some(all_reviewed(review)),
        },
    }
}

/// A step is in the database.
pub(super) fn recorded_step(state: &mut State, decisions: Vec<Decision>) {
    let Some(review) = &mut state.review else {
        return;
    };
    review.pending = false;
    let Some(first) = decisions.first().cloned() else {
        return;
    };
    let place = review.gallery.as_ref().map(|g| g.place(review.cursor).unwrap_or(0));
    review.merge(&state.table, decisions.iter().cloned());
    let cells = decisions.len();
    // What the key itself had to say, that some cells were left out, is said with it.
    let left = match state.notice.take() {
        Some(Notice::NotShownYet(left)) => left,
        _ => 0,
    };
    state.notice = Some(match first.action {
        Action::Undo(_) => Notice::StepUndone(cells),
        Action::Redo(_) => Notice::StepRedone(cells),
        Action::Accept(_) | Action::Reclassify(_) | Action::Exclude => Notice::StepDone { cells, left },
    });
    match place {
        Some(place) => gallery::decided(state, place, &decisions),
        None => review.go_to_cell(first.cell),
    }
}

/// Nothing of the sequence is left; what the filter hides may be.
pub(super) fn all_reviewed(review: &Review) -> Notice {
    match review.tally().unreviewed {
        0 => Notice::AllReviewed(review.cells.len()),
        hidden => Notice::AllShownReviewed { shown: review.sequence().cells().len(), hidden: hidden as usize },
    }
}

/// Decisions read from the database, other reviewers' among them.
pub(super) fn refreshed(state: &mut State, decisions: Vec<Decision>) {
    let Some(review) = &mut state.review else {
        return;
    };
    let Some(last) = decisions.last().map(|d| d.seq) else {
        return;
    };
    let mut others: Vec<&Decision> =
        decisions.iter().filter(|d| !same_person(&d.reviewer, &state.reviewer) && !review.knows(d.seq)).collect();
    if let Some(latest) = others.last().map(|d| d.reviewer.clone()) {
        others.retain(|d| d.reviewer == latest);
        let mut cells: Vec<_> = others.iter().map(|d| d.cell).collect();
        cells.sort_unstable();
        cells.dedup();
        state.notice = Some(Notice::Others { reviewer: latest, cells: cells.len() });
    }
    let before = review.last_seq();
    review.merge(&state.table, decisions);
    review.set_synced(last);
    if review.last_seq() != before {
        super::sign::moved(state);
    }
}

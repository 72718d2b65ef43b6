//! Decisions: which key decides what, and when it decides nothing.

use crate::domain::{Action, ClassId, Decision};

use super::{Effect, Notice, Proposal, Review, Sight, State};

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
        Ok(proposal) => {
            review.pending = true;
            vec![Effect::Record(proposal)]
        }
        Err(why) => {
            state.notice = Some(why);
            Vec::new()
        }
    }
}

fn propose(review: &Review, choice: Choice) -> Result<Proposal, Notice> {
    if review.is_signed() {
        return Err(Notice::Signed(review.case.version.unwrap_or(1)));
    }
    if review.pending {
        return Err(Notice::Busy);
    }
    let painted = review.painted.ok_or(Notice::NotPainted)?;
    let case = review.case.id;
    let back = |d: &Decision, action| Proposal { case, cell: d.cell, action, network: None, suggested: None };
    let action = match choice {
        Choice::Undo => return review.to_undo().map(|d| back(d, Action::Undo(d.seq))).ok_or(Notice::NothingToUndo),
        Choice::Redo => return review.to_redo().map(|d| back(d, Action::Redo(d.seq))).ok_or(Notice::NothingToRedo),
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
    Ok(Proposal {
        case,
        cell: painted.cell,
        action,
        network: painted.suggested.map(|s| s.network),
        suggested: painted.suggested.map(|s| (s.class, s.p)),
    })
}

/// The decision is in the database: now it shows, and now the next cell comes.
pub(super) fn recorded(state: &mut State, decision: Decision) {
    let Some(review) = &mut state.review else {
        return;
    };
    review.pending = false;
    let (cell, action) = (decision.cell, decision.action);
    review.merge(&state.table, [decision]);
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
        decisions.iter().filter(|d| d.reviewer != state.reviewer && !review.knows(d.seq)).collect();
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
        match &mut state.popup {
            Some(super::Popup::Sign(summary)) => summary.moved_on(),
            Some(super::Popup::Prompt(prompt)) => {
                if let super::PromptKind::SignIncomplete(mut summary) = prompt.kind {
                    summary.moved_on();
                    state.popup = Some(super::Popup::Sign(summary));
                    state.notice = Some(Notice::FiguresMoved);
                }
            }
            _ => {}
        }
    }
}

//! Decisions of a key that may as well be held: shown at once as waiting, and kept only when it is clear that it was pressed.
//!
//! Nothing of them is in the database, and no count has them. The cell that comes next is shown meanwhile, so that waiting
//! slows nobody down; if the key was held, the review goes back to where that began.

use super::{
    Command, Effect, Notice, State,
    decide::{self, Choice},
};

/// A deciding key that may be held.
pub(super) fn perhaps(state: &mut State, command: Command) -> Vec<Effect> {
    state.notice = None;
    let choice = match command {
        Command::Accept => Choice::Accept,
        Command::Class(id) => Choice::Class(id),
        Command::Exclude => Choice::Exclude,
        _ => return Vec::new(),
    };
    let proposed = match (&state.popup, &state.review) {
        (None, Some(review)) => decide::propose(review, choice),
        _ => return Vec::new(),
    };
    match (proposed, &mut state.review) {
        (Ok(Effect::Record(proposal)), Some(review)) => {
            review.waiting.push(proposal);
            if let Some(next) = review.unreviewed(true) {
                review.go(next);
            }
        }
        (Err(why), _) => state.notice = Some(why),
        _ => {}
    }
    Vec::new()
}

/// Now it is clear whether the key was pressed.
pub(super) fn settled(state: &mut State, pressed: bool) -> Vec<Effect> {
    let Some(review) = &mut state.review else { return Vec::new() };
    let waiting = std::mem::take(&mut review.waiting);
    let Some(first) = waiting.first().map(|p| p.cell) else { return Vec::new() };
    if pressed {
        review.pending = true;
        review.settling.extend(waiting.iter().map(|p| p.cell));
        return waiting.into_iter().map(Effect::Record).collect();
    }
    review.go_to_cell(first);
    state.notice = Some(Notice::Held);
    Vec::new()
}

//! Readings beside a case's record: beginning one, what it refuses, ending it. What is done about two of them is in
//! [`disputes`].

mod begin;
mod disputes;

use crate::domain::{Filter, Order, Reading, ReadingEnd, ReadingKind, per_reader};

use super::{Command, CompareWhich, Effect, Notice, Popup, Prompt, PromptKind, Review, SignPopup, State};

pub use begin::BeginChoice;
pub(super) use begin::choose;
pub use disputes::Disputes;
pub(super) use disputes::{adjudicated, command};

/// A reading that the reviewer has open, as the list of cases shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReading {
    /// The reading.
    pub reading: Reading,
    /// Cells decided in it.
    pub decided: u64,
}

impl Review {
    /// Whether the reviewer is to see nothing of the network.
    pub fn is_unaided(&self) -> bool {
        self.reading.as_ref().is_some_and(|r| !r.suggestions)
    }

    /// What is left to do before this reading can be finished: cells without a decision, WBC so far and WBC wanted; `None`:
    /// nothing.
    pub fn left(&self) -> Option<(u64, u64, u64)> {
        let (tally, target) = (self.tally(), per_reader(self.case.target));
        (tally.unreviewed > 0 && tally.wbc < target).then_some((tally.unreviewed, tally.wbc, target))
    }
}

/// `B` in the list of cases: goes on with the reading that is open there, or asks which one to begin.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    let Some(case) = state.cases.selected().map(|row| row.case.id) else {
        state.notice = Some(Notice::NoCases);
        return Vec::new();
    };
    if state.cases.reading(case).is_some() {
        return vec![Effect::LoadCase(case)];
    }
    state.popup = Some(Popup::Prompt(Prompt::new(PromptKind::Begin(case))));
    Vec::new()
}

/// Why a command does nothing while a reading goes on: it would show something of the record, or add to it.
pub(super) fn refused(review: &Review, command: Command) -> Option<Notice> {
    let kind = review.reading.as_ref()?.kind;
    if command == Command::Alike && review.is_unaided() {
        return Some(Notice::WithoutSuggestions);
    }
    let touches = matches!(
        command,
        Command::Note
            | Command::Tag
            | Command::History
            | Command::Reopen
            | Command::Target
            | Command::Blasts
            | Command::Compare
            | Command::Export
    );
    touches.then_some(Notice::NotInReading(kind))
}

/// Why an order or a filter is not to be had in a reading.
pub(super) fn leaks(review: &Review, order: Option<Order>, filter: Option<&Filter>) -> Option<Notice> {
    let kind = review.reading.as_ref()?.kind;
    let suggestions = order.is_some_and(Order::asks_suggestions) || filter.is_some_and(Filter::asks_suggestions);
    if suggestions && review.is_unaided() {
        return Some(Notice::WithoutSuggestions);
    }
    filter.is_some_and(Filter::asks_remarks).then_some(Notice::NotInReading(kind))
}

/// `S` in a reading: the reviewer's own count to look over, or what is left to do.
pub(super) fn finish(state: &mut State) {
    let Some(review) = &state.review else { return };
    state.popup = Some(match review.left() {
        None => Popup::Sign(SignPopup::default()),
        Some(_) => Popup::Prompt(Prompt::new(PromptKind::GiveUp)),
    });
}

/// A reading has ended: a training is scored at once, the others wait for both to be ready.
pub(super) fn ended(state: &mut State, reading: &Reading) -> Vec<Effect> {
    state.popup = None;
    let loads = state.leave_case();
    let finished = reading.end == Some(ReadingEnd::Finished);
    state.notice = Some(Notice::ReadingEnded(reading.kind, finished));
    let scored = (reading.kind, finished) == (ReadingKind::Training, true);
    let compare = Effect::Compare { case: reading.case, which: CompareWhich::This(reading.id) };
    loads.into_iter().chain(scored.then_some(compare)).collect()
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

//! The summary before a signature. It is signed as it was painted, or shown again.

use crate::domain::Seq;

use super::{Effect, Notice, Popup, Prompt, PromptKind, State};

/// The open summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignPopup {
    /// The last decision behind the figures that were painted; outer `None`: not painted yet.
    pub painted: Option<Option<Seq>>,
    /// Whether decisions came in, or something else counts as a blast, after figures had been painted.
    pub moved: bool,
}

impl SignPopup {
    /// The log has grown: what was painted is no longer what would be signed.
    pub(super) fn moved_on(&mut self) {
        self.moved |= self.painted.is_some();
        self.painted = None;
    }
}

/// What would be signed is something else than it was: an open summary has to be seen again.
pub(super) fn moved(state: &mut State) {
    match &mut state.popup {
        Some(Popup::Sign(summary)) => summary.moved_on(),
        Some(Popup::Prompt(prompt)) => {
            if let PromptKind::SignIncomplete(mut summary) = prompt.kind {
                summary.moved_on();
                state.popup = Some(Popup::Sign(summary));
                state.notice = Some(Notice::FiguresMoved);
            }
        }
        _ => {}
    }
}

pub(super) fn confirm(state: &mut State) -> Vec<Effect> {
    let (Some(Popup::Sign(summary)), Some(review)) = (&mut state.popup, &state.review) else {
        return Vec::new();
    };
    let Some(expect_last_seq) = summary.painted else {
        state.notice = Some(Notice::SummaryNotPainted);
        return Vec::new();
    };
    if expect_last_seq != review.last_seq() {
        summary.moved_on();
        state.notice = Some(Notice::FiguresMoved);
        return Vec::new();
    }
    if let Some(reading) = &review.reading {
        return vec![Effect::EndReading { reading: reading.id, finished: true }];
    }
    let in_dispute = review.disputes.as_ref().map_or(0, |d| d.unsettled(review));
    if in_dispute > 0 || review.tally().unreviewed > 0 || review.tally().unidentified > 0 {
        state.popup = Some(Popup::Prompt(Prompt::new(PromptKind::SignIncomplete(*summary))));
        return Vec::new();
    }
    vec![Effect::Sign { case: review.case.id, expect_last_seq, allow_incomplete: false }]
}

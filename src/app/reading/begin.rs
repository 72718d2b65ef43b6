//! Which reading to begin: the choices of the prompt.

use crate::app::{Effect, Notice, State};
use crate::domain::{CaseId, ReadingKind};

/// One of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeginChoice {
    /// Why the case is read.
    pub kind: ReadingKind,
    /// Whether the network's suggestions are shown.
    pub suggestions: bool,
}

impl BeginChoice {
    /// What the list calls it.
    pub fn text(self) -> String {
        let what = match self.kind {
            ReadingKind::Second => "blinded second reading",
            ReadingKind::Repeat => "repeat of my own reading",
            ReadingKind::Training => "training against reference labels",
        };
        format!("{what}, {}", if self.suggestions { "suggestions shown" } else { "no suggestions" })
    }

    /// The choices that hold what was typed; nothing typed: all of them.
    pub fn matching(typed: &str) -> Vec<Self> {
        let typed = typed.trim().to_lowercase();
        let both = |kind| [false, true].map(|suggestions| Self { kind, suggestions });
        ReadingKind::ALL.into_iter().flat_map(both).filter(|choice| choice.text().contains(&typed)).collect()
    }
}

pub(in crate::app) fn choose(state: &mut State, case: CaseId, typed: &str, marked: usize) -> Vec<Effect> {
    match BeginChoice::matching(typed).get(marked) {
        None => {
            state.notice = Some(Notice::NoChoice);
            Vec::new()
        }
        Some(&BeginChoice { kind, suggestions }) => {
            state.popup = None;
            vec![Effect::BeginReading { case, kind, suggestions }]
        }
    }
}

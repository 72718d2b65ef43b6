//! The list of cases: its lines and the cursor in it.

use crate::domain::{CaseId, CaseSummary};

use super::{Command, CompareWhich, Effect, Notice, OpenReading, State, reading};

/// The list of cases.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaseList {
    /// `None`: not read yet.
    pub rows: Option<Vec<CaseSummary>>,
    /// The line under the cursor.
    pub cursor: usize,
    /// The case that was left last, until the lines are read that have it: the cursor belongs there.
    pub(super) left: Option<CaseId>,
    /// The readings that the reviewer has open.
    pub readings: Vec<OpenReading>,
}

impl CaseList {
    /// Takes new lines over; the cursor stays on the case it was on, or on `prefer`.
    pub fn replace(&mut self, rows: Vec<CaseSummary>, prefer: Option<CaseId>) {
        let on = prefer.or(self.left.take()).or_else(|| self.selected().map(|r| r.case.id));
        self.cursor = on.and_then(|id| rows.iter().position(|r| r.case.id == id)).unwrap_or(0);
        self.rows = Some(rows);
    }

    /// The case under the cursor.
    pub fn selected(&self) -> Option<&CaseSummary> {
        self.rows.as_ref()?.get(self.cursor)
    }

    /// The reading that the reviewer has open of a case: nothing of the case's record is shown then.
    pub fn reading(&self, case: CaseId) -> Option<&OpenReading> {
        self.readings.iter().find(|open| open.reading.case == case)
    }

    fn len(&self) -> usize {
        self.rows.as_ref().map_or(0, Vec::len)
    }
}

/// Lines that a screenful moves by, on a screen of so many rows.
fn page(rows: u16) -> usize {
    usize::from(rows.saturating_sub(6)).max(1)
}

pub(super) fn command(state: &mut State, command: Command) -> Vec<Effect> {
    let last = state.cases.len().saturating_sub(1);
    let at = state.cases.cursor;
    let page = page(state.size.1);
    match command {
        Command::Next => state.cases.cursor = (at + 1).min(last),
        Command::Previous => state.cases.cursor = at.saturating_sub(1),
        Command::First => state.cases.cursor = 0,
        Command::Last => state.cases.cursor = last,
        Command::PageDown => state.cases.cursor = (at + page).min(last),
        Command::PageUp => state.cases.cursor = at.saturating_sub(page),
        Command::Blind => return reading::begin(state),
        // Whoever came to read blinded begins with that.
        Command::Open if state.blinded => return reading::begin(state),
        Command::Compare => match state.cases.selected() {
            Some(row) => return vec![Effect::Compare { case: row.case.id, which: CompareWhich::Latest }],
            None => state.notice = Some(Notice::NoCases),
        },
        Command::Open => match state.cases.selected() {
            Some(row) => return vec![Effect::LoadCase(row.case.id)],
            None => state.notice = Some(Notice::NoCases),
        },
        _ => {}
    }
    Vec::new()
}

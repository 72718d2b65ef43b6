//! The line that text is typed into: search among classes and among targets, note, reason of reopening, `yes` before an incomplete
//! signature.

use crate::domain::{ClassId, ClassTable};

use super::{Effect, EnoughChoice, Notice, Popup, SignPopup, State, Typed, decide, decide::Choice, enough};

/// Longest text that a prompt takes, in characters.
const LONGEST: usize = 1000;

/// What is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// A part of a class's name: deciding.
    Search,
    /// A part of what says how many cells are enough.
    Enough,
    /// A note on the cell.
    Note,
    /// Why a signed case is reopened.
    Reason,
    /// `yes`: sign although cells have no decision or are unidentified.
    SignIncomplete(SignPopup),
}

/// An open prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is being typed.
    pub kind: PromptKind,
    /// What has been typed.
    pub text: String,
    /// Which of the choices is marked.
    pub marked: usize,
    /// Whether a frame showed it.
    pub painted: bool,
}

impl Prompt {
    /// An empty one.
    pub fn new(kind: PromptKind) -> Self {
        Self { kind, text: String::new(), marked: 0, painted: false }
    }

    fn push(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < LONGEST {
            self.text.push(c);
            self.marked = 0;
        }
    }
}

/// The classes that `typed` may mean, best first: codes that begin with it, then words of names, then parts of names
/// and labels. Nothing typed: all classes.
pub fn matches(table: &ClassTable, typed: &str) -> Vec<ClassId> {
    let typed = typed.trim().to_lowercase();
    let rank = |class: &crate::domain::Class| {
        let (code, name) = (class.code.to_lowercase(), class.name.to_lowercase());
        if code.starts_with(&typed) {
            Some(0)
        } else if name.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(&typed))
            || name.starts_with(&typed)
        {
            Some(1)
        } else if name.contains(&typed) || code.contains(&typed) {
            Some(2)
        } else {
            class.labels.iter().any(|l| l.to_lowercase().contains(&typed)).then_some(3)
        }
    };
    let mut found: Vec<_> = table.iter().filter_map(|(id, class)| rank(class).map(|r| (r, id))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).collect()
}

pub(super) fn paste(state: &mut State, text: &str) {
    if let Some(Popup::Prompt(prompt)) = &mut state.popup {
        // A pasted `yes` would be a decision by paste.
        if !matches!(prompt.kind, PromptKind::SignIncomplete(_)) {
            text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).for_each(|c| prompt.push(c));
        }
    }
}

pub(super) fn typed(state: &mut State, typed: Typed) -> Vec<Effect> {
    let State { popup: Some(Popup::Prompt(prompt)), table, .. } = state else {
        return Vec::new();
    };
    match typed {
        Typed::Char(c) => prompt.push(c),
        Typed::Backspace => {
            prompt.text.pop();
            prompt.marked = 0;
        }
        Typed::Clear => {
            prompt.text.clear();
            prompt.marked = 0;
        }
        Typed::Up => prompt.marked = prompt.marked.saturating_sub(1),
        Typed::Down => {
            let choices = match prompt.kind {
                PromptKind::Search => matches(table, &prompt.text).len(),
                PromptKind::Enough => EnoughChoice::matching(&prompt.text).len(),
                _ => 0,
            };
            prompt.marked = (prompt.marked + 1).min(choices.saturating_sub(1));
        }
        Typed::Esc => {
            state.popup = match prompt.kind {
                PromptKind::SignIncomplete(summary) => Some(Popup::Sign(summary)),
                _ => None,
            }
        }
        Typed::Enter => return enter(state),
    }
    Vec::new()
}

fn enter(state: &mut State) -> Vec<Effect> {
    let (Some(Popup::Prompt(prompt)), Some(review)) = (&state.popup, &state.review) else {
        return Vec::new();
    };
    let text = prompt.text.trim().to_owned();
    match prompt.kind {
        PromptKind::Search if !prompt.painted => {
            state.popup = None;
            state.notice = Some(Notice::NotPainted);
            Vec::new()
        }
        PromptKind::Search => match matches(&state.table, &text).get(prompt.marked) {
            Some(&class) => {
                state.popup = None;
                decide::decide(state, Choice::Class(class))
            }
            None => refuse(state, Notice::NoMatch),
        },
        PromptKind::Enough => {
            let marked = prompt.marked;
            enough::choose(state, &text, marked)
        }
        PromptKind::Note if text.is_empty() => refuse(state, Notice::EmptyText("the note")),
        PromptKind::Note => {
            let cell = review.current().map(|c| c.id);
            state.popup = None;
            cell.map(|cell| Effect::AddNote { cell, text }).into_iter().collect()
        }
        PromptKind::Reason if text.is_empty() => refuse(state, Notice::EmptyText("the reason")),
        PromptKind::Reason => {
            let case = review.case.id;
            state.popup = None;
            vec![Effect::Reopen { case, reason: text }]
        }
        PromptKind::SignIncomplete(summary) if text.eq_ignore_ascii_case("yes") && prompt.painted => {
            let (case, seen) = (review.case.id, summary.painted);
            state.popup = Some(Popup::Sign(summary));
            match seen {
                Some(expect_last_seq) => vec![Effect::Sign { case, expect_last_seq, allow_incomplete: true }],
                None => refuse(state, Notice::SummaryNotPainted),
            }
        }
        PromptKind::SignIncomplete(_) => refuse(state, Notice::TypeYes),
    }
}

fn refuse(state: &mut State, why: Notice) -> Vec<Effect> {
    state.notice = Some(why);
    Vec::new()
}

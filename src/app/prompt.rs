//! The line that text is typed into: search among classes, order, filter, target, note, reason of reopening, file of an
//! export, `yes` before an incomplete signature.

use crate::domain::{CaseId, ClassId, ClassTable, Filter, Order, RemarkKind, tag};

use super::{
    BeginChoice, Effect, EnoughChoice, Notice, Popup, SignPopup, State, Typed, blasts, decide, decide::Choice, enough,
    export, reading,
};

/// Longest text that a prompt takes, in characters.
const LONGEST: usize = 1000;

/// What is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// A part of a class's name: deciding.
    Search,
    /// A part of an order's name.
    Order,
    /// Which cells are stepped through.
    Filter,
    /// A part of what says how many cells are enough.
    Enough,
    /// What counts as a blast: classes taken in and out.
    Blasts,
    /// A note on the cell, or on the case.
    Note,
    /// A tag of the cell, or of the case, that is put on or taken off.
    Tag,
    /// A part of the name of an export's form.
    Export,
    /// What a form says beside the record: the patient's identifier, a field of the laboratory's.
    Particular {
        /// The form, an index of [`State::forms`].
        form: usize,
        /// What is asked for, an index of [`State::particulars`].
        place: usize,
    },
    /// The file that an export of this form, an index of [`State::forms`], is written to.
    ExportTo(usize),
    /// Why a signed case is reopened.
    Reason,
    /// Which reading of this case to begin.
    Begin(CaseId),
    /// `give up`: end a reading that is not complete.
    GiveUp,
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

    /// Other text has other choices; whether it is about the cell or the case stays.
    fn unmark(&mut self) {
        if !matches!(self.kind, PromptKind::Note | PromptKind::Tag) {
            self.marked = 0;
        }
    }

    fn push(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < LONGEST {
            self.text.push(c);
            self.unmark();
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

/// The orders that `typed` may mean. Nothing typed: all of them.
pub fn orders(typed: &str) -> Vec<Order> {
    let typed = typed.trim().to_lowercase();
    Order::ALL.into_iter().filter(|order| order.name().contains(&typed)).collect()
}

pub(super) fn paste(state: &mut State, text: &str) {
    if let Some(Popup::Prompt(prompt)) = &mut state.popup {
        // A pasted `yes` would be a decision by paste; where classes are taken in and out, there is nothing to paste into.
        if !matches!(prompt.kind, PromptKind::SignIncomplete(_) | PromptKind::GiveUp | PromptKind::Blasts) {
            text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).for_each(|c| prompt.push(c));
        }
    }
}

pub(super) fn typed(state: &mut State, typed: Typed) -> Vec<Effect> {
    let forms = match &state.popup {
        Some(Popup::Prompt(Prompt { kind: PromptKind::Export, text, .. })) => export::forms(state, text),
        _ => Vec::new(),
    };
    let State { popup: Some(Popup::Prompt(prompt)), table, review, .. } = state else {
        return Vec::new();
    };
    let in_use = review.as_ref().map(|r| &r.case.blasts).filter(|_| prompt.kind == PromptKind::Blasts);
    match typed {
        Typed::Char(c) if in_use.is_some() => blasts::typed(table, in_use.expect("it is some"), prompt, c),
        Typed::Backspace if in_use.is_some() => {}
        Typed::Clear if in_use.is_some() => blasts::reset(table, prompt),
        Typed::Char(c) => prompt.push(c),
        Typed::Backspace => {
            prompt.text.pop();
            prompt.unmark();
        }
        Typed::Clear => {
            prompt.text.clear();
            prompt.unmark();
        }
        Typed::Up | Typed::Down if matches!(prompt.kind, PromptKind::ExportTo(_)) => {
            export::scroll(state, typed == Typed::Down);
        }
        Typed::Up => prompt.marked = prompt.marked.saturating_sub(1),
        Typed::Down => {
            let choices = match prompt.kind {
                PromptKind::Search => matches(table, &prompt.text).len(),
                PromptKind::Order => orders(&prompt.text).len(),
                // On the cell, or on the case.
                PromptKind::Note | PromptKind::Tag => 2,
                PromptKind::Enough => EnoughChoice::matching(&prompt.text).len(),
                PromptKind::Blasts => in_use.map_or(0, |set| blasts::blast_choices(table, set).len()),
                PromptKind::Export => forms.len(),
                PromptKind::Begin(_) => BeginChoice::matching(&prompt.text).len(),
                _ => 0,
            };
            prompt.marked = (prompt.marked + 1).min(choices.saturating_sub(1));
        }
        Typed::Esc => {
            state.preview = None;
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
    if let Some(Popup::Prompt(Prompt { kind: PromptKind::Begin(case), text, marked, .. })) = &state.popup {
        let (case, text, marked) = (*case, text.clone(), *marked);
        return reading::choose(state, case, &text, marked);
    }
    let (Some(Popup::Prompt(prompt)), Some(review)) = (&state.popup, &mut state.review) else {
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
        PromptKind::Order => match orders(&text).get(prompt.marked) {
            Some(&order) if reading::leaks(review, Some(order), None).is_some() => {
                refuse(state, Notice::WithoutSuggestions)
            }
            Some(&order) => {
                let filter = review.sequence().filter().clone();
                review.arrange(&state.table, order, filter);
                review.go_to_first_open();
                state.popup = None;
                Vec::new()
            }
            None => refuse(state, Notice::NoChoice),
        },
        PromptKind::Filter => match Filter::parse(&state.table, &review.case.blasts, &text)
            .map_err(|why| Notice::BadFilter(why.to_string()))
            .and_then(|filter| reading::leaks(review, None, Some(&filter)).map_or(Ok(filter), Err))
        {
            Err(why) => refuse(state, why),
            Ok(filter) if review.admitted(&filter) == 0 => refuse(state, Notice::NothingPasses),
            Ok(filter) => {
                review.arrange(&state.table, review.sequence().order(), filter);
                state.popup = None;
                Vec::new()
            }
        },
        PromptKind::Enough => {
            let marked = prompt.marked;
            enough::choose(state, &text, marked)
        }
        PromptKind::Blasts => blasts::choose(state),
        PromptKind::Export => {
            let marked = prompt.marked;
            export::choose(state, &text, marked)
        }
        PromptKind::Particular { form, place } => {
            export::say(state, form, place, text);
            Vec::new()
        }
        PromptKind::ExportTo(form) => {
            let replace = prompt.marked == 1;
            export::write(state, form, text, replace)
        }
        PromptKind::Note if text.is_empty() => refuse(state, Notice::EmptyText("the note")),
        PromptKind::Note => {
            let (case, cell) = (review.case.id, review.current().map(|c| c.id));
            let of_case = prompt.marked == 1;
            state.popup = None;
            match cell {
                _ if of_case => vec![Effect::AddRemark { case, cell: None, kind: RemarkKind::Note, text }],
                Some(cell) => vec![Effect::AddNote { cell, text }],
                None => Vec::new(),
            }
        }
        PromptKind::Tag => {
            let of_case = prompt.marked == 1;
            let Some(tag) = tag(&text) else { return refuse(state, Notice::BadTag) };
            let (case, cell) = (review.case.id, review.current().map(|c| c.id).filter(|_| !of_case));
            let has = match cell {
                Some(_) => review.tags(review.cursor).contains(&tag),
                None => review.case_tags().contains(tag.as_str()),
            };
            state.popup = None;
            let kind = if has { RemarkKind::Untag } else { RemarkKind::Tag };
            vec![Effect::AddRemark { case, cell, kind, text: tag }]
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
        PromptKind::GiveUp => match &review.reading {
            Some(reading) if text.eq_ignore_ascii_case("give up") && prompt.painted => {
                let reading = reading.id;
                state.popup = None;
                vec![Effect::EndReading { reading, finished: false }]
            }
            _ => refuse(state, Notice::TypeGiveUp),
        },
        // Asked for above, where no case is open.
        PromptKind::Begin(_) => Vec::new(),
    }
}

fn refuse(state: &mut State, why: Notice) -> Vec<Effect> {
    state.notice = Some(why);
    Vec::new()
}

//! Everything that the interface knows, and what follows from it without further ado.

use crate::domain::{CellId, ClassTable, FlagRules, Seq, Sha256Hash, StopRule};

use super::{
    Beside, CaseList, Command, Effect, ExportForm, Mode, Notice, Painted, Particular, Preview, Prompt, PromptKind,
    Review, Said, SignPopup, reading,
};

/// Columns and rows of the screen that are not between header and notice.
pub const MARGINS: (u16, u16) = (2, 5);

/// Everything that the interface knows.
#[derive(Debug, Clone)]
pub struct State {
    /// The clock by which times are told.
    pub zone: jiff::tz::TimeZone,
    /// The classes.
    pub table: ClassTable,
    /// When something in a count stands out.
    pub flag_rules: FlagRules,
    /// When the reviewer wants to stop, in all cases of this session.
    pub rule: Option<StopRule>,
    /// Who reviews.
    pub reviewer: String,
    /// The list of cases shows nothing of their records: its reader has come to read blinded.
    pub blinded: bool,
    /// The network and how it does.
    pub network: NetworkStatus,
    /// The list of cases.
    pub cases: CaseList,
    /// The case under review; `None`: the list is shown.
    pub review: Option<Review>,
    /// What lies over the screen.
    pub popup: Option<Popup>,
    /// The forms that an export can have.
    pub forms: Vec<ExportForm>,
    /// What those say beside the record that ask for it.
    pub particulars: Vec<Particular>,
    /// What was answered.
    pub said: Option<Said>,
    /// The text report over the prompt for its file.
    pub preview: Option<Preview>,
    /// The one line of news.
    pub notice: Option<Notice>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

/// The network and how it does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkStatus {
    /// Which one; `None`: none is used.
    pub hash: Option<Sha256Hash>,
    /// What it runs on; `None`: it has not been loaded.
    pub device: Option<String>,
    /// Cells of the open case that it has been asked about and that are done, and all of them.
    pub progress: Option<(usize, usize)>,
    /// Why it says nothing.
    pub trouble: Option<String>,
}

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Popup {
    /// The keys.
    Help {
        /// First line shown.
        scroll: usize,
        /// The summary that it lies over.
        over: Option<SignPopup>,
    },
    /// What happened to the case, as lines.
    History {
        /// First line shown.
        scroll: usize,
        /// When, who, what; oldest first.
        lines: Vec<[String; 3]>,
    },
    /// The summary before a signature.
    Sign(SignPopup),
    /// Something to type.
    Prompt(Prompt),
}

/// How keys are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Through the keymap.
    Keys(Mode),
    /// As text.
    Text,
}

/// What was on the screen when a key was pressed that may be held.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    input: Input,
    popup: Option<Popup>,
    cell: Option<CellId>,
    last: Option<Seq>,
}

impl State {
    /// What is on the screen, as far as a key may be meant for it.
    pub fn seen(&self) -> Seen {
        let review = self.review.as_ref();
        Seen {
            input: self.input(),
            popup: self.popup.clone(),
            cell: review.and_then(|r| r.painted).map(|p| p.cell),
            last: review.and_then(Review::last_seq),
        }
    }

    /// Back to the list, and there to the case that was open.
    pub(super) fn leave_case(&mut self) -> Vec<Effect> {
        if let Some(review) = self.review.take() {
            let id = review.case.id;
            self.cases.left = Some(id);
            if let Some(i) = self.cases.rows.as_ref().and_then(|rows| rows.iter().position(|r| r.case.id == id)) {
                self.cases.cursor = i;
            }
        }
        vec![Effect::LoadCases]
    }

    /// Nothing loaded yet.
    pub fn new(table: ClassTable, reviewer: impl Into<String>) -> Self {
        Self {
            flag_rules: FlagRules::shipped(&table),
            rule: None,
            table,
            reviewer: reviewer.into(),
            blinded: false,
            network: NetworkStatus::default(),
            cases: CaseList::default(),
            review: None,
            popup: None,
            forms: Vec::new(),
            particulars: Vec::new(),
            said: None,
            preview: None,
            notice: None,
            size: (80, 24),
            zone: jiff::tz::TimeZone::UTC,
        }
    }

    /// How keys are to be read now.
    pub fn input(&self) -> Input {
        match &self.popup {
            Some(Popup::Prompt(_)) => Input::Text,
            Some(Popup::Help { .. } | Popup::History { .. }) => Input::Keys(Mode::Help),
            Some(Popup::Sign(_)) => Input::Keys(Mode::Sign),
            None => Input::Keys(self.place()),
        }
    }

    /// The screen beneath any popup.
    pub fn place(&self) -> Mode {
        match &self.review {
            None => Mode::Cases,
            Some(Review { disputes: Some(_), .. }) => Mode::Dispute,
            Some(Review { beside: Some(_), .. }) => Mode::Alike,
            Some(Review { gallery: Some(_), .. }) => Mode::Gallery,
            Some(_) => Mode::Review,
        }
    }

    /// Columns and rows of the screen between header and notice.
    pub fn body(&self) -> (u16, u16) {
        (self.size.0.saturating_sub(MARGINS.0), self.size.1.saturating_sub(MARGINS.1))
    }

    /// The mode whose keys the help pane shows.
    pub fn helped(&self) -> Mode {
        match &self.popup {
            Some(Popup::Help { over: Some(_), .. }) => Mode::Sign,
            _ => self.place(),
        }
    }

    /// The summary before a signature, where it is open (also under its own prompt).
    pub fn summary(&self) -> Option<SignPopup> {
        match &self.popup {
            Some(Popup::Sign(summary)) => Some(*summary),
            Some(Popup::Prompt(Prompt { kind: PromptKind::SignIncomplete(summary), .. })) => Some(*summary),
            _ => None,
        }
    }

    /// Whether the command would do anything now: the footer shows no others.
    pub fn available(&self, command: Command) -> bool {
        let Some(review) = &self.review else {
            return !matches!(command, Command::Open | Command::Blind | Command::Compare)
                || self.cases.selected().is_some();
        };
        if reading::refused(review, command).is_some() {
            return false;
        }
        if let Some(disputes) = &review.disputes {
            let settles = disputes.is_open && !disputes.is_training() && !review.is_signed();
            match command {
                Command::FirstRight | Command::SecondRight | Command::Undo | Command::Redo | Command::Exclude => {
                    return settles;
                }
                Command::Sign if disputes.is_training() => return false,
                Command::Open => return !disputes.is_empty(),
                _ => {}
            }
        }
        match (&review.beside, command) {
            (None, _) | (_, Command::Help | Command::Quit | Command::Cancel) => {}
            (Some(Beside::Cell(_)), _) => return matches!(command, Command::Beside | Command::Open),
            (Some(Beside::Alike(_)), Command::Beside) => return false,
            (Some(Beside::Alike(_)), Command::Alike) => return true,
            (Some(Beside::Alike(panel)), _) => return panel.found().is_some_and(|f| !f.cells.is_empty()),
        }
        match command {
            Command::Accept => {
                !review.is_signed() && review.suggestion().is_some() && !review.is_flagged(review.cursor)
            }
            Command::Class(_) | Command::Exclude | Command::Search | Command::Sign | Command::Blasts => {
                !review.is_signed()
            }
            Command::Explain => review.suggestion().is_some(),
            Command::AcceptGroup => !review.is_signed() && review.tally().unreviewed > 0,
            Command::Undo => !review.is_signed() && review.can_undo(),
            Command::Redo => !review.is_signed() && review.can_redo(),
            Command::Reopen => review.is_signed(),
            Command::Export => !self.forms.is_empty(),
            Command::NextUnreviewed | Command::PreviousUnreviewed => review.tally().unreviewed > 0,
            _ => true,
        }
    }

    /// Takes down what a frame showed.
    pub(super) fn painted(&mut self, painted: &Painted) {
        if let Some(review) = &mut self.review {
            let current = review.current().map(|c| c.id);
            review.painted = painted.cell.filter(|p| Some(p.cell) == current);
            if let Some(gallery) = &mut review.gallery {
                gallery.painted(&painted.thumbs);
            }
        }
        match &mut self.popup {
            Some(Popup::Sign(summary)) => summary.painted = painted.summary.or(summary.painted),
            Some(Popup::Prompt(prompt)) => {
                prompt.painted |= painted.prompt;
                if let (Some(preview), Some(scroll)) = (&mut self.preview, painted.scroll) {
                    preview.scroll = scroll;
                }
            }
            Some(Popup::Help { scroll, .. } | Popup::History { scroll, .. }) => {
                *scroll = painted.scroll.unwrap_or(*scroll)
            }
            _ => {}
        }
    }
}

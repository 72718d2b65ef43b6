//! The one line that says what just happened, or why nothing did. Keys are named by the caller, from the keymap.

use crate::domain::{ClassId, ReadingKind, StopRule, counted, printable, target_name};

use super::{Command, Mode};

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// News.
    Info,
    /// A key had no effect.
    Refused,
    /// Something failed.
    Trouble,
}

/// What the line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A deciding key came before the cell was on the screen.
    NotPainted,
    /// So many deciding keys had been typed ahead.
    TypedAhead(usize),
    /// A deciding key is being held.
    Held,
    /// A key comes so regularly that it may be held.
    PerhapsHeld(String),
    /// A deciding key that has just closed or opened something.
    Spent(String),
    /// The terminal sent the rest of something, and keys may have been lost in it.
    BrokenSequence,
    /// The terminal says that Caps Lock is on.
    CapsLock,
    /// A key that means nothing here.
    Dead(DeadKey),
    /// Esc where nothing is open.
    NothingToClose,
    /// Accept without a suggestion on the screen.
    NoSuggestion,
    /// Accept on a cell that is unlike the network's training data, and what the network guesses.
    Unlike(ClassId),
    /// Nothing is suggested that could be explained.
    NothingToExplain,
    /// A class for a cell whose picture cannot be shown.
    NoPicture,
    /// Looking beside a cell whose picture cannot be shown.
    NothingToCompare,
    /// This cell is marked for a comparison.
    Marked(String),
    /// No cell is marked any more.
    Unmarked,
    /// The decision before is not in the database yet.
    Busy,
    /// The case is signed.
    Signed(u32),
    /// It has just been signed.
    SignedNow(u32),
    /// Nothing to reopen.
    NotSigned,
    /// Open again.
    Reopened,
    /// Every cell has a decision.
    AllReviewed(usize),
    /// Every cell that the filter lets through has a decision, and others have none.
    AllShownReviewed {
        /// Cells that it lets through.
        shown: usize,
        /// Cells without a decision that it does not.
        hidden: usize,
    },
    /// So many cells of a group have not been on the screen, and were left out.
    NotShownYet(usize),
    /// No cell with a suggestion and without a decision.
    NothingToAccept,
    /// A step was recorded.
    StepDone {
        /// Its cells.
        cells: usize,
        /// Cells of the group that had not been on the screen.
        left: usize,
    },
    /// A step was taken back.
    StepUndone(usize),
    /// A step holds again.
    StepRedone(usize),
    /// What was typed is no filter.
    BadFilter(String),
    /// The filter would let no cell through.
    NothingPasses,
    /// No decision of this reviewer holds.
    NothingToUndo,
    /// No decision of this reviewer was taken back last.
    NothingToRedo,
    /// The cell whose decision was taken back or holds again.
    Undone,
    /// The decision holds again.
    Redone,
    /// Another reviewer's decisions arrived.
    Others {
        /// Who.
        reviewer: String,
        /// On how many cells.
        cells: usize,
    },
    /// A note was kept.
    NoteKept,
    /// A tag was put on, or taken off.
    Tagged(String, bool),
    /// What was typed is no tag.
    BadTag,
    /// A particular of a report has characters that steer.
    NotPlain,
    /// The figures had changed before the signature.
    FiguresMoved,
    /// The summary was confirmed before it was on the screen.
    SummaryNotPainted,
    /// Something other than `yes` was typed.
    TypeYes,
    /// No class matches what was typed.
    NoMatch,
    /// No choice matches what was typed.
    NoChoice,
    /// So many WBC are to be counted in this case now.
    Target(u64),
    /// What counts as a blast in this case from now on.
    Blasts(String),
    /// No class is chosen to count as a blast.
    NoBlastClass,
    /// This rule says from now on when to stop.
    Rule(Option<StopRule>),
    /// A reason or note is missing.
    EmptyText(&'static str),
    /// A file of this name is there already.
    FileExists(String),
    /// An export was written; a sentence that says where.
    Written(String),
    /// A command that would show something of the record, or add to it, while a reading of this kind goes on.
    NotInReading(ReadingKind),
    /// An order or a filter by what the network says, in a reading without it.
    WithoutSuggestions,
    /// A reading was finished, or given up.
    ReadingEnded(ReadingKind, bool),
    /// Something other than `give up` was typed.
    TypeGiveUp,
    /// Two readings agree on every cell.
    NoDispute,
    /// A deciding key while the table is shown.
    OpenDispute,
    /// Every cell in dispute is settled.
    AllSettled(usize),
    /// A training is scored, and enters no record.
    TrainingSettlesNothing,
    /// No case in the list.
    NoCases,
    /// Something that the reviewer should know.
    Said(String),
    /// Something failed; a sentence for people.
    Failed(String),
}

/// A key that means nothing where it was pressed, and what may be the matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadKey {
    /// A letter that no key is named after: the keyboard is on another layout.
    Layout(String),
    /// A capital whose small letter is a key here.
    CapsLock {
        /// The capital.
        key: String,
        /// The small letter.
        small: String,
        /// What that does.
        command: Command,
    },
    /// It means something in another place.
    Elsewhere {
        /// The key.
        key: String,
        /// The place.
        mode: Mode,
        /// What it means there.
        command: Command,
    },
    /// It means nothing anywhere.
    Nowhere(String),
}

impl DeadKey {
    fn text(&self, key: &dyn Fn(Command) -> Option<String>) -> String {
        let then = |command: Command, does: &str| key(command).map_or_else(String::new, |k| format!("; {k} {does}"));
        match self {
            Self::Layout(name) => format!(
                "{} does nothing here: the keyboard seems to be on another layout, switch it to Latin letters",
                printable(name)
            ),
            Self::CapsLock { key: name, small, command } => {
                let what = match command.doc().short {
                    "" | "class" => "decides for a class",
                    short => short,
                };
                format!("{} does nothing here: is Caps Lock on? {} {what}", printable(name), printable(small))
            }
            Self::Elsewhere { key: name, mode, command } => {
                let what = match command {
                    Command::Class(_) => "deciding for a class",
                    other => other.doc().name,
                };
                let open = if *mode == Mode::Review { then(Command::Open, "opens one") } else { String::new() };
                format!("{} does nothing here: {what} belongs to {}{open}", printable(name), mode.place())
            }
            Self::Nowhere(name) => {
                format!("{} does nothing here{}", printable(name), then(Command::Help, "shows the keys"))
            }
        }
    }
}

impl Notice {
    /// How it is meant.
    pub fn tone(&self) -> Tone {
        match self {
            Self::SignedNow(_)
            | Self::Reopened
            | Self::AllReviewed(_)
            | Self::AllShownReviewed { .. }
            | Self::StepDone { .. }
            | Self::StepUndone(_)
            | Self::StepRedone(_)
            | Self::Undone
            | Self::Redone
            | Self::Others { .. }
            | Self::Tagged(..)
            | Self::Target(_)
            | Self::Blasts(_)
            | Self::Rule(_)
            | Self::Written(_)
            | Self::ReadingEnded(..)
            | Self::AllSettled(_)
            | Self::Marked(_)
            | Self::Unmarked
            | Self::CapsLock
            | Self::NoteKept => Tone::Info,
            Self::Failed(_) => Tone::Trouble,
            _ => Tone::Refused,
        }
    }

    /// The line; `key` names the key of a command, if it has one.
    pub fn text(&self, key: &dyn Fn(Command) -> Option<String>) -> String {
        let cells = |n: usize| counted(n as u64, "cell", "cells");
        let then = |command: Command, does: &str| key(command).map_or_else(String::new, |k| format!(": {k} {does}"));
        match self {
            Self::NotPainted => "nothing decided: this cell was not on the screen yet".to_owned(),
            Self::TypedAhead(1) => "1 key typed ahead was dropped; nothing was decided by it".to_owned(),
            Self::TypedAhead(n) => format!("{n} keys typed ahead were dropped; nothing was decided by them"),
            Self::Held => "nothing decided: the key is being held, and only its first press counts".to_owned(),
            Self::PerhapsHeld(name) => {
                let undo = then(Command::Undo, "takes decisions back");
                format!("{} comes as regularly as a key that is held; if it is, let it go{undo}", printable(name))
            }
            Self::Spent(name) => {
                let name = printable(name);
                format!("nothing decided: {name} has just closed or opened something; press it again in a moment")
            }
            Self::BrokenSequence => {
                "the terminal sent something in pieces; if a key does nothing, press Esc and then it again".to_owned()
            }
            Self::CapsLock => "Caps Lock is on; keys are read as if it were off".to_owned(),
            Self::Dead(why) => why.text(key),
            Self::NothingToClose => {
                let out = then(Command::Cases, "goes back to the list of cases");
                let out = if out.is_empty() { then(Command::Quit, "leaves the program") } else { out };
                format!("nothing to close here{out}")
            }
            Self::NoSuggestion => "no suggestion to accept here yet: choose a class".to_owned(),
            Self::Unlike(guess) => {
                let agree = then(Command::Class(*guess), "if you agree, else another class");
                let agree = if agree.is_empty() { ": choose a class".to_owned() } else { agree };
                format!("not accepted, unlike the training data{agree}")
            }
            Self::NothingToExplain => "no suggestion here yet, so there is nothing to explain".to_owned(),
            Self::NoPicture => format!(
                "this cell's picture cannot be shown, so it gets no class{}",
                then(Command::Exclude, "excludes it")
            ),
            Self::NothingToCompare => "this cell's picture cannot be shown, so there is nothing to compare".to_owned(),
            Self::Marked(cell) => {
                format!("{cell} is marked{}", then(Command::Beside, "on another cell shows both side by side"))
            }
            Self::Unmarked => "no cell is marked any more".to_owned(),
            Self::Busy => "nothing decided: the decision before is still being written".to_owned(),
            Self::Signed(version) => {
                format!("signed as version {version}{}", then(Command::Reopen, "reopens it with a reason"))
            }
            Self::SignedNow(version) => format!("signed as version {version}"),
            Self::NotSigned => "this case is not signed, so there is nothing to reopen".to_owned(),
            Self::Reopened => "open again; the signed version before stays as it is".to_owned(),
            Self::AllReviewed(n) => format!(
                "{} reviewed{}",
                if *n == 1 { "the only cell is".to_owned() } else { format!("all {n} cells") },
                then(Command::Sign, "signs")
            ),
            Self::AllShownReviewed { shown, hidden } => format!(
                "all {} of the filter reviewed, {} not{}",
                cells(*shown),
                counted(*hidden as u64, "other", "others"),
                then(Command::Filter, "changes the filter")
            ),
            Self::NotShownYet(n) => {
                let were = counted(*n as u64, "cell of this group was", "cells of this group were");
                format!("{were} not on the screen yet{}", then(Command::PageDown, "shows more"))
            }
            Self::NothingToAccept => "nothing to accept here: decided already, or nothing is suggested".to_owned(),
            Self::StepDone { cells: n, left: 0 } => {
                format!("{} decided in one step{}", cells(*n), then(Command::Undo, "takes them back together"))
            }
            Self::StepDone { cells: n, left } => {
                let were = if *left == 1 {
                    "was not on the screen yet and is left"
                } else {
                    "were not on the screen yet and are left"
                };
                format!("{} decided; {left} more of the group {were}", cells(*n))
            }
            Self::StepUndone(n) => format!("undone: {} of one step", cells(*n)),
            Self::StepRedone(n) => format!("redone: {} of one step", cells(*n)),
            Self::BadFilter(why) => printable(why).into_owned(),
            Self::NothingPasses => "no cell passes this filter".to_owned(),
            Self::NothingToUndo => "no decision of yours left to undo".to_owned(),
            Self::NothingToRedo => "nothing to redo".to_owned(),
            Self::Undone => format!("undone; this is the cell{}", then(Command::Redo, "redoes it")),
            Self::Redone => "redone; this is the cell".to_owned(),
            Self::Others { reviewer, cells: n } => format!("{} decided {}", printable(reviewer), cells(*n)),
            Self::NoteKept => "note kept".to_owned(),
            Self::Tagged(tag, true) => format!("tagged #{}", printable(tag)),
            Self::Tagged(tag, false) => format!("no longer #{}", printable(tag)),
            Self::NotPlain => "plain characters only; what stands there steers how text is shown".to_owned(),
            Self::BadTag => "a tag is a word or a few, 32 characters at most".to_owned(),
            Self::FiguresMoved => "the figures changed meanwhile: look the new ones over and confirm again".to_owned(),
            Self::SummaryNotPainted => "not signed: the figures were not on the screen yet".to_owned(),
            Self::TypeYes => "not signed: type yes in full, or Esc".to_owned(),
            Self::NoMatch => "no class matches".to_owned(),
            Self::NoChoice => "no choice matches".to_owned(),
            Self::Target(target) => format!("target of this case: {} WBC", target_name(*target)),
            Self::Blasts(title) => format!("counted in this case: {title}"),
            Self::NoBlastClass => "at least one class counts as a blast: space takes it in".to_owned(),
            Self::Rule(Some(rule)) => format!(
                "until blasts are clearly above or below {}%; wrong in at most {} of 100",
                rule.percent(),
                100.0 * StopRule::ERROR_RATE
            ),
            Self::Rule(None) => "no stop rule".to_owned(),
            Self::EmptyText(what) => format!("{what} is empty; Esc leaves without one"),
            Self::NotInReading(kind) => {
                format!("not in a {}, which shows nothing of the record", kind.title())
            }
            Self::WithoutSuggestions => {
                "this reading is without the network: no suggestions, orders, filters or look-alikes".to_owned()
            }
            Self::ReadingEnded(kind, true) => {
                format!("{} finished{}", kind.title(), then(Command::Compare, "puts it beside the first"))
            }
            Self::ReadingEnded(kind, false) => format!("{} given up: it is compared with nothing", kind.title()),
            Self::TypeGiveUp => "the reading goes on: type give up in full, or Esc".to_owned(),
            Self::NoDispute => "no cell is in dispute".to_owned(),
            Self::OpenDispute => {
                format!("nothing decided: the cell is not on the screen{}", then(Command::Open, "shows it"))
            }
            Self::AllSettled(n) => {
                let are = counted(*n as u64, "cell in dispute is", "cells in dispute are");
                let all = if *n == 1 { "the" } else { "all" };
                format!("{all} {are} settled{}", then(Command::Sign, "signs the joint differential"))
            }
            Self::TrainingSettlesNothing => "a training is scored and enters no record: nothing to settle".to_owned(),
            Self::NoCases => "no cases yet: leukoscope import DIR".to_owned(),
            Self::FileExists(path) => format!("{} is there already: enter again replaces it", printable(path)),
            Self::Said(text) | Self::Written(text) | Self::Failed(text) => printable(text).into_owned(),
        }
    }
}

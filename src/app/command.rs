//! Every command of the interface, declared once: its name in `keymap.toml`, what it does, and where it works.
//!
//! Keys are bound in [`crate::keymap`]; help, footer and the README's table are made from this list.

use crate::domain::ClassId;

/// A place where keys mean something of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The list of cases.
    Cases,
    /// The review of one case.
    Review,
    /// The summary before a signature.
    Sign,
    /// The help pane.
    Help,
}

impl Mode {
    /// All modes, in the order that help shows them.
    pub const ALL: [Self; 4] = [Self::Cases, Self::Review, Self::Sign, Self::Help];

    /// Its table in `keymap.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Review => "review",
            Self::Sign => "sign",
            Self::Help => "help",
        }
    }
}

/// What a key can do. Typing into a prompt (search, note, reason) is no command: there Enter, Esc, Backspace and text
/// mean what they mean everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// Take the suggestion.
    Accept,
    /// Decide for a class.
    Class(ClassId),
    /// Take the cell out of every count.
    Exclude,
    /// Take back my last decision.
    Undo,
    /// Let it hold again.
    Redo,
    /// Next line or cell.
    Next,
    /// Previous line or cell.
    Previous,
    /// First line or cell.
    First,
    /// Last line or cell.
    Last,
    /// A screenful on.
    PageDown,
    /// A screenful back.
    PageUp,
    /// Next cell without a decision.
    NextUnreviewed,
    /// Previous cell without a decision.
    PreviousUnreviewed,
    /// Choose a class by typing.
    Search,
    /// Write a note on the cell.
    Note,
    /// Enlarge the cell.
    Zoom,
    /// Show where the suggestion comes from.
    Explain,
    /// Choose how many cells are enough.
    Target,
    /// Sign the differential.
    Sign,
    /// Reopen a signed case.
    Reopen,
    /// Open the case under the cursor.
    Open,
    /// Back to the list of cases.
    Cases,
    /// Show the keys.
    Help,
    /// Do what the popup asks.
    Confirm,
    /// Close the popup.
    Cancel,
    /// Leave the program.
    Quit,
}

/// What help says of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandDoc {
    /// Its name in `keymap.toml`; class commands are written `class CODE`.
    pub name: &'static str,
    /// A word or two for the footer.
    pub short: &'static str,
    /// A sentence for the help pane.
    pub long: &'static str,
    /// Where it works.
    pub modes: &'static [Mode],
    /// Where a keymap has to have a key for it.
    pub required: &'static [Mode],
    /// Whether it makes a decision: such keys are dropped when typed ahead of the paint.
    pub decides: bool,
}

impl Command {
    /// Every command but the class commands, in the order that help shows them.
    pub const PLAIN: [Self; 25] = [
        Self::Accept,
        Self::Exclude,
        Self::Undo,
        Self::Redo,
        Self::Next,
        Self::Previous,
        Self::NextUnreviewed,
        Self::PreviousUnreviewed,
        Self::First,
        Self::Last,
        Self::PageDown,
        Self::PageUp,
        Self::Search,
        Self::Note,
        Self::Zoom,
        Self::Explain,
        Self::Target,
        Self::Sign,
        Self::Reopen,
        Self::Open,
        Self::Cases,
        Self::Confirm,
        Self::Cancel,
        Self::Help,
        Self::Quit,
    ];

    /// What help says of it.
    pub fn doc(self) -> CommandDoc {
        use Mode::{Cases, Help, Review, Sign};
        const LISTS: &[Mode] = &[Cases, Review, Help];
        let doc =
            |name, short, long, modes, required| CommandDoc { name, short, long, modes, required, decides: false };
        let deciding = |d: CommandDoc| CommandDoc { decides: true, ..d };
        match self {
            Self::Accept => deciding(doc(
                "accept",
                "accept",
                "Accept the network's suggestion, unless it is flagged",
                &[Review],
                &[Review],
            )),
            Self::Class(_) => deciding(doc("class", "class", "Decide for this class and go on", &[Review], &[Review])),
            Self::Exclude => {
                deciding(doc("exclude", "exclude", "Take the cell out of every count and go on", &[Review], &[Review]))
            }
            Self::Undo => {
                deciding(doc("undo", "undo", "Take back my last decision and show its cell", &[Review], &[Review]))
            }
            Self::Redo => {
                deciding(doc("redo", "redo", "Let the decision taken back last hold again", &[Review], &[Review]))
            }
            Self::Next => doc("next", "next", "Go to the next one, deciding nothing", LISTS, LISTS),
            Self::Previous => doc("previous", "back", "Go to the previous one, deciding nothing", LISTS, LISTS),
            Self::First => doc("first", "first", "Go to the first one", LISTS, &[]),
            Self::Last => doc("last", "last", "Go to the last one", LISTS, &[]),
            Self::PageDown => doc("page-down", "page down", "Go a screenful on", LISTS, &[]),
            Self::PageUp => doc("page-up", "page up", "Go a screenful back", LISTS, &[]),
            Self::NextUnreviewed => {
                doc("next-unreviewed", "unreviewed", "Go to the next cell without a decision", &[Review], &[Review])
            }
            Self::PreviousUnreviewed => {
                doc("previous-unreviewed", "", "Go to the previous cell without a decision", &[Review], &[])
            }
            Self::Search => {
                doc("search", "search", "Choose a class by typing a part of its name", &[Review], &[Review])
            }
            Self::Note => doc("note", "note", "Write a note on this cell", &[Review], &[Review]),
            Self::Zoom => doc("zoom", "zoom", "Enlarge the cell, step by step, and back", &[Review], &[Review]),
            Self::Explain => doc(
                "explain",
                "reasons",
                "Show where in the picture the suggestion comes from, and back",
                &[Review],
                &[],
            ),
            Self::Target => doc("target", "target", "Choose how many cells are enough", &[Review], &[]),
            Self::Sign => doc("sign", "sign", "Look the differential over before signing it", &[Review], &[Review]),
            Self::Reopen => doc("reopen", "reopen", "Reopen a signed case, giving a reason", &[Review], &[Review]),
            Self::Open => doc("open", "open", "Open this case", &[Cases], &[Cases]),
            Self::Cases => doc("cases", "cases", "Go back to the list of cases", &[Review], &[]),
            Self::Confirm => doc("confirm", "sign", "Sign what is shown", &[Sign], &[Sign]),
            Self::Cancel => doc("cancel", "close", "Close this without doing anything", &[Sign, Help], &[Sign, Help]),
            Self::Help => doc("help", "help", "Show all keys", &[Cases, Review, Sign], &[Cases, Review]),
            Self::Quit => doc(
                "quit",
                "quit",
                "Leave the program; every decision is already kept",
                &[Cases, Review],
                &[Cases, Review],
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_required_modes_are_modes_of_the_command() {
        let mut names: Vec<_> = Command::PLAIN.iter().map(|c| c.doc().name).collect();
        names.push(Command::Class(ClassId(0)).doc().name);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Command::PLAIN.len() + 1);
        for command in Command::PLAIN {
            let doc = command.doc();
            assert!(doc.required.iter().all(|m| doc.modes.contains(m)), "{}", doc.name);
        }
    }
}

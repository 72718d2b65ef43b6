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
    /// The thumbnails of one case.
    Gallery,
    /// Two readings of one case beside each other.
    Dispute,
    /// A cell beside its look-alikes, or beside another one.
    Alike,
    /// The summary before a signature.
    Sign,
    /// The help pane.
    Help,
}

impl Mode {
    /// All modes, in the order that help shows them.
    pub const ALL: [Self; 7] =
        [Self::Cases, Self::Review, Self::Gallery, Self::Alike, Self::Dispute, Self::Sign, Self::Help];

    /// What people call it.
    pub fn place(self) -> &'static str {
        match self {
            Self::Cases => "the list of cases",
            Self::Review => "the review of a case",
            Self::Gallery => "the gallery of a case",
            Self::Dispute => "two readings of a case",
            Self::Alike => "what is shown beside a cell",
            Self::Sign => "the summary before a signature",
            Self::Help => "the help pane",
        }
    }

    /// Its table in `keymap.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Review => "review",
            Self::Gallery => "gallery",
            Self::Dispute => "dispute",
            Self::Alike => "alike",
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
    /// The row below.
    Down,
    /// The row above.
    Up,
    /// First cell of the next group.
    NextGroup,
    /// First cell of this group, or of the one before.
    PreviousGroup,
    /// Select the cell, or let it go.
    Select,
    /// Extend the selection to the next cell.
    SelectNext,
    /// Extend it to the previous cell.
    SelectPrevious,
    /// Extend it to the row below.
    SelectDown,
    /// Extend it to the row above.
    SelectUp,
    /// Select the group.
    SelectGroup,
    /// Take the suggestions of the selection, or of the group.
    AcceptGroup,
    /// Larger thumbnails.
    Larger,
    /// Smaller thumbnails.
    Smaller,
    /// Thumbnails instead of one cell.
    Gallery,
    /// Next cell without a decision.
    NextUnreviewed,
    /// Previous cell without a decision.
    PreviousUnreviewed,
    /// Choose a class by typing.
    Search,
    /// Choose the order of the cells.
    Order,
    /// Choose which cells are stepped through.
    Filter,
    /// Write a note on the cell.
    Note,
    /// Put a tag on the cell or the case, or take it off.
    Tag,
    /// Show what happened to the case.
    History,
    /// Write the case to a file.
    Export,
    /// Enlarge the cell.
    Zoom,
    /// Show where the suggestion comes from.
    Explain,
    /// Show the cells of the library that look like this one.
    Alike,
    /// Show two cells side by side.
    Beside,
    /// Choose how many cells are enough.
    Target,
    /// Choose what counts as a blast.
    Blasts,
    /// Sign the differential.
    Sign,
    /// Reopen a signed case.
    Reopen,
    /// Begin a blinded reading, or go on with it.
    Blind,
    /// Put two readings beside each other.
    Compare,
    /// The first reader's class is right.
    FirstRight,
    /// The second reader's class is right.
    SecondRight,
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
    pub const PLAIN: [Self; 51] = [
        Self::Accept,
        Self::AcceptGroup,
        Self::FirstRight,
        Self::SecondRight,
        Self::Exclude,
        Self::Undo,
        Self::Redo,
        Self::Next,
        Self::Previous,
        Self::Down,
        Self::Up,
        Self::NextGroup,
        Self::PreviousGroup,
        Self::Select,
        Self::SelectNext,
        Self::SelectPrevious,
        Self::SelectDown,
        Self::SelectUp,
        Self::SelectGroup,
        Self::NextUnreviewed,
        Self::PreviousUnreviewed,
        Self::First,
        Self::Last,
        Self::PageDown,
        Self::PageUp,
        Self::Search,
        Self::Gallery,
        Self::Larger,
        Self::Smaller,
        Self::Order,
        Self::Filter,
        Self::Note,
        Self::Tag,
        Self::History,
        Self::Export,
        Self::Zoom,
        Self::Explain,
        Self::Alike,
        Self::Beside,
        Self::Target,
        Self::Blasts,
        Self::Sign,
        Self::Reopen,
        Self::Blind,
        Self::Compare,
        Self::Open,
        Self::Cases,
        Self::Confirm,
        Self::Cancel,
        Self::Help,
        Self::Quit,
    ];

    /// Whether it decides about the one cell under review and goes on.
    pub fn is_of_one_cell(self) -> bool {
        matches!(self, Self::Accept | Self::Class(_) | Self::Exclude)
    }

    /// What help says of it.
    pub fn doc(self) -> CommandDoc {
        use Mode::{Alike, Cases, Dispute, Gallery, Help, Review, Sign};
        const LISTS: &[Mode] = &[Cases, Review, Gallery, Dispute, Help];
        const MOVES: &[Mode] = &[Cases, Review, Gallery, Alike, Dispute, Help];
        const CELLS: &[Mode] = &[Review, Gallery];
        const DECIDED: &[Mode] = &[Review, Gallery, Dispute];
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
            Self::Class(_) => deciding(doc("class", "class", "Decide for this class and go on", DECIDED, &[Review])),
            Self::Exclude => {
                deciding(doc("exclude", "exclude", "Take the cell out of every count and go on", DECIDED, CELLS))
            }
            Self::Undo => deciding(doc("undo", "undo", "Take back my last decision and show its cell", DECIDED, CELLS)),
            Self::Redo => deciding(doc("redo", "redo", "Let the decision taken back last hold again", DECIDED, CELLS)),
            Self::Next => doc("next", "next", "Go to the next one, deciding nothing", MOVES, MOVES),
            Self::Previous => doc("previous", "back", "Go to the previous one, deciding nothing", MOVES, MOVES),
            Self::First => doc("first", "first", "Go to the first one", MOVES, &[]),
            Self::Last => doc("last", "last", "Go to the last one", MOVES, &[]),
            Self::PageDown => doc("page-down", "page down", "Go a screenful on", LISTS, &[]),
            Self::PageUp => doc("page-up", "page up", "Go a screenful back", LISTS, &[]),
            Self::AcceptGroup => deciding(doc(
                "accept-group",
                "accept group",
                "Accept the suggestions of the selection, or of the group, as one step",
                &[Gallery],
                &[Gallery],
            )),
            Self::Down => doc("down", "", "Go to the row below", &[Gallery, Alike], &[]),
            Self::Up => doc("up", "", "Go to the row above", &[Gallery, Alike], &[]),
            Self::NextGroup => doc("next-group", "next group", "Go to the next group", &[Gallery], &[]),
            Self::PreviousGroup => {
                doc("previous-group", "", "Go to the start of the group, or to the group before", &[Gallery], &[])
            }
            Self::Select => doc("select", "select", "Select the cell, or let it go", &[Gallery], &[Gallery]),
            Self::SelectNext => doc("select-next", "", "Extend the selection to the next cell", &[Gallery], &[]),
            Self::SelectPrevious => {
                doc("select-previous", "", "Extend the selection to the previous cell", &[Gallery], &[])
            }
            Self::SelectDown => doc("select-down", "", "Extend the selection to the row below", &[Gallery], &[]),
            Self::SelectUp => doc("select-up", "", "Extend the selection to the row above", &[Gallery], &[]),
            Self::SelectGroup => {
                doc("select-group", "select group", "Select what was shown of the group", &[Gallery], &[])
            }
            Self::Larger => doc("larger", "larger", "Larger thumbnails", &[Gallery], &[]),
            Self::Smaller => doc("smaller", "smaller", "Smaller thumbnails", &[Gallery], &[]),
            Self::Gallery => {
                doc("gallery", "gallery", "Show all cells as thumbnails by class, and back", CELLS, &[Review])
            }
            Self::NextUnreviewed => {
                doc("next-unreviewed", "unreviewed", "Go to the next cell without a decision", &[Review], &[Review])
            }
            Self::PreviousUnreviewed => {
                doc("previous-unreviewed", "", "Go to the previous cell without a decision", &[Review], &[])
            }
            Self::Search => {
                doc("search", "search", "Choose a class by typing a part of its name", &[Review], &[Review])
            }
            Self::Order => {
                doc("order", "order", "Choose what comes first: doubtful cells, blasts, confusable ones", CELLS, &[])
            }
            Self::Filter => {
                doc("filter", "filter", "Step through some cells only: a class, open ones, p<0.7", CELLS, &[])
            }
            Self::Blind => {
                doc("blind", "read blinded", "Read a case blinded: second, once more, or to train", &[Cases], &[])
            }
            Self::Compare => doc(
                "compare",
                "compare",
                "Put a finished reading beside the record; again: the reading before",
                &[Cases, Review, Dispute],
                &[],
            ),
            Self::FirstRight => deciding(doc(
                "first-right",
                "first is right",
                "Settle the cell as the first reader has it",
                &[Dispute],
                &[Dispute],
            )),
            Self::SecondRight => deciding(doc(
                "second-right",
                "second is right",
                "Settle the cell as the second reader has it",
                &[Dispute],
                &[Dispute],
            )),
            Self::Note => doc("note", "note", "Write a note on this cell, or on the case", CELLS, &[Review]),
            Self::Tag => doc("tag", "tag", "Put a tag on this cell (or the case), or take it off", CELLS, &[]),
            Self::History => doc("history", "history", "Show what happened to this case, and when", CELLS, &[]),
            Self::Export => {
                doc("export", "export", "Write a report or another export of this case to a file", CELLS, &[])
            }
            Self::Zoom => {
                doc("zoom", "zoom", "Enlarge the cell, step by step, and back", &[Review, Dispute], &[Review])
            }
            Self::Explain => doc(
                "explain",
                "reasons",
                "Show where in the picture the suggestion comes from, and back",
                &[Review],
                &[],
            ),
            Self::Alike => doc(
                "alike",
                "look-alikes",
                "Show the cells of the library that look most like this one, and back",
                &[Review, Gallery, Alike],
                &[],
            ),
            Self::Beside => doc(
                "beside",
                "beside",
                "Mark this cell; on another cell: show both side by side",
                &[Review, Gallery, Alike],
                &[],
            ),
            Self::Sign => doc("sign", "sign", "Look the differential over before signing it", DECIDED, &[Review]),
            Self::Reopen => doc("reopen", "reopen", "Reopen a signed case, giving a reason", DECIDED, &[Review]),
            Self::Open => doc(
                "open",
                "open",
                "Open what the cursor is on",
                &[Cases, Gallery, Alike, Dispute],
                &[Cases, Gallery, Alike, Dispute],
            ),
            Self::Target => doc("target", "target", "Choose how many cells are enough", CELLS, &[]),
            Self::Blasts => doc("blasts", "blasts", "Choose what counts as a blast in this case", CELLS, &[]),
            Self::Cases => {
                doc("cases", "cases", "Leave the case for the list of cases", &[Review, Gallery, Dispute], &[])
            }
            Self::Confirm => doc("confirm", "sign", "Sign what is shown", &[Sign], &[Sign]),
            Self::Cancel => doc(
                "cancel",
                "close",
                "Close this without doing anything",
                &[Gallery, Alike, Dispute, Sign, Help],
                &[Gallery, Alike, Dispute, Sign, Help],
            ),
            Self::Help => doc(
                "help",
                "help",
                "Show all keys",
                &[Cases, Review, Gallery, Alike, Dispute, Sign],
                &[Cases, Review, Gallery, Alike, Dispute],
            ),
            Self::Quit => doc(
                "quit",
                "quit",
                "Leave the program; every decision is already kept",
                &[Cases, Review, Gallery, Alike, Dispute],
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

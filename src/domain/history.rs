//! What happened to a case, for people to read back.

use super::{
    Action, BlastNames, CaseEvent, CellId, CellNumber, ClassId, ClassTable, ReadingKind, Remark, RemarkKind, printable,
};

/// Something that happened to a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// Who did it; `None`: the program.
    pub who: Option<String>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The images became a case.
    Imported,
    /// Something became of the case itself.
    Event(CaseEvent),
    /// A decision on one cell.
    Decision {
        /// The cell.
        cell: CellId,
        /// What was done.
        action: Action,
        /// What was suggested at the time.
        suggested: Option<ClassId>,
    },
    /// A decision that settles a cell which two readers took differently.
    Adjudication {
        /// The cell.
        cell: CellId,
        /// What was done.
        action: Action,
    },
    /// Something became of a reading beside the record: `begun`, `finished`, `given-up` or `compared`.
    Reading {
        /// What reading.
        kind: ReadingKind,
        /// Whether the network's suggestions are shown in it.
        suggestions: bool,
        /// What became of it.
        event: String,
    },
    /// Decisions on many cells in one step.
    Step {
        /// What the screen said.
        shown: String,
    },
    /// A note on a cell, or on the case.
    Note {
        /// The cell.
        cell: Option<CellId>,
        /// What it says.
        text: String,
    },
    /// A tag was put on or taken off.
    Tag {
        /// The cell; `None`: the case.
        cell: Option<CellId>,
        /// Whether it was put on.
        on: bool,
        /// The tag.
        text: String,
    },
    /// The differential was signed.
    Signed {
        /// Which version.
        version: u32,
        /// Its WBC.
        wbc: u64,
        /// Its blasts.
        blasts: u64,
        /// What counted as one.
        of: BlastNames,
    },
    /// A signed case was opened again.
    Reopened {
        /// The version that is to be corrected.
        version: u32,
        /// Why.
        reason: String,
    },
    /// Something became of the message to the laboratory's system.
    Message {
        /// The version that it tells.
        version: u32,
        /// `queued`, `sent`, `accepted` or `refused`.
        state: String,
        /// The receiver's address, or what it answered.
        detail: Option<String>,
    },
}

impl What {
    /// What a remark does.
    pub fn of(remark: Remark) -> Self {
        match remark.kind {
            RemarkKind::Note => Self::Note { cell: remark.cell, text: remark.text },
            RemarkKind::Tag | RemarkKind::Untag => {
                Self::Tag { cell: remark.cell, on: remark.kind == RemarkKind::Tag, text: remark.text }
            }
        }
    }

    /// One line for people; `number` gives a cell's number in its case.
    pub fn describe(&self, table: &ClassTable, number: &dyn Fn(CellId) -> Option<CellNumber>) -> String {
        let cell = |id: &CellId| number(*id).map_or_else(|| "a cell".to_owned(), |n| format!("cell {n}"));
        let of = |cell_id: &Option<CellId>| cell_id.as_ref().map_or_else(|| "the case".to_owned(), cell);
        match self {
            Self::Imported => "imported".to_owned(),
            Self::Event(event) => event.describe(),
            Self::Decision { cell: id, action, suggested } => {
                let instead = |class: ClassId| match suggested {
                    Some(s) if *s != class => format!(", suggested {}", table.code(*s)),
                    _ => String::new(),
                };
                match action {
                    Action::Accept(class) => format!("{}: {} accepted", cell(id), table.code(*class)),
                    Action::Reclassify(class) => format!("{}: {}{}", cell(id), table.code(*class), instead(*class)),
                    Action::Exclude => format!("{}: excluded", cell(id)),
                    Action::Undo(_) => format!("{}: decision taken back", cell(id)),
                    Action::Redo(_) => format!("{}: decision holds again", cell(id)),
                }
            }
            Self::Adjudication { cell: id, action } => match action {
                Action::Accept(class) | Action::Reclassify(class) => {
                    format!("{}: adjudicated as {}", cell(id), table.code(*class))
                }
                Action::Exclude => format!("{}: adjudicated, excluded", cell(id)),
                Action::Undo(_) => format!("{}: adjudication taken back", cell(id)),
                Action::Redo(_) => format!("{}: adjudication holds again", cell(id)),
            },
            Self::Reading { kind, suggestions, event } => {
                let shown = if *suggestions { "suggestions shown" } else { "without suggestions" };
                let more = if event == "begun" { format!(", {shown}") } else { String::new() };
                format!("{} {}{more}", kind.title(), printable(&event.replace('-', " ")))
            }
            Self::Step { shown } => printable(shown).into_owned(),
            Self::Note { cell: id, text } => format!("note on {}: {}", of(id), printable(text)),
            Self::Tag { cell: id, on, text } => {
                format!("{} tagged {}{}", of(id), if *on { "#" } else { "no longer #" }, printable(text))
            }
            Self::Signed { version, wbc, blasts, of } => {
                format!("signed as version {version}: {wbc} WBC, {}", of.counted(*blasts))
            }
            Self::Reopened { version, reason } => format!("version {version} reopened: {}", printable(reason)),
            Self::Message { version, state, detail } => {
                let detail = detail.as_deref().map_or_else(String::new, |d| format!(": {}", printable(d)));
                format!("message of version {version} {state}{detail}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_happening_is_one_line_with_the_cell_by_its_place() {
        let table = ClassTable::default();
        let id = |code| table.by_code(code).expect("a code");
        let number = |cell: CellId| (cell == CellId(40)).then(|| CellNumber::after(6));
        let line = |what: What| what.describe(&table, &number);
        let decision = |action, suggested: &'static str| What::Decision {
            cell: CellId(40),
            action,
            suggested: Some(id(suggested)),
        };
        assert_eq!(line(decision(Action::Accept(id("NGS")), "NGS")), "cell 7: NGS accepted");
        assert_eq!(line(decision(Action::Reclassify(id("MYO")), "LYT")), "cell 7: MYO, suggested LYT");
        assert_eq!(
            line(What::Note { cell: None, text: "old\x1b[2J smear".into() }),
            format!("note on the case: {}", printable("old\x1b[2J smear"))
        );
        assert_eq!(
            line(What::Tag { cell: Some(CellId(1)), on: true, text: "auer-rod".into() }),
            "a cell tagged #auer-rod"
        );
        let of = BlastNames::of([("MYO", true, true), ("PMO", true, false)]);
        assert_eq!(
            line(What::Signed { version: 2, wbc: 100, blasts: 21, of }),
            "signed as version 2: 100 WBC, 21 blasts and equivalents (MYO PMO)"
        );
        assert_eq!(
            line(What::Reopened { version: 1, reason: "smear mixed up".into() }),
            "version 1 reopened: smear mixed up"
        );
        let message = |state: &str, detail: Option<&str>| What::Message {
            version: 1,
            state: state.into(),
            detail: detail.map(str::to_owned),
        };
        assert_eq!(line(message("queued", None)), "message of version 1 queued");
        assert_eq!(
            line(message("refused", Some("AR\x1b"))),
            format!("message of version 1 refused: {}", printable("AR\x1b"))
        );
    }
}

//! What can happen to the interface ([`Event`]) and what it asks of the world ([`Effect`]). Data only.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{
    Action, BlastSet, CaseId, CaseRecord, CaseSummary, CellId, CellRecord, ClassId, Comparison, Decision, Happening,
    Ranking, Reading, ReadingId, ReadingKind, Remark, RemarkKind, Seq, Sha256Hash,
};

use super::{Command, NetworkStatus, Notice, OpenReading, Said, SearchNews, SignedLabel};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key that the keymap knows.
    Command(Command),
    /// The same of a key that decides on the cell under review and may be held; [`Event::Settled`] follows.
    Perhaps(Command),
    /// The keys that might be held were pressed, or were not.
    Settled(bool),
    /// A key while a prompt is open.
    Typed(Typed),
    /// A key that does nothing, and why.
    Refused(Notice),
    /// Text pasted; goes into a prompt or nowhere.
    Pasted(String),
    /// So many deciding keys had been typed ahead of the paint, and were dropped.
    DroppedAhead(usize),
    /// The terminal has another size now, in columns and rows.
    Resize(u16, u16),
    /// A frame reached the terminal.
    Painted(Painted),
    /// The list of cases was read.
    CasesLoaded(Vec<CaseSummary>),
    /// The readings that the reviewer has open.
    ReadingsLoaded(Vec<OpenReading>),
    /// A case was read.
    CaseLoaded(Box<LoadedCase>),
    /// A reading of the reviewer's has ended.
    ReadingEnded(Reading),
    /// Two readings of a case were compared; the decisions of the record that settle disputes between them.
    Compared(Box<LoadedCase>, Box<Comparison>, BTreeSet<Seq>),
    /// A decision of ours that settles a dispute is in the database.
    Adjudicated(Decision),
    /// The decisions that settle disputes with a reading, other reviewers' among them.
    Settling(ReadingId, BTreeSet<Seq>),
    /// Another connection changed where the case stands.
    CaseRefreshed(CaseRecord, Option<SignedLabel>),
    /// A decision of ours is in the database.
    Recorded(Decision),
    /// All decisions of a step of ours are in the database.
    RecordedStep(Vec<Decision>),
    /// A decision of ours is not in the database, and why.
    RecordFailed(String),
    /// Decisions that were made since the log was read, ours perhaps among them.
    LogRefreshed(Vec<Decision>),
    /// A note is in the database.
    NoteAdded(CellId, String),
    /// A remark is in the database.
    RemarkAdded(Remark),
    /// The history of the case was read.
    HistoryLoaded(Vec<Happening>),
    /// The text report, line by line.
    ExportPreview(Vec<String>),
    /// The file of an export is there already; nothing was written.
    ExportExists(String),
    /// An export is written; a sentence that says where.
    Exported(String),
    /// The case has another target now.
    TargetSet(CaseId, u64),
    /// Something else counts as a blast in the case now.
    BlastsSet(CaseId, BlastSet),
    /// The case is signed.
    Signed(SignedLabel),
    /// The signature was refused: there are decisions that had not been shown.
    SignMoved,
    /// The signature was refused, and why.
    SignFailed(String),
    /// The case is open again.
    Reopened,
    /// The network's word on some cells of a case.
    Predictions(CaseId, Vec<(CellId, Ranking)>),
    /// How the network does.
    Network(NetworkStatus),
    /// What has become of a search for look-alikes.
    Alike(SearchNews),
    /// Something else went wrong; a sentence for people.
    Failed(String),
    /// Something that the reviewer should know.
    Said(String),
}

/// A key while a prompt is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Text.
    Char(char),
    /// Take the last character away.
    Backspace,
    /// Take everything away.
    Clear,
    /// Previous of the choices.
    Up,
    /// Next of the choices.
    Down,
    /// Done.
    Enter,
    /// Never mind.
    Esc,
}

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Read the list of cases.
    LoadCases,
    /// Read a case.
    LoadCase(CaseId),
    /// Keep a decision; answered by [`Event::Recorded`] after COMMIT, or [`Event::RecordFailed`].
    Record(Proposal),
    /// Keep decisions about many cells as one step; answered by [`Event::RecordedStep`] or [`Event::RecordFailed`].
    RecordStep {
        /// The decisions.
        proposals: Vec<Proposal>,
        /// How many of the cells are on the screen; the others were.
        visible: usize,
        /// What the screen says the step is about.
        shown: String,
    },
    /// Keep a note.
    AddNote {
        /// On which cell.
        cell: CellId,
        /// What it says.
        text: String,
    },
    /// Keep a remark on the case, or a tag of one of its cells.
    AddRemark {
        /// The case.
        case: CaseId,
        /// The cell; `None`: the case.
        cell: Option<CellId>,
        /// What it does.
        kind: RemarkKind,
        /// The text, or the tag.
        text: String,
    },
    /// Read what happened to a case.
    LoadHistory(CaseId),
    /// Make the text report of a case; answered by [`Event::ExportPreview`] or [`Event::Failed`].
    PreviewExport(CaseId),
    /// Write an export; answered by [`Event::Exported`], [`Event::ExportExists`] or [`Event::Failed`].
    Export {
        /// Of which case.
        case: CaseId,
        /// Name of the form.
        form: &'static str,
        /// The file, as it was typed.
        path: String,
        /// A file that is there may be replaced.
        replace: bool,
        /// What it says beside the record, where its form asked.
        said: Option<Said>,
    },
    /// Keep how many WBC are to be counted in a case; answered by [`Event::TargetSet`] or [`Event::Failed`].
    SetTarget {
        /// Of which case.
        case: CaseId,
        /// So many.
        target: u64,
    },
    /// Keep what counts as a blast in a case; answered by [`Event::BlastsSet`] or [`Event::Failed`].
    SetBlasts {
        /// In which case.
        case: CaseId,
        /// What.
        blasts: BlastSet,
    },
    /// Sign the differential as it is in the state: what counts as a blast is part of it.
    Sign {
        /// Of which case.
        case: CaseId,
        /// The last decision that went into what was shown; `None`: there was none.
        expect_last_seq: Option<Seq>,
        /// The reviewer typed that cells without a decision, or unidentified, shall not keep it.
        allow_incomplete: bool,
    },
    /// Open a signed case again.
    Reopen {
        /// Which case.
        case: CaseId,
        /// Why.
        reason: String,
    },
    /// Begin a reading of a case; answered by [`Event::CaseLoaded`] or [`Event::Failed`].
    BeginReading {
        /// Of which case.
        case: CaseId,
        /// Why.
        kind: ReadingKind,
        /// Whether the network's suggestions are shown.
        suggestions: bool,
    },
    /// End a reading, as complete or not; answered by [`Event::ReadingEnded`] or [`Event::Failed`].
    EndReading {
        /// Which one.
        reading: ReadingId,
        /// It is complete; else it is given up.
        finished: bool,
    },
    /// Put two readings of a case beside each other; answered by [`Event::Compared`] or [`Event::Failed`].
    Compare {
        /// Of which case.
        case: CaseId,
        /// Which reading beside the record.
        which: CompareWhich,
    },
    /// Keep a decision that settles a dispute; answered by [`Event::Adjudicated`] or [`Event::RecordFailed`].
    Adjudicate {
        /// With which reading.
        reading: ReadingId,
        /// The decision.
        proposal: Proposal,
    },
    /// Search the library for what looks like a cell; answered by [`Event::Alike`], any number of times.
    FindAlike {
        /// The case.
        case: CaseId,
        /// The cell.
        cell: CellId,
    },
    /// Leave the program.
    Quit,
}

/// Which reading is put beside the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareWhich {
    /// The latest that is finished.
    Latest,
    /// The latest before this one; the latest of all after the first.
    Before(ReadingId),
    /// This one.
    This(ReadingId),
}

/// A decision that shall be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The case.
    pub case: CaseId,
    /// The cell that was painted.
    pub cell: CellId,
    /// What was decided.
    pub action: Action,
    /// The network whose suggestion was on the screen.
    pub network: Option<Sha256Hash>,
    /// The suggestion that was on the screen, and its probability.
    pub suggested: Option<(ClassId, f32)>,
}

impl Proposal {
    /// A decision on a cell in the light of what was painted beside it.
    pub(super) fn on(painted: &PaintedCell, case: CaseId, action: Action) -> Self {
        let network = painted.suggested.map(|s| s.network);
        Self { case, cell: painted.cell, action, network, suggested: painted.suggested.map(|s| (s.class, s.p)) }
    }
}

/// What a frame showed that a decision or a signature may rest on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Painted {
    /// The cell.
    pub cell: Option<PaintedCell>,
    /// The thumbnails of the gallery.
    pub thumbs: Vec<PaintedCell>,
    /// The last decision behind the figures of the summary before signing; outer `None`: no summary.
    pub summary: Option<Option<Seq>>,
    /// Whether an open prompt was shown.
    pub prompt: bool,
    /// The first line of a pane that was shown: the last page is shown for any greater number.
    pub scroll: Option<usize>,
}

impl Painted {
    /// Something lies over the cells: nothing is decided on them.
    pub fn hide(&mut self) {
        self.cell = None;
        self.thumbs.clear();
    }
}

/// A cell as it was painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaintedCell {
    /// Which cell.
    pub cell: CellId,
    /// What stood in its place.
    pub sight: Sight,
    /// The suggestion that stood beside it.
    pub suggested: Option<Suggested>,
}

/// A suggestion as it was painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suggested {
    /// The network.
    pub network: Sha256Hash,
    /// What it takes the cell for.
    pub class: ClassId,
    /// How probable it finds that.
    pub p: f32,
    /// The screen said that the picture is unlike the network's training data, and that the class is a guess.
    pub flagged: bool,
}

impl Suggested {
    /// What a frame says of a cell: the top of its ranking, and whether that is a guess.
    pub(crate) fn of(ranking: &Ranking, network: Sha256Hash) -> Self {
        let (class, p) = ranking.top();
        Self { network, class, p, flagged: ranking.is_flagged() }
    }
}

/// What stands in the place of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The picture, or nothing because the user wants none.
    Picture,
    /// A sentence that says why it cannot be shown.
    Message,
}

/// A case as the database has it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedCase {
    /// The case.
    pub record: CaseRecord,
    /// Its latest signature.
    pub signed: Option<SignedLabel>,
    /// Its cells in order.
    pub cells: Vec<CellRecord>,
    /// Its log in order.
    pub log: Vec<Decision>,
    /// Reference labels: as the source has them, and the class they stand for.
    pub references: HashMap<CellId, (String, Option<ClassId>)>,
    /// The network's word, as far as it is known.
    pub predictions: HashMap<CellId, Ranking>,
    /// The notes on each cell, oldest first.
    pub notes: HashMap<CellId, Vec<String>>,
    /// Remarks on the case, and tags, oldest first.
    pub remarks: Vec<Remark>,
    /// The reading that this is; then all of the above is the reading's alone, and nothing is of the record.
    pub reading: Option<Reading>,
}

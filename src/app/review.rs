//! The case under review: its cells, its log, and what follows from the log.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::domain::{
    BlastSet, CaseRecord, CaseState, CellId, CellRecord, ClassId, ClassTable, Decision, Facts, Filter, Order, Ranking,
    Reading, Remark, Seq, Tally, Verdict, current, redoable, same_person, step, tags, undoable,
};

use super::{Beside, Disputes, Gallery, LoadedCase, PaintedCell, Proposal, Sequence};

/// Steps of enlargement: as laid out, as large as the screen allows, and the middle half of that.
pub const ZOOM_STEPS: u8 = 3;

/// A signature, as far as the screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedLabel {
    /// Which version.
    pub version: u32,
    /// Who signed.
    pub reviewer: String,
    /// When, RFC 3339.
    pub at: String,
}

/// The case under review.
#[derive(Debug, Clone)]
pub struct Review {
    /// The case.
    pub case: CaseRecord,
    /// Its latest signature.
    pub signed: Option<SignedLabel>,
    /// Its cells in order.
    pub cells: Vec<CellRecord>,
    /// The cell under review.
    pub cursor: usize,
    /// Step of enlargement, below [`ZOOM_STEPS`].
    pub zoom: u8,
    /// Whether it is shown where the suggestion for the cell under review comes from. Another cell is always seen plain first: a
    /// map over it tells what the network thinks before the reviewer does.
    pub explain: bool,
    /// The notes on each cell, oldest first.
    pub notes: HashMap<CellId, Vec<String>>,
    /// Remarks on the case, and tags, oldest first.
    remarks: Vec<Remark>,
    /// The tags of each cell that has any.
    tags: HashMap<CellId, Vec<String>>,
    /// The reading that this is, beside the case's record; `None`: the record.
    pub reading: Option<Reading>,
    /// Two readings beside each other, while they are on the screen.
    pub disputes: Option<Disputes>,
    /// The thumbnails, while they are on the screen instead of one cell.
    pub gallery: Option<Gallery>,
    /// What is shown beside the cell under review, instead of what is known of it.
    pub beside: Option<Beside>,
    /// The cell that others are to be compared with.
    pub marked: Option<CellId>,
    pub(super) painted: Option<PaintedCell>,
    /// Whether a decision is on its way to the database.
    pub(super) pending: bool,
    /// Decisions of a key of which it is not clear whether it is held.
    pub(super) waiting: Vec<Proposal>,
    /// Cells whose decisions were waiting and are on their way to the database: the next cell is shown already.
    pub(super) settling: VecDeque<CellId>,
    reviewer: String,
    log: Vec<Decision>,
    synced: Option<Seq>,
    index: HashMap<CellId, usize>,
    /// For each cell the decision that holds, as its place in the log.
    holding: Vec<Option<usize>>,
    tally: Tally,
    can_undo: bool,
    can_redo: bool,
    references: HashMap<CellId, (String, Option<ClassId>)>,
    predictions: HashMap<CellId, Ranking>,
    sequence: Sequence,
    /// Where the cursor last stood in the sequence: a cell that the filter leaves out has its neighbours there.
    stood: usize,
}

impl Review {
    /// A case as the database has it, seen by `reviewer`, at its first cell without a decision.
    pub fn new(table: &ClassTable, reviewer: &str, loaded: LoadedCase) -> Self {
        let LoadedCase { record, signed, cells, log, references, predictions, notes, remarks, reading } = loaded;
        let index = cells.iter().enumerate().map(|(i, c)| (c.id, i)).collect();
        let mut review = Self {
            case: record,
            signed,
            cursor: 0,
            zoom: 0,
            explain: false,
            notes,
            remarks: Vec::new(),
            tags: HashMap::new(),
            reading,
            disputes: None,
            gallery: None,
            beside: None,
            marked: None,
            painted: None,
            pending: false,
            waiting: Vec::new(),
            settling: VecDeque::new(),
            reviewer: reviewer.to_owned(),
            synced: log.last().map(|d| d.seq),
            log,
            index,
            holding: vec![None; cells.len()],
            tally: Tally::of(table, &BlastSet::default(), []),
            can_undo: false,
            can_redo: false,
            references,
            predictions,
            cells,
            sequence: Sequence::default(),
            stood: 0,
        };
        review.recompute(table);
        remarks.into_iter().for_each(|remark| review.add_remark(remark));
        review.rearrange(table);
        let first = review.holding.iter().position(Option::is_none).unwrap_or(0);
        review.go(first);
        review
    }

    /// The cell under review.
    pub fn current(&self) -> Option<&CellRecord> {
        self.cells.get(self.cursor)
    }

    /// What holds for the cell at `index`.
    pub fn verdict(&self, index: usize) -> Option<Verdict> {
        self.decision(index)?.action.verdict()
    }

    /// The decision that holds for the cell at `index`.
    pub fn decision(&self, index: usize) -> Option<&Decision> {
        self.log.get((*self.holding.get(index)?)?)
    }

    /// The reference label of the cell at `index`: only once this reviewer has a decision on it that holds.
    pub fn reference(&self, index: usize) -> Option<&(String, Option<ClassId>)> {
        let cell = self.cells.get(index)?.id;
        let reference = self.references.get(&cell)?;
        let holding = self.decision(index)?;
        let mine =
            |d: &&Decision| d.cell == cell && same_person(&d.reviewer, &self.reviewer) && d.action.verdict().is_some();
        let mut own = self.log.iter().filter(mine);
        let taken_back = |seq: Seq| {
            use crate::domain::Action::{Redo, Undo};
            let last = self.log.iter().rev().find(|d| matches!(d.action, Undo(s) | Redo(s) if s == seq));
            last.is_some_and(|d| matches!(d.action, Undo(_)))
        };
        (same_person(&holding.reviewer, &self.reviewer) || own.any(|d| !taken_back(d.seq))).then_some(reference)
    }

    /// Whether the cell's file name may be shown: names of labelled files tell their label more often than not.
    ///
    /// In a reading none is: beside a label, a name tells the place in an order that is not to be known.
    pub fn may_name_file(&self, index: usize) -> bool {
        if self.reading.is_some() {
            return false;
        }
        let labelled = self.cells.get(index).is_some_and(|c| self.references.contains_key(&c.id));
        !labelled || !self.case.has_folder() || self.reference(index).is_some()
    }

    /// The network's word on the cell at `index`.
    pub fn ranking(&self, index: usize) -> Option<&Ranking> {
        self.predictions.get(&self.cells.get(index)?.id)
    }

    /// The network's suggestion for the cell under review.
    pub fn suggestion(&self) -> Option<(ClassId, f32)> {
        self.ranking(self.cursor).map(Ranking::top)
    }

    /// Whether the network calls the cell at `index` unlike what it was trained on: its suggestion is a guess then.
    pub fn is_flagged(&self, index: usize) -> bool {
        self.ranking(index).is_some_and(Ranking::is_flagged)
    }

    /// Who reviews.
    pub(super) fn reviewer(&self) -> &str {
        &self.reviewer
    }

    /// The differential so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The log in order.
    pub fn log(&self) -> &[Decision] {
        &self.log
    }

    /// The last decision that is known.
    pub fn last_seq(&self) -> Option<Seq> {
        self.log.last().map(|d| d.seq)
    }

    /// The last decision up to which the log is known without a gap.
    pub fn synced(&self) -> Option<Seq> {
        self.synced
    }

    /// Whether decisions need a reopening first.
    pub fn is_signed(&self) -> bool {
        self.case.state == CaseState::Signed
    }

    /// Whether the reviewer has a decision to take back.
    pub fn can_undo(&self) -> bool {
        self.can_undo
    }

    /// Whether the reviewer has a decision to let hold again.
    pub fn can_redo(&self) -> bool {
        self.can_redo
    }

    /// Which cells are stepped through, in which order.
    pub fn sequence(&self) -> &Sequence {
        &self.sequence
    }

    /// The cells that are likely to be looked at next, nearest first.
    pub fn upcoming(&self, n: usize) -> Vec<usize> {
        let (before, after) = self.around();
        let unreviewed = after.iter().chain(before).copied().filter(|&i| self.is_open(i));
        let mut cells: Vec<usize> = unreviewed.take(n).collect();
        let neighbours = after.first().into_iter().chain(before.last());
        cells.extend(neighbours.filter(|i| !cells.contains(i)).collect::<Vec<_>>());
        cells
    }

    /// Where the cursor stands in the sequence, or stood last.
    pub fn place(&self) -> usize {
        self.sequence.place(self.cursor).unwrap_or(self.stood)
    }

    /// The cells of the sequence before the one under review, and those after it.
    fn around(&self) -> (&[usize], &[usize]) {
        let cells = self.sequence.cells();
        match self.sequence.place(self.cursor) {
            Some(place) => (&cells[..place], &cells[place + 1..]),
            None => cells.split_at(self.stood.min(cells.len())),
        }
    }

    /// What is known of the cell at `index`.
    pub fn facts(&self, index: usize) -> Facts<'_> {
        let notes = self.cells.get(index).and_then(|c| self.notes.get(&c.id)).map_or(&[][..], Vec::as_slice);
        Facts { verdict: self.verdict(index), ranking: self.ranking(index), notes, tags: self.tags(index) }
    }

    /// The tags of the cell at `index`.
    pub fn tags(&self, index: usize) -> &[String] {
        self.cells.get(index).and_then(|c| self.tags.get(&c.id)).map_or(&[][..], Vec::as_slice)
    }

    /// The tags of the case.
    pub fn case_tags(&self) -> BTreeSet<&str> {
        tags(&self.remarks, None)
    }

    pub(super) fn add_remark(&mut self, remark: Remark) {
        let cell = remark.cell;
        self.remarks.push(remark);
        if let Some(cell) = cell {
            let of_cell = tags(&self.remarks, Some(cell)).into_iter().map(str::to_owned).collect();
            self.tags.insert(cell, of_cell);
        }
    }

    fn all_facts(&self) -> Vec<Facts<'_>> {
        (0..self.cells.len()).map(|i| self.facts(i)).collect()
    }

    /// How many cells a filter lets through as things stand.
    pub fn admitted(&self, filter: &Filter) -> usize {
        (0..self.cells.len()).filter(|&i| filter.admits(&self.facts(i))).count()
    }

    /// Another order, or other cells. The cell under review stays, unless the filter leaves it out.
    pub(super) fn arrange(&mut self, table: &ClassTable, order: Order, filter: Filter) {
        self.sequence = Sequence::of(table, &self.case.blasts, order, filter, &self.all_facts());
        match self.sequence.place(self.cursor) {
            Some(place) => self.stood = place,
            None => {
                let open = |i: &&usize| self.holding[**i].is_none();
                let cells = self.sequence.cells();
                if let Some(&first) = cells.iter().find(open).or_else(|| cells.first()) {
                    self.go(first);
                }
            }
        }
        self.regroup();
    }

    /// The same order and filter over what is known by now.
    fn rearrange(&mut self, table: &ClassTable) {
        self.arrange(table, self.sequence.order(), self.sequence.filter().clone());
    }

    /// Goes to the first cell of the sequence without a decision: that is what an order is chosen for.
    pub(super) fn go_to_first_open(&mut self) {
        let first = self.sequence.cells().iter().copied().find(|&i| self.holding[i].is_none());
        if let Some(first) = first {
            self.go(first);
        }
    }

    /// The gallery's groups as things stand.
    fn regroup(&mut self) {
        if let Some(mut gallery) = self.gallery.take() {
            gallery.regroup(self);
            self.gallery = Some(gallery);
        }
    }

    /// Steps through the sequence: so many cells on, or back.
    pub(super) fn step(&mut self, by: isize) {
        let (before, after) = self.around();
        let n = by.unsigned_abs().saturating_sub(1);
        let next = match by.signum() {
            1 => after.get(n).or(after.last()),
            -1 => before.len().checked_sub(n + 1).map(|i| &before[i]).or(before.first()),
            _ => None,
        };
        if let Some(&next) = next {
            self.go(next);
        }
    }

    /// Goes to the first cell of the sequence, or the last.
    pub(super) fn go_to_end(&mut self, last: bool) {
        let cells = self.sequence.cells();
        if let Some(&end) = if last { cells.last() } else { cells.first() } {
            self.go(end);
        }
    }

    /// Moves to the cell at `index`; it counts as painted only once it is.
    pub(super) fn go(&mut self, index: usize) {
        let index = index.min(self.cells.len().saturating_sub(1));
        if index != self.cursor {
            self.cursor = index;
            self.painted = None;
            self.explain = false;
            self.beside = None;
        }
        if let Some(place) = self.sequence.place(index) {
            self.stood = place;
        }
    }

    /// The place of a cell in the case's list.
    pub fn place_of(&self, cell: CellId) -> Option<usize> {
        self.index.get(&cell).copied()
    }

    /// What the cell at `index` is called: by its number, whatever the order on the screen. In a reading that has an order of
    /// its own it goes by its place in that, for the number tells where one has met the cell before.
    pub fn cell_name(&self, index: usize) -> String {
        match self.cells.get(index) {
            Some(_) if self.hides_numbers() => format!("place {}", index + 1),
            Some(cell) => format!("cell {}", cell.number),
            None => "no cell".to_owned(),
        }
    }

    /// Whether the numbers of its cells are not to be known.
    pub fn hides_numbers(&self) -> bool {
        self.reading.as_ref().is_some_and(|r| r.seed.is_some())
    }

    pub(super) fn go_to_cell(&mut self, cell: CellId) {
        if let Some(index) = self.place_of(cell) {
            self.go(index);
        }
    }

    /// How many decisions wait for it to show whether their key is held.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the decision on the cell at `index` waits for that.
    pub fn is_waiting(&self, index: usize) -> bool {
        self.cells
            .get(index)
            .is_some_and(|c| self.waiting.iter().any(|p| p.cell == c.id) || self.settling.contains(&c.id))
    }

    /// Whether decisions that waited are on their way to the database.
    pub fn is_settling(&self) -> bool {
        !self.settling.is_empty()
    }

    /// Whether the cell at `index` has no decision, and none is waiting.
    fn is_open(&self, index: usize) -> bool {
        self.holding[index].is_none() && !self.is_waiting(index)
    }

    /// Whatever was painted has to be painted again before anything is decided.
    pub(super) fn unpaint(&mut self) {
        self.painted = None;
        if let Some(gallery) = &mut self.gallery {
            gallery.repaint();
        }
    }

    /// The nearest cell of the sequence without a decision, after or before the one under review, around the ends.
    pub(super) fn unreviewed(&self, forward: bool) -> Option<usize> {
        let open = |i: &usize| self.is_open(*i);
        let (before, after) = self.around();
        let here = self.sequence.place(self.cursor).map(|_| self.cursor).filter(open);
        let other = if forward {
            after.iter().chain(before).copied().find(open)
        } else {
            before.iter().rev().chain(after.iter().rev()).copied().find(open)
        };
        other.or(here)
    }

    /// Adds decisions to the log, whatever order they come in and however often.
    pub(super) fn merge(&mut self, table: &ClassTable, decisions: impl IntoIterator<Item = Decision>) {
        for decision in decisions {
            if let Err(at) = self.log.binary_search_by_key(&decision.seq, |d| d.seq) {
                self.log.insert(at, decision);
            }
        }
        self.recompute(table);
    }

    pub(super) fn set_synced(&mut self, seq: Seq) {
        self.synced = self.synced.max(Some(seq));
    }

    pub(super) fn add_predictions(&mut self, table: &ClassTable, rankings: Vec<(CellId, Ranking)>) {
        if let Some(gallery) = &mut self.gallery {
            gallery.forget(rankings.iter().map(|r| r.0));
        }
        self.predictions.extend(rankings);
        // Another order or another set of cells regroups them as well.
        if self.sequence.is_plain() { self.regroup() } else { self.rearrange(table) }
    }

    /// Something else counts as a blast in the case: other figures, and other cells where the order or the filter asks for blasts.
    pub(super) fn count_as_blasts(&mut self, table: &ClassTable, blasts: BlastSet) {
        self.case.blasts = blasts;
        self.recompute(table);
        if !self.sequence.is_plain() {
            let filter = self.sequence.filter();
            let again = Filter::parse(table, &self.case.blasts, filter.text()).unwrap_or_else(|_| filter.clone());
            self.arrange(table, self.sequence.order(), again);
        }
    }

    pub(super) fn knows(&self, seq: Seq) -> bool {
        self.log.binary_search_by_key(&seq, |d| d.seq).is_ok()
    }

    fn recompute(&mut self, table: &ClassTable) {
        self.holding.fill(None);
        for (cell, decision) in current(&self.log) {
            // A decision on a cell that is no longer in the case counts nowhere.
            let place = self.log.binary_search_by_key(&decision.seq, |d| d.seq).ok();
            if let Some(&i) = self.index.get(&cell) {
                self.holding[i] = place;
            }
        }
        self.tally = Tally::of(table, &self.case.blasts, (0..self.cells.len()).map(|i| self.verdict(i)));
        self.can_undo = undoable(&self.log, &self.reviewer).is_some();
        self.can_redo = redoable(&self.log, &self.reviewer).is_some();
        self.regroup();
    }

    /// What the reviewer takes back next: one decision, or all of a step.
    pub(super) fn to_undo(&self) -> Vec<&Decision> {
        undoable(&self.log, &self.reviewer).map_or_else(Vec::new, |d| step(&self.log, d))
    }

    /// What the reviewer lets hold again next.
    pub(super) fn to_redo(&self) -> Vec<&Decision> {
        redoable(&self.log, &self.reviewer).map_or_else(Vec::new, |d| step(&self.log, d))
    }
}

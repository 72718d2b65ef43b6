//! The program without its terminal and its database: decoder, keyboard and reducer, with frames and time as its loop has them.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use leukoscope::{
    app::{
        Command, Effect, Event, LoadedCase, Mode, NetworkStatus, Painted, PaintedCell, Popup, Proposal, Review, Sight,
        State, Suggested, update,
    },
    domain::{
        Action, BlastSet, CaseId, CaseRecord, CaseState, CaseSummary, CellId, CellNumber, CellRecord, ClassTable,
        Decision, Layout, Ranking, Scale, Sha256Hash,
    },
    keyboard::Keyboard,
    keymap::{KeyCode, Keymap},
    term::{Arrival, Incoming, TermEvent},
};

const CELLS: usize = 40;

pub struct Rig {
    seed: u64,
    incoming: Incoming,
    keyboard: Keyboard,
    /// Which keys a command has, less modifiers: what the oracle asks.
    keys: HashMap<Command, Vec<u8>>,
    state: State,
    now: Instant,
    events: VecDeque<TermEvent>,
    /// What fingers pressed and no decision has used.
    pressed: VecDeque<u8>,
    decisions: usize,
    fresh: bool,
    over: bool,
}

impl Rig {
    pub fn new(seed: u64) -> Self {
        let table = ClassTable::default();
        let keymap = Keymap::load(None, &table).expect("the default keymap");
        let mut keys: HashMap<Command, Vec<u8>> = HashMap::new();
        for binding in [Mode::Review, Mode::Gallery, Mode::Sign].into_iter().flat_map(|m| keymap.bindings(m)) {
            let byte = binding.keys.last().and_then(|key| match key.code {
                KeyCode::Char('r') if key.ctrl => Some(0x12),
                KeyCode::Char(c) => u8::try_from(c).ok(),
                KeyCode::Enter => Some(b'\r'),
                // `ESC [ 3 ~`.
                KeyCode::Delete => Some(b'~'),
                _ => None,
            });
            keys.entry(binding.command).or_default().extend(byte);
        }
        let mut state = State::new(table, "Ann");
        update(&mut state, Event::Network(NetworkStatus { hash: Some(Sha256Hash([1; 32])), ..Default::default() }));
        let mut rig = Self {
            seed,
            incoming: Incoming::default(),
            keyboard: Keyboard::new(keymap),
            keys,
            state,
            now: Instant::now(),
            events: VecDeque::new(),
            pressed: VecDeque::new(),
            decisions: 0,
            fresh: false,
            over: false,
        };
        rig.event(Event::CaseLoaded(Box::new(case())));
        rig.frame();
        rig
    }

    /// A finger presses the key of this byte.
    pub fn press(&mut self, byte: u8) {
        self.pressed.push_back(byte);
    }

    /// Bytes that are read together.
    pub fn send(&mut self, bytes: &[u8]) {
        let events = self.incoming.read(bytes, Arrival::at(self.now));
        assert!(self.incoming.kept() <= 80 * 1024, "seed {}: what is incomplete is bounded", self.seed);
        assert!(events.len() <= bytes.len() + 1, "seed {}", self.seed);
        self.events.extend(events);
        self.work();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.events.push_back(TermEvent::Resize(columns, rows));
        self.work();
    }

    /// Time goes by.
    pub fn wait(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        for turn in 0.. {
            assert!(turn < 1_000, "seed {}: it waits for something that never comes", self.seed);
            let bytes = self.incoming.deadline();
            let due = bytes.into_iter().chain(self.keyboard.deadline()).min().filter(|due| *due <= until);
            let Some(due) = due else { break };
            self.now = due.max(self.now);
            self.events.extend(self.incoming.expire(self.now));
            self.work();
            for event in self.keyboard.expire(self.now, &self.state) {
                self.event(event);
            }
            self.frame();
        }
        self.now = until;
    }

    /// Until nothing is waited for; how many decisions there were.
    pub fn end(mut self) -> usize {
        self.wait(120_000);
        assert_eq!((self.incoming.deadline(), self.keyboard.deadline()), (None, None), "seed {}", self.seed);
        self.decisions
    }

    /// As `review`'s loop takes events in: what a key opened or decided is painted before the next one is read.
    fn work(&mut self) {
        while let Some(event) = self.events.pop_front() {
            for event in self.keyboard.translate(event, &self.state) {
                self.event(event);
            }
            if self.fresh {
                self.frame();
            }
        }
        self.frame();
    }

    fn frame(&mut self) {
        let shown = self.state.review.as_ref().and_then(|r| r.current()).map(|c| c.id);
        if std::mem::take(&mut self.fresh) {
            for event in &mut self.events {
                if let TermEvent::Key { ahead, .. } = event {
                    *ahead = true;
                }
            }
            self.keyboard.marked();
        }
        let hidden = matches!(self.state.popup, Some(Popup::Help { .. } | Popup::History { .. } | Popup::Sign(_)));
        let review = self.state.review.as_ref().filter(|_| !hidden);
        let see = |index: usize| {
            let review = review?;
            let suggested = review.ranking(index).map(|r| Suggested {
                network: Sha256Hash([1; 32]),
                class: r.top().0,
                p: r.top().1,
                flagged: r.is_flagged(),
            });
            Some(PaintedCell { cell: review.cells.get(index)?.id, sight: Sight::Picture, suggested })
        };
        let cell = review.and_then(|r| see(r.cursor)).filter(|c| Some(c.cell) == shown);
        let thumbs =
            review.filter(|r| r.gallery.is_some()).map_or(Vec::new(), |r| (0..r.cells.len()).filter_map(see).collect());
        let last = self.state.review.as_ref().and_then(Review::last_seq);
        let summary = self.state.summary().map(|_| last);
        update(&mut self.state, Event::Painted(Painted { cell, thumbs, summary, prompt: true, scroll: None }));
    }

    fn event(&mut self, event: Event) {
        if self.over {
            return;
        }
        let current = |state: &State| state.review.as_ref().and_then(|r| r.current()).map(|c| c.id);
        let before = (self.state.popup.is_some(), current(&self.state));
        let effects = update(&mut self.state, event);
        self.fresh |= before != (self.state.popup.is_some(), current(&self.state));
        for effect in effects {
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: Effect) {
        let answer = match effect {
            Effect::Record(p) => {
                self.decide(&p);
                Some(Event::Recorded(self.decision(p, 1, None)))
            }
            Effect::RecordStep { proposals, .. } => {
                // One press for all of them.
                let first = proposals.first().cloned();
                first.iter().for_each(|p| self.decide_step(p, proposals.len()));
                let bulk = self.last() + 1;
                let decisions = (1..).zip(proposals).map(|(i, p)| self.decision(p, i, Some(bulk))).collect();
                Some(Event::RecordedStep(decisions))
            }
            Effect::LoadCase(_) => Some(Event::CaseLoaded(Box::new(case()))),
            Effect::LoadCases => {
                let record = case().record;
                let summary = CaseSummary { case: record, cells: CELLS as u64, reviewed: 0, blasts: None };
                Some(Event::CasesLoaded(vec![summary]))
            }
            Effect::Sign { .. } => {
                self.needs(b"y\r", "a signature");
                Some(Event::SignFailed("not signed: no database".to_owned()))
            }
            Effect::AddNote { cell, text } => Some(Event::NoteAdded(cell, text)),
            Effect::AddRemark { .. } => Some(Event::Failed("no database".to_owned())),
            Effect::LoadHistory(_) => Some(Event::HistoryLoaded(Vec::new())),
            Effect::SetTarget { case, target } => Some(Event::TargetSet(case, target)),
            Effect::Quit => {
                self.over = true;
                None
            }
            _ => Some(Event::Failed("no database".to_owned())),
        };
        if let Some(event) = answer {
            self.event(event);
        }
    }

    fn last(&self) -> i64 {
        self.state.review.as_ref().and_then(Review::last_seq).unwrap_or(0)
    }

    fn decision(&self, p: Proposal, ahead: i64, bulk: Option<i64>) -> Decision {
        Decision {
            seq: self.last() + ahead,
            cell: p.cell,
            reviewer: "Ann".to_owned(),
            at: "2026-11-23T20:00:00.000Z".to_owned(),
            action: p.action,
            network: p.network,
            suggested: p.suggested,
            bulk,
        }
    }

    /// The oracle: a decision needs a press of a key of its command, later than those of the decisions before it.
    fn decide(&mut self, proposal: &Proposal) {
        self.decide_step(proposal, 1);
    }

    fn decide_step(&mut self, proposal: &Proposal, cells: usize) {
        let command = match proposal.action {
            Action::Accept(_) => Command::Accept,
            Action::Reclassify(id) => Command::Class(id),
            Action::Exclude => Command::Exclude,
            Action::Undo(_) => Command::Undo,
            Action::Redo(_) => Command::Redo,
        };
        let mut keys = self.keys.get(&command).cloned().unwrap_or_default();
        match command {
            // A group is accepted, of which there may be one cell.
            Command::Accept => keys.extend(self.keys.get(&Command::AcceptGroup).into_iter().flatten()),
            // A class that is searched for.
            Command::Class(_) => keys.push(b'\r'),
            _ => {}
        }
        self.needs(&keys, &format!("{:?} of {cells} cells", proposal.action));
    }

    fn needs(&mut self, keys: &[u8], what: &str) {
        let press =
            self.pressed.iter().position(|byte| keys.contains(byte) || (*byte == b'\n' && keys.contains(&b'\r')));
        let Some(press) = press else {
            panic!(
                "seed {}: {what}, and nobody pressed one of {:?}; left of what was pressed: {:?}",
                self.seed,
                String::from_utf8_lossy(keys),
                self.pressed
            );
        };
        self.pressed.drain(..=press);
        self.decisions += 1;
    }
}

fn case() -> LoadedCase {
    let table = ClassTable::default();
    let classes: Vec<_> = table.iter().filter(|(_, c)| c.predicted).map(|(id, _)| id).collect();
    let ranking = |i: usize| {
        let rest = 0.2 / (classes.len() - 1) as f32;
        let p = |j: usize| if j == i * 7 % classes.len() { 0.8 } else { rest };
        let all: Vec<_> = classes.iter().enumerate().map(|(j, &id)| (id, p(j))).collect();
        Ranking::new(&table, &all).expect("adds up to one")
    };
    let cell = |i: usize| CellRecord {
        id: CellId(i as i64 + 1),
        number: CellNumber::after(i),
        path: format!("cell_{i:04}.jpg").into(),
        sha256: Sha256Hash([i as u8; 32]),
        width: 360,
        height: 363,
    };
    LoadedCase {
        record: CaseRecord {
            id: CaseId(1),
            uid: "c".repeat(32),
            name: "drawn".to_owned(),
            root: Default::default(),
            layout: Layout::Phantom,
            scale: Scale::given(0.1),
            target: 200,
            blasts: BlastSet::of_table(&ClassTable::default()),
            state: CaseState::Open,
            version: None,
            imported_at: "2026-11-23T20:00:00.000Z".to_owned(),
        },
        signed: None,
        cells: (0..CELLS).map(cell).collect(),
        log: Vec::new(),
        references: HashMap::new(),
        predictions: (0..CELLS).map(|i| (CellId(i as i64 + 1), ranking(i))).collect(),
        notes: HashMap::new(),
        remarks: Vec::new(),
        reading: None,
    }
}

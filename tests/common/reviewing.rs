//! A review of drawn cells on a terminal that only counts bytes: for the test of bytes and the benchmark of time.

#![allow(dead_code)]

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    rc::Rc,
    sync::Arc,
};

use image::RgbImage;
use leukoscope::{
    app::{Command, Effect, Event, LoadedCase, Mode, NetworkStatus, Proposal, State, update},
    domain::{
        BlastSet, CaseId, CaseRecord, CaseState, CellId, CellNumber, CellRecord, ClassTable, Decision, Layout, Ranking,
        Scale, Sha256Hash,
    },
    intake::{self, Limits},
    phantom,
    term::{Graphics, Overlay},
    ui::{self, ColourDepth, Drawn, KeyHints, Picture, PictureMode, PictureRequest, Pictures, Theme, Thrift, View},
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

/// Px of a character cell.
const CELL_PX: (u16, u16) = (10, 20);

/// Counts what is written.
#[derive(Clone, Default)]
pub struct Counter(Rc<Cell<u64>>);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Which drawing, how large, and for how many bytes.
type Shrunk = (usize, (u32, u32), Option<Thrift>);

/// The pictures of the demo case, over and over, shrunk beforehand.
struct Drawings {
    frames: Vec<RgbImage>,
    shrunk: RefCell<HashMap<Shrunk, Arc<RgbImage>>>,
}

impl Pictures for Drawings {
    fn picture(&self, request: PictureRequest) -> Picture {
        let i = request.cell.0 as usize % self.frames.len();
        let mut shrunk = self.shrunk.borrow_mut();
        let (w, h) = request.size;
        let make = || {
            let small = intake::thumbnail(&self.frames[i], w, h);
            // The px of a graphics protocol are no half-blocks, and choose their colours when they are encoded.
            let half_blocks = request.thrift.filter(|_| w < 4 * u32::from(CELL_PX.0));
            Arc::new(half_blocks.map(|thrift| thrift.apply(&small)).unwrap_or(small))
        };
        Picture::Ready(shrunk.entry((i, (w, h), request.thrift)).or_insert_with(make).clone())
    }
}

struct Keys;

impl KeyHints for Keys {
    fn key(&self, _: Mode, command: Command) -> Option<String> {
        Some(command.doc().name[..1].to_owned())
    }

    fn footer(&self, _: Mode, available: &dyn Fn(Command) -> bool) -> Vec<(String, String)> {
        let works = Command::PLAIN.into_iter().filter(|&c| available(c));
        works.map(|c| (c.doc().name[..1].to_owned(), c.doc().short.to_owned())).collect()
    }

    fn help(&self, _: Mode) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// A reviewer at a terminal.
pub struct Reviewing {
    pub state: State,
    terminal: Terminal<CrosstermBackend<Counter>>,
    written: Counter,
    pictures: Drawings,
    theme: Theme,
    overlay: Option<Overlay>,
}

impl Reviewing {
    /// A case of so many cells, every one with a ranking, on a screen of this size; its first frame is drawn.
    pub fn new(cells: usize, columns: u16, rows: u16, depth: ColourDepth) -> Self {
        Self::start(case(cells), columns, rows, depth)
    }

    /// A case of cells with these rankings.
    pub fn of(rankings: Vec<Ranking>, columns: u16, rows: u16) -> Self {
        let mut case = case(rankings.len());
        case.predictions = (0..).map(CellId).zip(rankings).collect();
        Self::start(case, columns, rows, ColourDepth::Palette256)
    }

    fn start(case: LoadedCase, columns: u16, rows: u16, depth: ColourDepth) -> Self {
        let mut state = State::new(ClassTable::default(), "Ann");
        update(&mut state, Event::Resize(columns, rows));
        update(&mut state, Event::Network(NetworkStatus { hash: Some(Sha256Hash([1; 32])), ..Default::default() }));
        update(&mut state, Event::CaseLoaded(Box::new(case)));
        let written = Counter::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
        let terminal = Terminal::with_options(CrosstermBackend::new(written.clone()), TerminalOptions { viewport });
        let decoded = phantom::demo_case(2019).into_iter().map(|c| intake::decode(&c.jpeg, &Limits::default()));
        let pictures =
            Drawings { frames: decoded.map(|d| d.expect("our own JPEG")).collect(), shrunk: Default::default() };
        let terminal = terminal.expect("a writer in memory");
        let mut reviewing =
            Self { state, terminal, written, pictures, theme: Theme { dark: true, depth }, overlay: None };
        reviewing.frame();
        reviewing
    }

    /// The same on a terminal with a graphics protocol, of cells in those pictures, or in the demo case's.
    pub fn with_graphics(cells: usize, columns: u16, rows: u16, graphics: Graphics, frames: Vec<RgbImage>) -> Self {
        let mut reviewing = Self::new(cells, columns, rows, ColourDepth::Truecolor);
        if !frames.is_empty() {
            reviewing.pictures = Drawings { frames, shrunk: Default::default() };
        }
        reviewing.overlay = Some(Overlay::of(graphics, CELL_PX));
        reviewing.frame();
        reviewing
    }

    /// A key, what comes of it in the database, and the frame after it. Answers with the bytes written.
    pub fn step(&mut self, command: Command) -> u64 {
        for effect in update(&mut self.state, Event::Command(command)) {
            let seq = self.state.review.as_ref().and_then(|r| r.last_seq()).unwrap_or(0) + 1;
            let decision = |seq, p: Proposal, bulk| Decision {
                seq,
                cell: p.cell,
                reviewer: "Ann".to_owned(),
                at: "2026-11-23T20:00:00.000Z".to_owned(),
                action: p.action,
                network: p.network,
                suggested: p.suggested,
                bulk,
            };
            match effect {
                Effect::Record(p) => drop(update(&mut self.state, Event::Recorded(decision(seq, p, None)))),
                Effect::RecordStep { proposals, .. } => {
                    let decisions = (seq..).zip(proposals).map(|(s, p)| decision(s, p, Some(seq))).collect();
                    update(&mut self.state, Event::RecordedStep(decisions));
                }
                _ => {}
            }
        }
        self.frame()
    }

    /// Draws; answers with the bytes written.
    pub fn frame(&mut self) -> u64 {
        let before = self.written.0.get();
        let view = View {
            state: &self.state,
            keys: &Keys,
            theme: &self.theme,
            pictures: &self.pictures,
            mode: match self.overlay {
                None => PictureMode::HalfBlock,
                Some(_) => PictureMode::Overlay { cell_px: CELL_PX },
            },
        };
        let mut drawn = Drawn::default();
        let overlay = &mut self.overlay;
        let mut change = None;
        let draw = |frame: &mut ratatui::Frame<'_>| {
            drawn = ui::draw(frame, &view);
            if let Some(overlay) = overlay {
                change = overlay.change(&drawn.pictures);
                overlay.underlay(&drawn.pictures, frame.buffer_mut());
            }
        };
        self.terminal.draw(draw).expect("a writer in memory");
        let pictures = change.map_or(0, |c| c.bytes() as u64);
        update(&mut self.state, Event::Painted(drawn.painted));
        self.written.0.get() - before + pictures
    }

    /// The picture's columns and rows on a half-block screen.
    pub fn picture(&self) -> (u32, u32) {
        let request = ui::main_request(self.state.size, &self.state, PictureMode::HalfBlock).expect("a picture");
        (request.size.0, request.size.1 / 2)
    }
}

fn case(cells: usize) -> LoadedCase {
    let table = ClassTable::default();
    let classes: Vec<_> = table.iter().filter(|(_, c)| c.predicted).map(|(id, _)| id).collect();
    let ranking = |i: usize| {
        let rest = 0.2 / (classes.len() - 1) as f32;
        let p = |j: usize| if j == i * 7 % classes.len() { 0.8 } else { rest };
        let all: Vec<_> = classes.iter().enumerate().map(|(j, &id)| (id, p(j))).collect();
        Ranking::new(&table, &all).expect("adds up to one")
    };
    let cell = |i: usize| CellRecord {
        id: CellId(i as i64),
        number: CellNumber::after(i),
        path: format!("cell_{i:04}.jpg").into(),
        sha256: Sha256Hash([0; 32]),
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
        cells: (0..cells).map(cell).collect(),
        log: Vec::new(),
        references: HashMap::new(),
        predictions: (0..cells).map(|i| (CellId(i as i64), ranking(i))).collect(),
        notes: HashMap::new(),
        remarks: Vec::new(),
        reading: None,
    }
}

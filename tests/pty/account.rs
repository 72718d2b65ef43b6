//! An account of the pictures on a terminal's screen: speaks kitty's protocol (through tmux as well), iTerm2's and sixel, and
//! knows which cells each picture is on, as strictly as the terminals are.
//!
//! What it does as kitty does (0.36, `graphics.c`): erasing the whole screen takes every picture away, with its data, those that
//! are only held as well; deleting one showing of a picture keeps its data.

mod sequences;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sequences::{Sequence, Sequences, unwrap_tmux};

/// Pixels of a cell: what the emulator answers.
const CELL: (u32, u32) = (10, 20);

/// A picture on the screen: its first column and row, columns and rows, and a hash of its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OnScreen {
    pub x: u16,
    pub y: u16,
    pub columns: u16,
    pub rows: u16,
    pub content: u64,
}

impl OnScreen {
    /// Its cells as column and row.
    pub fn cells(&self) -> impl Iterator<Item = (u16, u16)> + use<> {
        let Self { x, y, columns, rows, .. } = *self;
        (y..y + rows).flat_map(move |y| (x..x + columns).map(move |x| (x, y)))
    }
}

struct Held {
    content: u64,
    px: (u32, u32),
    /// Columns and rows of its virtual placement.
    virtually: Option<(u16, u16)>,
}

/// The terminal's account.
pub struct Account {
    tmux: bool,
    sequences: Sequences,
    screen: vt100::Parser,
    held: HashMap<u32, Held>,
    sending: Option<(u32, String)>,
    placements: HashMap<(u32, u32), OnScreen>,
    /// Pictures of the protocols in which they are part of the cells, and the cells that are left of them.
    in_cells: Vec<(OnScreen, HashSet<(u16, u16)>)>,
    /// Hashes of all data that kitty's protocol sent, in order.
    pub sent: Vec<u64>,
    /// Everything that a terminal would have shown wrong.
    pub faults: Vec<String>,
}

impl Account {
    /// Of an empty screen; `tmux`: the program runs inside it.
    pub fn new(rows: u16, columns: u16, tmux: bool) -> Self {
        Self {
            tmux,
            sequences: Sequences::default(),
            screen: vt100::Parser::new(rows, columns, 0),
            held: HashMap::new(),
            sending: None,
            placements: HashMap::new(),
            in_cells: Vec::new(),
            sent: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The terminal has another size.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.screen.screen_mut().set_size(rows, columns);
    }

    /// Takes in what the program wrote.
    pub fn feed(&mut self, bytes: &[u8]) {
        for sequence in self.sequences.cut(bytes) {
            self.take(sequence);
        }
    }

    /// Pictures that the terminal holds without or with showing them.
    pub fn holds(&self) -> usize {
        self.held.len()
    }

    /// What is on the screen.
    pub fn pictures(&self) -> BTreeSet<OnScreen> {
        let cells = self.in_cells.iter().map(|(picture, _)| *picture);
        self.placements.values().copied().chain(cells).chain(self.by_placeholders()).collect()
    }

    /// What is wrong with it: parts of pictures, pictures over text, pictures that overlap.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = self.faults.clone();
        let parts = self.in_cells.iter().filter(|(p, left)| left.len() != p.cells().count());
        wrong.extend(parts.map(|(p, left)| format!("{} cells are left of {p:?}", left.len())));
        let mut covered = HashSet::new();
        for picture in self.pictures() {
            for (x, y) in picture.cells() {
                if !covered.insert((x, y)) {
                    wrong.push(format!("two pictures at {x},{y}"));
                }
                let text = self.screen.screen().cell(y, x).map_or("", vt100::Cell::contents);
                if !text.trim().is_empty() && !text.starts_with(PLACEHOLDER) {
                    wrong.push(format!("{text:?} below {picture:?}"));
                }
            }
        }
        wrong
    }

    /// Where placeholders name a picture that is held.
    fn by_placeholders(&self) -> Vec<OnScreen> {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let mut found: HashMap<u32, Vec<(u16, u16)>> = HashMap::new();
        for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
            let Some(cell) = screen.cell(y, x).filter(|c| c.contents().starts_with(PLACEHOLDER)) else { continue };
            let vt100::Color::Rgb(r, g, b) = cell.fgcolor() else { continue };
            found.entry(u32::from_be_bytes([0, r, g, b])).or_default().push((x, y));
        }
        let picture = |(id, cells): (u32, Vec<(u16, u16)>)| {
            let held = self.held.get(&id)?;
            let (columns, rows) = held.virtually?;
            let (x, y) = (cells.iter().map(|c| c.0).min()?, cells.iter().map(|c| c.1).min()?);
            let whole = OnScreen { x, y, columns, rows, content: held.content };
            (whole.cells().collect::<BTreeSet<_>>() == cells.into_iter().collect()).then_some(whole)
        };
        found.into_iter().filter_map(picture).collect()
    }

    fn cursor(&self) -> (u16, u16) {
        let (y, x) = self.screen.screen().cursor_position();
        (x, y)
    }

    fn take(&mut self, sequence: Sequence) {
        match sequence {
            Sequence::Char(c) => self.character(c),
            Sequence::Control(bytes) => {
                let (_, y) = self.cursor();
                if bytes == b"\n" && y + 1 == self.screen.screen().size().0 {
                    self.faults.push("the screen scrolled".to_owned());
                }
                self.screen.process(&bytes);
            }
            Sequence::Csi(bytes) => self.csi(&bytes),
            Sequence::Apc(command) if self.tmux => self.faults.push(format!("tmux swallows {command:.40}")),
            Sequence::Apc(command) => self.kitty(&command),
            Sequence::Osc(command) => self.osc(&command),
            Sequence::Dcs(data) => self.dcs(&data),
        }
    }

    fn character(&mut self, c: char) {
        let (mut x, mut y) = self.cursor();
        let (rows, columns) = self.screen.screen().size();
        if x >= columns {
            (x, y) = (0, (y + 1).min(rows - 1));
        }
        let mut bytes = [0; 4];
        self.screen.process(c.encode_utf8(&mut bytes).as_bytes());
        self.erase(|cell| cell == (x, y));
    }

    fn erase(&mut self, erased: impl Fn((u16, u16)) -> bool) {
        self.in_cells.iter_mut().for_each(|(_, left)| left.retain(|&cell| !erased(cell)));
        self.in_cells.retain(|(_, left)| !left.is_empty());
    }

    fn csi(&mut self, bytes: &[u8]) {
        let (x, y) = self.cursor();
        let text = String::from_utf8_lossy(&bytes[2..bytes.len() - 1]).into_owned();
        match (bytes.last(), text.as_str()) {
            (Some(b'J'), "2" | "3") => {
                self.in_cells.clear();
                self.placements.clear();
                // Only placeholders and nothing else refers to those.
                self.held.retain(|_, held| held.virtually.is_some());
            }
            (Some(b'J'), "" | "0") => self.erase(|(a, b)| b > y || b == y && a >= x),
            (Some(b'K'), "" | "0") => self.erase(|(a, b)| b == y && a >= x),
            (Some(b'h' | b'l'), "?1049") => {
                let left = self.pictures();
                if !left.is_empty() || !self.held.is_empty() {
                    self.faults.push(format!("left behind: {left:?} and {} held", self.held.len()));
                }
            }
            (Some(b'J' | b'K' | b'X' | b'S' | b'T' | b'L' | b'M'), other) => {
                self.faults.push(format!("not foreseen: {other} {:?}", bytes.last()));
            }
            _ => {}
        }
        self.screen.process(bytes);
    }

    fn dcs(&mut self, data: &[u8]) {
        if let Some(wrapped) = data.strip_prefix(b"tmux;") {
            if !self.tmux {
                return self.faults.push("wrapped for tmux without tmux".to_owned());
            }
            let inner = unwrap_tmux(wrapped);
            for sequence in Sequences::default().cut(&inner) {
                match sequence {
                    Sequence::Apc(command) => self.kitty(&command),
                    other => self.faults.push(format!("tmux hands on {other:?}")),
                }
            }
        } else if !data.starts_with(b"$q") {
            self.sixel(data);
        }
    }

    fn sixel(&mut self, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        let size = text.split_once('"').and_then(|(_, rest)| {
            let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).skip(2).map(str::parse::<u32>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        });
        let Some(px) = size else { return self.faults.push(format!("no size: {text:.40}")) };
        if px.1 > 6 && px.1 % 6 != 0 {
            self.faults.push(format!("{} rows of px leave a part of the last six", px.1));
        }
        let (columns, rows) = in_cells(px);
        let (x, y) = self.cursor();
        self.paint_in_cells(columns, rows, hash(data));
        self.screen.process(format!("\x1b[{};{}H", y + rows + 1, x + 1).as_bytes());
    }

    fn osc(&mut self, command: &str) {
        let Some((head, data)) = command.strip_prefix("1337;File=").and_then(|c| c.split_once(':')) else { return };
        let value = |key: &str| head.split(';').find_map(|p| p.strip_prefix(key)?.strip_prefix('='));
        let number = |key: &str| value(key).and_then(|v| v.parse::<u16>().ok());
        let (Some(columns), Some(rows), Some("1")) = (number("width"), number("height"), value("inline")) else {
            return self.faults.push(format!("not understood: {head}"));
        };
        match STANDARD.decode(data).map(|bytes| image::load_from_memory(&bytes).is_ok()) {
            Ok(true) => {}
            other => self.faults.push(format!("no picture: {other:?}")),
        }
        let (x, y) = self.cursor();
        self.paint_in_cells(columns, rows, hash(data.as_bytes()));
        if value("doNotMoveCursor") != Some("1") {
            self.screen.process(format!("\x1b[{};{}H", y + rows, x + columns + 1).as_bytes());
        }
    }

    fn paint_in_cells(&mut self, columns: u16, rows: u16, content: u64) {
        let (x, y) = self.cursor();
        if y + rows >= self.screen.screen().size().0 {
            self.faults.push(format!("{rows} rows at {y} touch the last one"));
        }
        let picture = OnScreen { x, y, columns, rows, content };
        let cells: HashSet<_> = picture.cells().collect();
        self.erase(|cell| cells.contains(&cell));
        self.in_cells.push((picture, cells));
    }

    fn kitty(&mut self, command: &str) {
        let Some((head, data)) = command.strip_prefix('G').map(|c| c.split_once(';').unwrap_or((c, ""))) else {
            return;
        };
        let value = |key: &str| head.split(',').find_map(|p| p.strip_prefix(key)?.strip_prefix('='));
        let number = |key: &str| value(key).and_then(|v| v.parse::<u32>().ok());
        if value("a") == Some("q") {
            return;
        }
        if value("q") != Some("2") {
            self.faults.push(format!("answers would come as keys: {head}"));
        }
        match (value("a"), number("i")) {
            (None, None) => match &mut self.sending {
                Some((_, all)) => *all += data,
                None => return self.faults.push("a piece of nothing".to_owned()),
            },
            (Some("t"), Some(id)) => self.sending = Some((id, data.to_owned())),
            (Some("p"), Some(id)) => return self.place(id, &number),
            (Some("d"), id) => return self.delete(value("d").unwrap_or("a"), id, number("p")),
            _ => return self.faults.push(format!("not understood: {head}")),
        }
        if data.len() > 4096 {
            self.faults.push(format!("a piece of {} bytes", data.len()));
        }
        if number("m") != Some(1) {
            self.received();
        }
    }

    fn received(&mut self) {
        let Some((id, data)) = self.sending.take() else { return };
        let decoded = STANDARD.decode(&data).ok().and_then(|png| image::load_from_memory(&png).ok());
        let Some(image) = decoded else { return self.faults.push(format!("{id} is no PNG")) };
        if self.held.contains_key(&id) {
            self.faults.push(format!("{id} is held already"));
        }
        let content = hash(data.as_bytes());
        self.sent.push(content);
        self.held.insert(id, Held { content, px: (image.width(), image.height()), virtually: None });
    }

    fn place(&mut self, id: u32, number: &dyn Fn(&str) -> Option<u32>) {
        let (x, y) = self.cursor();
        let Some(held) = self.held.get_mut(&id) else {
            return self.faults.push(format!("{id} is placed and not held"));
        };
        let asked = number("c").zip(number("r")).map(|(c, r)| (c as u16, r as u16));
        if number("U") == Some(1) {
            held.virtually = asked;
            return;
        }
        let (columns, rows) = asked.unwrap_or_else(|| in_cells(held.px));
        let picture = OnScreen { x, y, columns, rows, content: held.content };
        if number("C") != Some(1) {
            self.faults.push("the cursor moves".to_owned());
        }
        self.placements.insert((id, number("p").unwrap_or(0)), picture);
    }

    fn delete(&mut self, what: &str, id: Option<u32>, placement: Option<u32>) {
        match (what, id) {
            ("a" | "A", _) => self.placements.clear(),
            ("i" | "I", Some(id)) => {
                self.placements.retain(|&(i, p), _| i != id || placement.is_some_and(|only| only != p));
            }
            _ => self.faults.push(format!("not understood: d={what}")),
        }
        if what == "A" {
            self.held.retain(|_, held| held.virtually.is_some());
        } else if let ("I", Some(id)) = (what, id) {
            self.held.remove(&id);
        }
    }
}

const PLACEHOLDER: char = '\u{10eeee}';

fn in_cells(px: (u32, u32)) -> (u16, u16) {
    (px.0.div_ceil(CELL.0) as u16, px.1.div_ceil(CELL.1) as u16)
}

fn hash(data: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn text_and_erasing_take_pictures_in_cells_away_and_scrolling_is_a_fault() {
    let sixel = "\x1bPq\"1;1;20;36#0~\x1b\\";
    let mut account = Account::new(10, 40, false);
    account.feed(format!("\x1b[2;3H{sixel}").as_bytes());
    assert_eq!(account.pictures().len(), 1);
    assert!(account.wrong().is_empty(), "{:?}", account.wrong());
    account.feed(b"\x1b[2;3Hx");
    assert!(account.wrong().iter().any(|w| w.contains("3 cells are left")), "{:?}", account.wrong());
    account.feed(b"\x1b[2;3H  \x1b[3;3H  ");
    assert!(account.pictures().is_empty() && account.wrong().is_empty());
    account.feed(format!("\x1b[2;3H{sixel}\x1b[2J").as_bytes());
    assert!(account.pictures().is_empty());
    account.feed(format!("\x1b[9;1H{sixel}").as_bytes());
    assert!(account.wrong().iter().any(|w| w.contains("touch the last")));
}

#[test]
fn kitty_keeps_what_was_sent_until_it_is_deleted_or_the_screen_is_erased() {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(20, 40).write_to(&mut png, image::ImageFormat::Png).expect("encodes");
    let data = STANDARD.encode(png.into_inner());
    let mut account = Account::new(10, 40, false);
    let send = format!("\x1b_Ga=t,f=100,i=7,q=2,m=0;{data}\x1b\\");
    account.feed(format!("{send}\x1b[2;3H\x1b_Ga=p,i=7,p=1,C=1,q=2\x1b\\").as_bytes());
    assert_eq!(account.pictures().into_iter().next().map(|p| (p.x, p.y, p.columns, p.rows)), Some((2, 1, 2, 2)));
    account.feed(b"\x1b_Ga=d,d=i,i=7,p=1,q=2\x1b\\");
    assert!(account.pictures().is_empty() && account.holds() == 1);
    account.feed(b"\x1b[2J\x1b_Ga=p,i=7,p=1,C=1,q=2\x1b\\");
    assert!(account.wrong().iter().any(|w| w.contains("not held")), "{:?}", account.wrong());
    account.feed(format!("\x1b[?1049h{send}\x1b[?1049l").as_bytes());
    assert!(account.wrong().iter().any(|w| w.contains("left behind")));
}

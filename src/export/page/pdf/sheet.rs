//! Sheets of A4 as lists of things to draw, each with its place in the order of reading.
//!
//! Lengths are in pt, y grows downwards.

use std::{collections::BTreeSet, sync::Arc};

use super::font::{Fonts, Weight};

/// So many pt are a mm.
pub(super) const MM: f32 = 72.0 / 25.4;
/// Width and height of a sheet.
pub(super) const A4: (f32, f32) = (210.0 * MM, 297.0 * MM);
/// Left, right, top and bottom margins.
pub(super) const SIDE: f32 = 14.0 * MM;
pub(super) const TOP: f32 = 11.0 * MM;
pub(super) const BOTTOM: f32 = 10.0 * MM;
/// Width between the margins.
pub(super) const WIDE: f32 = A4.0 - 2.0 * SIDE;

/// A part of the document for those who do not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Section,
    Heading(u16, String),
    Paragraph,
    Caption,
    Table(String),
    HeadRow,
    Row,
    ColumnHead,
    RowHead,
    Cell,
    List,
    Item,
    Figure(String),
}

/// A thing on a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Thing {
    Text {
        text: String,
        size: f32,
        weight: Weight,
    },
    /// Filled in a grey from 0, black, to 255; `None`: only an outline.
    Rect {
        width: f32,
        height: f32,
        fill: Option<u8>,
        stroke: Option<(u8, f32)>,
    },
    /// A line to there, in a grey and of a width.
    Line {
        to: (f32, f32),
        grey: u8,
        width: f32,
    },
    Image {
        jpeg: Arc<Vec<u8>>,
        side: f32,
    },
}

/// A thing, where it is (of a text the left end of its baseline), and the part that it belongs to; `None`: it is an ornament.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub x: f32,
    pub y: f32,
    pub thing: Thing,
    pub part: Option<usize>,
}

/// A child of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    Part(usize),
    /// Sheet, and thing on it.
    Thing(usize, usize),
}

/// A part with its children in the order of reading.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub role: Role,
    pub children: Vec<Child>,
}

/// Sheets that are being filled from the top.
pub(super) struct Sheets<'a> {
    pub fonts: &'a Fonts,
    pub sheets: Vec<Vec<Placed>>,
    pub parts: Vec<Part>,
    /// The parts that are no children of another one.
    pub roots: Vec<usize>,
    /// Characters that the fonts lack.
    pub lacking: BTreeSet<char>,
    /// Where the next thing goes.
    pub y: f32,
    /// Side of the gallery's pictures.
    pub shot: f32,
    open: Vec<usize>,
}

impl<'a> Sheets<'a> {
    pub fn new(fonts: &'a Fonts, shot: f32) -> Self {
        Self {
            fonts,
            sheets: vec![Vec::new()],
            parts: Vec::new(),
            roots: Vec::new(),
            lacking: BTreeSet::new(),
            y: TOP,
            shot,
            open: Vec::new(),
        }
    }

    /// Goes to a new sheet unless so much room is left on this one.
    pub fn need(&mut self, height: f32) {
        if self.y + height > A4.1 - BOTTOM && !self.sheets.last().is_some_and(Vec::is_empty) {
            self.sheets.push(Vec::new());
            self.y = TOP;
        }
    }

    /// What `fill` places is a part of that role.
    pub fn part(&mut self, role: Role, fill: impl FnOnce(&mut Self)) {
        let id = self.parts.len();
        self.parts.push(Part { role, children: Vec::new() });
        match self.open.last() {
            Some(&parent) => self.parts[parent].children.push(Child::Part(id)),
            None => self.roots.push(id),
        }
        self.open.push(id);
        fill(self);
        self.open.pop();
    }

    fn place(&mut self, x: f32, y: f32, thing: Thing, ornament: bool) {
        let sheet = self.sheets.len() - 1;
        let part = self.open.last().copied().filter(|_| !ornament);
        if let Some(part) = part {
            self.parts[part].children.push(Child::Thing(sheet, self.sheets[sheet].len()));
        }
        self.sheets[sheet].push(Placed { x, y, thing, part });
    }

    /// A text with the left end of its baseline there.
    pub fn text(&mut self, x: f32, baseline: f32, text: &str, size: f32, weight: Weight) {
        let text = self.fonts.shown(text, &mut self.lacking);
        if !text.is_empty() {
            self.place(x, baseline, Thing::Text { text, size, weight }, false);
        }
    }

    /// A text that ends there.
    pub fn text_right(&mut self, right: f32, baseline: f32, text: &str, size: f32, weight: Weight) {
        let shown = self.fonts.shown(text, &mut BTreeSet::new());
        let width = self.fonts.width(&shown, size, weight);
        self.text(right - width, baseline, text, size, weight);
    }

    /// The lines of a text as it is shown.
    pub fn lines(&mut self, text: &str, size: f32, weight: Weight, room: f32) -> Vec<String> {
        let shown = self.fonts.shown(text, &mut self.lacking);
        self.fonts.wrap(&shown, size, weight, room)
    }

    /// Lines of text from the current place on, which moves below them.
    pub fn paragraph(&mut self, x: f32, room: f32, text: &str, size: f32, weight: Weight) {
        let step = 1.28 * size;
        let lines = self.lines(text, size, weight, room);
        let last = lines.len();
        for (i, line) in lines.into_iter().enumerate() {
            self.need(step);
            self.y += step;
            // Words at the end of a line are told apart by a space, also for those who copy it.
            let end = if i + 1 < last { " " } else { "" };
            self.text(x, self.y - 0.3 * size, &format!("{line}{end}"), size, weight);
        }
    }

    /// A line that is only an ornament.
    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32), grey: u8, width: f32) {
        self.place(from.0, from.1, Thing::Line { to, grey, width }, true);
    }

    /// A rectangle that is only an ornament.
    pub fn frame(&mut self, at: (f32, f32), size: (f32, f32), width: f32) {
        let thing = Thing::Rect { width: size.0, height: size.1, fill: None, stroke: Some((0, width)) };
        self.place(at.0, at.1, thing, true);
    }

    /// A thing that means something.
    pub fn thing(&mut self, x: f32, y: f32, thing: Thing) {
        self.place(x, y, thing, false);
    }

    /// A line a thing: sheet, place in mm, what it is, and the role of its part.
    pub fn describe(&self) -> String {
        let mut out = String::new();
        for (n, sheet) in self.sheets.iter().enumerate() {
            for placed in sheet {
                let role = match placed.part.map(|p| &self.parts[p].role) {
                    None => "-".to_owned(),
                    Some(role) => format!("{role:?}"),
                };
                let what = match &placed.thing {
                    Thing::Text { text, size, weight } => format!("{text:?} {size}pt {weight:?}"),
                    Thing::Rect { width, height, fill, .. } => {
                        format!("rect {:.1}x{:.1} {fill:?}", width / MM, height / MM)
                    }
                    Thing::Line { to, .. } => format!("line to {:.1},{:.1}", to.0 / MM, to.1 / MM),
                    Thing::Image { side, .. } => format!("image {:.1}", side / MM),
                };
                out.push_str(&format!("{} {:.1},{:.1} {what} [{role}]\n", n + 1, placed.x / MM, placed.y / MM));
            }
        }
        out
    }
}

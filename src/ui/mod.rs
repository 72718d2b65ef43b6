//! What the screen looks like: a pure function from state to cells.
//!
//! Knows ratatui and no terminal, no keymap and no file: names of keys come through [`KeyHints`], pixels through
//! [`Pictures`].

mod alike;
mod cases;
mod cell;
pub mod curves;
mod differential;
mod dispute;
mod enough;
mod export;
mod gallery;
mod header;
mod help;
mod layout;
mod overlay;
mod palette;
pub mod picture;
mod prompt;
mod ranking;
mod reading;
mod sign;
mod strip;
mod text;
mod theme;
mod thrift;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use image::RgbImage;
use ratatui::{Frame, buffer::Buffer, layout::Rect};

use crate::{
    app::{Command, Mode, Painted, Popup, Review, State},
    domain::{BlastNames, BlastSet, CellId, ClassId},
};

pub use layout::{MIN_COLUMNS, MIN_ROWS};
pub use picture::{ColourDepth, PictureMode, WantedPicture};
pub use theme::Theme;
pub use thrift::Thrift;

/// Names of keys, from the keymap in use.
pub trait KeyHints {
    /// The handiest key of a command.
    fn key(&self, mode: Mode, command: Command) -> Option<String>;
    /// Key and word for the commands that would do something now, the most needed first.
    fn footer(&self, mode: Mode, available: &dyn Fn(Command) -> bool) -> Vec<(String, String)>;
    /// Keys and sentence for every command of a mode.
    fn help(&self, mode: Mode) -> Vec<(String, String)>;
}

/// A picture that a frame would like to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureRequest {
    /// Of which cell.
    pub cell: CellId,
    /// Largest width and height in px; the picture keeps its own shape.
    pub size: (u32, u32),
    /// How much of each side of the frame is shown, around its middle, in percent.
    pub percent: u8,
    /// The class whose score is laid over it as a map of where it comes from; `None`: the plain picture.
    pub explain: Option<ClassId>,
    /// The bytes that it may cost; `None`: what it costs.
    pub thrift: Option<Thrift>,
}

impl PictureRequest {
    /// Tells what answers it apart from other pictures.
    pub fn id(&self) -> u64 {
        let mut id = DefaultHasher::new();
        self.hash(&mut id);
        id.finish()
    }
}

/// What has become of a [`PictureRequest`].
#[derive(Debug, Clone)]
pub enum Picture {
    /// Here it is.
    Ready(Arc<RgbImage>),
    /// Not yet.
    Waiting,
    /// Never: why not, and what to do.
    Failed(String),
}

/// Where pictures come from. Asking costs nothing; what is not there yet is in [`Drawn::wanted`].
pub trait Pictures {
    /// What has become of this one.
    fn picture(&self, request: PictureRequest) -> Picture;

    /// The same of a cell of the library, whose number stands in the request.
    fn library(&self, _: PictureRequest) -> Picture {
        Picture::Waiting
    }
}

/// Everything that a frame is made from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The state.
    pub state: &'a State,
    /// Names of keys.
    pub keys: &'a dyn KeyHints,
    /// Colours.
    pub theme: &'a Theme,
    /// Pictures.
    pub pictures: &'a dyn Pictures,
    /// How pictures are shown.
    pub mode: PictureMode,
}

impl View<'_> {
    /// What stands before a class that counts as a blast: in the open case, else by the class table.
    fn blast_sign(&self, class: ClassId) -> Option<char> {
        let counts = match &self.state.review {
            Some(review) => review.case.blasts.holds(class),
            None => self.state.table.get(class).blast,
        };
        counts.then_some(theme::BLAST_SIGN)
    }

    /// The classes that a share of blasts is of in the open case.
    fn blast_names(&self) -> BlastNames {
        let of_table = || BlastSet::of_table(&self.state.table).names(&self.state.table);
        self.state.review.as_ref().map_or_else(of_table, |review| review.case.blasts.names(&self.state.table))
    }
}

/// What a frame showed, and what it would have liked to show.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// What decisions may rest on once the frame has reached the terminal.
    pub painted: Painted,
    /// Pictures to be painted over the frame by a graphics protocol; nothing that was drawn lies over them.
    pub pictures: Vec<WantedPicture>,
    /// The picture of the cell under review, as asked for.
    pub main: Option<PictureRequest>,
    /// Pictures that were not there, the most wanted first.
    pub wanted: Vec<PictureRequest>,
    /// Pictures of the library that were not there.
    pub wanted_library: Vec<PictureRequest>,
    /// Pictures that the next frames will want.
    pub ahead: Vec<PictureRequest>,
    /// What has become of the map that the reviewer asked for.
    pub map: Option<MapState>,
}

/// What has become of a map of where a suggestion comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapState {
    /// It lies over the picture.
    Shown,
    /// It is being computed, and the plain picture is shown.
    Waiting,
    /// There is none, and why; the plain picture is shown.
    Failed(String),
}

/// Draws one frame.
pub fn draw(frame: &mut Frame<'_>, view: &View<'_>) -> Drawn {
    let area = frame.area();
    if area.width < MIN_COLUMNS || area.height < MIN_ROWS {
        header::too_small(frame.buffer_mut(), area, view.theme);
        return Drawn::default();
    }
    let mut drawn = Drawn::default();
    let screen = layout::screen(area);
    header::footer(frame.buffer_mut(), screen.footer, view);
    header::notice(frame.buffer_mut(), screen.notice, view);
    match &view.state.review {
        None => cases::draw(frame.buffer_mut(), &screen, view),
        Some(review) if review.beside.is_some() => {
            header::review(frame.buffer_mut(), screen.header, view, review);
            enough::row(frame.buffer_mut(), screen.flags, view, review);
            alike::draw(frame.buffer_mut(), screen.body, view, review, &mut drawn);
        }
        Some(review) if review.gallery.is_some() => {
            header::review(frame.buffer_mut(), screen.header, view, review);
            enough::row(frame.buffer_mut(), screen.flags, view, review);
            gallery::draw(frame.buffer_mut(), screen.body, view, review, &mut drawn);
        }
        Some(review) => match &review.disputes {
            Some(disputes) => dispute::draw(frame.buffer_mut(), &screen, view, review, disputes, &mut drawn),
            None => review_cell(frame.buffer_mut(), &screen, view, review, &mut drawn),
        },
    }
    popup(frame, &screen, view, &mut drawn);
    overlay::settle(frame.buffer_mut(), &mut drawn);
    drawn
}

/// One cell, what is known of it, and the differential.
fn review_cell(buf: &mut Buffer, screen: &layout::Screen, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    let places = layout::review(screen.body, review.zoom);
    header::review(buf, screen.header, view, review);
    enough::row(buf, screen.flags, view, review);
    ranking::draw(buf, places.ranking, view, review);
    if let Some(area) = places.differential {
        differential::draw(buf, area, view, review);
    }
    cell::picture(buf, places.picture, view, review, drawn);
    cell::info(buf, places.info, view, review, drawn.map.as_ref());
    strip::draw(buf, places.strip, view, review, drawn);
}

fn popup(frame: &mut Frame<'_>, screen: &layout::Screen, view: &View<'_>, drawn: &mut Drawn) {
    match &view.state.popup {
        None => {}
        Some(Popup::Help { scroll, .. }) => {
            // Nothing is decided on a cell that something lies over.
            drawn.painted.hide();
            drawn.painted.scroll = Some(help::draw(frame.buffer_mut(), screen.body, view, *scroll));
        }
        Some(Popup::History { scroll, lines }) => {
            drawn.painted.hide();
            drawn.painted.scroll = Some(help::history(frame.buffer_mut(), screen.body, view, *scroll, lines));
        }
        Some(Popup::Sign(summary)) => {
            drawn.painted.hide();
            drawn.painted.summary = sign::draw(frame.buffer_mut(), screen.above_notice(), view, *summary, None).shown;
        }
        Some(Popup::Prompt(open)) => {
            let cursor = prompt::draw(frame.buffer_mut(), screen, view, open, drawn);
            drawn.painted.prompt = cursor.is_some();
            if let Some(position) = cursor {
                frame.set_cursor_position(position);
            }
        }
    }
}

/// The picture of the cell under review as a frame of this size would ask for it; `None`: there is no place for one.
pub fn main_request((columns, rows): (u16, u16), state: &State, mode: PictureMode) -> Option<PictureRequest> {
    let fits = columns >= MIN_COLUMNS && rows >= MIN_ROWS;
    let shown =
        |r: &&Review| r.gallery.is_none() && r.beside.is_none() && r.disputes.as_ref().is_none_or(|d| d.is_open);
    let review = state.review.as_ref().filter(|r| fits && shown(r))?;
    let place = layout::review(layout::screen(Rect::new(0, 0, columns, rows)).body, review.zoom).picture;
    let size = mode.pixels(place.width, place.height)?;
    Some(PictureRequest {
        cell: review.current()?.id,
        size,
        percent: cell::percent(review, place),
        explain: None,
        thrift: None,
    })
}

/// The row `i` of an area; empty below its end.
fn row(area: Rect, i: u16) -> Rect {
    if i < area.height { Rect { y: area.y + i, height: 1, ..area } } else { Rect { height: 0, ..area } }
}

#[cfg(test)]
mod tests;

//! Pictures in their places: half-blocks in the frame, or the wish that a graphics protocol paints over it.
//!
//! Any view says which picture belongs into which rectangle ([`show`]), in any number. The cells below are marked; where
//! something is drawn over a mark afterwards (a popup), that picture is not wanted in this frame ([`settle`]). The bytes are
//! the business of [`crate::term`].

use std::sync::Arc;

use image::RgbImage;
use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use super::{Drawn, PictureMode, PictureRequest, Thrift, View, WantedPicture, picture::HalfBlock};

/// What stands in a cell below a picture while a frame is made: a noncharacter's neighbour that no text holds.
const MARK: &str = "\u{10fffd}";

/// Bytes for each character cell that a thumbnail, its label and the gaps beside it take: a screen of 200 columns and 60 rows
/// full of thumbnails stays below 1 MB.
const BYTES_A_CELL: u32 = 90;

/// Shows a picture in a rectangle. A row below must be free.
pub(super) fn show(
    buf: &mut Buffer,
    area: Rect,
    view: &View<'_>,
    request: PictureRequest,
    image: Arc<RgbImage>,
    drawn: &mut Drawn,
) {
    match view.mode {
        PictureMode::Overlay { .. } => {
            let area = area.intersection(buf.area);
            for position in area.positions() {
                buf[position].reset();
                buf[position].set_symbol(MARK);
            }
            let bytes = request.thrift.map(|t| t.bytes);
            drawn.pictures.push(WantedPicture { area, image, id: request.id(), bytes });
        }
        PictureMode::HalfBlock | PictureMode::Off => HalfBlock::new(&image, view.theme.depth).render(area, buf),
    }
}

/// The request for a thumbnail of so many columns and rows: a graphics protocol has more pixels there, and a price of its own.
pub(super) fn sized(view: &View<'_>, request: PictureRequest, (columns, rows): (u16, u16)) -> PictureRequest {
    match (view.mode, view.mode.pixels(columns, rows)) {
        (PictureMode::Overlay { .. }, Some(size)) => {
            let bytes = BYTES_A_CELL * (u32::from(columns) + 2) * (u32::from(rows) + 1);
            PictureRequest { size, thrift: Some(Thrift { bytes, depth: view.theme.depth }), ..request }
        }
        _ => request,
    }
}

/// Once everything is drawn: takes the marks away, and the wishes that something lies over.
pub(super) fn settle(buf: &mut Buffer, drawn: &mut Drawn) {
    if drawn.pictures.is_empty() {
        return;
    }
    drawn.pictures.retain(|wanted| wanted.area.positions().all(|p| buf[p].symbol() == MARK));
    for cell in buf.content.iter_mut().filter(|cell| cell.symbol() == MARK) {
        cell.reset();
    }
}

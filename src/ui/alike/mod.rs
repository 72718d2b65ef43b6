//! Beside the cell under review: its look-alikes in rows, one of them large, or another cell of the case.
//!
//! Of a look-alike only what the library says is shown, and nothing of the network's suggestion for the cell.

mod pair;
mod scale;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    Drawn, Picture, PictureMode, PictureRequest, Thrift, View,
    cell::{decision, message},
    overlay, row, text,
};
use crate::{
    app::{Beside, Panel, Review, Search, Spread},
    domain::{LookAlike, LookAlikes, printable},
};
use scale::{FIELD, Frame};

/// Bytes that the cell's own picture may cost as half-blocks.
const PICTURE_BYTES: u32 = 24_000;
/// Bytes that all pictures of look-alikes may cost together: with the cell's own below 64 KiB, as a page of the gallery.
const THUMBS_BYTES: u32 = 36_000;

pub(super) fn draw(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    match &review.beside {
        None => {}
        Some(Beside::Cell(place)) => pair::cells(buf, area, view, review, *place, drawn),
        Some(Beside::Alike(panel)) => match panel.found().and_then(|f| f.cells.get(panel.cursor)) {
            Some(chosen) if panel.large => pair::alike(buf, area, view, review, chosen, drawn),
            _ => look_alikes(buf, area, view, review, panel, drawn),
        },
    }
}

/// What a picture may cost, where it would cost more.
fn thrift(view: &View<'_>, bytes: u32, (columns, rows): (u16, u16)) -> Option<Thrift> {
    let depth = view.theme.depth;
    let larger = (f64::from(view.state.size.0) * f64::from(view.state.size.1) / (200.0 * 60.0)).max(1.0);
    let bytes = (f64::from(bytes) * larger) as u32;
    (bytes < Thrift::whole(depth, columns, rows)).then_some(Thrift { bytes, depth })
}

/// What a large picture of half-blocks may cost; a graphics protocol has no price here.
fn half_blocks(view: &View<'_>, bytes: u32, size: (u16, u16)) -> Option<Thrift> {
    thrift(view, bytes, size).filter(|_| view.mode == PictureMode::HalfBlock)
}

fn look_alikes(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, panel: &Panel, drawn: &mut Drawn) {
    let spread = Spread::of((area.width, area.height));
    let (width, height) = spread.picture;
    let place = Rect { width, height, ..area }.intersection(area);
    own_picture(buf, place, view, review, drawn);
    let under = Rect { y: place.bottom() + 1, width, ..area }.intersection(area);
    let x = area.x + spread.right();
    let right = Rect { x, width: area.right().saturating_sub(x), ..area };
    let found = match &panel.search {
        Search::Waiting(said) => return message(buf, right, said, view.theme.dim()),
        Search::Failed(why) => return message(buf, right, why, view.theme.warning()),
        Search::Found(found) if found.cells.is_empty() => {
            let said = "the library holds no cell of another patient yet: leukoscope library build";
            return message(buf, right, said, view.theme.dim());
        }
        Search::Found(found) => found,
    };
    let shown = found.cells.len().min(spread.shown());
    let chosen = panel.cursor.min(shown.saturating_sub(1));
    about(buf, under, view, review, found, &found.cells[chosen]);
    let summary = vec![Span::styled(found.summary(&view.state.table, shown), view.theme.title())];
    let drawings =
        if found.is_drawn() { vec![Span::styled(" PHANTOMS – drawn ", view.theme.phantom())] } else { vec![] };
    text::put_sides(buf, row(right, 0), summary, drawings);
    let bytes = (THUMBS_BYTES / spread.shown().max(1) as u32).saturating_sub(2 * 45);
    for (number, alike) in found.cells.iter().take(shown).enumerate() {
        let (x, y) = spread.place(number);
        let slot = Rect { x: right.x + x, y: right.y + 1 + y, width: spread.thumb.0, height: spread.thumb.1 + 2 };
        let slot = slot.intersection(right);
        let class = view.state.table.get(alike.class);
        let style = view.theme.class(class);
        let style = if number == chosen { style.patch(view.theme.selected()) } else { style };
        let said = text::pad(&format!("{} {:.2}", class.code, alike.similarity), usize::from(slot.width));
        text::put(buf, row(slot, 0), &Line::styled(said, style));
        let place = Rect { y: slot.y + 1, height: spread.thumb.1, ..slot }.intersection(right);
        if let Some(box_px) = view.mode.pixels(place.width, place.height) {
            let request = request_of(alike, box_px, thrift(view, bytes, spread.thumb));
            // The field fills the box of px, whatever it may cost.
            let thrift = overlay::sized(view, request, spread.thumb).thrift;
            show(buf, place, view, PictureRequest { thrift, ..request }, drawn);
        }
        let origin = text::fit(&printable(alike.short_origin()), usize::from(slot.width));
        text::put(buf, row(slot, spread.thumb.1 + 1), &Line::styled(origin, view.theme.dim()));
    }
}

/// The picture of a look-alike in a box of so many px, the usual field of it.
fn request_of(alike: &LookAlike, box_px: (u32, u32), thrift: Option<Thrift>) -> PictureRequest {
    let frame = Frame { size: alike.size, um_per_px: alike.um_per_px };
    let (percent, size) = frame.fit(box_px, Some(FIELD));
    PictureRequest { cell: alike.picture(), size, percent, explain: None, thrift }
}

/// A picture of the case or of the library, or what stands in its place.
fn show(buf: &mut Buffer, place: Rect, view: &View<'_>, request: PictureRequest, drawn: &mut Drawn) {
    let library = LookAlike::is_picture(request.cell);
    let picture = if library { view.pictures.library(request) } else { view.pictures.picture(request) };
    match picture {
        Picture::Ready(image) => overlay::show(buf, place, view, request, image, drawn),
        Picture::Waiting => {
            let wanted = if library { &mut drawn.wanted_library } else { &mut drawn.wanted };
            wanted.push(request);
            message(buf, place, "…", view.theme.dim());
        }
        Picture::Failed(why) => message(buf, place, &why, view.theme.warning()),
    }
}

/// The frame of a cell of the case.
fn frame_of(review: &Review, place: usize) -> Frame {
    let size = review.cells.get(place).map_or((1, 1), |c| (c.width, c.height));
    Frame { size, um_per_px: review.case.scale.um_per_px }
}

/// The cell under review, the same field as its look-alikes.
fn own_picture(buf: &mut Buffer, place: Rect, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    let Some(cell) = review.current() else { return };
    let Some(box_px) = view.mode.pixels(place.width, place.height) else {
        return message(buf, place, "pictures are off (--graphics off)", view.theme.dim());
    };
    let (percent, size) = frame_of(review, review.cursor).fit(box_px, Some(FIELD));
    let thrift = half_blocks(view, PICTURE_BYTES, (place.width, place.height));
    show(buf, place, view, PictureRequest { cell: cell.id, size, percent, explain: None, thrift }, drawn);
}

/// What is known of the cell, and of the chosen look-alike, under the cell's picture.
fn about(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, found: &LookAlikes, chosen: &LookAlike) {
    let columns = usize::from(area.width);
    let class = view.state.table.get(chosen.class);
    let mut lines = vec![
        decision(view, review, review.cursor, columns),
        Line::raw(""),
        Line::styled(text::fit_words(&format!("{} {}", class.code, class.name), columns), view.theme.class(class)),
    ];
    lines.extend(text::wrap(&printable(&chosen.origin()), columns).into_iter().map(Line::raw));
    let left = if found.left_out > 0 { format!(", {} left out", found.left_out) } else { String::new() };
    lines.extend(
        text::wrap(&format!("nearest of {}{left}", found.library), columns)
            .into_iter()
            .map(|l| Line::styled(l, view.theme.dim())),
    );
    for (i, line) in lines.iter().enumerate() {
        text::put(buf, row(area, i as u16), line);
    }
}

//! The gallery: thumbnails under titles, with what is suggested or decided of each.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    Drawn, PictureMode, PictureRequest, Thrift, View,
    cell::{CENTRE, painted, thumbnail},
    overlay, row, text,
};
use crate::{
    app::{Gallery, GridLine, Group, Review, Sight},
    domain::{Verdict, counted},
};

/// Bytes that a page of thumbnails may cost on a screen of 200 columns and 60 rows: with titles it stays below 64 KiB, half a
/// second at 1 Mbit/s.
const PAGE_BYTES: f64 = 62_000.0;
/// Bytes of a label: where it stands, its colour, its text.
const LABEL_BYTES: u32 = 45;

/// Cells after those on the screen whose thumbnails are made ready.
const AHEAD: usize = 2;

pub(super) fn draw(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    let Some(gallery) = &review.gallery else { return };
    if gallery.cells().is_empty() {
        text::put(buf, row(area, 0), &Line::styled("no cells", view.theme.dim()));
        return;
    }
    let grid = gallery.grid(area.width);
    let (width, height) = gallery.thumb();
    let mut shown = 0;
    for (y, line) in grid.window(gallery.top(), area.height) {
        match line {
            GridLine::Title(number) => text::put(buf, row(area, y), &title(view, review, gallery, *number, area.width)),
            GridLine::Thumbs(places) => {
                for (column, place) in places.clone().enumerate() {
                    let x = area.x + column as u16 * grid.step();
                    let slot = Rect { x, y: area.y + y, width, height: height + 1 }.intersection(area);
                    thumb(buf, slot, view, review, gallery.cells()[place], drawn);
                    shown = shown.max(place + 1);
                }
            }
        }
    }
    drawn.painted.cell = review.current().and_then(|c| drawn.painted.thumbs.iter().find(|t| t.cell == c.id).copied());
    let on_screen = drawn.painted.thumbs.len().max(1);
    let next = gallery.cells().iter().skip(shown).take(AHEAD * on_screen);
    drawn.ahead = next.filter_map(|&cell| request(view, review, gallery, cell)).collect();
}

fn request(view: &View<'_>, review: &Review, gallery: &Gallery, cell: usize) -> Option<PictureRequest> {
    let (width, height) = gallery.thumb();
    let half_blocks = || PictureRequest {
        cell: review.cells[cell].id,
        size: (u32::from(width), 2 * u32::from(height)),
        percent: CENTRE,
        explain: None,
        thrift: thrift(view, gallery),
    };
    (view.mode != PictureMode::Off).then(|| overlay::sized(view, half_blocks(), (width, height)))
}

/// What a thumbnail may cost so that a page of them comes quickly over a slow line; small screens can afford them whole.
fn thrift(view: &View<'_>, gallery: &Gallery) -> Option<Thrift> {
    let ((columns, rows), (width, height)) = (view.state.body(), gallery.thumb());
    let across = u32::from((columns / (width + 2)).max(1));
    let down = u32::from((rows / (height + 1)).max(1));
    // A larger screen is a faster line's, or its owner waits for it.
    let larger = (f64::from(columns) * f64::from(rows) / (198.0 * 55.0)).max(1.0);
    let bytes = ((PAGE_BYTES * larger) as u32 / (across * down)).saturating_sub(LABEL_BYTES);
    let depth = view.theme.depth;
    (bytes < Thrift::whole(depth, width, height)).then_some(Thrift { bytes, depth })
}

/// The group's class, how many cells it has, and how many of them are decided.
fn title<'a>(view: &View<'_>, review: &Review, gallery: &Gallery, number: usize, columns: u16) -> Line<'a> {
    let (theme, table) = (view.theme, &view.state.table);
    let (group, cells) = &gallery.groups()[number];
    let decided = cells.iter().filter(|&&cell| review.verdict(cell).is_some()).count();
    let (name, style) = match group {
        Group::Unlike => ("unlike the training data: choose a class for each".to_owned(), theme.warning()),
        Group::Unclassified => ("no suggestion yet".to_owned(), theme.dim()),
        Group::Excluded => ("excluded".to_owned(), theme.warning()),
        Group::Class(id) => {
            let class = table.get(*id);
            let sign = view.blast_sign(*id).map_or_else(String::new, |sign| format!("{sign} "));
            (format!("{sign}{} {}", class.code, class.name), theme.class(class))
        }
    };
    let all = counted(cells.len() as u64, "cell", "cells");
    let counts = match group {
        Group::Class(_) => format!("  {all}: {decided} decided, {} suggested", cells.len() - decided),
        _ => format!("  {all}"),
    };
    let selected = cells.iter().filter(|&&cell| gallery.is_selected(cell)).count();
    let selected = if selected > 0 { format!(", {selected} selected") } else { String::new() };
    let room = usize::from(columns).saturating_sub(counts.len() + selected.len());
    Line::from(vec![
        Span::styled(text::fit_words(&name, room), style),
        Span::raw(counts),
        Span::styled(selected, theme.good()),
    ])
}

/// A label, and the picture below it.
fn thumb(buf: &mut Buffer, slot: Rect, view: &View<'_>, review: &Review, cell: usize, drawn: &mut Drawn) {
    let Some(gallery) = &review.gallery else { return };
    let (said, style) = label(view, review, gallery, cell, usize::from(slot.width));
    let style = if cell == review.cursor { style.patch(view.theme.selected()) } else { style };
    text::put(buf, row(slot, 0), &Line::styled(said, style));
    let place = Rect { y: slot.y + 1, height: slot.height.saturating_sub(1), ..slot };
    let sight = match request(view, review, gallery, cell) {
        None => Some(Sight::Picture),
        Some(request) => thumbnail(buf, place, view, request, drawn),
    };
    drawn.painted.thumbs.extend(sight.map(|sight| painted(view, review, cell, review.cells[cell].id, sight)));
}

/// Whether it is selected, and what was decided (`=`), is suggested (with its probability), or guessed (`?`).
fn label(view: &View<'_>, review: &Review, gallery: &Gallery, cell: usize, columns: usize) -> (String, Style) {
    let (theme, table) = (view.theme, &view.state.table);
    let mark = if gallery.is_selected(cell) { '+' } else { ' ' };
    let top = review.ranking(cell).map(|r| r.top());
    let (said, style) = match (review.verdict(cell), top) {
        (Some(Verdict::Excluded), _) => ("excluded".to_owned(), theme.warning()),
        (Some(Verdict::Class(id)), top) => {
            let class = table.get(id);
            // What was changed is to be seen without colour.
            let changed = top.is_some_and(|(suggested, _)| suggested != id);
            (format!("={}{}", class.code, if changed { "*" } else { "" }), theme.class(class))
        }
        (None, Some((id, _))) if review.is_flagged(cell) => (format!("{}?", table.code(id)), theme.warning()),
        (None, Some((id, p))) => {
            let whole = format!("{:.0}", 100.0 * p);
            let said = if whole == "100" && p < 1.0 { ">99" } else { &whole };
            (format!("{} {said}%", table.code(id)), theme.dim())
        }
        (None, None) => ("·".to_owned(), theme.dim()),
    };
    let style = if mark == '+' { theme.good() } else { style };
    (text::pad(&format!("{mark}{said}"), columns), style)
}

//! The cells around the one under review: as thumbnails where there is room, else as marks in one row.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    Drawn, PictureMode, PictureRequest, View,
    cell::{CENTRE, thumbnail},
    layout::{Strip, THUMB_COLUMNS, THUMB_ROWS},
    text,
};
use crate::{app::Review, domain::Verdict};

/// Columns of a mark.
const MARK: usize = 5;

pub(super) fn draw(buf: &mut Buffer, strip: Strip, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    match strip {
        Strip::Hidden => {}
        Strip::Marks(area) => marks(buf, area, view, review),
        Strip::Thumbnails(area) => thumbnails(buf, area, view, review, drawn),
    }
}

/// The first of `n` cells in view: they stay while the cursor moves among them, and both neighbours are always among
/// them. What does not move costs no bytes.
fn first(cursor: usize, n: usize, all: usize) -> usize {
    let stride = n.saturating_sub(2).max(1);
    let first = cursor.saturating_sub(1) / stride * stride;
    first.min(all.saturating_sub(n))
}

/// The `n` cells in view, in the order that they are stepped through.
fn around(review: &Review, n: usize) -> &[usize] {
    let cells = review.sequence().cells();
    let from = first(review.place(), n, cells.len());
    &cells[from..cells.len().min(from + n)]
}

/// What has been decided of a cell, or that the network cannot say what it is, in four columns.
fn mark(view: &View<'_>, review: &Review, index: usize) -> (String, Style) {
    match review.verdict(index) {
        None if review.is_waiting(index) => ("…".to_owned(), view.theme.warning()),
        None if review.is_flagged(index) => ("?".to_owned(), view.theme.warning()),
        None => ("·".to_owned(), view.theme.dim()),
        Some(Verdict::Excluded) => ("x".to_owned(), view.theme.warning()),
        Some(Verdict::Class(id)) => {
            let class = view.state.table.get(id);
            let sign = view.blast_sign(id).map_or_else(String::new, String::from);
            (text::fit(&format!("{sign}{}", class.code), MARK - 1), view.theme.class(class))
        }
    }
}

fn marks(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review) {
    let n = usize::from(area.width) / MARK;
    let mut spans = Vec::new();
    for &index in around(review, n) {
        let (said, style) = mark(view, review, index);
        let style = if index == review.cursor { style.patch(view.theme.selected()) } else { style };
        spans.extend([Span::styled(format!("{said:^w$}", w = MARK - 1), style), Span::raw(" ")]);
    }
    text::put(buf, area, &Line::from(spans));
}

fn thumbnails(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    let slot = THUMB_COLUMNS + 2;
    let n = usize::from((area.width + 2) / slot);
    for (i, &index) in around(review, n).iter().enumerate() {
        let x = area.x + i as u16 * slot;
        let (said, style) = mark(view, review, index);
        let label = text::pad(&format!("{} {said}", index + 1), usize::from(THUMB_COLUMNS));
        let style = if index == review.cursor { style.patch(view.theme.selected()) } else { style };
        text::put(buf, Rect { x, width: THUMB_COLUMNS, height: 1, ..area }, &Line::styled(label, style));
        let place = Rect { x, y: area.y + 1, width: THUMB_COLUMNS, height: THUMB_ROWS }.intersection(area);
        if view.mode == PictureMode::Off {
            continue;
        }
        let size = (u32::from(place.width), 2 * u32::from(place.height));
        let request =
            PictureRequest { cell: review.cells[index].id, size, percent: CENTRE, explain: None, thrift: None };
        thumbnail(buf, place, view, request, drawn);
    }
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn both_neighbours_are_always_in_view() {
        for (n, all) in [(3, 10), (7, 500), (15, 16), (16, 12)] {
            for cursor in 0..all {
                let from = first(cursor, n, all);
                let view = from..all.min(from + n);
                assert!(view.contains(&cursor) && view.contains(&cursor.saturating_sub(1)), "{n} of {all} at {cursor}");
                assert!(view.contains(&(cursor + 1).min(all - 1)), "{n} of {all} at {cursor}");
            }
        }
        assert_eq!((2..=6).map(|c| first(c, 7, 500)).collect::<Vec<_>>(), [0, 0, 0, 0, 5]);
    }
}

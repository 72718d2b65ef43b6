//! Two cells large, side by side, at the same um to a column; what is known of each under it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    super::{
        Drawn, PictureRequest, View,
        cell::{decision, message, suggestion},
        row, text,
    },
    frame_of, half_blocks,
    scale::{Frame, common},
    show,
};
use crate::{
    app::{Review, Spread},
    domain::{CellId, LookAlike, printable},
};

/// Bytes that each of both pictures may cost as half-blocks.
const BYTES: u32 = 30_000;

/// One of both.
struct Side<'a> {
    cell: CellId,
    frame: Frame,
    lines: Vec<Line<'a>>,
}

/// The cell under review beside another one of its case.
pub(super) fn cells(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, other: usize, drawn: &mut Drawn) {
    let columns = usize::from(Spread::pair((area.width, area.height)).0);
    let side = |place: usize, what: &str| {
        let cell = review.cells.get(place)?;
        let lines = vec![
            Line::styled(format!("{}{what}", review.cell_name(place)), view.theme.title()),
            suggestion(view, review, place, columns),
            decision(view, review, place, columns),
        ];
        Some(Side { cell: cell.id, frame: frame_of(review, place), lines })
    };
    if let Some(sides) = side(review.cursor, "").zip(side(other, ", marked")) {
        draw(buf, area, view, [sides.0, sides.1], drawn);
    }
}

/// The cell under review beside one of its look-alikes.
pub(super) fn alike(
    buf: &mut Buffer,
    area: Rect,
    view: &View<'_>,
    review: &Review,
    chosen: &LookAlike,
    drawn: &mut Drawn,
) {
    let Some(cell) = review.current() else { return };
    let columns = usize::from(Spread::pair((area.width, area.height)).0);
    let own = vec![
        Line::styled(review.cell_name(review.cursor), view.theme.title()),
        decision(view, review, review.cursor, columns),
    ];
    let class = view.state.table.get(chosen.class);
    let likeness = format!("  {:.3}", chosen.similarity);
    let name = text::fit_words(&format!("{} {}", class.code, class.name), columns.saturating_sub(likeness.len()));
    let origin = text::fit_words(&printable(&chosen.origin()), columns);
    let origin_style =
        if chosen.source == crate::domain::LibrarySource::Drawn { view.theme.warning() } else { view.theme.text() };
    let other = vec![
        Line::from(vec![Span::styled(name, view.theme.class(class)), Span::raw(likeness)]),
        Line::styled(origin, origin_style),
    ];
    let frame = Frame { size: chosen.size, um_per_px: chosen.um_per_px };
    let sides = [
        Side { cell: cell.id, frame: frame_of(review, review.cursor), lines: own },
        Side { cell: chosen.picture(), frame, lines: other },
    ];
    draw(buf, area, view, sides, drawn);
}

fn draw(buf: &mut Buffer, area: Rect, view: &View<'_>, sides: [Side<'_>; 2], drawn: &mut Drawn) {
    let (width, height) = Spread::pair((area.width, area.height));
    let field = common(sides[0].frame, sides[1].frame);
    for (i, side) in sides.iter().enumerate() {
        let place = Rect { x: area.x + i as u16 * (width + 2), width, height, ..area }.intersection(area);
        let under = Rect { y: place.bottom() + 1, width, ..area };
        let under = Rect { x: place.x, ..under }.intersection(area);
        for (n, line) in side.lines.iter().enumerate() {
            text::put(buf, row(under, n as u16), line);
        }
        let Some(box_px) = view.mode.pixels(width, height) else {
            message(buf, place, "pictures are off (--graphics off)", view.theme.dim());
            continue;
        };
        let (percent, size) = side.frame.fit(box_px, field);
        let thrift = half_blocks(view, BYTES, (width, height));
        show(buf, place, view, PictureRequest { cell: side.cell, size, percent, explain: None, thrift }, drawn);
    }
    let scale = match field {
        Some(field) => format!("both {field:.1} um wide"),
        None => "not at the same scale: that of one is unknown".to_owned(),
    };
    let last = sides.iter().map(|s| s.lines.len()).max().unwrap_or(0).max(2) as u16;
    let under = Rect { y: area.y + height + 1, height: area.height.saturating_sub(height + 1), ..area };
    if last < under.height || sides[0].lines.len() < 3 {
        let at = Rect { width, ..row(under, last.min(under.height.saturating_sub(1))) };
        text::put(buf, at, &Line::styled(text::fit(&scale, usize::from(width)), view.theme.dim()));
    }
}

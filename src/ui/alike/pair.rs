//! Two cells large, side by side, at the same um to a column; what is known of each under it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use image::{Rgb, RgbImage, imageops};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    super::{
        Drawn, Picture, PictureMode, PictureRequest, View, WantedPicture,
        cell::{decision, message, mode, overlay, suggestion},
        row, text,
    },
    frame_of, half_block,
    scale::{Frame, common},
    thrift,
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
    library: bool,
    frame: Frame,
    lines: Vec<Line<'a>>,
}

/// The cell under review beside another one of its case.
pub(super) fn cells(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, other: usize, drawn: &mut Drawn) {
    let columns = usize::from(Spread::pair((area.width, area.height)).0);
    let side = |place: usize, what: &str| {
        let cell = review.cells.get(place)?;
        let lines = vec![
            Line::styled(format!("cell {}{what}", place + 1), view.theme.title()),
            suggestion(view, review, place, columns),
            decision(view, review, place, columns),
        ];
        Some(Side { cell: cell.id, library: false, frame: frame_of(review, place), lines })
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
        Line::styled(format!("cell {}", review.cursor + 1), view.theme.title()),
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
        Side { cell: cell.id, library: false, frame: frame_of(review, review.cursor), lines: own },
        Side { cell: CellId(chosen.id.0), library: true, frame, lines: other },
    ];
    draw(buf, area, view, sides, drawn);
}

fn draw(buf: &mut Buffer, area: Rect, view: &View<'_>, sides: [Side<'_>; 2], drawn: &mut Drawn) {
    let (width, height) = Spread::pair((area.width, area.height));
    let field = common(sides[0].frame, sides[1].frame);
    let mode = mode(view.state, view.mode);
    let mut ready = Vec::new();
    for (i, side) in sides.iter().enumerate() {
        let place = Rect { x: area.x + i as u16 * (width + 2), width, height, ..area }.intersection(area);
        let under = Rect { y: place.bottom() + 1, width, ..area };
        let under = Rect { x: place.x, ..under }.intersection(area);
        for (n, line) in side.lines.iter().enumerate() {
            text::put(buf, row(under, n as u16), line);
        }
        let Some(box_px) = mode.pixels(width, height) else {
            message(buf, place, "pictures are off (--graphics off)", view.theme.dim());
            continue;
        };
        let (percent, size) = side.frame.fit(box_px, field);
        let thrift = thrift(view, BYTES, (width, height)).filter(|_| mode == PictureMode::HalfBlock);
        let request = PictureRequest { cell: side.cell, size, percent, explain: None, thrift };
        let (picture, wanted) = if side.library {
            (view.pictures.library(request), &mut drawn.wanted_library)
        } else {
            (view.pictures.picture(request), &mut drawn.wanted)
        };
        match picture {
            Picture::Ready(image) if mode != PictureMode::HalfBlock => {
                ready.push((place, image, request, side.library))
            }
            picture => half_block(buf, place, view, picture, request, wanted),
        }
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
    drawn.overlay = match (&ready[..], mode) {
        ([(left, a, first, _), (_, b, second, library)], PictureMode::Overlay { cell_px }) => {
            // There is one overlay: both pictures are painted as one.
            let area = Rect { width: 2 * width + 2, height, ..*left };
            let size = mode.pixels(area.width, height).unwrap_or((1, 1));
            let box_px = mode.pixels(width, height).unwrap_or((1, 1));
            let second_x = u32::from(width + 2) * u32::from(cell_px.0);
            let image = Arc::new(joined(size, box_px, [(0, a), (second_x, b)], view.theme.dark));
            let mut id = DefaultHasher::new();
            (first, second, library).hash(&mut id);
            Some(WantedPicture { area, image, id: id.finish() })
        }
        ([(place, image, request, _)], _) => Some(overlay(*place, image.clone(), request)),
        _ => None,
    };
}

/// Two pictures in the middle of their boxes, from these columns of px on, on the colour of the ground.
fn joined(size: (u32, u32), box_px: (u32, u32), pictures: [(u32, &Arc<RgbImage>); 2], dark: bool) -> RgbImage {
    let ground = if dark { Rgb([0; 3]) } else { Rgb([255; 3]) };
    let mut out = RgbImage::from_pixel(size.0, size.1, ground);
    for (x, picture) in pictures {
        let x = x + box_px.0.saturating_sub(picture.width()) / 2;
        let y = box_px.1.saturating_sub(picture.height()) / 2;
        imageops::replace(&mut out, &**picture, i64::from(x), i64::from(y));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pictures_become_one_with_a_gap() {
        let picture = |v: u8, w: u32| Arc::new(RgbImage::from_pixel(w, 4, Rgb([v; 3])));
        let (a, b) = (picture(100, 4), picture(200, 2));
        let one = joined((10, 4), (4, 4), [(0, &a), (6, &b)], true);
        let row: Vec<u8> = (0..10).map(|x| one.get_pixel(x, 1).0[0]).collect();
        assert_eq!(row, [100, 100, 100, 100, 0, 0, 0, 200, 200, 0]);
    }
}

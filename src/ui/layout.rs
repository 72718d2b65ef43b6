//! Where things go: from a screen's size to rectangles that do not overlap.

use ratatui::layout::Rect;

use crate::app::MARGINS;

/// Fewest columns that everything fits in.
pub const MIN_COLUMNS: u16 = 80;
/// Fewest rows that everything fits in.
pub const MIN_ROWS: u16 = 24;

/// Width of a thumbnail; it is half as many rows high, which makes it square.
pub(super) const THUMB_COLUMNS: u16 = 12;
/// Height of a thumbnail.
pub(super) const THUMB_ROWS: u16 = 6;
/// Largest picture: more columns show no more of a cell and cost bytes.
const MAX_PICTURE: u16 = 100;
/// Columns between two panels.
const GAP: u16 = 2;

/// The parts that every screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Screen {
    /// Two rows.
    pub header: Rect,
    /// One row of what stands out.
    pub flags: Rect,
    /// Everything between.
    pub body: Rect,
    /// One row of news.
    pub notice: Rect,
    /// One row of keys.
    pub footer: Rect,
}

/// The parts of the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Review {
    /// Square to the eye; the row below it is free.
    pub picture: Rect,
    /// What is known of the cell.
    pub info: Rect,
    pub ranking: Rect,
    /// `None`: zoomed.
    pub differential: Option<Rect>,
    pub strip: Strip,
}

/// The cells around the one under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strip {
    /// Their marks in one row.
    Marks(Rect),
    /// Thumbnails below a row of marks; the last row is free.
    Thumbnails(Rect),
    /// Zoomed.
    Hidden,
}

impl Screen {
    /// Header and body: a summary with all classes needs both at 24 rows.
    pub fn above_notice(&self) -> Rect {
        Rect { y: self.header.y, height: self.body.bottom().saturating_sub(self.header.y), ..self.body }
    }
}

pub(super) fn screen(area: Rect) -> Screen {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(MARGINS.0), ..area };
    let at = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    let h = area.height;
    Screen {
        header: at(0, 2),
        flags: at(2, 1),
        body: at(3, h.saturating_sub(MARGINS.1)),
        notice: at(h.saturating_sub(2), 1),
        footer: at(h.saturating_sub(1), 1),
    }
}

pub(super) fn review(body: Rect, zoom: u8) -> Review {
    if zoom > 0 { zoomed(body) } else { whole(body) }
}

fn whole(body: Rect) -> Review {
    // Thumbnails where they leave the picture at least twice their own size.
    let thumbnails = body.width >= 110 && body.height >= 30;
    let strip_rows = if thumbnails { THUMB_ROWS + 2 } else { 1 };
    let upper = Rect { height: body.height.saturating_sub(strip_rows), ..body };
    let below = Rect { y: upper.bottom(), height: strip_rows.min(body.height), ..body };
    let strip = if thumbnails { Strip::Thumbnails(below) } else { Strip::Marks(below) };
    let info_rows = if thumbnails { 5 } else { 7 };
    let ranking_least = if body.width >= 160 { 44 } else { 26 };
    let counts = match body.width {
        0..=109 => 28,
        110..=159 => 30,
        _ => 54,
    };
    let most = body.width.saturating_sub(ranking_least + counts + 2 * GAP);
    let picture = square(upper, most, upper.height.saturating_sub(1 + info_rows));
    let info = Rect {
        y: picture.bottom() + 1,
        height: upper.bottom().saturating_sub(picture.bottom() + 1),
        width: picture.width,
        ..upper
    };
    let left = picture.right() + GAP;
    let right = body.right().saturating_sub(counts);
    let ranking = Rect { x: left, width: right.saturating_sub(left + GAP), ..upper };
    let differential = Rect { x: right, width: counts, ..upper };
    Review { picture, info, ranking, differential: Some(differential), strip }
}

fn zoomed(body: Rect) -> Review {
    let picture = square(body, body.width.saturating_sub(30 + GAP), body.height.saturating_sub(1));
    let left = picture.right() + GAP;
    let side = Rect { x: left, width: body.right().saturating_sub(left), ..body };
    let info = Rect { height: side.height.min(5), ..side };
    let ranking = Rect { y: info.bottom(), height: side.height - info.height, ..side };
    Review { picture, info, ranking, differential: None, strip: Strip::Hidden }
}

/// The largest rectangle at the upper left of `area` that is square to the eye: twice as many columns as rows.
fn square(area: Rect, columns: u16, rows: u16) -> Rect {
    let rows = rows.min(columns / 2).min(MAX_PICTURE / 2);
    Rect { width: 2 * rows, height: rows, ..area }
}

/// A popup of this size in the middle of `area`, or as large as that allows.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_do_not_overlap_and_a_row_is_free_under_every_picture() {
        for (w, h) in (MIN_COLUMNS..=260).step_by(3).flat_map(|w| (MIN_ROWS..=90).step_by(2).map(move |h| (w, h))) {
            let screen = screen(Rect::new(0, 0, w, h));
            for zoom in 0..2 {
                let r = review(screen.body, zoom);
                let strip = match r.strip {
                    Strip::Marks(area) | Strip::Thumbnails(area) => area,
                    Strip::Hidden => Rect::ZERO,
                };
                let under = Rect { y: r.picture.bottom(), height: 1, ..r.picture };
                let parts = [
                    r.picture,
                    under,
                    r.info,
                    r.ranking,
                    r.differential.unwrap_or_default(),
                    strip,
                    screen.header,
                    screen.flags,
                    screen.notice,
                    screen.footer,
                ];
                for (i, a) in parts.iter().enumerate() {
                    assert!(a.is_empty() || a.right() < w && a.bottom() <= h, "{w}x{h}: {a}");
                    for b in &parts[i + 1..] {
                        assert!(!a.intersects(*b) || a.is_empty() || b.is_empty(), "{w}x{h} zoom {zoom}: {a} and {b}");
                    }
                }
                assert_eq!(r.picture.width, 2 * r.picture.height);
                assert!(r.picture.width >= 20 && r.ranking.width >= 26, "{w}x{h}: {r:?}");
            }
        }
    }

    #[test]
    fn pictures_grow_with_the_screen() {
        let picture = |w, h, zoom| review(screen(Rect::new(0, 0, w, h)).body, zoom).picture;
        assert_eq!((picture(80, 24, 0).width, picture(80, 24, 0).height), (20, 10));
        assert!(picture(80, 24, 1).width >= 34);
        assert!(picture(120, 40, 0).width >= 40);
        assert!(picture(200, 60, 0).width >= 80);
    }
}

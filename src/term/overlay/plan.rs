//! Where a picture goes and how large it is there.

use std::{borrow::Cow, io::Write as _};

use image::{RgbImage, imageops};
use ratatui::layout::Rect;

/// A picture's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    /// The cells that it covers.
    pub cells: Rect,
    /// Its size in px.
    pub px: (u32, u32),
}

/// The picture, shrunk to fit into the area if need be, and centred there; `None`: there is nothing to paint.
pub(super) fn place(image: &RgbImage, area: Rect, cell_px: (u16, u16)) -> Option<(Cow<'_, RgbImage>, Placed)> {
    let (cell_w, cell_h) = (u32::from(cell_px.0.max(1)), u32::from(cell_px.1.max(1)));
    let room = (u32::from(area.width) * cell_w, u32::from(area.height) * cell_h);
    let (width, height) = image.dimensions();
    if width == 0 || height == 0 || room.0 == 0 || room.1 == 0 {
        return None;
    }
    let shrink = (f64::from(room.0) / f64::from(width)).min(f64::from(room.1) / f64::from(height)).min(1.0);
    let side = |px: u32, room: u32| ((f64::from(px) * shrink).round() as u32).clamp(1, room);
    let px = (side(width, room.0), side(height, room.1));
    let image = if px == (width, height) { Cow::Borrowed(image) } else { Cow::Owned(imageops::thumbnail(image, px.0, px.1)) };
    // No more cells than the area has, so they fit u16.
    let (columns, rows) = (px.0.div_ceil(cell_w) as u16, px.1.div_ceil(cell_h) as u16);
    let cells = Rect::new(area.x + (area.width - columns) / 2, area.y + (area.height - rows) / 2, columns, rows);
    Some((image, Placed { cells, px }))
}

/// The bytes that blank an area.
pub(super) fn blanks(area: Rect) -> Vec<u8> {
    let mut bytes = b"\x1b[0m".to_vec();
    let line = " ".repeat(usize::from(area.width));
    for y in area.top()..area.bottom() {
        // Cannot fail: a Vec takes everything.
        let _ = write!(bytes, "\x1b[{};{}H{line}", y + 1, area.x + 1);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fits_its_area_keeps_its_shape_and_is_centred() {
        let area = Rect::new(5, 2, 20, 10);
        let frame = RgbImage::new(360, 363);
        let (image, placed) = place(&frame, area, (10, 20)).expect("there is room");
        assert_eq!(image.dimensions(), (198, 200));
        assert_eq!(placed.cells, Rect::new(5, 2, 20, 10));
        let (_, small) = place(&RgbImage::new(50, 50), area, (10, 20)).map(|(i, p)| (i.dimensions(), p)).expect("there is room");
        assert_eq!((small.px, small.cells), ((50, 50), Rect::new(12, 5, 5, 3)));
        assert!(place(&RgbImage::new(0, 5), area, (10, 20)).is_none());
        assert!(place(&frame, Rect::new(0, 0, 0, 3), (10, 20)).is_none());
    }

    proptest::proptest! {
        #[test]
        fn it_never_leaves_the_area(w in 1_u32..900, h in 1_u32..900, columns in 1_u16..120, rows in 1_u16..60, cw in 1_u16..30, ch in 1_u16..50) {
            let area = Rect::new(3, 4, columns, rows);
            let (_, placed) = place(&RgbImage::new(w, h), area, (cw, ch)).map(|(i, p)| (i.dimensions(), p)).expect("there is room");
            proptest::prop_assert_eq!(placed.cells.intersection(area), placed.cells);
            proptest::prop_assert!(placed.px.0 <= u32::from(columns) * u32::from(cw));
        }
    }
}

//! Where pictures lie beside each other, in columns and rows of the screen.

use super::super::THUMBS;

/// Free columns between two pictures.
const GAP: u16 = 2;
/// Rows of a look-alike beside its picture: class and likeness above, where it comes from below.
const TEXT: u16 = 2;
/// Rows under the cell's own picture that say what is known of it, after one that is free.
const INFO: u16 = 7;

/// The cell at the left, look-alikes in rows at the right, under a line that sums them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Columns and rows of the cell's picture: square to the eye.
    pub picture: (u16, u16),
    /// Columns and rows of a look-alike's picture.
    pub thumb: (u16, u16),
    /// Look-alikes in a row.
    pub across: usize,
    /// Rows of look-alikes.
    pub down: usize,
}

impl Spread {
    /// On a screen with so many columns and rows between header and notice.
    pub fn of((columns, rows): (u16, u16)) -> Self {
        let thumb = if columns >= 150 && rows >= 40 { THUMBS[2] } else { THUMBS[1] };
        let height = (columns * 3 / 20).clamp(10, 30).min(rows.saturating_sub(INFO + 1)).max(1);
        let picture = (2 * height, height);
        let right = columns.saturating_sub(picture.0 + GAP);
        let across = usize::from((right + GAP) / (thumb.0 + GAP)).max(1);
        let down = usize::from(rows.saturating_sub(1) / (thumb.1 + TEXT)).max(1);
        Self { picture, thumb, across, down }
    }

    /// Columns and rows of each of two pictures that are shown large, side by side.
    pub fn pair((columns, rows): (u16, u16)) -> (u16, u16) {
        // Three rows of text under each, after one that is free.
        let height = (columns.saturating_sub(GAP) / 4).min(rows.saturating_sub(4)).clamp(1, 50);
        (2 * height, height)
    }

    /// Look-alikes that fit.
    pub fn shown(&self) -> usize {
        self.across * self.down
    }

    /// Where a look-alike begins, in columns and rows from the start of the first one.
    pub fn place(&self, number: usize) -> (u16, u16) {
        let (row, column) = (number / self.across, number % self.across);
        (column as u16 * (self.thumb.0 + GAP), row as u16 * (self.thumb.1 + TEXT))
    }

    /// The first column right of the cell's own picture.
    pub fn right(&self) -> u16 {
        self.picture.0 + GAP
    }

    /// The look-alike a row further down or up among `n`, as far as there is one.
    pub(super) fn below(&self, at: usize, n: usize, down: bool) -> usize {
        let to = if down { at + self.across } else { at.wrapping_sub(self.across) };
        if to < n { to } else { at }
    }
}

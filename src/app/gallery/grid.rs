//! Where thumbnails lie: lines of titles and of thumbnails, in columns and rows of the screen.

use std::ops::Range;

use super::Group;

/// Sizes of a thumbnail in columns and rows; square to the eye.
pub const THUMBS: [(u16, u16); 3] = [(8, 4), (12, 6), (20, 10)];

/// Free columns between two thumbnails.
const GAP: u16 = 2;

/// One line of a gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GridLine {
    /// The title of a group, one row high.
    Title(usize),
    /// Thumbnails below their labels, as places in the gallery; one row higher than a thumbnail.
    Thumbs(Range<usize>),
}

/// All lines of a gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    lines: Vec<GridLine>,
    /// Thumbnails in a row.
    across: usize,
    thumb: (u16, u16),
}

impl Grid {
    pub(super) fn new(groups: &[(Group, Vec<usize>)], size: usize, columns: u16) -> Self {
        let thumb = THUMBS[size];
        let across = usize::from((columns + GAP) / (thumb.0 + GAP)).max(1);
        let (mut lines, mut at) = (Vec::new(), 0);
        for (number, (_, cells)) in groups.iter().enumerate() {
            lines.push(GridLine::Title(number));
            let end = at + cells.len();
            while at < end {
                let next = (at + across).min(end);
                lines.push(GridLine::Thumbs(at..next));
                at = next;
            }
        }
        Self { lines, across, thumb }
    }

    /// Columns from one thumbnail to the next.
    pub fn step(&self) -> u16 {
        self.thumb.0 + GAP
    }

    fn height(&self, line: &GridLine) -> u16 {
        match line {
            GridLine::Title(_) => 1,
            GridLine::Thumbs(_) => self.thumb.1 + 1,
        }
    }

    /// The lines that a window of `rows` rows shows whole from line `top` on, each with the row that it begins in. At least
    /// one row of thumbnails, however low the window is.
    pub fn window(&self, top: usize, rows: u16) -> Vec<(u16, &GridLine)> {
        let (mut y, mut shown) = (0, Vec::<(u16, &GridLine)>::new());
        for line in self.lines.iter().skip(top) {
            if y + self.height(line) > rows && shown.iter().any(|(_, l)| thumbs(l).is_some()) {
                break;
            }
            shown.push((y, line));
            y += self.height(line);
        }
        // A title alone at the foot says nothing of what is below it.
        if shown.len() > 1
            && matches!(shown.last(), Some((_, GridLine::Title(_))))
            && top + shown.len() < self.lines.len()
        {
            shown.pop();
        }
        shown
    }

    /// The line that holds a place.
    fn line_of(&self, place: usize) -> usize {
        self.lines.iter().position(|l| matches!(l, GridLine::Thumbs(r) if r.contains(&place))).unwrap_or(0)
    }

    /// The line to begin with so that a place is shown: `top` as long as it shows it, else a screenful on or back.
    pub(super) fn top_for(&self, place: usize, top: usize, rows: u16) -> usize {
        let line = self.line_of(place);
        let shows = |top: usize| line >= top && line < top + self.window(top, rows).len();
        if shows(top) && top < self.lines.len() {
            return top;
        }
        // With its title, where that is just above.
        let with_title = line - usize::from(line > 0 && matches!(self.lines[line - 1], GridLine::Title(_)));
        if line >= top {
            return with_title;
        }
        // Back: as far as the place is still on the screen, so that it is read upwards.
        let mut first = with_title;
        while first > 0 && shows(first - 1) {
            first -= 1;
        }
        if shows(first) { first } else { with_title }
    }

    /// The place one row of thumbnails further down or up, in the same column as far as there is one.
    pub(super) fn below(&self, place: usize, down: bool) -> usize {
        let rows: Vec<&Range<usize>> = self.lines.iter().filter_map(thumbs).collect();
        let Some(here) = rows.iter().position(|r| r.contains(&place)) else { return place };
        let next = if down { here + 1 } else { here.wrapping_sub(1) };
        let column = place - rows[here].start;
        rows.get(next).map_or(place, |r| (r.start + column).min(r.end - 1))
    }

    /// The place a screenful further: in the first row that the window no longer shows, or in the last before it.
    pub(super) fn page(&self, place: usize, top: usize, rows: u16, down: bool) -> usize {
        let column =
            (place - self.lines.get(self.line_of(place)).and_then(thumbs).map_or(place, |r| r.start)).min(self.across);
        let shown = self.window(top, rows).len();
        let beyond = if down {
            self.lines.iter().skip(top + shown).find_map(thumbs)
        } else {
            self.lines[..top.min(self.lines.len())].iter().rev().find_map(thumbs)
        };
        let end = if down { self.lines.iter().rev().find_map(thumbs) } else { self.lines.iter().find_map(thumbs) };
        beyond.or(end).map_or(place, |r| (r.start + column).min(r.end - 1))
    }
}

fn thumbs(line: &GridLine) -> Option<&Range<usize>> {
    match line {
        GridLine::Thumbs(range) => Some(range),
        GridLine::Title(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of 5, 1 and 7 cells, three thumbnails in a row of 34 columns.
    fn grid() -> Grid {
        let groups = [(Group::Unlike, vec![0; 5]), (Group::Unclassified, vec![0; 1]), (Group::Excluded, vec![0; 7])];
        Grid::new(&groups, 1, 40)
    }

    #[test]
    fn cells_lie_in_rows_under_the_title_of_their_group() {
        let grid = grid();
        use GridLine::{Thumbs, Title};
        assert_eq!(
            grid.lines,
            [
                Title(0),
                Thumbs(0..3),
                Thumbs(3..5),
                Title(1),
                Thumbs(5..6),
                Title(2),
                Thumbs(6..9),
                Thumbs(9..12),
                Thumbs(12..13)
            ]
        );
        let rows: Vec<u16> = grid.window(0, 30).iter().map(|w| w.0).collect();
        assert_eq!(rows, [0, 1, 8, 15, 16], "the title of the third group is not shown without a row below it");
        assert_eq!(grid.window(1, 3).len(), 1, "a row is shown even where it does not fit");
    }

    #[test]
    fn moving_keeps_the_column_and_the_screen_follows_a_screenful_at_a_time() {
        let grid = grid();
        assert_eq!((grid.below(1, true), grid.below(4, true), grid.below(5, true)), (4, 5, 6));
        assert_eq!((grid.below(0, false), grid.below(4, false), grid.below(12, true)), (0, 1, 12));
        for rows in [7, 8, 16, 30, 60] {
            let mut top = 0;
            for place in (0..13).chain((0..13).rev()) {
                top = grid.top_for(place, top, rows);
                let shown = grid.window(top, rows);
                let on = shown.iter().any(|(_, l)| matches!(l, GridLine::Thumbs(r) if r.contains(&place)));
                assert!(on, "{place} of a window of {rows} rows from line {top}");
            }
        }
        assert_eq!(grid.page(1, 0, 16, true), 5, "the first row that was not on the screen");
        assert_eq!(grid.page(12, 6, 16, false), 5);
        assert_eq!((grid.page(12, 8, 16, true), grid.page(0, 0, 16, false)), (12, 0));
        assert_eq!(Grid::new(&[], 0, 80).page(0, 0, 20, true), 0);
    }
}

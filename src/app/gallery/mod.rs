//! The gallery: the cells of a review as thumbnails, grouped by class; which of them are selected, and which have been
//! seen. Where they lie on the screen is in [`grid`], what keys do in [`keys`].

mod grid;
mod keys;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::{CellId, ClassId, Verdict};

use super::{PaintedCell, Review};

pub use grid::{Grid, GridLine, THUMBS};
pub(super) use keys::{command, decided, follow};

/// What the cells of a group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Unlike the network's training data, and undecided: nothing is suggested.
    Unlike,
    /// The network has not said anything yet.
    Unclassified,
    /// Decided to be of this class, or else suggested to be.
    Class(ClassId),
    /// Out of every count.
    Excluded,
}

/// The thumbnails of a review.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gallery {
    size: usize,
    groups: Vec<(Group, Vec<usize>)>,
    /// Places of cells in the case's list, group after group.
    cells: Vec<usize>,
    /// For each cell of the case its place in `cells`.
    stands: HashMap<usize, usize>,
    selected: BTreeSet<usize>,
    /// The place in `cells` from which a range is being extended.
    anchor: Option<usize>,
    /// First line on the screen.
    top: usize,
    /// Every cell that a frame of this gallery showed, as it did last.
    seen: HashMap<CellId, PaintedCell>,
    /// Those that the last frame showed.
    visible: BTreeSet<CellId>,
}

impl Gallery {
    /// The gallery of a review, with thumbnails of middle size.
    pub(super) fn of(review: &Review) -> Self {
        let mut gallery = Self { size: 1, ..Self::default() };
        gallery.regroup(review);
        gallery
    }

    /// Sorts the cells into their groups as things stand; those of a group keep the order of the review.
    pub(super) fn regroup(&mut self, review: &Review) {
        let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
        for &cell in review.sequence().cells() {
            groups.entry(group(review, cell)).or_default().push(cell);
        }
        self.groups = groups.into_iter().collect();
        self.cells = self.groups.iter().flat_map(|(_, cells)| cells.iter().copied()).collect();
        self.stands = self.cells.iter().enumerate().map(|(place, &cell)| (cell, place)).collect();
        self.selected.retain(|cell| self.stands.contains_key(cell));
    }

    /// Width and height of a thumbnail in columns and rows.
    pub fn thumb(&self) -> (u16, u16) {
        THUMBS[self.size]
    }

    /// The groups, each with the places of its cells in the case's list.
    pub fn groups(&self) -> &[(Group, Vec<usize>)] {
        &self.groups
    }

    /// Cells in order, as places in the case's list.
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// The place of a cell of the case among [`Self::cells`].
    pub fn place(&self, cell: usize) -> Option<usize> {
        self.stands.get(&cell).copied()
    }

    /// Whether a cell of the case is selected.
    pub fn is_selected(&self, cell: usize) -> bool {
        self.selected.contains(&cell)
    }

    /// How many are selected.
    pub fn selected(&self) -> usize {
        self.selected.len()
    }

    /// The lines of the gallery on a screen of so many columns.
    pub fn grid(&self, columns: u16) -> Grid {
        Grid::new(&self.groups, self.size, columns)
    }

    /// First line on the screen.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Takes down what a frame showed.
    pub(super) fn painted(&mut self, thumbs: &[PaintedCell]) {
        self.visible = thumbs.iter().map(|t| t.cell).collect();
        self.seen.extend(thumbs.iter().map(|t| (t.cell, *t)));
    }

    /// Nothing is on the screen any more, but what was seen was.
    pub(super) fn repaint(&mut self) {
        self.visible.clear();
    }

    /// Another word of the network on a cell has to be seen before it is accepted.
    pub(super) fn forget(&mut self, cells: impl Iterator<Item = CellId>) {
        cells.for_each(|cell| _ = self.seen.remove(&cell));
    }
}

fn group(review: &Review, cell: usize) -> Group {
    match review.verdict(cell) {
        Some(Verdict::Excluded) => Group::Excluded,
        Some(Verdict::Class(id)) => Group::Class(id),
        None if review.is_flagged(cell) => Group::Unlike,
        None => review.ranking(cell).map_or(Group::Unclassified, |r| Group::Class(r.top().0)),
    }
}

#[cfg(test)]
mod tests;

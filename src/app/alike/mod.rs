//! Beside a cell: its look-alikes of the library, or another cell of the case that was marked.
//!
//! Nothing is decided here. What looks like a cell tells what the network makes of it, so it is asked for on a cell that has
//! been painted, and leaving it the cell has to be painted again. Where pictures lie is in [`spread`], what keys do in
//! [`keys`].

mod keys;
mod spread;

use crate::domain::{CaseId, CellId, LookAlikes};

pub(super) use keys::{arrived, command};
pub use spread::Spread;

/// Look-alikes that are searched for: as many as the largest screen shows.
pub const NEAREST: usize = 24;

/// What is shown beside the cell under review.
#[derive(Debug, Clone, PartialEq)]
pub enum Beside {
    /// Its look-alikes.
    Alike(Panel),
    /// The marked cell of the same case, by its place in the case's list.
    Cell(usize),
}

/// The look-alikes of the cell under review.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// What has become of the search.
    pub search: Search,
    /// The chosen one.
    pub cursor: usize,
    /// Whether that is shown large, beside the cell.
    pub large: bool,
}

/// What has become of a search.
#[derive(Debug, Clone, PartialEq)]
pub enum Search {
    /// It goes on, and with what.
    Waiting(String),
    /// These were found.
    Found(LookAlikes),
    /// Nothing was, and why; a sentence for people.
    Failed(String),
}

impl Default for Search {
    fn default() -> Self {
        Self::Waiting("searching …".to_owned())
    }
}

/// What a search has to tell: of which cell of which case, and what.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchNews {
    /// The case.
    pub case: CaseId,
    /// The cell.
    pub cell: CellId,
    /// What has become of the search.
    pub search: Search,
}

impl Panel {
    /// The look-alikes, as far as they were found.
    pub fn found(&self) -> Option<&LookAlikes> {
        match &self.search {
            Search::Found(found) => Some(found),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;

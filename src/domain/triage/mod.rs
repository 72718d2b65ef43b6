//! Which cells a reviewer looks at, and in which order: what is known of a cell, orders, and the filter's language.
//!
//! Where the cursor is and what a key does about it is in `app`.

mod filter;
mod order;

pub use filter::{Filter, FilterError};
pub use order::Order;

use super::{ClassId, Ranking, Verdict};

/// What is known of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What holds for it.
    pub verdict: Option<Verdict>,
    /// The network's word on it.
    pub ranking: Option<&'a Ranking>,
    /// Notes on it.
    pub notes: &'a [String],
    /// Its tags.
    pub tags: &'a [String],
}

impl Facts<'_> {
    /// The class that it goes under: the decided one, else the one that the network suggests. A cell that is excluded, or
    /// that the network only guesses at, goes under none.
    pub fn class(&self) -> Option<ClassId> {
        match self.verdict {
            Some(Verdict::Class(id)) => Some(id),
            Some(Verdict::Excluded) => None,
            None => self.ranking.filter(|r| !r.is_flagged()).map(|r| r.top().0),
        }
    }
}

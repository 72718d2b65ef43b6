//! Readings beside a case's own record: a second reader's, a repeat by the same one, a training against reference labels.
//!
//! What two readings say of each other is in [`super::comparison`].

use super::{CaseId, CellId, Seq};

/// A reading's number in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReadingId(pub i64);

/// Why a case is read beside its own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadingKind {
    /// By somebody who has no decision in the record.
    Second,
    /// By somebody who has: how far they agree with themselves.
    Repeat,
    /// To be scored against reference labels; enters no count, whatever comes of it.
    Training,
}

impl ReadingKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Second, Self::Repeat, Self::Training];

    /// The name that the database and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Repeat => "repeat",
            Self::Training => "training",
        }
    }

    /// The kind of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Second => "blinded second reading",
            Self::Repeat => "blinded repeat reading",
            Self::Training => "training",
        }
    }
}

/// A reading, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its number.
    pub id: ReadingId,
    /// The case.
    pub case: CaseId,
    /// Who reads.
    pub reviewer: String,
    /// Why.
    pub kind: ReadingKind,
    /// Whether the network's suggestions are shown.
    pub suggestions: bool,
    /// Cells come in the order drawn from it; `None`: as scanned.
    pub seed: Option<u64>,
    /// When it was begun, RFC 3339 in UTC.
    pub begun_at: String,
    /// How it ended; `None`: it goes on.
    pub end: Option<ReadingEnd>,
    /// The last decision of the record when somebody first looked at both: up to it the record is the first reading.
    pub compared: Option<Seq>,
}

/// How a reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingEnd {
    /// Its reader is done.
    Finished,
    /// It is not to be compared with anything.
    GivenUp,
}

impl Reading {
    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }
}

/// WBC that each reader counts: `2 x 200` is two readers' count of 200 each, as in CLSI H20-A2.
pub fn per_reader(target: u64) -> u64 {
    if target == 400 { 200 } else { target }
}

/// Where a cell stands in the order that a seed draws: cells are sorted by this. It depends on seed and cell alone, so that
/// cells imported later move no other, and on no library, so that a recorded seed stays worth recording: the output function
/// of SplitMix64 (Steele et al., OOPSLA 2014).
pub fn drawn(seed: u64, cell: CellId) -> u64 {
    let z = (seed ^ 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(cell.0 as u64)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_order_and_another_seed_another() {
        let order = |seed: u64, n: i64| {
            let mut cells: Vec<i64> = (1..=n).collect();
            cells.sort_by_key(|&c| drawn(seed, CellId(c)));
            cells
        };
        assert_eq!(order(7, 62), order(7, 62));
        assert_ne!(order(7, 62), order(8, 62));
        assert_ne!(order(7, 62), (1..=62).collect::<Vec<_>>());
        // What comes later moves nothing.
        let fewer: Vec<i64> = order(7, 62).into_iter().filter(|&c| c <= 40).collect();
        assert_eq!(fewer, order(7, 40));
    }

    #[test]
    fn two_readers_share_a_target_of_two_times_two_hundred() {
        assert_eq!([100, 200, 400].map(per_reader), [100, 200, 200]);
        assert_eq!(ReadingKind::ALL.map(ReadingKind::name), ["second", "repeat", "training"]);
    }
}

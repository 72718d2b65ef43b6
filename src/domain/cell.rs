//! What a cell is called: its number in its case, which is what people, scripts and every format use, and its id in the database.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// A cell's id in the database, across all cases. It is never shown as the cell's number: where a format gives it, it says `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId(pub i64);

/// A cell's number in its case: from 1, in the order in which the cells came into the case. It stays with the cell however the
/// cells are ordered on the screen; cells that come later go on counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CellNumber(u32);

impl CellNumber {
    /// Of the cell that has `ordinal` cells before it.
    pub fn after(ordinal: usize) -> Self {
        Self(u32::try_from(ordinal).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// The number itself, from 1.
    pub fn get(self) -> u32 {
        self.0
    }

    /// How many cells of the case come before it.
    pub fn ordinal(self) -> usize {
        self.0 as usize - 1
    }
}

impl fmt::Display for CellNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CellNumber {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(n) if n > 0 => Ok(Self(n)),
            _ => Err("cells are numbered 1, 2, 3 and so on in each case"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbered_from_one() {
        assert_eq!((CellNumber::after(0).get(), CellNumber::after(61).to_string()), (1, "62".to_owned()));
        assert_eq!(("62".parse(), CellNumber::after(61).ordinal()), (Ok(CellNumber::after(61)), 61));
        for wrong in ["0", "-1", "1.5", "", "MYO/1.jpg", "99999999999"] {
            assert!(wrong.parse::<CellNumber>().is_err(), "{wrong}");
        }
    }
}

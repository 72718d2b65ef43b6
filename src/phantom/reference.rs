//! The program's own set of drawn cells to compare with, where a laboratory has built no library: the same in every
//! database.

use super::{CLASSES, demo::jpeg};

/// Name of the set; another one when other cells are drawn.
pub const REFERENCE_SET: &str = "drawn/1";

/// Cells of each class.
pub const REFERENCE_PER_CLASS: u32 = 10;

/// Apart from the seeds of the demo case and of the folders that `phantoms` writes.
const SEED: u64 = 0x6c69_6272_0000;

/// Every cell of the set: its class's code and its number there, from 1 on.
pub fn reference_cells() -> impl Iterator<Item = (&'static str, u32)> {
    CLASSES.iter().flat_map(|&code| (1..=REFERENCE_PER_CLASS).map(move |n| (code, n)))
}

/// A cell of the set as a JPEG file; `None`: there is no such cell.
pub fn reference_cell(code: &str, number: u32) -> Option<Vec<u8>> {
    let known = (1..=REFERENCE_PER_CLASS).contains(&number);
    known.then(|| jpeg(code, SEED + u64::from(number))).flatten()
}

//! Files that the program has drawn itself say so: they are never taken for a patient's, wherever they lie.

use crate::domain::PHANTOM_MARK;

/// Whether a file says that it is drawn. Looked for in all of it: formats keep words in different places, and a program that
/// converts pictures carries them from one to another.
pub(super) fn says_drawn(bytes: &[u8]) -> bool {
    let mark = PHANTOM_MARK.as_bytes();
    bytes.windows(mark.len()).any(|w| w == mark)
}

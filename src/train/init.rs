//! How the parameters of a new network are drawn.

/// How a network's parameters are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Init {
    /// The same seed gives the same parameters.
    pub seed: u64,
    /// Whether the last gamma of each block is zero, so that every block begins as its shortcut (Goyal et al. 2017).
    pub zero_last: bool,
}

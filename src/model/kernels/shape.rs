//! Sizes of planes, and what is done to a convolution's sums before they are written.

/// Height and width of a channel, in px.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plane {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Plane {
    /// Values in it: never none.
    #[expect(clippy::len_without_is_empty, reason = "a plane is never empty")]
    pub fn len(self) -> usize {
        self.height * self.width
    }

    /// What a window of side `kernel` with padding `kernel / 2` leaves of it.
    pub fn strided(self, kernel: usize, stride: usize) -> Self {
        let side = |n: usize| (n + kernel / 2 * 2 - kernel) / stride + 1;
        Self { height: side(self.height), width: side(self.width) }
    }
}

/// What is done to a convolution's sums before they are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish<'a> {
    /// The shortcut: a picture of the output's shape that is added.
    pub residual: Option<&'a [f32]>,
    /// Whether negative values become zero.
    pub relu: bool,
}

//! Memory that will be read next, fetched while the processor computes on what it has: at the end of a layer the next
//! picture has to come from far away, and nothing but the layers knows which it will be.

use std::ops::Range;

/// Values of a cache line.
const LINE: usize = 16;

/// Lines that a tile fetches at a time: more than memory gives meanwhile, since most lie nearer.
const AT_ONCE: usize = 24;

/// Steps of a tile between two of them.
pub(super) const STEPS: usize = 16;

/// Rows of planes that will be read.
///
/// Only where they lie is kept: a fetch reads nothing, so that it may come too late.
#[derive(Debug, Clone, Copy)]
struct Rows {
    first: usize,
    /// Bytes from one row to the next.
    pitch: usize,
    lines: usize,
    rows: usize,
}

/// What will be read, the last first.
#[derive(Debug, Default)]
pub struct Ahead {
    queue: Vec<Rows>,
    /// Row and line of the last entry that come next.
    at: (usize, usize),
}

impl Ahead {
    /// Forgets what has not been fetched.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.at = (0, 0);
    }

    /// Adds a part of some of the planes of a picture, each of `length` values.
    pub(super) fn add(&mut self, picture: &[f32], length: usize, channels: Range<usize>, part: Range<usize>) {
        let first = picture.as_ptr().addr() + (channels.start * length + part.start) * size_of::<f32>();
        let (pitch, lines) = (length * size_of::<f32>(), part.len().div_ceil(LINE));
        if lines > 0 && !channels.is_empty() {
            self.queue.push(Rows { first, pitch, lines, rows: channels.len() });
        }
    }

    /// Fetches the next few lines.
    #[inline(always)]
    pub(super) fn step(&mut self) {
        let Some(&Rows { first, pitch, lines, rows }) = self.queue.last() else { return };
        let (row, line) = self.at;
        let count = (lines - line).min(AT_ONCE);
        let from = first + row * pitch + line * LINE * size_of::<f32>();
        for i in 0..count {
            fetch(from + i * LINE * size_of::<f32>());
        }
        self.at.1 += count;
        if self.at.1 == lines {
            self.at = (row + 1, 0);
            if self.at.0 == rows {
                self.at = (0, 0);
                self.queue.pop();
            }
        }
    }
}

/// Has the line at an address brought to the second nearest cache; any address will do.
#[inline(always)]
fn fetch(address: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(sse) = pulp::core_arch::x86::Sse::try_new() {
        sse._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(std::ptr::without_provenance(address));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

//! The pictures of which a network makes nearly the same as of another one, searched exactly.
//!
//! What the last layer reads of a picture is a direction: two pictures are as alike as the cosine of the angle between
//! theirs. A direction is kept in steps of 1/127 of its largest value, a byte each ([`Imprint`]): 100,000 cells of 512 values
//! take 51 MB and every one of them is looked at ([`Nearest::search`]). What the steps cost is measured in `benches/alike.rs`:
//! of the ten nearest by single precision, 99 of 100 are found on real cells. Where imprints are kept is the business of
//! [`crate::store`].

mod imprint;

use std::cmp::Ordering;

use rayon::prelude::*;

use super::kernels::{SimdPath, dots};

pub use imprint::Imprint;

/// Rows that a thread takes at a time: with 512 values each they stay in a core's second-level cache.
const BLOCK: usize = 1024;

/// Imprints to search among; all of one network, and of one width.
#[derive(Debug, Clone)]
pub struct Nearest {
    width: usize,
    /// Row by row [imprints, width].
    values: Vec<i8>,
    /// One divided by the length of each row.
    shortened: Vec<f64>,
    path: SimdPath,
}

/// A picture that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Its place in the order in which imprints were added.
    pub index: usize,
    /// The cosine of the angle between both, -1..=1.
    pub similarity: f32,
}

/// Its place, and its share of the similarity that does not depend on the query's length.
type Candidate = (usize, f64);

impl Nearest {
    /// None yet, with room for `room` imprints of `width` values.
    pub fn new(width: usize, room: usize) -> Self {
        Self {
            width,
            values: Vec::with_capacity(width * room),
            shortened: Vec::with_capacity(room),
            path: SimdPath::best(),
        }
    }

    /// The same with other instructions, for tests.
    pub fn with_path(self, path: SimdPath) -> Self {
        Self { path, ..self }
    }

    /// Adds an imprint at the end; `false`: it is of another width, and was not added.
    pub fn push(&mut self, imprint: &Imprint) -> bool {
        let fits = imprint.values().len() == self.width;
        if fits {
            self.values.extend_from_slice(imprint.values());
            self.shortened.push(1.0 / imprint.length());
        }
        fits
    }

    /// The imprint at a place below [`Nearest::len`].
    ///
    /// # Panics
    /// When there is none.
    pub fn imprint(&self, index: usize) -> Imprint {
        Imprint::of_values(&self.values[index * self.width..][..self.width])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shortened.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shortened.is_empty()
    }

    /// Bytes that they take in memory.
    pub fn bytes(&self) -> usize {
        self.values.len() + 8 * self.shortened.len()
    }

    /// The `k` that are most alike of those that `keep` lets pass, the most alike first; of equals the one that was added
    /// first. An imprint of another width has none.
    ///
    /// Every row is looked at, by all threads of the pool; the result does not depend on their number.
    pub fn search(&self, query: &Imprint, k: usize, keep: impl Fn(usize) -> bool + Sync) -> Vec<Neighbour> {
        if query.values().len() != self.width || k == 0 || self.width == 0 {
            return Vec::new();
        }
        let blocks = self.values.par_chunks(BLOCK * self.width).zip(self.shortened.par_chunks(BLOCK)).enumerate();
        let best = blocks.map(|(block, (rows, shortened))| {
            let mut products = [0; BLOCK];
            let products = &mut products[..shortened.len()];
            dots(self.path, rows, query.values(), products);
            let mut best = Best::new(k);
            for (i, (&product, &shortened)) in products.iter().zip(shortened).enumerate() {
                let candidate = (block * BLOCK + i, f64::from(product) * shortened);
                // Whether a cell is to be left out is asked for few of them.
                if best.takes(candidate) && keep(candidate.0) {
                    best.put(candidate);
                }
            }
            best
        });
        let best = best.reduce(|| Best::new(k), Best::with);
        let length = query.length();
        let neighbour = |(index, share): Candidate| Neighbour { index, similarity: (share / length) as f32 };
        best.found.into_iter().map(neighbour).collect()
    }
}

/// The best `k` so far, in order.
struct Best {
    k: usize,
    found: Vec<Candidate>,
}

fn order(a: &Candidate, b: &Candidate) -> Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

impl Best {
    fn new(k: usize) -> Self {
        Self { k, found: Vec::new() }
    }

    fn takes(&self, candidate: Candidate) -> bool {
        self.found.len() < self.k || self.found.last().is_some_and(|last| order(&candidate, last) == Ordering::Less)
    }

    fn put(&mut self, candidate: Candidate) {
        let at = self.found.partition_point(|f| order(f, &candidate) == Ordering::Less);
        self.found.insert(at, candidate);
        self.found.truncate(self.k);
    }

    fn with(mut self, other: Self) -> Self {
        for candidate in other.found {
            if !self.takes(candidate) {
                break;
            }
            self.put(candidate);
        }
        self
    }
}

#[cfg(test)]
mod tests;

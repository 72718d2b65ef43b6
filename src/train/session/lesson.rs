//! What a run learns from what.

/// What is learnt from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Class codes in the order of the network's outputs.
    pub classes: Vec<String>,
    /// Images to learn from: the place in the caller's list, and the class as a place in `classes`.
    pub train: Vec<(usize, usize)>,
    /// Images that are kept apart, to stop and to calibrate by.
    pub validation: Vec<(usize, usize)>,
    /// A hash of all of it: a checkpoint of another lesson is not gone on from.
    pub data: String,
}

impl Lesson {
    /// Images of each class among those to learn from.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        self.train.iter().for_each(|&(_, label)| counts[label] += 1);
        counts
    }

    /// Classes without an image to learn from.
    pub fn untrained(&self) -> Vec<String> {
        let counts = self.counts();
        self.classes.iter().zip(counts).filter(|(_, n)| *n == 0).map(|(c, _)| c.clone()).collect()
    }
}

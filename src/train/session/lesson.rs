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

    /// Whether each class has images to learn from.
    pub fn trained(&self) -> Vec<bool> {
        self.counts().iter().map(|n| *n > 0).collect()
    }

    /// Classes without an image to learn from.
    pub fn untrained(&self) -> Vec<String> {
        self.classes.iter().zip(self.trained()).filter(|(_, trained)| !trained).map(|(c, _)| c.clone()).collect()
    }
}

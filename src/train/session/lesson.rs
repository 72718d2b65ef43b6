//! What a run learns from what.

use std::collections::{BTreeMap, BTreeSet};

/// What is learnt from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Class codes in the order of the network's outputs.
    pub classes: Vec<String>,
    /// Images to learn from: the place in the caller's list, and the class as a place in `classes`.
    pub train: Vec<(usize, usize)>,
    /// The set that each image to learn from comes from.
    pub sets: Vec<usize>,
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

    /// What each image to learn from is a case of: a class of a set, numbered from 0 without a gap; and how many there are of
    /// each.
    pub fn kinds(&self) -> (Vec<usize>, Vec<usize>) {
        let pairs = || self.sets.iter().zip(&self.train).map(|(set, image)| (*set, image.1));
        let numbers: BTreeMap<_, _> =
            pairs().collect::<BTreeSet<_>>().into_iter().enumerate().map(|(n, pair)| (pair, n)).collect();
        let kinds: Vec<usize> = pairs().map(|pair| numbers[&pair]).collect();
        let mut counts = vec![0; numbers.len()];
        kinds.iter().for_each(|&kind| counts[kind] += 1);
        (kinds, counts)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_of_each_set_is_a_kind_of_its_own() {
        let lesson = Lesson {
            classes: ["A", "B", "C"].map(str::to_owned).to_vec(),
            train: vec![(0, 2), (1, 0), (2, 2), (3, 0), (4, 2)],
            sets: vec![1, 1, 3, 1, 3],
            validation: Vec::new(),
            data: String::new(),
        };
        let (kinds, counts) = lesson.kinds();
        assert_eq!((kinds, counts), (vec![1, 0, 2, 0, 2], vec![2, 1, 2]));
        assert_eq!((lesson.counts(), lesson.untrained()), (vec![2, 0, 3], vec!["B".to_owned()]));
    }
}

//! The images of several data sets as one list.

use crate::dataset::{Dataset, LabelledImage};

/// The images, and what was left out of their sets.
#[derive(Default)]
pub(super) struct Images {
    /// In the order of the sets, and within them as they have it.
    pub list: Vec<LabelledImage>,
    pub unlabelled: usize,
    pub refused: usize,
    sets: usize,
}

impl Images {
    /// Adds a set.
    pub fn take(&mut self, set: Dataset) {
        self.sets += 1;
        let number = self.sets;
        self.unlabelled += set.unlabelled;
        self.refused += set.refused.len();
        self.list.extend(set.images.into_iter().map(|image| image.of_set(number)));
    }
}

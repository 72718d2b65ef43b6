//! What a network can tell against how many images of it it was trained on.

use super::Subject;
use crate::evaluate::{ClassFigures, Evaluation};

/// A class with labelled cells, and how many images of it the network was trained on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Learned<'a> {
    pub images: u64,
    pub class: &'a ClassFigures,
}

impl Subject {
    /// Images that the network was trained on of a class, or of several classes that are taken as one; `None`: its record
    /// does not say.
    pub(super) fn training_images(&self, label: &str) -> Option<u64> {
        label.split('+').map(|code| self.images_per_class.get(code).copied()).sum()
    }
}

/// The classes that can be looked at so, the one with most images first; none where the network's record does not say.
pub(super) fn learned<'a>(e: &'a Evaluation, subject: &Subject) -> Vec<Learned<'a>> {
    let known = |class: &'a ClassFigures| Some(Learned { images: subject.training_images(&class.label)?, class });
    let mut all: Vec<_> = e.results.classes.iter().filter(|c| c.n > 0).filter_map(known).collect();
    all.sort_by(|a, b| b.images.cmp(&a.images).then_with(|| a.class.label.cmp(&b.class.label)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_taken_as_one_have_the_images_of_all_of_them() {
        let images = [("NGS".to_owned(), 7), ("NGB".to_owned(), 5)];
        let subject = Subject { images_per_class: images.into(), ..Subject::default() };
        assert_eq!((subject.training_images("NGS"), subject.training_images("NGS+NGB")), (Some(7), Some(12)));
        assert_eq!((subject.training_images("LYT"), subject.training_images("NGS+LYT")), (None, None));
    }
}

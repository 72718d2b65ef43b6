//! Which images are learnt from, which stop and calibrate the run, and which it is tested on.

use sha2::{Digest, Sha256};

use super::{super::Failure, pictures::Picture};
use crate::{
    domain::{ClassId, Sha256Hash},
    train::{
        Data, Lesson,
        split::{Member, deal},
    },
};

/// A lesson, and the images that are kept for testing it.
pub(super) struct Parts {
    pub lesson: Lesson,
    /// Places in the list of pictures.
    pub test: Vec<usize>,
}

/// Patients (and images without one) are thinned in steps of one twentieth.
const STEPS: usize = 20;

/// Divides `pictures` for a network of `classes`; `fold` is one of so many, from 0. Images of other classes are tested on, to
/// see what a network that does not know them says, and never learnt from.
pub(super) fn divide(
    pictures: &[Picture],
    classes: &[(String, ClassId)],
    data: &Data,
    seed: u64,
    fold: Option<(usize, usize)>,
) -> Result<Parts, Failure> {
    let other = classes.len();
    let label = |p: &Picture| classes.iter().position(|(_, id)| *id == p.class).unwrap_or(other);
    let labelled: Vec<(usize, usize)> = pictures.iter().enumerate().map(|(i, p)| (i, label(p))).collect();
    let member = |&(i, label): &(usize, usize)| Member { label, patient: pictures[i].patient.as_deref() };
    let parts_of =
        |images: &[(usize, usize)], n: usize, seed: u64| deal(&images.iter().map(member).collect::<Vec<_>>(), n, seed);
    let (mut added, mut own): (Vec<_>, Vec<_>) = labelled.into_iter().partition(|&(i, _)| pictures[i].added);
    let mut test = Vec::new();
    if let Some((fold, folds)) = fold {
        let parts = parts_of(&own, folds, seed);
        let (tested, rest) = split(own, &parts, |part| part == fold);
        test = tested.into_iter().map(|(i, _)| i).collect();
        own = rest;
    }
    let known = |images: &mut Vec<(usize, usize)>| images.retain(|&(_, label)| label != other);
    known(&mut own);
    known(&mut added);
    let mut validation = Vec::new();
    if data.validation > 0.0 {
        let parts = (1.0 / data.validation).round() as usize;
        // Another seed than the folds': dealt alike, the validation part would be a neighbouring fold's test part.
        let parts = parts_of(&own, parts.max(2), seed ^ 0x5bd1_e995);
        (validation, own) = split(own, &parts, |part| part == 0);
    }
    let mut train = own;
    train.extend(added);
    if data.share < 1.0 {
        let parts = parts_of(&train, STEPS, seed ^ 0x27d4_eb2f);
        let kept = (data.share * STEPS as f64).round().max(1.0) as usize;
        train = split(train, &parts, |part| part < kept).0;
    }
    train.sort_unstable();
    let codes: Vec<String> = classes.iter().map(|(code, _)| code.clone()).collect();
    let sets = train.iter().map(|&(i, _)| pictures[i].set).collect();
    let mut lesson = Lesson { classes: codes, train, sets, validation, data: String::new() };
    if let Some(class) = missed(&lesson) {
        return Err(Failure::usage(format!(
            "none of the images to learn from is a {class}, but some to validate on are; give more patients, or set data.validation=0"
        )));
    }
    lesson.data = hash(pictures, &lesson, &test);
    Ok(Parts { lesson, test })
}

/// Images, as their places in the list and their labels.
type Images = Vec<(usize, usize)>;

/// Those whose part is of the `first` kind, and the others.
fn split(images: Images, parts: &[usize], first: impl Fn(usize) -> bool) -> (Images, Images) {
    let (a, b): (Vec<_>, Vec<_>) = images.into_iter().zip(parts).partition(|(_, part)| first(**part));
    let plain = |pairs: Vec<((usize, usize), &usize)>| pairs.into_iter().map(|(image, _)| image).collect();
    (plain(a), plain(b))
}

/// Nothing can be said of a validation part that holds no class that is learnt.
fn missed(lesson: &Lesson) -> Option<&str> {
    let counts = lesson.counts();
    let usable = lesson.validation.iter().any(|&(_, label)| counts[label] > 0);
    let first = lesson.validation.first()?;
    (!usable).then(|| lesson.classes[first.1].as_str())
}

/// SHA-256 of what is learnt from what: the images' names in their sets, labels, patients and parts.
fn hash(pictures: &[Picture], lesson: &Lesson, test: &[usize]) -> String {
    let mut hasher = Sha256::new();
    let mut line = |part: &str, image: usize| {
        let p = &pictures[image];
        let patient = p.patient.as_deref().unwrap_or_default();
        hasher.update(format!("{part}\t{}\t{}\t{patient}\t{:?}\n", p.name, p.class.0, p.um_per_px));
    };
    lesson.train.iter().for_each(|&(i, _)| line("train", i));
    lesson.validation.iter().for_each(|&(i, _)| line("validation", i));
    test.iter().for_each(|&i| line("test", i));
    hasher.update(lesson.classes.join(" "));
    Sha256Hash(hasher.finalize().into()).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::train::Preset;

    /// 30 patients of 20 cells, and 50 added cells.
    fn pictures() -> Vec<Picture> {
        let picture = |i: usize, added: bool| Picture {
            path: format!("{i}.png").into(),
            name: format!("{i}.png"),
            class: ClassId((i % 3) as u16),
            patient: (!added).then(|| format!("p{}", i / 20)),
            um_per_px: None,
            set: 1 + usize::from(added),
            added,
        };
        (0..600).map(|i| picture(i, false)).chain((600..650).map(|i| picture(i, true))).collect()
    }

    fn classes() -> Vec<(String, ClassId)> {
        (0..4).map(|i| (format!("C{i}"), ClassId(i))).collect()
    }

    #[test]
    fn no_patient_is_on_two_sides_and_every_one_is_tested_once() {
        let (pictures, classes) = (pictures(), classes());
        let data = Preset::Light.recipe().data;
        let mut tested = HashSet::new();
        for fold in 0..5 {
            let parts = divide(&pictures, &classes, &data, 1, Some((fold, 5))).expect("divided");
            let of = |images: &[usize]| -> HashSet<String> {
                images.iter().filter_map(|&i| pictures[i].patient.clone()).collect()
            };
            let places = |images: &[(usize, usize)]| images.iter().map(|i| i.0).collect::<Vec<_>>();
            let (train, validation) = (places(&parts.lesson.train), places(&parts.lesson.validation));
            let sides = [of(&train), of(&validation), of(&parts.test)];
            assert!(
                sides[0].is_disjoint(&sides[1]) && sides[0].is_disjoint(&sides[2]) && sides[1].is_disjoint(&sides[2])
            );
            assert_eq!(parts.lesson.sets.iter().filter(|s| **s == 2).count(), 50);
            assert_eq!(train.len() + validation.len() + parts.test.len(), 650);
            assert!(validation.len() >= 40 && parts.test.iter().all(|&i| !pictures[i].added));
            assert_eq!(train.iter().filter(|&&i| pictures[i].added).count(), 50, "added images are learnt from");
            tested.extend(parts.test);
        }
        assert_eq!(tested.len(), 600);
    }

    #[test]
    fn a_share_is_learnt_from_and_the_rest_stays_as_it_was() {
        let (pictures, classes) = (pictures(), classes());
        let mut data = Preset::Light.recipe().data;
        let whole = divide(&pictures, &classes, &data, 1, None).expect("divided").lesson;
        data.share = 0.25;
        let quarter = divide(&pictures, &classes, &data, 1, None).expect("divided").lesson;
        assert_eq!(whole.validation, quarter.validation);
        let share = quarter.train.len() as f64 / whole.train.len() as f64;
        assert!((0.2..0.3).contains(&share), "{share}");
        assert_ne!(whole.data, quarter.data);
        assert_eq!(whole, divide(&pictures, &classes, &Preset::Light.recipe().data, 1, None).expect("divided").lesson);
    }
}

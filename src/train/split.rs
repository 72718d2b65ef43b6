//! Who is trained on and who is kept apart: whole patients where they are known, images of each class elsewhere.

use std::collections::BTreeMap;

use super::random::Draw;

/// What a split has to know of an image.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its class, as a place among the network's outputs.
    pub label: usize,
    /// Whose cell it is; `None`: not known, and the image stands for itself.
    pub patient: Option<&'a str>,
}

/// Deals `members` out to `folds` parts of about the same size and mix of classes, with all images of a patient in one
/// part: for each image the number of its part.
///
/// Patients are dealt out one by one, those with the most uneven cells first, each to the part where the classes' shares
/// then differ least between the parts (the rule of scikit-learn's `StratifiedGroupKFold`); among equals and for images
/// without a patient `seed` decides.
pub fn deal(members: &[Member<'_>], folds: usize, seed: u64) -> Vec<usize> {
    let classes = members.iter().map(|m| m.label + 1).max().unwrap_or(0);
    let folds = folds.max(1);
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut single: Vec<Vec<usize>> = vec![Vec::new(); classes];
    for (i, member) in members.iter().enumerate() {
        match member.patient {
            Some(patient) => groups.entry(patient).or_default().push(i),
            None => single[member.label].push(i),
        }
    }
    let mut part = vec![0; members.len()];
    let mut groups: Vec<(Vec<f64>, Vec<usize>)> = groups
        .into_values()
        .map(|images| {
            let mut counts = vec![0.0; classes];
            images.iter().for_each(|&i| counts[members[i].label] += 1.0);
            (counts, images)
        })
        .collect();
    let mut draw = Draw::of(seed, "split", [0, folds]);
    draw.shuffle(&mut groups);
    groups.sort_by(|a, b| spread(&b.0).total_cmp(&spread(&a.0)));
    let totals: Vec<f64> = (0..classes).map(|c| groups.iter().map(|g| g.0[c]).sum()).collect();
    let mut filled = vec![vec![0.0; classes]; folds];
    for (counts, images) in groups {
        let cost = |fold: usize, filled: &[Vec<f64>]| -> (f64, f64) {
            let share =
                |f: usize, c: usize| (filled[f][c] + if f == fold { counts[c] } else { 0.0 }) / totals[c].max(1.0);
            let uneven =
                (0..classes).map(|c| spread(&(0..folds).map(|f| share(f, c)).collect::<Vec<_>>())).sum::<f64>();
            (uneven, filled[fold].iter().sum())
        };
        let cheapest = (0..folds).min_by(|&a, &b| {
            let (a, b) = (cost(a, &filled), cost(b, &filled));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let fold = cheapest.unwrap_or(0);
        filled[fold].iter_mut().zip(&counts).for_each(|(sum, n)| *sum += n);
        images.into_iter().for_each(|i| part[i] = fold);
    }
    // Each class goes on where the one before ended, so that no part gets the rest of every class.
    let mut next = 0;
    for images in &mut single {
        draw.shuffle(images);
        for &i in images.iter() {
            part[i] = next % folds;
            next += 1;
        }
    }
    part
}

/// Standard deviation.
fn spread(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// 40 patients of 10 to 60 cells; class 2 occurs in four of them alone.
    fn patients() -> Vec<(usize, String)> {
        let mut draw = Draw::new(3, 0);
        let mut all = Vec::new();
        for p in 0..40 {
            for _ in 0..10 + draw.below(50) {
                let label = if p % 10 == 0 && draw.happens(0.3) { 2 } else { usize::from(draw.happens(0.25)) };
                all.push((label, format!("p{p}")));
            }
        }
        all
    }

    fn members(of: &[(usize, String)]) -> Vec<Member<'_>> {
        of.iter().map(|(label, patient)| Member { label: *label, patient: Some(patient) }).collect()
    }

    #[test]
    fn a_patient_is_in_one_part_and_the_parts_are_alike() {
        let all = patients();
        let parts = deal(&members(&all), 5, 1);
        let mut of = HashMap::new();
        for ((_, patient), part) in all.iter().zip(&parts) {
            assert_eq!(of.entry(patient).or_insert(part), &part, "{patient} is in two parts");
        }
        for class in 0..3 {
            let total = all.iter().filter(|(l, _)| *l == class).count() as f64;
            for part in 0..5 {
                let n = all.iter().zip(&parts).filter(|((l, _), p)| *l == class && **p == part).count() as f64;
                // Four patients with class 2 cannot fill five parts.
                assert!(class == 2 || (n / total - 0.2).abs() < 0.04, "class {class} part {part}: {n} of {total}");
            }
        }
        let with_rare: std::collections::BTreeSet<_> =
            all.iter().zip(&parts).filter(|((l, _), _)| *l == 2).map(|(_, p)| p).collect();
        assert_eq!(with_rare.len(), 4, "the rare class is spread as far as its patients go");
        assert_eq!(parts, deal(&members(&all), 5, 1));
        assert_ne!(parts, deal(&members(&all), 5, 2));
    }

    #[test]
    fn images_without_patients_are_dealt_out_by_class() {
        let labels: Vec<usize> = (0..103).map(|i| if i < 7 { 1 } else { 0 }).collect();
        let all: Vec<_> = labels.iter().map(|&label| Member { label, patient: None }).collect();
        let parts = deal(&all, 5, 9);
        for part in 0..5 {
            let of = |class| labels.iter().zip(&parts).filter(|(l, p)| **l == class && **p == part).count();
            assert!((1..=2).contains(&of(1)) && (19..=20).contains(&of(0)), "part {part}: {} {}", of(0), of(1));
        }
        assert!(deal(&[], 5, 1).is_empty());
        assert_eq!(deal(&all[..2], 1, 1), [0, 0]);
    }
}

//! What a network says against the labels, class by class: precision, sensitivity, F1, with intervals and over folds.

use super::{Bootstrap, ClassSet, Clusters, Confusion, OverFolds, over_folds};
use crate::domain::{Interval, clopper_pearson};

/// A figure, how sure it is, and how it varies over folds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// Over all cells; `None` where it is not defined.
    pub value: Option<f64>,
    /// Bootstrap interval. Where all resamples agree (a class never found, or always) it has no width and says nothing: a
    /// share then has its exact interval (Clopper-Pearson) and an area Newcombe's, which take cells as independent, and other
    /// figures have none.
    pub ci95: Option<Interval>,
    /// Over the folds, where there are several.
    pub folds: Option<OverFolds>,
}

/// The figures of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFigures {
    /// Its label in the set.
    pub label: String,
    /// Its standard term.
    pub name: String,
    /// Cells that are labelled so.
    pub n: u64,
    /// Share of what the network calls so that is.
    pub precision: Estimate,
    /// Share of what is so that the network calls so.
    pub sensitivity: Estimate,
    /// Their harmonic mean.
    pub f1: Estimate,
}

/// The figures of all classes of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassResults {
    /// The classes that are told apart.
    pub set: ClassSet,
    /// Rows: labels; columns: what the network says.
    pub confusion: Confusion,
    /// One for each class, in the set's order.
    pub classes: Vec<ClassFigures>,
    /// Share of the cells that the network has right.
    pub accuracy: Estimate,
    /// Mean sensitivity of the classes that the labels have.
    pub balanced_accuracy: Estimate,
    /// Mean F1 of the classes that the labels have.
    pub macro_f1: Estimate,
}

/// A cell's label and what the network says, by their places in the set, and its fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Place of the label.
    pub truth: usize,
    /// Place of the network's class.
    pub said: usize,
    /// The fold that the cell was tested in.
    pub fold: usize,
}

impl Estimate {
    /// A figure with its bootstrap interval, unless that has no width.
    fn new(value: Option<f64>, ci95: Option<Interval>, folds: Option<OverFolds>) -> Self {
        Self { value, ci95: ci95.filter(|i| i.lower < i.upper), folds }
    }

    /// A share of `part` in `whole`.
    fn share((part, whole): (u64, u64), ci95: Option<Interval>, folds: Option<OverFolds>) -> Self {
        let exact = |i: Interval| if i.lower < i.upper { Some(i) } else { clopper_pearson(part, whole) };
        let value = (whole > 0).then(|| part as f64 / whole as f64);
        Self { value, ci95: ci95.and_then(exact), folds }
    }
}

impl ClassResults {
    /// Counts `answers`, resamples them by `clusters`, and looks at each fold of several on its own.
    pub fn of(set: &ClassSet, answers: &[Answer], clusters: &Clusters, bootstrap: Bootstrap) -> Self {
        let count = |weight: &dyn Fn(usize, &Answer) -> u64| {
            let mut confusion = Confusion::new(set.labels());
            answers.iter().enumerate().for_each(|(i, a)| confusion.add_times(a.truth, a.said, weight(i, a)));
            confusion
        };
        let confusion = count(&|_, _| 1);
        let intervals = bootstrap.intervals(clusters, |weights| figures(&count(&|i, _| weights[i])));
        let folds: Vec<_> = fold_numbers(answers.iter().map(|a| a.fold))
            .into_iter()
            .map(|fold| figures(&count(&|_, a| u64::from(a.fold == fold))))
            .collect();
        let values = figures(&confusion);
        let estimate = |k: usize| Estimate::new(values[k], intervals[k], several(&folds, k));
        let share = |k: usize, of: (u64, u64)| Estimate::share(of, intervals[k], several(&folds, k));
        let class = |(i, group): (usize, &super::Group)| ClassFigures {
            label: group.label.clone(),
            name: group.name.clone(),
            n: confusion.row_total(i),
            precision: share(3 + 3 * i, (confusion.both(i), confusion.column_total(i))),
            sensitivity: share(4 + 3 * i, (confusion.both(i), confusion.row_total(i))),
            f1: estimate(5 + 3 * i),
        };
        Self {
            classes: set.groups().iter().enumerate().map(class).collect(),
            accuracy: share(0, (confusion.agreed(), confusion.total())),
            balanced_accuracy: estimate(1),
            macro_f1: estimate(2),
            set: set.clone(),
            confusion,
        }
    }
}

/// All figures of a table in one list: the three of all classes, then three of each class.
fn figures(table: &Confusion) -> Vec<Option<f64>> {
    let mut all = vec![table.accuracy(), table.balanced_accuracy(), table.macro_f1()];
    for i in 0..table.labels().len() {
        all.extend([table.precision(i), table.sensitivity(i), table.f1(i)]);
    }
    all
}

/// The folds that occur, in order.
pub(super) fn fold_numbers(folds: impl Iterator<Item = usize>) -> Vec<usize> {
    folds.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Mean and sd of figure `k`, if there are several folds.
pub(super) fn several(folds: &[Vec<Option<f64>>], k: usize) -> Option<OverFolds> {
    if folds.len() > 1 { over_folds(folds.iter().map(|f| f[k])) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ClassTable;

    #[test]
    fn folds_are_looked_at_one_by_one_and_absent_classes_left_out_of_them() {
        let table = ClassTable::default();
        let ids: Vec<_> = ["NGS", "LYT"].iter().map(|c| table.by_code(c).expect("a code")).collect();
        let set = ClassSet::single(&table, &ids);
        let answer = |(truth, said, fold)| Answer { truth, said, fold };
        let answers: Vec<_> = [(0, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1), (0, 0, 1)].map(answer).into();
        let clusters = Clusters::new(answers.iter().map(|_| None));
        let found = ClassResults::of(&set, &answers, &clusters, Bootstrap::default());
        assert_eq!((found.classes[0].n, found.classes[0].sensitivity.value), (4, Some(0.75)));
        let folds = found.accuracy.folds.expect("two folds");
        assert!((folds.mean - (2.0 / 3.0 + 1.0) / 2.0).abs() < 1e-12 && folds.folds == 2);
        assert_eq!(found.classes[1].sensitivity.folds.map(|f| (f.mean, f.folds)), Some((1.0, 1)));
        let ci = found.accuracy.ci95.expect("five clusters");
        assert!(ci.lower < 0.8 && ci.upper == 1.0);
        // The one LYT is found in every resample that has it, which is no reason to be sure.
        assert_eq!(found.classes[1].sensitivity.ci95, clopper_pearson(1, 1));
        assert!(found.classes[1].f1.ci95.is_some());
        let right = [answer((0, 0, 0)), answer((1, 1, 0))];
        let clusters = Clusters::new([None, None]);
        let found = ClassResults::of(&set, &right, &clusters, Bootstrap::default());
        assert_eq!((found.macro_f1.value, found.macro_f1.ci95), (Some(1.0), None));
        assert_eq!(found.accuracy.ci95, clopper_pearson(2, 2));
    }
}

//! Everything that is reported about a network on a labelled set.

use std::collections::BTreeMap;

use super::{
    Agreement, Answer, Bootstrap, ClassResults, ClassSet, Clusters, CoveragePoint, Estimate, LEAST_WBC, PatientCounts,
    RankedScores, Reliability, RocPoint, Temperature, agreement, at_temperature, coverage, fit_temperature,
    reliability,
    results::{fold_numbers, several},
    roc::score_interval,
};
use crate::domain::{Class, ClassId, ClassTable};

/// A labelled cell and what the network says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its label.
    pub truth: ClassId,
    /// The probability of each class of the network; they add up to one.
    pub probabilities: Vec<(ClassId, f64)>,
    /// Whose cell it is, under a name that no other patient of the set has.
    pub patient: Option<String>,
    /// The fold that it was tested in; 0 where there are none.
    pub fold: usize,
    /// How far the picture is from what the network was trained on; `None`: the network cannot say.
    pub unlike: Option<f64>,
    /// Whether that is past the network's threshold.
    pub flagged: bool,
}

/// How to evaluate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// How intervals are resampled.
    pub bootstrap: Bootstrap,
    /// Groups of classes to take as one, besides looking at each class: `NGS+NGB,PMO+MYB+MMZ`.
    pub merge: Option<String>,
}

/// A question with two answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// Codes of the classes that answer it with yes.
    pub classes: Vec<String>,
    /// Cells that are labelled so.
    pub positives: u64,
    /// The others.
    pub negatives: u64,
    /// Area under the curve of the summed probability of those classes.
    pub auc: Estimate,
    /// The curve; empty where one side is.
    pub curve: Vec<RocPoint>,
}

/// How many cells the network itself calls unlike what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Flagged {
    /// Share of the right answers; `None` where the network cannot say or there are none.
    pub right: Option<f64>,
    /// Share of the wrong answers.
    pub wrong: Option<f64>,
    /// Share of the cells of classes that the network has no output for.
    pub outside: Option<f64>,
}

/// The figures of a network on a labelled set.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Cells that are evaluated.
    pub n: u64,
    /// Cells of classes that the network has no output for: in no figure but [`Flagged::outside`].
    pub outside: u64,
    /// Patients that are known; 0: none, and intervals are over images.
    pub patients: usize,
    /// Folds.
    pub folds: usize,
    /// How intervals were resampled.
    pub bootstrap: Bootstrap,
    /// Each class on its own.
    pub results: ClassResults,
    /// Classes taken as one, if asked for.
    pub merged: Option<ClassResults>,
    /// Is it a blast?
    pub blast: Binary,
    /// Is it atypical?
    pub atypical: Binary,
    /// Whether the top class's probability means what it says.
    pub reliability: Reliability,
    /// The temperature that fits these very cells best, and the calibration error that it leaves.
    pub temperature: Option<(Temperature, f64)>,
    /// Accuracy against the share left to the human.
    pub coverage: Vec<CoveragePoint>,
    /// The patients' differentials against those of the labels: each WBC class that occurs, and all blasts.
    pub differential: Vec<Agreement>,
    /// Cells that the network calls unlike what it knows.
    pub flagged: Flagged,
}

impl Evaluation {
    /// Evaluates `samples` of a network with the given outputs. `None` when no sample is of a class of the network.
    ///
    /// # Errors
    /// When the groups to merge make no sense.
    pub fn of(
        table: &ClassTable,
        samples: &[Sample],
        outputs: &[ClassId],
        options: &Options,
    ) -> Result<Option<Self>, super::ClassSetError> {
        let set = ClassSet::single(table, outputs);
        let (cells, outside): (Vec<&Sample>, Vec<&Sample>) = samples.iter().partition(|s| set.place(s.truth).is_some());
        let merged = options.merge.as_deref().map(|groups| set.merged(table, groups)).transpose()?;
        let clusters = Clusters::new(cells.iter().map(|s| s.patient.as_deref()));
        let answers = answers(&set, &cells);
        let judged: Vec<(f64, bool)> =
            cells.iter().zip(&answers).map(|(s, a)| (top(&set, s).1, a.truth == a.said)).collect();
        let Some(reliability) = reliability(&judged, super::BINS) else { return Ok(None) };
        let bootstrap = options.bootstrap;
        let binary = |yes| self::binary(table, &set, &cells, yes, &clusters, bootstrap);
        Ok(Some(Self {
            n: cells.len() as u64,
            outside: outside.len() as u64,
            patients: clusters.patients(),
            folds: fold_numbers(cells.iter().map(|s| s.fold)).len(),
            bootstrap,
            merged: merged.map(|m| ClassResults::of(&m, &self::answers(&m, &cells), &clusters, bootstrap)),
            blast: binary(|c| c.blast),
            atypical: binary(|c| c.atypical),
            reliability,
            temperature: temperature(&set, &cells),
            coverage: coverage(&judged),
            differential: differential(&set, &cells, &answers),
            flagged: flagged(&cells, &judged, &outside),
            results: ClassResults::of(&set, &answers, &clusters, bootstrap),
        }))
    }
}

/// The probability of each group of a set.
fn probabilities(set: &ClassSet, sample: &Sample) -> Vec<f64> {
    let mut p = vec![0.0; set.groups().len()];
    for &(class, value) in &sample.probabilities {
        if let Some(place) = set.place(class) {
            p[place] += value;
        }
    }
    p
}

/// The most probable group and its probability; of equal ones the first.
fn top(set: &ClassSet, sample: &Sample) -> (usize, f64) {
    let p = probabilities(set, sample);
    p.into_iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (i, p)| if p > best.1 { (i, p) } else { best })
}

fn answers(set: &ClassSet, cells: &[&Sample]) -> Vec<Answer> {
    let answer = |s: &&Sample| Some(Answer { truth: set.place(s.truth)?, said: top(set, s).0, fold: s.fold });
    cells.iter().filter_map(answer).collect()
}

fn binary(
    table: &ClassTable,
    set: &ClassSet,
    cells: &[&Sample],
    yes: fn(&Class) -> bool,
    clusters: &Clusters,
    bootstrap: Bootstrap,
) -> Binary {
    let is = |class: ClassId| yes(table.get(class));
    let score = |s: &Sample| s.probabilities.iter().filter(|(c, _)| is(*c)).map(|(_, p)| p).sum::<f64>();
    let scored = |s: &&Sample| (score(s), is(s.truth));
    let ranked = RankedScores::new(cells.iter().map(scored));
    let intervals = bootstrap.intervals(clusters, |weights| vec![ranked.auc(|i| weights[i] as f64)]);
    let of_fold = |fold| RankedScores::new(cells.iter().filter(|s| s.fold == fold).map(scored)).auc(|_| 1.0);
    let folds: Vec<_> =
        fold_numbers(cells.iter().map(|s| s.fold)).into_iter().map(|fold| vec![of_fold(fold)]).collect();
    let positives = cells.iter().filter(|s| is(s.truth)).count() as u64;
    let negatives = cells.len() as u64 - positives;
    let mut auc = Estimate { value: ranked.auc(|_| 1.0), ci95: intervals[0], folds: several(&folds, 0) };
    if let Some(value) = auc.value.filter(|_| auc.ci95.is_some_and(|i| i.lower == i.upper)) {
        auc.ci95 = Some(score_interval(value, positives, negatives));
    }
    let named = set.groups().iter().flat_map(|g| &g.members).filter(|&&id| is(id));
    Binary {
        classes: named.map(|&id| table.code(id).to_owned()).collect(),
        positives,
        negatives,
        auc,
        curve: ranked.curve(),
    }
}

/// The least probability that a float of a network's output holds: what a class gets whose own was rounded to zero.
const LEAST: f64 = 1e-45;

/// A class that gets no probability from any cell takes no part, and its cells have no likelihood.
fn temperature(set: &ClassSet, cells: &[&Sample]) -> Option<(Temperature, f64)> {
    let all: Vec<Vec<f64>> = cells.iter().map(|s| probabilities(set, s)).collect();
    let told: Vec<bool> = (0..set.groups().len()).map(|i| all.iter().any(|p| p[i] > 0.0)).collect();
    let log = |(p, told): (&f64, &bool)| if *told { p.max(LEAST).ln() } else { f64::NEG_INFINITY };
    let scores: Vec<Vec<f64>> = all.iter().map(|p| p.iter().zip(&told).map(log).collect()).collect();
    let places: Vec<usize> = cells.iter().filter_map(|s| set.place(s.truth)).collect();
    let found = fit_temperature(scores.iter().map(Vec::as_slice).zip(places.iter().copied()))?;
    let judge = |(scores, &truth): (&Vec<f64>, &usize)| {
        let p = at_temperature(scores, found.value);
        let best = (0..p.len()).fold(0, |best, i| if p[i] > p[best] { i } else { best });
        (p[best], best == truth)
    };
    let judged: Vec<_> = scores.iter().zip(&places).map(judge).collect();
    Some((found, reliability(&judged, super::BINS)?.ece))
}

fn differential(set: &ClassSet, cells: &[&Sample], answers: &[Answer]) -> Vec<Agreement> {
    let groups = set.groups();
    let mut patients: BTreeMap<&str, PatientCounts> = BTreeMap::new();
    for (sample, answer) in cells.iter().zip(answers) {
        let Some(patient) = sample.patient.as_deref() else { continue };
        let empty = || PatientCounts { labelled: vec![0; groups.len()], predicted: vec![0; groups.len()] };
        let counts = patients.entry(patient).or_insert_with(empty);
        counts.labelled[answer.truth] += u64::from(groups[answer.truth].wbc);
        counts.predicted[answer.said] += u64::from(groups[answer.said].wbc);
    }
    let patients: Vec<PatientCounts> = patients.into_values().collect();
    let one = |i: usize| agreement(&groups[i].label, &[i], &patients, LEAST_WBC);
    let blasts: Vec<usize> = (0..groups.len()).filter(|&i| groups[i].blast && groups[i].wbc).collect();
    let all_blasts = (blasts.len() > 1).then(|| agreement("all blasts", &blasts, &patients, LEAST_WBC)).flatten();
    (0..groups.len()).filter(|&i| groups[i].wbc).filter_map(one).chain(all_blasts).collect()
}

fn flagged(cells: &[&Sample], judged: &[(f64, bool)], outside: &[&Sample]) -> Flagged {
    if cells.iter().chain(outside).all(|s| s.unlike.is_none()) {
        return Flagged::default();
    }
    let share = |flags: Vec<bool>| {
        (!flags.is_empty()).then(|| flags.iter().filter(|&&f| f).count() as f64 / flags.len() as f64)
    };
    let of =
        |right: bool| share(cells.iter().zip(judged).filter(|(_, j)| j.1 == right).map(|(s, _)| s.flagged).collect());
    Flagged { right: of(true), wrong: of(false), outside: share(outside.iter().map(|s| s.flagged).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(table: &ClassTable, truth: &str, p: &[(&str, f64)]) -> Sample {
        let id = |code: &str| table.by_code(code).expect("a code");
        let probabilities = p.iter().map(|(code, p)| (id(code), *p)).collect();
        Sample { truth: id(truth), probabilities, patient: None, fold: 0, unlike: None, flagged: false }
    }

    #[test]
    fn classes_without_an_output_are_put_aside_and_flags_counted() {
        let table = ClassTable::default();
        let mut samples = vec![
            sample(&table, "NGS", &[("NGS", 0.8), ("NGB", 0.2)]),
            sample(&table, "NGB", &[("NGS", 0.7), ("NGB", 0.3)]),
            sample(&table, "ART", &[("NGS", 0.6), ("NGB", 0.4)]),
        ];
        let outputs: Vec<_> = ["NGS", "NGB"].iter().map(|c| table.by_code(c).expect("a code")).collect();
        let options = Options { merge: Some("NGS+NGB".into()), ..Options::default() };
        let of = |samples: &[Sample]| Evaluation::of(&table, samples, &outputs, &options).expect("groups");
        let found = of(&samples).expect("cells");
        assert_eq!((found.n, found.outside, found.results.accuracy.value), (2, 1, Some(0.5)));
        assert_eq!(found.merged.as_ref().map(|m| m.accuracy.value), Some(Some(1.0)));
        assert_eq!((found.flagged, found.patients, found.differential.len()), (Flagged::default(), 0, 0));
        samples.iter_mut().for_each(|s| s.unlike = Some(0.1));
        samples[1].flagged = true;
        assert_eq!(
            of(&samples).expect("cells").flagged,
            Flagged { right: Some(0.0), wrong: Some(1.0), outside: Some(0.0) }
        );
        assert_eq!(of(&samples[2..]), None);
    }

    #[test]
    fn all_classes_of_a_question_without_an_answer_leave_it_undefined() {
        let table = ClassTable::default();
        let samples = [sample(&table, "NGS", &[("NGS", 1.0)]), sample(&table, "NGS", &[("NGS", 1.0)])];
        let found = Evaluation::of(&table, &samples, &[table.by_code("NGS").expect("a code")], &Options::default());
        let found = found.expect("no groups").expect("cells");
        assert_eq!((found.blast.auc, found.blast.curve.len(), found.blast.negatives), (Estimate::default(), 0, 2));
    }
}

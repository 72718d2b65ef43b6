//! An evaluation as JSON: `leukoscope.evaluation/1`.

use serde::Serialize;

use super::{Subject, number::bounds};
use crate::{
    domain::Interval,
    evaluate::{Agreement, Binary, ClassFigures, ClassResults, Estimate, Evaluation, OverFolds, leaving},
};

/// Shares left to the human at which the accuracy of the rest is given.
pub(super) const SHARES: [f64; 7] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5];

/// An evaluation as `evaluate --json` writes it.
#[derive(Debug, Clone, Serialize)]
pub struct EvaluationReport<'a> {
    schema: &'static str,
    data: &'a [String],
    split: Option<&'a str>,
    /// As `--shift` has it.
    shift: Option<&'a str>,
    n: u64,
    #[serde(flatten)]
    results: ResultsReport,
    merged: Option<ResultsReport>,
    binary: BinaryReport<'a>,
    ece: f64,
    reliability: Vec<BinReport>,
    temperature: Option<TemperatureReport>,
    left_to_human: Vec<LeftReport>,
    differential: Vec<DifferentialReport<'a>>,
    flagged_right: Option<f64>,
    flagged_wrong: Option<f64>,
    flagged_outside: Option<f64>,
    outside: u64,
    unlabelled: usize,
    refused: usize,
    patients: usize,
    folds: usize,
    intervals: IntervalsReport,
    model: Model<'a>,
}

/// The network's hash; of several networks, one for each fold, all of them.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Model<'a> {
    One(&'a str),
    Several(&'a [String]),
}

#[derive(Debug, Clone, Serialize)]
struct ResultsReport {
    accuracy: Option<f64>,
    accuracy_ci95: Option<[f64; 2]>,
    accuracy_folds: Option<FoldsReport>,
    balanced_accuracy: Option<f64>,
    balanced_accuracy_ci95: Option<[f64; 2]>,
    balanced_accuracy_folds: Option<FoldsReport>,
    macro_f1: Option<f64>,
    macro_f1_ci95: Option<[f64; 2]>,
    macro_f1_folds: Option<FoldsReport>,
    classes: Vec<ClassReport>,
    confusion: Vec<Vec<u64>>,
}

#[derive(Debug, Clone, Serialize)]
struct ClassReport {
    class: String,
    name: String,
    n: u64,
    training_images: Option<u64>,
    precision: Option<f64>,
    precision_ci95: Option<[f64; 2]>,
    precision_folds: Option<FoldsReport>,
    sensitivity: Option<f64>,
    sensitivity_ci95: Option<[f64; 2]>,
    sensitivity_folds: Option<FoldsReport>,
    f1: Option<f64>,
    f1_ci95: Option<[f64; 2]>,
    f1_folds: Option<FoldsReport>,
}

#[derive(Debug, Clone, Serialize)]
struct FoldsReport {
    mean: f64,
    sd: Option<f64>,
    folds: usize,
}

#[derive(Debug, Clone, Serialize)]
struct BinaryReport<'a> {
    blast: QuestionReport<'a>,
    atypical: QuestionReport<'a>,
}

#[derive(Debug, Clone, Serialize)]
struct QuestionReport<'a> {
    classes: &'a [String],
    positives: u64,
    negatives: u64,
    auc: Option<f64>,
    auc_ci95: Option<[f64; 2]>,
    auc_folds: Option<FoldsReport>,
}

#[derive(Debug, Clone, Serialize)]
struct BinReport {
    above: f64,
    up_to: f64,
    n: u64,
    confidence: f64,
    accuracy: f64,
    accuracy_ci95: [f64; 2],
}

#[derive(Debug, Clone, Serialize)]
struct TemperatureReport {
    value: f64,
    n: usize,
    nll_before: f64,
    nll_after: f64,
    ece_after: f64,
}

#[derive(Debug, Clone, Serialize)]
struct LeftReport {
    left_to_human: f64,
    accuracy: f64,
    threshold: f64,
}

#[derive(Debug, Clone, Serialize)]
struct DifferentialReport<'a> {
    class: &'a str,
    patients: usize,
    bias: f64,
    bias_ci95: [f64; 2],
    sd: f64,
    limits: [f64; 2],
}

#[derive(Debug, Clone, Serialize)]
struct IntervalsReport {
    over: &'static str,
    replicates: u32,
    seed: u64,
}

impl<'a> EvaluationReport<'a> {
    /// The report of an evaluation of `subject`.
    pub fn of(e: &'a Evaluation, subject: &'a Subject) -> Self {
        let pair = |i: Interval| [i.lower, i.upper];
        let temperature = e.temperature.map(|(t, ece_after)| TemperatureReport {
            value: t.value,
            n: t.n,
            nll_before: t.nll_before,
            nll_after: t.nll_after,
            ece_after,
        });
        let bin = |b: &crate::evaluate::Bin| BinReport {
            above: b.above,
            up_to: b.up_to,
            n: b.n,
            confidence: b.confidence,
            accuracy: b.accuracy,
            accuracy_ci95: pair(b.ci95),
        };
        let left = |share: f64| leaving(&e.coverage, share);
        let difference = |a: &'a Agreement| DifferentialReport {
            class: &a.label,
            patients: a.points.len(),
            bias: a.bias,
            bias_ci95: pair(a.bias_ci95),
            sd: a.sd,
            limits: pair(a.limits),
        };
        Self {
            schema: "leukoscope.evaluation/1",
            data: &subject.data,
            split: subject.split.as_deref(),
            shift: subject.shift.as_deref(),
            n: e.n,
            results: results(&e.results, subject),
            merged: e.merged.as_ref().map(|m| results(m, subject)),
            binary: BinaryReport { blast: question(&e.blast), atypical: question(&e.atypical) },
            ece: e.reliability.ece,
            reliability: e.reliability.bins.iter().map(bin).collect(),
            temperature,
            left_to_human: SHARES
                .into_iter()
                .filter_map(left)
                .map(|p| LeftReport { left_to_human: p.left_to_human, accuracy: p.accuracy, threshold: p.threshold })
                .collect(),
            differential: e.differential.iter().map(difference).collect(),
            flagged_right: e.flagged.right,
            flagged_wrong: e.flagged.wrong,
            flagged_outside: e.flagged.outside,
            outside: e.outside,
            unlabelled: subject.unlabelled,
            refused: subject.refused,
            patients: e.patients,
            folds: e.folds,
            intervals: IntervalsReport {
                over: resampled(e),
                replicates: e.bootstrap.replicates,
                seed: e.bootstrap.seed,
            },
            model: match &subject.models[..] {
                [one] => Model::One(one),
                several => Model::Several(several),
            },
        }
    }
}

/// What intervals are over.
pub(super) fn resampled(e: &Evaluation) -> &'static str {
    if e.patients > 0 { "patients" } else { "images" }
}

fn results(r: &ClassResults, subject: &Subject) -> ResultsReport {
    ResultsReport {
        accuracy: r.accuracy.value,
        accuracy_ci95: bounds(r.accuracy.ci95),
        accuracy_folds: folds(r.accuracy),
        balanced_accuracy: r.balanced_accuracy.value,
        balanced_accuracy_ci95: bounds(r.balanced_accuracy.ci95),
        balanced_accuracy_folds: folds(r.balanced_accuracy),
        macro_f1: r.macro_f1.value,
        macro_f1_ci95: bounds(r.macro_f1.ci95),
        macro_f1_folds: folds(r.macro_f1),
        classes: r.classes.iter().map(|c| class(c, subject)).collect(),
        confusion: r.confusion.counts().to_vec(),
    }
}

fn class(c: &ClassFigures, subject: &Subject) -> ClassReport {
    ClassReport {
        class: c.label.clone(),
        name: c.name.clone(),
        n: c.n,
        training_images: subject.training_images(&c.label),
        precision: c.precision.value,
        precision_ci95: bounds(c.precision.ci95),
        precision_folds: folds(c.precision),
        sensitivity: c.sensitivity.value,
        sensitivity_ci95: bounds(c.sensitivity.ci95),
        sensitivity_folds: folds(c.sensitivity),
        f1: c.f1.value,
        f1_ci95: bounds(c.f1.ci95),
        f1_folds: folds(c.f1),
    }
}

fn question(b: &Binary) -> QuestionReport<'_> {
    QuestionReport {
        classes: &b.classes,
        positives: b.positives,
        negatives: b.negatives,
        auc: b.auc.value,
        auc_ci95: bounds(b.auc.ci95),
        auc_folds: folds(b.auc),
    }
}

fn folds(e: Estimate) -> Option<FoldsReport> {
    e.folds.map(|OverFolds { mean, sd, folds }| FoldsReport { mean, sd, folds })
}

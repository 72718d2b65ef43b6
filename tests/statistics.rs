//! The figures of an evaluation against NumPy, SciPy, scikit-learn and statsmodels, on predictions that
//! `fixtures/statistics/evaluation.py` drew: ties, a class that is never said, patients, folds.

use std::sync::LazyLock;

use leukoscope::{
    domain::{ClassTable, Interval},
    evaluate::{Agreement, Bootstrap, ClassResults, Estimate, Evaluation, Options, Sample},
};
use serde_json::Value;

static EXPECTED: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("fixtures/statistics/evaluation.json")).expect("JSON"));

static FOUND: LazyLock<Evaluation> = LazyLock::new(|| {
    let table = ClassTable::default();
    let codes = EXPECTED["codes"].as_array().expect("codes");
    let outputs: Vec<_> = codes.iter().map(|c| table.by_code(text(c)).expect("a code")).collect();
    let sample = |cell: &Value| Sample {
        truth: table.by_code(text(&cell["label"])).expect("a code"),
        probabilities: outputs.iter().copied().zip(numbers(&cell["p"])).collect(),
        patient: Some(text(&cell["patient"]).to_owned()),
        fold: cell["fold"].as_u64().expect("a fold") as usize,
        unlike: None,
        flagged: false,
    };
    let samples: Vec<_> = EXPECTED["cells"].as_array().expect("cells").iter().map(sample).collect();
    assert_eq!(samples.len(), 474);
    let bootstrap = Bootstrap { replicates: 4000, seed: 1 };
    let options = Options { bootstrap, merge: Some("NGS+NGB,PMO+MYB+MMZ".into()) };
    Evaluation::of(&table, &samples, &outputs, &options).expect("groups").expect("cells")
});

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("numbers").iter().map(number).collect()
}

#[track_caller]
fn close(is: f64, should: &Value, within: f64) {
    assert!((is - number(should)).abs() < within, "{is}, not {should}");
}

#[track_caller]
fn same(is: Option<f64>, should: &Value) {
    match is {
        None => assert!(should.is_null(), "nothing, not {should}"),
        Some(is) => close(is, should, 1e-9),
    }
}

#[track_caller]
fn same_interval(is: Interval, should: &Value) {
    close(is.lower, &should[0], 1e-9);
    close(is.upper, &should[1], 1e-9);
}

fn same_results(found: &ClassResults, expected: &Value) {
    same(found.accuracy.value, &expected["accuracy"]);
    same(found.balanced_accuracy.value, &expected["balanced_accuracy"]);
    same(found.macro_f1.value, &expected["macro_f1"]);
    assert_eq!(expected["f1"].as_array().map(Vec::len), Some(found.classes.len()));
    for (i, class) in found.classes.iter().enumerate() {
        same(class.precision.value, &expected["precision"][i]);
        same(class.sensitivity.value, &expected["sensitivity"][i]);
        same(class.f1.value, &expected["f1"][i]);
    }
}

#[test]
fn precision_sensitivity_and_f1_are_scikit_learns() {
    same_results(&FOUND.results, &EXPECTED);
    let rows = EXPECTED["confusion"].as_array().expect("rows").iter();
    let rows: Vec<Vec<u64>> = rows.map(|r| numbers(r).into_iter().map(|n| n as u64).collect()).collect();
    assert_eq!(FOUND.results.confusion.counts(), rows);
}

#[test]
fn merged_classes_take_the_sum_of_their_probabilities() {
    let merged = FOUND.merged.as_ref().expect("asked for");
    assert_eq!(merged.set.labels(), ["NGS+NGB", "LYT", "MYO", "MOB", "PMO+MYB", "EBO"]);
    same_results(merged, &EXPECTED["merged"]);
}

#[test]
fn areas_and_curves_are_scikit_learns() {
    same(FOUND.blast.auc.value, &EXPECTED["blast_auc"]);
    same(FOUND.atypical.auc.value, &EXPECTED["atypical_auc"]);
    assert_eq!(FOUND.blast.classes, ["MYO", "MOB"]);
    let curve = EXPECTED["blast_curve"].as_array().expect("points");
    assert_eq!(FOUND.blast.curve.len(), curve.len());
    for (is, should) in FOUND.blast.curve.iter().zip(curve) {
        close(is.false_positive, &should[0], 1e-12);
        close(is.sensitivity, &should[1], 1e-12);
    }
}

#[test]
fn intervals_over_patients_are_those_of_numpys_bootstrap() {
    let near = |estimate: &Estimate, name: &str| {
        let ci = estimate.ci95.expect("fourteen patients");
        close(ci.lower, &EXPECTED["intervals"][name][0], 0.012);
        close(ci.upper, &EXPECTED["intervals"][name][1], 0.012);
    };
    assert_eq!(FOUND.patients, 14);
    near(&FOUND.results.accuracy, "accuracy");
    near(&FOUND.results.macro_f1, "macro_f1");
    near(&FOUND.results.classes[0].sensitivity, "ngs_sensitivity");
    near(&FOUND.blast.auc, "blast_auc");
}

#[test]
fn means_and_deviations_over_folds_are_numpys() {
    assert_eq!(FOUND.folds, 3);
    let expected = &EXPECTED["folds"];
    let precision = &FOUND.results.classes[0].precision;
    for (estimate, name) in [(&FOUND.results.accuracy, "accuracy"), (precision, "ngs_precision")] {
        let found = estimate.folds.expect("three folds");
        close(found.mean, &expected[name]["mean"], 1e-12);
        close(found.sd.expect("three folds"), &expected[name]["sd"], 1e-12);
    }
    assert_eq!(FOUND.results.classes[4].precision.folds, None, "MOB is never said");
}

#[test]
fn calibration_and_temperature_are_scipys() {
    let expected = &EXPECTED["calibration"];
    close(FOUND.reliability.ece, &expected["ece"], 1e-12);
    let bins = expected["bins"].as_array().expect("bins");
    assert_eq!(FOUND.reliability.bins.len(), bins.len());
    for (is, should) in FOUND.reliability.bins.iter().zip(bins) {
        assert_eq!(Some(is.n), should["n"].as_u64());
        close(is.above, &should["above"], 1e-12);
        close(is.confidence, &should["confidence"], 1e-12);
        close(is.accuracy, &should["accuracy"], 1e-12);
        same_interval(is.ci95, &should["ci95"]);
    }
    let expected = &EXPECTED["temperature"];
    let (found, ece) = FOUND.temperature.expect("told classes");
    // SciPy stops within about the root of machine epsilon of a minimum.
    close(found.value, &expected["value"], 1e-6);
    close(found.nll_before, &expected["nll_before"], 1e-12);
    close(found.nll_after, &expected["nll_after"], 1e-12);
    close(ece, &expected["ece"], 1e-6);
    assert_eq!(Some(found.n as u64), expected["n"].as_u64());
}

#[test]
fn accuracy_against_the_share_left_to_the_human_is_numpys() {
    let expected = EXPECTED["coverage"].as_array().expect("points");
    assert_eq!(FOUND.coverage.len(), expected.len());
    for (is, should) in FOUND.coverage.iter().zip(expected) {
        close(is.left_to_human, &should["left_to_human"], 1e-12);
        close(is.accuracy, &should["accuracy"], 1e-12);
    }
}

#[test]
fn limits_of_agreement_are_scipys() {
    let labels: Vec<_> = FOUND.differential.iter().map(|a| a.label.as_str()).collect();
    assert_eq!(labels, ["NGS", "NGB", "LYT", "MYO", "MOB", "PMO", "MYB", "all blasts"]);
    for (label, expected) in EXPECTED["bland_altman"].as_object().expect("classes") {
        let found: &Agreement = FOUND.differential.iter().find(|a| a.label == *label).expect("a class");
        assert_eq!(Some(found.points.len() as u64), expected["patients"].as_u64());
        close(found.bias, &expected["bias"], 1e-9);
        close(found.sd, &expected["sd"], 1e-9);
        same_interval(found.bias_ci95, &expected["bias_ci95"]);
        same_interval(found.limits, &expected["limits"]);
    }
}

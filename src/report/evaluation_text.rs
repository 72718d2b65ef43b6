//! An evaluation as a page of text, with the paper's table of classes: precision, sensitivity, number of images.

use super::{
    Subject,
    evaluation::{SHARES, resampled},
    learned::learned,
    number::{range, three},
};
use crate::{
    domain::{counted, printable},
    evaluate::{ClassFigures, ClassResults, Estimate, Evaluation, LEAST_WBC, leaving},
};

/// The page.
pub fn evaluation_text(e: &Evaluation, subject: &Subject) -> String {
    let mut lines = vec![
        format!("EVALUATION   {}", printable(&subject.data())),
        format!("network {}", printable(&subject.network())),
        counts(e, subject),
        String::new(),
    ];
    classes(&mut lines, &e.results);
    totals(&mut lines, &e.results);
    for (name, q) in [("blast", &e.blast), ("atypical", &e.atypical)] {
        let of = format!("{} of {}", q.positives, q.positives + q.negatives);
        lines.push(format!(
            "{:<32}{:>7}   {}",
            format!("AUC {name}"),
            of.split(' ').next().unwrap_or_default(),
            shown(q.auc)
        ));
    }
    lines.push(String::new());
    let after = e.temperature.map_or_else(String::new, |(t, ece)| {
        format!("; a temperature of {:.2}, fitted on these very images, leaves {ece:.3}", t.value)
    });
    lines.push(format!("Expected calibration error ({} bins) {:.3}{after}", crate::evaluate::BINS, e.reliability.ece));
    human(&mut lines, e);
    flags(&mut lines, e);
    if let Some(merged) = &e.merged {
        lines.push(String::new());
        lines.push("MERGED CLASSES".into());
        classes(&mut lines, merged);
        totals(&mut lines, merged);
    }
    training(&mut lines, e, subject);
    differential(&mut lines, e);
    lines.push(String::new());
    lines.push(intervals(e));
    lines.push("Balanced accuracy and macro F1 are over the classes that the labels have.".into());
    lines.join("\n") + "\n"
}

/// How many of what.
pub(super) fn counts(e: &Evaluation, subject: &Subject) -> String {
    let mut parts = vec![counted(e.n, "image", "images")];
    if e.patients > 0 {
        parts.push(counted(e.patients as u64, "patient", "patients"));
    }
    if e.folds > 1 {
        parts.push(format!("{} folds", e.folds));
    }
    if subject.unlabelled > 0 {
        parts.push(format!("{} without a label skipped", subject.unlabelled));
    }
    if subject.refused > 0 {
        parts.push(format!("{} that could not be used", subject.refused));
    }
    if e.outside > 0 {
        parts.push(format!("{} of classes that the network has no output for left out", e.outside));
    }
    parts.join(", ")
}

/// What the intervals are.
pub(super) fn intervals(e: &Evaluation) -> String {
    let folds = if e.folds > 1 { "; +- is the standard deviation over folds" } else { "" };
    format!(
        "Intervals: 95%, bootstrap over {} ({} resamples, seed {}), exact where no resample differs{folds}.",
        resampled(e),
        e.bootstrap.replicates,
        e.bootstrap.seed
    )
}

/// `0.863 +- 0.043` over folds, else `0.863 (0.801 - 0.912)`.
pub(super) fn shown(estimate: Estimate) -> String {
    match (estimate.folds, estimate.value) {
        (Some(f), _) => format!("{:.3} +- {}", f.mean, three(f.sd)),
        (None, Some(_)) => format!("{} ({})", three(estimate.value), range(estimate.ci95)),
        (None, None) => "-".into(),
    }
}

fn classes(lines: &mut Vec<String>, r: &ClassResults) {
    lines.push(format!("{:<32}{:>7}   {:<23}{:<23}{}", "class", "images", "precision", "sensitivity", "F1"));
    for c in &r.classes {
        lines.push(format!(
            "{:<32}{:>7}   {:<23}{:<23}{}",
            name(c),
            c.n,
            shown(c.precision),
            shown(c.sensitivity),
            shown(c.f1)
        ));
    }
}

/// Code and standard term of a class.
pub(super) fn name(c: &ClassFigures) -> String {
    if c.label == c.name { c.label.clone() } else { format!("{} {}", c.label, printable(&c.name)) }
}

fn totals(lines: &mut Vec<String>, r: &ClassResults) {
    let figures = [("accuracy", r.accuracy), ("balanced accuracy", r.balanced_accuracy), ("macro F1", r.macro_f1)];
    for (name, estimate) in figures {
        let n = if name == "accuracy" { r.confusion.total().to_string() } else { String::new() };
        lines.push(format!("{name:<32}{n:>7}   {}", shown(estimate)));
    }
}

fn human(lines: &mut Vec<String>, e: &Evaluation) {
    let points: Vec<_> = SHARES.into_iter().filter_map(|s| leaving(&e.coverage, s)).collect();
    let row = |name: &str, f: &dyn Fn(&crate::evaluate::CoveragePoint) -> String| {
        format!("{name:<32}{}", points.iter().map(|p| format!("{:>8}", f(p))).collect::<String>())
    };
    lines.push(row("Left to the human", &|p| format!("{:.1}%", 100.0 * p.left_to_human)));
    lines.push(row("Accuracy on the rest", &|p| format!("{:.3}", p.accuracy)));
}

fn flags(lines: &mut Vec<String>, e: &Evaluation) {
    let f = e.flagged;
    if f.right.or(f.wrong).or(f.outside).is_some() {
        let percent = |v: Option<f64>| v.map_or_else(|| "-".into(), |v| format!("{:.1}%", 100.0 * v));
        lines.push(format!(
            "Flagged as unlike the training data: {} of right answers, {} of wrong ones, {} of classes without an output",
            percent(f.right),
            percent(f.wrong),
            percent(f.outside)
        ));
    }
}

fn training(lines: &mut Vec<String>, e: &Evaluation, subject: &Subject) {
    let classes = learned(e, subject);
    if classes.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push("AGAINST THE NUMBER OF TRAINING IMAGES, as the network's record has it".into());
    lines.push(format!("{:<32}{:>7}   {:<23}{}", "class", "images", "sensitivity", "precision"));
    for l in classes {
        let (sensitivity, precision) = (shown(l.class.sensitivity), shown(l.class.precision));
        lines.push(format!("{:<32}{:>7}   {sensitivity:<23}{precision}", name(l.class), l.images));
    }
}

fn differential(lines: &mut Vec<String>, e: &Evaluation) {
    let Some(patients) = e.differential.iter().map(|a| a.points.len()).max() else { return };
    lines.push(String::new());
    lines.push(format!(
        "DIFFERENTIAL, network less labels, percentage points of WBC; {patients} patients with {LEAST_WBC} WBC or more"
    ));
    lines.push(format!("{:<32}{:>7}   {:<17}{:>7}   {}", "class", "bias", "95% interval", "sd", "limits of agreement"));
    let plain = |i: crate::domain::Interval| format!("{:.1} - {:.1}", i.lower, i.upper).replace(" - ", " to ");
    for a in &e.differential {
        lines.push(format!(
            "{:<32}{:>7.1}   {:<17}{:>7.1}   {}",
            printable(&a.label),
            a.bias,
            plain(a.bias_ci95),
            a.sd,
            plain(a.limits)
        ));
    }
}

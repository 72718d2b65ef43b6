//! The agreement of raters: one JSON object a pair, and a page of text.

use serde::Serialize;

use super::number::{bounds, range, three};
use crate::{
    domain::{Interval, clopper_pearson, printable},
    evaluate::{Confusion, PairAgreement, Question},
};

/// A pair of raters as `raters --json` writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairReport {
    pair: String,
    n: u64,
    agreement: Option<f64>,
    agreement_ci95: Option<[f64; 2]>,
    kappa: Option<f64>,
    kappa_ci95: Option<[f64; 2]>,
    unassigned: u64,
    classes: Vec<ClassReport>,
    confusion: Vec<Vec<u64>>,
    binary: BinaryReport,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ClassReport {
    class: String,
    n_first: u64,
    n_second: u64,
    n_both: u64,
    sensitivity: Option<f64>,
    precision: Option<f64>,
    f1: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct BinaryReport {
    blast: QuestionReport,
    atypical: QuestionReport,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct QuestionReport {
    classes: Vec<String>,
    n_first: u64,
    n_second: u64,
    n_both: u64,
    agreement: Option<f64>,
    kappa: Option<f64>,
    kappa_ci95: Option<[f64; 2]>,
    sensitivity: Option<f64>,
    specificity: Option<f64>,
}

impl PairReport {
    /// The report of a pair.
    pub fn of(pair: &PairAgreement) -> Self {
        let t = &pair.confusion;
        let class = |i: usize| ClassReport {
            class: t.labels()[i].clone(),
            n_first: t.row_total(i),
            n_second: t.column_total(i),
            n_both: t.both(i),
            sensitivity: t.sensitivity(i),
            precision: t.precision(i),
            f1: t.f1(i),
        };
        Self {
            pair: title(pair),
            n: t.total(),
            agreement: t.accuracy(),
            agreement_ci95: bounds(agreement_interval(t)),
            kappa: pair.kappa.map(|k| k.value),
            kappa_ci95: bounds(pair.kappa.map(|k| k.ci95)),
            unassigned: pair.unassigned,
            classes: (0..t.labels().len()).map(class).collect(),
            confusion: t.counts().to_vec(),
            binary: BinaryReport { blast: question(&pair.blast), atypical: question(&pair.atypical) },
        }
    }
}

fn question(q: &Question) -> QuestionReport {
    QuestionReport {
        classes: q.classes.clone(),
        n_first: q.table.row_total(0),
        n_second: q.table.column_total(0),
        n_both: q.table.both(0),
        agreement: q.table.accuracy(),
        kappa: q.kappa.map(|k| k.value),
        kappa_ci95: bounds(q.kappa.map(|k| k.ci95)),
        sensitivity: q.table.sensitivity(0),
        specificity: q.table.sensitivity(1),
    }
}

fn title(pair: &PairAgreement) -> String {
    format!("{} vs {}", pair.first, pair.second)
}

fn agreement_interval(table: &Confusion) -> Option<Interval> {
    clopper_pearson(table.agreed(), table.total())
}

/// The agreement of all pairs as a page of text.
pub fn raters_text(pairs: &[PairAgreement]) -> String {
    let mut lines = vec![format!(
        "{:<36}{:>6}{:>6}{:>7}   {:<15}{:>7}   {}",
        "ALL CLASSES", "n", "UNC", "agree", "95% interval", "kappa", "95% interval"
    )];
    for p in pairs {
        lines.push(format!(
            "{:<36}{:>6}{:>6}{:>7}   {:<15}{:>7}   {}",
            printable(&title(p)),
            p.confusion.total(),
            p.unassigned,
            three(p.confusion.accuracy()),
            range(agreement_interval(&p.confusion)),
            three(p.kappa.map(|k| k.value)),
            range(p.kappa.map(|k| k.ci95)),
        ));
    }
    questions(&mut lines, "BLAST", pairs, |p| &p.blast);
    questions(&mut lines, "ATYPICAL", pairs, |p| &p.atypical);
    for p in pairs.iter().filter(|p| p.confusion.total() > 0) {
        classes(&mut lines, p);
    }
    lines.extend([
        String::new(),
        "UNC: cells that at least one of the two could not assign; they are left out.".into(),
        "Intervals: agreement exact (Clopper-Pearson), kappa asymptotic (Fleiss, Cohen and Everitt 1969).".into(),
        "Sensitivity and specificity take the first rater as the reference.".into(),
    ]);
    lines.join("\n") + "\n"
}

fn questions(lines: &mut Vec<String>, name: &str, pairs: &[PairAgreement], of: fn(&PairAgreement) -> &Question) {
    let Some(first) = pairs.first() else { return };
    lines.push(String::new());
    lines.push(format!("{name} ({})", of(first).classes.join(" ")));
    lines.push(format!(
        "{:<36}{:>6}{:>7}{:>8}   {:<15}{:>7}{:>7}",
        "", "n", "agree", "kappa", "95% interval", "sens", "spec"
    ));
    for p in pairs {
        let q = of(p);
        lines.push(format!(
            "{:<36}{:>6}{:>7}{:>8}   {:<15}{:>7}{:>7}",
            printable(&title(p)),
            q.table.total(),
            three(q.table.accuracy()),
            three(q.kappa.map(|k| k.value)),
            range(q.kappa.map(|k| k.ci95)),
            three(q.table.sensitivity(0)),
            three(q.table.sensitivity(1)),
        ));
    }
}

/// One table of classes: rows are the first rater's, columns the second's, then the shares.
fn classes(lines: &mut Vec<String>, p: &PairAgreement) {
    let t = &p.confusion;
    lines.push(String::new());
    lines.push(format!("{} (rows) vs {} (columns)", printable(&p.first), printable(&p.second)));
    let columns: String = t.labels().iter().map(|l| format!("{l:>5}")).collect();
    lines.push(format!("{:<8}{columns}{:>7}{:>8}{:>8}", "", "n", "sens", "prec"));
    for (i, row) in t.counts().iter().enumerate() {
        let cells: String =
            row.iter().map(|&n| if n == 0 { format!("{:>5}", ".") } else { format!("{n:>5}") }).collect();
        lines.push(format!(
            "{:<8}{cells}{:>7}{:>8}{:>8}",
            t.labels()[i],
            t.row_total(i),
            three(t.sensitivity(i)),
            three(t.precision(i)),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::ClassTable,
        evaluate::{Rater, Reading, pairs},
    };

    #[test]
    fn the_page_names_what_is_not_defined_with_a_dash() {
        let table = ClassTable::default();
        let ngs = Reading::Class(table.by_code("NGS").expect("a code"));
        let rater = |name: &str, readings: Vec<Reading>| Rater { name: name.into(), readings };
        let all = pairs(
            &table,
            &[
                rater("a\x1b[2J", vec![ngs, ngs]),
                rater("b", vec![ngs, Reading::Unassigned]),
                rater("c", vec![Reading::NotRead; 2]),
            ],
        );
        let text = raters_text(&all);
        let row = |start: &str| text.lines().find(|l| l.starts_with(start)).unwrap_or_default().to_owned();
        let words = |line: String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(row("a\\u{1b}[2J vs b"))[3..], ["1", "1", "1.000", "0.025", "-", "1.000", "-", "-"]);
        assert_eq!(words(row("b vs c"))[3..], ["0", "0", "-", "-", "-", "-"]);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        let json = serde_json::to_value(PairReport::of(&all[0])).expect("JSON");
        assert_eq!((&json["pair"], &json["n"]), (&"a\u{1b}[2J vs b".into(), &1.into()));
        assert!(json["kappa"].is_null() && json["kappa_ci95"].is_null());
    }
}

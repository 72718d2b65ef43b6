//! Two readers: as a signed version has them, and a comparison of their readings as JSON and as a page of text.

use serde::Serialize;
use serde_json::json;

use super::json::escape;
use crate::domain::{
    CellId, CellNumber, ClassTable, Comparison, Interval, Kappa, ReadingKind, Verdict, counted, one_decimal, printable,
};

/// The two readers that a signed version stands on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Readers {
    /// `second`: by somebody else; `repeat`: by the first reader again.
    pub kind: &'static str,
    /// Whose decisions the first reading is.
    pub first: Vec<String>,
    /// The second reader.
    pub second: String,
    /// Whether the second reader saw the network's suggestions.
    pub suggestions: bool,
    /// Who settled disputes.
    pub adjudicators: Vec<String>,
    /// Cells that both decided.
    pub n: u64,
    /// Cells of which both said the same.
    pub agreed: u64,
    /// Cohen's kappa; `None`: not defined.
    pub kappa: Option<f64>,
    /// Its 95% interval.
    pub kappa_ci95: Option<[f64; 2]>,
    /// Cells of which they did not.
    pub disputes: Vec<Dispute>,
}

/// A cell in dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// Its number in the case.
    pub cell: CellNumber,
    /// The first reading's class, or `excluded`.
    pub first: String,
    /// The second reading's.
    pub second: String,
    /// Whether somebody settled it; as what is in the list of cells.
    pub settled: bool,
}

impl Readers {
    /// Lines for people, of at most 78 columns but for long names.
    pub(super) fn lines(&self) -> Vec<String> {
        let names = |list: &[String]| list.iter().map(|n| printable(n)).collect::<Vec<_>>().join(", ");
        let how = match (self.kind, self.suggestions) {
            ("repeat", _) => "again",
            (_, true) => "blinded, with suggestions",
            (_, false) => "blinded, without suggestions",
        };
        let settled = self.disputes.iter().filter(|d| d.settled).count();
        let by =
            if self.adjudicators.is_empty() { String::new() } else { format!(" by {}", names(&self.adjudicators)) };
        let kappa = self.kappa.zip(self.kappa_ci95).map_or_else(
            || "kappa not defined".to_owned(),
            |(k, [low, high])| format!("kappa {k:.2} ({low:.2} - {high:.2})"),
        );
        vec![
            format!("Read by {}; read {how} by {}", names(&self.first), printable(&self.second)),
            format!("Agreement: {} of {} cells, {kappa}", self.agreed, self.n),
            format!("Cells in dispute: {}, adjudicated {settled}{by}", self.disputes.len()),
        ]
    }
}

/// `97.5%`-style bounds of an interval as a pair.
fn pair(interval: Interval) -> [f64; 2] {
    [interval.lower, interval.upper]
}

/// What settles a cell in dispute: its verdict, and who decided it.
pub type Settled = (Verdict, String);

/// A comparison, and what it is about.
#[derive(Clone, Copy)]
pub struct CompareView<'a> {
    /// The classes.
    pub table: &'a ClassTable,
    /// Name of the case.
    pub case: &'a str,
    /// The two readings.
    pub comparison: &'a Comparison,
    /// A cell's number in its case, and its path; `None`: it is not in the case.
    pub place: &'a dyn Fn(CellId) -> Option<(CellNumber, String)>,
    /// What settles a cell in dispute.
    pub settled: &'a dyn Fn(CellId) -> Option<Settled>,
}

impl CompareView<'_> {
    /// One JSON object, `leukoscope.comparison/1`, ended by a newline. Rows of `confusion` are the first reading's classes (of a
    /// training: the reference labels'), so that `sensitivity` and `precision` are the second reader's against the first.
    pub fn to_json(&self) -> String {
        let c = self.comparison;
        let t = &c.confusion;
        let class = |i: usize| {
            json!({
                "class": t.labels()[i], "n_first": t.row_total(i), "n_second": t.column_total(i), "n_both": t.both(i),
                "sensitivity": t.sensitivity(i), "precision": t.precision(i),
            })
        };
        let dispute = |p: &crate::domain::Pair| {
            let (number, path) = (self.place)(p.cell).unzip();
            let settled = (self.settled)(p.cell);
            json!({
                "cell": number, "path": path, "first": p.first.verdict.code(self.table), "first_by": p.first.by,
                "second": p.second.code(self.table), "decided": settled.as_ref().map(|s| s.0.code(self.table)),
                "by": settled.as_ref().map(|s| s.1.clone()),
            })
        };
        let value = json!({
            "schema": "leukoscope.comparison/1", "case": self.case, "reading": c.reading.id.0,
            "kind": c.reading.kind.name(), "first": c.firsts, "second": c.reading.reviewer,
            "suggestions": c.reading.suggestions, "n": c.n(), "agreed": c.agreed(),
            "agreement": c.share().map(|s| s.percent() / 100.0), "agreement_ci95": c.share().map(|s| pair(s.ci95)),
            "kappa": c.kappa.map(|k| k.value), "kappa_ci95": c.kappa.map(|k| pair(k.ci95)), "wbc": c.wbc,
            "alone": c.alone, "classes": (0..t.labels().len()).map(class).collect::<Vec<_>>(),
            "confusion": t.counts(), "disputes": c.disputes().map(dispute).collect::<Vec<_>>(),
        });
        escape(&(value.to_string() + "\n"))
    }

    /// A page for people: figures, a row per class, a row per cell in dispute.
    pub fn to_text(&self) -> String {
        let c = self.comparison;
        let training = c.reading.kind == ReadingKind::Training;
        let first = if training { "reference labels".to_owned() } else { c.firsts.join(", ") };
        let suggestions = if c.reading.suggestions { "with" } else { "without" };
        let mut lines = vec![
            format!("{}   {}", printable(self.case), c.reading.kind.title()),
            format!(
                "first {}   second {} ({suggestions} suggestions)",
                printable(&first),
                printable(&c.reading.reviewer)
            ),
            figures(c),
            String::new(),
            format!(
                "{:<10}{:>7}{:>8}{:>7}{:>13}{:>11}",
                "class", "first", "second", "both", "sensitivity", "precision"
            ),
        ];
        let share = |s: Option<f64>| s.map_or_else(|| "-".to_owned(), |s| format!("{}%", one_decimal(100.0 * s)));
        let t = &c.confusion;
        for (i, label) in t.labels().iter().enumerate() {
            lines.push(format!(
                "{label:<10}{:>7}{:>8}{:>7}{:>13}{:>11}",
                t.row_total(i),
                t.column_total(i),
                t.both(i),
                share(t.sensitivity(i)),
                share(t.precision(i)),
            ));
        }
        lines.push(String::new());
        lines.push(if training { "wrong".to_owned() } else { "in dispute".to_owned() });
        for p in c.disputes() {
            let Some((number, path)) = (self.place)(p.cell) else { continue };
            let settled = match (self.settled)(p.cell) {
                Some((verdict, by)) => format!("   settled as {} by {}", verdict.code(self.table), printable(&by)),
                None if training => String::new(),
                None => "   open".to_owned(),
            };
            let (a, b) = (p.first.verdict.code(self.table), p.second.code(self.table));
            lines.push(format!("  cell {number:<5}{a:<9} {b:<9}{settled}   {}", printable(&path)));
        }
        if c.disputes().next().is_none() {
            lines.push("  no cell".to_owned());
        }
        lines.join("\n") + "\n"
    }
}

/// `62 cells, 58 alike, 93.5% (84.3 - 98.2); kappa 0.92 (0.84 - 0.99)`.
pub fn figures(c: &Comparison) -> String {
    let share = c.share().map_or_else(String::new, |s| {
        format!(", {}% ({:.1} - {:.1})", s.told(), 100.0 * s.ci95.lower, 100.0 * s.ci95.upper)
    });
    let kappa = |k: Kappa| format!("kappa {:.2} ({:.2} - {:.2})", k.value, k.ci95.lower, k.ci95.upper);
    let kappa = c.kappa.map_or_else(|| "kappa not defined".to_owned(), kappa);
    format!("{}, {} alike{share}; {kappa}", counted(c.n(), "cell", "cells"), c.agreed())
}

//! What stands out in an export: computed from what the export holds when it is written, and its form in JSON.

use serde::Serialize;

use super::{CellRow, Count, Decided, Summary};
use crate::domain::{Apart, BlastNames, ClassCount, Finding, Flag, FlagRules, Limit};

impl Summary {
    /// The same with what stands out by `rules`, in the decisions and in the suggestions that it holds. Flags are no part of a
    /// signature: of a signed version they are computed by the thresholds in use when it is written out.
    pub fn with_flags(mut self, rules: &FlagRules) -> Self {
        self.flags = self.stands_out(rules);
        self
    }

    fn stands_out(&self, rules: &FlagRules) -> Vec<Flag> {
        let decided: Vec<_> = self.counts.iter().map(|c| class_count(c, c.count)).collect();
        let named = |c: &Count| self.cells.iter().filter(|cell| suggestion(cell) == Some(&c.class)).count() as u64;
        let suggested: Vec<_> = self.counts.iter().map(|c| class_count(c, named(c))).collect();
        let pairs: Vec<_> = self.cells.iter().filter_map(pair).collect();
        rules.flags(&decided, &suggested, &pairs)
    }
}

fn class_count(c: &Count, count: u64) -> ClassCount<'_> {
    ClassCount { code: &c.class, role: c.role, blast: c.blast, blast_class: c.blast_class, count }
}

/// The class suggested for a cell, unless its picture is unlike what the network was trained on.
fn suggestion(cell: &CellRow) -> Option<&String> {
    cell.predicted.as_ref().filter(|_| cell.unlike.is_none_or(|u| !u.flagged)).map(|p| &p.0)
}

fn pair(cell: &CellRow) -> Option<(&str, &str)> {
    match &cell.decided {
        Some((Decided::Class(class), ..)) => Some((class, suggestion(cell)?)),
        _ => None,
    }
}

/// A flag in `leukoscope.case/1`.
#[derive(Serialize)]
pub(super) struct FlagJson<'a> {
    name: &'a str,
    origin: &'static str,
    sentence: String,
    findings: Vec<FindingJson<'a>>,
    apart: Option<ApartJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    what: &'a str,
    /// Codes of what counted as a blast; left out where it is not about blasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    blast_classes: Option<&'a [String]>,
    count: u64,
    wbc: u64,
    per_100_wbc: f64,
    limit: LimitJson,
}

/// `{"cells": 1}`, `{"at_least": 1.0}` or `{"above": 10.0}`, as in the file of thresholds.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum LimitJson {
    Cells(u64),
    AtLeast(f64),
    Above(f64),
}

#[derive(Serialize)]
struct ApartJson<'a> {
    what: &'a str,
    decided_only: u64,
    suggested_only: u64,
    cells: u64,
    p: f64,
}

impl<'a> FlagJson<'a> {
    pub fn of(flag: &'a Flag) -> Self {
        Self {
            name: &flag.name,
            origin: flag.origin.name(),
            sentence: flag.sentence(),
            findings: flag.findings.iter().map(FindingJson::of).collect(),
            apart: flag.apart.as_ref().map(ApartJson::of),
        }
    }
}

impl<'a> FindingJson<'a> {
    fn of(finding: &'a Finding) -> Self {
        let limit = match finding.limit {
            Limit::Cells(n) => LimitJson::Cells(n),
            Limit::AtLeast(x) => LimitJson::AtLeast(x),
            Limit::Above(x) => LimitJson::Above(x),
        };
        let Finding { what, blasts, count, wbc, .. } = finding;
        let blast_classes = blasts.as_ref().map(BlastNames::codes);
        Self { what, blast_classes, count: *count, wbc: *wbc, per_100_wbc: finding.per_100_wbc(), limit }
    }
}

impl<'a> ApartJson<'a> {
    fn of(apart: &'a Apart) -> Self {
        let &Apart { ref what, decided_only, suggested_only, cells, p } = apart;
        Self { what, decided_only, suggested_only, cells, p }
    }
}

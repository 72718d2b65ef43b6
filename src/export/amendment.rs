//! What a corrected version changed: the version before it, and the differences in counts and cells.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Decided, Status, Summary};
use crate::domain::CellNumber;

/// What changed since an earlier signed version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amendment {
    /// The earlier version.
    pub version: u32,
    /// Who signed it.
    pub reviewer: Option<String>,
    /// When.
    pub signed_at: Option<String>,
    /// Its WBC count, and the one now.
    pub wbc: [u64; 2],
    /// Its cells that counted as blasts, and those that do now.
    pub blasts: [u64; 2],
    /// Codes of what counted as a blast, and of what does now; `None`: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blast_classes: Option<[Vec<String>; 2]>,
    /// Counts that differ.
    pub counts: Vec<ChangedCount>,
    /// Cells that were decided otherwise.
    pub cells: Vec<ChangedCell>,
}

/// A count that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedCount {
    /// Class code, `excluded` or `unreviewed`.
    pub class: String,
    /// Cells before.
    pub before: u64,
    /// Cells now.
    pub now: u64,
}

/// A cell that was decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedCell {
    /// Its number in the case.
    pub cell: CellNumber,
    /// Path relative to the case's folder.
    pub path: String,
    /// What was decided before: a class code, `excluded`, or nothing.
    pub before: Option<String>,
    /// What is decided now.
    pub now: Option<String>,
}

impl Amendment {
    /// What counts as a blast now, where it is something else than before: `counted as blasts MYO MOB -> MYO MOB PMO`.
    pub fn other_blasts(&self) -> Option<String> {
        let [was, is] = self.blast_classes.as_ref()?;
        let said = |codes: &[String]| if codes.is_empty() { "no class".to_owned() } else { codes.join(" ") };
        Some(format!("counted as blasts {} -> {}", said(was), said(is)))
    }
}

impl Summary {
    /// The same view as what follows `earlier`, the signed versions before it, the first one first.
    pub fn after(mut self, earlier: &[Self]) -> Self {
        if let Some(first) = earlier.first() {
            self.first_origin = first.origin.clone();
        }
        self.earlier = earlier.iter().map(|version| version.counts.clone()).collect();
        self.amending(earlier.last())
    }

    /// The same view with what changed since `before`, an earlier signed version of the same case, if there is one.
    pub fn amending(mut self, before: Option<&Self>) -> Self {
        let signed = before.filter(|b| b.status == Status::Signed);
        self.amends = signed.and_then(|b| Some(self.since(b, b.version?)));
        self
    }

    fn since(&self, before: &Self, version: u32) -> Amendment {
        let counts = |s: &Self| -> Vec<(String, u64)> {
            let classes = s.counts.iter().map(|c| (c.class.clone(), c.count));
            classes.chain([("excluded".to_owned(), s.excluded), ("unreviewed".to_owned(), s.unreviewed)]).collect()
        };
        // Class tables may differ between versions: a class of one of them alone had, or has, none.
        let (was, is) = (counts(before), counts(self));
        let of = |list: &[(String, u64)], code: &str| list.iter().find(|c| c.0 == code).map_or(0, |c| c.1);
        let mut codes: Vec<&String> = is.iter().map(|c| &c.0).collect();
        codes.extend(was.iter().map(|c| &c.0).filter(|code| is.iter().all(|c| c.0 != **code)));
        let count = |code: &String| ChangedCount { class: code.clone(), before: of(&was, code), now: of(&is, code) };
        let differing = codes.into_iter().map(count);
        let decided = |s: &Self| -> BTreeMap<CellNumber, (String, Option<String>)> {
            let said = |d: &Decided| d.code().to_owned();
            s.cells.iter().map(|c| (c.cell, (c.path.clone(), c.decided.as_ref().map(|d| said(&d.0))))).collect()
        };
        let (then, now) = (decided(before), decided(self));
        let mut cells: Vec<ChangedCell> = Vec::new();
        for (&cell, (path, is)) in &now {
            let was = then.get(&cell).and_then(|c| c.1.clone());
            if was != *is {
                cells.push(ChangedCell { cell, path: path.clone(), before: was, now: is.clone() });
            }
        }
        let gone = then.iter().filter(|(cell, (_, was))| !now.contains_key(*cell) && was.is_some());
        cells.extend(gone.map(|(&cell, (path, was))| ChangedCell {
            cell,
            path: path.clone(),
            before: was.clone(),
            now: None,
        }));
        let named = [before, self].map(|s| s.blast_names().codes().to_vec());
        Amendment {
            version,
            reviewer: before.reviewer.clone(),
            signed_at: before.signed_at.clone(),
            wbc: [before.wbc(), self.wbc()],
            blasts: [before.all_blasts(), self.all_blasts()],
            blast_classes: Some(named).filter(|[was, is]| was != is),
            counts: differing.filter(|c| c.before != c.now).collect(),
            cells,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::summary::tests::{counting, example},
        *,
    };

    #[test]
    fn another_choice_of_what_counts_as_a_blast_is_a_change_although_no_cell_is() {
        let before = Summary { status: Status::Signed, version: Some(1), ..example() };
        let now = counting(&["MYO", "MOB", "LBL", "BLU", "NGS"]);
        let amends = now.amending(Some(&before)).amends.expect("an amendment");
        assert_eq!((amends.counts.len(), amends.cells.len(), amends.blasts), (0, 0, [1, 3]));
        assert_eq!(amends.other_blasts().as_deref(), Some("counted as blasts MYO MOB LBL BLU -> NGS MYO MOB LBL BLU"));
    }

    #[test]
    fn what_changed_is_named_by_class_and_by_cell_and_nothing_else_is() {
        let before = Summary { status: Status::Signed, version: Some(1), ..example() };
        let mut now = Summary { status: Status::Signed, version: Some(2), ..example() };
        assert_eq!(now.clone().amending(Some(&before)).amends.map(|a| (a.counts.len(), a.cells.len())), Some((0, 0)));
        // A neutrophil becomes a myeloblast, and the excluded cell is not excluded any more.
        now.cells[1].decided = Some((Decided::Class("MYO".to_owned()), "bea".to_owned(), String::new()));
        now.cells[4].decided = None;
        let at = |s: &Summary, code: &str| s.counts.iter().position(|c| c.class == code).expect("a class");
        let (ngs, myo) = (at(&now, "NGS"), at(&now, "MYO"));
        now.counts[ngs].count -= 1;
        now.counts[myo].count += 1;
        (now.excluded, now.unreviewed) = (0, 2);
        let amends = now.amending(Some(&before)).amends.expect("an amendment");
        let counts = [("NGS", 2, 1), ("MYO", 1, 2), ("excluded", 1, 0), ("unreviewed", 1, 2)];
        let found: Vec<_> = amends.counts.iter().map(|c| (c.class.as_str(), c.before, c.now)).collect();
        assert_eq!(found, counts);
        let cells: Vec<_> =
            amends.cells.iter().map(|c| (c.cell.get(), c.before.as_deref(), c.now.as_deref())).collect();
        assert_eq!(cells, [(2, Some("NGS"), Some("MYO")), (5, Some("excluded"), None)]);
        assert_eq!((amends.version, amends.wbc, amends.blasts, &amends.blast_classes), (1, [3, 3], [1, 2], &None));
        let preliminary = Summary { status: Status::Open, ..example() };
        assert_eq!(example().amending(Some(&preliminary)).amends, None, "only what was signed is amended");
    }
}

//! Two readings of one case beside each other: how far they agree, and the cells in dispute.

use std::collections::{BTreeSet, HashMap};

use super::{
    Action, BlastSet, CellId, ClassTable, Confusion, Decision, Kappa, Reading, ReadingKind, Seq, Share, Tally, Verdict,
    cohens_kappa, current,
};

/// What somebody said of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// What.
    pub verdict: Verdict,
    /// Who.
    pub by: String,
}

/// What holds of each decided cell by a log, which must be in order of `seq`.
pub fn opinions(log: &[Decision]) -> HashMap<CellId, Opinion> {
    let of =
        |(cell, d): (CellId, &Decision)| Some((cell, Opinion { verdict: d.action.verdict()?, by: d.reviewer.clone() }));
    current(log).into_iter().filter_map(of).collect()
}

/// Whether a decision is one of those of the record that settle disputes, `settling`, or takes one of them back, or lets it hold
/// again.
pub fn settles(decision: &Decision, settling: &BTreeSet<Seq>) -> bool {
    match decision.action {
        Action::Undo(seq) | Action::Redo(seq) => settling.contains(&seq),
        _ => settling.contains(&decision.seq),
    }
}

/// A cell that both readings decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The cell.
    pub cell: CellId,
    /// What the first reading says, or the reference label.
    pub first: Opinion,
    /// What the second reading says.
    pub second: Verdict,
}

impl Pair {
    /// Whether the two differ.
    pub fn is_dispute(&self) -> bool {
        self.first.verdict != self.second
    }
}

/// Two readings beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The second one.
    pub reading: Reading,
    /// Whose decisions are the first reading, in the order of their names; of a training nobody's: that is the labels.
    pub firsts: Vec<String>,
    /// The cells that both decided, in the order of the case.
    pub pairs: Vec<Pair>,
    /// Cells of the case that only the first, and only the second decided.
    pub alone: [u64; 2],
    /// WBC that each of them counted.
    pub wbc: [u64; 2],
    /// Their classes; rows are the first reading's. Cells that one of them took out of every count are a class of their
    /// own, [`EXCLUDED`], in the last place.
    pub confusion: Confusion,
    /// `None` where it is not defined.
    pub kappa: Option<Kappa>,
}

impl Comparison {
    /// Compares what two readings say of the cells of a case.
    pub fn of(
        table: &ClassTable,
        reading: Reading,
        cells: &[CellId],
        first: &HashMap<CellId, Opinion>,
        second: &HashMap<CellId, Opinion>,
    ) -> Self {
        let pair =
            |&cell: &CellId| Some(Pair { cell, first: first.get(&cell)?.clone(), second: second.get(&cell)?.verdict });
        let pairs: Vec<Pair> = cells.iter().filter_map(pair).collect();
        let firsts: BTreeSet<&str> = match reading.kind {
            ReadingKind::Training => BTreeSet::new(),
            _ => pairs.iter().map(|p| p.first.by.as_str()).collect(),
        };
        let firsts = firsts.into_iter().map(str::to_owned).collect();
        let only = |one: &HashMap<CellId, Opinion>, other: &HashMap<CellId, Opinion>| {
            cells.iter().filter(|c| one.contains_key(c) && !other.contains_key(c)).count() as u64
        };
        let alone = [only(first, second), only(second, first)];
        let wbc = [first, second].map(|of| {
            Tally::of(table, &BlastSet::of_table(table), cells.iter().map(|c| of.get(c).map(|o| o.verdict))).wbc
        });
        let verdicts: Vec<[Verdict; 2]> = pairs.iter().map(|p| [p.first.verdict, p.second]).collect();
        let said = |v: Verdict| verdicts.iter().any(|pair| pair.contains(&v));
        let mut used: Vec<Verdict> = table.iter().map(|(id, _)| Verdict::Class(id)).filter(|v| said(*v)).collect();
        used.extend(Some(Verdict::Excluded).filter(|v| said(*v)));
        let mut confusion = Confusion::new(used.iter().map(|v| v.code(table).to_owned()).collect());
        for pair in &verdicts {
            // A class of another table has no place here; such a log is refused when it is read.
            if let [Some(row), Some(column)] = pair.map(|v| used.iter().position(|u| *u == v)) {
                confusion.add(row, column);
            }
        }
        Self { reading, firsts, pairs, alone, wbc, kappa: cohens_kappa(&confusion), confusion }
    }

    /// Cells that both decided.
    pub fn n(&self) -> u64 {
        self.pairs.len() as u64
    }

    /// Cells of which both said the same.
    pub fn agreed(&self) -> u64 {
        self.confusion.agreed()
    }

    /// The share of those, with its exact interval; `None`: there is no cell that both decided.
    pub fn share(&self) -> Option<Share> {
        Share::new(self.agreed(), self.n())
    }

    /// The cells in dispute, in the order of the case.
    pub fn disputes(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter().filter(|p| p.is_dispute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseId, EXCLUDED, ReadingId};

    fn reading(kind: ReadingKind) -> Reading {
        Reading {
            id: ReadingId(1),
            case: CaseId(1),
            reviewer: "bea".into(),
            kind,
            suggestions: false,
            seed: None,
            begun_at: String::new(),
            end: None,
            compared: None,
        }
    }

    fn log(table: &ClassTable, who: &str, codes: &[&str]) -> Vec<Decision> {
        let action = |code: &str| match code {
            "x" => Action::Exclude,
            code => Action::Reclassify(table.by_code(code).expect("a code")),
        };
        let decided = codes.iter().enumerate().filter(|(_, c)| **c != "-");
        let decision = |(i, code): (usize, &&str)| Decision {
            seq: i as Seq + 1,
            cell: CellId(i as i64),
            reviewer: who.into(),
            at: String::new(),
            action: action(code),
            network: None,
            suggested: None,
            bulk: None,
        };
        decided.map(decision).collect()
    }

    /// By hand: 7 cells that both decided, 4 alike. Margins NGS 3/3, LYT 2/1, MYO 1/2, excluded 1/1 of 7, so that chance
    /// is (9 + 2 + 2 + 1)/49 = 2/7, and kappa (4/7 - 2/7)/(1 - 2/7) = 0.4.
    #[test]
    fn agreement_and_kappa_are_those_counted_by_hand() {
        let table = ClassTable::default();
        let first = opinions(&log(&table, "ann", &["NGS", "NGS", "NGS", "LYT", "LYT", "MYO", "x", "MON", "-"]));
        let second = opinions(&log(&table, "bea", &["NGS", "NGS", "x", "LYT", "MYO", "MYO", "NGS", "-", "MON"]));
        let cells: Vec<CellId> = (0..9).map(CellId).collect();
        let c = Comparison::of(&table, reading(ReadingKind::Second), &cells, &first, &second);
        assert_eq!((c.n(), c.agreed(), c.alone, c.wbc), (7, 4, [1, 1], [7, 7]));
        assert_eq!(c.confusion.labels(), ["NGS", "LYT", "MYO", EXCLUDED]);
        let kappa = c.kappa.expect("defined");
        assert!((kappa.value - 0.4).abs() < 1e-12, "{kappa:?}");
        assert!(kappa.ci95.lower < 0.4 && 0.4 < kappa.ci95.upper);
        assert_eq!(c.disputes().map(|p| p.cell.0).collect::<Vec<_>>(), [2, 4, 6]);
        assert_eq!((c.firsts.clone(), c.share().map(|s| (s.count, s.of))), (vec!["ann".to_owned()], Some((4, 7))));
        let training = Comparison::of(&table, reading(ReadingKind::Training), &cells, &first, &second);
        assert!(training.firsts.is_empty(), "labels are nobody's");
    }

    #[test]
    fn nothing_in_common_is_no_agreement_and_none_undefined() {
        let table = ClassTable::default();
        let first = opinions(&log(&table, "ann", &["NGS", "-"]));
        let second = opinions(&log(&table, "bea", &["-", "NGS"]));
        let c = Comparison::of(&table, reading(ReadingKind::Repeat), &[CellId(0), CellId(1)], &first, &second);
        assert_eq!((c.n(), c.share(), c.kappa, c.disputes().count()), (0, None, None, 0));
    }
}

//! How far experts agree: every pair of raters over the cells that both have read.

use super::{Confusion, Kappa, cohens_kappa};
use crate::domain::{Class, ClassId, ClassTable};

/// What a rater said of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The rater did not see it.
    NotRead,
    /// The rater saw it and could not assign a class.
    Unassigned,
    /// A class.
    Class(ClassId),
}

/// A rater: one reading of every cell, in an order that all raters share.
#[derive(Debug, Clone, PartialEq)]
pub struct Rater {
    /// Its name.
    pub name: String,
    /// Its readings.
    pub readings: Vec<Reading>,
}

/// How far two raters agree.
#[derive(Debug, Clone, PartialEq)]
pub struct PairAgreement {
    /// Name of the first rater, whose classes are the table's rows.
    pub first: String,
    /// Name of the second.
    pub second: String,
    /// Cells that both read and at least one could not assign: left out of everything below.
    pub unassigned: u64,
    /// Classes that either rater used, in the class table's order.
    pub confusion: Confusion,
    /// `None` where it is not defined.
    pub kappa: Option<Kappa>,
    /// Is it a blast?
    pub blast: Question,
    /// Is it atypical?
    pub atypical: Question,
}

/// A question with two answers, as both raters answer it through their classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Codes of the classes that answer it with yes.
    pub classes: Vec<String>,
    /// Place 0 is yes, 1 is no: sensitivity of 0 is the second rater's sensitivity with the first as the reference,
    /// sensitivity of 1 its specificity.
    pub table: Confusion,
    /// `None` where it is not defined.
    pub kappa: Option<Kappa>,
}

/// All pairs of raters, in order: first with second, first with third, second with third, and so on.
///
/// # Panics
/// When raters have different numbers of readings, or a class is of another table.
pub fn pairs(table: &ClassTable, raters: &[Rater]) -> Vec<PairAgreement> {
    let mut all = Vec::new();
    for (i, first) in raters.iter().enumerate() {
        all.extend(raters[i + 1..].iter().map(|second| pair(table, first, second)));
    }
    all
}

fn pair(table: &ClassTable, first: &Rater, second: &Rater) -> PairAgreement {
    assert_eq!(first.readings.len(), second.readings.len(), "raters read the same cells");
    let mut unassigned = 0;
    let mut both = Vec::new();
    for readings in first.readings.iter().zip(&second.readings) {
        match readings {
            (Reading::NotRead, _) | (_, Reading::NotRead) => {}
            (Reading::Class(a), Reading::Class(b)) => both.push((*a, *b)),
            _ => unassigned += 1,
        }
    }
    let used: Vec<ClassId> =
        table.iter().map(|(id, _)| id).filter(|id| both.iter().any(|(a, b)| a == id || b == id)).collect();
    let place = |id: ClassId| used.iter().position(|&u| u == id).expect("every class in use is listed");
    let mut confusion = Confusion::new(used.iter().map(|&id| table.code(id).to_owned()).collect());
    both.iter().for_each(|&(a, b)| confusion.add(place(a), place(b)));
    PairAgreement {
        first: first.name.clone(),
        second: second.name.clone(),
        unassigned,
        kappa: cohens_kappa(&confusion),
        confusion,
        blast: question(table, &both, |c| c.blast),
        atypical: question(table, &both, |c| c.atypical),
    }
}

fn question(table: &ClassTable, both: &[(ClassId, ClassId)], yes: fn(&Class) -> bool) -> Question {
    let mut answers = Confusion::new(["yes", "no"].map(String::from).into());
    let place = |id: ClassId| usize::from(!yes(table.get(id)));
    both.iter().for_each(|&(a, b)| answers.add(place(a), place(b)));
    let classes = table.iter().filter(|(_, c)| yes(c)).map(|(_, c)| c.code.clone()).collect();
    Question { classes, kappa: cohens_kappa(&answers), table: answers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_one_rater_did_not_see_or_could_not_assign_are_left_out() {
        let table = ClassTable::default();
        let class = |code: &str| Reading::Class(table.by_code(code).expect("a code"));
        let rater = |name: &str, readings: [Reading; 5]| Rater { name: name.into(), readings: readings.into() };
        let (nothing, unc) = (Reading::NotRead, Reading::Unassigned);
        let all = pairs(
            &table,
            &[
                rater("a", [class("MYO"), class("NGS"), class("LYT"), class("MON"), class("MOB")]),
                rater("b", [class("MOB"), class("NGS"), unc, nothing, class("MON")]),
                rater("c", [nothing, class("NGS"), unc, unc, nothing]),
            ],
        );
        let names: Vec<_> = all.iter().map(|p| (p.first.as_str(), p.second.as_str())).collect();
        assert_eq!(names, [("a", "b"), ("a", "c"), ("b", "c")]);
        assert_eq!((all[0].confusion.total(), all[0].confusion.agreed(), all[0].unassigned), (3, 1, 1));
        assert_eq!(all[0].confusion.labels(), ["NGS", "MON", "MYO", "MOB"]);
        // The first two say blast for the first cell, whatever its lineage; of the last one they differ.
        assert_eq!(all[0].blast.table.counts(), [[1, 1], [0, 1]]);
        assert_eq!((all[1].confusion.total(), all[1].unassigned), (1, 2));
        assert_eq!((all[2].confusion.total(), all[2].unassigned, all[2].kappa), (1, 1, None));
    }
}

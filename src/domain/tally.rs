//! The differential: counts, their denominators and their intervals, computed from verdicts and never kept.

use super::{BlastSet, ClassId, ClassTable, Interval, Role, Verdict, clopper_pearson, one_decimal};

/// A count as part of a denominator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Cells counted.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// Exact 95% interval.
    pub ci95: Interval,
}

impl Share {
    /// `None` when there is nothing to divide by.
    pub fn new(count: u64, of: u64) -> Option<Self> {
        clopper_pearson(count, of).map(|ci95| Self { count, of, ci95 })
    }

    /// In percent.
    pub fn percent(&self) -> f64 {
        100.0 * self.count as f64 / self.of as f64
    }

    /// In percent for people, without the sign: [`one_decimal`].
    pub fn told(&self) -> String {
        one_decimal(self.percent())
    }
}

/// One class of a differential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TallyRow {
    /// The class.
    pub class: ClassId,
    /// Cells of it.
    pub count: u64,
    /// Its share of the WBC; `None` for classes outside the WBC count, or while no WBC is counted.
    pub share: Option<Share>,
}

/// A differential count.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// One row per class of the table, in its order.
    pub rows: Vec<TallyRow>,
    /// Leukocytes: the denominator of every percentage.
    pub wbc: u64,
    /// What counts as a blast in the case, all classes of it together.
    pub blasts: Option<Share>,
    /// Nucleated red cells.
    pub nrbc: u64,
    /// Smudge cells.
    pub smudge: u64,
    /// Cells that a reviewer could not identify.
    pub unidentified: u64,
    /// Cells taken out of every count.
    pub excluded: u64,
    /// Cells without a decision.
    pub unreviewed: u64,
}

impl Tally {
    /// Counts the verdicts of a case in which `blasts` count as blasts, `None` for cells without a verdict.
    pub fn of(table: &ClassTable, blasts: &BlastSet, verdicts: impl IntoIterator<Item = Option<Verdict>>) -> Self {
        let mut counts = vec![0_u64; table.len()];
        let (mut excluded, mut unreviewed) = (0, 0);
        for verdict in verdicts {
            match verdict {
                Some(Verdict::Class(id)) => counts[id.0 as usize] += 1,
                Some(Verdict::Excluded) => excluded += 1,
                None => unreviewed += 1,
            }
        }
        let sum = |wanted: &dyn Fn(&super::Class) -> bool| -> u64 {
            table.iter().zip(&counts).filter(|((_, class), _)| wanted(class)).map(|(_, n)| n).sum()
        };
        let wbc = sum(&|c| c.role.is_wbc());
        let row = |((class, c), &count): ((ClassId, &super::Class), &u64)| TallyRow {
            class,
            count,
            share: if c.role.is_wbc() { Share::new(count, wbc) } else { None },
        };
        let blast = |class: ClassId| blasts.holds(class) && table.get(class).role.is_wbc();
        let all_blasts = table.iter().zip(&counts).filter(|((id, _), _)| blast(*id)).map(|(_, n)| n).sum();
        Self {
            rows: table.iter().zip(&counts).map(row).collect(),
            wbc,
            blasts: Share::new(all_blasts, wbc),
            nrbc: sum(&|c| c.role == Role::Nrbc),
            smudge: sum(&|c| c.role == Role::Smudge),
            unidentified: sum(&|c| c.role == Role::Unidentified),
            excluded,
            unreviewed,
        }
    }

    /// Cells with a decision, the excluded ones among them.
    pub fn reviewed(&self) -> u64 {
        self.rows.iter().map(|r| r.count).sum::<u64>() + self.excluded
    }

    /// A count per 100 WBC; `None` while no WBC is counted.
    pub fn per_100_wbc(&self, count: u64) -> Option<f64> {
        (self.wbc > 0).then(|| 100.0 * count as f64 / self.wbc as f64)
    }

    /// The row of a class.
    pub fn row(&self, class: ClassId) -> &TallyRow {
        &self.rows[class.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(table: &ClassTable, counts: &[(&str, usize)]) -> Vec<Option<Verdict>> {
        let of = |&(code, n): &(&str, usize)| {
            let verdict = match code {
                "-" => None,
                "x" => Some(Verdict::Excluded),
                _ => Some(Verdict::Class(table.by_code(code).expect("a code"))),
            };
            vec![verdict; n]
        };
        counts.iter().flat_map(of).collect()
    }

    #[test]
    fn red_cells_smudges_and_artefacts_are_in_no_denominator() {
        let table = ClassTable::default();
        let counts =
            [("NGS", 60), ("MYO", 38), ("MOB", 2), ("EBO", 7), ("KSC", 12), ("ART", 3), ("UNI", 1), ("x", 4), ("-", 5)];
        let tally = Tally::of(&table, &BlastSet::of_table(&table), verdicts(&table, &counts));
        assert_eq!((tally.wbc, tally.nrbc, tally.smudge), (100, 7, 12));
        assert_eq!((tally.excluded, tally.unreviewed, tally.unidentified, tally.reviewed()), (4, 5, 1, 127));
        assert_eq!(tally.blasts.map(|b| b.percent()), Some(40.0));
        assert_eq!(tally.per_100_wbc(tally.nrbc), Some(7.0));
        assert_eq!(tally.row(table.by_code("EBO").expect("a code")).share, None);
        let ngs = tally.row(table.by_code("NGS").expect("a code")).share.expect("a share");
        assert_eq!((ngs.count, ngs.of), (60, 100));
    }

    #[test]
    fn a_promyelocyte_is_a_blast_where_the_case_says_so_and_nowhere_else() {
        let table = ClassTable::default();
        let leukaemia = verdicts(&table, &[("PMO", 70), ("MYO", 5), ("NGS", 25), ("KSC", 40)]);
        let tally = |blasts: &BlastSet| Tally::of(&table, blasts, leukaemia.iter().copied());
        let plain = tally(&BlastSet::of_table(&table));
        let chosen = tally(&BlastSet::choose(&table, ["MYO", "MOB", "PMO"]).expect("a choice"));
        assert_eq!(plain.blasts.map(|b| (b.count, b.of)), Some((5, 100)), "below 20%");
        assert_eq!(chosen.blasts.map(|b| (b.count, b.of)), Some((75, 100)), "above it");
        assert_eq!((plain.rows, plain.wbc), (chosen.rows.clone(), chosen.wbc), "and nothing else is another figure");
        // A class outside the WBC count is in no share of it, whatever a set says.
        let smudge = BlastSet::of([table.by_code("KSC").expect("a code")]);
        assert_eq!(tally(&smudge).blasts.map(|b| b.count), Some(0));
    }

    #[test]
    fn lymphoblasts_and_blasts_of_no_known_lineage_are_blasts() {
        let table = ClassTable::default();
        let counts = verdicts(&table, &[("LBL", 30), ("BLU", 10), ("LYT", 60)]);
        let tally = Tally::of(&table, &BlastSet::of_table(&table), counts);
        assert_eq!(tally.blasts.map(|b| (b.count, b.of)), Some((40, 100)));
    }

    #[test]
    fn a_promyelocyte_is_no_blast_by_default_and_no_wbc_means_no_percent() {
        let table = ClassTable::default();
        let tally = Tally::of(&table, &BlastSet::of_table(&table), verdicts(&table, &[("PMO", 10), ("NGS", 90)]));
        assert_eq!(tally.blasts.map(|b| b.count), Some(0));
        let empty = Tally::of(&table, &BlastSet::of_table(&table), verdicts(&table, &[("EBO", 3), ("-", 2)]));
        assert_eq!((empty.wbc, empty.blasts, empty.per_100_wbc(3)), (0, None, None));
    }
}

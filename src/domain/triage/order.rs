//! Orders of the cells of a case.

use super::Facts;
use crate::domain::{BlastSet, ClassTable, Ranking};

/// In which order cells are stepped through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// As the scanner numbered them.
    #[default]
    Scanned,
    /// By class, in the table's order; the class, decided or suggested one.
    Class,
    /// Those first whose most probable class is the least probable.
    Uncertain,
    /// The most probable blasts first.
    Blasts,
    /// The dangerous confusions first: blast against monocyte or lymphocyte, promyelocyte against myelocyte.
    Confusion,
    /// The most unlike the network's training data first.
    Unlike,
}

impl Order {
    /// All orders, as they are offered.
    pub const ALL: [Self; 6] =
        [Self::Scanned, Self::Uncertain, Self::Blasts, Self::Confusion, Self::Unlike, Self::Class];

    /// A word or two for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scanned => "as scanned",
            Self::Class => "by class",
            Self::Uncertain => "uncertain first",
            Self::Blasts => "blasts first",
            Self::Confusion => "confusable first",
            Self::Unlike => "unlike first",
        }
    }

    /// What it is good for.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Scanned => "as the scanner numbered them",
            Self::Class => "the class, decided or suggested",
            Self::Uncertain => "the least probable suggestions",
            Self::Blasts => "the most probable blasts",
            Self::Confusion => "blast or MON or LYT, PMO or MYB",
            Self::Unlike => "farthest from the training data",
        }
    }

    /// Whether it hangs on what the network says.
    pub fn asks_suggestions(self) -> bool {
        !matches!(self, Self::Scanned | Self::Class)
    }

    /// The places of `cells` in this order. Cells that the network has said nothing about come after those that it has;
    /// equal ones stay as scanned.
    pub fn places(self, table: &ClassTable, blasts: &BlastSet, cells: &[Facts<'_>]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..cells.len()).collect();
        let score = |i: usize| cells[i].ranking.map_or(f32::NEG_INFINITY, |r| self.score(table, blasts, r));
        match self {
            Self::Scanned => {}
            // Cells of no class - excluded, or only guessed at - come last.
            Self::Class => places.sort_by_key(|&i| cells[i].class().map_or(u16::MAX, |id| id.0)),
            _ => {
                let scores: Vec<f32> = places.iter().map(|&i| score(i)).collect();
                places.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
            }
        }
        places
    }

    /// What is sorted by, the greatest first.
    fn score(self, table: &ClassTable, blasts: &BlastSet, ranking: &Ranking) -> f32 {
        match self {
            Self::Scanned | Self::Class => 0.0,
            Self::Uncertain => 1.0 - ranking.top().1,
            Self::Blasts => ranking.probability_of(blasts),
            Self::Confusion => confusion(table, ranking),
            Self::Unlike => ranking.unlike.map_or(0.0, |u| u.score),
        }
    }
}

/// How far a cell lies between two classes whose confusion changes a diagnosis: the lesser of the two probabilities,
/// 0..=0.5. Taking a blast for a monocyte or lymphocyte (or the reverse) moves the blast percentage; a promyelocyte
/// against a myelocyte decides for or against acute promyelocytic leukaemia.
fn confusion(table: &ClassTable, ranking: &Ranking) -> f32 {
    let of =
        |codes: &[&str]| -> f32 { codes.iter().filter_map(|code| ranking.probability(table.by_code(code)?)).sum() };
    let mononuclear = ranking.blast.min(of(&["MON", "PRM", "LYT", "LYA", "PRL"]));
    mononuclear.max(of(&["PMO", "PMB"]).min(of(&["MYB"])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Unlike, Verdict};

    fn ranking(table: &ClassTable, of: &[(&str, f32)]) -> Ranking {
        let of: Vec<_> = of.iter().map(|(code, p)| (table.by_code(code).expect("a code"), *p)).collect();
        Ranking::new(table, &of).expect("probabilities")
    }

    #[test]
    fn each_order_puts_first_what_it_names() {
        let table = ClassTable::default();
        let rankings = [
            ranking(&table, &[("NGS", 0.98), ("MYO", 0.02)]),
            ranking(&table, &[("MYO", 0.9), ("LYT", 0.1)]),
            ranking(&table, &[("LYT", 0.55), ("MYO", 0.45)]),
            ranking(&table, &[("EOS", 0.5), ("BAS", 0.3), ("NGS", 0.2)]),
            ranking(&table, &[("MYB", 0.6), ("PMO", 0.4)]),
            ranking(&table, &[("NGS", 0.97), ("MON", 0.03)]).with_unlike(Some(Unlike { score: 0.99, flagged: true })),
        ];
        let mut cells: Vec<Facts<'_>> =
            rankings.iter().map(|r| Facts { verdict: None, ranking: Some(r), notes: &[], tags: &[] }).collect();
        cells.push(Facts { verdict: None, ranking: None, notes: &[], tags: &[] });
        let places = |order: Order, cells: &[Facts<'_>]| order.places(&table, &BlastSet::of_table(&table), cells);
        assert_eq!(places(Order::Scanned, &cells), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(places(Order::Uncertain, &cells), [3, 2, 4, 1, 5, 0, 6]);
        assert_eq!(places(Order::Blasts, &cells)[..3], [1, 2, 0]);
        let promyelocytes = BlastSet::choose(&table, ["PMO"]).expect("a choice");
        assert_eq!(Order::Blasts.places(&table, &promyelocytes, &cells)[0], 4, "what counts as a blast in the case");
        assert_eq!(places(Order::Confusion, &cells)[..3], [2, 4, 1]);
        assert_eq!(places(Order::Unlike, &cells)[0], 5);
        assert_eq!(places(Order::Class, &cells), [0, 2, 3, 1, 4, 5, 6], "a guess has no class");
        cells[0].verdict = Some(Verdict::Class(table.by_code("KSC").expect("a code")));
        assert_eq!(places(Order::Class, &cells)[4], 0, "what was decided counts, not what was suggested");
        assert!(places(Order::Uncertain, &[]).is_empty());
    }
}

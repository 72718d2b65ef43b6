//! Which cells stand for their class on the page.

use std::{cmp::Reverse, collections::HashSet};

use super::{
    model::{Group, Shot},
    picture::Picture,
    words,
};
use crate::{
    domain::Role,
    export::{CellRow, Decided, Summary},
};

/// Side of the field that every picture shows, in um: the largest leukocytes of a smear have about 20.
pub const FIELD_UM: f64 = 24.0;

/// Most pictures of one page. Three rows of them leave a normal case on one sheet of A4, and the whole below 1 MB.
const MOST: usize = 36;
/// Most of one class.
const MOST_OF_ONE: usize = 4;
/// Most of a blast class.
const MOST_BLASTS: usize = 8;

/// The cells that stand for a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representative {
    /// Index of the class in [`Summary::counts`].
    pub class: usize,
    /// Indices of its cells in [`Summary::cells`], the most typical one first.
    pub cells: Vec<usize>,
}

/// Chooses the cells of the gallery: blast classes first, then in the order of the table; classes that lie outside every
/// denominator are left out.
///
/// Typical of a class are, of the cells decided as it, first those that the network took for it, the more probable the
/// earlier; then those that the reviewer reclassified, where the network was the less sure of another class the earlier.
/// Cells that the network finds unlike its training data come last, and of pictures that are the same bit for bit one is
/// shown. Every class has a place, and where there are enough a second one; then blast classes have up to eight, then the others
/// up to four, until 36 are taken.
pub fn representatives(summary: &Summary) -> Vec<Representative> {
    let wanted = |i: &usize| summary.counts[*i].role != Role::Outside;
    let mut classes: Vec<usize> = (0..summary.counts.len()).filter(wanted).collect();
    classes.sort_by_key(|&i| !summary.counts[i].blast);
    let mut found: Vec<Representative> =
        classes.into_iter().map(|class| Representative { class, cells: typical(summary, class) }).collect();
    found.retain(|r| !r.cells.is_empty());
    let mut take = vec![0_usize; found.len()];
    let mut left = MOST;
    // Up to so many places, for blast classes only or for all.
    for (most, blasts_only) in [(1, false), (2, false), (MOST_BLASTS, true), (MOST_OF_ONE, false)] {
        for round in 1..=most {
            for (r, take) in found.iter().zip(&mut take) {
                let invited = !blasts_only || summary.counts[r.class].blast;
                if left > 0 && invited && *take < round && round <= r.cells.len() {
                    *take += 1;
                    left -= 1;
                }
            }
        }
    }
    for (r, take) in found.iter_mut().zip(take) {
        r.cells.truncate(take);
    }
    found.retain(|r| !r.cells.is_empty());
    found
}

fn typical(summary: &Summary, class: usize) -> Vec<usize> {
    let code = &summary.counts[class].class;
    let of_class = |c: &CellRow| matches!(&c.decided, Some((Decided::Class(d), ..)) if d == code);
    let mut cells: Vec<usize> = (0..summary.cells.len()).filter(|&i| of_class(&summary.cells[i])).collect();
    let rank = |&i: &usize| {
        let cell = &summary.cells[i];
        let flagged = cell.is_flagged();
        // Thousandths, so that the order is a total one.
        let thousandths = |p: f64| (1000.0 * p).round() as i64;
        let (kind, nearness) = match &cell.predicted {
            Some((said, p)) if said == code => (0, Reverse(thousandths(*p))),
            Some((_, p)) => (1, Reverse(-thousandths(*p))),
            None => (2, Reverse(0)),
        };
        (flagged, kind, nearness, i)
    };
    cells.sort_by_key(rank);
    let mut seen = HashSet::new();
    cells.retain(|&i| seen.insert(summary.cells[i].sha256));
    cells
}

/// The groups of the page; `picture` gives the picture of a cell by its index, or why there is none.
pub(super) fn groups(summary: &Summary, picture: impl Fn(usize) -> Result<Picture, String>) -> Vec<Group> {
    let group = |r: Representative| {
        let class = &summary.counts[r.class];
        let shot = |&i: &usize| {
            let cell = &summary.cells[i];
            let flagged = cell.is_flagged();
            let drawn = if summary.phantom { "drawn".to_owned() } else { words::safe(&cell.path) };
            let (name, number) = (words::safe(&class.name), cell.cell.get());
            let scale = |p: &Picture| if p.scaled { "" } else { ", scale unknown" };
            let shot = Shot {
                number,
                alt: String::new(),
                src: String::new(),
                px: 0,
                missing: String::new(),
                flagged,
                jpeg: Default::default(),
            };
            match picture(i) {
                Ok(p) => Shot {
                    alt: format!("{name}, cell {number}, {drawn}{}", scale(&p)),
                    src: p.data_uri(),
                    px: p.px,
                    jpeg: p.jpeg,
                    ..shot
                },
                Err(why) => Shot {
                    alt: format!("{name}, cell {number}: no picture"),
                    missing: words::safe(&format!("{}: {why}", cell.path)),
                    ..shot
                },
            }
        };
        Group {
            code: words::safe(&class.class),
            name: words::safe(&class.name),
            blast: class.blast,
            count: class.count,
            shots: r.cells.iter().map(shot).collect(),
        }
    };
    representatives(summary).into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CellNumber, Sha256Hash, Unlike},
        export::summary::tests::example,
    };

    /// Decided code, suggestion, and whether it is flagged.
    type Said<'a> = (&'a str, Option<(&'a str, f64)>, bool);

    fn case(cells: &[Said<'_>]) -> Summary {
        let mut s = example();
        let row = s.cells[0].clone();
        s.counts.iter_mut().for_each(|c| c.count = 0);
        s.cells = (1..)
            .zip(cells)
            .map(|(i, (code, said, flagged))| CellRow {
                cell: CellNumber::after(i as usize - 1),
                sha256: Sha256Hash([i as u8; 32]),
                predicted: said.map(|(c, p)| (c.to_owned(), p)),
                unlike: Some(Unlike { score: 0.5, flagged: *flagged }),
                decided: Some((Decided::Class((*code).to_owned()), "anna".to_owned(), String::new())),
                ..row.clone()
            })
            .collect();
        for c in &s.cells {
            if let Some((Decided::Class(code), ..)) = &c.decided {
                s.counts.iter_mut().find(|k| k.class == *code).expect("a code").count += 1;
            }
        }
        s
    }

    #[test]
    fn typical_cells_agree_with_the_network_and_flagged_ones_are_last() {
        let mut s = case(&[
            ("MYO", Some(("MYO", 0.99)), true),
            ("MYO", Some(("LYT", 0.9)), false),
            ("MYO", Some(("MYO", 0.6)), false),
            ("MYO", None, false),
            ("MYO", Some(("MYO", 0.8)), false),
            ("MYO", Some(("MON", 0.4)), false),
            ("NGS", Some(("NGS", 0.4)), false),
        ]);
        let chosen = representatives(&s);
        let of = |r: &Representative| (s.counts[r.class].class.clone(), r.cells.clone());
        let expected = [("MYO".to_owned(), vec![4, 2, 5, 1, 3, 0]), ("NGS".to_owned(), vec![6])];
        assert_eq!(
            chosen.iter().map(of).collect::<Vec<_>>(),
            expected,
            "blasts are first although NGS leads the table"
        );
        s.cells[2].sha256 = s.cells[4].sha256;
        assert_eq!(representatives(&s)[0].cells, [4, 5, 1, 3, 0], "the same picture is not shown twice");
    }

    #[test]
    fn places_are_shared_and_bounded() {
        let codes: Vec<String> = example().counts.iter().map(|c| c.class.clone()).collect();
        let cells: Vec<_> = (0..20 * codes.len()).map(|i| (codes[i % codes.len()].as_str(), None, false)).collect();
        let mut s = case(&cells);
        s.cells.iter_mut().enumerate().for_each(|(i, c)| {
            c.sha256 = Sha256Hash([0; 32]);
            c.sha256.0[..8].copy_from_slice(&(i as u64).to_le_bytes());
        });
        let chosen = representatives(&s);
        assert_eq!(chosen.iter().map(|r| r.cells.len()).sum::<usize>(), MOST);
        assert!(chosen.iter().all(|r| !r.cells.is_empty() && s.counts[r.class].role != Role::Outside));
        assert!(s.counts[chosen[0].class].blast && chosen[0].cells.len() >= chosen[5].cells.len());
        let few = case(&[("NGS", None, false); 30]);
        assert_eq!(representatives(&few)[0].cells.len(), MOST_OF_ONE);
    }
}

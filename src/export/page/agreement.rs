//! Decisions against suggestions: how many were changed, and from what to what.

use std::collections::BTreeMap;

use super::{
    model::{Agreement, Change},
    words,
};
use crate::export::Summary;

/// Over all cells that have a decision and a suggestion; a suggestion on a picture that is unlike the training data is a
/// guess, which the reviewer was not asked to take, and is counted apart.
pub(super) fn of(summary: &Summary) -> Agreement {
    let (mut kept, mut guesses, mut without) = (0_u64, 0_u64, 0_u64);
    let mut changes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for cell in &summary.cells {
        let Some((decided, ..)) = &cell.decided else { continue };
        match &cell.predicted {
            None => without += 1,
            Some(_) if cell.is_flagged() => guesses += 1,
            Some((code, _)) if code == decided.code() => kept += 1,
            Some((code, _)) => *changes.entry((code, decided.code())).or_default() += 1,
        }
    }
    let changed: u64 = changes.values().sum();
    let compared = kept + changed;
    let mut list: Vec<_> = changes
        .into_iter()
        .map(|((from, to), count)| Change { from: words::safe(from), to: words::safe(to), count })
        .collect();
    // Stable: equal counts stay in the order of their codes.
    list.sort_by_key(|c| std::cmp::Reverse(c.count));
    let mut sentence = match compared {
        0 => "No decided cell has a suggestion to compare with.".to_owned(),
        n => format!(
            "Of {} with a suggestion, {kept} ({}%) were decided as suggested and {changed} otherwise.",
            words::counted(n, "decided cell", "decided cells"),
            words::percent(100.0 * kept as f64 / n as f64),
        ),
    };
    if guesses > 0 {
        sentence.push_str(&format!(
            " {} not counted here: the network finds them unlike its training data.",
            words::counted(guesses, "cell is", "cells are")
        ));
    }
    if without > 0 && compared > 0 {
        sentence.push_str(&format!(
            " {} no suggestion.",
            words::counted(without, "decided cell has", "decided cells have")
        ));
    }
    Agreement { sentence, changes: list, compared, kept }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::summary::tests::example;

    #[test]
    fn changes_are_counted_from_what_to_what_and_guesses_are_apart() {
        let mut summary = example();
        for (i, said) in [(1, "NGS"), (2, "MON"), (3, "EBO"), (4, "ART")] {
            summary.cells[i].predicted = Some((said.to_owned(), 0.5));
        }
        // The first cell's suggestion is flagged in the example; the last cell has no decision.
        let found = of(&summary);
        assert_eq!((found.compared, found.kept), (4, 2));
        let changes: Vec<_> = found.changes.iter().map(|c| (c.from.as_str(), c.to.as_str(), c.count)).collect();
        assert_eq!(changes, [("ART", "excluded", 1), ("MON", "NGS", 1)]);
        assert!(found.sentence.contains("2 (50.0%) were decided as suggested and 2 otherwise"), "{}", found.sentence);
        assert!(found.sentence.contains("1 cell is not counted"), "{}", found.sentence);
    }
}

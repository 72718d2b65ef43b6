//! A made-up reading and a made-up comparison for tests.

use std::collections::{BTreeSet, HashMap};

use crate::{
    app::{
        Event, LoadedCase, State,
        fixture::{loaded, others, reviewing},
        update,
    },
    domain::{
        Action, CaseId, CellId, Comparison, Decision, Opinion, Reading, ReadingEnd, ReadingId, ReadingKind, Verdict,
        opinions,
    },
};

/// Bea's reading of the made-up case.
pub(crate) fn reading(kind: ReadingKind, suggestions: bool) -> Reading {
    Reading {
        id: ReadingId(3),
        case: CaseId(7),
        reviewer: "Bea".to_owned(),
        kind,
        suggestions,
        seed: None,
        begun_at: "2026-11-23T20:00:00.000Z".to_owned(),
        end: None,
        compared: None,
    }
}

/// Bea reads the made-up case blinded, as the loop loads it.
pub(crate) fn reading_case(cells: usize, kind: ReadingKind, suggestions: bool) -> State {
    let mut state = reviewing(0);
    state.reviewer = "Bea".to_owned();
    let all = loaded(cells);
    let predictions = if suggestions { all.predictions } else { HashMap::new() };
    let reading = Some(reading(kind, suggestions));
    let case = LoadedCase { references: HashMap::new(), predictions, reading, ..all };
    update(&mut state, Event::CaseLoaded(Box::new(case)));
    state
}

/// Ann's record of a case and bea's finished reading of it, class by class, beside each other on Dora's screen.
pub(crate) fn compared(kind: ReadingKind, codes: &[(&str, &str)]) -> State {
    let mut state = reviewing(0);
    state.reviewer = "Dora".to_owned();
    let table = state.table.clone();
    let action = |code: &str| match code {
        "x" => Action::Exclude,
        code => Action::Reclassify(table.by_code(code).expect("a code")),
    };
    let log = |who: &str, pick: &dyn Fn(&(&str, &str)) -> Action| -> Vec<Decision> {
        (1..).zip(codes).map(|(i, c)| others(i, i, who, pick(c))).collect()
    };
    let (first, second) = (log("Ann", &|c| action(c.0)), log("Bea", &|c| action(c.1)));
    let mut reading = reading(kind, false);
    (reading.end, reading.compared) = (Some(ReadingEnd::Finished), Some(codes.len() as i64));
    let cells: Vec<CellId> = (1..=codes.len() as i64).map(CellId).collect();
    let labels: HashMap<CellId, Opinion> = (1..)
        .zip(codes)
        .filter_map(|(i, c)| {
            Some((CellId(i), Opinion { verdict: Verdict::Class(table.by_code(c.0)?), by: "label".into() }))
        })
        .collect();
    let first_says = if kind == ReadingKind::Training { labels } else { opinions(&first) };
    let comparison = Comparison::of(&table, reading, &cells, &first_says, &opinions(&second));
    let case = LoadedCase { log: first, references: HashMap::new(), ..loaded(codes.len()) };
    update(&mut state, Event::Compared(Box::new(case), Box::new(comparison), BTreeSet::new()));
    state
}

//! A made-up case for tests: no picture, no file, no database.

use std::collections::HashMap;

use crate::domain::{
    Action, BlastSet, CaseId, CaseRecord, CaseState, CellId, CellNumber, CellRecord, ClassTable, Decision, Layout,
    LibraryId, LibrarySource, LookAlike, LookAlikes, Ranking, Scale, Seq, Sha256Hash,
};

use super::{
    Effect, Event, GridLine, LoadedCase, NetworkStatus, Painted, PaintedCell, Sight, State, Suggested, update,
};

pub(crate) const NETWORK: Sha256Hash = Sha256Hash([0x3f; 32]);

/// A ranking over the classes that a network may name, with `top` in front.
pub(crate) fn ranking(table: &ClassTable, top: usize, p: f32) -> Ranking {
    let classes: Vec<_> = table.iter().filter(|(_, c)| c.predicted).map(|(id, _)| id).collect();
    let top = top % classes.len();
    let rest = classes.len() - 1;
    // The rest falls off by halves, so that the bars differ.
    let weights: Vec<f32> = (0..rest).map(|i| 0.5_f32.powi(i as i32 + 1)).collect();
    let sum: f32 = weights.iter().sum();
    let mut weights = weights.iter().map(|w| w / sum * (1.0 - p));
    let p_of = |i: usize| if i == top { p } else { weights.next().expect("one for each class but the top") };
    let all: Vec<_> = (0..classes.len()).map(p_of).zip(&classes).map(|(p, &id)| (id, p)).collect();
    Ranking::new(table, &all).expect("adds up to one")
}

pub(crate) fn loaded(cells: usize) -> LoadedCase {
    let table = ClassTable::default();
    let cell = |i: usize| CellRecord {
        id: CellId(i as i64 + 1),
        number: CellNumber::after(i),
        path: format!("cell_{i:03}.png").into(),
        sha256: Sha256Hash([i as u8; 32]),
        width: 360,
        height: 363,
    };
    let record = CaseRecord {
        id: CaseId(7),
        uid: "c".repeat(32),
        name: "Demo".to_owned(),
        root: "phantoms".into(),
        layout: Layout::Phantom,
        scale: Scale::given(0.1),
        target: 100,
        blasts: BlastSet::of_table(&ClassTable::default()),
        state: CaseState::Open,
        version: None,
        imported_at: "2026-11-23T20:00:00.000Z".to_owned(),
    };
    let label = |i: usize| (CellId(i as i64 + 1), (format!("label {i}"), None));
    LoadedCase {
        record,
        signed: None,
        cells: (0..cells).map(cell).collect(),
        log: Vec::new(),
        references: (0..cells).map(label).collect(),
        predictions: (0..cells).map(|i| (CellId(i as i64 + 1), ranking(&table, i, 0.83))).collect(),
        notes: HashMap::new(),
        remarks: Vec::new(),
        reading: None,
    }
}

/// Ann reviews the case.
pub(crate) fn reviewing(cells: usize) -> State {
    let mut state = State::new(ClassTable::default(), "Ann");
    update(
        &mut state,
        Event::Network(NetworkStatus { hash: Some(NETWORK), device: Some("cpu".to_owned()), ..Default::default() }),
    );
    update(&mut state, Event::CaseLoaded(Box::new(loaded(cells))));
    state
}

/// What a frame would report of the cell under review.
pub(crate) fn painted(state: &State) -> Painted {
    let review = state.review.as_ref().expect("a case");
    let seen = |index: usize| {
        let said = review.ranking(index).zip(state.network.hash);
        let suggested = said.map(|(ranking, network)| Suggested::of(ranking, network));
        review.cells.get(index).map(|c| PaintedCell { cell: c.id, sight: Sight::Picture, suggested })
    };
    let (columns, rows) = state.body();
    let thumbs = review.gallery.iter().flat_map(|gallery| {
        let grid = gallery.grid(columns);
        let places = grid.window(gallery.top(), rows).into_iter().filter_map(|(_, line)| match line {
            GridLine::Thumbs(places) => Some(places.clone()),
            GridLine::Title(_) => None,
        });
        places.flatten().filter_map(|place| seen(gallery.cells()[place])).collect::<Vec<_>>()
    });
    let thumbs = thumbs.collect();
    Painted {
        cell: seen(review.cursor),
        thumbs,
        summary: state.summary().map(|_| review.last_seq()),
        prompt: true,
        scroll: None,
    }
}

/// Paints and presses, and commits what comes of it, as `reviewer` would at a quiet database.
pub(crate) fn press(state: &mut State, command: super::Command) {
    let shown = painted(state);
    update(state, Event::Painted(shown));
    for effect in update(state, Event::Command(command)) {
        commit(state, effect);
    }
}

/// Carries decisions out as the database would.
pub(crate) fn commit(state: &mut State, effect: Effect) {
    let last = state.review.as_ref().and_then(|r| r.last_seq()).unwrap_or(0);
    let reviewer = state.reviewer.clone();
    let decision = |(seq, proposal): (Seq, super::Proposal), bulk| Decision {
        seq,
        cell: proposal.cell,
        reviewer: reviewer.clone(),
        at: "2026-11-23T20:00:00.000Z".to_owned(),
        action: proposal.action,
        network: proposal.network,
        suggested: proposal.suggested,
        bulk,
    };
    match effect {
        Effect::Record(proposal) => drop(update(state, Event::Recorded(decision((last + 1, proposal), None)))),
        Effect::Adjudicate { proposal, .. } => {
            update(state, Event::Adjudicated(decision((last + 1, proposal), None)));
        }
        Effect::RecordStep { proposals, .. } => {
            let decisions = (last + 1..).zip(proposals).map(|p| decision(p, Some(last + 1))).collect();
            update(state, Event::RecordedStep(decisions));
        }
        _ => {}
    }
}

/// So many look-alikes, three of each class.
pub(crate) fn alikes(table: &ClassTable, n: usize) -> LookAlikes {
    let classes: Vec<_> = table.iter().map(|(id, _)| id).collect();
    let cell = |i: usize| LookAlike {
        id: LibraryId(1 + i as i64),
        class: classes[i / 3 % classes.len()],
        similarity: 0.99 - 0.01 * i as f32,
        source: LibrarySource::Labelled,
        set: "set".to_owned(),
        patient: Some(format!("Patient_{i:02}")),
        um_per_px: Some(0.1),
        size: (360, 363),
    };
    LookAlikes { cells: (0..n).map(cell).collect(), library: 1000, left_out: 3 }
}

/// Another reviewer's decision.
pub(crate) fn others(seq: Seq, cell: i64, reviewer: &str, action: Action) -> Decision {
    Decision {
        seq,
        cell: CellId(cell),
        reviewer: reviewer.to_owned(),
        at: String::new(),
        action,
        network: None,
        suggested: None,
        bulk: None,
    }
}

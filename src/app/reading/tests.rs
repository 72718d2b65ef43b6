//! Readings and comparisons by tables of keys.

use super::fixture::{compared, reading, reading_case};
use crate::{
    app::{
        Command, CompareWhich, Disputes, Effect, Event, Input, Mode, Notice, OpenReading, Popup, PromptKind, State,
        Typed,
        fixture::{commit, loaded, painted, press, ranking, reviewing},
        update,
    },
    domain::{Action, CaseId, CaseSummary, CellId, ClassId, ReadingEnd, ReadingKind, Verdict},
};

fn class(state: &State, code: &str) -> ClassId {
    state.table.by_code(code).expect("a code")
}

fn list(state: &mut State) {
    let case = loaded(0).record;
    update(state, Event::CasesLoaded(vec![CaseSummary { case, cells: 6, reviewed: 6, blasts: None }]));
}

fn disputes(state: &State) -> &Disputes {
    state.review.as_ref().and_then(|r| r.disputes.as_ref()).expect("two readings")
}

fn type_in(state: &mut State, text: &str) -> Vec<Effect> {
    let shown = painted_prompt();
    update(state, Event::Painted(shown));
    text.chars().for_each(|c| drop(update(state, Event::Typed(Typed::Char(c)))));
    update(state, Event::Typed(Typed::Enter))
}

fn painted_prompt() -> crate::app::Painted {
    crate::app::Painted { prompt: true, ..crate::app::Painted::default() }
}

#[test]
fn the_list_asks_which_reading_and_goes_on_with_one_that_is_open() {
    let mut state = State::new(reviewing(0).table, "Bea");
    assert_eq!(update(&mut state, Event::Command(Command::Blind)), []);
    assert_eq!(state.notice, Some(Notice::NoCases));
    list(&mut state);
    assert_eq!(update(&mut state, Event::Command(Command::Blind)), []);
    assert_eq!(state.input(), Input::Text);
    // The first choice shows no suggestions; typing narrows the list down.
    let begun = |kind, suggestions| [Effect::BeginReading { case: CaseId(7), kind, suggestions }];
    assert_eq!(type_in(&mut state, "repeat of my own reading, sugg"), begun(ReadingKind::Repeat, true));
    update(&mut state, Event::Command(Command::Blind));
    assert_eq!(type_in(&mut state, "nothing like it"), []);
    assert_eq!(state.notice, Some(Notice::NoChoice));
    update(&mut state, Event::Typed(Typed::Clear));
    assert_eq!(type_in(&mut state, ""), begun(ReadingKind::Second, false));
    // Whoever came to read blinded never opens a record by Enter.
    state.blinded = true;
    assert_eq!(update(&mut state, Event::Command(Command::Open)), []);
    assert!(matches!(&state.popup, Some(Popup::Prompt(p)) if p.kind == PromptKind::Begin(CaseId(7))));
    update(&mut state, Event::Typed(Typed::Esc));
    let open = OpenReading { reading: reading(ReadingKind::Second, false), decided: 2 };
    update(&mut state, Event::ReadingsLoaded(vec![open]));
    for command in [Command::Blind, Command::Open] {
        assert_eq!(update(&mut state, Event::Command(command)), [Effect::LoadCase(CaseId(7))], "{command:?}");
    }
    let compare = Effect::Compare { case: CaseId(7), which: CompareWhich::Latest };
    assert_eq!(update(&mut state, Event::Command(Command::Compare)), [compare]);
}

#[test]
fn a_reading_refuses_what_would_show_the_record_or_add_to_it() {
    let mut state = reading_case(4, ReadingKind::Second, false);
    let refused = [
        Command::Note,
        Command::Tag,
        Command::History,
        Command::Reopen,
        Command::Target,
        Command::Blasts,
        Command::Compare,
        Command::Export,
    ];
    for command in refused {
        assert!(!state.available(command), "{command:?}");
        press(&mut state, command);
        assert_eq!(state.notice, Some(Notice::NotInReading(ReadingKind::Second)), "{command:?}");
        assert_eq!(state.popup, None);
    }
    // The gallery does not open a way round.
    press(&mut state, Command::Gallery);
    press(&mut state, Command::History);
    assert_eq!(state.notice, Some(Notice::NotInReading(ReadingKind::Second)));
}

#[test]
fn without_suggestions_neither_accepting_nor_order_nor_filter_nor_a_late_prediction_knows_any() {
    let mut state = reading_case(4, ReadingKind::Second, false);
    let late = ranking(&state.table, 3, 0.9);
    update(&mut state, Event::Predictions(CaseId(7), vec![(CellId(1), late.clone())]));
    assert!(state.review.as_ref().is_some_and(|r| r.suggestion().is_none()));
    press(&mut state, Command::Accept);
    assert_eq!(state.notice, Some(Notice::NoSuggestion));
    press(&mut state, Command::Explain);
    assert_eq!(state.notice, Some(Notice::NothingToExplain));
    for (order, refused) in
        [("uncertain", true), ("blasts", true), ("confus", true), ("unlike", true), ("by class", false)]
    {
        press(&mut state, Command::Order);
        assert_eq!(type_in(&mut state, order), []);
        assert_eq!(state.notice == Some(Notice::WithoutSuggestions), refused, "{order}");
        update(&mut state, Event::Typed(Typed::Esc));
    }
    for (filter, notice) in [
        ("p<70%", Some(Notice::WithoutSuggestions)),
        ("-unlike", Some(Notice::WithoutSuggestions)),
        ("changed", Some(Notice::WithoutSuggestions)),
        ("-noted", Some(Notice::NotInReading(ReadingKind::Second))),
        ("#auer", Some(Notice::NotInReading(ReadingKind::Second))),
        ("note:x", Some(Notice::NotInReading(ReadingKind::Second))),
        ("open", None),
    ] {
        press(&mut state, Command::Filter);
        update(&mut state, Event::Typed(Typed::Clear));
        type_in(&mut state, filter);
        assert_eq!(state.notice, notice, "{filter}");
        update(&mut state, Event::Typed(Typed::Esc));
    }
    // With suggestions shown they are there like elsewhere.
    let mut state = reading_case(4, ReadingKind::Second, true);
    update(&mut state, Event::Predictions(CaseId(7), vec![(CellId(1), late)]));
    press(&mut state, Command::Accept);
    assert!(state.review.as_ref().is_some_and(|r| r.verdict(0).is_some()));
}

#[test]
fn a_reading_ends_complete_after_a_look_at_its_figures_or_by_words() {
    let mut state = reading_case(2, ReadingKind::Second, false);
    press(&mut state, Command::Sign);
    assert!(matches!(&state.popup, Some(Popup::Prompt(p)) if p.kind == PromptKind::GiveUp));
    update(&mut state, Event::Pasted("give up".to_owned()));
    assert_eq!(type_in(&mut state, "give"), []);
    assert_eq!(state.notice, Some(Notice::TypeGiveUp));
    let id = reading(ReadingKind::Second, false).id;
    assert_eq!(type_in(&mut state, " up"), [Effect::EndReading { reading: id, finished: false }]);
    let ngs = Command::Class(class(&state, "NGS"));
    press(&mut state, ngs);
    press(&mut state, ngs);
    press(&mut state, Command::Sign);
    assert_eq!(state.input(), Input::Keys(Mode::Sign));
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), []);
    assert_eq!(state.notice, Some(Notice::SummaryNotPainted));
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown));
    let ends = [Effect::EndReading { reading: id, finished: true }];
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), ends);
    // A second reading waits to be compared; a training is scored at once.
    let mut ended = reading(ReadingKind::Second, false);
    ended.end = Some(ReadingEnd::Finished);
    assert_eq!(update(&mut state, Event::ReadingEnded(ended.clone())), [Effect::LoadCases]);
    assert!(state.review.is_none() && state.popup.is_none());
    let training = crate::domain::Reading { kind: ReadingKind::Training, ..ended };
    let scored = Effect::Compare { case: CaseId(7), which: CompareWhich::This(id) };
    assert_eq!(update(&mut state, Event::ReadingEnded(training)), [Effect::LoadCases, scored]);
}

const CODES: [(&str, &str); 5] = [("NGS", "NGS"), ("MYO", "LYT"), ("LYT", "LYT"), ("NGS", "x"), ("MON", "MYO")];

/// Opens the cell under the cursor, painted.
fn open(state: &mut State) {
    press(state, Command::Open);
    let shown = painted(state);
    update(state, Event::Painted(shown));
}

#[test]
fn a_dispute_is_settled_on_the_painted_cell_by_a_key_that_says_so() {
    let mut state = compared(ReadingKind::Second, &CODES);
    assert_eq!((state.place(), disputes(&state).len(), disputes(&state).is_open), (Mode::Dispute, 3, false));
    let myo = class(&state, "MYO");
    // On the table nothing is decided, and accepting has no key here at all.
    for command in [Command::FirstRight, Command::SecondRight, Command::Class(myo), Command::Undo] {
        press(&mut state, command);
        assert_eq!(state.notice, Some(Notice::OpenDispute), "{command:?}");
    }
    assert!(!Command::Accept.doc().modes.contains(&Mode::Dispute));
    press(&mut state, Command::Open);
    // Opened, but not painted yet: neither by key nor by a frame of another cell.
    assert_eq!(update(&mut state, Event::Command(Command::FirstRight)), []);
    assert_eq!(state.notice, Some(Notice::NotPainted));
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown));
    let effects = update(&mut state, Event::Command(Command::FirstRight));
    let [Effect::Adjudicate { reading, proposal }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((reading.0, proposal.cell, proposal.action), (3, CellId(2), Action::Reclassify(myo)));
    assert!(proposal.suggested.is_some(), "what was beside it is kept");
    assert_eq!(update(&mut state, Event::Command(Command::SecondRight)), [], "one at a time");
    assert_eq!(state.notice, Some(Notice::Busy));
    commit(&mut state, effects[0].clone());
    // The next open one comes: excluded by the second reader.
    assert_eq!(disputes(&state).cursor, 1);
    press(&mut state, Command::SecondRight);
    let verdict = |state: &State, i: usize| state.review.as_ref().and_then(|r| r.verdict(i));
    assert_eq!(verdict(&state, 3), Some(Verdict::Excluded));
    let mon = class(&state, "MOB");
    press(&mut state, Command::Class(mon));
    assert_eq!(verdict(&state, 4), Some(Verdict::Class(mon)), "neither of the two");
    assert_eq!(state.notice, Some(Notice::AllSettled(3)));
    let review = state.review.as_ref().expect("a case");
    assert_eq!(disputes(&state).unsettled(review), 0);
    assert_eq!(verdict(&state, 0), Some(Verdict::Class(class(&state, "NGS"))), "what both said stays");
    // Undo goes back over one's own settlements alone, never to Ann's decisions.
    for cell in [4, 3, 1] {
        press(&mut state, Command::Undo);
        assert_eq!(state.notice, Some(Notice::Undone));
        assert_eq!(state.review.as_ref().map(|r| r.cursor), Some(cell));
    }
    press(&mut state, Command::Undo);
    assert_eq!(state.notice, Some(Notice::NothingToUndo));
    press(&mut state, Command::Redo);
    let review = state.review.as_ref().expect("a case");
    assert_eq!(disputes(&state).unsettled(review), 2);
}

#[test]
fn a_joint_signature_asks_for_open_disputes_like_for_open_cells() {
    let mut state = compared(ReadingKind::Second, &CODES);
    let confirm = |state: &mut State| {
        press(state, Command::Sign);
        let shown = painted(state);
        update(state, Event::Painted(shown));
        update(state, Event::Command(Command::Confirm))
    };
    assert_eq!(confirm(&mut state), []);
    assert!(matches!(&state.popup, Some(Popup::Prompt(p)) if matches!(p.kind, PromptKind::SignIncomplete(_))));
    state.popup = None;
    open(&mut state);
    for _ in 0..3 {
        press(&mut state, Command::FirstRight);
    }
    let effects = confirm(&mut state);
    assert!(matches!(effects[..], [Effect::Sign { allow_incomplete: false, .. }]), "{effects:?}");
}

#[test]
fn a_training_is_looked_through_and_settles_nothing() {
    let mut state = compared(ReadingKind::Training, &CODES);
    assert!(disputes(&state).is_training());
    open(&mut state);
    for command in [Command::FirstRight, Command::Exclude, Command::Undo, Command::Sign] {
        press(&mut state, command);
        assert_eq!(state.notice, Some(Notice::TrainingSettlesNothing), "{command:?}");
    }
    press(&mut state, Command::Next);
    assert_eq!((disputes(&state).cursor, state.review.as_ref().map(|r| r.cursor)), (1, Some(3)));
    for last in [Command::Last, Command::PageDown, Command::Next] {
        press(&mut state, last);
        assert_eq!(disputes(&state).cursor, 2);
    }
    press(&mut state, Command::Cancel);
    assert!(!disputes(&state).is_open, "back to the table");
    assert_eq!(update(&mut state, Event::Command(Command::Cancel)), [], "Esc leaves no case");
    assert_eq!((state.review.is_some(), &state.notice), (true, &Some(Notice::NothingToClose)));
    assert_eq!(
        update(&mut state, Event::Command(Command::Cases)),
        [Effect::LoadCases],
        "another key leads to the list"
    );
    assert!(state.review.is_none());
}

#[test]
fn readings_that_agree_have_no_cell_to_open() {
    let mut state = compared(ReadingKind::Repeat, &[("NGS", "NGS"), ("LYT", "LYT")]);
    press(&mut state, Command::Open);
    assert_eq!((state.notice.clone(), disputes(&state).is_open), (Some(Notice::NoDispute), false));
    let before =
        Effect::Compare { case: CaseId(7), which: CompareWhich::Before(disputes(&state).comparison.reading.id) };
    assert_eq!(update(&mut state, Event::Command(Command::Compare)), [before]);
    assert!(state.review.as_ref().is_some_and(|r| r.disputes.is_some()), "what is shown stays until another comes");
}

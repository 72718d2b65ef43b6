//! The reducer, by tables of keys, and by properties of whole sequences.

use proptest::prelude::*;

use super::{
    Command, Effect, Event, Input, Mode, Notice, Painted, PaintedCell, Popup, Sight, SignedLabel, State, Typed,
    fixture::{commit, loaded, others, painted, press, ranking, reviewing},
    update,
};
use crate::domain::{
    Action, CaseId, CellId, ClassId, Happening, Remark, RemarkKind, Tally, Unlike, Verdict, What, current,
};

fn class(state: &State, code: &str) -> ClassId {
    state.table.by_code(code).expect("a code")
}

fn cursor(state: &State) -> usize {
    state.review.as_ref().expect("a case").cursor
}

fn verdict(state: &State, index: usize) -> Option<Verdict> {
    state.review.as_ref().expect("a case").verdict(index)
}

fn type_in(state: &mut State, text: &str) {
    let shown = painted(state);
    update(state, Event::Painted(shown.clone()));
    text.chars().for_each(|c| drop(update(state, Event::Typed(Typed::Char(c)))));
}

#[test]
fn a_decision_carries_what_was_painted_and_shows_only_after_commit() {
    let mut state = reviewing(3);
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    // A better idea of the network that no frame has shown yet does not change what is accepted.
    let seen = shown.cell.and_then(|c| c.suggested).expect("a suggestion");
    let (hash, top, p) = (seen.network, seen.class, seen.p);
    let later = ranking(&state.table, 9, 0.9);
    update(&mut state, Event::Predictions(CaseId(7), vec![(CellId(1), later)]));
    let effects = update(&mut state, Event::Command(Command::Accept));
    let [Effect::Record(proposal)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((proposal.cell, proposal.action), (CellId(1), Action::Accept(top)));
    assert_eq!((proposal.network, proposal.suggested), (Some(hash), Some((top, p))));
    assert_eq!((cursor(&state), verdict(&state, 0)), (0, None), "nothing shows before COMMIT");
    // Until then further deciding keys are dropped.
    assert_eq!(update(&mut state, Event::Command(Command::Exclude)), []);
    assert_eq!(state.notice, Some(Notice::Busy));
    commit(&mut state, effects[0].clone());
    assert_eq!((cursor(&state), verdict(&state, 0)), (1, Some(Verdict::Class(top))));
}

/// The cell under review as the network sees nothing like it in what it was trained on.
fn flag(state: &mut State, cell: i64, flagged: bool) {
    let unlike = Unlike { score: if flagged { 0.99 } else { 0.4 }, flagged };
    let guess = ranking(&state.table, 7, 0.6).with_unlike(Some(unlike));
    update(state, Event::Predictions(CaseId(7), vec![(CellId(cell), guess)]));
}

#[test]
fn a_flagged_suggestion_is_not_accepted_by_a_run_of_accepting_but_by_its_class() {
    let mut state = reviewing(3);
    flag(&mut state, 2, true);
    assert!(state.available(Command::Accept));
    press(&mut state, Command::Accept);
    assert_eq!(cursor(&state), 1);
    assert!(!state.available(Command::Accept), "the footer does not offer it");
    let guess = state.review.as_ref().and_then(|r| r.suggestion()).expect("a guess").0;
    for _ in 0..5 {
        press(&mut state, Command::Accept);
        assert_eq!((cursor(&state), verdict(&state, 1)), (1, None));
        assert_eq!(state.notice, Some(Notice::Unlike(guess)));
    }
    press(&mut state, Command::Class(guess));
    assert_eq!((cursor(&state), verdict(&state, 1)), (2, Some(Verdict::Class(guess))));
    press(&mut state, Command::Accept);
    assert!(verdict(&state, 2).is_some(), "what is not flagged goes on as before");
}

#[test]
fn what_was_painted_says_whether_a_suggestion_was_flagged() {
    let mut state = reviewing(2);
    flag(&mut state, 1, true);
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    // A prediction that no frame has shown does not take the warning away.
    flag(&mut state, 1, false);
    assert_eq!(update(&mut state, Event::Command(Command::Accept)), []);
    let guess = shown.cell.and_then(|c| c.suggested).expect("a guess");
    assert_eq!((guess.flagged, &state.notice), (true, &Some(Notice::Unlike(guess.class))));
    // What is decided carries the guess that was seen.
    let effects = update(&mut state, Event::Command(Command::Class(guess.class)));
    let [Effect::Record(proposal)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((proposal.action, proposal.suggested), (Action::Reclassify(guess.class), Some((guess.class, guess.p))));
}

#[test]
fn nothing_is_decided_on_a_cell_that_was_not_painted() {
    let mut state = reviewing(5);
    let ngs = class(&state, "NGS");
    let deciding = [Command::Accept, Command::Class(ngs), Command::Exclude, Command::Undo, Command::Redo];
    for command in deciding {
        assert!(command.doc().decides);
        assert_eq!(update(&mut state, Event::Command(command)), []);
        assert_eq!(state.notice, Some(Notice::NotPainted), "{command:?}");
    }
    // Painted, and left again: the next cell was not painted.
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    update(&mut state, Event::Command(Command::Next));
    assert_eq!(update(&mut state, Event::Command(Command::Exclude)), []);
    // A frame of another cell that comes late paints nothing.
    update(&mut state, Event::Painted(shown.clone()));
    assert_eq!(update(&mut state, Event::Command(Command::Exclude)), []);
    assert_eq!(state.notice, Some(Notice::NotPainted));
    // After a resize the next frame has to come first.
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    update(&mut state, Event::Resize(100, 30));
    assert_eq!(update(&mut state, Event::Command(Command::Exclude)), []);
}

#[test]
fn without_a_picture_a_cell_can_only_be_excluded() {
    let mut state = reviewing(2);
    let shown = painted(&state);
    let cell = shown.cell.map(|c| PaintedCell { sight: Sight::Message, ..c });
    update(&mut state, Event::Painted(Painted { cell, ..shown }));
    let ngs = class(&state, "NGS");
    for command in [Command::Accept, Command::Class(ngs)] {
        assert_eq!(update(&mut state, Event::Command(command)), []);
        assert_eq!(state.notice, Some(Notice::NoPicture));
    }
    assert!(matches!(update(&mut state, Event::Command(Command::Exclude))[..], [Effect::Record(_)]));
}

#[test]
fn accept_without_a_prediction_records_nothing() {
    let mut state = reviewing(2);
    let mut case = loaded(2);
    case.predictions.clear();
    update(&mut state, Event::CaseLoaded(Box::new(case)));
    press(&mut state, Command::Accept);
    assert_eq!(state.notice, Some(Notice::NoSuggestion));
    assert!(state.review.as_ref().is_some_and(|r| r.log().is_empty()));
}

#[test]
fn decisions_lead_to_the_next_cell_without_one_around_the_end() {
    let mut state = reviewing(4);
    press(&mut state, Command::Last);
    press(&mut state, Command::Exclude);
    assert_eq!(cursor(&state), 0, "around the end");
    press(&mut state, Command::Next);
    press(&mut state, Command::Accept);
    assert_eq!(cursor(&state), 2);
    press(&mut state, Command::Accept);
    assert_eq!(cursor(&state), 0);
    press(&mut state, Command::Accept);
    assert_eq!((cursor(&state), state.notice.clone()), (0, Some(Notice::AllReviewed(4))));
    let text = Notice::AllReviewed(4).text(&|c| (c == Command::Sign).then(|| "S".to_owned()));
    assert_eq!(text, "all 4 cells reviewed: S signs");
}

#[test]
fn the_map_of_a_suggestion_is_asked_for_on_a_seen_cell_and_left_with_it() {
    let explains = |state: &State| state.review.as_ref().is_some_and(|r| r.explain);
    let mut state = reviewing(4);
    update(&mut state, Event::Command(Command::Explain));
    assert_eq!((explains(&state), state.notice.clone()), (false, Some(Notice::NotPainted)), "seen plain first");
    press(&mut state, Command::Explain);
    assert!(explains(&state) && state.notice.is_none());
    press(&mut state, Command::Zoom);
    assert!(explains(&state), "enlarging keeps it");
    press(&mut state, Command::Explain);
    assert!(!explains(&state), "the same key leads back");
    for leaves in [Command::Next, Command::Previous, Command::Accept, Command::Exclude, Command::Undo] {
        press(&mut state, Command::Explain);
        assert!(explains(&state));
        press(&mut state, leaves);
        assert!(!explains(&state), "{leaves:?}: another cell is seen plain first");
    }
    // Without a suggestion there is nothing to explain.
    let mut case = loaded(2);
    case.predictions.clear();
    update(&mut state, Event::CaseLoaded(Box::new(case)));
    assert!(!state.available(Command::Explain));
    press(&mut state, Command::Explain);
    assert_eq!((explains(&state), state.notice.clone()), (false, Some(Notice::NothingToExplain)));
}

#[test]
fn undo_goes_back_to_the_first_decision_and_shows_each_cell() {
    let mut state = reviewing(3);
    for _ in 0..3 {
        press(&mut state, Command::Accept);
    }
    for expected in [2, 1, 0] {
        press(&mut state, Command::Undo);
        assert_eq!((cursor(&state), verdict(&state, expected)), (expected, None));
    }
    press(&mut state, Command::Undo);
    assert_eq!(state.notice, Some(Notice::NothingToUndo));
    for expected in [0, 1, 2] {
        press(&mut state, Command::Redo);
        assert_eq!(cursor(&state), expected);
        assert!(verdict(&state, expected).is_some());
    }
    press(&mut state, Command::Redo);
    assert_eq!(state.notice, Some(Notice::NothingToRedo));
}

#[test]
fn a_reference_label_shows_only_after_the_reviewers_own_decision() {
    let mut state = reviewing(2);
    let reference = |state: &State| state.review.as_ref().expect("a case").reference(0).is_some();
    assert!(!reference(&state));
    let ngs = class(&state, "NGS");
    update(&mut state, Event::LogRefreshed(vec![others(1, 1, "Bea", Action::Reclassify(ngs))]));
    assert!(!reference(&state), "another reviewer's decision does not show it");
    press(&mut state, Command::First);
    press(&mut state, Command::Exclude);
    assert!(reference(&state));
    press(&mut state, Command::Undo);
    assert!(!reference(&state));
}

#[test]
fn a_labelled_files_name_shows_only_after_the_reviewers_own_decision() {
    let mut case = loaded(2);
    case.record.layout = crate::domain::Layout::Classes;
    case.references.remove(&CellId(2));
    let mut state = reviewing(2);
    update(&mut state, Event::CaseLoaded(Box::new(case)));
    let named = |state: &State, i| state.review.as_ref().is_some_and(|r| r.may_name_file(i));
    assert!(!named(&state, 0) && named(&state, 1));
    press(&mut state, Command::Accept);
    assert!(named(&state, 0));
}

#[test]
fn a_signed_case_takes_no_decision_and_reopens_with_a_reason() {
    let mut state = reviewing(1);
    press(&mut state, Command::Accept);
    press(&mut state, Command::Sign);
    let label = super::SignedLabel { version: 1, reviewer: "Ann".to_owned(), at: String::new() };
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    let effects = update(&mut state, Event::Command(Command::Confirm));
    assert_eq!(effects, [Effect::Sign { case: CaseId(7), expect_last_seq: Some(1), allow_incomplete: false }]);
    update(&mut state, Event::Signed(label));
    for command in [Command::Exclude, Command::Search, Command::Sign, Command::Undo] {
        press(&mut state, command);
        assert_eq!((state.notice.clone(), state.popup.clone()), (Some(Notice::Signed(1)), None), "{command:?}");
    }
    press(&mut state, Command::Reopen);
    assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), []);
    assert_eq!(state.notice, Some(Notice::EmptyText("the reason")));
    type_in(&mut state, "band was segmented");
    let effects = update(&mut state, Event::Typed(Typed::Enter));
    assert_eq!(effects, [Effect::Reopen { case: CaseId(7), reason: "band was segmented".to_owned() }]);
    update(&mut state, Event::Reopened);
    press(&mut state, Command::Exclude);
    assert_eq!(verdict(&state, 0), Some(Verdict::Excluded));
}

#[test]
fn a_signature_is_on_the_figures_that_were_painted() {
    let mut state = reviewing(2);
    press(&mut state, Command::Exclude);
    press(&mut state, Command::Exclude);
    update(&mut state, Event::Command(Command::Sign));
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), []);
    assert_eq!(state.notice, Some(Notice::SummaryNotPainted));
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    update(&mut state, Event::LogRefreshed(vec![others(3, 1, "Bea", Action::Exclude)]));
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), [], "Bea's decision was not shown");
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    assert!(state.summary().is_some_and(|s| s.moved));
    let sign = Effect::Sign { case: CaseId(7), expect_last_seq: Some(3), allow_incomplete: false };
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), [sign]);
    // The database had yet another one.
    update(&mut state, Event::SignMoved);
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), []);
}

#[test]
fn cells_without_a_decision_keep_a_case_from_being_signed_until_yes_is_typed() {
    let mut state = reviewing(2);
    press(&mut state, Command::Accept);
    press(&mut state, Command::Sign);
    press(&mut state, Command::Confirm);
    assert_eq!(state.input(), Input::Text);
    type_in(&mut state, "ye");
    assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), []);
    assert_eq!(state.notice, Some(Notice::TypeYes));
    update(&mut state, Event::Pasted("s".to_owned()));
    assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), [], "a pasted yes is none");
    type_in(&mut state, "s");
    let sign = Effect::Sign { case: CaseId(7), expect_last_seq: Some(1), allow_incomplete: true };
    assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), [sign]);
}

#[test]
fn search_decides_for_the_marked_class_of_the_painted_cell() {
    let mut state = reviewing(3);
    press(&mut state, Command::Search);
    type_in(&mut state, "mye");
    let found: Vec<_> = super::matches(&state.table, "mye").into_iter().map(|id| state.table.code(id)).collect();
    assert_eq!(found[..2], ["MYO", "MYB"], "{found:?}");
    update(&mut state, Event::Typed(Typed::Down));
    let effects = update(&mut state, Event::Typed(Typed::Enter));
    let myb = class(&state, "MYB");
    assert!(matches!(&effects[..], [Effect::Record(p)] if p.action == Action::Reclassify(myb) && p.cell == CellId(1)));
    assert_eq!(state.input(), Input::Keys(Mode::Review));
}

#[test]
fn a_search_typed_ahead_of_its_prompt_decides_nothing() {
    let mut state = reviewing(3);
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown.clone()));
    update(&mut state, Event::Command(Command::Search));
    update(&mut state, Event::Typed(Typed::Char('n')));
    assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), []);
    assert_eq!((state.notice.clone(), state.popup.clone()), (Some(Notice::NotPainted), None));
}

#[test]
fn others_decisions_are_told_and_never_twice() {
    let mut state = reviewing(4);
    let new: Vec<_> = (1..=3).map(|i| others(i, i, "Anna", Action::Exclude)).collect();
    update(&mut state, Event::LogRefreshed(new.clone()));
    assert_eq!(state.notice, Some(Notice::Others { reviewer: "Anna".to_owned(), cells: 3 }));
    update(&mut state, Event::Command(Command::First));
    update(&mut state, Event::LogRefreshed(new));
    assert_eq!(state.notice, None);
    assert_eq!(state.review.as_ref().map(|r| (r.tally().excluded, r.synced())), Some((3, Some(3))));
}

#[test]
fn help_and_the_case_list_move_by_the_same_keys() {
    let mut state = reviewing(3);
    press(&mut state, Command::Help);
    press(&mut state, Command::Next);
    assert_eq!((cursor(&state), state.popup.clone()), (0, Some(Popup::Help { scroll: 1, over: None })));
    press(&mut state, Command::Cancel);
    assert_eq!(update(&mut state, Event::Command(Command::Cases)), [Effect::LoadCases]);
    assert_eq!(state.place(), Mode::Cases);
    assert_eq!(update(&mut state, Event::Command(Command::Open)), []);
    assert_eq!(state.notice, Some(Notice::NoCases));
    assert_eq!(update(&mut state, Event::Command(Command::Quit)), [Effect::Quit]);
}

proptest! {
    /// Whatever keys come, painted or not: the tally is the fold of the log, and each decision in the log is about a
    /// cell that was under review, painted, when its key came.
    #[test]
    fn the_tally_is_the_fold_of_the_log(keys in proptest::collection::vec((0_usize..14, any::<bool>()), 0..60)) {
        let mut state = reviewing(6);
        let ngs = class(&state, "NGS");
        let commands = [
            Command::Accept, Command::Class(ngs), Command::Exclude, Command::Undo, Command::Redo, Command::Next, Command::Previous,
            Command::First, Command::Last, Command::PageDown, Command::NextUnreviewed, Command::PreviousUnreviewed, Command::Zoom,
            Command::PageUp,
        ];
        for (key, paint) in keys {
            if paint {
                let shown = painted(&state);
                update(&mut state, Event::Painted(shown.clone()));
            }
            let (at, seen) = {
                let review = state.review.as_ref().expect("a case");
                (review.current().map(|c| c.id), review.painted.map(|p| p.cell))
            };
            for effect in update(&mut state, Event::Command(commands[key])) {
                if let Effect::Record(p) = &effect {
                    prop_assert!(seen == at);
                    prop_assert!(p.action.verdict().is_none() || Some(p.cell) == at);
                }
                commit(&mut state, effect);
            }
            let review = state.review.as_ref().expect("a case");
            let holding = current(review.log());
            let fold = Tally::of(&state.table, &review.case.blasts, review.cells.iter().map(|c| holding.get(&c.id).and_then(|d| d.action.verdict())));
            prop_assert_eq!(review.tally(), &fold);
        }
    }
}

#[test]
fn an_order_is_stepped_through_and_a_filter_leaves_cells_out() {
    let mut state = reviewing(4);
    // The third cell is the least certain, then the second.
    let say = |state: &mut State, cell: i64, p: f32| {
        let guess = ranking(&state.table, cell as usize, p);
        update(state, Event::Predictions(CaseId(7), vec![(CellId(cell), guess)]));
    };
    [(1, 0.9), (2, 0.7), (3, 0.5), (4, 0.8)].into_iter().for_each(|(cell, p)| say(&mut state, cell, p));
    press(&mut state, Command::Order);
    type_in(&mut state, "uncert");
    update(&mut state, Event::Typed(Typed::Enter));
    assert_eq!((state.popup.clone(), cursor(&state)), (None, 2), "the first one in the new order");
    let cells = |state: &State| state.review.as_ref().expect("a case").sequence().cells().to_vec();
    assert_eq!(cells(&state), [2, 1, 3, 0]);
    press(&mut state, Command::Accept);
    assert_eq!(cursor(&state), 1, "the next one in this order");
    press(&mut state, Command::Last);
    assert_eq!(cursor(&state), 0);
    press(&mut state, Command::Previous);
    assert_eq!(cursor(&state), 3);
    // A word of the network that comes later finds its place, and the cell under review stays.
    say(&mut state, 1, 0.4);
    assert_eq!((cells(&state), cursor(&state)), (vec![0, 2, 1, 3], 3));

    press(&mut state, Command::Filter);
    type_in(&mut state, "open p<75%");
    update(&mut state, Event::Typed(Typed::Enter));
    assert_eq!((cells(&state), cursor(&state)), (vec![0, 1], 0));
    press(&mut state, Command::Exclude);
    press(&mut state, Command::Exclude);
    assert_eq!(state.notice, Some(Notice::AllShownReviewed { shown: 2, hidden: 1 }));
    // Undone is the decision before, wherever its cell is, and its neighbours are those of where one was.
    press(&mut state, Command::Undo);
    press(&mut state, Command::Undo);
    press(&mut state, Command::Undo);
    assert_eq!(cursor(&state), 2, "a cell that the filter leaves out");
    press(&mut state, Command::Next);
    assert!(cells(&state).contains(&cursor(&state)));
}

#[test]
fn a_filter_that_means_nothing_or_lets_nothing_through_changes_nothing() {
    let mut state = reviewing(3);
    press(&mut state, Command::Filter);
    type_in(&mut state, "blats");
    update(&mut state, Event::Typed(Typed::Enter));
    assert!(matches!(&state.notice, Some(Notice::BadFilter(why)) if why.contains("`blats`")), "{:?}", state.notice);
    (0..5).for_each(|_| drop(update(&mut state, Event::Typed(Typed::Backspace))));
    type_in(&mut state, "excluded");
    update(&mut state, Event::Typed(Typed::Enter));
    assert_eq!(state.notice, Some(Notice::NothingPasses));
    assert!(state.popup.is_some() && state.review.as_ref().is_some_and(|r| r.sequence().is_plain()));
}

#[test]
fn a_tag_is_put_on_by_typing_it_and_taken_off_by_typing_it_again() {
    let mut state = reviewing(2);
    let remark = |state: &mut State| {
        type_in(state, "#Auer rod");
        let effects = update(state, Event::Typed(Typed::Enter));
        let [Effect::AddRemark { cell, kind, text, .. }] = &effects[..] else { panic!("{effects:?}") };
        let remark =
            Remark { id: 1, cell: *cell, reviewer: "Ann".into(), at: String::new(), kind: *kind, text: text.clone() };
        update(state, Event::RemarkAdded(remark.clone()));
        remark
    };
    press(&mut state, Command::Tag);
    let on = remark(&mut state);
    assert_eq!((on.cell, on.kind, on.text.as_str()), (Some(CellId(1)), RemarkKind::Tag, "auer-rod"));
    assert_eq!(state.review.as_ref().expect("a case").tags(0), ["auer-rod"]);
    press(&mut state, Command::Tag);
    assert_eq!(remark(&mut state).kind, RemarkKind::Untag);
    assert!(state.review.as_ref().expect("a case").tags(0).is_empty());
    // Tab: the case instead of the cell, and typing on does not change that.
    press(&mut state, Command::Tag);
    update(&mut state, Event::Typed(Typed::Down));
    let of_case = remark(&mut state);
    assert_eq!((of_case.cell, of_case.kind), (None, RemarkKind::Tag));
    assert!(state.review.as_ref().expect("a case").case_tags().contains("auer-rod"));
    press(&mut state, Command::Note);
    update(&mut state, Event::Typed(Typed::Down));
    type_in(&mut state, "second smear wanted");
    let effects = update(&mut state, Event::Typed(Typed::Enter));
    assert!(matches!(&effects[..], [Effect::AddRemark { cell: None, kind: RemarkKind::Note, .. }]), "{effects:?}");
}

#[test]
fn the_history_opens_at_its_end_and_scrolls() {
    let mut state = reviewing(2);
    assert_eq!(update(&mut state, Event::Command(Command::History)), [Effect::LoadHistory(CaseId(7))]);
    let happening = |n: usize| Happening {
        at: format!("2026-11-23T20:00:{n:02}.000Z"),
        who: Some("Ann".into()),
        what: What::Decision { cell: CellId(2), action: Action::Exclude, suggested: None },
    };
    update(&mut state, Event::HistoryLoaded((0..60).map(happening).collect()));
    assert_eq!(state.input(), Input::Keys(Mode::Help));
    update(&mut state, Event::Painted(Painted { scroll: Some(41), ..Painted::default() }));
    update(&mut state, Event::Command(Command::Previous));
    let Some(Popup::History { scroll, lines }) = &state.popup else { panic!("a pane") };
    assert_eq!((*scroll, lines[59].join("|").as_str()), (40, "2026-11-23 20:00:59 UTC|Ann|cell 2: excluded"));
    update(&mut state, Event::Command(Command::Cancel));
    assert_eq!(state.popup, None);
}

#[test]
fn a_target_shows_once_it_is_in_the_database_and_not_of_a_signed_case() {
    let mut state = reviewing(3);
    for (typed, downs, target) in [("", 0, 100), ("", 1, 200), ("x 200", 0, 400), ("two", 9, 400)] {
        update(&mut state, Event::Command(Command::Target));
        assert_eq!(state.input(), Input::Text);
        type_in(&mut state, typed);
        (0..downs).for_each(|_| drop(update(&mut state, Event::Typed(Typed::Down))));
        let before = state.review.as_ref().map(|r| r.case.target);
        let effects = update(&mut state, Event::Typed(Typed::Enter));
        assert_eq!(effects, [Effect::SetTarget { case: CaseId(7), target }], "`{typed}` and {downs} down");
        assert_eq!((state.popup.clone(), state.review.as_ref().map(|r| r.case.target)), (None, before));
    }
    update(&mut state, Event::TargetSet(CaseId(7), 400));
    assert_eq!(state.review.as_ref().map(|r| r.case.target), Some(400));
    assert_eq!(state.notice, Some(Notice::Target(400)));
    update(&mut state, Event::Command(Command::Target));
    let Some(Popup::Prompt(prompt)) = &state.popup else { panic!("{:?}", state.popup) };
    assert_eq!(prompt.marked, 2, "the target in use is marked");
    update(&mut state, Event::Typed(Typed::Esc));

    let label = SignedLabel { version: 1, reviewer: "Ann".to_owned(), at: String::new() };
    update(&mut state, Event::Signed(label));
    update(&mut state, Event::Command(Command::Target));
    assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), []);
    assert_eq!(state.notice, Some(Notice::Signed(1)));
}

#[test]
fn a_stop_rule_holds_for_the_session_until_another_is_chosen() {
    let mut state = reviewing(3);
    assert_eq!(state.rule, None, "no rule stops anybody who has not asked for one");
    for (typed, percent) in [("20%", Some(20)), ("below 5", Some(5)), (" 1%", Some(1)), ("no stop", None)] {
        update(&mut state, Event::Command(Command::Target));
        type_in(&mut state, typed);
        assert_eq!(update(&mut state, Event::Typed(Typed::Enter)), []);
        assert_eq!((state.popup.clone(), state.rule.map(|r| r.percent())), (None, percent), "`{typed}`");
    }
    update(&mut state, Event::Command(Command::Target));
    type_in(&mut state, "nothing of the kind");
    update(&mut state, Event::Typed(Typed::Enter));
    assert!(state.popup.is_some() && state.notice == Some(Notice::NoChoice));
}

#[test]
fn another_target_is_seen_before_it_is_signed() {
    let mut state = reviewing(1);
    press(&mut state, Command::Accept);
    update(&mut state, Event::Command(Command::Sign));
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown));
    let mut record = loaded(1).record;
    record.target = 400;
    update(&mut state, Event::CaseRefreshed(record, None));
    assert_eq!(update(&mut state, Event::Command(Command::Confirm)), []);
    assert_eq!(state.notice, Some(Notice::SummaryNotPainted));
    let shown = painted(&state);
    update(&mut state, Event::Painted(shown));
    assert!(matches!(update(&mut state, Event::Command(Command::Confirm))[..], [Effect::Sign { .. }]));
}

#[test]
fn flags_are_of_the_decisions_and_of_suggestions_that_are_not_flagged() {
    let origins =
        |state: &State| state.flags().iter().map(|f| format!("{} {}", f.origin.name(), f.name)).collect::<Vec<_>>();
    // Every class is suggested four times, in the order of the table: enough WBC for flags of a share.
    let mut state = reviewing(60);
    let suggested = ["suggested blasts", "suggested left shift", "suggested atypical lymphocytes", "suggested NRBC"];
    assert_eq!(origins(&state), suggested);
    let myo = class(&state, "MYO");
    press(&mut state, Command::Class(myo));
    assert_eq!(origins(&state), [&["decided blasts"][..], &suggested].concat());
    press(&mut state, Command::Undo);
    for cell in 1..=60 {
        flag(&mut state, cell, true);
    }
    assert_eq!(origins(&state), [""; 0], "what the network has not seen suggests nothing");
    for cell in 1..=60 {
        flag(&mut state, cell, false);
    }
    let ngs = class(&state, "NGS");
    for _ in 0..60 {
        press(&mut state, Command::Class(ngs));
    }
    assert_eq!(origins(&state), ["suggested blasts", "both apart on blasts", "both apart on NGS"]);
}

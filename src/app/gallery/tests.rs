//! What keys do in the gallery, by tables.

use super::Group;
use crate::{
    app::{
        Command, Effect, Event, Mode, Notice, State,
        fixture::{commit, painted, press, ranking, reviewing},
        update,
    },
    domain::{Action, CaseId, CellId, ClassId, Unlike, Verdict},
};

/// Twelve cells: four lymphocytes, four neutrophils, three that the network only guesses at, one that it has not seen;
/// the gallery is open.
fn gallery() -> State {
    let mut state = reviewing(12);
    let (lymphocyte, neutrophil) = (place(&state, "LYT"), place(&state, "NGS"));
    let mut say = |cells: std::ops::RangeInclusive<i64>, top: usize, flagged: bool| {
        let unlike = Some(Unlike { score: if flagged { 0.99 } else { 0.1 }, flagged });
        let of = |cell| (CellId(cell), ranking(&state.table, top, 0.9).with_unlike(unlike));
        let rankings = cells.map(of).collect();
        update(&mut state, Event::Predictions(CaseId(7), rankings));
    };
    say(1..=4, lymphocyte, false);
    say(5..=8, neutrophil, false);
    say(9..=12, 0, true);
    press(&mut state, Command::Gallery);
    state
}

/// Where a class stands among those that a network may name.
fn place(state: &State, code: &str) -> usize {
    state.table.iter().filter(|(_, c)| c.predicted).position(|(_, c)| c.code == code).expect("a code")
}

fn class(state: &State, code: &str) -> ClassId {
    state.table.by_code(code).expect("a code")
}

fn groups(state: &State) -> Vec<(Group, usize)> {
    let gallery = state.review.as_ref().and_then(|r| r.gallery.as_ref()).expect("a gallery");
    gallery.groups().iter().map(|(group, cells)| (*group, cells.len())).collect()
}

fn cell(state: &State) -> i64 {
    state.review.as_ref().and_then(|r| r.current()).expect("a cell").id.0
}

fn verdicts(state: &State) -> Vec<(i64, Verdict)> {
    let review = state.review.as_ref().expect("a case");
    (0..review.cells.len()).filter_map(|i| Some((review.cells[i].id.0, review.verdict(i)?))).collect()
}

/// Paints, presses, and gives the effects without carrying them out.
fn effects(state: &mut State, command: Command) -> Vec<Effect> {
    let shown = painted(state);
    update(state, Event::Painted(shown));
    update(state, Event::Command(command))
}

#[test]
fn cells_stand_in_groups_and_the_cursor_moves_among_them() {
    let mut state = gallery();
    assert_eq!(state.place(), Mode::Gallery);
    let (ngs, lyt) = (Group::Class(class(&state, "NGS")), Group::Class(class(&state, "LYT")));
    assert_eq!(groups(&state), [(Group::Unlike, 4), (ngs, 4), (lyt, 4)]);
    assert_eq!(cell(&state), 1, "the cell under review is under the cursor");
    press(&mut state, Command::First);
    assert_eq!(cell(&state), 9);
    press(&mut state, Command::NextGroup);
    assert_eq!(cell(&state), 5);
    for (command, to) in [
        (Command::Next, 6),
        (Command::PreviousGroup, 5),
        (Command::PreviousGroup, 9),
        (Command::Down, 5),
        (Command::Down, 1),
        (Command::Up, 5),
        (Command::Last, 4),
        (Command::Next, 4),
    ] {
        press(&mut state, command);
        assert_eq!(cell(&state), to, "{command:?}");
    }
    press(&mut state, Command::Open);
    assert_eq!((state.place(), cell(&state)), (Mode::Review, 4), "one cell, large");
}

#[test]
fn a_group_is_accepted_in_one_step_and_taken_back_in_one() {
    let mut state = gallery();
    let lyt = class(&state, "LYT");
    let done = effects(&mut state, Command::AcceptGroup);
    let [Effect::RecordStep { proposals, visible, shown }] = &done[..] else { panic!("{done:?}") };
    assert_eq!(proposals.iter().map(|p| p.cell.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(proposals.iter().all(|p| p.action == Action::Accept(lyt) && p.suggested.is_some_and(|s| s.0 == lyt)));
    assert_eq!((*visible, shown.as_str()), (4, "group LYT: 4 suggestions accepted; gallery as scanned"));
    assert!(verdicts(&state).is_empty(), "nothing shows before COMMIT");
    assert_eq!(effects(&mut state, Command::AcceptGroup), [], "and nothing else is decided");
    commit(&mut state, done[0].clone());
    assert_eq!(verdicts(&state).len(), 4);
    assert_eq!(state.notice, Some(Notice::StepDone { cells: 4, left: 0 }));
    assert_eq!(cell(&state), 5, "the next group");
    press(&mut state, Command::NextGroup);
    press(&mut state, Command::AcceptGroup);
    assert_eq!(state.notice, Some(Notice::NothingToAccept), "all of it is decided");
    press(&mut state, Command::Undo);
    assert_eq!((verdicts(&state), state.notice.clone()), (Vec::new(), Some(Notice::StepUndone(4))));
    press(&mut state, Command::Redo);
    assert_eq!((verdicts(&state).len(), state.notice.clone()), (4, Some(Notice::StepRedone(4))));
    // Also from the review of one cell.
    press(&mut state, Command::Gallery);
    press(&mut state, Command::Undo);
    assert!(verdicts(&state).is_empty());
}

#[test]
fn guesses_are_not_accepted_with_their_group_nor_with_a_selection() {
    let mut state = gallery();
    press(&mut state, Command::First);
    press(&mut state, Command::AcceptGroup);
    assert_eq!((state.notice.clone(), verdicts(&state)), (Some(Notice::NothingToAccept), Vec::new()));
    press(&mut state, Command::SelectGroup);
    press(&mut state, Command::NextGroup);
    press(&mut state, Command::Select);
    press(&mut state, Command::AcceptGroup);
    let ngs = Verdict::Class(class(&state, "NGS"));
    assert_eq!(verdicts(&state), [(5, ngs)], "of four guesses and a neutrophil the neutrophil");
}

#[test]
fn a_selection_moves_to_a_class_with_one_key() {
    let mut state = gallery();
    press(&mut state, Command::SelectNext);
    press(&mut state, Command::SelectNext);
    press(&mut state, Command::SelectPrevious);
    let selected = |state: &State| state.review.as_ref().and_then(|r| r.gallery.as_ref()).map(|g| g.selected());
    assert_eq!((selected(&state), cell(&state)), (Some(2), 2), "a range shrinks as well");
    let lya = class(&state, "LYA");
    press(&mut state, Command::Class(lya));
    assert_eq!(verdicts(&state), [(1, Verdict::Class(lya)), (2, Verdict::Class(lya))]);
    assert_eq!(selected(&state), Some(0));
    assert!(groups(&state).contains(&(Group::Class(lya), 2)), "they stand in their new group");
    press(&mut state, Command::Undo);
    assert!(verdicts(&state).is_empty());
    // Without a selection it is the cell under the cursor, and no step.
    press(&mut state, Command::Last);
    assert!(matches!(&effects(&mut state, Command::Exclude)[..], [Effect::Record(p)] if p.cell == CellId(4)));
}

#[test]
fn what_is_no_matter_of_the_gallery_works_in_it_as_in_the_review() {
    for command in
        [Command::Order, Command::Filter, Command::Target, Command::Blasts, Command::Note, Command::Tag, Command::Sign]
    {
        let mut state = gallery();
        press(&mut state, command);
        assert!(state.popup.is_some(), "{command:?}");
    }
    assert_eq!(effects(&mut gallery(), Command::History), [Effect::LoadHistory(CaseId(7))]);
}

#[test]
fn what_was_not_on_the_screen_is_not_decided() {
    let mut state = gallery();
    update(&mut state, Event::Resize(80, 24));
    // Room for two rows of thumbnails: of the three groups one or two are on the screen.
    assert_eq!(update(&mut state, Event::Command(Command::AcceptGroup)), [], "nothing was painted yet");
    assert_eq!(state.notice, Some(Notice::NotShownYet(4)));
    press(&mut state, Command::Down);
    let shown = painted(&state).thumbs.len();
    assert!((1..12).contains(&shown), "{shown}");
    press(&mut state, Command::First);
    press(&mut state, Command::Larger);
    press(&mut state, Command::Last);
    // Seen before, and not on the screen now: decided, and recorded as not visible.
    let again = ranking(&state.table, place(&state, "LYT"), 0.8);
    update(&mut state, Event::Predictions(CaseId(7), vec![(CellId(4), again)]));
    assert_eq!(update(&mut state, Event::Command(Command::Exclude)), [], "its suggestion is another one by now");
    assert_eq!(state.notice, Some(Notice::NotPainted));
}

#[test]
fn after_a_group_is_accepted_the_cursor_is_on_the_next_open_cell() {
    let mut state = gallery();
    for wanted in [5, 9] {
        let done = effects(&mut state, Command::AcceptGroup);
        commit(&mut state, done[0].clone());
        assert_eq!(cell(&state), wanted, "what can be accepted first, then what is only guessed at");
    }
}

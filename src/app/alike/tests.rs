//! What keys do beside a cell, by tables; that nothing is decided there, and that late news are dropped.

use super::{Beside, Panel, Search, SearchNews};
use crate::{
    app::{
        Command, Effect, Event, Input, Mode, Notice, Painted, PaintedCell, Sight, State,
        fixture::{alikes, painted, press, reviewing},
        update,
    },
    domain::{CaseId, CellId, LookAlikes},
};

fn news(cell: i64, search: Search) -> Event {
    Event::Alike(SearchNews { case: CaseId(7), cell: CellId(cell), search })
}

/// Look-alikes of the first of five cells.
fn opened(n: usize) -> State {
    let mut state = reviewing(5);
    press(&mut state, Command::Alike);
    let found = alikes(&state.table, n);
    update(&mut state, news(1, Search::Found(found)));
    state
}

fn panel(state: &State) -> Option<&Panel> {
    match state.review.as_ref()?.beside.as_ref()? {
        Beside::Alike(panel) => Some(panel),
        Beside::Cell(_) => None,
    }
}

#[test]
fn look_alikes_are_asked_for_on_a_seen_cell_only() {
    let mut state = reviewing(3);
    assert_eq!(update(&mut state, Event::Command(Command::Alike)), []);
    assert_eq!((panel(&state), state.notice.clone()), (None, Some(Notice::NotPainted)));
    let shown = painted(&state);
    let lost = shown.cell.map(|c| PaintedCell { sight: Sight::Message, ..c });
    update(&mut state, Event::Painted(Painted { cell: lost, ..shown.clone() }));
    update(&mut state, Event::Command(Command::Alike));
    assert_eq!((panel(&state), state.notice.clone()), (None, Some(Notice::NothingToCompare)));
    update(&mut state, Event::Painted(shown));
    let asked = Effect::FindAlike { case: CaseId(7), cell: CellId(1) };
    assert_eq!(update(&mut state, Event::Command(Command::Alike)), [asked]);
    assert!(matches!(panel(&state), Some(Panel { search: Search::Waiting(_), cursor: 0, large: false })));
    assert_eq!((state.place(), state.input()), (Mode::Alike, Input::Keys(Mode::Alike)));
}

#[test]
fn arrows_move_among_those_on_the_screen_enter_enlarges_and_esc_leads_back() {
    // 80 x 24 shows two rows of four.
    let mut state = opened(20);
    for (command, cursor) in [
        (Command::Next, 1),
        (Command::Down, 5),
        (Command::Down, 5),
        (Command::Last, 7),
        (Command::Next, 7),
        (Command::Up, 3),
        (Command::Up, 3),
        (Command::Previous, 2),
        (Command::First, 0),
        (Command::Previous, 0),
    ] {
        update(&mut state, Event::Command(command));
        assert_eq!(panel(&state).map(|p| (p.cursor, p.large)), Some((cursor, false)), "{command:?}");
    }
    for (command, wanted) in [
        (Command::Open, Some((0, true))),
        (Command::Next, Some((1, true))),
        (Command::Down, Some((1, true))),
        (Command::Open, Some((1, false))),
        (Command::Open, Some((1, true))),
        (Command::Cancel, Some((1, false))),
        (Command::Cancel, None),
    ] {
        update(&mut state, Event::Command(command));
        assert_eq!(panel(&state).map(|p| (p.cursor, p.large)), wanted, "{command:?}");
    }
    assert_eq!(state.place(), Mode::Review);
    // The key that opened it closes it as well.
    press(&mut state, Command::Alike);
    update(&mut state, Event::Command(Command::Alike));
    assert_eq!(panel(&state), None);
    // A smaller screen shows fewer: the cursor stays among them.
    let mut state = opened(20);
    update(&mut state, Event::Resize(200, 60));
    update(&mut state, Event::Command(Command::Last));
    assert_eq!(panel(&state).map(|p| p.cursor), Some(19));
    update(&mut state, Event::Resize(80, 24));
    update(&mut state, Event::Command(Command::Previous));
    assert_eq!(panel(&state).map(|p| p.cursor), Some(6));
}

#[test]
fn nothing_is_decided_beside_a_cell_nor_on_it_until_it_is_painted_again() {
    let mut state = opened(4);
    let before = state.review.as_ref().map(|r| (r.cursor, r.log().len()));
    let ngs = state.table.by_code("NGS").expect("a code");
    let deciding = [Command::Accept, Command::Class(ngs), Command::Exclude, Command::Undo, Command::Redo];
    let others = [Command::Search, Command::Sign, Command::Gallery, Command::AcceptGroup, Command::Note];
    for command in deciding.into_iter().chain(others) {
        assert_eq!(update(&mut state, Event::Command(command)), [], "{command:?}");
        assert!(panel(&state).is_some() && state.popup.is_none(), "{command:?}");
    }
    update(&mut state, Event::Command(Command::Cancel));
    assert_eq!(update(&mut state, Event::Command(Command::Accept)), []);
    assert_eq!(state.notice, Some(Notice::NotPainted));
    assert_eq!(state.review.as_ref().map(|r| (r.cursor, r.log().len())), before);
    press(&mut state, Command::Accept);
    assert_eq!(state.review.as_ref().map(|r| r.log().len()), Some(1));
}

#[test]
fn news_of_another_cell_or_from_before_are_dropped() {
    let mut state = reviewing(5);
    let found = Search::Found(alikes(&state.table, 4));
    update(&mut state, news(1, found.clone()));
    assert_eq!(panel(&state), None, "nobody asked");
    press(&mut state, Command::Next);
    press(&mut state, Command::Alike);
    update(&mut state, news(1, found.clone()));
    assert!(panel(&state).is_some_and(|p| p.found().is_none()), "of the cell before");
    update(&mut state, news(2, Search::Waiting("half".to_owned())));
    assert_eq!(panel(&state).map(|p| p.search.clone()), Some(Search::Waiting("half".to_owned())));
    update(&mut state, news(2, found.clone()));
    update(&mut state, news(2, Search::Waiting("late".to_owned())));
    assert_eq!(panel(&state).map(|p| p.search.clone()), Some(found.clone()));
    let other = SearchNews { case: CaseId(8), cell: CellId(2), search: Search::Failed("no".to_owned()) };
    update(&mut state, Event::Alike(other));
    assert_eq!(panel(&state).map(|p| p.search.clone()), Some(found));
}

#[test]
fn an_empty_answer_or_a_failure_moves_nothing() {
    for search in [Search::Found(LookAlikes::default()), Search::Failed("no".to_owned())] {
        let mut state = reviewing(2);
        press(&mut state, Command::Alike);
        update(&mut state, news(1, search));
        for command in [Command::Open, Command::Next, Command::Last, Command::Down] {
            update(&mut state, Event::Command(command));
            assert_eq!(panel(&state).map(|p| (p.cursor, p.large)), Some((0, false)), "{command:?}");
        }
    }
}

#[test]
fn a_marked_cell_is_shown_beside_another_one_and_let_go_on_itself() {
    let mut state = reviewing(4);
    let beside = |state: &State| state.review.as_ref().and_then(|r| r.beside.clone());
    update(&mut state, Event::Command(Command::Beside));
    assert_eq!(state.notice, Some(Notice::NotPainted), "seen first");
    press(&mut state, Command::Beside);
    assert_eq!((beside(&state), state.notice.clone()), (None, Some(Notice::Marked("cell 1".into()))));
    press(&mut state, Command::Last);
    press(&mut state, Command::Beside);
    assert_eq!((beside(&state), state.place()), (Some(Beside::Cell(0)), Mode::Alike));
    for command in [Command::Next, Command::Accept, Command::Exclude, Command::Alike] {
        assert_eq!(update(&mut state, Event::Command(command)), [], "{command:?}");
        assert_eq!(beside(&state), Some(Beside::Cell(0)), "{command:?}");
    }
    update(&mut state, Event::Command(Command::Cancel));
    assert_eq!((beside(&state), state.review.as_ref().map(|r| r.cursor)), (None, Some(3)));
    // The mark stays for the next comparison, also from the gallery, which is there again afterwards.
    press(&mut state, Command::Gallery);
    press(&mut state, Command::Beside);
    assert_eq!(beside(&state), Some(Beside::Cell(0)));
    press(&mut state, Command::Cancel);
    assert_eq!(state.place(), Mode::Gallery);
    press(&mut state, Command::Cancel);
    press(&mut state, Command::First);
    press(&mut state, Command::Beside);
    assert_eq!((beside(&state), state.notice.clone()), (None, Some(Notice::Unmarked)));
    let text = Notice::Marked("cell 3".into()).text(&|c| (c == Command::Beside).then(|| "C".to_owned()));
    assert_eq!(text, "cell 3 is marked: C on another cell shows both side by side");
}

#[test]
fn look_alikes_from_the_gallery_lead_back_to_it() {
    let mut state = reviewing(6);
    press(&mut state, Command::Gallery);
    press(&mut state, Command::Next);
    press(&mut state, Command::Alike);
    assert_eq!(state.place(), Mode::Alike);
    press(&mut state, Command::Alike);
    assert_eq!(state.place(), Mode::Gallery);
}

//! Frames beside a cell: its look-alikes, one of them large, and another cell of the case.

use super::*;
use crate::{
    app::{Search, SearchNews, fixture::alikes},
    domain::{LibrarySource, LookAlikes},
};

fn searched(search: Search) -> State {
    let mut state = midway();
    press(&mut state, Command::Alike);
    let cell = state.review.as_ref().and_then(|r| r.current()).map(|c| c.id).expect("a cell");
    update(&mut state, Event::Alike(SearchNews { case: CaseId(7), cell, search }));
    state
}

/// The cell under review beside so many look-alikes.
fn beside(n: usize) -> State {
    let found = alikes(&ClassTable::default(), n);
    searched(Search::Found(found))
}

#[test]
fn look_alikes_at_80x24() {
    insta::assert_snapshot!(text(&beside(20), (80, 24)));
}

#[test]
fn look_alikes_at_200x60() {
    let mut state = beside(24);
    update(&mut state, Event::Resize(200, 60));
    [Command::Down, Command::Next].into_iter().for_each(|key| drop(update(&mut state, Event::Command(key))));
    insta::assert_snapshot!(text(&state, (200, 60)));
}

#[test]
fn one_look_alike_large_at_80x24() {
    let mut state = beside(20);
    update(&mut state, Event::Command(Command::Open));
    insta::assert_snapshot!(text(&state, (80, 24)));
}

#[test]
fn two_cells_side_by_side_at_120x40() {
    let mut state = midway();
    press(&mut state, Command::Beside);
    press(&mut state, Command::First);
    press(&mut state, Command::Beside);
    insta::assert_snapshot!(text(&state, (120, 40)));
}

#[test]
fn beside_a_cell_nothing_counts_as_painted_and_the_library_alone_speaks() {
    let state = beside(20);
    let shot = shoot(&state, (120, 40), ColourDepth::Palette256, Shots::All, PictureMode::HalfBlock);
    assert!(shot.drawn.painted.cell.is_none() && shot.drawn.painted.thumbs.is_empty() && shot.drawn.main.is_none());
    assert!(!shot.text.contains('%') || !shot.text.contains("ranking"), "{}", shot.text);
    // What is not there is asked for, in one order.
    let shot = shoot(&state, (80, 24), ColourDepth::Palette256, Shots::None, PictureMode::HalfBlock);
    assert_eq!((shot.drawn.wanted.len(), shot.drawn.wanted_library.len()), (1, 8));
    let off = shoot(&state, (80, 24), ColourDepth::Mono, Shots::None, PictureMode::Off);
    assert!(off.drawn.wanted.is_empty() && off.drawn.wanted_library.is_empty());
    assert!(off.text.contains("pictures are off"), "{}", off.text);
}

#[test]
fn what_a_search_says_and_drawings_are_marked() {
    for (search, wanted) in [
        (Search::Waiting("no library yet: 16 of 210 cells drawn".to_owned()), "16 of 210"),
        (Search::Failed("make it again with this one: leukoscope library build".to_owned()), "library build"),
        (Search::Found(LookAlikes::default()), "no cell of another patient"),
    ] {
        let said = text(&searched(search), (80, 24));
        assert!(said.contains(wanted), "{wanted}\n{said}");
    }
    let mut found = alikes(&ClassTable::default(), 9);
    found.cells.iter_mut().for_each(|c| c.source = LibrarySource::Drawn);
    let mut state = searched(Search::Found(found));
    for size in [(80, 24), (200, 60)] {
        let said = text(&state, size);
        assert!(said.contains("PHANTOMS – drawn") && said.contains("3 of"), "{said}");
    }
    update(&mut state, Event::Command(Command::Open));
    assert!(text(&state, (80, 24)).matches("drawn").count() >= 2, "the header's, and the look-alike's");
}

#[test]
fn a_terminal_with_pixels_gets_both_pictures() {
    let mode = PictureMode::Overlay { cell_px: (8, 16) };
    let pictures = |state: &State, shots| shoot(state, (120, 40), ColourDepth::Truecolor, shots, mode).drawn.pictures;
    let mut state = beside(20);
    // Pictures of the library are not there in these tests: the cell's own is, alone.
    let alone = pictures(&state, Shots::All);
    assert_eq!((alone.len(), alone[0].area.width), (1, 2 * alone[0].area.height));
    update(&mut state, Event::Command(Command::Open));
    assert_eq!(pictures(&state, Shots::All).len(), 1);
    let mut state = midway();
    press(&mut state, Command::Beside);
    press(&mut state, Command::First);
    press(&mut state, Command::Beside);
    let both = pictures(&state, Shots::All);
    let [left, right] = &both[..] else { panic!("{} pictures", both.len()) };
    assert_eq!((left.area.y, left.area.width, left.area.right() + 2), (right.area.y, right.area.width, right.area.x));
    assert_ne!(left.id, right.id);
    assert!(pictures(&state, Shots::None).is_empty());
}

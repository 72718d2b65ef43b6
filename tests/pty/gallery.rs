//! The gallery of the demo case on a real pseudo-terminal: a group accepted and taken back as one step, a selection moved,
//! an order and a filter chosen.

use std::time::Duration;

use super::{
    emulator::Emulator,
    review::{Review, open_with},
};

/// Opens the demo case on a large screen, with every suggestion there, and its gallery.
fn open() -> Review {
    let review = open_with(Emulator::AttributesOnly, "half", &[], (60, 200));
    review.settle();
    review.pty.send("V");
    review.pty.wait_until("thumbnails", |s| !s.contents().contains("ranking"));
    wait(&review);
    review
}

/// Until every thumbnail is painted and nothing more comes.
fn wait(review: &Review) {
    review.pty.wait_until("every thumbnail", |s| !s.contents().contains('…'));
    review.pty.wait_quiet(Duration::from_millis(300));
}

/// Presses a key that decides, until it is answered with `answer`: one that comes between a frame and the mark behind it is
/// refused as typed ahead.
fn press(review: &Review, key: &str, answer: &str) {
    for _ in 0..20 {
        wait(review);
        let before = review.pty.bytes();
        review.pty.send(key);
        review.pty.wait_until_written(before);
        review.pty.wait_until("an answer", |s| {
            let contents = s.contents();
            contents.contains(answer) || contents.contains("dropped")
        });
        if review.pty.contents().contains(answer) {
            return;
        }
    }
    panic!("refused twenty times; the screen is\n{}", review.pty.contents());
}

/// How many cells share a step, and how many were decided by themselves.
fn steps(review: &Review) -> (usize, usize) {
    let export = review.lab.json(&["export", "demo", "--format", "json"]);
    let cells = export["cells"].as_array().expect("a list").clone();
    let decided = cells.iter().filter(|c| !c["decided"].is_null());
    let (together, alone): (Vec<_>, Vec<_>) = decided.partition(|c| !c["bulk"].is_null());
    (together.len(), alone.len())
}

#[test]
fn a_group_is_accepted_and_taken_back_as_one_step() {
    let review = open();
    press(&review, "A", "cells decided in one step");
    let group = review.reviewed();
    assert!(group >= 2, "{}", review.pty.contents());
    assert_eq!(steps(&review), (group as usize, 0));
    press(&review, "u", "undone:");
    assert_eq!(review.reviewed(), 0);
    press(&review, "\x12", "redone:");
    assert_eq!(review.reviewed(), group);
    review.pty.send("q");
    review.pty.assert_restored(0);
}

#[test]
fn a_selection_moves_to_a_class_with_one_key_and_one_cell_by_itself() {
    let review = open();
    // Space, space, and the range down to the next row: at least three cells.
    review.pty.send(" ");
    wait(&review);
    review.pty.send("\x1b[1;2C");
    review.pty.wait_for("selected");
    press(&review, "v", "cells decided in one step");
    assert!(review.pty.contents().contains("=LYA"), "{}", review.pty.contents());
    let moved = review.reviewed();
    assert_eq!(steps(&review), (moved as usize, 0));
    press(&review, "x", &format!("reviewed {}/", moved + 1));
    assert_eq!(steps(&review), (moved as usize, 1));
    // One cell, large, and back to the list of thumbnails.
    let large = |review: &Review| {
        review.pty.wait_until("one cell", |s| s.contents().contains("ranking"));
        review.pty.wait_quiet(Duration::from_millis(300));
    };
    review.pty.send("\r");
    large(&review);
    review.pty.send("V");
    review.pty.wait_until("thumbnails", |s| !s.contents().contains("ranking"));
    wait(&review);
    review.pty.send("\x1b");
    large(&review);
    review.pty.send("q");
    review.pty.assert_restored(0);
}

#[test]
fn what_comes_first_and_which_cells_are_chosen_by_typing() {
    let review = open();
    review.pty.send("O");
    review.pty.wait_for("what comes first");
    review.pty.send("blasts\r");
    review.pty.wait_for("blasts first");
    review.pty.send("F");
    review.pty.wait_for("only cells that are");
    review.pty.send("blast");
    review.pty.wait_until("a count", |s| s.contents().contains(" cells") && !s.contents().contains("not a filter"));
    review.pty.send("\r");
    review.pty.wait_for("only blast");
    wait(&review);
    let contents = review.pty.contents();
    assert!(contents.contains("! MYO myeloblast") && !contents.contains("LYT lymphocyte"), "{contents}");
    review.pty.send("q");
    review.pty.assert_restored(0);
}

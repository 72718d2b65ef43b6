//! Look-alikes of a cell of the demo case on a real pseudo-terminal, one of them large, and two cells of the case side by side:
//! nothing is decided by any of it.

use super::{
    common::Lab,
    emulator::Emulator,
    review::{Review, open_in},
};

/// The demo case beside a library of two drawn cells of each class.
fn open(size: (u16, u16)) -> Review {
    let lab = Lab::new();
    let set = lab.phantoms("set", 2);
    lab.run(&["library", "add", set.to_str().expect("UTF-8")]).assert().code(0);
    let review = open_in(lab, Emulator::AttributesOnly, "half", &[], size);
    review.pty.wait_until("a picture", |s| s.contents().contains('▀'));
    review
}

/// Until every picture is painted. Suggestions may still come: looking at look-alikes needs none.
fn wait(review: &Review) {
    review.pty.wait_until("every picture", |s| !s.contents().contains(" …"));
}

fn back(review: &Review) {
    review.pty.send("\x1b");
    review.pty.wait_for("95% CI");
}

#[test]
fn look_alikes_are_shown_with_their_classes_and_enlarged_beside_the_cell() {
    for (size, shown) in [((24, 80), 8), ((60, 200), 24)] {
        let review = open(size);
        review.pty.send("K");
        review.pty.wait_for(&format!(" of {shown}: "));
        review.pty.wait_for("nearest of 42");
        wait(&review);
        // Down, right, and large.
        review.pty.send("\x1b[B\x1b[C\r");
        review.pty.wait_for("both 36.0 um wide");
        review.pty.wait_for("labelled in");
        wait(&review);
        // Keys that decide elsewhere do nothing here.
        review.pty.send(" sxA");
        review.pty.send("\x1b");
        review.pty.wait_for(&format!(" of {shown}: "));
        wait(&review);
        back(&review);
        assert_eq!(review.reviewed(), 0);
        review.pty.send("q");
        review.pty.assert_restored(0);
    }
}

#[test]
fn a_marked_cell_stands_beside_another_one() {
    let review = open((24, 80));
    review.pty.send("C");
    review.pty.wait_for("cell 1 is marked: C on another cell");
    review.pty.send("\x1b[C");
    review.pty.wait_for("cell 2/");
    wait(&review);
    review.pty.wait_frame();
    review.pty.send("C");
    review.pty.wait_for("cell 1, marked");
    wait(&review);
    let contents = review.pty.contents();
    assert!(contents.matches("unreviewed").count() >= 2, "{contents}");
    back(&review);
    assert_eq!(review.reviewed(), 0);
    review.pty.send("q");
    review.pty.assert_restored(0);
}

//! Pictures of every graphics protocol through a whole review: after each step the account of the terminal is what the screen
//! should show, nothing is left over, nothing is missing, and an idle screen writes nothing.
//!
//! What should be shown is taken from the same steps on a terminal of half-blocks: a picture belongs on every cell that is
//! coloured there, and on no other.

use std::{
    collections::{BTreeSet, HashSet},
    ffi::OsStr,
    time::Duration,
};

use super::{
    account::OnScreen,
    emulator::Emulator,
    review::{Review, open_with},
    session::start_with,
};

/// Cells as column and row.
type Cells = HashSet<(u16, u16)>;

const LARGE: (u16, u16) = (60, 200);
const SMALL: (u16, u16) = (24, 80);

/// Until every picture is painted and nothing more comes.
fn wait(review: &Review) {
    loop {
        review.pty.wait_until("every picture", |s| !s.contents().contains('…'));
        review.pty.wait_quiet(Duration::from_millis(400));
        // The frame that waits for pictures may have come since.
        if !review.pty.contents().contains('…') {
            return;
        }
    }
}

/// A review of the demo case by keys; `see` is called when a step's frame is complete, with its name and whether a popup is open.
fn walk(review: &Review, mut see: impl FnMut(&str, bool)) {
    let mut step = |name: &str, keys: &[&str], popup: bool| {
        for key in keys {
            let before = review.pty.bytes();
            review.pty.send(key);
            review.pty.wait_until_written(before);
            wait(review);
        }
        wait(review);
        see(name, popup);
    };
    review.settle();
    step("the first cell", &[], false);
    step("three cells on", &["\x1b[C", "\x1b[C", "\x1b[C"], false);
    step("two cells back", &["\x1b[D", "\x1b[D"], false);
    step("the last cell", &["\x1b[F"], false);
    step("enlarged", &["z"], false);
    step("the help of the review", &["?"], true);
    step("the review again", &["\x1b", "z"], false);
    step("a class is searched", &["/"], true);
    step("the first cell again", &["\x1b", "\x1b[H"], false);
    step("the gallery", &["V"], false);
    step("larger thumbnails", &["+"], false);
    step("a page on", &["\x1b[6~"], false);
    step("a page back", &["\x1b[5~"], false);
    step("the help of the gallery", &["?"], true);
    step("the gallery without help", &["\x1b"], false);
    step("a filter is typed", &["F"], true);
    step("the gallery without a filter", &["\x1b"], false);
    for (name, (rows, columns)) in [("a small screen", SMALL), ("a large screen", LARGE)] {
        let before = review.pty.bytes();
        review.pty.resize(rows, columns);
        review.pty.wait_until_written(before);
        step(name, &[], false);
    }
    step("smaller thumbnails", &["-", "-"], false);
    step("one cell", &["\x1b"], false);
    step("the case list", &["Q"], false);
    step("the case again", &["\r"], false);
}

/// The cells that half-blocks are on: nothing else has colours of 24 bits.
fn coloured(screen: &vt100::Screen) -> Cells {
    let (rows, columns) = screen.size();
    let is_picture = |cell: &vt100::Cell| {
        let rgb = |colour| matches!(colour, vt100::Color::Rgb(..));
        rgb(cell.bgcolor()) || rgb(cell.fgcolor()) && ["▀", "▄", "█"].contains(&cell.contents())
    };
    let all = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
    all.filter(|&(x, y)| screen.cell(y, x).is_some_and(is_picture)).collect()
}

/// Whether pictures are where half-blocks are, to a cell at their edges: half-blocks round a picture's size otherwise.
fn agree(pictures: &BTreeSet<OnScreen>, coloured: &Cells) -> Result<(), String> {
    let mut near = Cells::new();
    for picture in pictures {
        for (x, y) in picture.cells() {
            near.extend((x.saturating_sub(1)..=x + 1).flat_map(|x| (y.saturating_sub(1)..=y + 1).map(move |y| (x, y))));
            let edge = x == picture.x
                || y == picture.y
                || x + 1 == picture.x + picture.columns
                || y + 1 == picture.y + picture.rows;
            if !edge && !coloured.contains(&(x, y)) {
                return Err(format!("{picture:?} is left over"));
            }
        }
    }
    match coloured.iter().find(|cell| !near.contains(cell)) {
        Some(cell) => Err(format!("no picture at {cell:?}")),
        None => Ok(()),
    }
}

/// The cells of the box that a popup draws around itself.
fn popup(screen: &vt100::Screen) -> Cells {
    let (rows, columns) = screen.size();
    let find = |corner: &str| {
        let all = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
        all.into_iter().find(|&(x, y)| screen.cell(y, x).is_some_and(|c| c.contents() == corner))
    };
    let (Some((left, top)), Some((right, bottom))) = (find("┌"), find("┘")) else { panic!("no popup") };
    (top..=bottom).flat_map(|y| (left..=right).map(move |x| (x, y))).collect()
}

#[test]
fn pictures_are_where_they_belong_through_a_whole_review_on_every_terminal() {
    let truecolor = [("COLORTERM", OsStr::new("truecolor"))];
    let half = open_with(Emulator::AttributesOnly, "half", &truecolor, LARGE);
    let mut belong: Vec<(String, Cells)> = Vec::new();
    walk(&half, |name, _| belong.push((name.to_owned(), half.pty.with_screen(coloured))));
    assert!(belong.iter().filter(|(_, cells)| cells.is_empty()).map(|(n, _)| n.as_str()).eq(["the case list"]));
    let iterm2 = [("TERM_PROGRAM", OsStr::new("iTerm.app"))];
    for (emulator, graphics, env) in [
        (Emulator::Kitty, "auto", [].as_slice()),
        (Emulator::Iterm2, "auto", &iterm2),
        (Emulator::Sixel, "auto", &[]),
        (Emulator::Tmux, "kitty", &[]),
    ] {
        let review = open_with(emulator, graphics, env, LARGE);
        let mut before = BTreeSet::new();
        let mut steps = belong.iter();
        walk(&review, |name, open| {
            let (_, coloured) = steps.next().expect("as many steps");
            let place = format!("{emulator:?}, {name}");
            let (pictures, wrong) = review.pty.account(|a| (a.pictures(), a.wrong()));
            assert!(wrong.is_empty(), "{place}: {wrong:#?}\n{}", review.pty.contents());
            if open {
                let over = review.pty.with_screen(popup);
                let beside = before.iter().filter(|p: &&OnScreen| !p.cells().any(|c| over.contains(&c)));
                assert_eq!(pictures, beside.copied().collect(), "{place}");
            } else {
                agree(&pictures, coloured)
                    .unwrap_or_else(|e| panic!("{place}: {e}; there are {pictures:#?}\n{}", review.pty.contents()));
            }
            if name.starts_with("the gallery without") {
                assert!(pictures.is_superset(&before), "{place}: what the popup did not cover stays");
            }
            assert!(review.pty.is_quiet_for(Duration::from_millis(300)), "{place}: an idle screen writes");
            before = pictures;
        });
        let sent = review.pty.account(|a| a.sent.clone());
        assert_eq!(sent.len(), sent.iter().collect::<HashSet<_>>().len(), "{emulator:?}: sent twice");
        assert_eq!(sent.is_empty(), !matches!(emulator, Emulator::Kitty | Emulator::Tmux));
        println!("{emulator:?}: {} bytes for the whole walk, {} pictures sent", review.pty.bytes(), sent.len());
        review.pty.send("q");
        review.pty.assert_restored(0);
        let (left, held, wrong) = review.pty.account(|a| (a.pictures(), a.holds(), a.wrong()));
        assert!(left.is_empty() && held == 0 && wrong.is_empty(), "{emulator:?}: {left:?}, {held} held, {wrong:#?}");
    }
}

const GRAPHIC: [(Emulator, &str); 4] =
    [(Emulator::Kitty, "auto"), (Emulator::Iterm2, "auto"), (Emulator::Sixel, "auto"), (Emulator::Tmux, "kitty")];

#[test]
fn no_picture_survives_the_program_however_it_ends() {
    for (emulator, graphics) in GRAPHIC {
        for (keys, code) in [("q", 0), ("f", 2), ("p", 3), ("t", 3)] {
            let pty = start_with(emulator, graphics, &[]);
            pty.send("n");
            pty.wait_for("cell 1;");
            pty.wait_frame();
            assert_eq!(pty.account(|a| a.pictures().len()), 3, "{emulator:?}");
            pty.send(keys);
            pty.assert_restored(code);
            let (left, held, wrong) = pty.account(|a| (a.pictures(), a.holds(), a.wrong()));
            assert!(
                left.is_empty() && held == 0 && wrong.is_empty(),
                "{emulator:?} {keys}: {left:?} {held} {wrong:#?}"
            );
        }
    }
}

#[test]
fn moved_pictures_are_placed_again_and_not_sent_again() {
    for (emulator, graphics) in [GRAPHIC[0], GRAPHIC[3]] {
        let pty = start_with(emulator, graphics, &[]);
        let before = pty.account(|a| a.pictures());
        for cell in 1..=4 {
            pty.send("n");
            pty.wait_for(&format!("cell {cell};"));
            pty.wait_frame();
        }
        let (after, sent, wrong) = pty.account(|a| (a.pictures(), a.sent.len(), a.wrong()));
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!((after.len(), sent), (3, 3 + 2 * 4), "{emulator:?}: one large and one small picture a step");
        assert!(after.is_disjoint(&before));
    }
}

#[test]
fn after_ctrl_z_and_after_a_tiny_window_every_picture_is_back() {
    for (emulator, graphics) in GRAPHIC {
        let pty = start_with(emulator, graphics, &[]);
        let before = pty.account(|a| a.pictures());
        pty.send("\x1a");
        pty.send("x");
        pty.wait_for("1 keys;");
        pty.wait_quiet(Duration::from_millis(300));
        assert_eq!(pty.account(|a| (a.pictures(), a.wrong())), (before.clone(), Vec::new()), "{emulator:?}: Ctrl-Z");
        pty.resize(6, 30);
        pty.wait_for("30x6;");
        pty.wait_frame();
        assert_eq!(pty.account(|a| (a.pictures(), a.wrong())), Default::default(), "{emulator:?}: tiny");
        pty.resize(24, 80);
        pty.wait_for("80x24;");
        pty.wait_frame();
        assert_eq!(pty.account(|a| (a.pictures(), a.wrong())), (before, Vec::new()), "{emulator:?}: large again");
        pty.send("q");
        pty.assert_restored(0);
    }
}

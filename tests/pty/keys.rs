//! One press, one decision: hands, held keys and answers in pieces on a real pseudo-terminal. What depends on time alone is in the
//! tests of `keyboard` and in `tests/harness`; here a hand is played, and a run in which this machine was late is played again.

use std::time::{Duration, Instant};

use super::{
    common::Lab,
    emulator::Emulator,
    review::{Review, launch, open},
};

/// Sends pieces, each that many ms after the one before. `None`: this machine was so late that it was another rhythm.
fn play(review: &Review, pieces: &[(u64, &str)]) -> Option<()> {
    let (start, mut due, mut before) = (Instant::now(), Duration::ZERO, Duration::ZERO);
    let mut late = Duration::ZERO;
    for (ms, bytes) in pieces {
        due += Duration::from_millis(*ms);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
        review.pty.send(bytes);
        let now = start.elapsed();
        late = late.max((now - before).saturating_sub(Duration::from_millis(*ms)));
        before = now;
    }
    review.pty.wait_quiet(Duration::from_millis(500));
    (late < Duration::from_millis(25)).then_some(())
}

#[test]
fn a_held_key_decides_once_on_a_terminal_that_tells_nothing_of_it() {
    let review = open(Emulator::AttributesOnly);
    review.settle();
    let even = |key: &'static str, ms, n| std::iter::repeat_n((ms, key), n).collect::<Vec<_>>();
    // 92 ms: a console's; 90 ms: macOS's; 33 ms on the 20 ms that OpenSSH sends keys on; two each 66 ms.
    let rates: [&dyn Fn(&'static str) -> Vec<(u64, &'static str)>; 4] = [
        &|key| even(key, 92, 30),
        &|key| even(key, 90, 30),
        &|key| [20_u64, 40, 40, 20, 40].into_iter().cycle().take(40).map(|ms| (ms, key)).collect(),
        &|key| [66_u64, 0].into_iter().cycle().take(60).map(|ms| (ms, key)).collect(),
    ];
    let mut keys = ["s", "l"].into_iter().cycle();
    for (i, rate) in rates.iter().enumerate() {
        let mut told = false;
        for _ in 0..6 {
            let key = keys.next().expect("for ever");
            let before = review.reviewed();
            let pieces = [vec![(0, key), (500, key)], rate(key)].concat();
            if play(&review, &pieces).is_some() {
                assert_eq!(review.reviewed() - before, 1, "rate {i}\n{}", review.pty.contents());
                review.pty.wait_for("the key is being held");
                told = true;
                break;
            }
        }
        if !told {
            eprintln!("skipped: this machine is too busy to hold a key at rate {i}");
        }
    }
    review.pty.send("q");
    review.pty.assert_restored(0);
}

#[test]
fn where_the_terminal_tells_of_releases_they_are_asked_for_and_a_held_key_decides_once() {
    let review = open(Emulator::Kitty);
    review.settle();
    assert!(review.pty.raw().contains("\x1b[>31u"), "all keys as escape codes, with releases and what they type");
    let (down, up) = ("\x1b[115;;115u", "\x1b[115;1:3u");
    let repeats = std::iter::repeat_n((33, "\x1b[115;1:2;115u"), 20);
    play(&review, &[(0, down)].into_iter().chain(repeats).chain([(33, up)]).collect::<Vec<_>>());
    assert_eq!(review.reviewed(), 1);
    // The same key again is a press at once.
    for done in 2..=6 {
        review.pty.send(down);
        review.pty.wait_for(&format!("reviewed {done}/"));
        review.pty.send(up);
        review.pty.wait_quiet(Duration::from_millis(100));
    }
    // With Caps Lock on a small letter stays one.
    review.pty.send("\x1b[108;65;76u");
    review.pty.wait_for("reviewed 7/");
    review.pty.wait_for("Caps Lock is on");
    let export = review.lab.json(&["export", "demo", "--format", "json"]);
    assert!(export["counts"].as_array().expect("a list").iter().any(|r| r["class"] == "LYT" && r["count"] == 1));
    review.pty.send("\x1b[113;;113u");
    review.pty.assert_restored(0);
}

#[test]
fn the_same_class_ten_times_in_a_row_is_never_dropped() {
    for gap in [166, 250] {
        let review = open(Emulator::AttributesOnly);
        review.settle();
        for done in 1..=10 {
            let start = Instant::now();
            review.pty.send("s");
            // A hand of that speed has seen the next cell; so has this one, however busy the machine is.
            review.pty.wait_for(&format!("cell {}/", done + 1));
            review.pty.wait_frame();
            std::thread::sleep(Duration::from_millis(gap).saturating_sub(start.elapsed()));
        }
        review.pty.wait_for("reviewed 10/");
        assert_eq!(review.reviewed(), 10, "each {gap} ms");
        review.pty.send("q");
        review.pty.assert_restored(0);
    }
}

#[test]
fn answers_of_the_terminal_in_pieces_decide_nothing() {
    let review = open(Emulator::AttributesOnly);
    review.settle();
    for pieces in [
        &[(0, "\x1b[?62"), (750, ";22c")][..],
        &[(0, "\x1b[6;20"), (750, ";10t")],
        &[(0, "\x1bP1$r0;48"), (750, ":2:1:2"), (750, ":3m\x1b\\")],
        &[(0, "\x1b[?6"), (2_000, "2;2"), (2_000, "2c")],
        &[(0, "\x1b[200~ss"), (750, "l s\x1b[201~")],
        &[(0, "sslbx")],
    ] {
        play(&review, pieces);
        assert_eq!(review.reviewed(), 0, "{pieces:?}\n{}", review.pty.contents());
    }
    review.pty.send("s");
    review.pty.wait_for("reviewed 1/");
    review.pty.send("q");
    review.pty.assert_restored(0);
}

#[test]
fn the_key_that_closes_a_prompt_decides_nothing_and_esc_leaves_no_case() {
    let review = open(Emulator::AttributesOnly);
    review.settle();
    review.pty.send("N");
    review.pty.wait_for("note on this cell");
    review.pty.send("x\r");
    review.pty.wait_for("note kept");
    // Longer than a held key's gap, which would have its own word.
    review.pty.wait_quiet(Duration::from_millis(200));
    review.pty.send("\r");
    review.pty.wait_for("enter has just closed or opened something");
    assert_eq!(review.reviewed(), 0);
    review.pty.send("\x1b");
    review.pty.wait_for("Q goes back to the list of cases");
    review.pty.send("\x1b");
    review.pty.wait_quiet(Duration::from_millis(300));
    assert!(review.pty.contents().contains("reviewed 0/"), "{}", review.pty.contents());
    review.pty.send("ы");
    review.pty.wait_for("another layout");
    review.pty.send("q");
    review.pty.assert_restored(0);
}

#[test]
fn leaving_a_case_that_was_named_on_the_command_line_leads_to_its_line_and_dead_keys_say_so() {
    let lab = Lab::new();
    for name in ["first", "second", "third"] {
        let folder = lab.path(name);
        let folder = folder.to_str().expect("UTF-8");
        let seed = name.len().to_string();
        lab.run(&["phantoms", folder, "--layout", "flat", "--per-class", "1", "--seed", &seed]).assert().success();
    }
    // Each with images of its own.
    for (i, name) in ["first", "second", "third"].into_iter().enumerate() {
        let folder = lab.path(name);
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
        files.sort();
        for (at, file) in files.iter().enumerate().filter(|(at, _)| at % 3 != i) {
            std::fs::remove_file(file).unwrap_or_else(|e| panic!("{at}: {e}"));
        }
        lab.run(&["import", folder.to_str().expect("UTF-8")]).assert().success();
    }
    let args = ["review", "second", "--reviewer", "pty", "--graphics", "half"];
    let pty = launch(&lab, &args, &[], Emulator::AttributesOnly, (24, 100));
    pty.wait_for("reviewed 0/");
    pty.wait_quiet(Duration::from_millis(300));
    pty.send("Q");
    pty.wait_for("imported");
    for (key, said) in
        [("S", "S does nothing here: sign belongs to"), (" ", "space does nothing here: accept belongs to")]
    {
        pty.wait_quiet(Duration::from_millis(300));
        pty.send(key);
        pty.wait_for(said);
    }
    pty.wait_quiet(Duration::from_millis(300));
    pty.send("\r");
    pty.wait_for("reviewed 0/");
    assert!(pty.contents().contains("second") && !pty.contents().contains("first"), "{}", pty.contents());
    pty.send("q");
    pty.assert_restored(0);
}

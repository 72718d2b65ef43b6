//! Bytes that the review writes to a terminal.

#[path = "common/reviewing.rs"]
mod reviewing;

use leukoscope::{app::Command, ui::ColourDepth};
use reviewing::Reviewing;

#[test]
fn a_step_with_a_picture_of_20_by_10_writes_at_most_10_kb_and_an_idle_screen_next_to_nothing() {
    let mut reviewing = Reviewing::new(60, 80, 24, ColourDepth::Truecolor);
    assert_eq!(reviewing.picture(), (20, 10));
    for command in [Command::Next, Command::Accept, Command::Exclude, Command::Previous] {
        for _ in 0..12 {
            let bytes = reviewing.step(command);
            assert!((1_000..=10_000).contains(&bytes), "{command:?}: {bytes} bytes");
        }
    }
    // ratatui's own backend sends the cursor's and the colours' resets even when nothing changed; the program's does not.
    assert!(reviewing.frame() < 40);
    let mut fewer = Reviewing::new(60, 80, 24, ColourDepth::Palette256);
    assert!(fewer.step(Command::Next) < reviewing.step(Command::Next), "256 colours take fewer bytes");
}

#[test]
fn a_page_of_thumbnails_at_200x60_writes_at_most_64_kib() {
    for depth in [ColourDepth::Truecolor, ColourDepth::Palette256] {
        let mut reviewing = Reviewing::new(10_000, 200, 60, depth);
        reviewing.step(Command::Gallery);
        for size in [Command::Smaller, Command::Larger, Command::Larger] {
            reviewing.step(size);
            for _ in 0..12 {
                let bytes = reviewing.step(Command::PageDown);
                println!("{depth:?} {size:?} {bytes}");
                assert!((8_000..=65_536).contains(&bytes), "{depth:?} after {size:?}: {bytes} bytes a page");
            }
        }
        let (accepted, undone) = (reviewing.step(Command::AcceptGroup), reviewing.step(Command::Undo));
        assert!(accepted <= 65_536 && undone <= 65_536, "{depth:?}: {accepted} and {undone} bytes");
        assert!(reviewing.frame() < 40, "an idle gallery writes nothing");
    }
}

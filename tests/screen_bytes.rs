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

//! Bytes that the review writes to a terminal.

#[path = "common/mod.rs"]
mod common;
#[path = "common/reviewing.rs"]
mod reviewing;

use std::time::Instant;

use image::RgbImage;
use leukoscope::{app::Command, term::Graphics, ui::ColourDepth};
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

/// Forty real frames, where the machine has them, cut to what a thumbnail shows of them.
fn real_frames() -> Vec<RgbImage> {
    let Some(shared) = common::shared() else { return Vec::new() };
    let folder = shared.join("data/jhh/original");
    let mut files: Vec<_> = walkdir::WalkDir::new(folder).into_iter().flatten().map(|e| e.into_path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "jpg"));
    files.sort();
    let cut = |frame: RgbImage| {
        let (w, h) = (frame.width() * 6 / 10, frame.height() * 6 / 10);
        image::imageops::crop_imm(&frame, w / 3, h / 3, w, h).to_image()
    };
    let some = files.iter().step_by((files.len() / 40).max(1));
    some.filter_map(|path| image::open(path).ok()).map(|frame| cut(frame.into_rgb8())).collect()
}

#[test]
fn a_page_of_thumbnails_by_a_graphics_protocol_writes_at_most_a_megabyte_and_the_same_page_again_little_by_kitty() {
    let real = real_frames();
    for frames in [Vec::new(), real] {
        let cells = if frames.is_empty() { "drawn" } else { "real" };
        for graphics in [Graphics::Kitty, Graphics::Iterm2, Graphics::Sixel] {
            for (columns, rows, most) in [(200, 60, 1_000_000), (80, 24, 250_000)] {
                let mut reviewing = Reviewing::with_graphics(10_000, columns, rows, graphics, frames.clone());
                reviewing.step(Command::Gallery);
                for size in [Command::Smaller, Command::Larger, Command::Larger] {
                    reviewing.step(size);
                    // The same few pictures stand for 10,000 cells, but each cell's is a picture of its own.
                    let page = reviewing.step(Command::PageDown);
                    // Everything is encoded by then, as another thread does it for the program.
                    let start = Instant::now();
                    let back = reviewing.step(Command::PageUp);
                    let took = start.elapsed();
                    println!(
                        "{cells} cells, {graphics}, {columns}x{rows} {size:?}: {page} bytes a page, back {back} in {took:.1?}"
                    );
                    assert!((10_000..=most).contains(&page), "{graphics} {columns}x{rows} {size:?}: {page}");
                    assert!(graphics != Graphics::Kitty || back < 40_000, "{back}: sent again");
                    assert!(reviewing.frame() < 40, "an idle gallery writes nothing");
                }
            }
        }
    }
}

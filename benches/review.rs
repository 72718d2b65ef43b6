//! From a key to a frame: the reducer, drawing, the difference to the frame before, and its bytes, at a case of 500
//! cells, and a page of thumbnails at a case of 10,000. Prints the 99th percentile, which is what a reviewer feels, before
//! criterion's own figures.

#[path = "../tests/common/reviewing.rs"]
mod reviewing;

use std::time::{Duration, Instant};

use criterion::Criterion;
use leukoscope::{app::Command, ui::ColourDepth};
use reviewing::Reviewing;

const CELLS: usize = 500;
const RUNS: usize = 4;
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |p: f64| times[((times.len() - 1) as f64 * p).round() as usize];
    format!("p50 {:.2?}  p99 {:.2?}  max {:.2?}", at(0.5), at(0.99), at(1.0))
}

/// Through a gallery of 10,000 cells page by page, and back: from the key to the bytes of the frame. Thumbnails are made by
/// another thread; they are made ready before.
fn pages() {
    const ALL: usize = 10_000;
    println!(
        "gallery of {ALL} cells, a page on or back to frame, truecolor half-blocks, each key the least of {RUNS} runs"
    );
    for (columns, rows) in SIZES {
        let mut least: Vec<Duration> = Vec::new();
        let mut bytes = (0, 0);
        for _ in 0..RUNS {
            let mut reviewing = Reviewing::new(ALL, columns, rows, ColourDepth::Truecolor);
            [Command::Gallery, Command::First].into_iter().for_each(|key| _ = reviewing.step(key));
            let keys = std::iter::repeat_n(Command::PageDown, 60).chain(std::iter::repeat_n(Command::PageUp, 60));
            // Once without a clock: every size of every drawing is made then.
            keys.clone().for_each(|key| _ = reviewing.step(key));
            bytes = (0, 0);
            for (i, key) in keys.enumerate() {
                let start = Instant::now();
                let written = reviewing.step(key);
                let took = start.elapsed();
                bytes = (bytes.0 + written, bytes.1.max(written));
                match least.get_mut(i) {
                    Some(known) => *known = took.min(*known),
                    None => least.push(took),
                }
            }
        }
        let mean = bytes.0 / least.len() as u64;
        let times = percentiles(&mut least);
        println!("{columns}x{rows}: {times}  {mean} bytes a page, {} at most", bytes.1);
    }
}

fn main() {
    println!("key to frame, {CELLS} cells, truecolor half-blocks, each key the least of {RUNS} runs");
    for (columns, rows) in SIZES {
        let mut least = vec![Duration::MAX; 2 * CELLS - 1];
        let mut bytes = 0;
        let mut picture = (0, 0);
        // What another program takes of the processor in one run, it does not take in all of them.
        for _ in 0..RUNS {
            let mut reviewing = Reviewing::new(CELLS, columns, rows, ColourDepth::Truecolor);
            // Shrinking pictures is a job of another thread: all of them are made ready before.
            for key in std::iter::repeat_n(Command::Next, 100).chain([Command::First]) {
                reviewing.step(key);
            }
            bytes = 0;
            // To the last cell by decisions, then through all of them by moving.
            let keys = std::iter::repeat_n(Command::Accept, CELLS - 1)
                .chain([Command::First])
                .chain(std::iter::repeat_n(Command::Next, CELLS - 1));
            for (key, least) in keys.zip(&mut least) {
                let start = Instant::now();
                bytes += reviewing.step(key);
                *least = start.elapsed().min(*least);
            }
            picture = reviewing.picture();
        }
        let mean = bytes / least.len() as u64;
        let times = percentiles(&mut least);
        println!("{columns}x{rows}: {times}  {mean} bytes a step (picture {}x{})", picture.0, picture.1);
    }
    pages();
    let mut criterion = Criterion::default().configure_from_args();
    for (columns, rows) in SIZES {
        let mut reviewing = Reviewing::new(CELLS, columns, rows, ColourDepth::Truecolor);
        let mut forward = true;
        criterion.bench_function(&format!("key to frame {columns}x{rows}"), |b| {
            b.iter(|| {
                let at = reviewing.state.review.as_ref().map_or(0, |r| r.cursor);
                forward = if at == 0 { true } else { forward && at + 1 < CELLS };
                reviewing.step(if forward { Command::Next } else { Command::Previous })
            });
        });
    }
    criterion.final_summary();
}

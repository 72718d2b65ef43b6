//! Harnesses: what comes from outside is made up from a seed, in great numbers, and held against what must never happen.
//!
//! A small run is part of the tests. `LEUKOSCOPE_HARNESS=100000` asks for so many runs, `LEUKOSCOPE_SEED` for other ones;
//! a failure names the seed that leads straight to it.

mod databases;
mod images;
mod terminal;

/// The seeds to run: so many as the variable says, else `few`.
fn seeds(few: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|v| v.parse::<u64>().expect("a number"));
    let first = number("LEUKOSCOPE_SEED").unwrap_or(1);
    first..first + number("LEUKOSCOPE_HARNESS").unwrap_or(few)
}

//! Figures of `evaluate` as people and scripts read them: tables of text, JSON.
//!
//! Everything here is made in memory; the command line puts it on stdout or into files. Nothing is computed here that is
//! not rounding.

mod number;
mod raters;

pub use raters::{PairReport, raters_text};

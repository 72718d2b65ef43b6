//! leukoscope: review of the leukocytes of a blood smear in the terminal.
//!
//! This crate is a library and a thin binary. Dependencies between its modules point one way:
//!
//! ```text
//! domain <- {intake, model, store, export, phantom} <- app <- {ui, keymap} <- {term, jobs} <- cli
//! term <- keyboard <- cli
//! domain <- intake <- dataset <- cli
//! domain <- evaluate <- report <- cli
//! {intake, model} <- explain <- {jobs, cli}
//! domain <- mllp <- cli
//! ```
//!
//! candle is used in [`model`] and [`train`] only, rusqlite in [`store`] only, crossterm and viuer in [`term`] only,
//! ratatui in [`ui`] and [`term`] only, plotters in [`report`] only; `tests/layers.rs` holds this.

pub mod app;
pub mod cli;
pub mod dataset;
pub mod domain;
pub mod evaluate;
pub mod explain;
pub mod export;
pub mod intake;
pub mod jobs;
pub mod keyboard;
pub mod keymap;
pub mod mllp;
pub mod model;
pub mod phantom;
pub mod report;
pub mod store;
pub mod term;
pub mod train;
pub mod ui;

//! Figures of `evaluate` as people and scripts read them: tables of text, JSON, pictures, a page of HTML.
//!
//! Everything here is made in memory; the command line puts it on stdout or into files. Nothing is computed here that is
//! not rounding.

mod evaluation;
mod evaluation_text;
mod figure;
mod html;
mod learned;
mod number;
mod raters;
mod subject;

pub use evaluation::EvaluationReport;
pub use evaluation_text::evaluation_text;
pub use figure::{Figure, FigureError, Panel, figures, panels};
pub use html::html;
pub use raters::{PairReport, raters_text};
pub use subject::Subject;

//! One view of a case, and each format that it can be written in.
//!
//! Formats are pure functions from [`Summary`] and [`Particulars`] to bytes (the report, in [`page`], also from pictures and the
//! history), so that the same record gives the same bytes. Where the record comes from is the caller's business; [`write_file`]
//! puts a finished text into a file, whole or not at all.

mod amendment;
mod csv;
mod file;
mod flags;
mod format;
mod json;
pub mod page;
mod particulars;
mod summary;
pub mod table;
mod text;

pub use self::{
    amendment::{Amendment, ChangedCell, ChangedCount},
    csv::to_csv,
    file::{Draft, write_file},
    format::Format,
    json::{escape, to_json},
    particulars::{CaseNote, Particulars},
    summary::{CellRow, Count, Decided, Status, Summary},
    text::to_text,
};

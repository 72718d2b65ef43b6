//! One view of a case, and each format that it can be written in.
//!
//! Formats are pure functions from [`Summary`] to text, so that the same record gives the same bytes. Where the record
//! comes from is the caller's business; [`write_file`] puts a finished text into a file, whole or not at all.

mod amendment;
mod csv;
mod file;
mod flags;
mod json;
mod readers;
mod summary;
mod text;

pub use self::{
    amendment::{Amendment, ChangedCell, ChangedCount},
    csv::to_csv,
    file::write_file,
    json::{escape, to_json},
    readers::{CompareView, Dispute, Readers, Settled, figures},
    summary::{CellRow, Count, Decided, Status, Summary},
    text::to_text,
};

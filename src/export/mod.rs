//! One view of a case, and each format that it can be written in.
//!
//! Formats are pure functions from [`Summary`] and [`Particulars`] to bytes (the report, in [`page`], also from pictures and the
//! history), so that the same record gives the same bytes. Where the record comes from is the caller's business; [`write_file`]
//! puts a finished text into a file, whole or not at all.

mod amendment;
mod csv;
mod fhir;
mod file;
mod flags;
mod format;
mod hl7;
mod json;
pub mod page;
mod particulars;
mod readers;
mod results;
mod summary;
pub mod table;
mod text;

pub use self::{
    amendment::{Amendment, ChangedCell, ChangedCount},
    csv::to_csv,
    fhir::to_fhir,
    file::{Draft, WriteError, write_file},
    format::Format,
    hl7::{control_id, names_whom, to_hl7},
    json::{escape, to_json},
    particulars::{CaseNote, Outgoing, Particulars},
    readers::{CompareView, Dispute, Readers, Settled, figures},
    summary::{CellRow, Count, Decided, Status, Summary},
    text::to_text,
};

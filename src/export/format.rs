//! The one list of formats, and the writer of each.

use super::{Particulars, Summary, to_csv, to_json, to_text};

/// A form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `leukoscope.case/1`.
    #[default]
    Json,
    /// A row per class.
    Csv,
    /// A page to read.
    Text,
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Text];

    /// What is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
        }
    }

    /// One line of help.
    pub fn about(self) -> &'static str {
        match self {
            Self::Json => "leukoscope.case/1",
            Self::Csv => "A row per class",
            Self::Text => "A page to read",
        }
    }

    /// The export's bytes: the same record and particulars give the same ones.
    pub fn write(self, summary: &Summary, particulars: &Particulars) -> Vec<u8> {
        match self {
            Self::Json => to_json(summary),
            Self::Csv => to_csv(summary, particulars),
            Self::Text => to_text(summary),
        }
        .into_bytes()
    }
}

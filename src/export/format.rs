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
    /// The report, for a browser.
    Html,
    /// The report, for print and archive.
    Pdf,
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 5] = [Self::Json, Self::Csv, Self::Text, Self::Html, Self::Pdf];

    /// What is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
            Self::Html => "html",
            Self::Pdf => "pdf",
        }
    }

    /// One line of help.
    pub fn about(self) -> &'static str {
        match self {
            Self::Json => "leukoscope.case/1",
            Self::Csv => "A row per class",
            Self::Text => "A page to read",
            Self::Html => "The report for a browser, with bars and cells",
            Self::Pdf => "The report as PDF/A, for print and archive",
        }
    }

    /// What its files end with.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            other => other.name(),
        }
    }

    /// The export's bytes: the same record and particulars give the same ones. `None` for reports, which need pictures and
    /// the history as well: [`super::page`] writes them.
    pub fn write(self, summary: &Summary, particulars: &Particulars) -> Option<Vec<u8>> {
        let text = match self {
            Self::Json => to_json(summary),
            Self::Csv => to_csv(summary, particulars),
            Self::Text => to_text(summary),
            Self::Html | Self::Pdf => return None,
        };
        Some(text.into_bytes())
    }
}

//! The one list of formats, and the writer of each.

use super::{Particulars, Summary, table, to_csv, to_fhir, to_hl7, to_json, to_text};

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
    /// FHIR R4.
    Fhir,
    /// HL7 v2.5.1.
    Hl7,
    /// A row per cell.
    Parquet,
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 8] =
        [Self::Json, Self::Csv, Self::Text, Self::Html, Self::Pdf, Self::Fhir, Self::Hl7, Self::Parquet];

    /// What is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Fhir => "fhir",
            Self::Hl7 => "hl7",
            Self::Parquet => "parquet",
        }
    }

    /// One line of help.
    pub fn about(self) -> &'static str {
        match self {
            Self::Json => "leukoscope.case/1",
            Self::Csv => "A row per class; with --all a table of cells and one of cases",
            Self::Text => "A page to read",
            Self::Html => "The report for a browser, with bars and cells",
            Self::Pdf => "The report as PDF/A, for print and archive",
            Self::Fhir => "FHIR R4: a transaction Bundle with a DiagnosticReport",
            Self::Hl7 => "HL7 v2.5.1: an ORU^R01 message, as `send` sends it",
            Self::Parquet => "A row per cell, for analysis; with --all also a row per case",
        }
    }

    /// What its files end with.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Fhir => "fhir.json",
            other => other.name(),
        }
    }

    /// Whether it says whose blood it is, where that was passed in.
    pub fn has_particulars(self) -> bool {
        matches!(self, Self::Html | Self::Pdf | Self::Fhir | Self::Hl7)
    }

    /// Whether it is nothing for a terminal.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Pdf | Self::Parquet)
    }

    /// The export's bytes: the same record and particulars give the same ones. `None` for reports, which need pictures and
    /// the history as well: [`super::page`] writes them.
    pub fn write(self, summary: &Summary, particulars: &Particulars) -> Option<Vec<u8>> {
        let text = match self {
            Self::Json => to_json(summary),
            Self::Csv => to_csv(summary, particulars),
            Self::Text => to_text(summary, &particulars.zone),
            Self::Fhir => to_fhir(summary, particulars),
            Self::Hl7 => to_hl7(summary, particulars),
            Self::Parquet => return Some(table::one(summary)),
            Self::Html | Self::Pdf => return None,
        };
        Some(text.into_bytes())
    }
}

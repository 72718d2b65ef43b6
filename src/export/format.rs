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
    /// A row per cell.
    Parquet,
    /// FHIR R4.
    Fhir,
    /// HL7 v2.5.1.
    Hl7,
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 6] = [Self::Json, Self::Csv, Self::Text, Self::Fhir, Self::Hl7, Self::Parquet];

    /// What is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
            Self::Fhir => "fhir",
            Self::Hl7 => "hl7",
            Self::Parquet => "parquet",
        }
    }

    /// What a file's name ends in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Fhir => "fhir.json",
            other => other.name(),
        }
    }

    /// One line of help.
    pub fn about(self) -> &'static str {
        match self {
            Self::Json => "leukoscope.case/1",
            Self::Csv => "A row per class",
            Self::Text => "A page to read",
            Self::Parquet => "A row per cell, for analysis; with --all also a row per case",
            Self::Fhir => "FHIR R4: a transaction Bundle with a DiagnosticReport",
            Self::Hl7 => "HL7 v2.5.1: an ORU^R01 message, as `send` sends it",
        }
    }

    /// The export's bytes: the same record and particulars give the same ones.
    pub fn write(self, summary: &Summary, particulars: &Particulars) -> Vec<u8> {
        match self {
            Self::Json => to_json(summary),
            Self::Csv => to_csv(summary, particulars),
            Self::Text => to_text(summary),
            Self::Fhir => to_fhir(summary, particulars),
            Self::Hl7 => to_hl7(summary, particulars),
            Self::Parquet => return table::one(summary),
        }
        .into_bytes()
    }
}

//! What an export says beside the record: the laboratory, the patient's identifier, fields of the report, reference ranges,
//! codes, and what was said of the case. Where they come from is the caller's business.

use std::sync::Arc;

use crate::domain::{ClassTable, Field, Laboratory, Loinc, Ranges};

/// What an export says beside the record.
#[derive(Debug, Clone)]
pub struct Particulars {
    /// Codes of a report that are no class's own.
    pub loinc: Arc<Loinc>,
    /// The release of LOINC that codes and names were compared with, where they were.
    pub loinc_version: Option<String>,
    /// LOINC's names of the classes' codes: code, name.
    pub loinc_names: Vec<(String, String)>,
    /// Reference ranges.
    pub ranges: Ranges,
    /// The laboratory that reports.
    pub laboratory: Laboratory,
    /// The patient's identifier, where one was passed in.
    pub patient: Option<String>,
    /// The order that the report answers, by the number that the ward's system gave it (placer order number), where it was passed in.
    pub order: Option<String>,
    /// When the blood was taken, where it was passed in: a day (`2026-11-25`), or a moment in UTC as RFC 3339.
    pub collected: Option<String>,
    /// What is known of a message that is to be sent.
    pub outgoing: Option<Outgoing>,
    /// Fields of the report that were given, in the laboratory's order.
    pub fields: Vec<(Field, String)>,
    /// Notes on the case, oldest first; of a signed version those up to its signature.
    pub notes: Vec<CaseNote>,
    /// When the case was imported, RFC 3339 in UTC: its time where nothing was decided yet.
    pub imported_at: String,
    /// The clock by which times are told to people; files for machines are in UTC.
    pub zone: jiff::tz::TimeZone,
}

/// What is known of a message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The control id that its version was queued under; a message that is made anew keeps it.
    pub control_id: Option<String>,
    /// Whether the receiver was sent no earlier version: to it this one is final and corrects nothing.
    pub is_first: bool,
}

/// A note on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNote {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub reviewer: String,
    /// What.
    pub text: String,
}

impl Particulars {
    /// The codes of `table`, these ranges and this laboratory; no patient, no field, no note; times are told in UTC.
    pub fn new(table: &ClassTable, ranges: Ranges, laboratory: Laboratory) -> Self {
        let named = table.iter().filter(|(_, c)| !c.loinc[0].is_empty() && !c.loinc_name.is_empty());
        Self {
            loinc: table.loinc(),
            loinc_version: table.loinc_version().map(str::to_owned),
            loinc_names: named.map(|(_, c)| (c.loinc[0].clone(), c.loinc_name.clone())).collect(),
            ranges,
            laboratory,
            patient: None,
            order: None,
            collected: None,
            outgoing: None,
            fields: Vec::new(),
            notes: Vec::new(),
            imported_at: "1970-01-01T00:00:00.000Z".to_owned(),
            zone: jiff::tz::TimeZone::UTC,
        }
    }

    /// LOINC's name of a class's code, where the class table has it.
    pub fn loinc_name(&self, code: &str) -> Option<&str> {
        self.loinc_names.iter().find(|(c, _)| c == code).map(|(_, name)| name.as_str())
    }

    /// The value of the field `id`, if it was given.
    pub fn field(&self, id: &str) -> Option<&str> {
        self.fields.iter().find(|(f, _)| f.id == id).map(|(_, value)| value.as_str())
    }
}

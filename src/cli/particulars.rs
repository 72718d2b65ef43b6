//! What a report says beside the record, gathered from the settings, the command line and the database.

use super::{Context, Failure, args::ReportArgs};
use crate::{
    domain::{CaseRecord, RemarkKind, printable},
    export::{CaseNote, Particulars, Summary},
    store::Store,
};

/// The particulars of a report on `case` as `summary` shows it.
///
/// # Errors
/// When an argument is none of the laboratory's fields or not plain, or the notes cannot be read.
pub fn of(
    context: &Context,
    args: &ReportArgs,
    store: &Store,
    case: &CaseRecord,
    summary: &Summary,
) -> Result<Particulars, Failure> {
    let mut particulars = Particulars::new(&context.table, context.ranges.clone(), context.laboratory.clone());
    particulars.patient = args.patient.as_deref().map(patient).transpose()?;
    particulars.fields = context.laboratory.fill(&args.field).map_err(Failure::usage)?;
    // What was said after a signature is no part of that version: the same version is always reported the same way.
    let until = |at: &str| summary.signed_at.as_deref().is_none_or(|signed| at <= signed);
    let remarks = store.remarks(case.id).map_err(Failure::usage)?.into_iter();
    let notes = remarks.filter(|r| r.cell.is_none() && r.kind == RemarkKind::Note && until(&r.at));
    particulars.notes = notes.map(|r| CaseNote { at: r.at, reviewer: r.reviewer, text: r.text }).collect();
    particulars.imported_at = case.imported_at.clone();
    Ok(particulars)
}

/// A patient's identifier that can stand in every format.
fn patient(id: &str) -> Result<String, Failure> {
    let id = id.trim();
    if id.is_empty() || printable(id) != id {
        return Err(Failure::usage(format!(
            "--patient {}: give the identifier in plain characters, or leave --patient out",
            printable(id)
        )));
    }
    Ok(id.to_owned())
}

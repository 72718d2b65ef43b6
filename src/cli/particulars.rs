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
    particulars.patient = args.patient.as_deref().map(|id| plain("--patient", id)).transpose()?;
    particulars.order = args.order.as_deref().map(|number| plain("--order", number)).transpose()?;
    particulars.collected = args.collected.as_deref().map(collected).transpose()?;
    particulars.fields = context.laboratory.fill(&args.field).map_err(Failure::usage)?;
    // What was said after a signature is no part of that version: the same version is always reported the same way.
    let until = |at: &str| summary.signed_at.as_deref().is_none_or(|signed| at <= signed);
    let remarks = store.remarks(case.id).map_err(Failure::usage)?.into_iter();
    let notes = remarks.filter(|r| r.cell.is_none() && r.kind == RemarkKind::Note && until(&r.at));
    particulars.notes = notes.map(|r| CaseNote { at: r.at, reviewer: r.reviewer, text: r.text }).collect();
    particulars.imported_at = case.imported_at.clone();
    particulars.zone = context.zone.clone();
    Ok(particulars)
}

/// An identifier that can stand in every format.
fn plain(option: &str, id: &str) -> Result<String, Failure> {
    let id = id.trim();
    if id.is_empty() || printable(id) != id {
        return Err(Failure::usage(format!(
            "{option} {}: give the identifier in plain characters, or leave {option} out",
            printable(id)
        )));
    }
    Ok(id.to_owned())
}

/// A day, or a moment in UTC.
fn collected(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let day = || text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == 10).map(|d| d.to_string());
    let moment = || text.parse::<jiff::Timestamp>().ok().map(|t| t.to_string());
    day().or_else(moment).ok_or_else(|| {
        Failure::usage(format!(
            "--collected {}: is no time; write it as 2026-11-25, or with its zone as 2026-11-25T08:30+01:00",
            printable(text)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_collection_is_a_day_or_a_moment_with_its_zone() {
        let read = |text| collected(text).map_err(|e| e.to_string());
        assert_eq!(read("2026-11-25").as_deref(), Ok("2026-11-25"));
        assert_eq!(read(" 2026-11-25T08:30+01:00").as_deref(), Ok("2026-11-25T07:30:00Z"));
        for bad in ["2026-11-25T08:30", "yesterday", "", "2026-13-01"] {
            assert!(read(bad).expect_err("no time").contains("--collected"), "{bad}");
        }
    }
}

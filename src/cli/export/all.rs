//! `export --all`: many cases at once, one after the other, so that the memory needed does not grow with their number.

use std::{
    cell::Cell,
    io::{self, Write},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    super::{
        Failure, Outcome,
        context::{may_see, show},
        inputs::unwritten,
        names, output,
        progress::{Progress, interruption},
    },
    Exporter, Written,
};
use crate::{
    domain::{CaseRecord, CaseState, ClassTable, counted, printable},
    export::{
        Draft, Format, Status, Summary, WriteError,
        table::{self, Column, CsvTable, ParquetTable, Row, Table},
        write_file,
    },
};

/// Writes every case that was asked for.
pub fn run(exporter: &Exporter<'_>) -> Result<Outcome, Failure> {
    let (context, args) = (exporter.context, exporter.args);
    let since = args.since.as_deref().map(moment).transpose()?;
    let dir =
        args.output.as_deref().ok_or_else(|| Failure::usage("--all needs a folder to write to; name it with -o"))?;
    output::folder(dir)?;
    let all: Vec<CaseRecord> = exporter.store.cases().map_err(Failure::usage)?.into_iter().map(|s| s.case).collect();
    let names = names::of_cases(&all.iter().collect::<Vec<_>>(), args.format.ending());
    let mut cases: Vec<(CaseRecord, String)> = all.into_iter().zip(names).collect();
    cases.retain(|(case, _)| case.state == CaseState::Signed || args.with_open);
    let cancel = interruption();
    let progress = Progress::new("cases exported", context.quiet);
    progress.more(cases.len() as u64);
    let job = Job {
        exporter,
        dir,
        cases: &cases,
        since,
        progress: &progress,
        cancel: &cancel,
        done: Cell::new(0),
        left_out: Cell::new(false),
    };
    let done = match args.format {
        Format::Csv => job.tables("csv", |columns, draft| CsvTable::new(columns, marked(draft, args.bom)?)),
        Format::Parquet => job.tables("parquet", ParquetTable::new),
        _ => job.files(),
    };
    progress.finish();
    let refused = done? || job.left_out.get();
    context.say(&format!("wrote {} to {}", counted(job.done.get() as u64, "case", "cases"), show(dir)));
    Ok(Outcome::refused(refused))
}

/// What is written, and how far it is.
struct Job<'a> {
    exporter: &'a Exporter<'a>,
    dir: &'a Path,
    /// With the name of each one's file.
    cases: &'a [(CaseRecord, String)],
    since: Option<jiff::Timestamp>,
    progress: &'a Progress,
    cancel: &'a AtomicBool,
    /// Cases written.
    done: Cell<usize>,
    /// Whether a case may not be seen by whoever asks.
    left_out: Cell<bool>,
}

impl Job<'_> {
    /// Both tables and the dictionary, which take their places when all of them are whole. Nothing in them is refused.
    fn tables<T: Table<Draft>>(
        &self,
        ending: &str,
        begin: impl Fn(Vec<Column>, Draft) -> io::Result<T>,
    ) -> Result<bool, Failure> {
        let table: &ClassTable = &self.exporter.context.table;
        let at = |name: &str, ending: &str| self.dir.join(format!("{name}.{ending}"));
        let (cells_at, cases_at, words_at) = (at("cells", ending), at("cases", ending), at("dictionary", "csv"));
        let (context, store) = (self.exporter.context, Some(self.exporter.store));
        let open = |path: &Path, columns| {
            let draft = context.draft(path, store)?;
            begin(columns, draft).map_err(|e| failed(path, &e))
        };
        context.may_write(&words_at, store)?;
        let (mut cells, mut cases) = (open(&cells_at, table::cells())?, open(&cases_at, table::cases(table))?);
        self.each(|case, _, _| {
            let mut rows = case.cells.iter().map(|cell| Row { case, cell: Some(cell) });
            rows.try_for_each(|row| cells.row(&row)).map_err(|e| failed(&cells_at, &e))?;
            cases.row(&Row { case, cell: None }).map_err(|e| failed(&cases_at, &e))
        })?;
        let words = table::dictionary(&[("cells", &table::cells()), ("cases", &table::cases(table))]);
        // Whole on the disk before the first of them replaces an earlier one.
        let cells = cells.finish().map_err(|e| failed(&cells_at, &e))?;
        let cases = cases.finish().map_err(|e| failed(&cases_at, &e))?;
        cells.keep().map_err(|e| unwritten(&cells_at, &e))?;
        cases.keep().map_err(|e| unwritten(&cases_at, &e))?;
        let words = if self.exporter.args.bom { [super::BOM, &words].concat() } else { words };
        write_file(&words_at, &words).map_err(|e| unwritten(&words_at, &e))?;
        Ok(false)
    }

    /// A file for each case; and whether something could not be shown in one of them.
    fn files(&self) -> Result<bool, Failure> {
        let ending = self.exporter.args.format.ending();
        let mut any = false;
        self.each(|summary, case, name| {
            let path = self.dir.join(format!("{name}.{ending}"));
            let Written { bytes, refused } = self.exporter.written(case, summary)?;
            refused.iter().for_each(|why| self.progress.complain(&format!("{}: {why}", printable(&case.name))));
            any |= !refused.is_empty();
            self.exporter.context.write(&path, &bytes, Some(self.exporter.store))
        })?;
        Ok(any)
    }

    /// Every case that was asked for in turn, until one fails or the user interrupts.
    /// What one reads blinded is left out for that reviewer, and named.
    fn each(&self, mut take: impl FnMut(&Summary, &CaseRecord, &str) -> Result<(), Failure>) -> Result<(), Failure> {
        for (case, name) in self.cases {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Failure::Midway("interrupted; tables are as they were, files of cases are whole".into()));
            }
            if let Err(why) = may_see(self.exporter.store, case, &self.exporter.args.reviewer) {
                self.progress.complain(&format!("{why}; it is left out"));
                self.left_out.set(true);
                self.progress.add(1);
                continue;
            }
            let summary = self.exporter.summary(case)?;
            if self.is_wanted(&summary) {
                take(&summary, case, name)?;
                self.done.set(self.done.get() + 1);
            }
            self.progress.add(1);
        }
        Ok(())
    }

    /// Whether a case was signed late enough; one that is not signed is always wanted here.
    fn is_wanted(&self, summary: &Summary) -> bool {
        let Some(since) = self.since.filter(|_| summary.status == Status::Signed) else { return true };
        let at = summary.signed_at.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        at.is_some_and(|at| at >= since)
    }
}

/// A day in UTC, from its beginning, or a moment.
fn moment(text: &str) -> Result<jiff::Timestamp, Failure> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp());
    // A moment first: a day is also the beginning of one.
    text.parse().ok().or_else(day).ok_or_else(|| {
        Failure::usage(format!(
            "--since {}: is no date; write it as 2026-11-01 or 2026-11-01T12:00:00Z",
            printable(text)
        ))
    })
}

/// A draft that begins with the mark of UTF-8, if that is wanted.
fn marked(mut draft: Draft, bom: bool) -> io::Result<Draft> {
    if bom {
        draft.write_all(super::BOM)?;
    }
    Ok(draft)
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    unwritten(path, &WriteError::Kept(io::Error::new(error.kind(), error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_read_in_utc() {
        let read = |text| moment(text).map(|m| m.to_string()).map_err(|e| e.to_string());
        assert_eq!(read("2026-11-01").as_deref(), Ok("2026-11-01T00:00:00Z"));
        assert_eq!(read("2026-11-01T12:00:00+02:00").as_deref(), Ok("2026-11-01T10:00:00Z"));
        assert!(read("yesterday").expect_err("no date").contains("write it as 2026-11-01"));
    }
}

//! Tables for analysis: a row a cell, and a row a case, of many cases in one file each, with a dictionary of their columns.
//!
//! A table is a list of [`Column`]s; CSV, Parquet and the dictionary are all written from that one list. Rows go out as they
//! come, so that the memory needed does not grow with the number of cases. Which cases they are is the caller's business.

mod cases;
mod cells;
mod csv;
mod dictionary;
mod parquet;

use std::io::{self, Write};

use super::{CellRow, Summary};

pub use self::{cases::cases, cells::cells, csv::CsvTable, dictionary::dictionary, parquet::ParquetTable};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A whole number.
    Integer,
    /// A number of double precision.
    Real,
    /// Yes or no.
    Flag,
    /// A moment: RFC 3339 with milliseconds, in UTC.
    Time,
}

impl Kind {
    /// Its name in the dictionary.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Flag => "true or false",
            Self::Time => "time, UTC",
        }
    }
}

/// A value of a cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// Of a [`Kind::Text`] or [`Kind::Time`] column.
    Text(String),
    /// Of a [`Kind::Integer`] column.
    Integer(i64),
    /// Of a [`Kind::Real`] column; finite.
    Real(f64),
    /// Of a [`Kind::Flag`] column.
    Flag(bool),
}

/// What a row is made from: a case, and in a table of cells one of them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The case.
    pub case: &'a Summary,
    /// The cell.
    pub cell: Option<&'a CellRow>,
}

type Get = Box<dyn Fn(&Row<'_>) -> Option<Datum> + Send>;

/// A column: what it is called, what it means, and where its values come from.
pub struct Column {
    /// Its name: letters, digits and underscores.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Unit of its values; empty for none.
    pub unit: &'static str,
    /// What it means, for the dictionary.
    pub about: String,
    get: Get,
}

impl Column {
    fn new(
        name: impl Into<String>,
        kind: Kind,
        unit: &'static str,
        about: impl Into<String>,
        get: impl Fn(&Row<'_>) -> Option<Datum> + Send + 'static,
    ) -> Self {
        Self { name: name.into(), kind, unit, about: about.into(), get: Box::new(get) }
    }

    /// Its value in a row; `None`: there is none.
    pub fn value(&self, row: &Row<'_>) -> Option<Datum> {
        (self.get)(row)
    }
}

/// A file that rows are written to.
pub trait Table<W: Write>: Sized {
    /// Adds a row.
    ///
    /// # Errors
    /// When the file cannot be written to.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// Writes what is left, and gives the file back.
    ///
    /// # Errors
    /// When the file cannot be written to.
    fn finish(self) -> io::Result<W>;
}

/// The cells of one case, as Parquet.
pub fn one(case: &Summary) -> Vec<u8> {
    let write = || -> io::Result<Vec<u8>> {
        let mut table = ParquetTable::new(cells(), Vec::new())?;
        for cell in &case.cells {
            table.row(&Row { case, cell: Some(cell) })?;
        }
        table.finish()
    };
    write().expect("writing to memory does not fail")
}

fn text(of: impl Into<String>) -> Option<Datum> {
    Some(Datum::Text(of.into()))
}

fn integer(of: u64) -> Option<Datum> {
    Some(Datum::Integer(i64::try_from(of).unwrap_or(i64::MAX)))
}

/// Columns that both tables begin with, so that they can be joined.
fn of_case() -> Vec<Column> {
    vec![
        Column::new("case", Kind::Text, "", "name of the case", |r| text(&r.case.case)),
        Column::new(
            "version",
            Kind::Integer,
            "",
            "signed version, from 1; empty for a case that was never signed",
            |r| r.case.version.and_then(|v| integer(v.into())),
        ),
        Column::new(
            "status",
            Kind::Text,
            "",
            "signed; or open: PRELIMINARY, the decisions as they stood when the table was written",
            |r| text(r.case.status.name()),
        ),
    ]
}

#[cfg(test)]
mod tests;

//! A table as CSV.

use std::io::{self, Write};

use super::{Column, Datum, Row, Table};
use crate::export::csv::{figure, spreadsheet_safe};

/// A CSV file (RFC 4180, UTF-8) with a header; numbers to twelve digits, empty where there is no value.
pub struct CsvTable<W: Write> {
    columns: Vec<Column>,
    out: csv::Writer<W>,
}

impl<W: Write> CsvTable<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn new(columns: Vec<Column>, out: W) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(columns.iter().map(|c| c.name.as_str()))?;
        Ok(Self { columns, out })
    }
}

impl<W: Write> Table<W> for CsvTable<W> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        for column in &self.columns {
            self.out.write_field(column.value(row).map_or_else(String::new, |v| written(&v)))?;
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(|e| io::Error::new(e.error().kind(), e.to_string()))
    }
}

fn written(value: &Datum) -> String {
    match value {
        Datum::Text(text) => spreadsheet_safe(text),
        Datum::Integer(number) => number.to_string(),
        Datum::Real(number) => figure(*number),
        Datum::Flag(flag) => flag.to_string(),
    }
}

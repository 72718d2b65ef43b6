//! A table as Parquet.

use std::{
    io::{self, Write},
    sync::Arc,
};

use parquet::{
    basic::Compression,
    column::writer::ColumnWriter,
    data_type::ByteArray,
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use super::{Column, Datum, Kind, Row, Table};

/// Rows that are kept until they are written together: what bounds the memory.
const ROWS: usize = 16_384;

/// A Parquet file: every column may be without a value, texts are UTF-8, times are milliseconds in UTC.
pub struct ParquetTable<W: Write + Send> {
    columns: Vec<(Column, Waiting)>,
    rows: usize,
    out: SerializedFileWriter<W>,
}

/// Values that wait to be written, and for each row whether there is one.
#[derive(Default)]
struct Waiting {
    levels: Vec<i16>,
    texts: Vec<ByteArray>,
    integers: Vec<i64>,
    reals: Vec<f64>,
    flags: Vec<bool>,
}

impl<W: Write + Send> ParquetTable<W> {
    /// Begins with the schema.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn new(columns: Vec<Column>, out: W) -> io::Result<Self> {
        let fields: String = columns.iter().map(field).collect();
        let schema = parse_message_type(&format!("message leukoscope {{\n{fields}}}")).map_err(failed)?;
        // A fixed name, so that the same record gives the same bytes whatever library wrote them.
        let properties =
            WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("leukoscope".into());
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build())).map_err(failed)?;
        let columns = columns.into_iter().map(|c| (c, Waiting::default())).collect();
        Ok(Self { columns, rows: 0, out })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.out.next_row_group().map_err(failed)?;
        for (_, waiting) in &mut self.columns {
            let Some(mut column) = group.next_column().map_err(failed)? else { break };
            waiting.write(column.untyped()).and_then(|()| column.close()).map_err(failed)?;
            *waiting = Waiting::default();
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        Ok(())
    }
}

impl<W: Write + Send> Table<W> for ParquetTable<W> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        for (column, waiting) in &mut self.columns {
            waiting.take(column.kind, column.value(row));
        }
        self.rows += 1;
        if self.rows == ROWS { self.flush() } else { Ok(()) }
    }

    fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.out.into_inner().map_err(failed)
    }
}

impl Waiting {
    fn take(&mut self, kind: Kind, value: Option<Datum>) {
        let there = match value {
            None => false,
            Some(Datum::Text(text)) if kind == Kind::Time => {
                let at = text.parse::<jiff::Timestamp>();
                at.map(|at| self.integers.push(at.as_millisecond())).is_ok()
            }
            Some(Datum::Text(text)) => {
                self.texts.push(text.into_bytes().into());
                true
            }
            Some(Datum::Integer(number)) => {
                self.integers.push(number);
                true
            }
            Some(Datum::Real(number)) => {
                self.reals.push(number);
                true
            }
            Some(Datum::Flag(flag)) => {
                self.flags.push(flag);
                true
            }
        };
        self.levels.push(there.into());
    }

    fn write(&self, to: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match to {
            ColumnWriter::ByteArrayColumnWriter(to) => to.write_batch(&self.texts, levels, None),
            ColumnWriter::Int64ColumnWriter(to) => to.write_batch(&self.integers, levels, None),
            ColumnWriter::DoubleColumnWriter(to) => to.write_batch(&self.reals, levels, None),
            ColumnWriter::BoolColumnWriter(to) => to.write_batch(&self.flags, levels, None),
            _ => Err(ParquetError::General("a column of no type that is written here".into())),
        }
        .map(drop)
    }
}

/// A column in the language of Parquet's schemas.
fn field(column: &Column) -> String {
    let name = &column.name;
    match column.kind {
        Kind::Text => format!("OPTIONAL BYTE_ARRAY {name} (STRING);\n"),
        Kind::Integer => format!("OPTIONAL INT64 {name};\n"),
        Kind::Real => format!("OPTIONAL DOUBLE {name};\n"),
        Kind::Flag => format!("OPTIONAL BOOLEAN {name};\n"),
        Kind::Time => format!("OPTIONAL INT64 {name} (TIMESTAMP(MILLIS,true));\n"),
    }
}

/// The file system's own error where that is what failed, so that its remedy can be named.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

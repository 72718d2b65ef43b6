//! What every column of the tables means, as CSV.

use super::Column;
use crate::export::csv::spreadsheet_safe;

/// A row for each column of `tables`, which come with the names of their files.
pub fn dictionary(tables: &[(&str, &[Column])]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut record = |fields: [&str; 5]| out.write_record(fields).expect("writing to memory does not fail");
    record(["file", "column", "type", "unit", "meaning"]);
    for (file, columns) in tables {
        for c in *columns {
            record([file, &spreadsheet_safe(&c.name), c.kind.name(), c.unit, &spreadsheet_safe(&c.about)]);
        }
    }
    out.into_inner().expect("writing to memory does not fail")
}

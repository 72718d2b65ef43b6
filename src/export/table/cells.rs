//! The columns of the table of cells.

use super::{Column, Datum, Kind, Row, of_case, text};
use crate::export::{CellRow, Decided};

/// The columns, in their order; a row a cell of a case.
pub fn cells() -> Vec<Column> {
    let mut columns = of_case();
    columns.extend([
        of("cell", Kind::Integer, "", "number of the cell in its case, from 1", |c| {
            Some(Datum::Integer(c.cell.get().into()))
        }),
        of("cell_id", Kind::Integer, "", "id of the cell in the database", |c| Some(Datum::Integer(c.id.0))),
        of("path", Kind::Text, "", "image file, relative to the folder of the case", |c| text(&c.path)),
        of("sha256", Kind::Text, "", "SHA-256 of the image file, hexadecimal", |c| text(c.sha256.to_string())),
        of("predicted", Kind::Text, "", "class code that the network suggested; empty without a network", |c| {
            c.predicted.as_ref().and_then(|p| text(&p.0))
        }),
        of("p", Kind::Real, "probability, 0 to 1", "the network's probability of the suggestion", |c| {
            c.predicted.as_ref().map(|p| Datum::Real(p.1))
        }),
        of("unlike", Kind::Real, "0 to 1", "how far the picture is from the network's training data", |c| {
            c.unlike.map(|u| Datum::Real(u.score.into()))
        }),
        of("flagged", Kind::Flag, "", "unlike past the network's threshold", |c| {
            c.unlike.map(|u| Datum::Flag(u.flagged))
        }),
        of(
            "decided",
            Kind::Text,
            "",
            "class code that the reviewer decided on, or excluded; empty: not reviewed",
            |c| decided(c).and_then(|d| text(d.0.code())),
        ),
        of("changed", Kind::Flag, "", "the decision is not the suggestion; empty where one of them is missing", |c| {
            let (decided, predicted) = (decided(c)?, c.predicted.as_ref()?);
            Some(Datum::Flag(decided.0.code() != predicted.0))
        }),
        of("by", Kind::Text, "", "who decided", |c| decided(c).and_then(|d| text(&d.1))),
        of("at", Kind::Time, "", "when it was decided", |c| decided(c).and_then(|d| text(&d.2))),
        of(
            "bulk",
            Kind::Integer,
            "",
            "number of the step that decided many cells at once; empty for a decision on this cell alone",
            |c| c.bulk.map(Datum::Integer),
        ),
    ]);
    columns
}

fn decided(cell: &CellRow) -> Option<&(Decided, String, String)> {
    cell.decided.as_ref()
}

fn of(name: &str, kind: Kind, unit: &'static str, about: &str, get: fn(&CellRow) -> Option<Datum>) -> Column {
    Column::new(name, kind, unit, about, move |row: &Row<'_>| row.cell.and_then(get))
}

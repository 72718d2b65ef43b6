//! Tables, read back with other readers than what wrote them.

use ::parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};

use super::*;
use crate::{
    domain::ClassTable,
    export::{Status, summary::tests::example},
};

/// A signed version of the example case, with a name that a spreadsheet would take for a formula.
fn signed() -> Summary {
    let mut summary = example();
    summary.case = "=Zoë".into();
    summary.status = Status::Signed;
    summary.version = Some(2);
    summary.reviewer = Some("anna".into());
    summary.signed_at = Some("2026-11-23T11:00:00.250Z".into());
    summary
}

fn fill<T: Table<Vec<u8>>>(mut table: T, cases: &[Summary], of_cells: bool) -> Vec<u8> {
    for case in cases {
        if of_cells {
            case.cells.iter().for_each(|c| table.row(&Row { case, cell: Some(c) }).expect("memory"));
        } else {
            table.row(&Row { case, cell: None }).expect("memory");
        }
    }
    table.finish().expect("memory")
}

fn csv_rows(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    ::csv::Reader::from_reader(bytes).deserialize().collect::<Result<_, _>>().expect("CSV")
}

fn parquet_rows(bytes: Vec<u8>) -> Vec<Vec<(String, Field)>> {
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("Parquet");
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|r| r.expect("a row").into_columns()).collect()
}

#[test]
fn cells_read_back_from_csv() {
    let rows = csv_rows(&fill(CsvTable::new(cells(), Vec::new()).expect("memory"), &[signed()], true));
    assert_eq!(rows.len(), 6);
    let first = &rows[0];
    let get = |name: &str| first[name].as_str();
    assert_eq!((get("case"), get("version"), get("status")), ("'=Zoë", "2", "signed"));
    assert_eq!((get("predicted"), get("p"), get("unlike"), get("flagged")), ("MYO", "0.75", "0.75", "true"));
    assert_eq!((get("decided"), get("changed"), get("by")), ("MYO", "false", "anna"));
    assert_eq!(rows[4]["decided"], "excluded");
    assert_eq!((rows[5]["decided"].as_str(), rows[5]["changed"].as_str(), rows[5]["at"].as_str()), ("", "", ""));
}

#[test]
fn parquet_holds_what_csv_holds() {
    let table = ClassTable::default();
    for of_cells in [true, false] {
        let columns = || if of_cells { cells() } else { cases(&table) };
        let from_csv = csv_rows(&fill(CsvTable::new(columns(), Vec::new()).expect("memory"), &[signed()], of_cells));
        let bytes = fill(ParquetTable::new(columns(), Vec::new()).expect("memory"), &[signed()], of_cells);
        let rows = parquet_rows(bytes);
        assert_eq!(rows.len(), from_csv.len());
        for (row, expected) in rows.iter().zip(&from_csv) {
            assert_eq!(row.len(), expected.len());
            for (name, field) in row {
                let found = match field {
                    Field::Null => String::new(),
                    Field::Str(s) => s.strip_prefix('=').map_or_else(|| s.clone(), |rest| format!("'={rest}")),
                    Field::Long(n) => n.to_string(),
                    Field::Double(x) => super::super::csv::figure(*x),
                    Field::Bool(b) => b.to_string(),
                    Field::TimestampMillis(ms) => {
                        let at = jiff::Timestamp::from_millisecond(*ms).expect("a moment");
                        format!("{at:.3}")
                    }
                    other => panic!("{name}: {other:?}"),
                };
                assert_eq!(&found, &expected[name], "{name}");
            }
        }
    }
}

#[test]
fn cases_have_every_class_with_its_interval() {
    let table = ClassTable::default();
    let rows = csv_rows(&fill(CsvTable::new(cases(&table), Vec::new()).expect("memory"), &[signed()], false));
    let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    let number = |name: &str| row[name].parse::<f64>().ok();
    assert_eq!((row["wbc"].as_str(), row["MYO_count"].as_str(), row["NGS_count"].as_str()), ("3", "1", "2"));
    assert_eq!((number("MYO_percent"), number("blasts_percent")), (Some(33.3333333333), Some(33.3333333333)));
    // Clopper-Pearson of 1 of 3, from SciPy: 0.84 to 90.57.
    assert!((number("MYO_ci95_low").expect("a number") - 0.840_375).abs() < 1e-5, "{}", row["MYO_ci95_low"]);
    assert!((number("MYO_ci95_high").expect("a number") - 90.570_061).abs() < 1e-5, "{}", row["MYO_ci95_high"]);
    assert_eq!(row["nrbc_per_100_wbc"], "33.3333333333");
    assert_eq!((row["EBO_count"].as_str(), row.get("EBO_percent")), ("1", None), "outside the WBC there is no share");
    assert_eq!(row["other_classes"], "");
}

#[test]
fn a_class_that_the_table_lost_keeps_its_count() {
    let mut old = signed();
    old.counts[0].class = "OLD".into();
    let count = old.counts[0].count;
    let rows =
        csv_rows(&fill(CsvTable::new(cases(&ClassTable::default()), Vec::new()).expect("memory"), &[old], false));
    assert_eq!(rows[0]["other_classes"], format!("OLD={count}"));
}

#[test]
fn many_rows_go_out_in_groups_and_the_same_rows_give_the_same_bytes() {
    let mut case = signed();
    let cell = case.cells[0].clone();
    case.cells = vec![cell; 20_000];
    let write = || fill(ParquetTable::new(cells(), Vec::new()).expect("memory"), std::slice::from_ref(&case), true);
    let bytes = write();
    assert_eq!(bytes, write());
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("Parquet");
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|g| g.num_rows()).collect();
    assert_eq!(groups, [16_384, 3_616]);
}

#[test]
fn every_column_is_in_the_dictionary_once() {
    let (cells, cases) = (cells(), cases(&ClassTable::default()));
    let rows = csv_rows(&dictionary(&[("cells", &cells), ("cases", &cases)]));
    assert_eq!(rows.len(), cells.len() + cases.len());
    for columns in [&cells, &cases] {
        let mut names: Vec<_> = columns.iter().map(|c| &c.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), columns.len());
        assert!(names.iter().all(|n| n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')), "{names:?}");
    }
    assert!(rows.iter().all(|r| !r["meaning"].is_empty()));
}

//! Real cases with real bad files.

use std::{collections::BTreeSet, path::PathBuf};

use leukoscope::{
    domain::{ClassTable, FoundCase, Layout, ScaleSource},
    intake::{ScanOptions, Silent, scan},
    store::Store,
};

use crate::common;

fn scanned(dir: PathBuf) -> Vec<FoundCase> {
    scan(&[dir], &ScanOptions::default(), &ClassTable::default(), &Silent).expect("scanned")
}

#[test]
fn of_the_shared_originals_exactly_four_files_are_refused() {
    let Some(shared) = common::shared() else { return eprintln!("skipped: no shared data") };
    let originals = shared.join("data/jhh/original");
    let cases = scanned(originals.clone());
    let names: Vec<_> = cases.iter().map(|c| c.name.as_str()).collect();
    let patients =
        ["01", "08", "24", "26", "36", "60", "62_unsorted", "99", "100", "103"].map(|n| format!("Patient_{n}"));
    assert_eq!(names, patients);
    let refused: BTreeSet<_> =
        cases.iter().flat_map(|c| &c.refused).map(|r| (r.path.clone(), r.reason.as_str())).collect();
    let truncated = "is truncated: its end-of-image marker is missing; copy it again from the scanner";
    for cut in [
        "24/Blast, no lineage spec/BL_7821735.jpg",
        "36/Blast, no lineage spec/BL_7744281.jpg",
        "99/Smudge cells/SMU_17364544.jpg",
    ] {
        assert!(refused.contains(&(originals.join(format!("Patient_{cut}")), truncated)), "{cut}: {refused:#?}");
    }
    let odd: Vec<_> = refused.iter().filter(|r| r.1.contains("2920 x 2964 px among frames of about 360 x")).collect();
    assert_eq!((odd.len(), refused.len()), (1, 4), "{refused:#?}");
    assert_eq!(cases.iter().map(|c| c.cells.len()).sum::<usize>(), 1537 - 4);
    for case in &cases {
        assert_eq!((case.scale.um_per_px, case.scale.source), (Some(0.10), ScaleSource::Profile), "{}", case.name);
        assert_eq!(case.layout, if case.name.ends_with("unsorted") { Layout::Flat } else { Layout::Classes });
        assert!(case.warnings.iter().all(|w| w.contains("no class of the table")), "{:?}", case.warnings);
    }
}

#[test]
fn a_real_case_goes_into_the_database_and_changes_nothing_the_second_time() {
    let Some(shared) = common::shared() else { return eprintln!("skipped: no shared data") };
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(&dir.path().join("records.db"), &ClassTable::default()).expect("a database");
    let case = scanned(shared.join("data/jhh/original/Patient_24")).remove(0);
    let first = store.import(&case).expect("imported");
    assert_eq!((first.case.name.as_str(), first.added, case.refused.len()), ("Patient_24", case.cells.len(), 1));
    let second = store.import(&scanned(shared.join("data/jhh/original/Patient_24")).remove(0)).expect("imported");
    assert_eq!((second.case.id, second.added, second.unchanged), (first.case.id, 0, case.cells.len()));
    let cells = store.cells(first.case.id).expect("cells");
    assert!(cells.iter().all(|c| first.case.root.join(&c.path).is_file()));
    assert_eq!(store.reference_labels(first.case.id).expect("labels").len(), cells.len());
}

//! What the first paint waits for, measured on a large database.

use std::time::{Duration, Instant};

use leukoscope::{domain::ClassTable, store::Store};
use rusqlite::Connection;

use crate::{found, hash};

/// 200 cases of 500 cells, all decided, some taken back; one of them with predictions.
fn large(path: &std::path::Path, table: &ClassTable) {
    let store = Store::open(path, table).expect("a database");
    for case in 0..200 {
        store.import(&found(&format!("Patient_{case}"), case, 0..500)).expect("imported");
    }
    let conn = Connection::open(path).expect("opens");
    conn.execute_batch(
        "INSERT INTO decisions (case_id, cell_id, reviewer, at, action, class)
         SELECT case_id, id, 'ada', '2026-01-01T00:00:00.000Z', 'reclassify', substr('NGSLYTMONMYOEOSEBO', 1 + 3 * (id % 6), 3) FROM cells;
         INSERT INTO decisions (case_id, cell_id, reviewer, at, action, target)
         SELECT case_id, cell_id, 'ada', '2026-01-01T00:00:01.000Z', 'undo', seq FROM decisions WHERE seq % 50 = 0;",
    )
    .expect("decided");
}

#[test]
fn a_large_database_is_read_quickly() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("records.db");
    let table = ClassTable::default();
    large(&path, &table);
    let mut best = [Duration::MAX; 3];
    for _ in 0..3 {
        let start = Instant::now();
        let store = Store::open(&path, &table).expect("opens");
        best[0] = best[0].min(start.elapsed());
        let start = Instant::now();
        let cases = store.cases().expect("cases");
        best[1] = best[1].min(start.elapsed());
        assert_eq!((cases.len(), cases[7].cells, cases[7].reviewed), (200, 500, 490));
        let start = Instant::now();
        let case = store.case("Patient_7").expect("a case");
        let (cells, log) = (store.cells(case.id).expect("cells"), store.log(case.id).expect("a log"));
        store.predictions(case.id, &hash(9, 9)).expect("none");
        best[2] = best[2].min(start.elapsed());
        assert_eq!((cells.len(), log.len()), (500, 510));
    }
    let store = Store::open(&path, &table).expect("opens");
    let case = store.case("Patient_7").expect("a case").id;
    let cell = store.cells(case).expect("cells")[0].id;
    let action = leukoscope::domain::Action::Exclude;
    let new =
        leukoscope::store::NewDecision { case, cell, reviewer: "ada".into(), action, network: None, suggested: None };
    let start = Instant::now();
    (0..50).for_each(|_| _ = store.record(&new).expect("recorded"));
    eprintln!("a decision {:?}", start.elapsed() / 50);
    eprintln!("open {:?}, list of 200 cases {:?}, one case of 500 cells {:?}", best[0], best[1], best[2]);
    // Ten times what an idle machine takes: a missing index costs a hundred times as much.
    assert!(best.iter().sum::<Duration>() < Duration::from_secs(1), "{best:?}");
}

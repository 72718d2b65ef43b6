//! Several processes that open the same new database and review the same case at the same time.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use leukoscope::{
    domain::{Action, ClassTable},
    store::{NewDecision, Store},
};

use crate::found;

const DATABASE: &str = "LEUKOSCOPE_TEST_DATABASE";
const REVIEWER: &str = "LEUKOSCOPE_TEST_REVIEWER";

/// What each child process does; without the environment of a child, nothing.
#[test]
fn as_a_child_review() {
    let (Ok(path), Ok(reviewer)) = (std::env::var(DATABASE), std::env::var(REVIEWER)) else { return };
    let store = Store::open(Path::new(&path), &ClassTable::default()).expect("opens");
    let case = store.import(&found("Patient_1", 1, 0..20)).expect("imported").case.id;
    for cell in store.cells(case).expect("cells") {
        let (cell, action, reviewer) = (cell.id, Action::Exclude, reviewer.clone());
        store.record(&NewDecision { case, cell, reviewer, action, network: None, suggested: None }).expect("recorded");
    }
    println!("was new: {}", store.is_new());
}

#[test]
fn processes_share_a_database_from_its_first_moment() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("records.db");
    let start = |n: usize| {
        let mut child = Command::new(std::env::current_exe().expect("a test binary"));
        child.args(["--exact", "processes::as_a_child_review", "--nocapture"]);
        child
            .env(DATABASE, &path)
            .env(REVIEWER, format!("reviewer {n}"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("started")
    };
    let children: Vec<_> = (0..5).map(start).collect();
    let said: Vec<_> = children.into_iter().map(|c| c.wait_with_output().expect("ended")).collect();
    assert!(said.iter().all(|s| s.status.success()), "{said:?}");
    let new = said.iter().filter(|s| String::from_utf8_lossy(&s.stdout).contains("was new: true")).count();
    assert!(new >= 1, "somebody made it");
    let store = Store::open(&path, &ClassTable::default()).expect("opens");
    let cases = store.cases().expect("cases");
    assert_eq!((cases.len(), cases[0].cells, cases[0].reviewed), (1, 20, 20));
    let log = store.log(cases[0].case.id).expect("a log");
    for n in 0..5 {
        assert_eq!(log.iter().filter(|d| d.reviewer == format!("reviewer {n}")).count(), 20);
    }
    assert_eq!(store.verify().expect("checked"), Vec::<String>::new());
}

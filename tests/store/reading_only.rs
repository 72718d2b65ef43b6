//! Databases that cannot be written: reading needs no writing. And clocks that run backwards.

use std::{fs, path::Path};

use leukoscope::{
    domain::{Action, What},
    store::{Store, StoreError},
};

use crate::{Bench, found};

/// Takes the right to write from a file and its folder; `false`: whoever runs the tests may write all the same.
#[cfg(unix)]
fn lock(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().expect("a folder");
    for (place, mode) in [(path.to_owned(), 0o444), (folder.to_owned(), 0o555)] {
        fs::set_permissions(&place, fs::Permissions::from_mode(mode)).expect("changed");
    }
    let locked = fs::OpenOptions::new().write(true).open(path).is_err();
    if !locked {
        eprintln!("not tested: this user may write everywhere");
    }
    locked
}

#[cfg(unix)]
fn unlock(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path.parent().expect("a folder"), fs::Permissions::from_mode(0o755)).expect("changed");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_read_and_says_so_when_something_is_to_be_recorded() {
    let bench = Bench::new(3);
    (0..3).for_each(|n| _ = bench.decide("ada", n, "NGS"));
    bench.store.sign(&bench.request()).expect("signed");
    for logged in [false, true] {
        let folder = bench.dir.path().join(format!("medium{logged}"));
        fs::create_dir(&folder).expect("made");
        let path = folder.join("records.db");
        if logged {
            for suffix in ["", "-wal"] {
                let name = |p: &Path| format!("{}{suffix}", p.display());
                fs::copy(name(&bench.path()), name(&path)).expect("copied");
            }
        } else {
            bench.store.backup(&path).expect("a backup");
        }
        if !lock(&path) {
            unlock(&path);
            return;
        }
        let store = Store::open(&path, &bench.table).expect("opens");
        assert!(store.is_read_only());
        assert_eq!(store.signed(bench.case).expect("read")[0].wbc, 3, "logged: {logged}");
        assert!(store.verify().expect("read").is_empty());
        let error = store.reopen(bench.case, "ada", "second look").expect_err("not written");
        assert!(matches!(error, StoreError::ReadOnly { .. }) && error.to_string().contains("records.db"), "{error}");
        assert_eq!(fs::read_dir(&folder).expect("listed").count(), 1 + usize::from(logged), "nothing is left there");
        unlock(&path);
    }
}

#[test]
fn time_never_runs_backwards_in_a_record_and_its_history_is_in_the_order_of_recording() {
    let bench = Bench::new(3);
    bench.decide("ada", 0, "NGS");
    // As if all that had been recorded by a clock that was far ahead.
    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    conn.execute_batch(
        "DROP TRIGGER decisions_no_update; UPDATE decisions SET at = '2090-01-01T00:00:00.000Z';
         UPDATE cases SET imported_at = '2089-01-01T00:00:00.000Z'; DROP TRIGGER case_events_no_update;
         UPDATE case_events SET at = '2089-01-01T00:00:00.000Z'",
    )
    .expect("dated");
    let behind = bench.store.clock_behind().expect("read").expect("it is");
    assert!(behind.contains("2090-01-01") && behind.contains("set the clock"), "{behind}");
    bench.decide("ada", 1, "MYO");
    bench.decide("ada", 2, "LYT");
    bench.store.add_note(bench.cell(0), "ada", "granular").expect("a note");
    bench.store.sign(&bench.request()).expect("signed");
    bench.store.reopen(bench.case, "ada", "second look").expect("reopened");
    bench.store.record(&bench.decision("ada", 0, Action::Exclude)).expect("recorded");
    let history = bench.store.history(bench.case).expect("a history");
    assert!(history.windows(2).all(|w| w[0].at < w[1].at), "{history:#?}");
    let kinds: Vec<_> =
        history.iter().map(|h| format!("{:?}", h.what).split([' ', '(']).next().map(str::to_owned)).collect();
    let last: Vec<_> = kinds.iter().rev().take(4).rev().flatten().collect();
    assert_eq!(last, ["Note", "Signed", "Reopened", "Decision"]);
    assert_eq!(bench.store.verify().expect("read"), Vec::<String>::new());
    let other = Bench::new(1);
    assert_eq!(other.store.clock_behind().expect("read"), None);
}

/// Recorded before time was kept from running backwards: the import a day after the decisions, the signature before them.
#[test]
fn a_history_by_a_clock_that_was_set_back_is_in_the_order_of_recording() {
    let bench = Bench::new(2);
    (0..2).for_each(|n| _ = bench.decide("ada", n, "NGS"));
    bench.store.sign(&bench.request()).expect("signed");
    bench.store.import(&found("b", 2, 0..1)).expect("imported");
    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    conn.execute_batch(
        "DROP TRIGGER signed_no_update; UPDATE signed SET digest = NULL, at = '2020-01-01T00:00:00.000Z';
         DROP TRIGGER decisions_no_update; UPDATE decisions SET at = '2021-01-01T00:00:00.000Z'",
    )
    .expect("dated");
    let what: Vec<_> = bench.store.history(bench.case).expect("a history").into_iter().map(|h| h.what).collect();
    assert!(matches!(what.last(), Some(What::Signed { .. })), "{what:?}");
    assert!(matches!(what[what.len() - 2], What::Decision { .. }) && what.len() >= 4, "{what:?}");
}

//! The database's file: who can read it, and what is refused.

use std::{fs, path::Path};

use leukoscope::{
    domain::{ClassTable, Unlike},
    store::{SignRequest, Store, StoreError},
};
use rusqlite::Connection;

use crate::{Bench, found};

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).expect("is there").permissions()) & 0o777
}

#[cfg(unix)]
#[test]
fn the_database_and_all_beside_it_are_for_its_owner_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("new/deeper/records.db");
    let store = Store::open(&path, &ClassTable::default()).expect("a database");
    assert!(store.is_new());
    store.import(&found("a", 1, 0..3)).expect("imported");
    let backup = dir.path().join("backup.db");
    store.backup(&backup).expect("a backup");
    for file in [&path, &path.with_extension("db-wal"), &path.with_extension("db-shm"), &backup] {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert_eq!(mode(path.parent().expect("a folder")), 0o700);
    assert_eq!(mode(&dir.path().join("new")), 0o700);
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("opened up");
    drop(store);
    assert!(!Store::open(&path, &ClassTable::default()).expect("opens").is_new());
    assert_eq!(mode(&path), 0o600, "rights that others got are taken back");
}

#[test]
fn an_empty_file_becomes_a_database() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("odd name?#%41 ü.db");
    fs::write(&path, "").expect("written");
    let store = Store::open(&path, &ClassTable::default()).expect("a database");
    assert!(store.is_new());
    store.import(&found("a", 1, 0..3)).expect("imported");
    drop(store);
    let store = Store::open(&path, &ClassTable::default()).expect("a database");
    assert_eq!((store.is_new(), store.cases().expect("cases").len()), (false, 1));
    let conn = Connection::open(&path).expect("opens");
    let pragma =
        |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).expect("a number");
    assert_eq!((pragma("user_version"), pragma("application_id")), (7, 0x6c65_756b));
}

/// A process killed while its log was written into the file leaves a first page that tells of pages the file does not
/// have yet: they are in the log.
#[test]
fn a_database_whose_log_was_written_into_it_by_half_opens_with_all_it_held() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("records.db");
    let store = Store::open(&path, &ClassTable::default()).expect("a database");
    store.import(&found("a", 1, 0..300)).expect("imported");
    let mut file = fs::read(&path).expect("the file");
    let log = fs::read(path.with_extension("db-wal")).expect("the log");
    // <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>: a header of 32 bytes; frames of 24 and a page.
    let page = u32::from_be_bytes(log[8..12].try_into().expect("four bytes")) as usize;
    let first = log[32..].chunks_exact(24 + page).rfind(|frame| frame[..4] == 1_u32.to_be_bytes()).expect("page 1");
    file[..page].copy_from_slice(&first[24..]);
    let pages = u32::from_be_bytes(file[28..32].try_into().expect("four bytes")) as usize;
    assert!(pages * page > file.len(), "the file is to be shorter than it says");

    let half = dir.path().join("half.db");
    fs::write(&half, &file).expect("written");
    fs::write(half.with_extension("db-wal"), &log).expect("written");
    let opened = Store::open(&half, &ClassTable::default()).expect("opens");
    let case = opened.case("a").expect("the case");
    assert_eq!(opened.cells(case.id).expect("its cells").len(), 300);
    drop(store);
}

/// Every row of a table, as text, in the order of its first columns.
fn rows(conn: &Connection, table: &str, columns: &[String]) -> Vec<String> {
    let quoted: Vec<_> = columns.iter().map(|c| format!("quote({c})")).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || ',' || "));
    let mut statement = conn.prepare(&sql).expect(table);
    let found = statement.query_map([], |row| row.get(0)).expect(table);
    found.collect::<Result<_, _>>().expect(table)
}

fn columns(conn: &Connection, table: &str) -> Vec<String> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)").expect("a pragma");
    let found = statement.query_map([table], |row| row.get(0)).expect("columns");
    found.collect::<Result<_, _>>().expect("names")
}

/// A case with decisions, predictions and a signature, in a database as the first schema made it.
fn of_the_first_schema(path: &Path) {
    let bench = Bench::new(3);
    let network = crate::hash(9, 9);
    let keep = |n: usize| (bench.cells[n].sha256, Some(0.1), bench.ranking("MYO", 0.9));
    bench.store.put_predictions(&network, &[keep(0), keep(2)]).expect("kept");
    for n in 0..3 {
        bench.decide("ada", n, "NGS");
    }
    bench.store.add_note(bench.cell(0), "ada", "granular").expect("a note");
    bench.store.sign(&SignRequest { network: Some(network), ..bench.request() }).expect("signed");
    bench.store.reopen(bench.case, "ada", "second look").expect("reopened");
    bench.decide("bob", 1, "MYO");
    let conn = Connection::open(path).expect("opens");
    conn.execute_batch(include_str!("../../src/store/migrations/0001.sql")).expect("the first schema");
    conn.execute_batch("PRAGMA application_id = 0x6c65756b; PRAGMA user_version = 1").expect("marked");
    conn.execute("ATTACH ?1 AS made", [bench.path().to_str().expect("a path")]).expect("attached");
    // `standing` is made from the decisions.
    for table in TABLES.iter().filter(|t| **t != "standing") {
        let columns = columns(&conn, table).join(", ");
        let sql = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM made.{table}");
        assert!(conn.execute(&sql, []).expect(table) > 0 || *table == "pictures", "{table}");
    }
}

const TABLES: [&str; 12] = [
    "cases",
    "cells",
    "pictures",
    "networks",
    "predictions",
    "decisions",
    "standing",
    "notes",
    "signed",
    "signed_counts",
    "signed_decisions",
    "reopenings",
];

#[test]
fn a_database_of_the_first_schema_is_brought_up_to_date_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("old.db");
    of_the_first_schema(&path);
    let conn = Connection::open(&path).expect("opens");
    let held = |conn: &Connection, columns: &[Vec<String>]| -> Vec<Vec<String>> {
        TABLES.iter().zip(columns).map(|(table, columns)| rows(conn, table, columns)).collect()
    };
    let old: Vec<Vec<String>> = TABLES.iter().map(|t| columns(&conn, t)).collect();
    assert!(!old[4].contains(&"flagged".to_owned()) && old[4].contains(&"unlike".to_owned()));
    let before = held(&conn, &old);
    drop(conn);

    let table = ClassTable::default();
    let store = Store::open(&path, &table).expect("opens");
    assert!(!store.is_new());
    let conn = Connection::open(&path).expect("opens");
    assert_eq!(held(&conn, &old), before, "every row is as it was");
    assert_eq!(conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).expect("a number"), 7);
    assert_eq!(store.verify().expect("checked"), Vec::<String>::new());

    let network = crate::hash(9, 9);
    let case = store.case("Patient_1").expect("the case").id;
    let found = store.predictions(case, &network).expect("predictions");
    assert!(found.len() == 2 && found.values().all(|r| r.unlike.is_none() && !r.is_flagged()));
    let signed = store.signed(case).expect("a version");
    assert!(signed.len() == 1 && signed[0].cells.iter().all(|c| c.unlike.is_none()));
    // What could not be said before can be said now, and is signed with the rest.
    let missing = store.missing_predictions(case, &network).expect("cells");
    let unlike = Unlike { score: 0.75, flagged: true };
    let ranking = found.values().next().expect("a ranking").clone().with_unlike(Some(unlike));
    store.put_predictions(&network, &[(missing[0].sha256, Some(0.1), ranking)]).expect("kept");
    assert_eq!(store.predictions(case, &network).expect("predictions")[&missing[0].id].unlike, Some(unlike));
    let request = SignRequest {
        case,
        reviewer: "ada".into(),
        allow_unreviewed: false,
        expect_last_seq: None,
        expect_blasts: None,
        blasts: None,
        network: Some(network),
        no_wbc_reason: None,
    };
    let again = store.sign(&request).expect("signed again");
    let said: Vec<_> = again.cells.iter().map(|c| c.unlike).collect();
    assert_eq!(said, [None, Some(unlike), None]);
    drop(store);
    assert!(Store::open(&path, &table).expect("opens again").verify().expect("checked").is_empty());
}

#[test]
fn a_file_that_is_no_database_of_ours_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = dir.path().join("notes.txt");
    fs::write(
        &text,
        "not a database, but a text that is long enough to hold a header of one hundred bytes or even more of them",
    )
    .expect("written");
    let foreign = dir.path().join("other.db");
    Connection::open(&foreign)
        .and_then(|c| c.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)"))
        .expect("made");
    let newer = dir.path().join("newer.db");
    drop(Store::open(&newer, &ClassTable::default()).expect("made"));
    Connection::open(&newer)
        .and_then(|c| c.execute_batch("PRAGMA user_version = 99; PRAGMA journal_mode = DELETE"))
        .expect("made");
    for (path, says) in [(&text, "not an SQLite file"), (&foreign, "another program"), (&newer, "schema 99")] {
        let before = fs::read(path).expect("is there");
        let error = Store::open(path, &ClassTable::default()).expect_err("refused");
        assert!(matches!(error, StoreError::Foreign { .. } | StoreError::Newer { .. }), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(fs::read(path).expect("is there"), before, "unchanged");
    }
    let names: Vec<_> = fs::read_dir(dir.path()).expect("listed").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 3, "nothing was left beside them: {names:?}");
    assert!(matches!(Store::open(dir.path(), &ClassTable::default()), Err(StoreError::Foreign { .. })));
    assert!(matches!(Store::open(&text.join("x.db"), &ClassTable::default()), Err(StoreError::Io { .. })));
}

#[test]
fn many_threads_may_make_the_same_database() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("records.db");
    let new: usize = std::thread::scope(|s| {
        let open = |_| s.spawn(|| usize::from(Store::open(&path, &ClassTable::default()).expect("opens").is_new()));
        let threads: Vec<_> = (0..8).map(open).collect();
        threads.into_iter().map(|t| t.join().expect("no panic")).sum()
    });
    assert_eq!(new, 1, "one of them made it");
}

#[test]
fn a_backup_is_whole_and_never_overwrites() {
    let bench = Bench::new(4);
    bench.decide("ada", 0, "NGS");
    let target = bench.dir.path().join("copy.db");
    bench.store.backup(&target).expect("a backup");
    let before = fs::read(&target).expect("is there");
    let error = bench.store.backup(&target).expect_err("exists");
    assert!(matches!(error, StoreError::Exists { .. }) && error.to_string().contains("copy.db"));
    assert_eq!(fs::read(&target).expect("is there"), before);
    let copy = Store::open(&target, &bench.table).expect("opens");
    assert_eq!(copy.log(bench.case).expect("a log"), bench.store.log(bench.case).expect("a log"));
    assert_eq!(copy.verify().expect("checked"), Vec::<String>::new());
    let hidden = fs::read_dir(bench.dir.path())
        .expect("listed")
        .filter(|e| e.as_ref().expect("an entry").file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0, "no temporary file is left");
    assert!(matches!(bench.store.backup(Path::new("/nowhere/at/all.db")), Err(StoreError::Io { .. })));
}

#[test]
fn records_are_never_changed_deleted_or_replaced() {
    let bench = Bench::new(1);
    bench.decide("ada", 0, "NGS");
    bench.store.add_note(bench.cell(0), "ada", "granular").expect("a note");
    bench.store.sign(&bench.request()).expect("signed");
    bench.store.reopen(bench.case, "ada", "second look").expect("reopened");
    let conn = Connection::open(bench.path()).expect("opens");
    for table in ["decisions", "notes", "signed", "signed_counts", "signed_decisions", "reopenings"] {
        let column: String = conn
            .query_row("SELECT name FROM pragma_table_info(?1) LIMIT 1", [table], |row| row.get(0))
            .expect("a column");
        let before: i64 = conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("rows");
        assert!(before > 0, "{table}");
        for sql in [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
        ] {
            let error = conn.execute(&sql, []).expect_err(&sql);
            assert!(error.to_string().contains("never"), "{sql}: {error}");
        }
    }
}

#[test]
fn verify_finds_what_was_tampered_with() {
    let bench = Bench::new(3);
    for n in 0..3 {
        bench.decide("ada", n, "NGS");
    }
    let network = crate::hash(9, 9);
    bench
        .store
        .put_predictions(&network, &[(bench.cells[0].sha256, Some(0.1), bench.ranking("MYO", 0.9))])
        .expect("kept");
    bench.store.sign(&bench.request()).expect("signed");
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
    let conn = Connection::open(bench.path()).expect("opens");
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF;
         DROP TRIGGER signed_no_update; UPDATE signed SET wbc = 7;
         DROP TRIGGER decisions_no_update; UPDATE decisions SET class = 'MYO' WHERE seq = 1; UPDATE decisions SET class = 'XYZ9' WHERE seq = 4;
         INSERT INTO decisions (case_id, cell_id, reviewer, at, action, target) VALUES (1, 1, 'eve', '2026-01-01T00:00:00.000Z', 'undo', 2);
         INSERT INTO notes (case_id, cell_id, reviewer, at, text) VALUES (77, 1, 'eve', '', 'x');
         DELETE FROM standing WHERE cell_id = 3;
         UPDATE predictions SET p = x'00000000';",
    )
    .expect("tampered with");
    let problems = bench.store.verify().expect("checked").join("\n");
    for says in [
        "says 7 WBC",
        "cell 1 what the log says",
        "decision 4 cannot undo",
        "`notes` refers",
        "1 predictions of network",
    ] {
        assert!(problems.contains(says), "{says}: {problems}");
    }
}

#[cfg(unix)]
#[test]
fn a_database_that_was_moved_removed_or_replaced_takes_no_decision() {
    for change in ["moved", "removed", "replaced", "log removed"] {
        let bench = Bench::new(2);
        bench.decide("ada", 0, "NGS");
        let (path, away) = (bench.path(), bench.dir.path().join("away.db"));
        match change {
            "moved" => fs::rename(&path, &away).expect("moved"),
            "removed" => fs::remove_file(&path).expect("removed"),
            "replaced" => {
                bench.store.backup(&away).expect("copied");
                fs::rename(&away, &path).expect("replaced");
            }
            _ => fs::remove_file(path.with_extension("db-wal")).expect("removed"),
        }
        let new = bench.decision("ada", 1, leukoscope::domain::Action::Exclude);
        for error in [
            bench.store.record(&new).map(|_| ()).expect_err(change),
            bench.store.add_note(bench.cell(1), "ada", "granular").map(|_| ()).expect_err(change),
            bench.store.sign(&bench.request()).map(|_| ()).expect_err(change),
            bench.store.import(&found("b", 2, 0..1)).map(|_| ()).expect_err(change),
            bench.store.set_target(bench.case, 100).expect_err(change),
        ] {
            assert!(matches!(error, StoreError::Gone { .. }) && error.to_string().contains("records.db"), "{error:?}");
        }
    }
}

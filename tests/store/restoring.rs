//! Backups brought back, logs of other files, and what killed backups leave behind.

use std::{fs, path::Path};

use leukoscope::{
    domain::{Action, ClassTable},
    store::{Lost, Store, StoreError},
};

use crate::{Bench, found};

fn names(dir: &Path) -> Vec<String> {
    let all =
        fs::read_dir(dir).expect("listed").map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut all: Vec<_> = all.collect();
    all.sort();
    all
}

#[test]
fn a_restored_backup_holds_what_it_held_says_what_is_lost_and_keeps_what_was_there() {
    let Bench { dir, store, case, cells, table } = Bench::new(4);
    let path = dir.path().join("records.db");
    let exclude = |n: usize| leukoscope::store::NewDecision {
        case,
        cell: cells[n].id,
        reviewer: "ada".into(),
        action: Action::Exclude,
        network: None,
        suggested: None,
    };
    store.record(&exclude(0)).expect("recorded");
    let backup = dir.path().join("backup.db");
    store.backup(&backup).expect("a backup");
    let identity = store.identity().expect("an identity");
    (1..4).for_each(|n| _ = store.record(&exclude(n)).expect("recorded"));
    store.import(&found("later", 2, 0..2)).expect("imported");
    drop(store);
    let was = fs::read(&backup).expect("a file");

    let restored = Store::restore(&backup, &path, &table).expect("restored");
    assert_eq!((restored.cases, restored.unknown.as_deref()), (1, None));
    let lost = |case: &str, whole, decisions| Lost { case: case.into(), whole, decisions, signed: 0 };
    assert_eq!(restored.lost, [lost("Patient_1", false, 3), lost("later", true, 0)]);
    assert_eq!(fs::read(&backup).expect("a file"), was, "the backup is as it was");
    let store = Store::open(&path, &table).expect("opens");
    assert_eq!((store.cases().expect("cases").len(), store.log(case).expect("a log").len()), (1, 1));
    assert_ne!(store.identity().expect("an identity"), identity, "two files may go on from the same records");
    assert_eq!(store.case_by_id(case).expect("the case").uid.len(), 32);
    drop(store);
    let kept = Store::open(&restored.kept.expect("kept"), &table).expect("opens");
    assert_eq!((kept.cases().expect("cases").len(), kept.log(case).expect("a log").len()), (2, 4));
    assert!(names(dir.path()).iter().all(|n| !n.starts_with('.')), "{:?}", names(dir.path()));
}

#[test]
fn what_is_no_sound_backup_is_not_restored_and_changes_nothing() {
    let bench = Bench::new(3);
    (0..3).for_each(|n| _ = bench.decide("ada", n, "NGS"));
    bench.store.sign(&bench.request()).expect("signed");
    let (path, table) = (bench.path(), bench.table.clone());
    let backup = bench.dir.path().join("backup.db");
    bench.store.backup(&backup).expect("a backup");
    let other = bench.dir.path().join("notes.txt");
    fs::write(&other, "no database, but a text that is long enough for one: ".repeat(20)).expect("written");
    let empty = bench.dir.path().join("empty.db");
    fs::write(&empty, "").expect("written");
    let conn = rusqlite::Connection::open(&backup).expect("opens");
    conn.execute_batch("DROP TRIGGER signed_no_update; UPDATE signed SET wbc = 4").expect("changed");
    drop(conn);
    let Bench { dir, store, .. } = bench;
    drop(store);
    let before = fs::read(&path).expect("a file");
    for (file, says) in [(&backup, "4 WBC"), (&other, "not an SQLite file"), (&empty, "empty"), (&path, "itself")] {
        let error = Store::restore(file, &path, &table).expect_err("refused");
        assert!(matches!(error, StoreError::NoBackup { .. }) && error.to_string().contains(says), "{says}: {error}");
        assert_eq!(fs::read(&path).expect("a file"), before, "{says}");
    }
    assert_eq!(names(dir.path()), ["backup.db", "empty.db", "notes.txt", "records.db"]);
}

/// As after `cp backup.db records.db` with the log of a killed program left beside it.
#[test]
fn the_log_of_another_state_is_recognised_and_nothing_is_read_of_either() {
    let bench = Bench::new(3);
    bench.decide("ada", 0, "NGS");
    let backup = bench.dir.path().join("backup.db");
    bench.store.backup(&backup).expect("a backup");
    bench.decide("ada", 1, "MYO");
    let (db, log) = (bench.dir.path().join("there.db"), bench.dir.path().join("there.db-wal"));
    fs::copy(&backup, &db).expect("copied over");
    fs::copy(bench.path().with_extension("db-wal"), &log).expect("left behind");
    let before = (fs::read(&db).expect("a file"), fs::read(&log).expect("a log"));
    let error = Store::open(&db, &bench.table).expect_err("refused");
    let said = error.to_string();
    assert!(matches!(error, StoreError::StaleLog { .. }) && said.contains("restore") && said.contains("there.db-wal"));
    assert_eq!((fs::read(&db).expect("a file"), fs::read(&log).expect("a log")), before);
    // The way that it names: the log is kept with what was there.
    let restored = Store::restore(&backup, &db, &bench.table).expect("restored");
    assert!(restored.unknown.is_some());
    let kept = restored.kept.expect("kept");
    assert_eq!(fs::read(format!("{}-wal", kept.display())).expect("a log"), before.1);
    assert_eq!(Store::open(&db, &bench.table).expect("opens").log(bench.case).expect("a log").len(), 1);
}

#[test]
fn what_killed_backups_left_behind_is_cleared_away_by_the_next() {
    let bench = Bench::new(1);
    for name in [".leukoscope-backup-Ab12Cd", ".leukoscope-backup-Ab12Cd-journal", ".leukoscope-restore-x"] {
        fs::write(bench.dir.path().join(name), "left").expect("written");
    }
    let held = fs::File::create(bench.dir.path().join(".leukoscope-backup-held")).expect("made");
    held.lock().expect("locked, as by a backup that goes on");
    bench.store.backup(&bench.dir.path().join("a.db")).expect("a backup");
    let hidden: Vec<_> = names(bench.dir.path()).into_iter().filter(|n| n.starts_with('.')).collect();
    assert_eq!(hidden, [".leukoscope-backup-held"]);
}

/// The states in which a kill, or power that goes, leaves the first start.
#[test]
fn a_database_whose_making_was_cut_short_is_finished_or_made_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    let table = ClassTable::default();
    let path = dir.path().join("records.db");
    // SQLite's own first page with the mark, as it is written before there is a log.
    let conn = rusqlite::Connection::open(&path).expect("made");
    conn.pragma_update(None, "application_id", 0x6c65_756b).expect("marked");
    drop(conn);
    let marked = fs::read(&path).expect("a page");
    let mut unmarked = marked.clone();
    unmarked[68..72].fill(0);
    // <https://www.sqlite.org/fileformat2.html#the_rollback_journal>: of a file that was empty before.
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
    journal[20..28].copy_from_slice(&[0, 0, 2, 0, 0, 0, 0x10, 0]);
    let mut states: Vec<(String, Vec<u8>, bool)> = vec![
        ("empty".into(), Vec::new(), false),
        ("empty with a journal".into(), Vec::new(), true),
        ("marked".into(), marked.clone(), false),
        ("marked with a journal".into(), marked.clone(), true),
        ("unmarked".into(), unmarked.clone(), false),
        ("unmarked with a journal".into(), unmarked, true),
        ("zeros".into(), vec![0; 4096], false),
    ];
    states.extend([1, 15, 16, 99, 100, 511].map(|n| (format!("{n} bytes"), marked[..n].to_vec(), n % 2 == 0)));
    for (what, file, with_journal) in states {
        let path = dir.path().join(format!("{what}.db"));
        fs::write(&path, &file).expect("written");
        if with_journal {
            fs::write(path.with_extension("db-journal"), &journal).expect("written");
        }
        for again in [false, true] {
            let store = Store::open(&path, &table).unwrap_or_else(|e| panic!("{what}: {again}: {e}"));
            if !again {
                store.import(&found("a", 1, 0..3)).expect("imported");
            }
            assert_eq!(store.cases().expect("cases").len(), 1, "{what}");
        }
        let conn = rusqlite::Connection::open(&path).expect("opens");
        let id: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0)).expect("a number");
        assert_eq!(id, 0x6c65_756b, "{what}");
    }
}

#[test]
fn a_database_that_an_earlier_start_left_without_its_mark_is_known_by_its_tables() {
    let Bench { dir, store, table, .. } = Bench::new(1);
    drop(store);
    let path = dir.path().join("records.db");
    rusqlite::Connection::open(&path).and_then(|c| c.execute_batch("PRAGMA application_id = 0")).expect("unmarked");
    assert_eq!(Store::open(&path, &table).expect("opens").cases().expect("cases").len(), 1);
}

//! Databases of every schema that there was: what they hold is what they held, under today's program.

use std::{fs, path::Path};

use leukoscope::{
    domain::{Action, ClassTable, ReadingKind, RemarkKind},
    store::{NewDecision, NewReading, NewStep, SignRequest, Store},
};
use rusqlite::Connection;

use crate::{Bench, hash};

const SCHEMAS: [&str; 6] = [
    include_str!("../../src/store/migrations/0001.sql"),
    include_str!("../../src/store/migrations/0002.sql"),
    include_str!("../../src/store/migrations/0003.sql"),
    include_str!("../../src/store/migrations/0004.sql"),
    include_str!("../../src/store/migrations/0005.sql"),
    include_str!("../../src/store/migrations/0006.sql"),
];

/// Something of everything: two readers, a step, notes, remarks, a signature and its message, a correction, a library.
fn full() -> Bench {
    let bench = Bench::new(4);
    let (network, case) = (hash(9, 9), bench.case);
    let keep = |n: usize| (bench.cells[n].sha256, Some(0.1), bench.ranking("MYO", 0.9));
    bench.store.put_predictions(&network, &[keep(0), keep(2)]).expect("kept");
    bench.decide("ada", 0, "NGS");
    let seq = bench.decide("ada", 1, "LYT");
    bench.store.record(&bench.decision("ada", 1, Action::Undo(seq))).expect("taken back");
    let mon = Action::Reclassify(bench.class("MON"));
    let decisions = (1..4).map(|n| bench.decision("ada", n, mon)).collect();
    bench.store.record_step(&NewStep { decisions, visible: 2, shown: "3 cells to MON".into() }).expect("recorded");
    bench.store.add_note(bench.cell(0), "ada", "granular").expect("a note");
    bench.store.add_remark(case, None, "ada", RemarkKind::Tag, "urgent").expect("a tag");
    let new = NewReading { case, reviewer: "bea".into(), kind: ReadingKind::Second, suggestions: false, seed: None };
    let reading = bench.store.begin_reading(&new).expect("begun").id;
    for n in 0..4 {
        let class = bench.class(if n == 3 { "MYO" } else { "MON" });
        let new = NewDecision { reviewer: "bea".into(), ..bench.decision("bea", n, Action::Reclassify(class)) };
        bench.store.record_in(reading, &new).expect("recorded");
    }
    bench.store.finish_reading(reading, "bea").expect("finished");
    bench.store.compare(reading, "ada").expect("compared");
    for n in [0, 3] {
        bench.store.adjudicate(reading, &bench.decision("ada", n, mon)).expect("settled");
    }
    let signed = bench.store.sign(&SignRequest { network: Some(network), ..bench.request() }).expect("signed");
    bench.store.queue_message(case, signed.version, "X1", "ada", b"MSH|").expect("queued");
    bench.store.reopen(case, "ada", "second look").expect("reopened");
    bench.decide("bob", 1, "MYO");
    bench
}

fn list(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).expect(sql);
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect(sql);
    rows.collect::<Result<_, _>>().expect(sql)
}

fn columns(conn: &Connection, table: &str) -> Vec<String> {
    list(conn, &format!("SELECT name FROM pragma_table_info('{table}')"))
}

fn held(conn: &Connection, table: &str, columns: &[String]) -> Vec<String> {
    let quoted: Vec<_> = columns.iter().map(|c| format!("quote({c})")).collect();
    list(conn, &format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || ',' || ")))
}

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

/// The same in a database of schema `n`, as far as that can say it.
fn of_schema(n: usize, made: &Path, path: &Path) {
    let conn = Connection::open(path).expect("opens");
    conn.execute_batch("PRAGMA foreign_keys = OFF").expect("rows come in any order");
    conn.execute_batch(&SCHEMAS[..n].concat()).expect("the schema");
    conn.execute_batch(&format!("PRAGMA application_id = 0x6c65756b; PRAGMA user_version = {n}")).expect("marked");
    conn.execute("ATTACH ?1 AS made", [made.to_str().expect("a path")]).expect("attached");
    // Rows come in another order than they were made in.
    let triggers = list(&conn, "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger'");
    for name in list(&conn, "SELECT name FROM main.sqlite_schema WHERE type = 'trigger'") {
        conn.execute_batch(&format!("DROP TRIGGER main.{name}")).expect("dropped");
    }
    for table in list(&conn, &TABLES.replace("sqlite_schema", "main.sqlite_schema")) {
        let columns = columns(&conn, &table).join(", ");
        let own = if n < 4 && table == "decisions" { "WHERE reading IS NULL" } else { "" };
        let sql = format!("INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM made.{table} {own}");
        let rows = conn.execute(&sql, []).expect(&table);
        assert!(rows > 0 || ["library", "imprints", "pictures"].contains(&table.as_str()), "schema {n}: {table}");
    }
    conn.execute_batch(&triggers.join(";\n")).expect("triggers");
}

#[test]
fn databases_of_every_schema_are_brought_up_to_date_and_say_what_they_said() {
    let bench = full();
    let table = ClassTable::default();
    let dir = tempfile::tempdir().expect("a folder");
    let truth = bench.store.signed(bench.case).expect("signed");
    for n in 1..=SCHEMAS.len() {
        let path = dir.path().join(format!("schema{n}.db"));
        of_schema(n, &bench.path(), &path);
        let conn = Connection::open(&path).expect("opens");
        let tables: Vec<_> = list(&conn, TABLES).into_iter().map(|t| (columns(&conn, &t), t)).collect();
        let before: Vec<_> = tables.iter().map(|(columns, t)| held(&conn, t, columns)).collect();
        drop(conn);
        let store = Store::open(&path, &table).unwrap_or_else(|e| panic!("schema {n}: {e}"));
        let conn = Connection::open(&path).expect("opens");
        let after: Vec<_> = tables.iter().map(|(columns, t)| held(&conn, t, columns)).collect();
        assert_eq!(after, before, "schema {n}");
        drop(conn);
        assert_eq!(store.verify().expect("checked"), Vec::<String>::new(), "schema {n}");
        let case = store.case("Patient_1").expect("the case");
        assert_eq!(case.uid.len(), 32);
        let signed = store.signed(case.id).expect("sound");
        assert_eq!((signed.len(), signed[0].wbc, &signed[0].counts), (1, truth[0].wbc, &truth[0].counts), "schema {n}");
        assert_eq!(signed[0].origin, store.identity().expect("an identity"));
        let own = |log: Vec<leukoscope::domain::Decision>| {
            log.into_iter().map(|d| (d.seq, d.cell, d.action)).collect::<Vec<_>>()
        };
        assert_eq!(
            own(store.log(case.id).expect("a log")),
            own(bench.store.log(bench.case).expect("a log")),
            "schema {n}"
        );
        assert!(!store.history(case.id).expect("a history").is_empty());
        let request = SignRequest { case: case.id, allow_unreviewed: true, ..bench.request() };
        assert_eq!(store.sign(&request).expect("signed").version, 2, "schema {n}");
    }
}

#[test]
fn a_migration_that_fails_says_so_in_one_sentence_and_changes_nothing() {
    let bench = full();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("odd.db");
    of_schema(6, &bench.path(), &path);
    Connection::open(&path).and_then(|c| c.execute_batch("CREATE TABLE identity (x)")).expect("in the way");
    let before = fs::read(&path).expect("a file");
    let error = Store::open(&path, &bench.table).expect_err("refused").to_string();
    assert!(error.len() < 400 && error.contains("odd.db") && !error.contains("CREATE"), "{error}");
    let held = |file: &Path| Connection::open(file).map(|c| list(&c, TABLES)).expect("opens");
    assert_eq!(held(&path).len(), {
        fs::write(dir.path().join("b.db"), before).expect("written");
        held(&dir.path().join("b.db")).len()
    });
}

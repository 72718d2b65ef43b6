//! The log: what it takes, what it refuses, and two reviewers at once.

use std::collections::{HashMap, HashSet};

use leukoscope::{
    domain::{
        Action, BlastSet, CaseId, CellId, CellNumber, RemarkKind, Tally, Unlike, current, redoable, step, undoable,
    },
    store::{NewDecision, NewStep, StoreError},
};

use crate::{Bench, found, hash};

#[test]
fn a_decision_comes_back_as_it_was_made() {
    let bench = Bench::new(2);
    let network = hash(9, 9);
    let myo = bench.class("MYO");
    let new = NewDecision {
        network: Some(network),
        suggested: Some((myo, 0.731)),
        ..bench.decision(" ada ", 1, Action::Accept(myo))
    };
    let made = bench.store.record(&new).expect("recorded");
    assert_eq!((made.reviewer.as_str(), made.cell, made.suggested), ("ada", bench.cell(1), Some((myo, 0.731))));
    assert!(made.at.ends_with('Z') && made.at.len() == 24, "{}", made.at);
    let other = bench.again();
    assert_eq!(other.log(bench.case).expect("a log"), std::slice::from_ref(&made));
    let actions = [Action::Exclude, Action::Undo(made.seq), Action::Redo(made.seq), Action::Reclassify(myo)];
    let made: Vec<_> =
        actions.iter().map(|&a| bench.store.record(&bench.decision("ada", 1, a)).expect("recorded")).collect();
    assert_eq!(other.log_since(bench.case, made[0].seq - 1).expect("a log"), made);
    assert_eq!(other.log_since(bench.case, made[3].seq).expect("a log"), []);
}

#[test]
fn what_makes_no_sense_is_refused_and_leaves_no_trace() {
    let bench = Bench::new(2);
    let seq = bench.decide("ada", 0, "NGS");
    let other_case = bench.store.import(&found("other", 2, 0..1)).expect("imported").case.id;
    let stray = bench.store.cells(other_case).expect("cells")[0].id;
    let undo = bench.store.record(&bench.decision("ada", 0, Action::Undo(seq))).expect("undone").seq;
    let refused = |new: NewDecision| bench.store.record(&new).expect_err("refused").to_string();
    for (new, says) in [
        (NewDecision { cell: stray, ..bench.decision("ada", 0, Action::Exclude) }, "not in the case"),
        (NewDecision { cell: CellId(999), ..bench.decision("ada", 0, Action::Exclude) }, "not in the case"),
        (NewDecision { case: CaseId(999), ..bench.decision("ada", 0, Action::Exclude) }, "no case number 999"),
        (bench.decision("  ", 0, Action::Exclude), "reviewer's name must not be empty"),
        (bench.decision("ada", 0, Action::Undo(seq)), "taken back already"),
        (bench.decision("bob", 0, Action::Redo(seq)), "another reviewer's"),
        (bench.decision("ada", 1, Action::Redo(seq)), "another cell"),
        (bench.decision("ada", 0, Action::Undo(undo)), "an undo or redo itself"),
        (bench.decision("ada", 0, Action::Undo(12345)), "no such decision"),
        (bench.decision("ada", 0, Action::Reclassify(leukoscope::domain::ClassId(999))), "class"),
    ] {
        let text = refused(new);
        assert!(text.contains(says), "{text}");
    }
    bench.store.record(&bench.decision("ada", 0, Action::Redo(seq))).expect("redone");
    assert!(refused(bench.decision("ada", 0, Action::Redo(seq))).contains("was not taken back"));
    assert_eq!(bench.store.log(bench.case).expect("a log").len(), 3);
}

#[test]
fn a_class_that_the_table_does_not_have_is_named() {
    let bench = Bench::new(1);
    bench.decide("ada", 0, "MYO");
    let small = "schema = 1\n[[class]]\ncode = \"NGS\"\nname = \"n\"\nrole = \"wbc-normal\"";
    let table = leukoscope::domain::ClassTable::parse(small).expect("a table");
    let store = leukoscope::store::Store::open(&bench.path(), &table).expect("opens");
    let error = store.log(bench.case).expect_err("unknown");
    assert!(matches!(&error, StoreError::UnknownClass { code } if code == "MYO"), "{error}");
    assert!(store.cases().is_err());
}

#[test]
fn two_reviewers_at_once_lose_nothing() {
    let bench = Bench::new(40);
    let people = ["ada", "bob", "cyd"];
    let acknowledged: HashMap<i64, (String, CellId)> = std::thread::scope(|s| {
        let review = |who: &'static str| {
            let (bench, store) = (&bench, bench.again());
            let (case, cells) = (bench.case, bench.cells.clone());
            let (ngs, myo) = (bench.class("NGS"), bench.class("MYO"));
            s.spawn(move || {
                let mut made = Vec::new();
                for (i, cell) in cells.iter().enumerate() {
                    let action = if i % 3 == 0 { Action::Accept(ngs) } else { Action::Reclassify(myo) };
                    let new = NewDecision {
                        case,
                        cell: cell.id,
                        reviewer: who.into(),
                        action,
                        network: None,
                        suggested: None,
                    };
                    let d = store.record(&new).expect("recorded");
                    if i % 5 == 0 {
                        let undo = store.record(&NewDecision { action: Action::Undo(d.seq), ..new }).expect("undone");
                        made.push((undo.seq, (who.to_owned(), cell.id)));
                    }
                    made.push((d.seq, (who.to_owned(), cell.id)));
                }
                made
            })
        };
        let threads: Vec<_> = people.into_iter().map(review).collect();
        threads.into_iter().flat_map(|t| t.join().expect("no panic")).collect()
    });
    let log = bench.store.log(bench.case).expect("a log");
    assert_eq!(log.len(), people.len() * (40 + 8));
    assert_eq!(acknowledged.len(), log.len());
    for d in &log {
        assert_eq!(acknowledged[&d.seq], (d.reviewer.clone(), d.cell));
    }
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn another_connection_is_told_of_a_commit() {
    let bench = Bench::new(1);
    let other = bench.again();
    let (mine, theirs) = (bench.store.data_version().expect("a number"), other.data_version().expect("a number"));
    bench.decide("ada", 0, "NGS");
    assert_eq!(bench.store.data_version().expect("a number"), mine, "one's own commit does not count");
    assert_ne!(other.data_version().expect("a number"), theirs);
}

#[test]
fn notes_are_kept_in_order() {
    let bench = Bench::new(2);
    let first = bench.store.add_note(bench.cell(0), "ada", " granules? ").expect("a note");
    let second = bench.store.add_note(bench.cell(1), "bob", "Auer rod").expect("a note");
    assert_eq!(first.text, "granules?");
    assert_eq!(bench.store.notes(bench.case).expect("notes"), [first, second]);
    assert!(matches!(bench.store.add_note(bench.cell(0), "ada", " \n"), Err(StoreError::Blank(_))));
    assert!(matches!(bench.store.add_note(CellId(99), "ada", "x"), Err(StoreError::NoSuchCell { .. })));
}

#[test]
fn predictions_are_kept_by_network_and_scale() {
    let bench = Bench::new(3);
    let (net, other) = (hash(9, 1), hash(9, 2));
    let mut ranking = bench.ranking("MYO", 0.9);
    ranking.unlike = Some(Unlike { score: 0.25, flagged: true });
    let keep = |scale, n: usize, r: &leukoscope::domain::Ranking| (bench.cells[n].sha256, scale, r.clone());
    bench.store.put_predictions(&net, &[keep(Some(0.1), 0, &ranking), keep(None, 1, &ranking)]).expect("kept");
    let found = bench.again().predictions(bench.case, &net).expect("predictions");
    assert_eq!(found, HashMap::from([(bench.cell(0), ranking.clone())]), "the other one is of another scale");
    let missing = |network| bench.store.missing_predictions(bench.case, network).expect("cells");
    assert_eq!(missing(&net).iter().map(|c| c.id).collect::<Vec<_>>(), [bench.cell(1), bench.cell(2)]);
    assert_eq!(missing(&other).len(), 3);
    assert!(bench.store.predictions(bench.case, &other).expect("none").is_empty());
    let pairs = [(bench.class("NGS"), 1.0)];
    let foreign = leukoscope::domain::Ranking::new(&bench.table, &pairs).expect("a ranking");
    let error = bench
        .store
        .put_predictions(&net, &[keep(Some(0.1), 1, &ranking), keep(Some(0.1), 2, &foreign)])
        .expect_err("foreign");
    assert!(error.to_string().contains("other classes"), "{error}");
    assert_eq!(missing(&net).len(), 2, "all or nothing");
}

#[test]
fn pictures_of_the_demo_case_are_kept() {
    let bench = Bench::new(1);
    bench.store.put_embedded(&[(hash(5, 5), b"png".to_vec())]).expect("kept");
    bench.store.put_embedded(&[(hash(5, 5), b"png".to_vec())]).expect("kept again");
    assert_eq!(bench.store.embedded_image(&hash(5, 5)).expect("read"), Some(b"png".to_vec()));
    assert_eq!(bench.store.embedded_image(&hash(5, 6)).expect("read"), None);
    assert_eq!(bench.store.verify().expect("checked").len(), 1, "its hash is wrong");
}

/// A step of a made-up review.
#[derive(Debug, Clone, Copy)]
enum Step {
    Class(usize, usize, u16),
    Exclude(usize, usize),
    Undo(usize),
    Redo(usize),
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    use proptest::prelude::*;
    let step = prop_oneof![
        4 => (0..2_usize, 0..6_usize, 0..21_u16).prop_map(|(w, c, k)| Step::Class(w, c, k)),
        1 => (0..2_usize, 0..6_usize).prop_map(|(w, c)| Step::Exclude(w, c)),
        3 => (0..2_usize).prop_map(Step::Undo),
        2 => (0..2_usize).prop_map(Step::Redo),
    ];
    proptest::collection::vec(step, 0..30)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    /// The list of cases (counted in SQL) and a signed version (counted at signing) both say what the fold of the log says.
    #[test]
    fn every_count_is_the_fold_of_the_log(steps in steps()) {
        let bench = Bench::new(6);
        let people = ["ada", "bob"];
        for step in steps {
            let log = bench.store.log(bench.case).expect("a log");
            let (who, cell, action) = match step {
                Step::Class(w, c, k) => (w, bench.cell(c), Action::Reclassify(leukoscope::domain::ClassId(k))),
                Step::Exclude(w, c) => (w, bench.cell(c), Action::Exclude),
                Step::Undo(w) => match undoable(&log, people[w]) { Some(d) => (w, d.cell, Action::Undo(d.seq)), None => continue },
                Step::Redo(w) => match redoable(&log, people[w]) { Some(d) => (w, d.cell, Action::Redo(d.seq)), None => continue },
            };
            let new = NewDecision { case: bench.case, cell, reviewer: people[who].into(), action, network: None, suggested: None };
            bench.store.record(&new).expect("recorded");
        }
        let log = bench.store.log(bench.case).expect("a log");
        let held = current(&log);
        let tally = Tally::of(&bench.table, &BlastSet::of_table(&bench.table), bench.cells.iter().map(|c| held.get(&c.id).and_then(|d| d.action.verdict())));
        let summary = bench.store.cases().expect("cases").remove(0);
        proptest::prop_assert_eq!((summary.cells, summary.reviewed, summary.blasts), (6, tally.reviewed(), tally.blasts));
        let no_wbc_reason = (tally.wbc == 0).then(|| "nothing to count".to_owned());
        let request = leukoscope::store::SignRequest { allow_unreviewed: true, no_wbc_reason, ..bench.request() };
        let signed = bench.store.sign(&request).expect("signed");
        proptest::prop_assert_eq!(signed.counts.iter().map(|r| r.count).collect::<Vec<_>>(), tally.rows.iter().map(|r| r.count).collect::<Vec<_>>());
        proptest::prop_assert_eq!((signed.wbc, signed.excluded, signed.unreviewed), (tally.wbc, tally.excluded, tally.unreviewed));
        proptest::prop_assert_eq!(signed.blast_share(), tally.blasts);
        let stood: HashSet<_> = signed.cells.iter().filter_map(|c| c.decided.as_ref().map(|d| d.seq)).collect();
        proptest::prop_assert_eq!(stood, held.values().map(|d| d.seq).collect::<HashSet<_>>());
        proptest::prop_assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
    }
}

#[test]
fn a_step_is_recorded_whole_or_not_at_all_and_never_changes() {
    let bench = Bench::new(4);
    let mon = bench.class("MON");
    let of = |cells: &[usize], who: &str| NewStep {
        decisions: cells.iter().map(|&cell| bench.decision(who, cell, Action::Reclassify(mon))).collect(),
        visible: 2,
        shown: "3 selected cells to MON".to_owned(),
    };
    let done = bench.store.record_step(&of(&[0, 1, 3], "ada")).expect("recorded");
    assert!(done.iter().all(|d| d.bulk.is_some() && d.bulk == done[0].bulk));
    let alone = bench.decide("ada", 2, "LYT");
    let log = bench.again().log(bench.case).expect("a log");
    assert_eq!((&log[..3], log[3].bulk), (&done[..], None));
    assert_eq!(step(&log, &log[1]).len(), 3);

    // One decision that cannot be takes the others with it.
    let other_case = bench.store.import(&found("other", 2, 0..1)).expect("imported").case.id;
    let mut bad = of(&[0, 1], "bob");
    bad.decisions.push(NewDecision { case: other_case, ..bench.decision("bob", 2, Action::Exclude) });
    assert!(bench.store.record_step(&bad).expect_err("refused").to_string().contains("not in the case"));
    bad.decisions[2] = bench.decision("bob", 2, Action::Undo(alone));
    assert!(bench.store.record_step(&bad).expect_err("refused").to_string().contains("another reviewer's"));
    assert!(bench.store.record_step(&of(&[], "bob")).is_err() && bench.store.record_step(&of(&[0], " ")).is_err());
    assert_eq!(bench.again().log(bench.case).expect("a log").len(), 4);

    // Taken back together, and the log says so.
    let back = NewStep {
        decisions: done
            .iter()
            .map(|d| NewDecision { cell: d.cell, ..bench.decision("ada", 0, Action::Undo(d.seq)) })
            .collect(),
        visible: 0,
        shown: "undo of 3 cells together".to_owned(),
    };
    bench.store.record_step(&back).expect("recorded");
    let log = bench.again().log(bench.case).expect("a log");
    assert_eq!(current(&log).len(), 1);
    assert_eq!(redoable(&log, "ada").map(|d| step(&log, d).len()), Some(3));

    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    let counted = "SELECT count(*), sum(cells), sum(visible) FROM bulks";
    let sums = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    assert_eq!(conn.query_row(counted, [], sums).expect("counted"), (2, 6, 2));
    for sql in ["UPDATE bulks SET visible = 0", "DELETE FROM bulks", "UPDATE decisions SET bulk = NULL"] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
    assert_eq!(bench.store.verify().expect("read"), [""; 0]);
    let torn = "INSERT INTO bulks (case_id, cells, visible, shown) SELECT case_id, 5, 0, 'torn' FROM bulks LIMIT 1";
    conn.execute(torn, []).expect("nothing keeps another program from it");
    let problems = bench.store.verify().expect("read");
    assert!(matches!(&problems[..], [one] if one.contains("1 steps on many cells")), "{problems:?}");
}

#[test]
fn the_history_tells_everything_in_order_and_a_step_in_one_line() {
    let bench = Bench::new(4);
    bench.decide("ada", 0, "NGS");
    let mon = bench.class("MON");
    let decisions = [1, 2].map(|cell| bench.decision("ada", cell, Action::Reclassify(mon))).to_vec();
    bench
        .store
        .record_step(&NewStep { decisions, visible: 2, shown: "2 selected cells to MON".into() })
        .expect("recorded");
    bench.store.add_note(bench.cell(0), "ada", "Auer rod?").expect("noted");
    let remark = |cell, kind, text: &str| bench.store.add_remark(bench.case, cell, "bob", kind, text);
    let tag = remark(Some(bench.cell(0)), RemarkKind::Tag, "auer-rod").expect("tagged");
    remark(None, RemarkKind::Note, "second smear wanted").expect("noted");
    assert!(remark(Some(CellId(999)), RemarkKind::Tag, "x").is_err() && remark(None, RemarkKind::Note, "  ").is_err());
    bench.store.sign(&leukoscope::store::SignRequest { allow_unreviewed: true, ..bench.request() }).expect("signed");
    bench.store.reopen(bench.case, "bob", "smears mixed up").expect("reopened");

    let other = bench.again();
    assert_eq!(other.remarks(bench.case).expect("remarks")[0], tag);
    let number = |cell| (0..4).find(|&i| bench.cell(i) == cell).map(CellNumber::after);
    let history = other.history(bench.case).expect("a history");
    let said: Vec<String> = history.iter().map(|h| h.what.describe(&bench.table, &number)).collect();
    assert_eq!(
        said[1..],
        [
            "cell 1: NGS",
            "2 selected cells to MON",
            "note on cell 1: Auer rod?",
            "cell 1 tagged #auer-rod",
            "note on the case: second smear wanted",
            "signed as version 1: 3 WBC, 0 blasts (MYO MOB LBL BLU)",
            "version 1 reopened: smears mixed up",
        ]
    );
    assert!(history.windows(2).all(|w| w[0].at <= w[1].at || w[0].who.is_none()));
    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    assert!(conn.execute("DELETE FROM remarks", []).is_err());
}

#[test]
fn the_number_of_a_cell_stays_for_good() {
    let bench = Bench::new(4);
    let numbers = || bench.again().cells(bench.case).expect("cells").iter().map(|c| c.number).collect::<Vec<_>>();
    assert_eq!(numbers(), (0..4).map(CellNumber::after).collect::<Vec<_>>());
    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    let error = conn.execute("UPDATE cells SET ordinal = ordinal + 100", []).expect_err("refused");
    assert!(error.to_string().contains("numbers of cells are never changed"), "{error}");
    assert_eq!(conn.execute("UPDATE cells SET label = 'x'", []).expect("what else is of a cell may change"), 4);
    assert_eq!(numbers(), (0..4).map(CellNumber::after).collect::<Vec<_>>());
}

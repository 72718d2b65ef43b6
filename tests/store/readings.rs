//! Readings beside the record: who may begin one, that neither is seen in the other, comparison, adjudication, and what a
//! joint signature says.

use leukoscope::{
    domain::{Action, CellId, FoundCell, Reading, ReadingEnd, ReadingKind, Verdict, current},
    store::{NewDecision, NewReading, NewStep, SignRequest, StoreError},
};
use rusqlite::Connection;

use crate::{Bench, found, hash};

fn new(bench: &Bench, who: &str, kind: ReadingKind) -> NewReading {
    NewReading { case: bench.case, reviewer: who.into(), kind, suggestions: false, seed: None }
}

impl Bench {
    fn begin(&self, who: &str, kind: ReadingKind) -> Reading {
        self.store.begin_reading(&new(self, who, kind)).expect("begun")
    }

    fn read(&self, reading: &Reading, codes: &[&str]) {
        let cells = self.store.reading_cells(reading).expect("cells");
        for (cell, code) in cells.iter().zip(codes).filter(|(_, code)| **code != "-") {
            let action = match *code {
                "x" => Action::Exclude,
                code => Action::Reclassify(self.class(code)),
            };
            let decision = NewDecision { cell: cell.id, ..self.decision(&reading.reviewer, 0, action) };
            self.store.record_in(reading.id, &decision).expect("recorded");
        }
    }

    /// Ann reads six cells, bea reads them second; they differ in two.
    fn two_readers() -> (Self, Reading) {
        let bench = Self::new(6);
        ["NGS", "NGS", "MYO", "LYT", "LYT", "MYO"].iter().enumerate().for_each(|(i, c)| _ = bench.decide("ann", i, c));
        let reading = bench.begin("bea", ReadingKind::Second);
        bench.read(&reading, &["NGS", "NGS", "LYT", "LYT", "LYT", "x"]);
        let reading = bench.store.finish_reading(reading.id, "bea").expect("finished");
        (bench, reading)
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    let error = result.expect_err("refused");
    assert!(error.is_refusal(), "{error:?}");
    error.to_string()
}

#[test]
fn a_reading_is_in_no_count_of_the_record_and_the_record_in_no_reading() {
    let (bench, reading) = Bench::two_readers();
    let log = bench.store.log(bench.case).expect("a log");
    assert_eq!((log.len(), log.iter().filter(|d| d.reviewer == "bea").count()), (6, 0));
    let own = bench.store.reading_log_since(reading.id, 0).expect("a log");
    assert!(own.len() == 6 && own.iter().all(|d| d.reviewer == "bea"));
    let summary = bench.store.cases().expect("cases").remove(0);
    assert_eq!((summary.reviewed, summary.blasts.map(|b| b.count)), (6, Some(2)), "ann's count");
    let history = bench.store.history(bench.case).expect("a history");
    let by_bea: Vec<_> = history.iter().filter(|h| h.who.as_deref() == Some("bea")).collect();
    assert_eq!(by_bea.len(), 2, "begun and finished, no class: {by_bea:?}");
    // Undo goes back within a reading alone.
    let (ann, bea) = (log[0].seq, own[0].seq);
    let other = bench.begin("cem", ReadingKind::Second);
    bench.read(&other, &["MON"]);
    for (who, seq) in [("ann", bea), ("cem", ann), ("cem", bea)] {
        let undo = NewDecision { cell: bench.cell(0), ..bench.decision(who, 0, Action::Undo(seq)) };
        let result = if who == "ann" { bench.store.record(&undo) } else { bench.store.record_in(other.id, &undo) };
        assert!(refused(result).contains("another reading"), "{who} {seq}");
    }
    let mine = bench.store.reading_log_since(other.id, 0).expect("a log")[0].seq;
    let undo = bench.decision("cem", 0, Action::Undo(mine));
    bench.store.record_in(other.id, &undo).expect("one's own");
    assert!(current(&bench.store.reading_log_since(other.id, 0).expect("a log")).is_empty());
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn who_read_first_cannot_read_second_and_who_is_blinded_touches_no_record() {
    let bench = Bench::new(2);
    bench.decide("ann", 0, "NGS");
    let begin = |who: &str, kind| bench.store.begin_reading(&new(&bench, who, kind));
    assert!(refused(begin("ann", ReadingKind::Second)).contains("choose a repeat"));
    assert!(refused(begin("bea", ReadingKind::Repeat)).contains("choose a second reading"));
    assert!(refused(begin("bea", ReadingKind::Training)).contains("no cell has a reference label"));
    assert!(refused(begin("  ", ReadingKind::Second)).contains("must not be empty"));
    let reading = bench.begin("bea", ReadingKind::Second);
    assert!(refused(begin("bea", ReadingKind::Second)).contains("open already"));
    assert!(
        refused(bench.store.record(&bench.decision("bea", 0, Action::Exclude))).contains("finish it or give it up")
    );
    let request = SignRequest { reviewer: "bea".into(), allow_unreviewed: true, ..bench.request() };
    assert!(refused(bench.store.sign(&request)).contains("finish it or give it up"));
    assert!(refused(bench.store.record_in(reading.id, &bench.decision("ann", 0, Action::Exclude))).contains("another"));
    assert!(refused(bench.store.finish_reading(reading.id, "ann")).contains("bea's"));
    assert!(refused(bench.store.finish_reading(reading.id, "bea")).contains("2 of 2 cells have no decision"));
    assert!(refused(bench.store.compare(reading.id, "ann")).contains("not finished"));
    let given_up = bench.store.give_up_reading(reading.id, "bea").expect("given up");
    assert_eq!(given_up.end, Some(ReadingEnd::GivenUp));
    assert!(refused(bench.store.compare(reading.id, "ann")).contains("given up"));
    assert!(
        refused(bench.store.record_in(reading.id, &bench.decision("bea", 0, Action::Exclude))).contains("has ended")
    );
    let again = bench.begin("bea", ReadingKind::Second);
    bench.read(&again, &["NGS", "LYT"]);
    bench.store.finish_reading(again.id, "bea").expect("finished");
    assert!(refused(bench.store.compare(again.id, "ann")).contains("first reading is not complete: 1 of 2"));
    assert!(refused(begin("bea", ReadingKind::Second)).contains("second already"));
}

#[test]
fn without_suggestions_none_is_recorded_and_the_database_itself_sees_to_that() {
    let bench = Bench::new(2);
    let reading = bench.begin("bea", ReadingKind::Second);
    let (network, class) = (hash(9, 9), bench.class("MYO"));
    let seen = NewDecision {
        network: Some(network),
        suggested: Some((class, 0.9)),
        ..bench.decision("bea", 0, Action::Accept(class))
    };
    bench.store.record_in(reading.id, &seen).expect_err("no suggestion was to be seen");
    bench.store.record_in(reading.id, &bench.decision("bea", 0, Action::Accept(class))).expect_err("nothing to accept");
    let step = NewStep { decisions: vec![seen.clone()], visible: 1, shown: "one".into() };
    bench.store.record_step_in(reading.id, &step).expect_err("nor many at once");
    assert_eq!(bench.store.reading_log_since(reading.id, 0).expect("a log"), []);
    let shown = NewReading { suggestions: true, ..new(&bench, "cem", ReadingKind::Second) };
    let shown = bench.store.begin_reading(&shown).expect("begun");
    let seen = NewDecision { reviewer: "cem".into(), ..seen };
    assert_eq!(bench.store.record_in(shown.id, &seen).expect("recorded").suggested, Some((class, 0.9)));
    let conn = Connection::open(bench.path()).expect("opens");
    let into = |reading: i64, who: &str, seq: i64| {
        let sql = "INSERT INTO decisions (seq, case_id, cell_id, reviewer, at, action, reading) VALUES (?1, ?2, ?3, ?4, '', 'exclude', ?5)";
        conn.execute(sql, (seq, bench.case.0, bench.cell(0).0, who, reading))
    };
    into(reading.id.0, "mallory", 900).expect_err("not hers");
    into(99, "bea", 901).expect_err("no such reading");
    bench.store.give_up_reading(reading.id, "bea").expect("given up");
    into(reading.id.0, "bea", 902).expect_err("it has ended");
}

#[test]
fn the_first_look_freezes_the_first_reading() {
    let (bench, reading) = Bench::two_readers();
    let c = bench.store.compare(reading.id, "ann").expect("compared");
    // Both say NGS 2, LYT 2; of MYO 2 the second took one for LYT and excluded the other. Chance is (2*2 + 2*3)/36 = 10/36,
    // agreement 4/6, kappa (24 - 10)/(36 - 10) = 7/13.
    assert_eq!((c.n(), c.agreed(), c.firsts.clone()), (6, 4, vec!["ann".to_owned()]));
    assert!((c.kappa.expect("defined").value - 7.0 / 13.0).abs() < 1e-12, "{:?}", c.kappa);
    let disputes: Vec<_> = c.disputes().map(|p| (p.cell, p.first.verdict, p.second)).collect();
    let class = |code| Verdict::Class(bench.class(code));
    assert_eq!(
        disputes,
        [(bench.cell(2), class("MYO"), class("LYT")), (bench.cell(5), class("MYO"), Verdict::Excluded)]
    );
    // Ann thinks again, having seen both: that does not make them agree.
    bench.decide("ann", 2, "LYT");
    assert_eq!(bench.again().compare(reading.id, "cem").expect("again"), c);
}

#[test]
fn disputes_are_settled_one_by_one_and_the_signature_says_so() {
    let (bench, reading) = Bench::two_readers();
    let settle = |n: usize, action| bench.store.adjudicate(reading.id, &bench.decision("dora", n, action));
    let myo = Action::Reclassify(bench.class("MYO"));
    assert!(refused(settle(2, myo)).contains("compared"), "nobody has looked yet");
    bench.store.compare(reading.id, "dora").expect("compared");
    assert!(refused(settle(0, myo)).contains("not in dispute"));
    let first = settle(2, myo).expect("settled");
    match bench.store.sign(&bench.request()).expect_err("one is open") {
        StoreError::InDispute { open: 1, disputes: 2, .. } => {}
        other => panic!("{other}"),
    }
    settle(5, Action::Exclude).expect("settled");
    // Taken back, and let hold again.
    settle(2, Action::Undo(first.seq)).expect("undone");
    assert!(matches!(bench.store.sign(&bench.request()), Err(StoreError::InDispute { open: 1, .. })));
    settle(2, Action::Redo(first.seq)).expect("redone");
    let signed = bench.store.sign(&bench.request()).expect("signed");
    let count = |code: &str| signed.counts.iter().find(|c| c.code == code).map(|c| c.count);
    assert_eq!((count("NGS"), count("LYT"), count("MYO"), signed.excluded), (Some(2), Some(2), Some(1), 1));
    let readers = signed.readers.clone().expect("two readers");
    assert_eq!((readers.n, readers.agreed, readers.open(), readers.suggestions), (6, 4, 0, false));
    assert_eq!((readers.firsts.as_slice(), readers.second.as_str()), (&["ann".to_owned()][..], "bea"));
    assert_eq!((readers.adjudicators.as_slice(), readers.kind), (&["dora".to_owned()][..], ReadingKind::Second));
    assert!((readers.kappa.expect("defined").0 - 7.0 / 13.0).abs() < 1e-12);
    let dispute = &readers.disputes[1];
    assert_eq!((dispute.cell, dispute.first.as_deref(), dispute.second.as_deref()), (bench.cell(5), Some("MYO"), None));
    assert_eq!(bench.again().signed(bench.case).expect("signed"), [signed]);
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
    assert!(refused(settle(2, myo)).contains("signed"), "a signed case takes no adjudication");
    let said: Vec<_> = bench.store.history(bench.case).expect("a history").into_iter().map(|h| h.what).collect();
    assert_eq!(said.iter().filter(|w| matches!(w, leukoscope::domain::What::Adjudication { .. })).count(), 4);
    let conn = Connection::open(bench.path()).expect("opens");
    for table in ["readings", "reading_events", "signed_readings", "signed_readers", "signed_disputes"] {
        conn.execute(&format!("DELETE FROM {table}"), []).expect_err(table);
        let copy = format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}");
        conn.execute(&copy, []).expect_err(table);
    }
    conn.execute("UPDATE readings SET suggestions = 1", []).expect_err("never changed");
}

#[test]
fn disputes_may_be_left_open_with_leave_and_that_is_signed_too() {
    let (bench, reading) = Bench::two_readers();
    bench.store.compare(reading.id, "ann").expect("compared");
    let request = SignRequest { allow_unreviewed: true, ..bench.request() };
    let readers = bench.store.sign(&request).expect("signed").readers.expect("two readers");
    assert_eq!((readers.open(), readers.disputes.len(), readers.adjudicators.len()), (2, 2, 0));
}

#[test]
fn a_repeat_is_compared_with_ones_own_decisions_in_an_order_of_its_own() {
    let bench = Bench::new(8);
    (0..6).for_each(|i| _ = bench.decide("ann", i, "NGS"));
    // Somebody else's decision on one of them is no part of how ann agrees with herself.
    bench.decide("cem", 0, "MYO");
    let seeded = NewReading { seed: Some(u64::MAX), ..new(&bench, "ann", ReadingKind::Repeat) };
    let reading = bench.store.begin_reading(&seeded).expect("begun");
    assert_eq!(reading.seed, Some(i64::MAX as u64));
    let cells: Vec<CellId> = bench.store.reading_cells(&reading).expect("cells").iter().map(|c| c.id).collect();
    let mut sorted = cells.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..6).map(|i| bench.cell(i)).collect::<Vec<_>>(), "those that she decided");
    assert_ne!(cells, sorted, "in another order");
    bench.read(&reading, &["NGS"; 6]);
    bench.store.finish_reading(reading.id, "ann").expect("finished");
    (6..8).for_each(|i| _ = bench.decide("ann", i, "NGS"));
    let c = bench.store.compare(reading.id, "ann").expect("compared");
    assert_eq!((c.n(), c.agreed(), c.kappa), (6, 6, None), "one class alone defines no kappa");
    let signed = bench.store.sign(&bench.request()).expect("signed");
    assert_eq!(signed.readers.map(|r| (r.kind, r.n)), Some((ReadingKind::Repeat, 6)));
}

#[test]
fn a_training_is_scored_against_labels_and_enters_nothing() {
    let bench = Bench::new(1);
    let mut labelled = found("labelled", 2, 0..4);
    let label = |cell: FoundCell, code: &str| FoundCell {
        label: Some(code.to_lowercase()),
        class: bench.table.by_code(code),
        ..cell
    };
    let codes = ["NGS", "MYO", "ZZZ", "MYO"];
    labelled.cells = labelled.cells.into_iter().zip(codes).map(|(c, code)| label(c, code)).collect();
    let case = bench.store.import(&labelled).expect("imported").case.id;
    let training = NewReading { case, ..new(&bench, "eva", ReadingKind::Training) };
    let reading = bench.store.begin_reading(&training).expect("begun");
    assert_eq!(bench.store.reading_cells(&reading).expect("cells").len(), 3, "a label of no class scores nothing");
    for (cell, code) in bench.store.reading_cells(&reading).expect("cells").iter().zip(["NGS", "NGS", "MYO"]) {
        let action = Action::Reclassify(bench.class(code));
        let decision = NewDecision { case, cell: cell.id, ..bench.decision("eva", 0, action) };
        bench.store.record_in(reading.id, &decision).expect("recorded");
    }
    bench.store.finish_reading(reading.id, "eva").expect("finished");
    assert!(refused(bench.store.compare(reading.id, "ann")).contains("eva's"));
    assert!(bench.store.comparable(case, "ann").expect("list").is_empty());
    let c = bench.store.compare(reading.id, "eva").expect("scored");
    let place = |code: &str| c.confusion.labels().iter().position(|l| l == code).expect("in use");
    assert_eq!((c.n(), c.agreed()), (3, 2));
    assert_eq!((c.confusion.sensitivity(place("MYO")), c.confusion.precision(place("NGS"))), (Some(0.5), Some(0.5)));
    let summary = bench.store.cases().expect("cases").into_iter().find(|s| s.case.id == case).expect("there");
    assert_eq!((summary.reviewed, bench.store.log(case).expect("a log").len()), (0, 0));
    let adjudicate = NewDecision { case, cell: c.pairs[1].cell, ..bench.decision("eva", 0, Action::Exclude) };
    assert!(refused(bench.store.adjudicate(reading.id, &adjudicate)).contains("second reading"));
    // Sixty labels or six hundred: the record is as empty as before.
    let no_wbc_reason = Some("read for training alone".to_owned());
    let request = SignRequest { case, allow_unreviewed: true, no_wbc_reason, ..bench.request() };
    let signed = bench.store.sign(&request).expect("signed");
    assert_eq!((signed.readers, signed.unreviewed), (None, 4));
}

#[test]
fn a_reader_may_stop_at_the_share_of_the_target() {
    let bench = Bench::new(210);
    bench.store.set_target(bench.case, 400).expect("two readers of 200");
    let reading = bench.begin("bea", ReadingKind::Second);
    bench.read(&reading, &["NGS"; 199]);
    assert!(refused(bench.store.finish_reading(reading.id, "bea")).contains("199 of 200 WBC"));
    let cell = bench.cell(205);
    let last = NewDecision { cell, ..bench.decision("bea", 0, Action::Reclassify(bench.class("MYO"))) };
    bench.store.record_in(reading.id, &last).expect("recorded");
    bench.store.finish_reading(reading.id, "bea").expect("200 WBC");
    (0..200).for_each(|i| _ = bench.decide("ann", i, "NGS"));
    let c = bench.store.compare(reading.id, "ann").expect("ann counted 200");
    assert_eq!((c.n(), c.wbc, c.alone), (199, [200, 200], [1, 1]));
}

#[test]
fn one_person_is_one_person_however_they_type_their_name() {
    let bench = Bench::new(2);
    bench.decide("ana", 0, "NGS");
    let second = |who: &str| NewReading {
        case: bench.case,
        reviewer: who.to_owned(),
        kind: ReadingKind::Second,
        suggestions: false,
        seed: None,
    };
    for who in ["Ana", "ANA ", "\u{ff41}na"] {
        let error = bench.store.begin_reading(&second(who)).expect_err(who);
        assert!(error.to_string().contains("read it first"), "{who}: {error}");
    }
    let reading = bench.store.begin_reading(&second("bea")).expect("begun");
    assert!(bench.store.sighted(&bench.store.case_by_id(bench.case).expect("a case"), "Bea").is_err(), "blinded");
    assert_eq!(bench.store.open_readings("BEA").expect("read").len(), 1);
    let new = bench.decision("Bea", 0, Action::Exclude);
    assert_eq!(bench.store.record_in(reading.id, &new).expect("recorded").reviewer, "bea");
    // Somebody may take back what they decided under another spelling.
    let undo = bench.decision("Ana", 0, Action::Undo(1));
    bench.store.record(&undo).expect("taken back");
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
}

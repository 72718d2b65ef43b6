//! Signing, reopening, and what a signed version says.

use leukoscope::{
    domain::{Action, CaseState},
    store::{NewDecision, SignRequest, StoreError},
};

use crate::{Bench, found, hash};

#[test]
fn unreviewed_and_unidentified_cells_keep_a_case_from_being_signed() {
    let bench = Bench::new(3);
    bench.decide("ada", 0, "NGS");
    bench.decide("ada", 2, "UNI");
    match bench.store.sign(&bench.request()).expect_err("not ready") {
        StoreError::NotReady { unreviewed: 1, unidentified: 1, cells, .. } => {
            assert_eq!(cells, [bench.cell(1), bench.cell(2)])
        }
        other => panic!("{other}"),
    }
    assert_eq!(bench.store.signed(bench.case).expect("none").len(), 0);
    let signed = bench.store.sign(&SignRequest { allow_unreviewed: true, ..bench.request() }).expect("signed");
    assert_eq!((signed.wbc, signed.unreviewed, signed.unidentified, signed.allow_unreviewed), (1, 1, 1, true));
}

#[test]
fn a_signed_version_says_all_that_a_report_needs() {
    let bench = Bench::new(5);
    let network = hash(9, 9);
    let myo = bench.class("MYO");
    bench
        .store
        .put_predictions(&network, &[(bench.cells[1].sha256, Some(0.1), bench.ranking("LYT", 0.6))])
        .expect("kept");
    let seen = NewDecision {
        network: Some(network),
        suggested: Some((myo, 0.75)),
        ..bench.decision("bob", 0, Action::Accept(myo))
    };
    let seq = bench.store.record(&seen).expect("recorded").seq;
    bench.decide("ada", 1, "NGS");
    bench.decide("ada", 2, "EBO");
    bench.decide("ada", 3, "KSC");
    bench.store.record(&bench.decision("ada", 4, Action::Exclude)).expect("excluded");
    bench.store.set_target(bench.case, 100).expect("set");
    let signed = bench.store.sign(&SignRequest { network: Some(network), ..bench.request() }).expect("signed");
    assert_eq!(
        (signed.version, signed.reason.as_deref(), signed.network, signed.target),
        (1, None, Some(network), 100)
    );
    assert_eq!(
        (signed.wbc, signed.blasts, signed.nrbc, signed.smudge, signed.excluded, signed.unreviewed),
        (2, 1, 1, 1, 1, 0)
    );
    assert_eq!(signed.blast_share().map(|b| (b.percent(), b.of)), Some((50.0, 2)));
    assert_eq!(signed.per_100_wbc(signed.nrbc), Some(50.0));
    let row = signed.counts.iter().find(|r| r.code == "MYO").expect("a row");
    assert_eq!(
        (row.name.as_str(), row.count, row.loinc.as_deref(), row.blast),
        ("myeloblast", 1, Some("30445-1"), true)
    );
    assert_eq!(signed.counts.len(), bench.table.len());
    let first = signed.cells[0].decided.as_ref().expect("decided");
    assert_eq!((first.seq, first.class.as_deref(), first.by.as_str()), (seq, Some("MYO"), "bob"));
    assert_eq!(signed.cells[0].predicted, Some(("MYO".into(), 0.75)), "what was on screen");
    let (code, p) = signed.cells[1].predicted.clone().expect("stored");
    assert!(code == "LYT" && (p - 0.6).abs() < 1e-6, "else what the network says");
    assert_eq!(signed.cells[4].decided.as_ref().map(|d| d.class.clone()), Some(None));
    assert_eq!(signed.cells[2].predicted, None);
    assert_eq!(bench.again().signed(bench.case).expect("signed"), [signed]);
}

#[test]
fn a_correction_is_a_new_version_with_a_reason() {
    let bench = Bench::new(2);
    bench.decide("ada", 0, "NGS");
    let last = bench.decide("ada", 1, "MYO");
    assert!(matches!(bench.store.reopen(bench.case, "ada", "why"), Err(StoreError::NotSigned { .. })));
    let first = bench.store.sign(&bench.request()).expect("signed");
    assert_eq!(first.last_seq, last);
    let refused = bench.store.record(&bench.decision("ada", 0, Action::Exclude)).expect_err("signed");
    assert!(matches!(refused, StoreError::Signed { version: 1, .. }), "{refused}");
    assert!(matches!(bench.store.set_target(bench.case, 50), Err(StoreError::Signed { .. })));
    assert!(matches!(bench.store.sign(&bench.request()), Err(StoreError::AlreadySigned { version: 1, .. })));
    assert!(matches!(bench.store.reopen(bench.case, "ada", "  "), Err(StoreError::Blank(_))));
    bench.store.add_note(bench.cell(0), "ada", "a note does not change a count").expect("a note");

    bench.store.reopen(bench.case, "bob", "cell 1 is a smudge").expect("reopened");
    let case = bench.store.case("Patient_1").expect("a case");
    assert_eq!((case.state, case.version), (CaseState::Reopened, Some(1)));
    assert!(bench.store.reopen(bench.case, "bob", "twice").is_err());
    bench.decide("bob", 1, "KSC");
    let second = bench.store.sign(&SignRequest { reviewer: "bob".into(), ..bench.request() }).expect("signed");
    assert_eq!((second.version, second.reason.as_deref(), second.wbc), (2, Some("cell 1 is a smudge"), 1));
    assert_eq!(bench.store.signed(bench.case).expect("both"), [first, second]);
    assert_eq!(bench.store.case("Patient_1").expect("a case").state, CaseState::Signed);
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn a_signer_signs_what_they_saw() {
    let bench = Bench::new(1);
    let seen = bench.decide("ada", 0, "NGS");
    let later = bench.decide("bob", 0, "MYO");
    let request = SignRequest { expect_last_seq: Some(seen), ..bench.request() };
    match bench.store.sign(&request).expect_err("the log moved on") {
        StoreError::ChangedSince { seen: a, last_seq: b, .. } => assert_eq!((a, b), (seen, later)),
        other => panic!("{other}"),
    }
    bench.store.sign(&SignRequest { expect_last_seq: Some(later), ..request }).expect("signed");
}

#[test]
fn only_one_of_two_signers_signs() {
    let bench = Bench::new(1);
    bench.decide("ada", 0, "NGS");
    let signed: usize = std::thread::scope(|s| {
        let threads: Vec<_> = (0..4).map(|_| (bench.again(), bench.request())).collect();
        let threads: Vec<_> =
            threads.into_iter().map(|(store, r)| s.spawn(move || usize::from(store.sign(&r).is_ok()))).collect();
        threads.into_iter().map(|t| t.join().expect("no panic")).sum()
    });
    assert_eq!((signed, bench.store.signed(bench.case).expect("one").len()), (1, 1));
}

#[test]
fn cases_are_found_by_name_and_near_misses_are_named() {
    let bench = Bench::new(1);
    bench.store.import(&found("Patient_10", 10, 0..1)).expect("imported");
    bench.store.import(&found("Patient_2", 2, 0..1)).expect("imported");
    bench.store.import(&found("evil\x1b[2J", 3, 0..1)).expect("imported");
    let names: Vec<_> = bench.store.cases().expect("cases").into_iter().map(|c| c.case.name).collect();
    assert_eq!(names, ["Patient_1", "Patient_2", "Patient_10", "evil\x1b[2J"]);
    assert_eq!(bench.store.case("evil\\u{1b}[2J").expect("as shown").name, "evil\x1b[2J");
    let error = bench.store.case("patient-10").expect_err("no such case").to_string();
    assert!(error.contains("did you mean `Patient_10`"), "{error}");
    assert!(!bench.store.case("x\x1by").expect_err("no such case").to_string().contains('\x1b'));
}

#[test]
fn databases_and_cases_have_identities_of_their_own_and_a_signature_keeps_its_databases() {
    let (one, other) = (Bench::new(1), Bench::new(1));
    let (first, second) = (one.store.identity().expect("an identity"), other.store.identity().expect("an identity"));
    assert!(first.len() == 32 && first != second, "{first} {second}");
    assert_eq!(one.again().identity().expect("an identity"), first, "made once");
    let uid = |bench: &Bench| bench.store.case_by_id(bench.case).expect("the case").uid;
    assert!(uid(&one).len() == 32 && uid(&one) != uid(&other));
    one.decide("ada", 0, "NGS");
    assert_eq!(one.store.sign(&one.request()).expect("signed").origin, first);
}

#[test]
fn a_differential_without_a_single_wbc_is_signed_with_a_reason_alone() {
    let bench = Bench::new(2);
    bench.decide("ada", 0, "EBO");
    let without = SignRequest { allow_unreviewed: true, ..bench.request() };
    let error = bench.store.sign(&without).expect_err("nothing counted");
    assert!(matches!(error, StoreError::NoWbc { .. }) && error.to_string().contains("reason"), "{error}");
    let blank = SignRequest { no_wbc_reason: Some("  ".into()), ..without.clone() };
    assert!(matches!(bench.store.sign(&blank), Err(StoreError::Blank(_))));
    assert!(bench.store.signed(bench.case).expect("read").is_empty());
    let with = SignRequest { no_wbc_reason: Some("haemolysed".into()), ..without };
    let signed = bench.store.sign(&with).expect("signed");
    assert_eq!((signed.wbc, signed.no_wbc_reason.as_deref()), (0, Some("haemolysed")));
    let other = Bench::new(1);
    other.decide("ada", 0, "NGS");
    let error = other.store.sign(&SignRequest { no_wbc_reason: Some("none".into()), ..other.request() });
    assert!(matches!(error, Err(StoreError::HasWbc { wbc: 1, .. })), "{error:?}");
}

/// What a signed version says, changed behind its back in a way that its totals do not show.
#[test]
fn a_signed_version_that_is_not_what_was_signed_is_refused_wherever_it_is_read() {
    for change in [
        "DROP TRIGGER signed_no_update; UPDATE signed SET reviewer = 'adb'",
        "DROP TRIGGER signed_no_update; UPDATE signed SET target = 201",
        "DROP TRIGGER signed_counts_no_update; UPDATE signed_counts SET name = 'other' WHERE code = 'MYO'",
        "DROP TRIGGER signed_decisions_no_update; UPDATE signed_decisions SET path = 'cell_9.png' WHERE ordinal = 0",
        "DROP TRIGGER decisions_no_update; UPDATE decisions SET reviewer = 'eve' WHERE seq = 1",
        "DROP TRIGGER signed_decisions_no_delete; DELETE FROM signed_decisions WHERE ordinal = 1",
    ] {
        let bench = Bench::new(2);
        bench.decide("ada", 0, "NGS");
        bench.decide("ada", 1, "MYO");
        bench.store.sign(&bench.request()).expect("signed");
        rusqlite::Connection::open(bench.path()).and_then(|c| c.execute_batch(change)).expect("changed");
        let error = bench.store.signed(bench.case).expect_err(change);
        assert!(matches!(error, StoreError::Unsound { .. }), "{change}: {error:?}");
        let said = error.to_string();
        for part in ["records.db", "`Patient_1`", "signed version 1", "restore"] {
            assert!(said.contains(part), "{change}: {part}: {said}");
        }
        assert!(
            bench.store.history(bench.case).is_err() && !bench.store.verify().expect("read").is_empty(),
            "{change}"
        );
    }
}

#[test]
fn a_version_of_before_there_were_digests_is_held_against_its_cells_and_the_log() {
    let bench = Bench::new(3);
    (0..3).for_each(|n| _ = bench.decide("ada", n, ["NGS", "MYO", "LYT"][n]));
    bench.store.sign(&bench.request()).expect("signed");
    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    let old = "DROP TRIGGER signed_no_update; UPDATE signed SET digest = NULL, origin = NULL";
    conn.execute_batch(old).expect("as of before");
    let signed = bench.store.signed(bench.case).expect("sound");
    assert_eq!((signed[0].wbc, &signed[0].origin), (3, &bench.store.identity().expect("an identity")));
    // Two cells change places: every total is what it was.
    conn.execute_batch(
        "DROP TRIGGER signed_decisions_no_update;
         UPDATE signed_decisions SET class = CASE ordinal WHEN 0 THEN 'MYO' ELSE 'NGS' END WHERE ordinal < 2",
    )
    .expect("changed");
    let error = bench.store.signed(bench.case).expect_err("changed").to_string();
    assert!(error.contains("what the log says"), "{error}");
}

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

//! What counts as a blast in a case: chosen, signed, told, and refused where it must not change.

use leukoscope::{
    domain::{BlastSet, ClassTable, What},
    store::{SignRequest, Store, StoreError},
};

use super::{Bench, found};

fn set(bench: &Bench, codes: &[&str]) -> BlastSet {
    BlastSet::choose(&bench.table, codes.iter().copied()).expect("a choice")
}

/// A promyelocytic leukaemia: of ten cells two are blasts by the class table, and six more are promyelocytes.
fn promyelocytic() -> Bench {
    let bench = Bench::new(20);
    for (cell, code) in ["MYO", "PMO", "PMO", "PMO", "PMO", "PMO", "PMB", "NGS", "NGS", "KSC"].iter().enumerate() {
        bench.decide("ada", cell, code);
        bench.decide("ada", cell + 10, if *code == "MYO" { "NGS" } else { code });
    }
    bench
}

fn listed(bench: &Bench) -> (u64, u64) {
    let share = bench.store.cases().expect("cases")[0].blasts.expect("a share");
    (share.count, share.of)
}

#[test]
fn a_promyelocytic_case_is_below_twenty_percent_by_default_and_above_with_what_the_reviewer_chose() {
    let bench = promyelocytic();
    assert_eq!(listed(&bench), (1, 18));
    let chosen = set(&bench, &["MYO", "MOB", "PMO", "PMB"]);
    bench.store.set_blasts(bench.case, Some("ada"), &chosen).expect("chosen");
    assert_eq!(listed(&bench), (13, 18), "the list");
    assert_eq!(bench.again().case_by_id(bench.case).expect("the case").blasts, chosen, "another connection");
    let signed = bench.store.sign(&bench.request()).expect("signed");
    assert_eq!((signed.wbc, signed.blasts), (18, 13));
    assert_eq!(signed.blast_names().title(), "blasts and equivalents (MYO MOB PMO PMB)");
    assert_eq!(signed.blast_share().map(|s| s.count), Some(13));
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
    let history: Vec<_> = bench.store.history(bench.case).expect("a history");
    let said: Vec<_> = history
        .iter()
        .filter(|h| matches!(h.what, What::Event(_) | What::Signed { .. }))
        .map(|h| (h.who.clone().unwrap_or_default(), h.what.describe(&bench.table, &|_| None)))
        .collect();
    assert!(said.contains(&("ada".into(), "counted as blasts: MYO MOB PMO PMB".into())), "{said:?}");
    let last = "signed as version 1: 18 WBC, 13 blasts and equivalents (MYO MOB PMO PMB)";
    assert_eq!(said.last().map(|s| s.1.as_str()), Some(last));
}

#[test]
fn a_signed_case_keeps_its_choice_until_it_is_reopened_and_each_version_keeps_its_own() {
    let bench = promyelocytic();
    let first = bench.store.sign(&bench.request()).expect("signed");
    let chosen = set(&bench, &["MYO", "MOB", "PMO"]);
    let refused = bench.store.set_blasts(bench.case, Some("ada"), &chosen).expect_err("signed");
    assert!(matches!(refused, StoreError::Signed { version: 1, .. }), "{refused}");
    let request = SignRequest { blasts: Some(chosen.clone()), ..bench.request() };
    assert!(matches!(bench.store.sign(&request), Err(StoreError::AlreadySigned { .. })));
    assert_eq!(bench.store.case_by_id(bench.case).expect("the case").blasts, BlastSet::of_table(&bench.table));
    bench.store.reopen(bench.case, "ada", "it is an APL").expect("reopened");
    let second = bench.store.sign(&request).expect("signed");
    let titles = [&first, &second].map(|s| (s.blasts, s.blast_names().title()));
    assert_eq!(
        titles,
        [(1, "blasts (MYO MOB LBL BLU)".to_owned()), (11, "blasts and equivalents (MYO MOB PMO)".to_owned())]
    );
    assert_eq!(bench.store.signed(bench.case).expect("both"), [first, second]);
    assert_eq!(bench.store.case_by_id(bench.case).expect("the case").blasts, chosen, "the event is on the record");
}

#[test]
fn a_signer_signs_the_blasts_that_they_saw_and_of_two_reviewers_the_last_choice_holds() {
    let bench = promyelocytic();
    let seen = bench.store.case_by_id(bench.case).expect("the case").blasts;
    bench.again().set_blasts(bench.case, Some("bea"), &set(&bench, &["MYO", "PMO"])).expect("chosen");
    let refused = bench.store.sign(&SignRequest { expect_blasts: Some(seen), ..bench.request() }).expect_err("moved");
    assert!(matches!(refused, StoreError::BlastsChanged { .. }), "{refused}");
    assert!(refused.to_string().contains("blasts and equivalents (MYO PMO)"), "{refused}");
    let last = set(&bench, &["MYO", "MOB"]);
    bench.store.set_blasts(bench.case, Some("ada"), &last).expect("chosen");
    assert_eq!(bench.again().case_by_id(bench.case).expect("the case").blasts, last);
    bench.store.sign(&SignRequest { expect_blasts: Some(last), ..bench.request() }).expect("signed");
}

#[test]
fn what_is_chosen_already_is_no_event_and_a_refused_signature_chooses_nothing() {
    let bench = Bench::new(2);
    let events = || bench.store.events(bench.case).expect("events").len();
    let before = events();
    bench.store.set_blasts(bench.case, Some("ada"), &BlastSet::of_table(&bench.table)).expect("nothing to do");
    assert_eq!(events(), before);
    let request = SignRequest { blasts: Some(set(&bench, &["PMO"])), ..bench.request() };
    assert!(matches!(bench.store.sign(&request), Err(StoreError::NotReady { .. })));
    assert_eq!(events(), before, "a signature that was refused");
    bench.store.set_blasts(bench.case, None, &set(&bench, &["PMO"])).expect("chosen by an import");
    assert_eq!(events(), before + 1);
}

#[test]
fn who_reads_blinded_does_not_change_what_counts() {
    let bench = promyelocytic();
    bench
        .store
        .begin_reading(&leukoscope::store::NewReading {
            case: bench.case,
            reviewer: "bob".into(),
            kind: leukoscope::domain::ReadingKind::Second,
            suggestions: false,
            seed: Some(1),
        })
        .expect("begun");
    assert!(bench.store.set_blasts(bench.case, Some("bob"), &set(&bench, &["PMO"])).is_err());
    bench.store.set_blasts(bench.case, Some("ada"), &set(&bench, &["PMO"])).expect("the first reader may");
}

#[test]
fn a_choice_of_classes_that_the_table_in_use_does_not_have_is_named() {
    let bench = promyelocytic();
    let other = found("other", 9, 0..1);
    bench.store.import(&other).expect("imported");
    bench.store.set_blasts(bench.case, Some("ada"), &set(&bench, &["MYO", "LBL"])).expect("chosen");
    let without = include_str!("../../data/classes.toml").replace("code = \"LBL\"", "code = \"LYB\"");
    let table = ClassTable::parse(&without).expect("a table");
    let store = Store::open(&bench.path(), &table).expect("opens");
    let error = store.case_by_id(bench.case).expect_err("a class is missing");
    assert!(matches!(&error, StoreError::UnknownClass { code } if code == "LBL"), "{error}");
    store.case("other").expect("another case is not concerned");
}

//! Bundles as JSON: statuses, references that lead somewhere, what is absent, and the same bytes for the same record.

use std::collections::HashSet;

use serde_json::Value;

use super::*;
use crate::export::{
    Amendment, ChangedCount,
    summary::tests::{counting, example, particulars},
};

fn bundle(s: &Summary, p: &Particulars) -> Value {
    let text = to_fhir(s, p);
    assert_eq!(text, to_fhir(s, p), "the same record, the same bytes");
    serde_json::from_str(&text).expect("JSON")
}

fn resources<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    let entries = bundle["entry"].as_array().expect("entries").iter();
    entries.map(|e| &e["resource"]).filter(|r| r["resourceType"] == kind).collect()
}

fn observation<'a>(bundle: &'a Value, code: &str) -> &'a Value {
    let has = |r: &&&Value| r["code"]["coding"].as_array().is_some_and(|c| c.iter().any(|c| c["code"] == code));
    let all = resources(bundle, "Observation");
    let found: Vec<_> = all.iter().filter(has).collect();
    assert_eq!(found.len(), 1, "{code}");
    found[0]
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("reference").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|v| references(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

fn signed(version: u32) -> Summary {
    let at = Some("2026-11-25T12:46:15.123Z".into());
    Summary {
        origin: format!("{version:032x}"),
        first_origin: format!("{:032x}", 1),
        status: Status::Signed,
        version: Some(version),
        reviewer: Some("Núñez".into()),
        signed_at: at,
        ..example()
    }
}

fn amended() -> Summary {
    let amends = Amendment {
        version: 1,
        reviewer: Some("bea".into()),
        signed_at: Some("2026-11-24T08:00:00.000Z".into()),
        wbc: [3, 3],
        blasts: [0, 1],
        blast_classes: None,
        counts: vec![
            ChangedCount { class: "MYO".into(), before: 0, now: 1 },
            ChangedCount { class: "NGS".into(), before: 3, now: 2 },
        ],
        cells: Vec::new(),
    };
    Summary { reason: Some("misread".into()), amends: Some(amends), ..signed(2) }
}

#[test]
fn every_reference_leads_to_an_entry_and_every_entry_is_put_under_its_id() {
    let mut p = particulars();
    p.laboratory.name = "Labor".into();
    p.patient = Some("4711".into());
    p.fields = p.laboratory.fill(&["specimen=S-17".into()]).expect("fields");
    let bundle = bundle(&amended(), &p);
    let entries = bundle["entry"].as_array().expect("entries");
    let urls: HashSet<&str> = entries.iter().filter_map(|e| e["fullUrl"].as_str()).collect();
    assert_eq!(urls.len(), entries.len(), "no id twice");
    let mut found = Vec::new();
    references(&bundle, &mut found);
    assert!(found.len() > 40 && found.iter().all(|r| urls.contains(r.as_str())), "{found:?}");
    for e in entries {
        let (kind, id) =
            (e["resource"]["resourceType"].as_str().expect("a type"), e["resource"]["id"].as_str().expect("an id"));
        assert_eq!(e["request"]["url"], format!("{kind}/{id}"));
        assert_eq!(Uuid::parse_str(id).expect("a UUID").get_version_num(), 5);
    }
    for kind in ["DiagnosticReport", "Specimen", "Organization", "Practitioner", "Device", "Provenance"] {
        assert_eq!(resources(&bundle, kind).len(), 1, "{kind}");
    }
    assert!(resources(&bundle, "Patient").is_empty(), "the patient is an identifier and nothing else");
    let report = resources(&bundle, "DiagnosticReport")[0];
    assert_eq!(report["subject"]["identifier"]["value"], "4711");
    assert_eq!(report["result"].as_array().map(Vec::len), Some(resources(&bundle, "Observation").len()));
}

#[test]
fn a_result_carries_code_unit_range_interpretation_and_what_it_stands_on() {
    let b = bundle(&signed(1), &particulars());
    let report = resources(&b, "DiagnosticReport")[0];
    assert_eq!((&report["status"], &report["code"]["coding"][0]["code"]), (&"final".into(), &"24318-8".into()));
    let myo = observation(&b, "30445-1");
    let value = &myo["valueQuantity"];
    assert_eq!((&value["value"], &value["code"], &value["system"]), (&33.33.into(), &"%".into(), &UCUM.into()));
    assert_eq!(myo["code"]["coding"][0]["display"], "Myeloblasts/Leukocytes in Blood");
    assert!(myo["code"]["coding"][0]["version"].is_null(), "no release is claimed");
    assert_eq!(
        (&myo["interpretation"][0]["coding"][0]["code"], &myo["referenceRange"][0]["high"]["value"]),
        (&"H".into(), &0.into())
    );
    let interval = &myo["component"][2]["valueRange"];
    assert_eq!((&interval["low"]["value"], &interval["high"]["value"]), (&0.84.into(), &90.57.into()));
    assert_eq!(
        (&myo["component"][0]["valueQuantity"]["value"], &myo["component"][1]["valueQuantity"]["value"]),
        (&1.into(), &3.into())
    );
    let nrbc = observation(&b, "18309-5");
    assert_eq!(nrbc["valueQuantity"]["code"], "/100{WBC}");
    let members = observation(&b, "26446-5")["hasMember"].as_array().map(Vec::len);
    assert_eq!((members, observation(&b, "26524-9")["hasMember"].as_array().map(Vec::len)), (Some(4), Some(2)));
    assert!(!b.to_string().contains("19048-8"));
}

#[test]
fn an_open_case_is_preliminary_says_so_and_becomes_the_final_report_of_the_same_id() {
    let here = format!("{:032x}", 1);
    let open = bundle(&example().in_database(&here), &particulars());
    let report = resources(&open, "DiagnosticReport")[0];
    assert_eq!(report["status"], "preliminary");
    assert!(report["conclusion"].as_str().is_some_and(|c| c.starts_with("PRELIMINARY")));
    assert!(resources(&open, "Observation").iter().all(|o| o["status"] == "preliminary"));
    assert!(resources(&open, "Provenance").is_empty(), "nobody signed");
    let last = bundle(&signed(1), &particulars());
    assert_eq!(resources(&last, "DiagnosticReport")[0]["id"], report["id"]);
    let reopened = Summary { version: Some(1), ..example() };
    assert_ne!(resources(&bundle(&reopened, &particulars()), "DiagnosticReport")[0]["id"], report["id"]);
}

#[test]
fn a_correction_is_amended_with_the_changed_results_corrected_and_names_what_it_revises() {
    let first = bundle(&signed(1), &particulars());
    let b = bundle(&amended(), &particulars());
    assert_eq!(resources(&b, "DiagnosticReport")[0]["status"], "amended");
    let status = |code| observation(&b, code)["status"].as_str().expect("a status").to_owned();
    assert_eq!(
        ["30445-1", "26505-8", "26446-5", "26478-8"].map(status),
        ["corrected", "corrected", "corrected", "final"]
    );
    let ids = |bundle: &Value, kind: &str| -> Vec<String> {
        resources(bundle, kind).iter().map(|r| r["id"].as_str().expect("an id").to_owned()).collect()
    };
    for kind in ["DiagnosticReport", "Observation"] {
        assert_eq!(ids(&first, kind), ids(&b, kind), "{kind}: a correction takes the place of what it corrects");
    }
    assert_ne!(ids(&first, "Provenance"), ids(&b, "Provenance"), "each version has its own");
    assert_ne!(first["id"], b["id"]);
    let provenance = resources(&b, "Provenance")[0];
    let revised = format!("urn:uuid:{}", resources(&first, "DiagnosticReport")[0]["id"].as_str().expect("an id"));
    assert_eq!(provenance["entity"][0]["what"]["identifier"]["value"], revised.as_str());
    assert_eq!(
        (&provenance["activity"]["coding"][0]["code"], &provenance["reason"][0]["text"]),
        (&"UPDATE".into(), &"misread".into())
    );
}

#[test]
fn a_result_that_a_correction_has_not_any_more_is_taken_back() {
    let first = signed(1);
    let mut second = Summary { earlier: vec![first.counts.clone()], ..amended() };
    second.counts.retain(|c| c.class != "EOS");
    let (before, b) = (bundle(&first, &particulars()), bundle(&second, &particulars()));
    let (was, is) = (observation(&before, "26450-7"), observation(&b, "26450-7"));
    assert_eq!((&was["id"], &is["status"]), (&is["id"], &"entered-in-error".into()));
    assert!(is["valueQuantity"].is_null() && was["status"] == "final");
    let report = &resources(&b, "DiagnosticReport")[0]["result"];
    assert!(!report.to_string().contains(is["id"].as_str().expect("an id")), "the report does not list it");
    assert_eq!(resources(&b, "Observation").len(), resources(&before, "Observation").len());
}

#[test]
fn ids_follow_from_identities_and_from_no_name() {
    let report = |s: &Summary| resources(&bundle(s, &particulars()), "DiagnosticReport")[0]["id"].clone();
    let one = signed(1);
    assert_eq!(report(&one), report(&Summary { case: "renamed".into(), ..one.clone() }));
    assert_ne!(report(&one), report(&Summary { uid: "d".repeat(32), ..one.clone() }), "the same images elsewhere");
    let restored = "f".repeat(32);
    let again = Summary { origin: restored.clone(), first_origin: restored.clone(), ..one.clone() };
    assert_ne!(report(&one), report(&again), "signed again after a backup was restored");
    let corrected = Summary { origin: restored, ..signed(2) };
    assert_eq!(report(&one), report(&corrected), "a correction of what the backup held");
    assert_ne!(bundle(&signed(2), &particulars())["id"], bundle(&corrected, &particulars())["id"]);
}

#[test]
fn the_order_and_the_time_are_told_where_they_are_known() {
    let mut p = particulars();
    let b = bundle(&signed(1), &p);
    let report = resources(&b, "DiagnosticReport")[0];
    assert_eq!((&report["effectiveDateTime"], &report["basedOn"]), (&"2026-11-25T12:46:15.123Z".into(), &Value::Null));
    (p.order, p.collected) = (Some("A-17".into()), Some("2026-11-25".into()));
    p.fields = p.laboratory.fill(&["specimen=S-17".into()]).expect("fields");
    let b = bundle(&signed(1), &p);
    for resource in [resources(&b, "DiagnosticReport")[0], observation(&b, "26450-7")] {
        assert_eq!(resource["basedOn"][0]["identifier"]["value"], "A-17");
        assert_eq!(
            (&resource["effectiveDateTime"], &resource["issued"]),
            (&"2026-11-25".into(), &"2026-11-25T12:46:15.123Z".into())
        );
    }
    assert_eq!(resources(&b, "Specimen")[0]["collection"]["collectedDateTime"], "2026-11-25");
    let damaged = Summary { signed_at: Some("2026\u{1b}[2J".into()), ..signed(1) };
    assert!(resources(&bundle(&damaged, &particulars()), "DiagnosticReport")[0]["issued"].is_null());
}

#[test]
fn without_wbc_there_is_a_reason_and_no_value() {
    let mut s = example();
    s.counts.iter_mut().for_each(|c| c.count = 0);
    let b = bundle(&s, &particulars());
    let ngs = observation(&b, "26505-8");
    assert!(ngs["valueQuantity"].is_null() && ngs["interpretation"].is_null());
    assert_eq!(ngs["dataAbsentReason"]["coding"][0]["code"], "not-performed");
}

#[test]
fn nothing_steers_a_terminal_and_the_page_is_sound_xhtml() {
    let mut s = Summary { case: "<b>&\u{202e}\n\u{1b}[2J".into(), ..signed(1) };
    s.reviewer = Some("\u{9b}31m".into());
    let text = to_fhir(&s, &particulars());
    assert!(text.chars().all(|c| c == '\n' || !crate::domain::steers(c)));
    let b: Value = serde_json::from_str(&text).expect("JSON");
    let div = resources(&b, "DiagnosticReport")[0]["text"]["div"].as_str().expect("a page").to_owned();
    assert!(div.contains("&lt;b&gt;&amp;") && !div.contains('\u{1b}'), "{div}");
}

#[test]
fn what_is_drawn_is_labelled_as_test_data_and_whose_program_it_is_not() {
    let label = |bundle: &Value, kind: &str| {
        let all = resources(bundle, kind);
        let marked = all.iter().filter(|r| r["meta"]["security"][0]["code"] == "HTEST").count();
        (all.len(), marked)
    };
    let drawn = bundle(&Summary { phantom: true, ..signed(1) }, &particulars());
    for kind in ["DiagnosticReport", "Observation", "Provenance"] {
        let (all, marked) = label(&drawn, kind);
        assert!(all > 0 && all == marked, "{kind}: {marked} of {all}");
    }
    assert_eq!((label(&drawn, "Practitioner"), label(&drawn, "Device")), ((1, 0), (1, 0)));
    assert_eq!(label(&bundle(&signed(1), &particulars()), "DiagnosticReport"), (1, 0));
}

#[test]
fn a_share_with_equivalents_names_its_classes_and_has_no_code_for_blasts() {
    let plain = bundle(&signed(1), &particulars());
    let blasts = observation(&plain, "BLASTS");
    assert_eq!(blasts["code"]["coding"][0]["code"], "26446-5");
    assert_eq!(blasts["code"]["text"], "blasts (MYO MOB LBL BLU)");
    let with = bundle(&Summary { counts: counting(&["MYO", "MOB", "PMO"]).counts, ..signed(1) }, &particulars());
    let blasts = observation(&with, "BLASTS");
    assert_eq!(blasts["code"]["text"], "blasts and equivalents (MYO MOB PMO)");
    assert_eq!(blasts["code"]["coding"].as_array().map(Vec::len), Some(1), "{blasts}");
    assert!(blasts["note"][0]["text"].as_str().is_some_and(|n| n.contains("PMO (promyelocyte)")), "{blasts}");
    assert_eq!(blasts["hasMember"].as_array().map(Vec::len), Some(3));
    assert!(!with.to_string().contains("26446-5"));
}

#[test]
fn another_choice_of_what_counts_corrects_the_blasts_and_no_class() {
    let before = signed(1);
    let now = Summary { counts: counting(&["MYO", "MOB", "LBL", "BLU", "PMO"]).counts, ..signed(2) };
    let bundle = bundle(&now.amending(Some(&before)), &particulars());
    let status = |code| observation(&bundle, code)["status"].clone();
    assert_eq!((status("BLASTS"), status("MYO"), status("PMO")), ("corrected".into(), "final".into(), "final".into()));
    let conclusion = &resources(&bundle, "DiagnosticReport")[0]["conclusion"];
    let said = conclusion.as_str().expect("a text");
    assert!(said.contains("Changed: counted as blasts MYO MOB LBL BLU -> MYO MOB LBL BLU PMO."), "{said}");
}

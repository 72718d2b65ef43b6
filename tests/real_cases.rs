//! The main job on real patients, where their cells are at hand: what was decided is what is counted.

mod common;

use std::collections::BTreeMap;

use common::{Lab, shared};
use leukoscope::domain::ClassTable;
use serde_json::{Value, json};

/// Imports a patient, decides every cell by its folder's label and signs; returns the export and the counts by hand.
fn patient(name: &str, refused: &[&str], accepts: bool) -> Option<(Value, BTreeMap<String, u64>)> {
    let folder = shared()?.join("data/jhh/original").join(name);
    let (lab, table) = (Lab::new(), ClassTable::default());
    let import = lab.run(&["import", folder.to_str().expect("UTF-8")]).assert().code(i32::from(!refused.is_empty()));
    let said = String::from_utf8_lossy(&import.get_output().stderr).into_owned();
    for file in refused {
        assert!(said.lines().any(|l| l.contains(file) && l.contains("truncated")), "{said}");
    }
    let on_disk = walk(&folder);
    let open = lab.json(&["export", name]);
    let cells = open["cells"].as_array().expect("cells");
    assert_eq!(cells.len(), on_disk - refused.len(), "nothing else is lost");

    let mut by_hand = BTreeMap::new();
    let mut input = String::new();
    for cell in cells {
        let path = cell["path"].as_str().expect("a path");
        let label = path.split('/').next().expect("a folder");
        match table.by_label(label) {
            Some(id) => {
                *by_hand.entry(table.code(id).to_owned()).or_insert(0) += 1;
                input += &format!("{}\n", json!({"cell": path, "action": "reclassify", "class": table.code(id)}));
            }
            None => {
                *by_hand.entry("excluded".to_owned()).or_insert(0) += 1;
                input += &format!("{}\n", json!({"cell": path, "action": "exclude"}));
            }
        }
    }
    // The first cells are accepted as well, so that the network takes part, and then decided as above. One that is unlike
    // its training data is not accepted.
    if accepts {
        let accept = |c: &Value| format!("{}\n", json!({"cell": c["cell"], "action": "accept"}));
        let accepts: String = cells.iter().take(10).map(accept).collect();
        let answers = lab.run(&["decide", name]).write_stdin(accepts).output().expect("it runs").stdout;
        let answers = String::from_utf8(answers).expect("UTF-8");
        assert!(answers.lines().count() == 10 && answers.contains("\"recorded\":true"), "{answers}");
    }
    lab.run(&["decide", name]).write_stdin(input).assert().code(0);
    lab.run(&["sign", name]).assert().code(0);
    lab.run(&["verify"]).assert().code(0);
    Some((lab.json(&["export", name]), by_hand))
}

fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    entries.map(|p| if p.is_dir() { walk(&p) } else { 1 }).sum()
}

fn check(export: &Value, by_hand: &BTreeMap<String, u64>) {
    assert_eq!(
        (&export["status"], &export["version"], &export["unreviewed"]),
        (&json!("signed"), &json!(1), &json!(0))
    );
    assert_eq!(export["excluded"], by_hand.get("excluded").copied().unwrap_or(0));
    let table = ClassTable::default();
    for count in export["counts"].as_array().expect("counts") {
        let code = count["class"].as_str().expect("a code");
        assert_eq!(count["count"], by_hand.get(code).copied().unwrap_or(0), "{code}");
    }
    let wbc = |code: &str| table.by_code(code).is_some_and(|id| table.get(id).role.is_wbc());
    let counted: u64 = by_hand.iter().filter(|(code, _)| wbc(code)).map(|(_, n)| n).sum();
    assert_eq!(export["wbc"], counted);
}

#[test]
fn patient_24_counts_what_was_decided_and_names_the_truncated_picture() {
    if let Some((export, by_hand)) = patient("Patient_24", &["BL_7821735.jpg"], true) {
        check(&export, &by_hand);
    }
}

#[test]
fn patient_08_counts_what_was_decided() {
    if let Some((export, by_hand)) = patient("Patient_08", &[], false) {
        check(&export, &by_hand);
    }
}

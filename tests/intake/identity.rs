//! What is one case and what are two, by the program: what is said, what is stored, and the exit status.

use std::{fs, path::Path};

use image::ImageFormat;
use serde_json::{Value, json};

use crate::{common::Lab, encoded, picture};

/// Writes pictures into a folder of the lab: file name and seed.
fn lay(lab: &Lab, folder: &str, files: &[(&str, u32)]) -> String {
    for (name, seed) in files {
        let path = lab.path(folder).join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, encoded(&picture(60, 60, *seed), ImageFormat::Jpeg)).expect("written");
    }
    text(&lab.path(folder))
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Stdout and stderr of a run that ends with exit status `code`.
fn said(lab: &Lab, args: &[&str], code: i32) -> (String, String) {
    let output = lab.run(args).assert().code(code).get_output().clone();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

fn names(lab: &Lab) -> Vec<String> {
    let cases = lab.json(&["cases", "--json"]);
    let cases = cases.as_array().expect("a list").iter().filter(|c| c["case"] != "demo");
    cases.map(|c| c["case"].as_str().expect("a name").to_owned()).collect()
}

fn kinds(lab: &Lab, case: &str) -> Vec<String> {
    let lines = lab.output(&["history", case, "--json"], 0);
    let kind =
        |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["kind"].as_str().expect("a kind").to_owned();
    lines.lines().map(kind).collect()
}

#[test]
fn two_patients_with_an_image_in_common_are_two_cases_and_both_are_told() {
    let lab = Lab::new();
    let all = lay(&lab, "in", &[("P1/a.jpg", 1), ("P1/b.jpg", 2), ("P1/c.jpg", 3)]);
    lay(&lab, "in", &[("P2/a.jpg", 1), ("P2/b.jpg", 2), ("P3/d.jpg", 2)]);
    let (dry, _) = said(&lab, &["import", &all, "--dry-run"], 0);
    assert!(dry.contains("P2: 2 new cells, 0 known, 2 also in P1 (dry run"), "{dry}");
    assert!(!lab.path("cases.db").exists(), "a dry run makes no database");
    let (out, err) = said(&lab, &["import", &all], 0);
    assert!(out.contains("P1: 3 new") && out.contains("P2: 2 new cells, 0 known, 2 also in P1"), "{out}");
    assert!(
        err.contains("new database") && err.contains("2 images are also in the case `P1`, byte for byte: a.jpg, b.jpg"),
        "{err}"
    );
    assert_eq!(names(&lab), ["P1", "P2", "P3"]);
    // Named by itself it is the same folder.
    let (out, _) = said(&lab, &["import", &text(&lab.path("in/P1"))], 0);
    assert!(out.contains("P1: 0 new cells, 3 known, ") && !out.contains("copy"), "{out}");
    // A folder of another name with the very images of a case is taken for neither.
    let (_, err) = said(&lab, &["import", &lay(&lab, "P4", &[("d.jpg", 2)])], 1);
    assert!(err.contains("P4: not imported") && err.contains("is a copy of") && err.contains("--case NAME"), "{err}");
    let (out, _) = said(&lab, &["verify"], 0);
    assert!(out.contains("the cases `P1` and `P2` have 2 images in common, byte for byte: a.jpg, b.jpg"), "{out}");
    let verified = lab.json(&["verify", "--json"]);
    assert_eq!((&verified["ok"], verified["notes"].as_array().map(Vec::len)), (&json!(true), Some(3)));
    let again = lab.json(&["import", &all, "--json", "--dry-run"]);
    assert_eq!(again["cases"][1]["shared"][0], json!({"case": "P1", "images": ["a.jpg", "b.jpg"]}));
    assert_eq!((&again["cases"][1]["added"], &again["cases"][1]["unchanged"]), (&json!(0), &json!(2)));
}

#[test]
fn a_signed_case_stays_where_it_is_when_another_folder_has_its_images() {
    let lab = Lab::new();
    let p1 = lay(&lab, "first/P1", &[("a.jpg", 1), ("b.jpg", 2), ("c.jpg", 3)]);
    lab.run(&["import", &p1]).assert().code(0);
    let accept = "{\"cell\":\"a.jpg\",\"action\":\"reclassify\",\"class\":\"LYT\"}\n";
    lab.run(&["decide", "P1"]).write_stdin(accept).assert().code(0);
    lab.run(&["sign", "P1", "--allow-unreviewed"]).assert().code(0);
    let before = lab.output(&["export", "P1"], 0);
    lay(
        &lab,
        "second",
        &[("P1/a.jpg", 1), ("P1/b.jpg", 2), ("P1/c.jpg", 3), ("P2/a.jpg", 1), ("P2/b.jpg", 2), ("P2/d.jpg", 4)],
    );
    let (out, err) = said(&lab, &["import", &text(&lab.path("second"))], 0);
    assert!(out.contains("a copy of") && err.contains("is a copy of") && out.contains("P2: 3 new cells"), "{out}{err}");
    assert_eq!((names(&lab), lab.output(&["export", "P1"], 0)), (vec!["P1".to_owned(), "P2".to_owned()], before));
    assert_eq!(kinds(&lab, "P1"), ["import", "reclassify", "signed"]);
    // The copy may go: the case has its own folder.
    fs::remove_dir_all(lab.path("second")).expect("removed");
    lab.run(&["explain", "--case", "P1", "-o", &text(&lab.path("maps"))]).assert().code(0);
    // When its own folder moves, it is followed, and that is told.
    fs::rename(lab.path("first"), lab.path("archive")).expect("moved");
    let (out, _) = said(&lab, &["import", &text(&lab.path("archive/P1"))], 0);
    assert!(out.contains("moved from") && out.contains("archive"), "{out}");
    assert_eq!(kinds(&lab, "P1"), ["import", "reclassify", "signed", "moved"]);
    let told = lab.output(&["history", "P1"], 0);
    assert!(told.contains("first/P1 to ") && told.contains("  tester  "), "{told}");
}

#[test]
fn another_patients_folder_goes_into_a_case_only_as_its_second_slide() {
    let lab = Lab::new();
    let (a, b) = (lay(&lab, "Patient_1", &[("a.jpg", 1)]), lay(&lab, "Patient_2", &[("b.jpg", 2), ("c.jpg", 3)]));
    lab.run(&["import", &a]).assert().code(0);
    let (_, err) = said(&lab, &["import", &b, "--case", "Patient_1"], 2);
    for part in [a.as_str(), b.as_str(), "--case NAME", "--add"] {
        assert!(err.contains(part), "{err}");
    }
    assert_eq!(lab.json(&["export", "Patient_1"])["cells"].as_array().map(Vec::len), Some(1));
    let (out, _) = said(&lab, &["import", &b, "--case", "Patient_1", "--add"], 0);
    assert!(out.contains("Patient_1: 2 new cells") && out.contains("further folder"), "{out}");
    assert_eq!(kinds(&lab, "Patient_1"), ["import", "folder-added"]);
    let folders = lab.json(&["case", "folders", "Patient_1", "--json"]);
    assert_eq!(folders["folders"].as_array().map(Vec::len), Some(2));
    lab.run(&["import", &lay(&lab, "Patient_3", &[("d.jpg", 4)]), "--add"]).assert().code(2);
    assert_eq!(names(&lab), ["Patient_1"]);
}

#[test]
fn a_folder_that_is_refused_keeps_no_other_out() {
    let lab = Lab::new();
    let one = lay(&lab, "in", &[("P1/a.jpg", 1), ("P1/b.jpg", 2)]);
    lab.run(&["import", &one]).assert().code(0);
    lay(&lab, "in", &[("P1/a.jpg", 8), ("P1/b.jpg", 9), ("P2/c.jpg", 3)]);
    let before = lab.output(&["export", "P1"], 0);
    let (out, err) = said(&lab, &["import", &one], 1);
    assert!(err.contains("P1: not imported") && err.contains("2 of its 2 files hold other images"), "{err}");
    assert!(out.contains("P2: 1 new cell, "), "{out}");
    assert_eq!((names(&lab).len(), lab.output(&["export", "P1"], 0)), (2, before));
}

#[test]
fn a_folder_called_demo_is_a_case_before_and_after_the_demo_case() {
    for demo_first in [false, true] {
        let lab = Lab::new();
        let folder = lay(&lab, "demo", &[("a.jpg", 1)]);
        if demo_first {
            lab.run(&["history", "demo"]).assert().code(0);
        }
        lab.run(&["import", &folder]).assert().code(0);
        let cases = lab.json(&["cases", "--json"]);
        let of =
            |name: &str| cases.as_array().expect("a list").iter().find(|c| c["case"] == name).expect("there").clone();
        assert_eq!((&of("demo")["phantom"], &of("demo")["cells"]), (&json!(false), &json!(1)));
        assert_eq!(of("demo-drawn")["phantom"], true);
        let (out, _) = said(&lab, &["case", "rename", "demo", "Patient 4"], 0);
        assert!(out.contains("demo: renamed to Patient 4"), "{out}");
        // The demo case may be deleted, and is not drawn again.
        lab.run(&["case", "delete", "demo-drawn"]).assert().code(0);
        assert_eq!(names(&lab), ["Patient 4"]);
        assert!(lab.output(&["history", "demo-drawn"], 0).contains("deleted"));
    }
}

#[test]
fn archived_cases_are_left_out_until_they_are_asked_for() {
    let lab = Lab::new();
    lab.run(&["import", &lay(&lab, "P1", &[("a.jpg", 1)])]).assert().code(0);
    lab.run(&["case", "archive", "P1", "nobody"]).assert().code(2);
    lab.run(&["case", "archive", "P1"]).assert().code(0);
    assert_eq!(names(&lab), [""; 0]);
    assert!(lab.output(&["cases", "--archived"], 0).contains("archived"));
    lab.run(&["export", "P1"]).assert().code(0);
    lab.run(&["case", "unarchive", "P1"]).assert().code(0);
    assert_eq!(names(&lab), ["P1"]);
    let accept = "{\"cell\":\"a.jpg\",\"action\":\"reclassify\",\"class\":\"LYT\"}\n";
    lab.run(&["decide", "P1"]).write_stdin(accept).assert().code(0);
    let (_, err) = said(&lab, &["case", "delete", "P1"], 2);
    assert!(err.contains("decisions"), "{err}");
    assert_eq!(kinds(&lab, "P1"), ["import", "archived", "unarchived", "reclassify"]);
}

#[test]
fn drawn_cells_stay_drawn_wherever_they_lie() {
    for layout in ["flat", "classes", "lmu"] {
        let lab = Lab::new();
        let dir = text(&lab.path("P5"));
        lab.run(&["phantoms", &dir, "--layout", layout, "--per-class", "1"]).assert().code(0);
        let report = lab.json(&["import", &dir, "--json"]);
        assert_eq!((&report["cases"][0]["phantom"], &report["cases"][0]["layout"]), (&json!(true), &json!(layout)));
        assert_eq!(lab.json(&["export", "P5"])["phantom"], true);
    }
    // One of them among a patient's: nothing is imported.
    let lab = Lab::new();
    let dir = lab.phantoms("P5", 1);
    let mixed = lay(&lab, "P6", &[("a.jpg", 1)]);
    fs::copy(dir.join("MYO/MYO_0001.jpg"), lab.path("P6/b.jpg")).expect("copied");
    let (_, err) = said(&lab, &["import", &mixed], 2);
    assert!(err.contains("1 drawn cells"), "{err}");
    // Pictures are read from their files, and their names, which tell the class, are not shown as the demo case's are.
    lab.run(&["import", &text(&dir)]).assert().code(0);
    lab.run(&["explain", "--case", "P5", "-o", &text(&lab.path("maps"))]).assert().code(0);
}

#[test]
fn one_image_under_two_labels_has_none() {
    let lab = Lab::new();
    let dir = lay(
        &lab,
        "P1",
        &[("Myelocyte/x.jpg", 1), ("Metamyelocyte/x.jpg", 1), ("Monocyte/y.jpg", 2), ("Monocyte/z.jpg", 2)],
    );
    let (_, err) = said(&lab, &["import", &dir], 0);
    for part in ["two labels", "Myelocyte/x.jpg as Myelocyte", "Metamyelocyte/x.jpg as Metamyelocyte"] {
        assert!(err.contains(part), "{err}");
    }
    let table = leukoscope::domain::ClassTable::default();
    let store = leukoscope::store::Store::open(&lab.path("cases.db"), &table).expect("opens");
    let labels = store.reference_labels(store.case("P1").expect("there").id).expect("labels");
    let labels: Vec<_> = labels.into_values().map(|(label, _)| label).collect();
    assert_eq!(labels, ["Monocyte"]);
}

#[cfg(unix)]
#[test]
fn files_whose_names_are_paths_of_windows_are_no_case() {
    let lab = Lab::new();
    let dir = lay(&lab, "unzipped", &[("P1\\LYT.jpg", 1), ("P2\\LYT.jpg", 2)]);
    let (_, err) = said(&lab, &["import", &dir], 2);
    assert!(err.matches("folder of Windows in its name").count() == 2, "{err}");
}

#[test]
fn a_database_that_is_named_and_not_there_is_missed() {
    let lab = Lab::new();
    let place = lab.path("no/such/place.db");
    let db = text(&place);
    for args in [&["cases"][..], &["export", "P1"], &["case", "archive", "P1"], &["backup", "x.db"], &["verify"]] {
        let (out, err) = said(&lab, &[&["--db", &db], args].concat(), 2);
        assert!(err.contains(&db) && err.contains("there is no database") && out.is_empty(), "{args:?}: {err}");
        assert!(!place.exists() && !lab.path("no").exists(), "{args:?}");
    }
    let (_, err) = said(&lab, &["--db", &db, "import", &lay(&lab, "P1", &[("a.jpg", 1)])], 0);
    assert!(err.contains(&format!("new database {db}")), "{err}");
    lab.run(&["--db", &db, "cases"]).assert().code(0);
}

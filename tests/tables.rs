//! `export --all`: tables of every signed case, and a file for each.

mod common;

use std::{collections::HashMap, fs};

use common::Lab;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;

/// Three cases, of which the first two are signed.
fn lab() -> Lab {
    let lab = Lab::new();
    for (name, signed) in [("anna", true), ("=bert", true), ("carla", false)] {
        let folder = lab.phantoms(name, 1);
        lab.run(&["import", folder.to_str().expect("UTF-8"), "--case", name]).assert().code(0);
        let export = lab.json(&["export", name]);
        let cells = export["cells"].as_array().expect("cells").iter();
        let line = |c: &Value| format!("{{\"cell\":{},\"action\":\"reclassify\",\"class\":\"MON\"}}\n", c["cell"]);
        lab.run(&["decide", name]).write_stdin(cells.take(12).map(line).collect::<String>()).assert().code(0);
        if signed {
            lab.run(&["sign", name, "--allow-unreviewed"]).assert().code(0);
        }
    }
    lab
}

fn rows(lab: &Lab, file: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(lab.path(file)).expect("a file");
    reader.deserialize().collect::<Result<_, _>>().expect("CSV")
}

fn names(lab: &Lab, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(lab.path(folder)).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn tables_hold_every_signed_case() {
    let lab = lab();
    let to = |folder: &str| lab.path(folder).to_str().expect("UTF-8").to_owned();
    lab.output(&["export", "--all", "--format", "csv", "-o", &to("study")], 0);
    assert_eq!(names(&lab, "study"), ["cases.csv", "cells.csv", "dictionary.csv"]);
    let cases = rows(&lab, "study/cases.csv");
    let of: Vec<_> = cases.iter().map(|c| (c["case"].as_str(), c["status"].as_str(), c["version"].as_str())).collect();
    assert_eq!(of, [("'=bert", "signed", "1"), ("anna", "signed", "1")]);
    assert!(cases.iter().all(|c| (c["wbc"].as_str(), c["MON_percent"].as_str()) == ("12", "100")));
    let cells = rows(&lab, "study/cells.csv");
    let all = lab.json(&["export", "anna"])["cells"].as_array().expect("cells").len();
    assert_eq!(cells.len(), 2 * all);
    assert_eq!(cells.iter().filter(|c| c["decided"] == "MON" && c["by"] == "tester").count(), 24);
    let words = rows(&lab, "study/dictionary.csv");
    for (file, table) in [("cases", &cases), ("cells", &cells)] {
        let described = words.iter().filter(|w| w["file"] == file).map(|w| &w["column"]);
        assert_eq!(described.filter(|c| table[0].contains_key(*c)).count(), table[0].len());
    }

    lab.output(&["export", "--all", "--format", "parquet", "-o", &to("study"), "--with-open"], 0);
    assert_eq!(names(&lab, "study"), ["cases.csv", "cases.parquet", "cells.csv", "cells.parquet", "dictionary.csv"]);
    let count = |file: &str| {
        let file = fs::File::open(lab.path(file)).expect("a file");
        SerializedFileReader::new(file).expect("Parquet").metadata().file_metadata().num_rows()
    };
    // The demo case that a new database holds is open as well, and marked in the column `phantom`.
    let demo = lab.json(&["export", "demo"])["cells"].as_array().expect("cells").len();
    assert_eq!((count("study/cases.parquet"), count("study/cells.parquet")), (4, (3 * all + demo) as i64));
    let once = fs::read(lab.path("study/cells.parquet")).expect("read");
    lab.output(&["export", "--all", "--format", "parquet", "-o", &to("again"), "--with-open"], 0);
    assert!(once == fs::read(lab.path("again/cells.parquet")).expect("read"), "the same record, the same bytes");
    lab.output(&["export", "anna", "--format", "parquet", "-o", &to("anna.parquet")], 0);
    assert_eq!(count("anna.parquet"), all as i64);
}

#[test]
fn other_formats_get_a_file_for_each_case() {
    let lab = lab();
    let to = lab.path("files").to_str().expect("UTF-8").to_owned();
    lab.output(&["export", "--all", "-o", &to], 0);
    assert_eq!(names(&lab, "files"), ["_bert.json", "anna.json"]);
    let text = fs::read_to_string(lab.path("files/anna.json")).expect("read");
    assert_eq!(text, lab.output(&["export", "anna"], 0));
    for (since, wanted) in [("2020-01-01", 2), ("2999-01-01", 0)] {
        let to = lab.path(since).to_str().expect("UTF-8").to_owned();
        lab.output(&["export", "--all", "--format", "text", "-o", &to, "--since", since], 0);
        assert_eq!(names(&lab, since).len(), wanted, "{since}");
    }
}

#[test]
fn wrong_usage_is_named() {
    let lab = Lab::new();
    // A database that was named and is not there would be said first.
    lab.run(&["history", "demo"]).assert().code(0);
    for (args, wanted) in [
        (&["export"][..], "CASE"),
        (&["export", "--all"], "--output"),
        (&["export", "--all", "-o", "x", "--since", "soon"], "--since soon: is no date"),
        (&["export", "anna", "--since", "2026-11-01"], "--all"),
        (&["export", "anna", "--all", "-o", "x"], "cannot be used with"),
    ] {
        let output = lab.run(args).current_dir(lab.dir.path()).assert().code(2).get_output().stderr.clone();
        let said = String::from_utf8(output).expect("UTF-8");
        assert!(said.contains(wanted), "{args:?}: {said}");
    }
    assert!(!lab.path("x").exists(), "nothing was made");
}

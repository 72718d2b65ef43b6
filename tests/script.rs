//! The main job without the interface: import, decide, sign, export, correct.

mod common;

use common::Lab;
use leukoscope::domain::clopper_pearson;
use serde_json::{Value, json};

/// A lab with the case `smear`: two phantoms of each class, labels known.
fn lab() -> (Lab, Vec<(i64, String)>) {
    let lab = Lab::new();
    let folder = lab.phantoms("smear", 2);
    let report = lab.json(&["import", folder.to_str().expect("UTF-8"), "--json"]);
    assert_eq!(report["cases"][0]["layout"], "classes");
    assert_eq!(report["cases"][0]["um_per_px"], 0.1);
    let export = lab.json(&["export", "smear"]);
    let cell = |c: &Value| {
        let path = c["path"].as_str().expect("a path");
        (c["cell"].as_i64().expect("a number"), path.split('/').next().expect("a folder").to_owned())
    };
    let cells = export["cells"].as_array().expect("cells").iter().map(cell).collect();
    (lab, cells)
}

fn decide(lab: &Lab, lines: &[Value], code: i32) -> Vec<Value> {
    let input: String = lines.iter().map(|l| format!("{l}\n")).collect();
    let output = lab.run(&["decide", "smear"]).write_stdin(input).assert().code(code).get_output().stdout.clone();
    String::from_utf8(output).expect("UTF-8").lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

#[test]
fn a_case_is_decided_signed_exported_and_corrected() {
    let (lab, cells) = lab();
    let lines: Vec<_> =
        cells.iter().map(|(id, code)| json!({"cell": id, "action": "reclassify", "class": code})).collect();
    let answers = decide(&lab, &lines, 0);
    assert_eq!(answers.len(), cells.len());
    assert!(answers.iter().all(|a| a["recorded"] == true && a["seq"].is_i64()));

    lab.run(&["sign", "smear"]).assert().code(0);
    let export = lab.json(&["export", "smear"]);
    assert_eq!(
        (&export["schema"], &export["status"], &export["version"]),
        (&json!("leukoscope.case/1"), &json!("signed"), &json!(1))
    );
    assert_eq!(export["reviewer"], "tester");
    let wbc = export["wbc"].as_u64().expect("a number");
    for count in export["counts"].as_array().expect("counts") {
        let made = cells.iter().filter(|(_, code)| count["class"] == code.as_str()).count() as u64;
        assert_eq!(count["count"], made, "{count}");
        if let Some(percent) = count["percent"].as_f64() {
            let ci = clopper_pearson(made, wbc).expect("an interval");
            assert_eq!(percent, 100.0 * made as f64 / wbc as f64);
            assert_eq!(count["ci95"], json!([100.0 * ci.lower, 100.0 * ci.upper]));
        }
    }
    assert_eq!(export["nrbc_per_100_wbc"].as_f64(), Some(200.0 / wbc as f64));

    // A signed case takes no decision, and signing it again says so.
    let refused = decide(&lab, &lines[..1], 1);
    assert!(refused[0]["error"].as_str().expect("a reason").contains("reopen"), "{refused:?}");
    lab.run(&["sign", "smear"]).assert().code(2);

    // A correction is a new version with a reason; the first one stays as it was.
    let first = lab.output(&["export", "smear"], 0);
    lab.run(&["reopen", "smear", "--reason", "cell 1 was misread"]).assert().code(0);
    decide(&lab, &[json!({"cell": cells[0].0, "action": "exclude"})], 0);
    lab.run(&["sign", "smear"]).assert().code(0);
    let second = lab.json(&["export", "smear"]);
    assert_eq!(
        (&second["version"], &second["reason"], &second["excluded"]),
        (&json!(2), &json!("cell 1 was misread"), &json!(1))
    );
    assert_eq!(lab.output(&["export", "smear", "--version", "1"], 0), first);
    lab.run(&["verify"]).assert().code(0);
}

#[test]
fn signing_waits_for_every_cell_unless_told_otherwise() {
    let (lab, cells) = lab();
    decide(&lab, &[json!({"cell": cells[0].0, "action": "reclassify", "class": "UNI"})], 0);
    let error = lab.run(&["sign", "smear"]).assert().code(2).get_output().stderr.clone();
    let error = String::from_utf8(error).expect("UTF-8");
    assert!(error.contains("unreviewed") && error.contains("unidentified"), "{error}");
    assert_eq!(lab.json(&["export", "smear"])["status"], "open");
    // Not a single WBC: signed with a reason alone, which stands on the report.
    lab.run(&["sign", "smear", "--allow-unreviewed"]).assert().code(2);
    assert_eq!(lab.json(&["export", "smear"])["status"], "open");
    lab.run(&["sign", "smear", "--allow-unreviewed", "--no-wbc-reason", "clotted tube"]).assert().code(0);
    assert_eq!(lab.json(&["export", "smear"])["unreviewed"], cells.len() as u64 - 1);
    let text = lab.run(&["export", "smear", "--format", "text"]).assert().code(0).get_output().stdout.clone();
    assert!(String::from_utf8(text).expect("UTF-8").contains("clotted tube"));
}

#[test]
fn undo_goes_back_and_bad_lines_are_named_while_the_rest_goes_on() {
    let (lab, cells) = lab();
    let id = cells[0].0;
    let lines = [
        json!({"cell": id, "action": "reclassify", "class": "MYO"}),
        json!({"cell": id, "action": "reclassify", "class": "XYZ"}),
        json!({"cell": 999_999, "action": "exclude"}),
        json!({"cell": id, "action": "sing"}),
        json!({"cell": id, "action": "exclude"}),
        json!({"cell": id, "action": "undo"}),
        json!({"cell": cells[1].0, "action": "accept"}),
    ];
    let answers = decide(&lab, &lines, 1);
    let recorded: Vec<_> = answers.iter().map(|a| a["recorded"].as_bool().expect("a flag")).collect();
    assert_eq!(recorded, [true, false, false, false, true, true, true]);
    let export = lab.json(&["export", "smear"]);
    assert_eq!((&export["cells"][0]["decided"], &export["excluded"]), (&json!("MYO"), &json!(0)));
    assert_eq!(export["cells"][1]["decided"], export["cells"][1]["predicted"]);
    assert!(
        decide(&lab, &[json!({"cell": id, "action": "undo"}), json!({"cell": id, "action": "undo"})], 1)[1]["error"]
            .is_string()
    );
}

#[test]
fn importing_twice_changes_nothing_and_a_moved_folder_is_found_again() {
    let (lab, cells) = lab();
    decide(&lab, &[json!({"cell": cells[0].0, "action": "exclude"})], 0);
    let before = lab.output(&["export", "smear"], 0);
    lab.run(&["import", lab.path("smear").to_str().expect("UTF-8")]).assert().code(0);
    assert_eq!(lab.output(&["export", "smear"], 0), before);
    std::fs::rename(lab.path("smear"), lab.path("archive")).expect("moved");
    let report = lab.json(&["import", lab.path("archive").to_str().expect("UTF-8"), "--json"]);
    assert_eq!((&report["cases"][0]["case"], &report["cases"][0]["moved"]), (&json!("smear"), &json!(true)));
    assert_eq!(lab.output(&["export", "smear"], 0), before);
}

#[test]
fn names_from_outside_reach_the_terminal_without_control_characters() {
    let (lab, _) = lab();
    let odd = lab.path("odd\x1b[31m\u{9b}name");
    std::fs::rename(lab.path("smear"), &odd).expect("renamed");
    let lab2 = Lab::new();
    let import = lab2.run(&["import", odd.to_str().expect("UTF-8")]).assert().code(0).get_output().clone();
    let cases = lab2.output(&["cases"], 0) + &lab2.output(&["cases", "--json"], 0);
    for text in [String::from_utf8_lossy(&import.stdout), String::from_utf8_lossy(&import.stderr), cases.into()] {
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }
}

/// A container sets no variable that names the user; the account does.
#[cfg(unix)]
#[test]
fn the_account_reviews_where_nothing_else_names_a_reviewer() {
    let account = std::process::Command::new("id").arg("-un").output().expect("id runs");
    if !account.status.success() {
        eprintln!("skipped: the account that runs the tests has no name");
        return;
    }
    let (lab, cells) = lab();
    let mut run = lab.run(&["decide", "smear"]);
    for name in ["LEUKOSCOPE_REVIEWER", "USER", "LOGNAME", "USERNAME"] {
        run.env_remove(name);
    }
    run.write_stdin(format!("{}\n", json!({"cell": cells[0].0, "action": "exclude"}))).assert().code(0);
    let export = lab.json(&["export", "smear"]);
    assert_eq!(export["cells"][0]["by"].as_str(), Some(String::from_utf8_lossy(&account.stdout).trim()));
}

#[test]
fn what_counts_as_a_blast_is_chosen_by_options_told_everywhere_and_refused_with_what_was_meant() {
    let (lab, cells) = lab();
    let text = |args: &[&str], code| lab.output(args, code);
    assert_eq!(
        text(&["blasts", "smear"], 0),
        "smear: blasts (MYO MOB LBL BLU)\noffered: MYO MOB LBL BLU PMO PMB PRM\n"
    );
    let lines: Vec<_> =
        cells.iter().map(|(id, code)| json!({"cell": id, "action": "reclassify", "class": code})).collect();
    decide(&lab, &lines, 0);
    let (of, blasts) = (lab.json(&["export", "smear"])["wbc"].clone(), |json: &Value| json["blasts"]["count"].clone());
    assert_eq!(blasts(&lab.json(&["export", "smear"])), 4);

    let refused = |args: &[&str], said: &str| {
        let output = lab.run(args).assert().code(2).get_output().clone();
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(stderr.contains(said) && stderr.trim().lines().count() == 1, "{stderr}");
        assert_eq!(lab.json(&["export", "smear"])["blast_classes"], json!(["MYO", "MOB", "LBL", "BLU"]));
    };
    refused(&["blasts", "smear", "--set", "MYO,PMX"], "--set: `PMX` is no class code; did you mean PM");
    refused(&["sign", "smear", "--blasts", "MYO,NGS"], "--blasts: NGS (neutrophil, segmented) cannot count as a blast");
    refused(&["blasts", "smear", "--set", ""], "--set: name at least one class");
    let folder = lab.path("smear");
    refused(&["import", folder.to_str().expect("UTF-8"), "--blasts", "promyelocyte"], "did you mean PMO?");

    text(&["blasts", "smear", "--set", "MYO,MOB,PMO"], 0);
    let listed = lab.json(&["cases", "--json"]);
    let smear = listed.as_array().expect("a list").iter().find(|c| c["case"] == "smear").expect("the case");
    assert_eq!(smear["blast_classes"], json!(["MYO", "MOB", "PMO"]));
    assert_eq!(smear["blasts"].as_f64(), Some(600.0 / of.as_f64().expect("a number")));
    assert!(text(&["cases"], 0).contains("blasts and equivalents (MYO MOB PMO)"));
    lab.run(&["sign", "smear", "--allow-unreviewed", "--blasts", "PMO,MYO,MOB,PMB"]).assert().code(0);
    let signed = lab.json(&["export", "smear"]);
    assert_eq!((blasts(&signed), &signed["blast_classes"]), (json!(8), &json!(["MYO", "MOB", "PMO", "PMB"])));
    let title = "blasts and equivalents (MYO MOB PMO PMB)";
    for format in ["csv", "text", "hl7", "fhir", "html"] {
        assert!(text(&["export", "smear", "--format", format], 0).contains(title), "{format}");
    }
    // The signed version keeps its own until it is reopened; each version tells its own.
    lab.run(&["blasts", "smear", "--default"]).assert().code(2);
    lab.run(&["sign", "smear", "--allow-unreviewed", "--reason", "no APL", "--blasts", "MYO,MOB,LBL,BLU"])
        .assert()
        .code(0);
    assert_eq!(lab.json(&["export", "smear"])["amends"]["blasts"], json!([8, 4]));
    assert_eq!(blasts(&lab.json(&["export", "smear", "--version", "1"])), 8);
    let history = text(&["history", "smear"], 0);
    for said in
        ["counted as blasts: MYO MOB PMO\n", "counted as blasts: MYO MOB LBL BLU\n", "8 blasts and equivalents (MYO"]
    {
        assert!(history.contains(said), "{said}\n{history}");
    }
    lab.run(&["verify"]).assert().code(0);
    // A new case can begin with its choice.
    let more = lab.path("more");
    let more = more.to_str().expect("UTF-8");
    lab.run(&["phantoms", more, "--per-class", "1", "--seed", "2"]).assert().code(0);
    lab.run(&["import", more, "--case", "again", "--blasts", "MYO,PRM"]).assert().code(0);
    assert_eq!(lab.json(&["blasts", "again", "--json"])["blast_classes"], json!(["MYO", "PRM"]));
}

/// The number of a cell, and its id in the database, of every cell of `smear` by its path.
fn numbers(lab: &Lab) -> Vec<(String, i64, i64)> {
    let export = lab.json(&["export", "smear"]);
    let of = |c: &Value| {
        (
            c["path"].as_str().expect("a path").to_owned(),
            c["cell"].as_i64().expect("a number"),
            c["id"].as_i64().expect("an id"),
        )
    };
    export["cells"].as_array().expect("cells").iter().map(of).collect()
}

#[test]
fn a_cell_has_one_number_in_every_command_and_format_whatever_else_the_database_holds() {
    let lab = Lab::new();
    let other = lab.path("other");
    let other = other.to_str().expect("UTF-8");
    lab.run(&["phantoms", other, "--per-class", "1", "--seed", "977"]).assert().code(0);
    lab.run(&["import", other]).assert().code(0);
    let folder = lab.phantoms("smear", 2);
    lab.run(&["import", folder.to_str().expect("UTF-8")]).assert().code(0);
    let cells = numbers(&lab);
    assert!(cells.iter().map(|c| c.1).eq(1..=cells.len() as i64), "from 1 in each case: {cells:?}");
    let (path, number, id) = &cells[2];
    assert_ne!(number, id, "ids go on from the cells of the other case");

    // Named by number, by id or by path it is the same cell, and the answer says its number.
    let lines = [
        json!({"cell": number, "action": "exclude"}),
        json!({"cell_id": id, "action": "reclassify", "class": "MYO"}),
        json!({"cell": path, "action": "exclude"}),
    ];
    let answers = decide(&lab, &lines, 0);
    assert!(answers.iter().all(|a| a["cell"] == *number && a["recorded"] == true), "{answers:?}");
    assert_eq!((&answers[0]["cell_id"], &answers[1]["cell_id"]), (&Value::Null, &json!(id)));
    let decided: Vec<i64> = lab.json(&["export", "smear"])["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .filter(|c| !c["decided"].is_null())
        .map(|c| c["cell"].as_i64().expect("a number"))
        .collect();
    assert_eq!(decided, [*number]);

    // An id is no number, and a number no id; both at once, or neither, is no name.
    let last = cells.last().expect("cells");
    let wrong = [
        json!({"cell": last.2, "action": "exclude"}),
        json!({"cell": 0, "action": "exclude"}),
        json!({"cell_id": 1, "action": "exclude"}),
        json!({"cell": number, "cell_id": id, "action": "exclude"}),
        json!({"action": "exclude"}),
    ];
    let refused = decide(&lab, &wrong, 1);
    assert!(refused.iter().all(|a| a["recorded"] == false), "{refused:?}");
    let said = refused[0]["error"].as_str().expect("a reason");
    assert!(said.contains(&format!("numbered 1 to {}", cells.len())), "{said}");

    // What is read back names it the same.
    let history = lab.output(&["history", "smear"], 0);
    assert!(history.contains(&format!("cell {number}: MYO")), "{history}");
    for line in lab.output(&["history", "smear", "--json"], 0).lines().skip(1) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(line["cell"], *number, "{line}");
    }
    let tables = lab.path("tables");
    lab.run(&["export", "--all", "--with-open", "--format", "csv", "-o", tables.to_str().expect("UTF-8")])
        .assert()
        .code(0);
    let mut table = csv::Reader::from_path(tables.join("cells.csv")).expect("a table");
    let head = table.headers().expect("a header").clone();
    let at = |name: &str| head.iter().position(|h| h == name).expect("a column");
    let (case, cell, cell_id, of_path) = (at("case"), at("cell"), at("cell_id"), at("path"));
    let rows: Vec<_> = table.records().map(|r| r.expect("a row")).filter(|r| &r[case] == "smear").collect();
    let read = |r: &csv::StringRecord| {
        (r[of_path].to_owned(), r[cell].parse().expect("a number"), r[cell_id].parse().expect("an id"))
    };
    assert_eq!(rows.iter().map(read).collect::<Vec<(String, i64, i64)>>(), cells);
}

#[test]
fn cells_that_come_later_go_on_counting_and_no_number_moves() {
    let (lab, _) = lab();
    let before = numbers(&lab);
    let more = lab.path("more");
    let run = ["phantoms", more.to_str().expect("UTF-8"), "--per-class", "1", "--seed", "977"];
    lab.run(&run).assert().code(0);
    let image =
        std::fs::read_dir(more.join("MYO")).expect("a folder").next().expect("an image").expect("readable").path();
    // A name before all others, in a class before all others.
    std::fs::create_dir_all(lab.path("smear/ART")).expect("made");
    std::fs::copy(image, lab.path("smear/ART/000.jpg")).expect("copied");
    lab.run(&["import", lab.path("smear").to_str().expect("UTF-8")]).assert().code(0);
    let after = numbers(&lab);
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!((after.len(), after[before.len()].1), (before.len() + 1, before.len() as i64 + 1));
}

/// Times of the record are told on the reader's clock wherever people read, and in UTC in files for machines.
#[test]
fn people_read_local_time_with_its_zone_and_machines_utc() {
    let (lab, cells) = lab();
    let lines: Vec<_> =
        cells.iter().map(|(id, code)| json!({"cell": id, "action": "reclassify", "class": code})).collect();
    decide(&lab, &lines, 0);
    lab.run(&["sign", "smear"]).assert().code(0);
    let in_zone = |zone: &str, args: &[&str]| {
        let out = lab.run(args).env("TZ", zone).assert().code(0).get_output().stdout.clone();
        String::from_utf8(out).expect("UTF-8")
    };
    // 5:45 ahead of UTC, the whole year.
    let (utc, nepal) = ("UTC0", "NPT-5:45");
    let history = in_zone(nepal, &["history", "smear"]);
    assert!(history.lines().all(|l| l.get(20..23) == Some("NPT")), "{history}");
    let json = in_zone(nepal, &["history", "smear", "--json"]);
    let last: Value = serde_json::from_str(json.lines().last().expect("a line")).expect("JSON");
    let signed: jiff::Timestamp = last["at"].as_str().expect("a time").parse().expect("RFC 3339");
    assert!(last["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    let minute = |z: i64| (signed + jiff::SignedDuration::from_mins(z)).strftime("%Y-%m-%d %H:%M").to_string();
    for (zone, ahead, name) in [(nepal, 345, "NPT"), (utc, 0, "UTC")] {
        let told = format!("{} {name}", minute(ahead));
        for format in ["text", "html"] {
            let page = in_zone(zone, &["export", "smear", "--format", format]);
            assert!(page.contains(&told), "{told}: {page}");
        }
    }
    for format in ["json", "csv", "fhir", "hl7"] {
        assert_eq!(
            in_zone(nepal, &["export", "smear", "--format", format]),
            in_zone(utc, &["export", "smear", "--format", format])
        );
    }
}

#[test]
fn usage_asks_for_what_was_not_typed_and_not_for_what_the_environment_says() {
    let lab = Lab::new();
    for command in ["export", "sign", "decide"] {
        let said = lab.run(&[command]).assert().code(2).get_output().stderr.clone();
        let said = String::from_utf8(said).expect("UTF-8");
        let usage = said.lines().find(|l| l.starts_with("Usage:")).expect("a usage line");
        assert!(!usage.contains("--db") && !usage.contains("--reviewer") && usage.contains("CASE"), "{usage}");
    }
}

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
    lab.run(&["sign", "smear", "--allow-unreviewed"]).assert().code(0);
    assert_eq!(lab.json(&["export", "smear"])["unreviewed"], cells.len() as u64 - 1);
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

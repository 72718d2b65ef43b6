//! The reference library from the command line: of signed cells, of labelled images, interrupted, of another network; and
//! what is found in it.

mod common;

use std::{path::Path, process::Stdio, time::Duration};

use common::Lab;
use serde_json::Value;

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn error(lab: &Lab, args: &[&str], code: i32) -> String {
    let output = lab.run(args).assert().code(code).get_output().stderr.clone();
    String::from_utf8(output).expect("UTF-8")
}

/// Decides and signs the case: each cell's class is its folder.
fn sign(lab: &Lab, case: &str, but: usize) {
    let export = lab.json(&["export", case]);
    let cells = export["cells"].as_array().expect("cells");
    let line = |cell: &Value| {
        let class = cell["path"].as_str().and_then(|p| p.split('/').next()).expect("a folder").to_owned();
        serde_json::json!({"cell": cell["cell"], "action": "reclassify", "class": class}).to_string() + "\n"
    };
    let decisions: String = cells.iter().skip(but).map(line).collect();
    lab.run(&["decide", case]).write_stdin(decisions).assert().code(0);
    lab.run(&["sign", case, "--allow-unreviewed"]).assert().code(0);
}

#[test]
fn signed_cells_become_a_library_once_and_follow_their_signature() {
    let lab = Lab::new();
    for (name, seed) in [("smear", "5"), ("other", "900")] {
        let dir = lab.path(name);
        lab.run(&["phantoms", text(&dir), "--per-class", "2", "--seed", seed]).assert().code(0);
        lab.run(&["import", text(&dir)]).assert().code(0);
    }
    let why = error(&lab, &["library", "build"], 2);
    assert!(why.contains("no signed cells") && why.contains("library add DATA"), "{why}");
    sign(&lab, "smear", 2);
    let said = lab.output(&["library", "build"], 0);
    assert!(said.starts_with("40 cells added, 0 changed, 0 there already, 0 refused"), "{said}");
    let said = lab.output(&["library", "build"], 0);
    assert!(said.starts_with("0 cells added, 0 changed, 40 there already, 0 refused"), "{said}");
    // A cell of another case finds them, and one of the same case none.
    let export = lab.json(&["export", "other"]);
    let cells = export["cells"].as_array().expect("cells");
    let (mut right, mut asked) = (0, 0);
    for code in ["NGS", "EOS", "LYT", "KSC", "EBO"] {
        let of = |c: &&Value| c["path"].as_str().is_some_and(|p| p.starts_with(code));
        let id = cells.iter().find(of).expect("one of each class")["cell"].to_string();
        let found = lab.json(&["alike", "other", &id, "--top", "3", "--json"]);
        let alike = found["alike"].as_array().expect("a list");
        assert_eq!((found["library"].as_u64(), found["left_out"].as_u64(), alike.len()), (Some(40), Some(0), 3));
        assert!(alike.iter().all(|a| a["source"] == "signed" && a["set"] == "smear"), "{found}");
        let likeness: Vec<_> = alike.iter().map(|a| a["similarity"].as_f64().expect("a number")).collect();
        assert!(likeness.is_sorted_by(|a, b| a >= b) && likeness[0] > 0.5 && likeness[0] <= 1.0, "{likeness:?}");
        right += usize::from(alike[0]["class"] == code);
        asked += 1;
    }
    assert!(right >= asked - 1, "{right} of {asked} drawn cells have one of their class nearest");
    let own = lab.json(&["export", "smear"])["cells"][5]["cell"].to_string();
    let why = error(&lab, &["alike", "smear", &own], 2);
    assert!(why.contains("no cell of another patient"), "{why}");
    let why = error(&lab, &["alike", "smear", "99999"], 2);
    assert!(why.contains("no cell 99999") && why.contains("leukoscope export smear"), "{why}");
    // A correction changes the class, and what is no longer signed goes.
    lab.run(&["reopen", "smear", "--reason", "test"]).assert().code(0);
    let decisions = format!("{{\"cell\":{own},\"action\":\"exclude\"}}\n");
    lab.run(&["decide", "smear"]).write_stdin(decisions).assert().code(0);
    lab.run(&["sign", "smear", "--allow-unreviewed"]).assert().code(0);
    // A file that has changed since is named, and what was taken in before stays.
    let changed = lab.path("smear/NGS/NGS_0002.jpg");
    std::fs::copy(lab.path("other/NGS/NGS_0001.jpg"), changed).expect("copied");
    let said = lab.output(&["library", "build"], 1);
    assert!(said.starts_with("0 cells added, 0 changed, 38 there already, 1 refused; the library has 39"), "{said}");
    lab.run(&["verify"]).assert().code(0);
    assert!(lab.output(&["library", "clear"], 0).starts_with("39 cells taken out"));
    assert_eq!(lab.json(&["library", "info", "--json"])["cells"], 0);
}

#[test]
fn labelled_images_are_added_judged_and_a_killed_run_goes_on() {
    let lab = Lab::new();
    let dir = lab.path("set");
    lab.run(&["phantoms", text(&dir), "--per-class", "8"]).assert().code(0);
    std::fs::write(dir.join("NGS/broken.jpg"), "no picture").expect("written");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("leukoscope"))
        .args(["library", "add", text(&dir)])
        .env("LEUKOSCOPE_DB", lab.path("cases.db"))
        .env("HOME", lab.dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let cells = || lab.json(&["library", "info", "--json"])["cells"].as_u64().expect("a number");
    while cells() == 0 && child.try_wait().expect("a state").is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let kept = cells();
    assert!(kept >= 64, "a batch is kept before the next one");
    let said = lab.output(&["library", "add", text(&dir)], 1);
    let wanted = format!("{} cells added, 0 changed, {kept} there already, 1 refused; the library has 168", 168 - kept);
    assert!(said.starts_with(&wanted), "{said}");
    let info = lab.json(&["library", "info", "--json"]);
    assert_eq!((info["seen"].as_u64(), info["sets"][0]["source"].as_str()), (Some(168), Some("labelled")));
    assert!(info["classes"].as_array().expect("a list").iter().all(|c| c["cells"] == 8), "{info}");
    let check = lab.json(&["library", "check", "--top", "5", "--json"]);
    assert_eq!((check["asked"].as_u64(), check["without_patient"].as_u64()), (Some(168), Some(168)));
    let share = |what: &str| check[what].as_f64().expect("a share");
    assert!(share("nearest") > 0.5 && share("majority") > 0.5, "{check}");
    assert!(lab.output(&["library", "check"], 0).contains("most of them"));
    lab.run(&["verify"]).assert().code(0);
}

#[test]
fn a_library_of_another_network_is_refused_until_it_is_built_again() {
    let lab = Lab::new();
    let dir = lab.path("set");
    lab.run(&["phantoms", text(&dir), "--per-class", "1"]).assert().code(0);
    lab.run(&["library", "add", text(&dir)]).assert().code(0);
    // The same weights under another name are another file, and so another network.
    let model = lab.path("other.safetensors");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/default.safetensors");
    let mut bytes = std::fs::read(shipped).expect("the network that comes with the program");
    let at = bytes.windows(16).position(|w| w == b"leukoscope light").expect("its name");
    bytes[at..at + 16].copy_from_slice(b"leukoscope night");
    std::fs::write(&model, bytes).expect("written");
    let id = lab.json(&["export", "demo"])["cells"][0]["cell"].to_string();
    let why = error(&lab, &["alike", "demo", &id, "--model", text(&model)], 2);
    assert!(why.contains("the library was made with network") && why.contains("leukoscope library build"), "{why}");
    let said = lab.output(&["library", "build", "--model", text(&model)], 0);
    assert!(said.contains("21 there already, 0 refused; the library has 21"), "{said}");
    let found = lab.json(&["alike", "demo", &id, "--model", text(&model), "--json"]);
    assert_eq!(found["library"], 21);
    assert!(
        lab.output(&["alike", "demo", &id], 0).contains("labelled in"),
        "and the first network still finds its own"
    );
}

//! Exit statuses and sentences for wrong usage: nothing changes, and the message names the place and the remedy.

mod common;

use common::Lab;

fn error(lab: &Lab, args: &[&str], code: i32) -> String {
    let output = lab.run(args).assert().code(code).get_output().stderr.clone();
    String::from_utf8(output).expect("UTF-8")
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_to_do() {
    let lab = Lab::new();
    std::fs::write(lab.path("notes.txt"), "not a database, and long enough to be looked at as one").expect("written");
    let notes = lab.path("notes.txt");
    let notes = notes.to_str().expect("UTF-8");
    for (args, says) in [
        (vec!["export", "nobody"], "nobody"),
        (vec!["import", "/nonexistent/folder"], "/nonexistent/folder"),
        (vec!["--db", notes, "cases"], "notes.txt"),
        (vec!["--classes", notes, "cases"], "notes.txt"),
        (vec!["--flags", notes, "cases"], "notes.txt:1:"),
        (vec!["--ranges", notes, "cases"], "notes.txt:1:"),
        (vec!["--laboratory", notes, "cases"], "notes.txt:1:"),
        (vec!["export", "demo", "--field", "slyde=1"], "did you mean `slide`?"),
        (vec!["export", "demo", "--patient", " "], "--patient"),
        (vec!["send", "demo"], "[mllp]"),
        (vec!["send", "demo", "--to", "lis:2575"], "not signed"),
        (vec!["classify", "--model", notes, notes], "notes.txt"),
        (vec!["classify", "--device", "abacus", notes], "abacus"),
        (vec!["classify", "--precision", "f64", notes], "f64"),
        (vec!["classify", "--device", "cpu", "--precision", "bf16", notes], "bf16 is for GPUs"),
        (vec!["import", "--um-per-px", "-1", "."], "um-per-px"),
        (vec!["keys", "check", "--keymap", "/nonexistent.toml"], "/nonexistent.toml"),
        (vec!["frobnicate"], "frobnicate"),
        (vec!["review", "demo"], "terminal"),
    ] {
        let text = error(&lab, &args, 2);
        assert!(text.contains(says), "{args:?}: {text}");
        assert!(!text.contains("panicked"), "{args:?}: {text}");
    }
    assert_eq!(std::fs::read_to_string(notes).expect("read"), "not a database, and long enough to be looked at as one");
}

#[test]
fn a_database_copy_is_private_complete_and_never_overwrites() {
    let lab = Lab::new();
    lab.run(&["history", "demo"]).assert().code(0);
    let copy = lab.path("copy.db");
    lab.run(&["backup", copy.to_str().expect("UTF-8")]).assert().code(0);
    lab.run(&["backup", copy.to_str().expect("UTF-8")]).assert().code(2);
    let of_copy = lab.output(&["--db", copy.to_str().expect("UTF-8"), "cases", "--json"], 0);
    assert_eq!(of_copy, lab.output(&["cases", "--json"], 0));
    #[cfg(unix)]
    for file in ["cases.db", "copy.db"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(lab.path(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn doctor_tells_what_a_bug_report_needs() {
    let lab = Lab::new();
    let doctor = lab.json(&["doctor", "--json"]);
    for key in ["version", "terminal", "device", "database", "model"] {
        assert!(!doctor[key].is_null(), "{key}: {doctor}");
    }
    assert!(lab.output(&["doctor"], 0).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn classify_answers_in_order_and_names_what_it_cannot_read() {
    let lab = Lab::new();
    let folder = lab.phantoms("cells", 1);
    let broken = lab.path("broken.jpg");
    std::fs::write(&broken, b"text").expect("written");
    let args = ["classify", broken.to_str().expect("UTF-8"), folder.to_str().expect("UTF-8")];
    let text = lab.output(&args, 1);
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines[0]["status"], "error");
    let paths: Vec<_> = lines[1..].iter().map(|l| l["path"].as_str().expect("a path")).collect();
    assert!(paths.len() > 15 && paths.is_sorted());
    let (mut known, mut told, mut strange, mut flagged) = (0, 0, 0, 0);
    for line in &lines[1..] {
        assert_eq!(line["status"], "ok");
        let top = line["top"].as_array().expect("a ranking");
        assert_eq!(top.len(), 5);
        assert!(top.windows(2).all(|w| w[0]["p"].as_f64() >= w[1]["p"].as_f64()));
        assert!(line["unlike"].as_f64().is_some_and(|u| (0.0..=1.0).contains(&u)));
        assert!(line["sha256"].as_str().is_some_and(|s| s.len() == 64));
        // The folder of a drawn cell is its class. The network was trained on 13 of them.
        let drawn = line["path"].as_str().and_then(|p| p.rsplit('/').nth(1)).expect("a folder");
        let trained = ["BAS", "EBO", "EOS", "KSC", "LYA", "LYT", "MMZ", "MON", "MYB", "MYO", "NGB", "NGS", "PMO"];
        if trained.contains(&drawn) {
            known += 1;
            told += usize::from(top[0]["class"] == drawn && line["flagged"] == false);
        } else {
            strange += 1;
            flagged += usize::from(line["flagged"] == true);
        }
    }
    assert!(known == 13 && told >= 10, "{told} of {known} drawings of classes that it knows are named and not flagged");
    assert!(strange >= 7 && 4 * flagged >= 3 * strange, "{flagged} of {strange} drawings of other classes are flagged");
    let csv = lab.output(&["classify", "--format", "csv", "--top", "2", folder.to_str().expect("UTF-8")], 0);
    assert_eq!(csv.lines().count(), lines.len());
}

#[test]
fn what_goes_for_many_cases_of_an_import_is_said_once_and_skipped_folders_with_v() {
    let lab = Lab::new();
    for n in 1..=6_u8 {
        let folder = lab.path(&format!("ward/P{n}"));
        std::fs::create_dir_all(folder.join("@eaDir")).expect("made");
        let cell = image::RgbImage::from_fn(120, 120, |x, y| image::Rgb([n * 20, x as u8, y as u8]));
        cell.save(folder.join("cell.png")).expect("written");
        cell.save(folder.join("@eaDir/SYNOFILE_THUMB_M.png")).expect("written");
    }
    let ward = lab.path("ward");
    let says = error(&lab, &["-v", "import", ward.to_str().expect("UTF-8")], 0);
    let lines: Vec<_> = says.lines().filter(|l| l.contains("of no known scanner")).collect();
    assert!(lines.len() == 1 && lines[0].contains("6 cases (P1, P2, P3 and 3 more): frames of 120 x 120 px"), "{says}");
    assert_eq!(says.lines().filter(|l| l.contains("@eaDir: a folder of thumbnails")).count(), 6, "{says}");
}

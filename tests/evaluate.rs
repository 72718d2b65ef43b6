//! `evaluate` on drawn cells: against figures counted here from what `classify` says, and what it refuses.

mod common;

use std::{collections::BTreeMap, fs, path::PathBuf};

use common::Lab;
use serde_json::Value;

/// Phantoms of every class, what `classify` says of them, and a manifest with patients, parts and a row without a label.
struct Set {
    lab: Lab,
    manifest: String,
    predictions: String,
    /// Label, patient and prediction of each labelled image.
    lines: Vec<(String, String, Value)>,
}

impl Set {
    fn new() -> Self {
        let lab = Lab::new();
        let folder = lab.phantoms("cells", 2);
        let folder = folder.to_str().expect("UTF-8");
        let text = lab.output(&["classify", "--top", "15", folder], 0);
        let (manifest, predictions) = (lab.path("cells.csv"), lab.path("predictions.jsonl"));
        fs::write(&predictions, &text).expect("written");
        let mut rows = String::from("path,patient,class,split\n");
        let mut lines = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let path = PathBuf::from(line["path"].as_str().expect("a path"));
            let label =
                path.parent().and_then(|p| p.file_name()).expect("a folder").to_str().expect("UTF-8").to_owned();
            let patient = format!("p{}", i % 4);
            let name = path.strip_prefix(lab.dir.path()).expect("below").to_str().expect("UTF-8").to_owned();
            // Every tenth row has no label.
            let class = if i % 10 == 9 { "" } else { &label };
            rows += &format!("{name},{patient},{class},{}\n", ["val", "test"][i % 2]);
            if !class.is_empty() {
                lines.push((label, patient, line));
            }
        }
        fs::write(&manifest, rows).expect("written");
        let text = |p: PathBuf| p.to_str().expect("UTF-8").to_owned();
        Self { manifest: text(manifest), predictions: text(predictions), lab, lines }
    }

    /// Those whose class is an output of the network.
    fn known(&self) -> Vec<&(String, String, Value)> {
        let outputs: Vec<_> = self.lines[0].2["top"].as_array().expect("classes").iter().map(|t| &t["class"]).collect();
        self.lines.iter().filter(|l| outputs.iter().any(|o| *o == &l.0)).collect()
    }
}

fn said(line: &Value) -> &str {
    line["top"][0]["class"].as_str().expect("a class")
}

fn close(is: &Value, should: f64, what: &str) {
    assert!((is.as_f64().expect(what) - should).abs() < 1e-12, "{what}: {is}, not {should}");
}

/// The same, numbers within 1e-5.
fn near(is: &Value, should: &Value, at: &str) {
    match (is, should) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            b.iter().for_each(|(key, v)| near(&a[key], v, &format!("{at}.{key}")));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter().zip(b).for_each(|(a, b)| near(a, b, at));
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() => {
            let difference = a.as_f64().expect(at) - b.as_f64().expect(at);
            assert!(difference.abs() < 1e-5, "{at}: {a}, not {b}");
        }
        (a, b) => assert_eq!(a, b, "{at}"),
    }
}

#[test]
fn figures_are_those_counted_from_the_predictions() {
    let set = Set::new();
    let json = set.lab.json(&["evaluate", &set.manifest, "--json", "--resamples", "200"]);
    let known = set.known();
    let right = known.iter().filter(|l| said(&l.2) == l.0).count();
    assert_eq!(json["schema"], "leukoscope.evaluation/1");
    assert_eq!(json["n"], known.len());
    assert_eq!(json["outside"], set.lines.len() - known.len());
    assert!(json["outside"].as_u64() > Some(0), "phantoms have classes that no network names");
    assert_eq!((&json["patients"], &json["unlabelled"]), (&4.into(), &4.into()));
    close(&json["accuracy"], right as f64 / known.len() as f64, "accuracy");
    let mut sensitivities = Vec::new();
    let classes = json["classes"].as_array().expect("classes");
    assert_eq!(classes.len(), 15);
    for (i, class) in classes.iter().enumerate() {
        let code = class["class"].as_str().expect("a code");
        let of = known.iter().filter(|l| l.0 == code).count();
        let called = known.iter().filter(|l| said(&l.2) == code).count();
        let both = known.iter().filter(|l| l.0 == code && said(&l.2) == code).count();
        assert_eq!(class["n"], of, "{code}");
        assert_eq!(json["confusion"][i][i], both, "{code}");
        let row: u64 = json["confusion"][i].as_array().expect("a row").iter().filter_map(Value::as_u64).sum();
        assert_eq!(row, of as u64, "{code}");
        close(&class["sensitivity"], both as f64 / of as f64, code);
        sensitivities.push(both as f64 / of as f64);
        if called > 0 {
            close(&class["precision"], both as f64 / called as f64, code);
        } else {
            assert!(class["precision"].is_null(), "{code}");
        }
        close(&class["f1"], 2.0 * both as f64 / (of + called) as f64, code);
    }
    close(&json["balanced_accuracy"], sensitivities.iter().sum::<f64>() / 15.0, "balanced accuracy");
    // The area by its definition: every blast with every other cell.
    let score = |l: &Value| l["blast"].as_f64().expect("a number");
    let (blasts, others): (Vec<&&(String, String, Value)>, Vec<_>) =
        known.iter().partition(|l| ["MYO", "MOB"].contains(&l.0.as_str()));
    let wins = |b: f64| others.iter().filter(|o| score(&o.2) < b).count() as f64;
    let area = blasts.iter().map(|b| wins(score(&b.2))).sum::<f64>() / (blasts.len() * others.len()) as f64;
    let found = &json["binary"]["blast"];
    assert_eq!(found["positives"], blasts.len());
    assert!((found["auc"].as_f64().expect("defined") - area).abs() < 0.5 / (blasts.len() * others.len()) as f64);
    let ci = found["auc_ci95"].as_array().expect("an interval");
    assert!(ci[0].as_f64() <= found["auc"].as_f64() && found["auc"].as_f64() <= ci[1].as_f64());
    assert_eq!(json["model"], set.lines[0].2["model"]);
    assert!(json["flagged_right"].as_f64().is_some_and(|f| (0.0..=1.0).contains(&f)));
    assert!(json["ece"].as_f64().is_some_and(|e| (0.0..1.0).contains(&e)));
}

#[test]
fn recorded_predictions_give_the_same_figures_as_the_network() {
    let set = Set::new();
    let own = set.lab.json(&["evaluate", &set.manifest, "--json", "--resamples", "200", "--merge", "NGS+NGB"]);
    let args = ["evaluate", &set.manifest, "--json", "--resamples", "200", "--merge", "NGS+NGB", "--predictions"];
    let recorded = set.lab.json(&[&args[..], &[&set.predictions]].concat());
    assert_eq!(own["merged"]["classes"][0]["class"], "NGS+NGB");
    // A network's last bits depend on which images are computed together.
    near(&recorded, &own, "");
    // The same in two files are two folds, whose mean is weighted by files, not by cells.
    let text = fs::read_to_string(&set.predictions).expect("read");
    let (first, second): (Vec<_>, Vec<_>) = text.lines().enumerate().partition(|(i, _)| i % 3 == 0);
    let write = |name: &str, lines: Vec<(usize, &str)>| {
        let path = set.lab.path(name);
        fs::write(&path, lines.into_iter().map(|(_, l)| format!("{l}\n")).collect::<String>()).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (first, second) = (write("1.jsonl", first), write("2.jsonl", second));
    let folds = set.lab.json(&[&args[..], &[&first, "--predictions", &second]].concat());
    assert_eq!((&folds["accuracy"], &folds["folds"]), (&own["accuracy"], &2.into()));
    let mut of_fold: BTreeMap<bool, (f64, f64)> = BTreeMap::new();
    for line in set.known() {
        let path = line.2["path"].as_str().expect("a path");
        let at = text.lines().position(|l| l.contains(path)).expect("a line");
        let counts = of_fold.entry(at % 3 == 0).or_default();
        *counts = (counts.0 + f64::from(u8::from(said(&line.2) == line.0)), counts.1 + 1.0);
    }
    let shares: Vec<f64> = of_fold.values().map(|(right, n)| right / n).collect();
    close(&folds["accuracy_folds"]["mean"], (shares[0] + shares[1]) / 2.0, "mean");
    close(&folds["accuracy_folds"]["sd"], (shares[0] - shares[1]).abs() / 2.0_f64.sqrt(), "sd");
    let table = set.lab.output(&["evaluate", &set.manifest, "--predictions", &first, "--predictions", &second], 0);
    assert!(table.lines().any(|l| l.starts_with("accuracy") && l.contains("+-")), "{table}");
    // A cell in both folds is in none.
    let both = [&args[..], &[&set.predictions, "--predictions", &second]].concat();
    let both: Value = serde_json::from_str(&set.lab.output(&both, 1)).expect("JSON");
    assert!(both["n"].as_u64() < own["n"].as_u64() && both["folds"] == 1);
}

/// The network that ships, with a record of what it was trained on.
fn with_record(set: &Set, record: Value) -> String {
    let bytes = include_bytes!("../data/default.safetensors");
    let (_, header) = safetensors::SafeTensors::read_metadata(bytes).expect("safetensors");
    let all = safetensors::SafeTensors::deserialize(bytes).expect("safetensors");
    let text = header.metadata().as_ref().and_then(|m| m.get("leukoscope")).expect("metadata");
    let mut metadata: Value = serde_json::from_str(text).expect("JSON");
    metadata["training"] = record;
    let metadata = std::collections::HashMap::from([("leukoscope".to_owned(), metadata.to_string())]);
    let path = set.lab.path("recorded.safetensors");
    fs::write(&path, safetensors::serialize(all.tensors(), Some(metadata)).expect("a file")).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn figures_stand_against_the_number_of_training_images_where_the_network_records_it() {
    let set = Set::new();
    let images = serde_json::json!({"NGS": 1700, "LYT": 2741, "BAS": 44, "MYO": 2424});
    let model = with_record(&set, serde_json::json!({"epochs": 12, "images_per_class": images}));
    let dir = set.lab.path("report");
    let args = ["evaluate", &set.manifest, "--model", &model, "--resamples", "100", "--json", "--report"];
    let done = set.lab.run(&[&args[..], &[dir.to_str().expect("UTF-8")]].concat()).assert().code(0);
    let json: Value = serde_json::from_slice(&done.get_output().stdout).expect("JSON");
    let of = |code: &str| {
        let classes = json["classes"].as_array().expect("classes");
        classes.iter().find(|c| c["class"] == code).expect("a class")["training_images"].clone()
    };
    assert_eq!((of("NGS"), of("BAS"), of("MOB"), of("EOS")), (1700.into(), 44.into(), 0.into(), Value::Null));
    let page = fs::read_to_string(dir.join("report.html")).expect("read");
    let row = |code: &str| page.lines().find(|l| l.contains(&format!("<td>{code} ")) && l.matches("<td>").count() == 5);
    assert!(page.contains("<th>training images</th>") && row("LYT").is_some(), "a table with them");
    let svg = fs::read_to_string(dir.join("training-images.svg")).expect("an SVG");
    for shown in ["LYT", "NGS", "MYO", "BAS", "MOB", "training images", "1000"] {
        assert!(svg.contains(shown), "{shown} is in the figure");
    }
    assert!(!svg.contains("EOS"), "of a class that the record leaves out nothing is known");
    assert!(image::open(dir.join("training-images.png")).expect("a PNG").width() > 1000);
    let table = set.lab.output(&["evaluate", &set.manifest, "--model", &model, "--resamples", "100"], 0);
    let rows: Vec<_> = table.split("AGAINST THE NUMBER OF TRAINING IMAGES").nth(1).expect("a table").lines().collect();
    let codes: Vec<_> = rows[2..].iter().take(5).map(|l| &l[..3]).collect();
    assert_eq!(codes, ["LYT", "MYO", "NGS", "BAS", "MOB"], "the most frequent one first");
    assert!(rows[2].contains("2741") && rows[2].contains("0."), "{}", rows[2]);
    // `model info` says the same in words.
    let info = set.lab.output(&["model", "info", "--model", &model], 0);
    for line in
        ["epochs  12", "  NGS neutrophil, segmented            1700", "  MOB monoblast                           0"]
    {
        assert!(info.lines().any(|l| l == line), "{line:?} is not in\n{info}");
    }
    let json = set.lab.json(&["model", "info", "--model", &model, "--json"]);
    assert_eq!(json["training"]["images_per_class"], images);
}

#[test]
fn parts_and_other_layouts_are_read_and_bad_rows_named() {
    let set = Set::new();
    let part = set.lab.json(&["evaluate", &set.manifest, "--split", "test", "--json", "--resamples", "100"]);
    assert!(part["n"].as_u64() < Some(set.known().len() as u64) && part["split"] == "test");
    let lmu = set.lab.path("lmu");
    let lmu = lmu.to_str().expect("UTF-8");
    set.lab.run(&["phantoms", lmu, "--per-class", "1", "--layout", "lmu"]).assert().code(0);
    let json = set.lab.json(&["evaluate", lmu, "--json", "--resamples", "100"]);
    assert_eq!((&json["n"], &json["patients"], &json["intervals"]["over"]), (&15.into(), &0.into(), &"images".into()));
    assert!(json["differential"].as_array().is_some_and(Vec::is_empty));
    let text = fs::read_to_string(&set.manifest).expect("read") + "nowhere.jpg,p1,MYO,val\nx.jpg,p1,CAT,val\n";
    let bad = format!("cells.csv: line {}: `CAT`", text.lines().count());
    fs::write(&set.manifest, text).expect("written");
    let done = set.lab.run(&["evaluate", &set.manifest, "--resamples", "100", "--json"]).assert().code(1);
    let errors = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(errors.contains("nowhere.jpg") && errors.contains(&bad), "{errors}");
    let json: Value = serde_json::from_slice(&done.get_output().stdout).expect("JSON");
    assert_eq!((&json["n"], &json["refused"]), (&set.known().len().into(), &2.into()));
}

#[test]
fn shifted_pictures_are_told_and_judged_as_such() {
    let set = Set::new();
    let of = |extra: &[&str]| {
        set.lab.json(&[&["evaluate", set.manifest.as_str(), "--json", "--resamples", "100"], extra].concat())
    };
    let plain = of(&[]);
    assert_eq!(plain["shift"], Value::Null);
    assert_eq!(of(&["--shift", "stain=1"])["confusion"], plain["confusion"], "a shift that changes nothing");
    let blurred = of(&["--shift", "blur=3"]);
    assert_eq!(blurred["shift"], "blur=3");
    let accuracy = |json: &Value| json["accuracy"].as_f64().expect("a number");
    assert!(accuracy(&blurred) < accuracy(&plain), "cells blurred over 3 um are hard to tell");
    let text = set.lab.output(&["evaluate", &set.manifest, "--shift", "blur=3", "--resamples", "100"], 0);
    assert!(text.contains(", shifted by blur=3"), "{text}");
}

#[test]
fn wrong_usage_ends_with_2_and_names_the_place() {
    let set = Set::new();
    let file = |name: &str, text: &str| {
        let path = set.lab.path(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let prose = file("prose.csv", "dear all\n");
    let gone = file("gone.csv", "path,class\na.jpg,MYO\nb.jpg,NGS\n");
    let none = file("none.csv", "path,class\na.jpg,\n");
    let few = set.lab.output(&["classify", "--top", "3", set.lab.path("cells/MYO").to_str().expect("UTF-8")], 0);
    let few = file("few.jsonl", &few);
    for (args, says) in [
        (vec!["evaluate", "/nonexistent.csv"], "/nonexistent.csv"),
        (vec!["evaluate", &prose], "no column is called `path`"),
        (vec!["evaluate", &none], "no image has a label"),
        (vec!["evaluate", &gone], "none of the other images"),
        (vec!["evaluate", &set.manifest, "--split", "train"], "it has test, val"),
        (vec!["evaluate", &set.manifest, "--predictions", &few], "--top 15"),
        (vec!["evaluate", &set.manifest, "--predictions", &prose], "prose.csv: line 1"),
        (vec!["evaluate", &set.manifest, "--predictions", &set.predictions, "--merge", "NGS+CAT"], "`CAT`"),
        (vec!["evaluate", &set.manifest, "--um-per-px", "-1"], "um-per-px"),
        (vec!["evaluate", &set.manifest, "--model", &prose], "prose.csv"),
        (vec!["evaluate", &set.manifest, "--predictions", &few, "--device", "cpu"], "--device"),
    ] {
        let done = set.lab.run(&args).assert().code(2);
        let errors = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(errors.contains(says) && !errors.contains("panicked"), "{args:?}: {errors}");
    }
}

#[test]
fn the_report_stands_alone_and_its_figures_can_be_read_as_svg_and_png() {
    let set = Set::new();
    let dir = set.lab.path("new folder/report");
    let args =
        ["evaluate", &set.manifest, "--predictions", &set.predictions, "--merge", "NGS+NGB", "--resamples", "100"];
    let args = [&args[..], &["--json", "--report", dir.to_str().expect("UTF-8")]].concat();
    let json = set.lab.output(&args, 0);
    let names = || {
        let entries = fs::read_dir(&dir).expect("a folder").map(|e| e.expect("an entry").file_name());
        let mut names: Vec<_> = entries.map(|n| n.into_string().expect("UTF-8")).collect();
        names.sort();
        names
    };
    let mut expected = vec!["evaluation.json".to_owned(), "report.html".to_owned()];
    for figure in ["confusion", "confusion-merged", "left-to-human", "reliability", "roc", "training-images"] {
        expected.extend([format!("{figure}.png"), format!("{figure}.svg")]);
        let png = image::open(dir.join(format!("{figure}.png"))).expect("a PNG").into_rgb8();
        let svg = fs::read_to_string(dir.join(format!("{figure}.svg"))).expect("an SVG");
        let attribute = |name: &str| {
            let rest = svg.split_once(&format!(" {name}=\"")).expect("an attribute").1;
            rest.split_once('"').expect("its end").0.parse::<u32>().expect("a number")
        };
        assert_eq!((2 * attribute("width"), 2 * attribute("height")), png.dimensions(), "{figure}");
        assert!(svg.contains("</text>") && svg.trim_end().ends_with("</svg>"), "{figure}");
        // Labels are there whether or not the machine has fonts: dark pixels, and not a few.
        let dark = png.pixels().filter(|p| p.0.iter().all(|&c| c < 60)).count();
        assert!(dark > 300, "{figure}: {dark} dark pixels");
    }
    expected.sort();
    assert_eq!(names(), expected, "and nothing is left behind");
    assert_eq!(fs::read_to_string(dir.join("evaluation.json")).expect("read"), json);
    let page = fs::read_to_string(dir.join("report.html")).expect("read");
    assert_eq!(page.matches("<svg ").count(), 6);
    for outside in ["<script", "<link", "<img", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("<td>NGS neutrophil, segmented</td>") && page.contains("--merge NGS+NGB"));
    // A second run replaces the files; a folder that cannot be one is said before anything is computed.
    set.lab.run(&args).assert().code(0);
    assert_eq!(names(), expected);
    let file = set.manifest.clone();
    let done = set.lab.run(&["evaluate", &set.manifest, "--report", &file]).assert().code(2);
    assert!(String::from_utf8_lossy(&done.get_output().stderr).contains("name a folder that can be written to"));
}

#[test]
fn a_cards_section_gets_the_figures_and_their_command() {
    let set = Set::new();
    let card = set.lab.path("CARD.md");
    fs::write(&card, "# Card\n\n<!-- drawn -->\n<!-- /drawn -->\n\nThe end.\n").expect("written");
    let section = |name: &str| format!("{}#{name}", card.to_str().expect("UTF-8"));
    let run = |section: &str, code| {
        let args = ["evaluate", &set.manifest, "--predictions", &set.predictions, "--card", section];
        let ended = set.lab.run(&args).assert().code(code).get_output().clone();
        String::from_utf8_lossy(&ended.stderr).into_owned()
    };
    run(&section("drawn"), 0);
    let text = fs::read_to_string(&card).expect("the card");
    assert!(text.contains("`leukoscope evaluate") && text.contains("| macro F1 |"), "{text}");
    assert!(text.starts_with("# Card\n") && text.ends_with("<!-- /drawn -->\n\nThe end.\n"), "{text}");
    let said = run(&section("other"), 2);
    assert!(said.contains("no section `other`"), "{said}");
    assert!(run("CARD.md", 2).contains("name the file and its section"));
    assert_eq!(fs::read_to_string(&card).expect("the card"), text);
}

#[test]
fn one_image_under_two_labels_is_named_and_not_counted() {
    let lab = Lab::new();
    let folder = lab.phantoms("cells", 1);
    let data = folder.to_str().expect("UTF-8");
    let n = |code| {
        let text = lab.output(&["evaluate", data, "--json"], code);
        serde_json::from_str::<Value>(&text).expect("JSON")["n"].as_u64().expect("a number")
    };
    let before = n(0);
    fs::copy(folder.join("NGS/NGS_0001.jpg"), folder.join("MYO/copy.jpg")).expect("copied");
    assert_eq!(n(1), before - 1, "neither of the two is counted");
    let output = lab.run(&["evaluate", data]).assert().code(1).get_output().stderr.clone();
    let says = String::from_utf8(output).expect("UTF-8");
    assert!(says.contains("MYO/copy.jpg as MYO, NGS/NGS_0001.jpg as NGS"), "{says}");
}

#[test]
fn a_quote_that_is_left_open_is_refused_with_its_line() {
    let lab = Lab::new();
    lab.phantoms("cells", 1);
    let manifest = lab.path("cells.csv");
    fs::write(&manifest, "path,class,patient\ncells/MYO/MYO_0001.jpg,MYO,\"P1\ncells/NGS/NGS_0001.jpg,NGS,P1\n")
        .expect("written");
    let manifest = manifest.to_str().expect("UTF-8");
    for args in [vec!["evaluate", manifest], vec!["train", manifest, "--dry-run"], vec!["library", "add", manifest]] {
        let run = lab.run(&args).assert().code(2).get_output().stderr.clone();
        let says = String::from_utf8(run).expect("UTF-8");
        assert!(says.contains("cells.csv: line 2: a quote"), "{says}");
    }
}

//! A network that flags what is unlike its training data, through every command that says so.

mod common;

use std::{borrow::Cow, collections::HashMap};

use common::Lab;
use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Input, Network, NetworkFile, fit_unlike, preprocess},
    phantom,
};
use safetensors::{SafeTensors, serialize};
use serde_json::{Value, json};

/// A small network that nobody trained, with the least metadata.
fn plain() -> NetworkFile {
    let bytes = include_bytes!("fixtures/torchvision_resnext.safetensors");
    let input = json!({"size": 33, "field_um": 21.9, "mean": [0.8, 0.7, 0.75], "std": [0.2, 0.2, 0.2]});
    let classes = ["NGS", "LYT", "MON", "MYO", "EBO"];
    let metadata = json!({"format": "leukoscope.network/1", "input": input, "classes": classes}).to_string();
    let tensors = SafeTensors::deserialize(bytes).expect("safetensors");
    let bytes = serialize(tensors.tensors(), Some(HashMap::from([("leukoscope".to_owned(), metadata)])));
    NetworkFile::parse("small", "small", Cow::Owned(bytes.expect("a file"))).expect("a network")
}

/// Writes a network that flags three in ten of such cells as are drawn, and returns its path.
fn flagging(lab: &Lab) -> String {
    let file = plain();
    let network = Network::load(&file, &ClassTable::default(), DeviceChoice::Cpu).expect("a network");
    let draw = |seed: u64| {
        let code = phantom::CLASSES[seed as usize % phantom::CLASSES.len()];
        let frame = phantom::render(code, seed).expect("a class that can be drawn");
        preprocess(&frame, Some(phantom::UM_PER_PX), &network.info().input)
    };
    let labelled = |seeds: std::ops::Range<u64>| -> Vec<(Input, usize)> {
        let inputs: Vec<Input> = seeds.map(draw).collect();
        let top = |l: Vec<f32>| (0..l.len()).fold(0, |best, i| if l[i] > l[best] { i } else { best });
        let classes: Vec<usize> = network.logits(&inputs).expect("logits").into_iter().map(top).collect();
        inputs.into_iter().zip(classes).collect()
    };
    let unlike = fit_unlike(&network, labelled(0..150), labelled(1000..1150), 0.3).expect("fitted");
    let path = lab.path("flagging.safetensors");
    std::fs::write(&path, file.with(None, Some(&unlike)).expect("a file")).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

#[test]
fn what_is_flagged_is_said_by_every_command_and_accepted_by_none() {
    let lab = Lab::new();
    let model = flagging(&lab);
    let folder = lab.phantoms("smear", 2);
    let folder = folder.to_str().expect("UTF-8");
    assert!(lab.output(&["model", "info", "--model", &model], 0).contains("flagged above 0.700: 30.0% of 150"));

    // classify
    let said = lines(&lab.output(&["classify", "--model", &model, "--top", "15", folder], 0));
    let flagged = |l: &Value| l["flagged"].as_bool().expect("a flag");
    for line in &said {
        let unlike = line["unlike"].as_f64().expect("a score");
        assert!((0.0..=1.0).contains(&unlike) && flagged(line) == (unlike > 0.7), "{line}");
    }
    let count = said.iter().filter(|l| flagged(l)).count();
    assert!(count > 2 && count < said.len() - 2, "{count} of {}", said.len());
    let csv = lab.output(&["classify", "--model", &model, "--format", "csv", folder], 0);
    let mut csv = csv::Reader::from_reader(csv.as_bytes());
    let column = |csv: &mut csv::Reader<&[u8]>, name| csv.headers().expect("a header").iter().position(|h| h == name);
    let (score, flag) = (column(&mut csv, "unlike").expect("is there"), column(&mut csv, "flagged").expect("is there"));
    for (row, line) in csv.records().map(|r| r.expect("a row")).zip(&said) {
        assert_eq!(row[flag], line["flagged"].to_string());
        assert!(
            (row[score].parse::<f64>().ok().zip(line["unlike"].as_f64())).is_some_and(|(a, b)| (a - b).abs() < 1e-4)
        );
    }

    // evaluate
    let figures = lab.json(&["evaluate", "--model", &model, folder, "--json", "--resamples", "100"]);
    let label = |l: &Value| -> String {
        let path = l["path"].as_str().expect("a path");
        path.rsplit('/').nth(1).expect("a folder").to_owned()
    };
    let known: Vec<&Value> =
        said.iter().filter(|l| ["NGS", "LYT", "MON", "MYO", "EBO"].contains(&label(l).as_str())).collect();
    let share = |right: bool| {
        let of: Vec<_> = known.iter().filter(|l| (l["top"][0]["class"] == label(l).as_str()) == right).collect();
        of.iter().filter(|l| flagged(l)).count() as f64 / of.len() as f64
    };
    assert!((figures["flagged_right"].as_f64().expect("a share") - share(true)).abs() < 1e-12, "{figures}");
    assert!((figures["flagged_wrong"].as_f64().expect("a share") - share(false)).abs() < 1e-12, "{figures}");
    let page = lab.output(&["evaluate", "--model", &model, folder, "--resamples", "100"], 0);
    assert!(page.contains("Flagged as unlike the training data: "), "{page}");

    // decide: accepting takes along what is not flagged, and nothing else.
    lab.run(&["import", folder]).assert().code(0);
    let cells = lab.json(&["export", "smear"])["cells"].as_array().expect("cells").clone();
    let accept: String =
        cells.iter().map(|c| json!({"cell": c["cell"], "action": "accept"}).to_string() + "\n").collect();
    let decide = |input: String, code: i32| {
        let run = lab.run(&["decide", "smear", "--model", &model]).write_stdin(input).assert().code(code);
        lines(&String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8"))
    };
    let answers = decide(accept, 1);
    let by_hash: HashMap<&str, bool> =
        said.iter().map(|l| (l["sha256"].as_str().expect("a hash"), flagged(l))).collect();
    let mut agreed = String::new();
    for (cell, answer) in cells.iter().zip(&answers) {
        let is_flagged = by_hash[cell["sha256"].as_str().expect("a hash")];
        assert_eq!(answer["recorded"], !is_flagged, "{answer}");
        if is_flagged {
            let error = answer["error"].as_str().expect("a reason");
            assert!(error.contains("unlike the training data") && error.contains("reclassify"), "{error}");
            let guess = error.split(" and ").nth(1).and_then(|e| e.split(' ').next()).expect("the guess");
            agreed += &(json!({"cell": cell["cell"], "action": "reclassify", "class": guess}).to_string() + "\n");
        }
    }
    assert!(decide(agreed, 0).iter().all(|a| a["recorded"] == true));

    // export, open and signed
    let check = |export: &Value| {
        for cell in export["cells"].as_array().expect("cells") {
            assert_eq!(cell["flagged"], by_hash[cell["sha256"].as_str().expect("a hash")], "{cell}");
            assert!(cell["unlike"].is_f64() && cell["decided"] == cell["predicted"], "{cell}");
        }
    };
    let open = lab.json(&["export", "smear", "--model", &model]);
    check(&open);
    lab.run(&["sign", "smear", "--model", &model]).assert().code(0);
    let signed = lab.json(&["export", "smear"]);
    assert_eq!(signed["status"], "signed");
    check(&signed);
    lab.run(&["verify"]).assert().code(0);
}

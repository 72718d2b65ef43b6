//! `bench` and the options of `classify` that change how, not what, is computed. No time is asserted here: benchmarks do that.

mod common;

use common::Lab;
use serde_json::Value;

#[test]
fn bench_reports_each_stage_of_the_pictures_that_it_was_given() {
    let lab = Lab::new();
    let folder = lab.phantoms("cells", 1);
    let figures = lab.json(&["bench", folder.to_str().expect("UTF-8"), "--batch", "4", "--json", "--device", "cpu"]);
    for rate in ["images_per_s", "decode_images_per_s", "classify_images_per_s"] {
        assert!(figures[rate].as_f64().is_some_and(|r| r > 0.0), "{rate}: {figures}");
    }
    let info = lab.json(&["model", "info", "--json"]);
    assert_eq!((&figures["batch"], &figures["model"], &figures["drawn"]), (&4.into(), &info["sha256"], &false.into()));
    assert!(figures["device"].as_str().is_some_and(|d| d.starts_with("CPU")), "{figures}");

    let empty = lab.path("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let output = lab.run(&["bench", empty.to_str().expect("UTF-8")]).assert().code(2).get_output().stderr.clone();
    let said = String::from_utf8(output).expect("UTF-8");
    assert!(said.contains("empty") && said.contains("no images"), "{said}");
}

/// Top class and its probability of each image.
fn tops(lab: &Lab, args: &[&str]) -> Vec<(String, f64)> {
    let top = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let top = &line["top"][0];
        (top["class"].as_str().expect("a class").to_owned(), top["p"].as_f64().expect("a number"))
    };
    lab.output(args, 0).lines().map(top).collect()
}

#[test]
fn batches_and_half_precision_give_the_same_classes() {
    let lab = Lab::new();
    let folder = lab.phantoms("cells", 1);
    let folder = folder.to_str().expect("UTF-8");
    let usual = tops(&lab, &["classify", folder]);
    assert!(usual.len() > 15);
    for (options, tolerance) in [(["--batch", "1"], 1e-5), (["--batch", "7"], 1e-5), (["--precision", "f16"], 0.02)] {
        let found = tops(&lab, &["classify", folder, options[0], options[1]]);
        assert_eq!(found.len(), usual.len());
        for ((class, p), (usual_class, usual_p)) in found.iter().zip(&usual) {
            assert!((p - usual_p).abs() < tolerance, "{options:?}: {class} {p} instead of {usual_class} {usual_p}");
            // Two classes as good as equal may change places.
            assert!(class == usual_class || *p < 0.5 + tolerance, "{options:?}: {class} instead of {usual_class} {p}");
        }
    }
    let output = lab.run(&["classify", folder, "--batch", "0"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&output).contains("--batch"));
}

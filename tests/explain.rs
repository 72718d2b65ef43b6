//! `explain` on drawn cells: what is written, where, of which class, and what is refused.

mod common;

use std::fs;

use common::Lab;
use image::RgbImage;
use serde_json::Value;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

fn picture(lab: &Lab, line: &Value) -> RgbImage {
    let file = line["file"].as_str().expect("a file");
    image::open(lab.path(file)).expect("a PNG").into_rgb8()
}

/// The field and a panel for each method, of 384 px, with 12 px between them and 30 above.
fn panel(picture: &RgbImage, number: u32) -> RgbImage {
    image::imageops::crop_imm(picture, 12 + number * 396, 30, 384, 384).to_image()
}

fn text(path: std::path::PathBuf) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn each_image_gets_a_picture_of_the_class_that_classify_names() {
    let lab = Lab::new();
    lab.phantoms("cells", 1);
    let run = |args: &[&str]| {
        let mut command = lab.run(args);
        let output = command.current_dir(lab.dir.path()).assert().code(0).get_output().stdout.clone();
        String::from_utf8(output).expect("UTF-8")
    };
    let found = lines(&run(&["explain", "cells/MYO", "cells/NGS", "-o", "maps", "--json"]));
    let said = lines(&run(&["classify", "cells/MYO", "cells/NGS"]));
    assert_eq!((found.len(), said.len()), (2, 2));
    for (line, said) in found.iter().zip(&said) {
        assert_eq!((&line["path"], &line["status"], &line["model"]), (&said["path"], &"ok".into(), &said["model"]));
        assert_eq!(line["class"], said["top"][0]["class"]);
        let difference = line["p"].as_f64().expect("p") - said["top"][0]["p"].as_f64().expect("p");
        assert!(difference.abs() < 1e-4, "{line} {said}");
        let picture = picture(&lab, line);
        assert_eq!(picture.dimensions(), (3 * 396 + 12, 30 + 384 + 12));
        // The field is in colour, the maps lie over it in grey, and differ.
        let (field, gradient, smooth) = (panel(&picture, 0), panel(&picture, 1), panel(&picture, 2));
        let grey = |p: &RgbImage| p.pixels().filter(|p| p.0[0] == p.0[1] && p.0[1] == p.0[2]).count();
        assert!(grey(&field) < 10_000 && grey(&smooth) > 10_000, "{} {}", grey(&field), grey(&smooth));
        assert!(gradient != smooth && gradient != field && smooth != field);
    }
    let names: Vec<_> = found.iter().map(|l| l["file"].as_str().expect("a file")).collect();
    assert_eq!(names, ["maps/MYO_0001.saliency.png", "maps/NGS_0001.saliency.png"]);
    // Again: the same bytes, in the default folder, with the folders below the one that was named.
    for class in ["MYO", "NGS"] {
        let name = format!("{class}/{class}_0001.jpg");
        fs::create_dir_all(lab.path(&format!("few/{class}"))).expect("a folder");
        fs::copy(lab.path(&format!("cells/{name}")), lab.path(&format!("few/{name}"))).expect("copied");
    }
    let again = run(&["explain", "few", "--class", "NGS"]);
    let bytes = |name: &str| fs::read(lab.path(name)).expect("a picture");
    assert_eq!(bytes("explained/NGS/NGS_0001.saliency.png"), bytes("maps/NGS_0001.saliency.png"));
    assert!(again.lines().all(|l| l.contains("  NGS 0.") || l.contains("  NGS 1.")), "{again}");
    assert_ne!(bytes("explained/MYO/MYO_0001.saliency.png"), bytes("maps/MYO_0001.saliency.png"), "another class");
    // One method alone has two panels, the same as beside the other.
    let alone = lines(&run(&["explain", "cells/MYO", "-o", "one", "--method", "integrated", "--json"]));
    assert_eq!(alone[0]["methods"], serde_json::json!(["integrated"]));
    let (alone, both) = (picture(&lab, &alone[0]), picture(&lab, &found[0]));
    assert_eq!(alone.width(), 2 * 396 + 12);
    assert_eq!(panel(&alone, 1), panel(&both, 2));
    let left: Vec<_> = fs::read_dir(lab.path("maps")).expect("a folder").collect();
    assert_eq!(left.len(), 2, "nothing is left behind");
}

#[test]
fn pictures_in_the_folder_for_output_are_not_explained_in_turn_and_equal_names_do_not_meet() {
    let lab = Lab::new();
    let folder = lab.phantoms("cells", 1);
    for name in ["a", "b"] {
        fs::create_dir(lab.path(name)).expect("a folder");
        fs::copy(folder.join("NGS/NGS_0001.jpg"), lab.path(&format!("{name}/cell.jpg"))).expect("copied");
    }
    fs::copy(folder.join("MYO/MYO_0001.jpg"), lab.path("a/cell.jpeg")).expect("copied");
    let (a, b, out) = (text(lab.path("a")), text(lab.path("b")), text(lab.path("a/maps")));
    for _ in 0..2 {
        let found = lines(&lab.output(&["explain", &a, &b, "-o", &out, "--json"], 0));
        let mut names: Vec<_> = found.iter().map(|l| l["file"].as_str().expect("a file").to_owned()).collect();
        assert_eq!(names.len(), 3, "those of the run before are left alone");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 3);
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_others_go_on() {
    let lab = Lab::new();
    let folder = text(lab.phantoms("cells", 1).join("EOS"));
    let (broken, out) = (text(lab.path("broken.jpg")), text(lab.path("out")));
    fs::write(&broken, b"text").expect("written");
    let done = lab.run(&["explain", &broken, &folder, "/nonexistent.png", "-o", &out, "--json"]).assert().code(1);
    let found = lines(std::str::from_utf8(&done.get_output().stdout).expect("UTF-8"));
    let states: Vec<_> = found.iter().map(|l| l["status"].as_str().expect("a state")).collect();
    assert_eq!(states, ["error", "ok", "error"]);
    let errors = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(errors.contains("broken.jpg: ") && errors.contains("/nonexistent.png: "), "{errors}");
    assert_eq!(fs::read_dir(&out).expect("a folder").count(), 1);
}

#[test]
fn wrong_usage_ends_with_2_and_writes_nothing() {
    let lab = Lab::new();
    let folder = text(lab.phantoms("cells", 1).join("EOS"));
    let (file, out) = (text(lab.path("file")), text(lab.path("out")));
    fs::write(&file, b"text").expect("written");
    for (args, says) in [
        (vec!["explain", "-o", &out], "PATH"),
        (vec!["explain", &folder, "-o", &out, "--class", "CAT"], "no output for the class `CAT`"),
        (vec!["explain", &folder, "-o", &out, "--class", "MOB"], "not trained on the class `MOB`"),
        (vec!["explain", &folder, "-o", &out, "--method", "magic"], "magic"),
        (vec!["explain", &folder, "-o", &out, "--um-per-px", "-1"], "um-per-px"),
        (vec!["explain", &folder, "-o", &out, "--model", &file], "file"),
        (vec!["explain", &folder, "-o", &file], "name a folder that can be written to"),
        (vec!["explain", "--case", "nobody", "-o", &out], "nobody"),
        (vec!["explain", "--case", "demo", "--cell", "999999", "-o", &out], "no such cell"),
        (vec!["explain", &folder, "--case", "demo", "-o", &out], "--case"),
        (vec!["explain", &folder, "--cell", "1", "-o", &out], "--cell"),
    ] {
        let done = lab.run(&args).assert().code(2);
        let errors = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(errors.contains(says) && !errors.contains("panicked"), "{args:?}: {errors}");
        assert!(!lab.path("out").exists(), "{args:?}");
    }
}

#[test]
fn cells_of_a_case_are_explained_under_names_that_do_not_tell_their_label() {
    let lab = Lab::new();
    let export = lab.json(&["export", "demo"]);
    let ids: Vec<i64> = export["cells"].as_array().expect("cells").iter().filter_map(|c| c["cell"].as_i64()).collect();
    let out = text(lab.path("out"));
    let (first, third) = (ids[0].to_string(), ids[2].to_string());
    let args = ["explain", "--case", "demo", "--cell", &third, "--cell", &first, "-o", &out, "--json"];
    let found = lines(&lab.output(&args, 0));
    let cells: Vec<_> = found.iter().map(|l| l["cell"].as_i64().expect("a number")).collect();
    assert_eq!(cells, [ids[0], ids[2]], "in the order of the case");
    for line in &found {
        assert!(line["file"].as_str().is_some_and(|f| f.ends_with(&format!("/cell-{}.saliency.png", line["cell"]))));
        assert_eq!(picture(&lab, line).width(), 3 * 396 + 12);
    }
}

//! `raters` against scikit-learn and statsmodels: a drawn annotation file, and LMU's own where it is at hand.

mod common;

use common::{Lab, shared};
use serde_json::Value;

const DRAWN: &str = include_str!("fixtures/statistics/annotations.dat");
/// Written by `fixtures/statistics/agreement.py` from the file above.
const DRAWN_FIGURES: &str = include_str!("fixtures/statistics/agreement.jsonl");
/// Written by the same script from annotations.dat of AML-Cytomorphology_LMU.
const LMU_FIGURES: &str = include_str!("fixtures/statistics/agreement_lmu.jsonl");

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

/// Every figure of `expected` is in `found`, numbers within 1e-9.
fn holds(found: &Value, expected: &Value, at: &str) {
    match expected {
        Value::Object(fields) => fields.iter().for_each(|(key, v)| holds(&found[key], v, &format!("{at}.{key}"))),
        Value::Array(all) => {
            assert_eq!(found.as_array().map(Vec::len), Some(all.len()), "{at}");
            all.iter().enumerate().for_each(|(i, v)| holds(&found[i], v, &format!("{at}[{i}]")));
        }
        Value::Number(n) => {
            let (is, should) = (found.as_f64().expect(at), n.as_f64().expect(at));
            assert!((is - should).abs() < 1e-9, "{at}: {is}, not {should}");
        }
        other => assert_eq!(found, other, "{at}"),
    }
}

fn compare(found: &str, expected: &str) {
    let (found, expected) = (lines(found), lines(expected));
    assert_eq!(found.len(), 3);
    assert_eq!(expected.len(), 3);
    found.iter().zip(&expected).for_each(|(f, e)| holds(f, e, e["pair"].as_str().expect("a pair")));
}

#[test]
fn the_drawn_file_has_the_figures_of_the_statistics_packages() {
    let lab = Lab::new();
    std::fs::write(lab.path("annotations.dat"), DRAWN).expect("written");
    let folder = lab.dir.path().to_str().expect("UTF-8");
    compare(&lab.output(&["raters", folder, "--json"], 0), DRAWN_FIGURES);
    let text = lab.output(&["raters", folder], 0);
    let kappa = lines(DRAWN_FIGURES)[2]["kappa"].as_f64().expect("a number");
    let row = text.lines().find(|l| l.starts_with("re-annotation 1 vs re-annotation 2")).expect("a row");
    assert!(row.contains(&format!(" {kappa:.3} ")), "{row}");
}

#[test]
fn the_papers_own_file_has_the_figures_of_the_statistics_packages() {
    let Some(shared) = shared() else { return };
    let file = shared.join("data/lmu/annotations.dat");
    compare(&Lab::new().output(&["raters", file.to_str().expect("UTF-8"), "--json"], 0), LMU_FIGURES);
}

#[test]
fn bad_lines_are_named_with_file_and_line_and_the_rest_is_counted() {
    let lab = Lab::new();
    let file = lab.path("readings.dat");
    let rows = "a NGS NGS NGS\nb NGS XYZ NGS\nc NGS\na LYT LYT LYT\nd LYT LYT UNC\ne nan LYT LYT\n";
    std::fs::write(&file, rows).expect("written");
    let done = lab.run(&["raters", file.to_str().expect("UTF-8"), "--json"]).assert().code(1);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    let bad: Vec<_> = said.lines().filter(|l| l.contains("readings.dat: line")).collect();
    assert_eq!(bad.len(), 3, "{said}");
    assert!(bad[0].contains("line 2: `XYZ` is no class"), "{said}");
    assert!(bad[1].contains("line 3: 2 fields") && bad[2].contains("line 4: the image of line 1"), "{said}");
    let found = lines(&String::from_utf8_lossy(&done.get_output().stdout));
    let counts: Vec<_> = found.iter().map(|l| (l["n"].as_u64(), l["unassigned"].as_u64())).collect();
    assert_eq!(counts, [(Some(2), Some(0)), (Some(1), Some(1)), (Some(2), Some(1))]);
}

#[test]
fn a_file_without_annotations_changes_nothing_and_says_so() {
    let lab = Lab::new();
    for (name, text, says) in [
        ("none.dat", None, "none.dat"),
        ("empty.dat", Some(""), "empty"),
        ("blank.dat", Some("\n\n"), "holds no annotation"),
        ("prose.dat", Some("dear all\n"), "line 1"),
        ("codes.dat", Some("a CAT CAT CAT\n"), "holds no annotation"),
    ] {
        let file = lab.path(name);
        text.into_iter().for_each(|t| std::fs::write(&file, t).expect("written"));
        let done = lab.run(&["raters", file.to_str().expect("UTF-8")]).assert().code(2);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains(says) && said.contains(name) && !said.contains("panicked"), "{said}");
    }
    // Nothing read twice: no figure, and no failure.
    let folder = lab.path("lmu");
    let folder = folder.to_str().expect("UTF-8");
    lab.run(&["phantoms", folder, "--per-class", "1", "--layout", "lmu"]).assert().code(0);
    for pair in lines(&lab.output(&["raters", folder, "--json"], 0)) {
        assert!(pair["n"] == 0 && pair["kappa"].is_null() && pair["agreement"].is_null(), "{pair}");
    }
}

#[test]
fn a_network_is_one_more_rater_of_the_images_that_it_has_seen() {
    let lab = Lab::new();
    let line = |path: &str, class: &str| {
        format!(
            "{{\"path\":\"{path}\",\"status\":\"ok\",\"top\":[{{\"class\":\"{class}\",\"p\":1.0}}],\"model\":\"m\"}}\n"
        )
    };
    std::fs::write(lab.path("annotations.dat"), "a/1 NGS NGS NGB\na/2 LYT LYT UNC\na/3 MYO MON MYO\n")
        .expect("written");
    let seen = line("/elsewhere/a/1", "NGS") + &line("/elsewhere/a/2", "MYO");
    std::fs::write(lab.path("p.jsonl"), seen).expect("written");
    let (folder, file) = (lab.dir.path().to_str().expect("UTF-8"), lab.path("p.jsonl"));
    let args = ["raters", folder, "--json", "--predictions", file.to_str().expect("UTF-8")];
    let found = lines(&lab.output(&args, 0));
    let of = |pair: &str| found.iter().find(|l| l["pair"] == pair).expect("a pair").clone();
    assert_eq!(found.len(), 6);
    let with_network = of("original vs network");
    assert_eq!((&with_network["n"], &with_network["agreement"]), (&2.into(), &0.5.into()));
    assert_eq!(of("re-annotation 2 vs network")["unassigned"], 1);
}

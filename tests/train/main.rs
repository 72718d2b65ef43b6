//! `train` on drawn cells: what it makes, that it makes it again, and that nothing stops it for good.

#[path = "../common/mod.rs"]
mod common;
mod interrupted;
mod refused;
mod signed;

use std::{fs, path::PathBuf};

use common::Lab;

/// A network that learns in moments.
const SMALL: &str = r#"
name = "small"
[architecture]
family = "resnext"
stem = { out = 8, kernel = 3, stride = 2 }
stages = [
    { blocks = 1, out = 16, width = 8, groups = 4, stride = 1 },
    { blocks = 1, out = 32, width = 16, groups = 4, stride = 2 },
]
[input]
size = 32
[data]
validation = 0.25
[learning]
epochs = 3
batch = 16
average = 0.9
"#;

/// A place with drawn cells and the small recipe.
struct School {
    lab: Lab,
    cells: String,
    recipe: String,
}

impl School {
    fn new(per_class: u32) -> Self {
        let lab = Lab::new();
        let cells = lab.phantoms("cells", per_class).to_str().expect("UTF-8").to_owned();
        let recipe = lab.path("small.toml");
        fs::write(&recipe, SMALL).expect("written");
        Self { cells, recipe: recipe.to_str().expect("UTF-8").to_owned(), lab }
    }

    fn path(&self, name: &str) -> String {
        self.lab.path(name).to_str().expect("UTF-8").to_owned()
    }

    /// `train` with the small recipe, and more arguments.
    fn args<'a>(&'a self, output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec!["train", &self.cells, "--recipe", &self.recipe, "--device", "cpu", "-o", output];
        args.extend(more);
        args
    }

    /// Trains, and gives the file's bytes.
    fn train(&self, name: &str, more: &[&str]) -> Vec<u8> {
        let output = self.path(name);
        self.lab.run(&self.args(&output, more)).assert().code(0);
        fs::read(output).expect("the network")
    }
}

/// What `model info` says.
fn info(school: &School, network: &str) -> serde_json::Value {
    school.lab.json(&["model", "info", "--model", network, "--json"])
}

#[test]
fn the_same_seed_trains_the_same_network_and_it_can_be_used() {
    let school = School::new(6);
    let first = school.train("a.safetensors", &[]);
    assert!(first == school.train("b.safetensors", &[]), "the same seed, the same bytes");
    assert!(first != school.train("c.safetensors", &["--seed", "2"]), "another seed, another network");
    let network = school.path("a.safetensors");
    let info = info(&school, &network);
    assert_eq!((info["name"].as_str(), info["input"]["size"].as_u64()), (Some("small"), Some(32)));
    assert_eq!(info["classes"].as_array().map(Vec::len), Some(15));
    let training = &info["training"];
    assert_eq!(training["epochs"].as_array().map(Vec::len), Some(3));
    let images = |key: &str| -> u64 {
        training[key].as_object().expect("per class").values().map(|n| n.as_u64().expect("a number")).sum()
    };
    // Two classes of the folder are not a network's: plasma cells and the like are left out.
    assert_eq!(images("images_per_class") + images("validation_images_per_class"), 15 * 6);
    let figures = school.lab.json(&["evaluate", &school.cells, "--model", &network, "--json"]);
    assert_eq!(figures["n"], 90);
    assert!(!PathBuf::from(school.path("a.safetensors.checkpoint")).exists(), "a finished run leaves no checkpoint");
}

#[test]
fn a_network_learns_what_its_cells_look_like() {
    let school = School::new(12);
    let settings: Vec<&str> =
        ["learning.epochs=30", "learning.rate=0.02", "learning.smoothing=0", "augment.stain=0", "augment.zoom=0"]
            .into_iter()
            .flat_map(|s| ["--set", s])
            .chain(["--json"])
            .collect();
    let output = school.path("a.safetensors");
    let said = school.lab.json(&school.args(&output, &settings));
    let epochs = said["epochs"].as_array().expect("epochs");
    let loss = |i: usize| epochs[i]["loss"].as_f64().expect("a loss");
    assert!(loss(29) < 0.6 * loss(0), "{} is not much less than {}", loss(29), loss(0));
    let figures = school.lab.json(&["evaluate", &school.cells, "--model", &output, "--json"]);
    let accuracy = figures["accuracy"].as_f64().expect("an accuracy");
    assert!(accuracy > 0.4, "{accuracy} of fifteen classes");
}

#[test]
fn folds_test_each_cell_once_and_their_figures_are_read_together() {
    let school = School::new(6);
    let dir = school.path("folds");
    school.lab.run(&school.args(&dir, &["--folds", "2", "--set", "learning.epochs=1"])).assert().code(0);
    let files: Vec<String> = (1..=2).map(|k| format!("{dir}/fold-{k}.jsonl")).collect();
    let figures =
        school.lab.json(&["evaluate", &school.cells, "--predictions", &files[0], "--predictions", &files[1], "--json"]);
    assert_eq!((&figures["n"], &figures["outside"]), (&90.into(), &36.into()));
    let again = school.args(&dir, &["--folds", "2", "--set", "learning.epochs=1", "--resume"]);
    let before = fs::metadata(format!("{dir}/fold-2.safetensors")).and_then(|m| m.modified()).expect("a time");
    school.lab.run(&again).assert().code(0);
    let after = fs::metadata(format!("{dir}/fold-2.safetensors")).and_then(|m| m.modified()).expect("a time");
    assert_eq!(before, after, "a fold that is trained is not trained again");
}

#[test]
fn a_dry_run_says_what_would_be_learnt_and_writes_nothing() {
    let school = School::new(4);
    let args = ["train", &school.cells, "--dry-run", "--json", "--recipe", &school.recipe];
    let said = school.lab.json(&args);
    let rows = said["classes"].as_array().expect("classes");
    let sum: u64 = rows.iter().map(|r| r["train"].as_u64().expect("n") + r["validation"].as_u64().expect("n")).sum();
    assert_eq!((rows.len(), sum), (15, 60));
    let text = school.lab.output(&["train", "--print-recipe", "--preset", "paper", "--set", "learning.epochs=7"], 0);
    assert!(text.contains("epochs = 7") && text.contains("size = 400"), "{text}");
}

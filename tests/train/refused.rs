//! What `train` refuses, in one sentence each.

use std::fs;

use crate::School;

#[test]
fn what_cannot_be_trained_on_is_refused_before_anything_is_written() {
    let school = School::new(2);
    school.lab.run(&["history", "demo"]).assert().code(0);
    let (output, missing) = (school.path("a.safetensors"), school.path("no"));
    let bad = school.path("bad.toml");
    fs::write(&bad, "[learning]\nepoch = 3\n").expect("written");
    fs::write(school.path("there.safetensors"), "x").expect("written");
    fs::write(school.path("damaged.safetensors.checkpoint"), "x").expect("written");
    let one = school.path("one");
    fs::create_dir_all(format!("{one}/NGS")).expect("made");
    fs::write(format!("{one}/NGS/1.png"), "no picture").expect("written");
    let cells = school.cells.as_str();
    let there = school.path("there.safetensors");
    let damaged = school.path("damaged.safetensors");
    let cases: &[(&[&str], &str)] = &[
        (&["train", cells, "--recipe", &bad, "-o", &output], "epoch"),
        (&["train", cells, "--set", "learning.batch=1", "-o", &output], "learning.batch is 1"),
        (&["train", &missing, "-o", &output], "no"),
        (&["train", &one, "-o", &output], "two classes"),
        (&["train", cells, "-o", &there], "is there already"),
        (&["train", cells, "-o", &damaged, "--resume"], "damaged.safetensors.checkpoint"),
        (
            &["train", cells, "-o", &school.path("no/where/a.safetensors"), "--checkpoint-every", "-1"],
            "checkpoint-every",
        ),
        (&["train", &format!("{cells}@99"), "-o", &output], "99"),
        (&["train", cells, "--folds", "3", "--fold", "4", "-o", &output], "folds 1 to 3"),
        (&["train", "--from-db", "-o", &output], "too little to learn from"),
        (&["train", cells, "--start", cells, "-o", &output], cells),
    ];
    for (args, says) in cases {
        let ended = school.lab.run(args).assert().code(2).get_output().clone();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.contains(says), "{args:?}: {said}");
        assert!(ended.stdout.is_empty(), "{args:?}");
    }
    assert!(!fs::exists(&output).expect("a folder"));
    assert_eq!(fs::read(there).expect("is there"), b"x");
}

#[test]
fn an_image_that_cannot_be_decoded_is_named_and_the_rest_is_learnt() {
    let school = School::new(4);
    fs::write(format!("{}/NGS/broken.png", school.cells), "no picture").expect("written");
    let output = school.path("a.safetensors");
    let ended = school.lab.run(&school.args(&output, &["--set", "learning.epochs=1"])).assert().code(1);
    assert!(String::from_utf8_lossy(&ended.get_output().stderr).contains("broken.png"));
    assert!(fs::exists(&output).expect("a folder"));
}

//! `train --from-db`: a laboratory's own signed cases.

use crate::School;

/// Imports, decides as labelled, and signs a case of drawn cells.
fn signed_case(school: &School, name: &str, seed: u32) {
    let lab = &school.lab;
    let dir = school.path(name);
    lab.run(&["phantoms", &dir, "--per-class", "4", "--seed", &seed.to_string()]).assert().code(0);
    lab.run(&["import", &dir, "--case", name]).assert().code(0);
    let export = lab.json(&["export", name]);
    let mut lines = String::new();
    for cell in export["cells"].as_array().expect("cells") {
        let path = cell["path"].as_str().expect("a path");
        let class = path.split('/').next().expect("a folder");
        lines += &format!("{{\"cell\":{},\"action\":\"reclassify\",\"class\":\"{class}\"}}\n", cell["cell"]);
    }
    lab.run(&["decide", name]).write_stdin(lines).assert().code(0);
    lab.run(&["sign", name, "--allow-unreviewed"]).assert().code(0);
}

#[test]
fn signed_cases_adapt_a_network_and_unsigned_ones_do_not() {
    let school = School::new(4);
    let start = school.path("start.safetensors");
    school.lab.run(&school.args(&start, &["--set", "learning.epochs=1"])).assert().code(0);
    for (name, seed) in [("one", 11), ("two", 12)] {
        signed_case(&school, name, seed);
    }
    let output = school.path("adapted.safetensors");
    let args = [
        "train",
        "--from-db",
        "--start",
        &start,
        "-o",
        &output,
        "--set",
        "learning.epochs=4",
        "--set",
        "learning.rate=0.01",
        "--set",
        "learning.patience=0",
        "--json",
    ];
    let refused = school.lab.run(&args).assert().code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("of 2 cases"));
    signed_case(&school, "three", 13);
    let said = school.lab.json(&args);
    assert!(said["images"].as_u64().expect("n") > 60 && said["validation_images"].as_u64().expect("n") > 20, "{said}");
    let info = crate::info(&school, &output);
    let was = crate::info(&school, &start);
    assert_eq!(info["training"]["started_from"], was["sha256"]);
    assert_eq!((&info["architecture"], &info["classes"]), (&was["architecture"], &was["classes"]));
}

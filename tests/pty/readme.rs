//! The README's commands, run as they stand, and its key table, compared with the keymap.

use std::{path::Path, process::Stdio};

use leukoscope::{domain::ClassTable, keymap::Keymap};

use super::{
    common::Lab,
    emulator::Emulator,
    harness::{Launch, Pty},
};

const README: &str = include_str!("../../README.md");

/// Lines of the README's shell blocks, without comments.
fn commands() -> Vec<String> {
    let mut lines = Vec::new();
    for block in README.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let bare = |line: &str| line.split(" #").next().unwrap_or_default().trim().to_owned();
        lines.extend(block.lines().map(bare).filter(|l| !l.is_empty()));
    }
    lines
}

#[test]
fn every_command_of_the_readme_works() {
    let lab = Lab::new();
    let decisions = "{\"cell\":\"MYO/MYO_0001.jpg\",\"action\":\"accept\"}\n";
    std::fs::write(lab.path("decisions.jsonl"), decisions).expect("written");
    let settled = "{\"cell\":\"MYO/MYO_0001.jpg\",\"action\":\"first\"}\n";
    std::fs::write(lab.path("settled.jsonl"), settled).expect("written");
    let mut run = 0;
    for line in commands() {
        // The test command is what runs this test; CI calls it as it stands.
        if line == "cargo test" {
            continue;
        }
        let line = match line.as_str() {
            "cargo run --release" => "leukoscope",
            other => other,
        };
        let (line, input) = line.split_once(" < ").map_or((line, None), |(l, file)| (l, Some(lab.path(file.trim()))));
        if input.as_ref().is_some_and(|path| path.ends_with("second.jsonl")) {
            second_reading(&lab);
        }
        let (line, output) = line.split_once(" > ").map_or((line, None), |(l, file)| (l, Some(lab.path(file.trim()))));
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words[0], "leukoscope", "`{line}`: only the program itself is called in the README");
        run += 1;
        if words.len() == 1 || words[1] == "review" {
            interface(&lab, &words[1..]);
            continue;
        }
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("leukoscope"));
        command.args(&words[1..]).current_dir(lab.dir.path()).env("LEUKOSCOPE_DB", lab.path("cases.db"));
        command.env("USER", "anna").env("XDG_CONFIG_HOME", lab.path("config")).env("HOME", lab.dir.path());
        command.stdin(input.map_or_else(Stdio::null, |path| std::fs::File::open(path).expect("an input file").into()));
        let done = command.output().expect("it starts");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "`{line}` ended with {}: {said}", done.status);
        if let Some(path) = output {
            std::fs::write(path, done.stdout).expect("written");
        }
    }
    assert!(run >= 10, "only {run} commands were found in the README");
}

/// The decisions of a second reader who takes every cell of the case for a lymphocyte.
fn second_reading(lab: &Lab) {
    let export = lab.json(&["export", "smear"]);
    let cells = export["cells"].as_array().expect("a list").iter();
    let line =
        |c: &serde_json::Value| format!("{{\"cell\":{},\"action\":\"reclassify\",\"class\":\"LYT\"}}\n", c["cell"]);
    std::fs::write(lab.path("second.jsonl"), cells.map(line).collect::<String>()).expect("written");
}

/// Opens the interface and leaves it.
fn interface(lab: &Lab, args: &[&str]) {
    let db = lab.path("cases.db");
    let pty = Pty::start(&Launch {
        program: Path::new(&assert_cmd::cargo::cargo_bin("leukoscope")),
        args,
        env: &[
            ("LEUKOSCOPE_DB", db.as_os_str()),
            ("LEUKOSCOPE_REVIEWER", "anna".as_ref()),
            ("HOME", lab.dir.path().as_os_str()),
        ],
        emulator: Emulator::Kitty,
        size: (24, 80),
    });
    pty.wait_for(if args.is_empty() { "demo" } else { "reviewed" });
    pty.send("q");
    assert!(pty.wait_exit().success(), "leukoscope {}", args.join(" "));
}

#[test]
fn the_key_table_is_the_keymaps() {
    let keymap = Keymap::load(None, &ClassTable::default()).expect("the default keymap has no problems");
    let table = README.split("<!-- keys -->").nth(1).expect("the README has a key table").trim();
    let current = keymap.markdown_table();
    assert_eq!(table, current.trim(), "put this into README.md between the `<!-- keys -->` marks:\n{current}");
}

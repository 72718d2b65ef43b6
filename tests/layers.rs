//! The directions of dependencies that `src/lib.rs` promises, read off the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A module, and the modules of the crate that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("intake", &["domain"]),
    ("model", &["domain"]),
    ("train", &["domain", "model"]),
    ("explain", &["domain", "intake", "model"]),
    ("store", &["domain"]),
    ("mllp", &["domain"]),
    ("export", &["domain"]),
    ("dataset", &["domain", "intake"]),
    ("evaluate", &["domain"]),
    ("report", &["domain", "evaluate"]),
    ("phantom", &["domain"]),
    ("app", &["domain"]),
    ("keymap", &["domain", "app"]),
    ("ui", &["domain", "app", "keymap"]),
    ("term", &["domain", "keymap", "ui"]),
    ("keyboard", &["domain", "app", "keymap", "ui", "term"]),
    ("jobs", &["domain", "intake", "model", "explain", "phantom", "store", "app", "ui"]),
];

/// An outside crate, and the only modules that may use it.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("candle_core", &["model", "train"]),
    ("candle_nn", &["model", "train"]),
    ("pulp", &["model"]),
    ("gemm", &["model"]),
    ("rusqlite", &["store"]),
    ("rusqlite_migration", &["store"]),
    ("crossterm", &["term"]),
    ("viuer", &["term"]),
    ("icy_sixel", &["term"]),
    ("ratatui", &["ui", "term"]),
    ("plotters", &["report"]),
    ("krilla", &["export"]),
    ("minijinja", &["export"]),
    ("colorous", &["explain"]),
];

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Lines of code, without comments and without the unit tests at the end of a file.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("UTF-8");
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn mentions(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(i, _)| {
        let before = text[..i].chars().next_back();
        let after = &text[i + name.len()..];
        !before.is_some_and(word) && after.starts_with("::")
    })
}

/// The crate's modules that a text uses: `crate::x`, and the heads in `use crate::{x, y::z}`.
fn used_modules(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (i, _) in text.match_indices("crate::") {
        let rest = &text[i + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut head) = (0, String::new());
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => used.push(std::mem::take(&mut head)),
                    _ if depth == 0 => head.push(c),
                    _ => {}
                }
            }
            used.push(head);
        } else {
            used.push(rest.to_owned());
        }
    }
    let head = |s: &String| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    used.iter().map(head).collect()
}

#[test]
fn dependencies_point_one_way_and_outside_crates_stay_in_their_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > 20, "the sources were found");
    let mut wrong = Vec::new();
    for path in &files {
        let relative = path.strip_prefix(&src).expect("below src");
        let module = relative.components().next().expect("a part").as_os_str().to_string_lossy().into_owned();
        let text = code(path);
        for (outside, places) in ONLY_IN {
            if mentions(&text, outside) && !places.contains(&module.as_str()) {
                wrong.push(format!("{} uses {outside}", relative.display()));
            }
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(m, _)| *m == module) else { continue };
        for used in used_modules(&text) {
            let known = MAY_USE.iter().any(|(m, _)| *m == used) || used == "cli";
            if known && used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses crate::{used}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        rust_files(&root.join(folder), &mut files);
    }
    let lines = |p: &PathBuf| fs::read_to_string(p).expect("UTF-8").lines().count();
    let mut counts: Vec<_> = files.iter().map(|p| (lines(p), p)).collect();
    counts.sort();
    let (longest, path) = counts.last().expect("files");
    assert!(*longest <= 600, "{} has {longest} lines", path.display());
    let median = counts[counts.len() / 2].0;
    assert!(median < 150, "the median file has {median} lines");
    for (_, path) in &counts {
        let text = fs::read_to_string(path).expect("UTF-8");
        assert!(text.starts_with("//!"), "{} has no header that says what lives there", path.display());
    }
}

#[test]
fn the_check_itself_sees_what_it_should() {
    assert!(mentions("let x = rusqlite::Connection;", "rusqlite"));
    assert!(!mentions("rusqlite_migration::M", "rusqlite"));
    assert_eq!(
        used_modules("use crate::{domain::{A, B}, store::C};\nlet x = crate::model::f();"),
        ["domain", "store", "model"]
    );
}

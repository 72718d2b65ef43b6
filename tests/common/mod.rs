//! What integration tests share: the program, a database of their own, and the real cells where they are at hand.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// The folder of real data beside the checkout, or the one that LEUKOSCOPE_SHARED names; `None` says why on stderr.
pub fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("LEUKOSCOPE_SHARED").map_or(beside, PathBuf::from);
    if path.join("data/jhh/original").is_dir() {
        return Some(path);
    }
    eprintln!("skipped: the real cells are not on this machine (LEUKOSCOPE_SHARED names their folder)");
    None
}

/// A folder of its own with a database, and the program to run on it.
pub struct Lab {
    pub dir: TempDir,
}

impl Lab {
    /// A new, empty place.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program on this lab's database.
    pub fn run(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("leukoscope").expect("the program is built");
        command.env("LEUKOSCOPE_DB", self.path("cases.db")).env("LEUKOSCOPE_REVIEWER", "tester").args(args);
        command.env("TZ", "UTC0").env("XDG_CONFIG_HOME", self.path("config")).env("HOME", self.dir.path());
        command
    }

    /// Stdout of a run that ends with exit status `code`.
    pub fn output(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args).assert().code(code).get_output().stdout.clone();
        String::from_utf8(output).expect("UTF-8")
    }

    /// JSON that a run prints.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.output(args, 0)).expect("JSON")
    }

    /// Writes phantoms of every class into `name` and returns the folder.
    pub fn phantoms(&self, name: &str, per_class: u32) -> PathBuf {
        let dir = self.path(name);
        self.run(&["phantoms", dir.to_str().expect("UTF-8"), "--per-class", &per_class.to_string()]).assert().code(0);
        dir
    }
}

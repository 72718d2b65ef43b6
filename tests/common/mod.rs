//! What several test binaries need.

#![allow(dead_code)]

use std::path::PathBuf;

/// The folder of real data and reference outputs, on machines that have it: `LEUKOSCOPE_SHARED`, else `shared` beside
/// the checkout. Without it the test says that it is skipped and returns.
pub fn shared() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    let folder = std::env::var_os("LEUKOSCOPE_SHARED").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: the shared data are not on this machine");
    None
}

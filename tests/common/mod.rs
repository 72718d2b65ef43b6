//! What several integration tests need.

use std::path::PathBuf;

/// The folder of shared real data, if this machine has it: `LEUKOSCOPE_SHARED`, or `shared` beside the repository.
/// A test that gets `None` says that it is skipped, and returns.
#[allow(dead_code)]
pub fn shared() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("LEUKOSCOPE_SHARED").map_or(beside, PathBuf::from);
    folder.join("data").is_dir().then_some(folder)
}

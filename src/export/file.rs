//! Writing a finished export to a file: whole or not at all.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes `bytes` to `path` through a temporary file beside it, synced to disk and then renamed: whatever goes wrong,
/// the file is the old one or the new one.
///
/// # Errors
/// The first error of the file system; an earlier file of that name is then unchanged.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut file = tempfile::Builder::new().prefix(".leukoscope-").tempfile_in(&folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    // The rename is on disk only once its folder is; where a folder cannot be opened (Windows) the system sees to it.
    if let Ok(folder) = std::fs::File::open(&folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("case.json");
        write_file(&path, b"one").expect("written");
        write_file(&path, b"two").expect("written");
        assert_eq!(std::fs::read(&path).expect("read"), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
        assert!(write_file(&dir.path().join("none/case.json"), b"x").is_err());
    }
}

//! Temporary files beside a database or a backup: named so that they are recognised, held while they are in use, and cleared away when
//! a killed process has left one.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::place::beside;

/// What their names begin with.
const PREFIXES: [&str; 2] = [".leukoscope-backup-", ".leukoscope-restore-"];
/// What SQLite makes beside a file.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A temporary file; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Temporary {
    path: tempfile::TempPath,
    _held: File,
}

impl Temporary {
    /// In that folder, for a backup or for a restoration. What earlier ones left behind is cleared away.
    pub(super) fn new(folder: &Path, restoring: bool) -> io::Result<Self> {
        clear(folder);
        let file = tempfile::Builder::new().prefix(PREFIXES[usize::from(restoring)]).tempfile_in(folder)?;
        let (held, path) = file.into_parts();
        held.lock()?;
        Ok(Self { path, _held: held })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name, unless something has that already.
    pub(super) fn persist_noclobber(self, target: &Path) -> io::Result<()> {
        self.path.persist_noclobber(target).map_err(|e| e.error)
    }

    /// Gives the file its name, in the place of whatever has it.
    pub(super) fn persist(self, target: &Path) -> io::Result<()> {
        self.path.persist(target).map_err(|e| e.error)
    }
}

/// Removes what nobody holds. What cannot be removed is in nobody's way.
fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !PREFIXES.iter().any(|p| name.starts_with(p)) || BESIDE.iter().any(|s| name.ends_with(s)) {
            continue;
        }
        let path: PathBuf = entry.path();
        let left = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        if left && fs::remove_file(&path).is_ok() {
            BESIDE.iter().for_each(|s| _ = fs::remove_file(beside(&path, s)));
        }
    }
}

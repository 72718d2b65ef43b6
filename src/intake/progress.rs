//! How a scan tells what it does, and how it is stopped.

use std::path::Path;

/// Somebody who wants to know how far a scan is. Called from several threads at once.
pub trait Progress: Sync {
    /// So many files will be read (on top of those said before).
    fn found(&self, files: usize) {
        let _ = files;
    }

    /// A folder of thumbnails, trash or the like, into which nobody looks.
    fn skipped(&self, folder: &Path) {
        let _ = folder;
    }

    /// A file was read; `ok`: it became part of a case so far.
    fn done(&self, path: &Path, ok: bool) {
        let _ = (path, ok);
    }

    /// Asked before each file; `true` ends the scan with [`super::IntakeError::Cancelled`].
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

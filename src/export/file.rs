//! Writing a finished export to a file: whole or not at all.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A file that is being written: a temporary one beside its place, which it takes when it is kept. Dropped it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    file: io::BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Draft {
    /// Begins a file that is to stand at `path`.
    ///
    /// # Errors
    /// When its folder cannot be written to.
    pub fn new(path: &Path) -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix(".leukoscope-").tempfile_in(folder(path))?;
        Ok(Self { file: io::BufWriter::new(file), path: path.to_owned() })
    }

    /// Syncs it to disk and puts it in its place: whatever goes wrong, the file there is the old one or the new one.
    ///
    /// # Errors
    /// The first error of the file system; an earlier file of that name is then unchanged.
    pub fn keep(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|e| e.error)?;
        // The rename is on disk only once its folder is; where a folder cannot be opened (Windows) the system sees to it.
        if let Ok(folder) = std::fs::File::open(folder(&self.path)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes `bytes` to `path`, whole or not at all, as a [`Draft`] that is kept.
///
/// # Errors
/// The first error of the file system; an earlier file of that name is then unchanged.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = Draft::new(path)?;
    draft.write_all(bytes)?;
    draft.keep()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

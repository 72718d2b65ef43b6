//! Whether the files of an open database are still where they were: what is written into a file that was removed or moved meanwhile is
//! lost with the end of the program, and SQLite does not notice.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{Result, StoreError};

/// The files of an open database, and which ones they are.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    files: Vec<(PathBuf, Identity)>,
    _open: Open,
}

/// Which file it is, whatever it is called; `None`: the system does not tell.
type Identity = Option<(u64, u64)>;

impl Place {
    /// Of the database at `path`, as it was just opened. Its log stays the same file as long as anybody has the database open.
    pub(super) fn of(path: &Path) -> Self {
        let files = [path.to_owned(), beside(path, "-wal")];
        let there = |file: PathBuf| identity(&file).ok().map(|id| (file, id));
        Self { path: path.to_owned(), files: files.into_iter().filter_map(there).collect(), _open: Open::new(path) }
    }

    /// Of a database that is read alone: what lies beside it is not its own.
    pub(super) fn of_file(path: &Path) -> Self {
        let files = identity(path).map(|id| (path.to_owned(), id)).into_iter().collect();
        Self { path: path.to_owned(), files, _open: Open::new(path) }
    }

    /// # Errors
    /// [`StoreError::Gone`] when one of the files is another one by now, or none.
    pub(super) fn check(&self) -> Result<()> {
        let same = |(file, id): &(PathBuf, Identity)| identity(file).is_ok_and(|now| now == *id);
        if self.files.iter().all(same) { Ok(()) } else { Err(StoreError::Gone { path: self.path.clone() }) }
    }
}

/// How often this process has each database open. Where it has, the file is not opened without SQLite: when a process closes a file it
/// loses every lock that it has on it, SQLite's too.
static OPEN: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// One of them.
#[derive(Debug)]
struct Open(PathBuf);

impl Open {
    fn new(path: &Path) -> Self {
        *OPEN.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_owned()).or_default() += 1;
        Self(path.to_owned())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = open.get_mut(&self.0) {
            *n -= 1;
            if *n == 0 {
                open.remove(&self.0);
            }
        }
    }
}

/// Whether this process has the database open.
pub(super) fn is_open(path: &Path) -> bool {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&path)
}

/// The database's file with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn identity(file: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(file).map(|meta| Some((meta.dev(), meta.ino())))
}

/// Here a file cannot be removed or moved while it is open.
#[cfg(not(unix))]
fn identity(file: &Path) -> io::Result<Identity> {
    fs::metadata(file).map(|_| None)
}

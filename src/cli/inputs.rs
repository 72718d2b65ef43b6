//! What a run reads, so that nothing it writes takes its place: the database with its logs, the files of settings, networks and data
//! that were named, and the images of every case.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{Context, Failure, context::show};
use crate::{
    dataset::{ANNOTATIONS, Dataset},
    export::{Draft, WriteError, write_file},
    intake::{Limits, read_image},
    store::Store,
};

/// Files that SQLite keeps beside a database, and the one that is locked while messages are sent.
const BESIDE_DATABASE: [&str; 5] = ["", "-wal", "-shm", "-journal", "-send"];

/// The files that a run reads, with what each is for a sentence.
#[derive(Debug, Clone, Default)]
pub struct Inputs(Arc<Mutex<Vec<(PathBuf, &'static str)>>>);

impl Inputs {
    /// Takes a file in; `what` it is: `the class table in use`.
    pub fn add(&self, path: &Path, what: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), what));
    }

    /// What the file `id` is, if it is among them.
    fn named(&self, id: &FileId) -> Option<&'static str> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().find(|(path, _)| FileId::of(path).as_ref() == Some(id)).map(|f| f.1)
    }
}

/// A file, whatever name leads to it: two hard links have the same.
#[derive(Debug, PartialEq, Eq)]
struct FileId {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
    #[cfg(not(unix))]
    path: PathBuf,
}

impl FileId {
    /// Links followed; `None`: there is none.
    fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(path).ok().map(|m| Self { device_and_inode: (m.dev(), m.ino()) })
        }
        #[cfg(not(unix))]
        fs::canonicalize(path).ok().map(|path| Self { path })
    }
}

impl Context {
    /// Takes in a data set: its file, and every image of it.
    pub fn reads_set(&self, path: &Path, set: &Dataset) {
        for file in [path.to_owned(), path.join(ANNOTATIONS)].iter().filter(|p| p.is_file()) {
            self.inputs.add(file, "the data that is read");
        }
        set.images.iter().for_each(|image| self.inputs.add(&image.path, "one of the images"));
    }

    /// Refuses a place for output that is something this run, or the database, reads. Links are followed. `store`: the open
    /// database, if there is one; else it is opened where it is needed.
    ///
    /// # Errors
    /// One sentence that says what the file is.
    pub fn may_write(&self, path: &Path, store: Option<&Store>) -> Result<(), Failure> {
        let refuse = |what: &str| Failure::usage(format!("{}: is {what}; name another file", show(path)));
        if self.is_beside_database(path) {
            return Err(refuse("the database in use, or a file that belongs to it"));
        }
        let Some(id) = FileId::of(path) else { return Ok(()) };
        if let Some(what) = self.inputs.named(&id) {
            return Err(refuse(what));
        }
        if !path.is_file() {
            return Ok(());
        }
        if is_database(path) {
            return Err(refuse("a database of leukoscope"));
        }
        match self.case_of_image(path, store) {
            Some(case) => Err(refuse(&format!("an image of the case {}", crate::domain::printable(&case)))),
            None => Ok(()),
        }
    }

    /// The case whose image lies at `path`, or has the same bytes.
    fn case_of_image(&self, path: &Path, store: Option<&Store>) -> Option<String> {
        let place = fs::canonicalize(path).ok()?;
        let sha256 = read_image(&place, &Limits::default()).ok().map(|read| read.sha256);
        let opened = || Store::open(&self.db, &self.table).inspect_err(|e| self.detail(&e.to_string())).ok();
        match store {
            Some(store) => store.case_with_image(&place, sha256.as_ref()).ok()?,
            None if self.db.is_file() => opened()?.case_with_image(&place, sha256.as_ref()).ok()?,
            None => None,
        }
    }

    /// Whether `path` is the database or one of the files beside it, there or not: SQLite would take it for its own.
    fn is_beside_database(&self, path: &Path) -> bool {
        let database = fs::canonicalize(&self.db).unwrap_or_else(|_| self.db.clone());
        let beside = BESIDE_DATABASE.map(|ending| {
            let mut name = database.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        });
        let id = FileId::of(path);
        let same_name = |file: &Path| {
            let (Some(a), Some(b)) = (file.file_name(), path.file_name()) else { return false };
            let folder =
                |p: &Path| FileId::of(p.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")));
            // Some file systems know no capitals.
            a.eq_ignore_ascii_case(b) && folder(file).is_some_and(|f| Some(f) == folder(path))
        };
        beside.iter().any(|file| same_name(file) || id.as_ref().is_some_and(|id| FileId::of(file).as_ref() == Some(id)))
    }

    /// Writes `bytes` to `path`, which is nothing that is read: a file whole or not at all.
    ///
    /// # Errors
    /// As [`Context::may_write`]; when it cannot be written.
    pub fn write(&self, path: &Path, bytes: &[u8], store: Option<&Store>) -> Result<(), Failure> {
        self.may_write(path, store)?;
        write_file(path, bytes).map_err(|e| unwritten(path, &e))
    }

    /// Begins a file at `path`, which is nothing that is read.
    ///
    /// # Errors
    /// As [`Context::may_write`]; when nothing can be written there.
    pub fn draft(&self, path: &Path, store: Option<&Store>) -> Result<Draft, Failure> {
        self.may_write(path, store)?;
        Draft::new(path).map_err(|e| unwritten(path, &e))
    }
}

/// The failure of a command that could not write `path`.
pub fn unwritten(path: &Path, error: &WriteError) -> Failure {
    let text = format!("{}: {error}", show(path));
    if error.is_place() { Failure::Usage(text) } else { Failure::Midway(text) }
}

/// Whether a file is a database of this program, such as a backup: its first page says so.
fn is_database(path: &Path) -> bool {
    let mut head = [0; 72];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(b"SQLite format 3\0") && &head[68..] == b"leuk"
}

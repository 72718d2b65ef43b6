//! From a cell to its decoded frame: the very image that was imported, or a sentence that says why not.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use image::RgbImage;

use crate::{
    domain::{CaseRecord, CellRecord, ClassTable},
    intake::{self, Limits},
    store::Store,
};

/// Where the images of a case lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFolder {
    root: PathBuf,
    embedded: bool,
}

impl CaseFolder {
    /// Of this case.
    pub fn of(case: &CaseRecord) -> Self {
        Self { root: case.root.clone(), embedded: case.is_phantom() }
    }
}

/// Reads frames; one for each thread, for it keeps a connection of its own.
pub trait Loader: Send {
    /// The frame of a cell.
    ///
    /// # Errors
    /// A sentence for people: what is wrong, and what to do.
    fn load(&mut self, folder: &CaseFolder, cell: &CellRecord) -> Result<RgbImage, String>;
}

/// The real one: files, and pictures in the database.
pub(super) struct FileLoader {
    database: PathBuf,
    table: ClassTable,
    store: Option<Store>,
}

impl FileLoader {
    pub(super) fn new(database: &Path, table: &ClassTable) -> Self {
        Self { database: database.to_owned(), table: table.clone(), store: None }
    }

    fn embedded(&mut self, cell: &CellRecord) -> Result<Vec<u8>, String> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&self.database, &self.table).map_err(|e| e.to_string())?,
        };
        let bytes = store.embedded_image(&cell.sha256).map_err(|e| e.to_string());
        self.store = Some(store);
        bytes?.ok_or_else(|| "this drawn picture is not in the database: run leukoscope verify".to_owned())
    }
}

impl Loader for FileLoader {
    fn load(&mut self, folder: &CaseFolder, cell: &CellRecord) -> Result<RgbImage, String> {
        let limits = Limits::default();
        let bytes = if folder.embedded {
            self.embedded(cell)?
        } else {
            let path = folder.root.join(&cell.path);
            if !path.exists() {
                return Err("file not found: import the folder from where it is now: leukoscope import DIR".to_owned());
            }
            let read = intake::read_image(&path, &limits).map_err(|e| format!("the file {e}"))?;
            if read.sha256 != cell.sha256 {
                return Err(
                    "the file has changed since it was imported: put the old one back, or import the folder again"
                        .to_owned(),
                );
            }
            read.bytes
        };
        intake::decode(&bytes, &limits).map_err(|e| e.to_string())
    }
}

/// Cells that a job is about.
pub(super) type Cells = Arc<[CellRecord]>;

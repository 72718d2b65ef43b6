//! From a cell to its decoded frame: the very image that was imported, or a sentence that says why not.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use image::RgbImage;

use crate::{
    domain::{CaseRecord, CellRecord, ClassTable},
    intake::{self, Limits},
    store::{Store, StoreError},
};

/// Where the images of a case lie.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaseFolder {
    root: PathBuf,
    embedded: bool,
    /// Um per px of the frames, where it is known.
    pub(super) um_per_px: Option<f64>,
}

impl CaseFolder {
    /// Of this case.
    pub fn of(case: &CaseRecord) -> Self {
        Self { root: case.root.clone(), embedded: !case.has_folder(), um_per_px: case.scale.um_per_px }
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

    fn store(&mut self) -> Result<&Store, StoreError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&self.database, &self.table)?,
        };
        Ok(self.store.insert(store))
    }
}

impl Loader for FileLoader {
    fn load(&mut self, folder: &CaseFolder, cell: &CellRecord) -> Result<RgbImage, String> {
        read_frame(folder, cell, || self.store()?.embedded_image(&cell.sha256))
    }
}

/// The frame of a cell, as it was imported; `embedded` looks a drawn one up in the database.
///
/// # Errors
/// A sentence without the file's name: it is gone, has changed since, or cannot be decoded.
pub fn read_frame(
    folder: &CaseFolder,
    cell: &CellRecord,
    embedded: impl FnOnce() -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<RgbImage, String> {
    let limits = Limits::default();
    let bytes = if folder.embedded {
        let bytes = embedded().map_err(|e| e.to_string())?;
        bytes.ok_or("this drawn picture is not in the database: run leukoscope verify")?
    } else {
        let path = folder.root.join(&cell.path);
        if !path.exists() {
            return Err("file not found: import the folder from where it is now: leukoscope import DIR".into());
        }
        let read = intake::read_image(&path, &limits).map_err(|e| format!("the file {e}"))?;
        if read.sha256 != cell.sha256 {
            let changed =
                "the file has changed since it was imported: put the old one back, or import the folder again";
            return Err(changed.into());
        }
        read.bytes
    };
    intake::decode(&bytes, &limits).map_err(|e| e.to_string())
}

/// Cells that a job is about.
pub(super) type Cells = Arc<[CellRecord]>;

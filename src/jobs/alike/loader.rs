//! Pictures of the library's cells: files where they were, and drawings made anew.

use image::RgbImage;

use super::super::load::{CaseFolder, Loader};
use crate::{
    domain::CellRecord,
    intake::{self, Limits},
    phantom,
};

/// Reads the very image that was taken into the library.
pub(in crate::jobs) struct LibraryLoader;

impl Loader for LibraryLoader {
    fn load(&mut self, _: &CaseFolder, cell: &CellRecord) -> Result<RgbImage, String> {
        let limits = Limits::default();
        // Drawings have a class and a number, files an absolute path.
        let bytes = if cell.path.is_relative() {
            let mut parts = cell.path.iter().map(|p| p.to_string_lossy());
            let (code, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let drawn = number.parse().ok().and_then(|number| phantom::reference_cell(&code, number));
            drawn.ok_or("this drawing is of another version of the program")?
        } else {
            if !cell.path.exists() {
                return Err("its file is no longer where it was: leukoscope library build".into());
            }
            let read = intake::read_image(&cell.path, &limits).map_err(|e| format!("its file {e}"))?;
            if read.sha256 != cell.sha256 {
                return Err("its file has changed since it was taken into the library".into());
            }
            read.bytes
        };
        intake::decode(&bytes, &limits).map_err(|e| e.to_string())
    }
}

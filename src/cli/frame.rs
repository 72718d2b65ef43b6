//! An image file as a network takes it: read, decoded, and with the scale that is known of it. For every command that is
//! given files; the cells of a case have their scale in the database, and `jobs` reads those.

use std::path::Path;

use image::RgbImage;

use super::context::show;
use crate::{
    domain::{Sha256Hash, scale_for_frame},
    intake::{self, Limits},
};

/// What was read of a file.
pub struct FileFrame {
    /// The picture.
    pub frame: RgbImage,
    /// Um per px: the one given, else that of a known scanner; `None`: the whole frame is taken as the network's field.
    pub um_per_px: Option<f64>,
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
}

/// Reads and decodes a file, whose um per px is `given` if anybody said so.
///
/// # Errors
/// A sentence without the file's name.
pub fn read(path: &Path, given: Option<f64>) -> Result<FileFrame, String> {
    let limits = Limits::default();
    let read = intake::read_image(path, &limits).map_err(|e| e.to_string())?;
    let frame = intake::decode(&read.bytes, &limits).map_err(|e| e.to_string())?;
    let um_per_px = given.or(scale_for_frame(frame.width(), frame.height()).um_per_px);
    Ok(FileFrame { frame, um_per_px, sha256: read.sha256 })
}

/// What is said, once, where a file's scale is not known; `remedy` is how to tell it.
pub fn no_scale(path: &Path, remedy: &str) -> String {
    format!(
        "{}: no scanner is known for this frame size, so the whole frame is taken as the network's field; {remedy}",
        show(path)
    )
}

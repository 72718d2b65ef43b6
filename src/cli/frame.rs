//! An image file as a network takes it: read, decoded, and with the scale that is known of it. For every command that is
//! given files; the cells of a case have their scale in the database, and `jobs` reads those.

use std::path::Path;

use image::RgbImage;

use super::context::show;
use crate::{
    domain::{Scale, Sha256Hash, scales_differ},
    intake::{self, Limits},
};

/// What was read of a file.
pub struct FileFrame {
    /// The picture.
    pub frame: RgbImage,
    /// Um per px: the one given, else the one that the file states, else that of a known scanner; `None`: the whole frame is
    /// taken as the network's field.
    pub um_per_px: Option<f64>,
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
    /// The scale that the file states, where another one is used.
    pub stated: Option<f64>,
}

/// Reads and decodes a file, whose um per px is `given` if anybody said so.
///
/// # Errors
/// A sentence without the file's name.
pub fn read(path: &Path, given: Option<f64>) -> Result<FileFrame, String> {
    let read = intake::load(path, &Limits::default()).map_err(|e| e.to_string())?;
    let um_per_px = Scale::known(given, read.um_per_px, read.picture.dimensions()).um_per_px;
    let stated = read.um_per_px.filter(|own| um_per_px.is_some_and(|used| scales_differ(*own, used)));
    Ok(FileFrame { frame: read.picture, um_per_px, sha256: read.sha256, stated })
}

/// What is said, once, where a file states another scale than the one that is used.
pub fn other_scale(path: &Path, stated: f64, used: Option<f64>) -> String {
    let used = used.map_or_else(|| "another one".into(), |x| x.to_string());
    format!("{}: states {stated} um per px; {used} is used, as you say", show(path))
}

/// What is said, once, where a file's scale is not known; `remedy` is how to tell it.
pub fn no_scale(path: &Path, remedy: &str) -> String {
    format!(
        "{}: no scanner is known for this frame size, so the whole frame is taken as the network's field; {remedy}",
        show(path)
    )
}

//! One file as a cell's picture: read, hashed, decoded, with the scale that it states.

use std::path::Path;

use image::RgbImage;

use super::{Limits, Reason, decode::decode_when, mask, own_scale, phantom::says_drawn, read_image};
use crate::domain::Sha256Hash;

/// What was read of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct CellImage {
    /// The picture.
    pub picture: RgbImage,
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
    /// Micrometres per pixel, where the file says so.
    pub um_per_px: Option<f64>,
    /// Whether the file says that this program has drawn it.
    pub drawn: bool,
}

/// Reads the file at `path`.
///
/// # Errors
/// When it cannot be read or decoded, or is no picture of a cell.
pub fn load(path: &Path, limits: &Limits) -> Result<CellImage, Reason> {
    load_when(path, limits, |_| {})
}

/// The same; `ready` is called with the number of pixels before memory is taken for them, and may wait.
pub(super) fn load_when(path: &Path, limits: &Limits, ready: impl FnOnce(u64)) -> Result<CellImage, Reason> {
    let read = read_image(path, limits)?;
    // A name says what a file is where its first bytes do not.
    let picture = decode_when(&read.bytes, limits, ready).map_err(|reason| match reason {
        Reason::NotAnImage("something else") => super::foreign::named(path).unwrap_or(reason),
        reason => reason,
    })?;
    mask::refuse(path, &picture, limits)?;
    let (um_per_px, drawn) = (own_scale(&read.bytes), says_drawn(&read.bytes));
    Ok(CellImage { picture, sha256: read.sha256, um_per_px, drawn })
}

//! Masks: drawings of where a cell lies, as segmentation sets keep them beside their pictures under the same name.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use image::RgbImage;

use super::{Limits, Reason, decode, read_image};
use crate::domain::printable;

const ENDINGS: [&str; 9] = ["jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp", "JPG", "BMP"];
/// What names of masks have after the picture's own.
const MARKS: [&str; 8] = ["_mask", "-mask", "_seg", "-seg", "_label", "-label", "_gt", "_Mask"];

/// Refuses a grey picture beside which one in colour lies under the same name: that one is the cell, this one says where.
pub(super) fn refuse(path: &Path, picture: &RgbImage, limits: &Limits) -> Result<(), Reason> {
    if !is_grey(picture) {
        return Ok(());
    }
    let in_colour = |other: &PathBuf| {
        let read = read_image(other, limits).and_then(|read| decode(&read.bytes, limits));
        read.is_ok_and(|other| !is_grey(&other))
    };
    match twins(path).into_iter().find(in_colour) {
        Some(twin) => {
            Err(Reason::Mask(printable(&twin.file_name().unwrap_or_default().to_string_lossy()).into_owned()))
        }
        None => Ok(()),
    }
}

fn is_grey(picture: &RgbImage) -> bool {
    picture.pixels().all(|p| p.0[0] == p.0[1] && p.0[1] == p.0[2])
}

/// The files that are there under the same name.
fn twins(path: &Path) -> Vec<PathBuf> {
    let Some(stem) = path.file_stem().and_then(OsStr::to_str) else { return Vec::new() };
    let bare = MARKS.iter().find_map(|mark| stem.strip_suffix(mark));
    let stems = [Some(stem), bare].into_iter().flatten().filter(|s| !s.is_empty());
    let all = stems.flat_map(|stem| ENDINGS.iter().map(move |ending| path.with_file_name(format!("{stem}.{ending}"))));
    all.filter(|other| other != path && other.is_file()).collect()
}

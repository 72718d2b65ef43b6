//! Phantoms as files in the layouts that scanners and data sets use: what intake is tried on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use image::{DynamicImage, RgbImage, RgbaImage, imageops};
use rayon::prelude::*;
use tiff::{
    TiffResult,
    encoder::{TiffEncoder, colortype::RGBA8},
    tags::Tag,
};

use super::{CLASSES, demo::marked_jpeg, render};
use crate::domain::{Layout, PHANTOM_MARK};

/// Classes of AML-Cytomorphology_LMU.
const LMU_CLASSES: [&str; 15] =
    ["BAS", "EBO", "EOS", "KSC", "LYA", "LYT", "MMZ", "MOB", "MON", "MYB", "MYO", "NGB", "NGS", "PMB", "PMO"];

/// Side of an LMU frame in px, and of the same field in a phantom (28.4 um at 0.071 and at 0.10 um per px).
const LMU_SIDE: u32 = 400;
const LMU_FIELD: u32 = 284;

/// Every file says in itself that it is drawn. Writes `per_class` phantoms of each class into `dir` (created if need be) and returns their paths in the order of
/// class and number.
///
/// [`Layout::Flat`] and [`Layout::Phantom`]: JPEGs in one folder. [`Layout::Classes`]: JPEGs in a folder per class code.
/// [`Layout::Lmu`]: that data set's 15 classes as 400 x 400 px RGBA TIFFs, `MYO/MYO_0001.tiff`, and `annotations.dat`.
pub fn write_folder(dir: &Path, seed: u64, per_class: u32, layout: &Layout) -> io::Result<Vec<PathBuf>> {
    let lmu = *layout == Layout::Lmu;
    let codes = if lmu { &LMU_CLASSES[..] } else { CLASSES };
    let in_classes = lmu || *layout == Layout::Classes;
    fs::create_dir_all(dir)?;
    if in_classes && per_class > 0 {
        codes.iter().try_for_each(|code| fs::create_dir_all(dir.join(code)))?;
    }
    let cells: Vec<(&str, u32)> = codes.iter().flat_map(|code| (1..=per_class).map(move |n| (*code, n))).collect();
    if lmu {
        let rows: String =
            cells.iter().map(|(code, n)| format!("{code}/{code}_{n:04}.tiff {code} nan nan\n")).collect();
        fs::write(dir.join("annotations.dat"), rows)?;
    }
    cells
        .par_iter()
        .map(|&(code, n)| {
            let extension = if lmu { "tiff" } else { "jpg" };
            let folder = if in_classes { dir.join(code) } else { dir.to_path_buf() };
            let path = folder.join(format!("{code}_{n:04}.{extension}"));
            let cell = seed + u64::from(n);
            if lmu {
                let frame = render(code, cell).expect("LMU's classes can be drawn");
                let rgba = DynamicImage::ImageRgb8(as_lmu(&frame)).to_rgba8();
                write_tiff(&path, &rgba).map_err(io::Error::other)?;
            } else {
                fs::write(&path, marked_jpeg(code, cell).expect("the classes of the list can be drawn"))?;
            }
            Ok(path)
        })
        .collect()
}

/// The middle of a frame at LMU's scale.
fn as_lmu(frame: &RgbImage) -> RgbImage {
    let (x, y) = ((frame.width() - LMU_FIELD) / 2, (frame.height() - LMU_FIELD) / 2);
    let middle = imageops::crop_imm(frame, x, y, LMU_FIELD, LMU_FIELD).to_image();
    imageops::resize(&middle, LMU_SIDE, LMU_SIDE, imageops::FilterType::Triangle)
}

/// A TIFF whose description says that it is drawn.
fn write_tiff(path: &Path, frame: &RgbaImage) -> TiffResult<()> {
    let mut encoder = TiffEncoder::new(io::BufWriter::new(fs::File::create(path)?))?;
    let mut image = encoder.new_image::<RGBA8>(frame.width(), frame.height())?;
    image.encoder().write_tag(Tag::ImageDescription, PHANTOM_MARK)?;
    image.write_data(frame.as_raw())
}

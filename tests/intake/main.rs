//! Intake: every kind of bad input by name, layouts, links, and the shared originals when this machine has them.

#[path = "../common/mod.rs"]
mod common;

mod bad_files;
mod identity;
mod layouts;
mod links;
mod originals;
mod seeming;
mod tiffs;

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use leukoscope::{
    domain::{ClassTable, FoundCase},
    intake::{IntakeError, ScanOptions, Silent, scan},
};

/// A picture that is another one for each `seed`.
fn picture(width: u32, height: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = (f64::from(x * (seed % 7 + 1)) / 9.0).sin() * 60.0 + f64::from(y * 255 / height) / 2.0;
        Rgb([(wave + 90.0) as u8, (x * 255 / width) as u8, (seed * 37 % 256) as u8])
    })
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image.clone()).write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

/// A folder to fill and scan.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("smear")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, bytes).expect("written");
        path
    }

    /// Writes a JPEG of 60 x 60 px.
    fn cell(&self, name: &str, seed: u32) -> PathBuf {
        self.write(name, encoded(&picture(60, 60, seed), ImageFormat::Jpeg))
    }

    fn scan(&self, options: &ScanOptions) -> Result<Vec<FoundCase>, IntakeError> {
        scan(&[self.path()], options, &ClassTable::default(), &Silent)
    }

    /// The only case of the folder.
    fn case(&self) -> FoundCase {
        let mut cases = self.scan(&ScanOptions::default()).expect("scanned");
        assert_eq!(cases.len(), 1);
        cases.remove(0)
    }
}

fn paths(case: &FoundCase) -> Vec<&str> {
    case.cells.iter().map(|c| c.path.to_str().expect("text")).collect()
}

/// The reason for leaving a file out.
fn reason<'a>(case: &'a FoundCase, path: &Path) -> &'a str {
    case.refused.iter().find(|r| r.path == path).map_or("not refused", |r| &r.reason)
}

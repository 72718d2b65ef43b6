//! The pictures to explain: files and folders, or the cells of a case.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use image::RgbImage;

use super::super::{Context, Failure, args::ExplainArgs, classify::items, frame};
use crate::{
    domain::{CaseRecord, CellNumber, CellRecord, printable},
    jobs::{CaseFolder, read_frame},
    store::Store,
};

/// Where the pictures come from.
pub(super) enum Source<'a> {
    Files { paths: &'a [PathBuf], um_per_px: Option<f64> },
    Case { store: Box<Store>, case: Box<CaseRecord>, cells: Vec<CellRecord> },
}

/// A picture to explain.
pub(super) struct Picture {
    /// The file, as it was found or imported.
    pub path: PathBuf,
    /// The cell's number, of a case.
    pub cell: Option<CellNumber>,
    /// Name of what is written, without its ending, below the folder for output.
    pub name: PathBuf,
    of: Of,
}

enum Of {
    File,
    Refused(String),
    Cell(CellRecord),
}

impl<'a> Source<'a> {
    /// What the arguments name.
    pub fn new(context: &Context, args: &'a ExplainArgs) -> Result<Self, Failure> {
        let Some(name) = &args.case else {
            return Ok(Self::Files { paths: &args.paths, um_per_px: args.um_per_px });
        };
        let store = Box::new(context.store_of(name)?);
        let case = Box::new(context.case(&store, name)?);
        let mut cells = store.cells(case.id).map_err(Failure::usage)?;
        let known: HashSet<CellNumber> = cells.iter().map(|c| c.number).collect();
        if let Some(id) = args.cell.iter().find(|id| !known.contains(*id)) {
            let name = printable(&case.name);
            return Err(Failure::usage(format!(
                "--cell {id}: there is no such cell in the case {name}; `leukoscope export {name}` lists them"
            )));
        }
        cells.retain(|c| args.cell.is_empty() || args.cell.contains(&c.number));
        Ok(Self::Case { store, case, cells })
    }

    /// The pictures in order; what lies below `output` is not among them.
    pub fn pictures<'s>(&'s self, output: &Path) -> Box<dyn Iterator<Item = Picture> + 's> {
        match self {
            Self::Files { paths, .. } => {
                let output = output.canonicalize().ok();
                let ours = move |path: &Path| {
                    output.as_ref().is_some_and(|o| path.canonicalize().is_ok_and(|p| p.starts_with(o)))
                };
                Box::new(paths.iter().flat_map(move |given| {
                    let (ours, folder) = (ours.clone(), given.is_dir());
                    items(given, false).filter(move |i| !folder || !ours(&i.path)).map(move |item| Picture {
                        name: name_of(&item.path, folder.then_some(given.as_path())),
                        path: item.path,
                        cell: None,
                        of: item.refused.map_or(Of::File, Of::Refused),
                    })
                }))
            }
            Self::Case { case, cells, .. } => Box::new(cells.iter().map(|cell| Picture {
                path: case.root.join(&cell.path),
                cell: Some(cell.number),
                // The names of labelled files tell their label more often than not.
                name: format!("cell-{}", cell.number).into(),
                of: Of::Cell(cell.clone()),
            })),
        }
    }

    /// The frame of a picture, its um per px, and whether nothing was known of that; or a sentence about why not.
    pub fn frame(&self, picture: &Picture) -> Result<(RgbImage, Option<f64>, bool), String> {
        match (self, &picture.of) {
            (_, Of::Refused(reason)) => Err(reason.clone()),
            (Self::Case { store, case, .. }, Of::Cell(cell)) => {
                let frame = read_frame(&CaseFolder::of(case), cell, || store.embedded_image(&cell.sha256))?;
                Ok((frame, case.scale.um_per_px, false))
            }
            (Self::Files { um_per_px, .. }, _) => {
                let read = frame::read(&picture.path, *um_per_px)?;
                Ok((read.frame, read.um_per_px, read.um_per_px.is_none()))
            }
            (Self::Case { .. }, Of::File) => Err("is no cell of a case".into()),
        }
    }
}

/// A file's name without its ending, with the folders between it and the folder that was named.
fn name_of(path: &Path, folder: Option<&Path>) -> PathBuf {
    let below = folder.and_then(|f| path.strip_prefix(f).ok()).filter(|p| p.file_name().is_some());
    let name = below.or_else(|| path.file_name().map(Path::new)).unwrap_or(Path::new("image"));
    name.with_extension("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_folders_below_the_one_that_was_named() {
        for (path, folder, name) in [
            ("smear/MYO/a.b.jpg", Some("smear"), "MYO/a.b"),
            ("smear/MYO/a.jpg", None, "a"),
            ("a.tiff", Some("."), "a"),
            ("..", None, "image"),
        ] {
            assert_eq!(name_of(Path::new(path), folder.map(Path::new)), Path::new(name), "{path}");
        }
    }
}

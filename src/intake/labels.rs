//! The one reader of layouts and labels, for whatever takes a folder of images: which cases its images are, and which label
//! each has by its folder or by an annotation file.

use std::path::{Path, PathBuf};

use super::{
    Annotations, IntakeError, LayoutChoice,
    layout::{self, Plan},
    list,
};
use crate::domain::{ClassTable, Refusal};

/// The annotation file that LMU's collection has.
pub const ANNOTATIONS: &str = "annotations.dat";

/// A folder as it lies.
pub(super) struct Laid {
    pub plans: Vec<Plan>,
    pub annotations: Option<(Annotations, PathBuf)>,
    pub skipped: Vec<PathBuf>,
}

/// Reads how the images of `dir` lie, whose real path is `root`. An annotation file that lies there is taken, unless another
/// one is given or the layout that was asked for has none.
pub(super) fn lay(
    dir: &Path,
    root: &Path,
    choice: LayoutChoice,
    given: Option<&Path>,
    table: &ClassTable,
) -> Result<Laid, IntakeError> {
    let mut listing = list(dir);
    let annotations = match given.map(Path::to_owned).or_else(|| beside(root, choice)) {
        Some(path) => {
            let names: Vec<String> = listing.images.iter().map(|p| slashed(p)).collect();
            Some((Annotations::read(&path)?.placed(&names), path))
        }
        None => None,
    };
    let skipped = std::mem::take(&mut listing.skipped);
    let start = annotations.as_ref().map(|(a, _)| PathBuf::from(&a.start));
    let plans = layout::plan(dir, listing, choice, start.as_deref(), table)?;
    Ok(Laid { plans, annotations, skipped })
}

fn beside(root: &Path, choice: LayoutChoice) -> Option<PathBuf> {
    let beside = root.join(ANNOTATIONS);
    let wanted = matches!(choice, LayoutChoice::Auto | LayoutChoice::Lmu);
    let regular = std::fs::symlink_metadata(&beside).is_ok_and(|m| m.is_file());
    (wanted && regular).then_some(beside)
}

/// A relative path as annotation files write it.
pub(super) fn slashed(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// An image of a folder with the label of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedImage {
    /// Relative to the folder, with `/`.
    pub name: String,
    /// The name of the folder that stands for its class.
    pub label: Option<String>,
    /// The folder of the patient, where patients have one each.
    pub patient: Option<String>,
}

/// The images of a folder with all that their places and an annotation file say of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlacedImages {
    /// In name order.
    pub images: Vec<PlacedImage>,
    /// The annotation file, and where it lies; its paths are those of [`PlacedImage::name`].
    pub annotations: Option<(Annotations, PathBuf)>,
    /// What was left out.
    pub refused: Vec<Refusal>,
    /// Folders of thumbnails, trash and the like, into which nobody looked.
    pub skipped: Vec<PathBuf>,
}

/// Reads where the images of a set lie: as an import does, and where an import would ask how the folder is meant, its
/// folders are taken for classes.
///
/// # Errors
/// When the annotation file cannot be used.
pub fn placed_images(dir: &Path, table: &ClassTable) -> Result<PlacedImages, IntakeError> {
    let laid = match lay(dir, dir, LayoutChoice::Auto, None, table) {
        Err(IntakeError::Ambiguous { .. }) => lay(dir, dir, LayoutChoice::Classes, None, table)?,
        other => other?,
    };
    let mut placed = PlacedImages { annotations: laid.annotations, skipped: laid.skipped, ..PlacedImages::default() };
    for plan in laid.plans {
        let patient = plan.below.file_name().map(|n| n.to_string_lossy().into_owned());
        placed.images.extend(plan.files.into_iter().map(|(path, label)| PlacedImage {
            name: slashed(&plan.below.join(path)),
            label,
            patient: patient.clone(),
        }));
        placed.refused.extend(plan.refused);
    }
    Ok(placed)
}

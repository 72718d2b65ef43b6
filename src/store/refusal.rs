//! Why a folder does not become (part of) a case, in sentences that name both and the way out.

use std::path::{Path, PathBuf};

use crate::domain::{name_key, printable, spelt_out};

/// A folder that is not taken in. Nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// The name belongs to a case of another folder.
    #[error(
        "the name `{}` is taken by the case of another folder, {}; {same} of the {of} images in {} are in it. Import the folder under \
         a name of its own with --case NAME or, if it is a second slide of that case, with --case '{}' --add{}",
        printable(name),
        show(there),
        show(root),
        printable(name),
        look_alike(name, asked, there, root)
    )]
    NameTaken {
        /// The case's name.
        name: String,
        /// The name that was asked for: the same to the eye.
        asked: String,
        /// The case's folder.
        there: PathBuf,
        /// The folder that was found.
        root: PathBuf,
        /// Images that both have.
        same: usize,
        /// Images found.
        of: usize,
    },
    /// The folder of a case holds something else now.
    #[error(
        "{} is the folder of the case `{}`, and {what}: it seems to have been used again for another smear. The case is left as it is; \
         move the new images to a folder of their own and import that, or take what lies there now as a case of its own with --case NAME",
        show(root),
        printable(case)
    )]
    FolderReused {
        /// The case.
        case: String,
        /// The folder.
        root: PathBuf,
        /// A clause with counts.
        what: String,
    },
    /// The folder may be that of a case whose own is gone, or another patient's.
    #[error(
        "{} holds {same} of the {of} images of the case `{}` and {new} others, and {}, the folder of that case, no longer holds them: \
         moved, or another patient's? If it is another patient's, import it with --case NAME; if it is that case's, with --case '{}' --add",
        show(root),
        printable(case),
        show(there),
        printable(case)
    )]
    PerhapsMoved {
        /// The case.
        case: String,
        /// Its folder.
        there: PathBuf,
        /// The folder that was found.
        root: PathBuf,
        /// Images that both have.
        same: usize,
        /// Images that the case has in its folder.
        of: usize,
        /// Images found that the case does not have.
        new: usize,
    },
    /// More than one case fits.
    #[error("{} may be the folder of several cases ({}); say of which with --case NAME", show(root), listed(cases))]
    SeveralCases {
        /// The folder.
        root: PathBuf,
        /// Their names.
        cases: Vec<String>,
    },
    /// `--add` without a case.
    #[error(
        "there is no case `{}` that {} could be added to; name the case with --case, or leave --add out to make a case of its own",
        printable(name),
        show(root)
    )]
    NothingToAddTo {
        /// The name.
        name: String,
        /// The folder.
        root: PathBuf,
    },
    /// A folder of one case was to be added to another.
    #[error(
        "{} is the folder of the case `{}` already, and is not added to `{}`: a folder is of one case",
        show(root),
        printable(owner),
        printable(case)
    )]
    FolderOfAnother {
        /// The folder.
        root: PathBuf,
        /// The case that it is of.
        owner: String,
        /// The case that it was to be added to.
        case: String,
    },
    /// Images of another scale were to be added to a case.
    #[error(
        "{} has {}, and the case `{}` {}: two scanners in one case. Import it as a case of its own with --case NAME, or say the scale with \
         --um-per-px if it is the same after all",
        show(root), scale(here.as_deref()), printable(case), scale(there.as_deref())
    )]
    OtherScale {
        /// The folder.
        root: PathBuf,
        /// Its um per px.
        here: Option<String>,
        /// The case.
        case: String,
        /// The case's um per px.
        there: Option<String>,
    },
    /// Drawn cells beside others in one folder.
    #[error(
        "{} holds {drawn} drawn cells (phantoms) among {of} images; they never go into one case. Move the drawn ones to a folder of their own",
        show(root)
    )]
    Mixed {
        /// The folder.
        root: PathBuf,
        /// Drawn cells.
        drawn: usize,
        /// All of them.
        of: usize,
    },
    /// Drawn cells for a patient's case.
    #[error(
        "the cells in {} are drawn (phantoms) and do not go into the case `{}` of a patient; import them with --case NAME",
        show(root),
        printable(case)
    )]
    DrawnForPatient {
        /// The folder.
        root: PathBuf,
        /// The case.
        case: String,
    },
}

fn show(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

fn scale(um_per_px: Option<&str>) -> String {
    um_per_px.map_or_else(|| "no known scale".to_owned(), |s| format!("{s} um per px"))
}

fn listed(names: &[String]) -> String {
    names.iter().map(|n| format!("`{}`", printable(n))).collect::<Vec<_>>().join(", ")
}

/// Why two names, or the folders that they come from, look the same and are two: nobody can see it.
fn look_alike(name: &str, asked: &str, there: &Path, root: &Path) -> String {
    let (there, root) = (there.to_string_lossy(), root.to_string_lossy());
    let alike = |a: &str, b: &str| a != b && name_key(a) == name_key(b);
    let (what, a, b) = if alike(name, asked) {
        ("names", name, asked)
    } else if alike(&there, &root) {
        ("folders", &*there, &*root)
    } else {
        return String::new();
    };
    format!(
        " (the two {what} look the same and are written with other characters: `{}` and `{}`)",
        spelt_out(a),
        spelt_out(b)
    )
}

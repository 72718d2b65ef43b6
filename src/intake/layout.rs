//! How a folder's images lie, and which cases and labels follow from that. Only names are looked at here.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{IntakeError, Listing, Reason};
use crate::domain::{ClassTable, Layout, Refusal, natural_cmp, printable};

/// The layout that the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LayoutChoice {
    /// Told from the folder itself; refused where that is ambiguous.
    #[default]
    Auto,
    /// The images directly in the folder are one case.
    Flat,
    /// One case, a folder per class.
    Classes,
    /// A folder per patient, each of them flat or with a folder per class.
    Patients,
    /// One case in the layout of AML-Cytomorphology_LMU.
    Lmu,
}

impl LayoutChoice {
    /// Their names on the command line.
    pub const NAMES: [&str; 5] = ["auto", "flat", "classes", "patients", "lmu"];
}

/// A layout that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no layout; use auto, flat, classes, patients or lmu")]
pub struct ParseLayoutError(String);

impl FromStr for LayoutChoice {
    type Err = ParseLayoutError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "auto" => Ok(Self::Auto),
            "flat" => Ok(Self::Flat),
            "classes" => Ok(Self::Classes),
            "patients" => Ok(Self::Patients),
            "lmu" => Ok(Self::Lmu),
            _ => Err(ParseLayoutError(printable(s).into_owned())),
        }
    }
}

/// A case to be: its files, not read yet.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Below the imported folder; empty: that folder itself.
    pub below: PathBuf,
    /// `None`: flat.
    pub layout: Option<Layout>,
    /// Relative to the case's folder, in name order, with the label that the folder gives.
    pub files: Vec<(PathBuf, Option<String>)>,
    pub refused: Vec<Refusal>,
    pub warnings: Vec<String>,
}

/// What lies directly in a folder.
struct Shape<'a> {
    /// Images directly in it.
    direct: usize,
    /// Folders with images in them.
    folders: BTreeSet<&'a str>,
    /// How many of those are named as a class is.
    classes: usize,
}

impl<'a> Shape<'a> {
    fn of(images: impl Iterator<Item = &'a Path>, table: &ClassTable) -> Self {
        let mut shape = Self { direct: 0, folders: BTreeSet::new(), classes: 0 };
        for image in images {
            match first_folder(image) {
                None => shape.direct += 1,
                // A name that is no text is no class's name; any text that is none either stands for it.
                Some(folder) => _ = shape.folders.insert(folder.to_str().unwrap_or("\u{fffd}")),
            }
        }
        shape.classes = shape.folders.iter().filter(|f| table.by_label(f).is_some()).count();
        shape
    }

    fn names(&self) -> String {
        let mut names: Vec<_> = self.folders.iter().copied().collect();
        names.sort_by(|a, b| natural_cmp(a, b));
        let more = names.len().saturating_sub(4);
        let shown: Vec<_> = names.into_iter().take(4).map(printable).collect();
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    }
}

fn first_folder(path: &Path) -> Option<&Path> {
    let first = Path::new(path.iter().next()?);
    (first != path).then_some(first)
}

/// Decides how `dir`'s images lie. `annotated`: the folder in which an annotation file's paths start, if there is one.
pub(super) fn plan(
    dir: &Path,
    listing: Listing,
    choice: LayoutChoice,
    annotated: Option<&Path>,
    table: &ClassTable,
) -> Result<Vec<Plan>, IntakeError> {
    let shape = Shape::of(listing.images.iter().map(PathBuf::as_path), table);
    let choice = match choice {
        LayoutChoice::Auto => detect(dir, &listing, &shape, annotated.is_some(), table)?,
        given => given,
    };
    let mut plans = match choice {
        LayoutChoice::Patients => patients(dir, &listing.images, table),
        LayoutChoice::Classes => vec![one(listing.images, Layout::Classes, None)],
        LayoutChoice::Lmu => vec![one(listing.images, Layout::Lmu, annotated)],
        LayoutChoice::Flat | LayoutChoice::Auto => vec![flat(listing.images)],
    };
    if plans.is_empty() {
        plans.push(Plan::default());
    }
    for refusal in listing.refused {
        belonging(&mut plans, dir, &refusal.path).refused.push(refusal);
    }
    for link in listing.links {
        let warning = format!(
            "{} is a link within the folder; what it leads to is taken once",
            printable(&link.to_string_lossy())
        );
        belonging(&mut plans, dir, &link).warnings.push(warning);
    }
    Ok(plans)
}

/// The plan of the case that a path lies in, else the first.
fn belonging<'a>(plans: &'a mut [Plan], dir: &Path, path: &Path) -> &'a mut Plan {
    let at = plans.iter().position(|p| path.starts_with(dir.join(&p.below))).unwrap_or(0);
    &mut plans[at]
}

fn detect(
    dir: &Path,
    listing: &Listing,
    shape: &Shape<'_>,
    annotated: bool,
    table: &ClassTable,
) -> Result<LayoutChoice, IntakeError> {
    let tiff =
        |p: &PathBuf| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("tiff") || e.eq_ignore_ascii_case("tif"));
    let codes = !shape.folders.is_empty() && shape.folders.iter().all(|f| table.by_code(f).is_some());
    if annotated || (codes && shape.direct == 0 && listing.images.iter().all(tiff)) {
        return Ok(LayoutChoice::Lmu);
    }
    let ambiguous = |why: String| Err(IntakeError::Ambiguous { dir: dir.to_owned(), why });
    if shape.folders.is_empty() {
        Ok(LayoutChoice::Flat)
    } else if shape.direct > 0 {
        ambiguous(format!("{} images lie beside folders with images ({})", shape.direct, shape.names()))
    } else if 2 * shape.classes > shape.folders.len() {
        Ok(LayoutChoice::Classes)
    } else if shape.classes == 0 {
        Ok(LayoutChoice::Patients)
    } else {
        let (n, of) = (shape.classes, shape.folders.len());
        ambiguous(format!("{n} of its {of} folders are named as classes are ({})", shape.names()))
    }
}

/// Only what lies directly in the folder.
fn flat(images: Vec<PathBuf>) -> Plan {
    let (direct, below): (Vec<_>, Vec<_>) = images.into_iter().partition(|p| first_folder(p).is_none());
    let mut plan = Plan { files: direct.into_iter().map(|p| (p, None)).collect(), ..Plan::default() };
    if !below.is_empty() {
        plan.warnings.push(format!("{} images in folders below were left out, as --layout flat says", below.len()));
    }
    plan
}

/// Everything, with the first folder's name as the label; `start`: the folder that those of the classes lie in.
fn one(images: Vec<PathBuf>, layout: Layout, start: Option<&Path>) -> Plan {
    let below = |p: &'_ Path| start.and_then(|s| p.strip_prefix(s).ok()).map_or_else(|| p.to_owned(), Path::to_owned);
    let label = |p: &Path| first_folder(&below(p)).map(|f| f.to_string_lossy().into_owned());
    Plan {
        layout: Some(layout),
        files: images.into_iter().map(|p| (label(&p), p)).map(|(l, p)| (p, l)).collect(),
        ..Plan::default()
    }
}

/// A case for each folder.
fn patients(dir: &Path, images: &[PathBuf], table: &ClassTable) -> Vec<Plan> {
    let mut stray = Vec::new();
    let mut of: BTreeMap<&Path, Vec<PathBuf>> = BTreeMap::new();
    for image in images {
        match first_folder(image) {
            None => stray.push(Refusal { path: dir.join(image), reason: Reason::Stray.to_string() }),
            Some(folder) => of.entry(folder).or_default().push(image.strip_prefix(folder).unwrap_or(image).to_owned()),
        }
    }
    let mut plans: Vec<Plan> =
        of.into_iter().map(|(folder, images)| Plan { below: folder.to_owned(), ..patient(images, table) }).collect();
    plans.sort_by(|a, b| super::list::name_order(&a.below, &b.below));
    if let Some(first) = plans.first_mut() {
        first.refused.extend(stray);
    } else if !stray.is_empty() {
        plans.push(Plan { refused: stray, ..Plan::default() });
    }
    plans
}

/// One patient: folders that are named as classes are give labels, others do not, and nothing is left out.
fn patient(images: Vec<PathBuf>, table: &ClassTable) -> Plan {
    let shape = Shape::of(images.iter().map(PathBuf::as_path), table);
    if shape.classes > 0 {
        return one(images, Layout::Classes, None);
    }
    let warning = (!shape.folders.is_empty())
        .then(|| format!("its folders ({}) are named as no class is; they give no labels", shape.names()));
    Plan {
        files: images.into_iter().map(|p| (p, None)).collect(),
        warnings: warning.into_iter().collect(),
        ..Plan::default()
    }
}

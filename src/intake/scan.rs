//! From folders to found cases: listing, planning, then reading, hashing and decoding every file in parallel.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;

use super::{
    Annotations, LayoutChoice, Limits, Progress, Reason, frames,
    labels::{self, Laid, slashed},
    layout::Plan,
    load::load_when,
    twice::Twice,
};
use crate::domain::{
    ClassTable, FoundCase, FoundCell, Layout, Refusal, Sha256Hash, composed_name, name_key, printable,
};

/// Larger files are read, and larger pictures decoded, one at a time, so that memory does not grow with the number of cores.
const LARGE: u64 = 4 << 20;
/// So many bad lines of an annotation file are named one by one.
const NAMED_LINES: usize = 20;

/// How to scan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanOptions {
    /// The case's name (`--case`).
    pub case: Option<String>,
    /// How the images lie.
    pub layout: LayoutChoice,
    /// An annotation file in LMU's form.
    pub annotations: Option<PathBuf>,
    /// The scale.
    pub um_per_px: Option<f64>,
    /// What is too large.
    pub limits: Limits,
}

/// Why nothing was scanned.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// Not a folder that can be read.
    #[error("{}: {what}", printable(&dir.to_string_lossy()))]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It can be taken in more than one way.
    #[error(
        "{}: {why}; say how its images lie with --layout flat, classes, patients or lmu",
        printable(&dir.to_string_lossy())
    )]
    Ambiguous {
        /// The folder.
        dir: PathBuf,
        /// What was found.
        why: String,
    },
    /// One name for several cases.
    #[error("{} holds {cases} cases, and --case names one; import the patients' folders one by one", printable(&dir.to_string_lossy()))]
    OneName {
        /// The folder.
        dir: PathBuf,
        /// Cases in it.
        cases: usize,
    },
    /// The annotation file cannot be used.
    #[error("{}: {what}", printable(&path.to_string_lossy()))]
    Annotations {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Not a scale.
    #[error("--um-per-px {0} is no scale; a camera on a microscope has between 0.005 and 5 um per px")]
    Scale(f64),
    /// A name that is none.
    #[error("--case must not be empty")]
    BlankName,
    /// Somebody stopped it.
    #[error("stopped; nothing of the folders that were not finished was kept")]
    Cancelled,
}

/// Scans folders: one or more cases each. Files that cannot be used are in [`FoundCase::refused`]; a case all of whose
/// files are refused has no cells.
///
/// # Errors
/// When a folder cannot be read or taken in one way, or an option makes no sense. Nothing is scanned then.
pub fn scan(
    dirs: &[PathBuf],
    options: &ScanOptions,
    table: &ClassTable,
    progress: &dyn Progress,
) -> Result<Vec<FoundCase>, IntakeError> {
    if let Some(bad) = options.um_per_px.filter(|s| !(0.005..=5.0).contains(s)) {
        return Err(IntakeError::Scale(bad));
    }
    if options.case.as_ref().is_some_and(|c| name_key(c).is_empty()) {
        return Err(IntakeError::BlankName);
    }
    let mut jobs = Vec::new();
    for dir in dirs {
        let root = folder(dir)?;
        let Laid { plans, annotations, skipped } =
            labels::lay(dir, &root, options.layout, options.annotations.as_deref(), table)?;
        skipped.iter().for_each(|folder| progress.skipped(folder));
        if options.case.is_some() && plans.len() > 1 {
            return Err(IntakeError::OneName { dir: dir.clone(), cases: plans.len() });
        }
        for plan in plans {
            jobs.push((dir, root.clone(), plan, annotations.clone()));
        }
    }
    progress.found(jobs.iter().map(|j| j.2.files.len()).sum());
    let large = Mutex::new(());
    let scan_one = |(dir, root, plan, annotations): (&PathBuf, PathBuf, Plan, Option<(Annotations, PathBuf)>)| {
        let files = read_all(dir, &root, &plan, options, &large, progress)?;
        Ok(assemble(dir, &root, plan, files, annotations, options, table))
    };
    jobs.into_iter().map(scan_one).collect()
}

/// The folder's real path.
fn folder(dir: &Path) -> Result<PathBuf, IntakeError> {
    let fail = |what: String| IntakeError::Folder { dir: dir.to_owned(), what };
    let root = dir.canonicalize().map_err(|e| fail(printable(&e.to_string()).into_owned()))?;
    if !root.is_dir() {
        return Err(fail("is not a folder; name the folder that holds the images".into()));
    }
    std::fs::read_dir(&root).map_err(|e| fail(printable(&e.to_string()).into_owned()))?;
    Ok(root)
}

/// Hash, size and stated scale of a file, and whether it says that it is drawn.
type Read = Result<(Sha256Hash, u32, u32, Option<f64>, bool), Reason>;

fn read_all(
    dir: &Path,
    root: &Path,
    plan: &Plan,
    options: &ScanOptions,
    large: &Mutex<()>,
    progress: &dyn Progress,
) -> Result<Vec<Read>, IntakeError> {
    let base = root.join(&plan.below);
    let one = |(path, _): &(PathBuf, Option<String>)| {
        if progress.cancelled() {
            return Err(IntakeError::Cancelled);
        }
        let file = base.join(path);
        let size = std::fs::symlink_metadata(&file).map_or(0, |m| m.len());
        let alone = || large.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turn = (size > LARGE).then(alone);
        let read = load_when(&file, &options.limits, |pixels| {
            if pixels > LARGE && turn.is_none() {
                turn = Some(alone());
            }
        });
        let read = read.map(|c| (c.sha256, c.picture.width(), c.picture.height(), c.um_per_px, c.drawn));
        progress.done(&dir.join(&plan.below).join(path), read.is_ok());
        Ok(read)
    };
    plan.files.par_iter().map(one).collect()
}

fn assemble(
    dir: &Path,
    root: &Path,
    plan: Plan,
    read: Vec<Read>,
    annotations: Option<(Annotations, PathBuf)>,
    options: &ScanOptions,
    table: &ClassTable,
) -> FoundCase {
    let Plan { below, layout, files, mut refused, mut warnings } = plan;
    let shown = |path: &Path| dir.join(&below).join(path);
    // Joined with nothing, a path would end in a slash.
    let root = if below.as_os_str().is_empty() { root.to_owned() } else { root.join(&below) };
    let layout = layout.unwrap_or(Layout::Flat);
    let labels: HashMap<&str, &str> =
        annotations.iter().flat_map(|(a, _)| &a.rows).map(|r| (r.path.as_str(), r.class.as_str())).collect();
    let mut cells: Vec<FoundCell> = Vec::new();
    let mut stated: Vec<Option<f64>> = Vec::new();
    let mut phantoms: HashSet<Sha256Hash> = HashSet::new();
    let mut twice = Twice::default();
    let mut first: HashMap<Sha256Hash, PathBuf> = HashMap::new();
    let mut present: HashSet<String> = HashSet::new();
    for ((path, folder), read) in files.into_iter().zip(read) {
        let slashed = slashed(&path);
        let annotated = labels.get(slashed.as_str()).map(|class| (*class).to_owned());
        if annotated.is_some() {
            present.insert(slashed);
        }
        match read {
            Err(reason) => refused.push(Refusal { path: shown(&path), reason: reason.to_string() }),
            Ok((sha256, ..)) if first.contains_key(&sha256) => {
                let (this, other) = (shown(&path), shown(&first[&sha256]));
                warnings.push(format!(
                    "{} has the same content as {} and is the same cell",
                    printable(&this.to_string_lossy()),
                    printable(&other.to_string_lossy())
                ));
                twice.add(sha256, shown(&path), annotated.or(folder));
            }
            Ok((sha256, width, height, um_per_px, drawn)) => {
                first.insert(sha256, path.clone());
                if drawn {
                    phantoms.insert(sha256);
                }
                let label = annotated.or(folder);
                twice.add(sha256, shown(&path), label.clone());
                let class = label.as_deref().and_then(|l| table.by_label(l));
                stated.push(um_per_px);
                cells.push(FoundCell { path, sha256, width, height, label, class });
            }
        }
    }
    twice.settle(&mut cells, table, &mut warnings);
    let (odd, warning) = frames::odd(&cells);
    warnings.extend(warning);
    for (i, reason) in odd.into_iter().rev() {
        let cell = cells.remove(i);
        stated.remove(i);
        refused.push(Refusal { path: shown(&cell.path), reason: reason.to_string() });
    }
    let unknown: BTreeSet<_> = cells.iter().filter(|c| c.class.is_none()).filter_map(|c| c.label.as_deref()).collect();
    if !unknown.is_empty() {
        let names: Vec<_> = unknown.into_iter().take(8).map(|n| format!("`{}`", printable(n))).collect();
        warnings
            .push(format!("no class of the table is called {}; such labels are kept as they are", names.join(", ")));
    }
    if let Some((annotations, path)) = &annotations {
        report_annotations(annotations, path, present.len(), &mut refused, &mut warnings);
    }
    let (scale, said) = frames::scale(&cells, &stated, options.um_per_px);
    warnings.extend(said);
    warnings.extend(frames::fields(&cells, &stated, &scale));
    if matches!(layout, Layout::Classes | Layout::Lmu) {
        // In the order of their folders the cells would come class by class, and a reviewer would see the labels in the
        // order. By hash they come mixed, and in the same order every time.
        cells.sort_by_key(|c| c.sha256);
    }
    refused.sort_by(|a, b| super::list::name_order(&a.path, &b.path));
    let own_name = || root.file_name().map_or_else(|| "root".into(), |n| n.to_string_lossy().into_owned());
    let drawn = cells.iter().filter(|c| phantoms.contains(&c.sha256)).count();
    FoundCase {
        name: composed_name(&options.case.clone().unwrap_or_else(own_name)),
        name_given: options.case.is_some(),
        root,
        layout,
        scale,
        cells,
        drawn,
        refused,
        warnings,
    }
}

fn report_annotations(
    read: &Annotations,
    path: &Path,
    present: usize,
    refused: &mut Vec<Refusal>,
    warnings: &mut Vec<String>,
) {
    let bad = |line: usize, what: &str| Refusal { path: path.to_owned(), reason: format!("line {line}: {what}") };
    refused.extend(read.problems.iter().take(NAMED_LINES).map(|(line, what)| bad(*line, what)));
    if read.problems.len() > NAMED_LINES {
        let rest = read.problems.len() - NAMED_LINES;
        refused.push(Refusal { path: path.to_owned(), reason: format!("{rest} more lines are no annotations") });
    }
    let absent = read.rows.len() - present;
    if absent > 0 {
        let name = path.to_string_lossy();
        warnings.push(format!(
            "{absent} of {} rows of {} are of images that are not there",
            read.rows.len(),
            printable(&name)
        ));
    }
}

//! Labelled images for training and evaluation: a CSV manifest, LMU's folder with annotations, or a folder per class.
//!
//! Names and labels only; no image is opened here. A bad row is named with file and line and never stops the rest.

mod contradiction;
mod csv_text;
mod folder;
mod manifest;

use std::path::{Path, PathBuf};

pub use crate::intake::ANNOTATIONS;
pub use contradiction::{Contradictions, contradictions};

use crate::domain::{ClassId, ClassTable, Refusal, printable};

/// An image with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledImage {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path as the set writes it, with `/`.
    pub name: String,
    /// Its label.
    pub class: ClassId,
    /// Whose cell it is, under the set's own name of that patient.
    pub patient: Option<String>,
    /// The part of the set that it belongs to.
    pub split: Option<String>,
    /// Micrometres per pixel, where the set says so.
    pub um_per_px: Option<f64>,
}

impl LabelledImage {
    /// The same as an image of set `number` of several: two sets may call different patients the same, so that each set's
    /// names become its own.
    pub fn of_set(mut self, number: usize) -> Self {
        self.patient = self.patient.map(|p| format!("{number}/{p}"));
        self
    }
}

/// A set of labelled images.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dataset {
    /// The images in the set's order.
    pub images: Vec<LabelledImage>,
    /// Rows or images without a label: skipped.
    pub unlabelled: usize,
    /// Rows that cannot be used, each with its file and line.
    pub refused: Vec<Refusal>,
    /// What else a person should know.
    pub warnings: Vec<String>,
    /// Folders of thumbnails, trash and the like, into which nobody looked.
    pub skipped: Vec<PathBuf>,
}

/// Why a set cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", printable(&path.to_string_lossy()))]
pub struct DatasetError {
    path: PathBuf,
    what: String,
}

impl DatasetError {
    fn new(path: &Path, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), what: what.into() }
    }
}

impl Dataset {
    /// Reads a set, or the part of it that is called `split`:
    ///
    /// - a CSV file with a header: `path` (relative to the file's folder, or to the one above it if the images are there and
    ///   not here), `class` (a code of the table; empty: no label) and
    ///   optionally `patient`, `split` and `um_per_px`; other columns are passed over;
    /// - a folder with `annotations.dat` as in AML-Cytomorphology_LMU: the original class is the label;
    /// - a folder with a folder per class, or with one per patient and those of classes in it.
    ///
    /// # Errors
    /// When it cannot be read, is of another form, or nothing in it is labelled.
    pub fn read(path: &Path, table: &ClassTable, split: Option<&str>) -> Result<Self, DatasetError> {
        let mut set = if path.is_dir() { folder::read(path, table)? } else { manifest::read(path, table)? };
        if let Some(wanted) = split {
            set.keep_split(path, wanted)?;
        }
        if set.images.is_empty() {
            let of = split.map_or_else(String::new, |s| format!(" in its part `{}`", printable(s)));
            return Err(DatasetError::new(
                path,
                format!(
                    "no image has a label{of} ({} without one, {} bad rows{})",
                    set.unlabelled,
                    set.refused.len(),
                    set.refused.first().map_or_else(String::new, |r| format!(", the first one: {}", r.reason))
                ),
            ));
        }
        Ok(set)
    }

    fn keep_split(&mut self, path: &Path, wanted: &str) -> Result<(), DatasetError> {
        let parts: std::collections::BTreeSet<_> = self.images.iter().filter_map(|i| i.split.as_deref()).collect();
        if !parts.contains(wanted) {
            let has = if parts.is_empty() {
                "the set says of no image which part it belongs to".to_owned()
            } else {
                format!("it has {}", printable(&parts.into_iter().collect::<Vec<_>>().join(", ")))
            };
            return Err(DatasetError::new(path, format!("has no part `{}`; {has}", printable(wanted))));
        }
        self.images.retain(|i| i.split.as_deref() == Some(wanted));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_kept_by_its_name_and_a_set_without_labels_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("cells.csv");
        let table = ClassTable::default();
        let read = |text: &str, split| {
            std::fs::write(&file, text).expect("written");
            Dataset::read(&file, &table, split).map(|set| set.images.len()).map_err(|e| e.to_string())
        };
        let parts = "path,class,split\na,MYO,train\nb,NGS,val\nc,NGS,\nd,,test\n";
        assert_eq!((read(parts, Some("val")), read(parts, None)), (Ok(1), Ok(3)));
        assert!(read(parts, Some("test")).expect_err("no labels").contains("no part `test`; it has train, val"));
        let none = read("path,class\na,\nb,CAT\n", None).expect_err("no labels");
        assert!(none.contains("1 without one, 1 bad rows") && none.contains("line 3"), "{none}");
        assert!(read("path,class\na,MYO\n", Some("val")).expect_err("no parts").contains("says of no image"));
        assert!(Dataset::read(&dir.path().join("no.csv"), &table, None).is_err());
    }
}

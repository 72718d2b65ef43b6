//! A folder of labelled images: LMU's with its annotations, or one folder per class.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

use super::{Dataset, DatasetError, LabelledImage};
use crate::{
    domain::{ClassTable, Refusal, printable},
    intake::{self, Annotations, PlacedImage, PlacedImages},
};

/// Reads the folder at `dir`, by the same reader of layouts as an import.
pub(super) fn read(dir: &Path, table: &ClassTable) -> Result<Dataset, DatasetError> {
    let fail = |e: intake::IntakeError| DatasetError::new(dir, e.to_string());
    let PlacedImages { images, annotations, refused, skipped } = intake::placed_images(dir, table).map_err(fail)?;
    let mut set = match &annotations {
        Some((read, file)) => annotated(dir, file, read, &images, table),
        None => by_class(dir, &images, table)?,
    };
    set.refused.extend(refused);
    set.skipped = skipped;
    Ok(set)
}

/// Images by the annotation file's rows. Rows whose image is not there are passed over, unless no image is there at all:
/// such a set still names what predictions were made of.
fn annotated(dir: &Path, file: &Path, read: &Annotations, images: &[PlacedImage], table: &ClassTable) -> Dataset {
    let mut set = Dataset::default();
    let bad = |line: usize, what: &str| Refusal { path: file.to_owned(), reason: format!("line {line}: {what}") };
    set.refused.extend(read.problems.iter().map(|(line, what)| bad(*line, what)));
    let present: HashSet<&str> = images.iter().map(|i| i.name.as_str()).collect();
    let mut absent = 0;
    for row in &read.rows {
        if !present.is_empty() && !present.contains(row.path.as_str()) {
            absent += 1;
            continue;
        }
        match (row.class.as_str(), table.by_code(&row.class)) {
            ("nan" | "UNC", _) => set.unlabelled += 1,
            (_, Some(class)) => {
                let (path, name) = (dir.join(&row.path), row.path.clone());
                set.images.push(LabelledImage { path, name, class, patient: None, split: None, um_per_px: None });
            }
            (code, None) => {
                set.refused.push(bad(row.line, &format!("`{}` is no class code of the table", printable(code))));
            }
        }
    }
    if absent > 0 {
        set.warnings.push(format!(
            "{}: {absent} of {} rows are of images that are not there",
            printable(&file.to_string_lossy()),
            read.rows.len()
        ));
    }
    set
}

/// Images by the name of the folder that they lie in.
fn by_class(dir: &Path, images: &[PlacedImage], table: &ClassTable) -> Result<Dataset, DatasetError> {
    let mut set = Dataset::default();
    let mut unknown = BTreeSet::new();
    for image in images {
        match image.label.as_deref().and_then(|label| table.by_label(label)) {
            Some(class) => set.images.push(LabelledImage {
                path: dir.join(&image.name),
                name: image.name.clone(),
                class,
                patient: image.patient.clone(),
                split: None,
                um_per_px: None,
            }),
            None => {
                unknown.insert(image.label.as_deref().unwrap_or("."));
                set.unlabelled += 1;
            }
        }
    }
    if set.images.is_empty() {
        return Err(DatasetError::new(
            dir,
            "has neither annotations.dat nor folders with images that are named as classes are; name a CSV file with path and class",
        ));
    }
    if !unknown.is_empty() {
        let folders: Vec<_> = unknown.into_iter().take(8).map(|f| format!("`{}`", printable(f))).collect();
        set.warnings.push(format!(
            "{}: {} images lie in folders that are no class's ({}) and have no label",
            printable(&dir.to_string_lossy()),
            set.unlabelled,
            folders.join(", ")
        ));
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        dir
    }

    fn names(set: &Dataset) -> Vec<&str> {
        set.images.iter().map(|i| i.name.as_str()).collect()
    }

    #[test]
    fn annotations_decide_and_absent_images_are_counted() {
        let rows =
            "MYO/1.tiff NGS nan nan\nMYO/2.tiff MYO UNC nan\nMYO/3.tiff UNC nan nan\nMYO/4.tiff CAT nan nan\nx\n";
        let table = ClassTable::default();
        for below in ["", "AML-Cytomorphology/"] {
            let image = |n| format!("{below}MYO/{n}.tiff");
            let dir = folder(&[("annotations.dat", rows), (&image(1), "i"), (&image(3), "i"), (&image(4), "i")]);
            let set = read(dir.path(), &table).expect("a set");
            assert_eq!(names(&set), [image(1)]);
            assert_eq!((table.code(set.images[0].class), set.unlabelled), ("NGS", 1));
            let reasons: Vec<_> = set.refused.iter().map(|r| r.reason.as_str()).collect();
            assert!(reasons[0].starts_with("line 5") && reasons[1].starts_with("line 4: `CAT`"), "{reasons:?}");
            assert!(set.warnings[0].contains("1 of 4 rows"), "{:?}", set.warnings);
        }
        let dir = folder(&[("annotations.dat", rows)]);
        assert_eq!(names(&read(dir.path(), &table).expect("a set")), ["MYO/1.tiff", "MYO/2.tiff"]);
    }

    #[test]
    fn folders_named_as_classes_are_labels() {
        let table = ClassTable::default();
        let dir = folder(&[("MYO/1.jpg", "i"), ("Monocyte/2.jpg", "i"), ("IG/3.jpg", "i"), ("4.jpg", "i")]);
        let set = read(dir.path(), &table).expect("a set");
        assert_eq!((names(&set), set.unlabelled), (vec!["MYO/1.jpg", "Monocyte/2.jpg"], 2));
        assert!(set.warnings[0].contains("`.`, `IG`"), "{:?}", set.warnings);
        let error = read(folder(&[("1.jpg", "i")]).path(), &table).expect_err("no labels").to_string();
        assert!(error.contains("annotations.dat"), "{error}");
    }

    #[test]
    fn a_folder_for_each_patient_with_folders_of_classes_is_read_as_an_import_reads_it() {
        let table = ClassTable::default();
        let dir = folder(&[
            ("P1/MYO/1.jpg", "i"),
            ("P1/@eaDir/1.jpg", "i"),
            ("P2/Monocyte/2.jpg", "i"),
            ("P2/odd/3.jpg", "i"),
        ]);
        let set = read(dir.path(), &table).expect("a set");
        assert_eq!((names(&set), set.unlabelled, set.skipped.len()), (vec!["P1/MYO/1.jpg", "P2/Monocyte/2.jpg"], 1, 1));
        assert_eq!(set.images[1].patient.as_deref(), Some("P2"));
    }
}

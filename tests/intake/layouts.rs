//! How images lie: flat, per class, per patient, LMU; and what is ambiguous.

use std::fs;

use image::ImageFormat;
use leukoscope::{
    domain::{ClassTable, FoundCase, Layout, natural_cmp},
    intake::{Annotations, IntakeError, LayoutChoice, ScanOptions},
};

use crate::{Folder, common, encoded, paths, picture, reason};

fn with(layout: LayoutChoice) -> ScanOptions {
    ScanOptions { layout, ..ScanOptions::default() }
}

fn class(code: &str) -> Option<leukoscope::domain::ClassId> {
    ClassTable::default().by_code(code)
}

#[test]
fn a_folder_per_class_gives_labels() {
    let folder = Folder::new();
    for (n, name) in
        ["Blast, no lineage spec/b_10.jpg", "Blast, no lineage spec/b_9.jpg", "Monocyte/m.jpg", "Arifact/deep/a.jpg"]
            .iter()
            .enumerate()
    {
        folder.cell(name, n as u32);
    }
    let mut case = folder.case();
    assert!(case.cells.is_sorted_by_key(|c| c.sha256), "an order that tells nothing of the labels");
    by_name(&mut case);
    assert_eq!((case.name.as_str(), case.layout, case.name_given), ("smear", Layout::Classes, false));
    assert_eq!(case.root, folder.path().canonicalize().expect("a path"));
    assert_eq!(
        paths(&case),
        ["Arifact/deep/a.jpg", "Blast, no lineage spec/b_9.jpg", "Blast, no lineage spec/b_10.jpg", "Monocyte/m.jpg"]
    );
    let labels: Vec<_> = case.cells.iter().map(|c| (c.label.as_deref().expect("a label"), c.class)).collect();
    assert_eq!(labels[0], ("Arifact", None));
    assert_eq!(labels[1], ("Blast, no lineage spec", class("MYO")));
    assert_eq!(labels[3], ("Monocyte", class("MON")));
    assert!(case.warnings.iter().any(|w| w.contains("`Arifact`")), "{:?}", case.warnings);
}

#[test]
fn a_folder_per_patient_gives_cases() {
    let folder = Folder::new();
    folder.cell("P_10/a.jpg", 1);
    folder.cell("P_2/Monocyte/a.jpg", 2);
    folder.cell("P_2/weird/b.jpg", 3);
    folder.cell("P_3/slide 1/a.jpg", 4);
    let bad = folder.write("P_3/slide 2/b.jpg", "");
    folder.write("P_4/readme.txt", "nothing");
    let cases = folder.scan(&ScanOptions::default()).expect("scanned");
    let summary: Vec<_> = cases.iter().map(|c| (c.name.as_str(), c.layout, c.cells.len())).collect();
    assert_eq!(summary, [("P_2", Layout::Classes, 2), ("P_3", Layout::Flat, 1), ("P_10", Layout::Flat, 1)]);
    assert!(cases[1].warnings.iter().any(|w| w.contains("slide 1, slide 2")), "{:?}", cases[1].warnings);
    assert!(reason(&cases[1], &bad).contains("empty"));
    assert_eq!(cases[1].cells[0].label, None);
    assert!(cases[0].root.ends_with("smear/P_2"));
    let one = ScanOptions { case: Some("x".into()), ..ScanOptions::default() };
    assert!(matches!(folder.scan(&one), Err(IntakeError::OneName { cases: 3, .. })));
    let stray = folder.cell("overview.jpg", 9);
    let cases = folder.scan(&with(LayoutChoice::Patients)).expect("scanned");
    assert!(reason(&cases[0], &stray).contains("beside the patients' folders"));
}

#[test]
fn what_is_ambiguous_is_said_with_the_remedy() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    folder.cell("Monocyte/b.jpg", 2);
    let error = folder.scan(&ScanOptions::default()).expect_err("ambiguous").to_string();
    assert!(error.contains("1 images lie beside folders") && error.contains("--layout flat"), "{error}");
    let flat = folder.scan(&with(LayoutChoice::Flat)).expect("scanned").remove(0);
    assert_eq!(paths(&flat), ["a.jpg"]);
    assert!(flat.warnings.iter().any(|w| w.contains("1 images in folders below")));
    let classes = folder.scan(&with(LayoutChoice::Classes)).expect("scanned").remove(0);
    assert_eq!(classes.cells.iter().map(|c| c.class).collect::<Vec<_>>(), [class("MON"), None]);
    fs::remove_file(folder.path().join("a.jpg")).expect("removed");
    for (n, patient) in ["Smith", "Jones", "Brown"].iter().enumerate() {
        folder.cell(&format!("{patient}/a.jpg"), 10 + n as u32);
    }
    let error = folder.scan(&ScanOptions::default()).expect_err("ambiguous").to_string();
    assert!(error.contains("1 of its 4 folders are named as classes"), "{error}");
}

#[test]
fn a_case_can_be_named_and_an_empty_folder_has_no_cells() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    let options = ScanOptions { case: Some(" my case ".into()), ..ScanOptions::default() };
    let case = folder.scan(&options).expect("scanned").remove(0);
    assert_eq!((case.name.as_str(), case.name_given), ("my case", true));
    assert!(matches!(folder.scan(&ScanOptions { case: Some(" ".into()), ..options }), Err(IntakeError::BlankName)));
    fs::remove_file(folder.path().join("a.jpg")).expect("removed");
    assert_eq!(folder.case().cells.len(), 0);
    let missing = leukoscope::intake::scan(
        &[folder.path().join("no")],
        &ScanOptions::default(),
        &ClassTable::default(),
        &leukoscope::intake::Silent,
    );
    assert!(matches!(missing, Err(IntakeError::Folder { .. })));
    let file = folder.cell("b.jpg", 2);
    let file =
        leukoscope::intake::scan(&[file], &ScanOptions::default(), &ClassTable::default(), &leukoscope::intake::Silent);
    assert!(file.expect_err("a file").to_string().contains("not a folder"));
}

/// Puts the cells in the order of their names.
fn by_name(case: &mut FoundCase) {
    case.cells.sort_by(|a, b| natural_cmp(&a.path.to_string_lossy(), &b.path.to_string_lossy()));
}

/// LMU's files: RGBA TIFF of 400 x 400 px (here smaller).
fn lmu(folder: &Folder) {
    for (n, name) in ["MYO/MYO_0001.tiff", "MYO/MYO_0002.tiff", "NGS/NGS_0001.tiff"].iter().enumerate() {
        let rgba = image::DynamicImage::ImageRgb8(picture(40, 40, n as u32)).to_rgba8();
        let mut bytes = std::io::Cursor::new(Vec::new());
        rgba.write_to(&mut bytes, ImageFormat::Tiff).expect("encoded");
        folder.write(name, bytes.into_inner());
    }
}

#[test]
fn lmu_is_known_by_its_codes_or_its_annotations() {
    let folder = Folder::new();
    lmu(&folder);
    let mut case = folder.case();
    by_name(&mut case);
    assert_eq!((case.layout, case.cells.len()), (Layout::Lmu, 3));
    assert_eq!((case.cells[0].label.as_deref(), case.cells[0].class), (Some("MYO"), class("MYO")));
    let file = folder.write(
        "annotations.dat",
        "MYO/MYO_0001.tiff MOB nan nan\nNGS/NGS_0001.tiff NGS NGB UNC\nrubbish\nMON/MON_0001.tiff MON nan nan\n",
    );
    let mut case = folder.case();
    by_name(&mut case);
    let classes: Vec<_> = case.cells.iter().map(|c| c.class).collect();
    assert_eq!(classes, [class("MOB"), class("MYO"), class("NGS")], "the annotation, else the folder");
    assert_eq!(case.refused.len(), 1);
    assert!(
        case.refused[0].path.ends_with("annotations.dat") && case.refused[0].reason.contains("line 3: 1 fields"),
        "{:?}",
        case.refused
    );
    assert!(case.warnings.iter().any(|w| w.contains("1 of 3 rows")), "{:?}", case.warnings);
    let elsewhere = folder.0.path().join("other.dat");
    fs::rename(file, &elsewhere).expect("moved");
    let options = ScanOptions { annotations: Some(elsewhere), ..ScanOptions::default() };
    let mut case = folder.scan(&options).expect("scanned").remove(0);
    by_name(&mut case);
    assert_eq!(case.cells[0].class, class("MOB"));
    let options = ScanOptions { annotations: Some(folder.0.path().join("no.dat")), ..ScanOptions::default() };
    assert!(matches!(folder.scan(&options), Err(IntakeError::Annotations { .. })));
    let options = ScanOptions { annotations: Some(folder.write("notes.txt", "dear all\n")), ..ScanOptions::default() };
    assert!(folder.scan(&options).expect_err("no annotations").to_string().contains("line 1"));
}

#[test]
fn pngs_in_folders_of_codes_are_classes() {
    let folder = Folder::new();
    folder.write("MYO/a.png", encoded(&picture(40, 40, 1), ImageFormat::Png));
    assert_eq!(folder.case().layout, Layout::Classes);
}

#[test]
fn layouts_have_names() {
    assert_eq!("lmu".parse(), Ok(LayoutChoice::Lmu));
    assert!("flt".parse::<LayoutChoice>().expect_err("no layout").to_string().contains("flat"));
}

#[test]
fn the_real_annotations_are_read_whole() {
    let Some(shared) = common::shared() else { return eprintln!("skipped: no shared data") };
    let text = fs::read_to_string(shared.join("data/lmu/annotations.dat")).expect("read");
    let start = std::time::Instant::now();
    let read = Annotations::parse(&text);
    assert_eq!((read.rows.len(), read.problems.len()), (18_365, 0));
    assert_eq!(read.rows.iter().filter(|r| r.again[0].is_some()).count(), 1_905);
    assert!(start.elapsed().as_secs() < 2);
    let table = ClassTable::default();
    assert!(read.rows.iter().all(|r| table.by_code(&r.class).is_some()));
}

//! Imports: again, moved, grown, shrunk, and in conflict.

use std::path::{Path, PathBuf};

use leukoscope::{
    domain::{FoundCase, Layout, Scale, ScaleSource},
    store::StoreError,
};

use crate::{Bench, found};

#[test]
fn importing_twice_changes_nothing() {
    let bench = Bench::new(5);
    let before = std::fs::read(bench.path().with_extension("db-wal")).expect("a log");
    let outcome = bench.store.import(&found("Patient_1", 1, 0..5)).expect("imported");
    assert_eq!((outcome.created, outcome.added, outcome.unchanged, outcome.moved), (false, 0, 5, 0));
    assert_eq!((outcome.moved_from, outcome.removed_from_folder.len()), (None, 0));
    assert_eq!(bench.store.cells(bench.case).expect("cells"), bench.cells);
    assert_eq!(std::fs::read(bench.path().with_extension("db-wal")).expect("a log"), before, "not a byte");
}

#[test]
fn a_renamed_folder_is_the_same_case() {
    let bench = Bench::new(10);
    bench.decide("ada", 3, "MYO");
    // Renamed, two images gone, one new, and the rest in a folder per class.
    let mut moved = found("Smith, J.", 1, 2..10);
    moved.cells.extend(found("", 1, 50..51).cells);
    moved.layout = Layout::Classes;
    for cell in &mut moved.cells {
        cell.path = Path::new("Blasts").join(&cell.path);
        (cell.label, cell.class) = (Some("Blasts".into()), Some(bench.class("MYO")));
    }
    let outcome = bench.store.import(&moved).expect("imported");
    assert_eq!((outcome.created, outcome.added, outcome.unchanged, outcome.moved), (false, 1, 0, 8));
    assert_eq!(
        (outcome.case.name.as_str(), outcome.case.root.as_path()),
        ("Patient_1", Path::new("/smears/Smith, J."))
    );
    assert_eq!(outcome.moved_from, Some(PathBuf::from("/smears/Patient_1")));
    assert_eq!(outcome.removed_from_folder, [PathBuf::from("cell_0.png"), PathBuf::from("cell_1.png")]);
    let cells = bench.store.cells(bench.case).expect("cells");
    assert_eq!(cells.len(), 11, "nothing is ever taken out");
    assert_eq!(cells[0].path, PathBuf::from("/smears/Patient_1/cell_0.png"), "as far as anybody knows");
    assert_eq!((cells[3].id, cells[3].path.as_path()), (bench.cell(3), Path::new("Blasts/cell_3.png")));
    assert_eq!(
        bench.store.reference_labels(bench.case).expect("labels")[&bench.cell(3)],
        ("Blasts".into(), Some(bench.class("MYO")))
    );
    assert_eq!(bench.store.log(bench.case).expect("a log").len(), 1);
    assert_eq!(bench.store.import(&moved).expect("again").unchanged, 9);
}

#[test]
fn a_scanner_goes_on_writing() {
    let bench = Bench::new(4);
    let outcome = bench.store.import(&found("Patient_1", 1, 2..40)).expect("imported");
    assert_eq!((outcome.added, outcome.unchanged, outcome.removed_from_folder.len()), (36, 2, 2));
    let cells = bench.store.cells(bench.case).expect("cells");
    assert_eq!(cells[..4], bench.cells[..], "the order of those that were there stays");
}

#[test]
fn the_same_name_with_other_images_is_another_patient() {
    let bench = Bench::new(4);
    let mut other = found("Patient_1", 2, 0..4);
    other.root = "/elsewhere/Patient_1".into();
    let error = bench.store.import(&other).expect_err("taken");
    assert!(matches!(error, StoreError::NameTaken { same: 0, of: 4, .. }));
    assert!(error.to_string().contains("--case"), "{error}");
    let named = |name: &str| FoundCase { name: name.into(), name_given: true, ..other.clone() };
    assert!(bench.store.import(&named("Patient_1b")).expect("a case of its own").created);
    let outcome = bench.store.import(&named("Patient_1")).expect("added to the case of that name");
    assert_eq!(
        (outcome.created, outcome.added, outcome.case.root.as_path()),
        (false, 4, Path::new("/smears/Patient_1"))
    );
    let cells = bench.store.cells(bench.case).expect("cells");
    assert_eq!(cells[7].path, PathBuf::from("/elsewhere/Patient_1/cell_3.png"));
    assert_eq!(bench.store.import(&named("Patient_1")).expect("again").unchanged, 4);
}

#[test]
fn a_few_copies_elsewhere_move_nothing() {
    let bench = Bench::new(10);
    let real = bench.dir.path().join("smear");
    std::fs::create_dir(&real).expect("made");
    let mut here = found("real", 7, 0..10);
    here.root = real.clone();
    here.cells.iter().for_each(|c| std::fs::write(real.join(&c.path), "x").expect("written"));
    let case = bench.store.import(&here).expect("imported").case;
    let outcome = bench.store.import(&found("picked", 7, 3..5)).expect("the same case");
    assert_eq!((outcome.case.id, outcome.unchanged, outcome.moved, outcome.moved_from), (case.id, 2, 0, None));
    std::fs::remove_dir_all(&real).expect("removed");
    let outcome = bench.store.import(&found("picked", 7, 3..5)).expect("the same case");
    assert_eq!((outcome.moved, outcome.case.root), (2, real));
    assert_eq!(bench.store.cells(case.id).expect("cells")[3].path, PathBuf::from("/smears/picked/cell_3.png"));
}

#[test]
fn a_signed_case_takes_no_new_images() {
    let bench = Bench::new(1);
    bench.decide("ada", 0, "NGS");
    bench.store.sign(&bench.request()).expect("signed");
    let error = bench.store.import(&found("Patient_1", 1, 0..3)).expect_err("signed");
    assert!(
        matches!(error, StoreError::ImportIntoSigned { added: 2, version: 1, .. })
            && error.to_string().contains("reopen")
    );
    assert_eq!(bench.store.import(&found("Patient_1", 1, 0..1)).expect("nothing new").unchanged, 1);
    bench.store.reopen(bench.case, "ada", "more cells").expect("reopened");
    assert_eq!(bench.store.import(&found("Patient_1", 1, 0..3)).expect("imported").added, 2);
}

#[test]
fn two_files_of_one_content_are_one_cell() {
    let bench = Bench::new(1);
    let mut twice = found("twice", 4, 0..2);
    twice.cells.push(leukoscope::domain::FoundCell { path: "copy.png".into(), ..twice.cells[0].clone() });
    assert_eq!(bench.store.import(&twice).expect("imported").added, 2);
    assert_eq!(bench.store.import(&twice).expect("again").unchanged, 2);
}

#[test]
fn drawn_and_real_cells_do_not_mix() {
    let bench = Bench::new(2);
    let drawn = FoundCase { name: "demo".into(), name_given: true, layout: Layout::Phantom, ..found("demo", 8, 0..2) };
    let demo = bench.store.import(&drawn).expect("imported").case;
    assert!(demo.is_phantom());
    assert_eq!(bench.store.import(&drawn).expect("again").unchanged, 2);
    let mut real = FoundCase { name: "demo".into(), name_given: true, ..found("demo", 9, 0..2) };
    assert!(matches!(bench.store.import(&real), Err(StoreError::Phantom { .. })));
    (real.cells, real.name_given) = (drawn.cells.clone(), false);
    assert!(
        matches!(bench.store.import(&real), Err(StoreError::NameTaken { .. })),
        "the same pictures as files are no phantoms' case"
    );
}

#[test]
fn a_given_scale_holds_and_a_guess_does_not_replace_it() {
    let bench = Bench::new(1);
    let with = |scale| FoundCase { scale, ..found("Patient_1", 1, 0..1) };
    let import = |scale| bench.store.import(&with(scale)).expect("imported").case.scale;
    assert_eq!(import(Scale::given(0.2)).um_per_px, Some(0.2));
    let guess = Scale { um_per_px: Some(0.1), source: ScaleSource::Profile };
    assert_eq!(import(guess), Scale::given(0.2));
}

#[test]
fn a_scale_that_the_files_state_replaces_a_guess_and_stays_what_it_is() {
    let bench = Bench::new(1);
    let with = |scale| FoundCase { scale, ..found("Patient_1", 1, 0..1) };
    let import = |scale| bench.store.import(&with(scale)).expect("imported").case.scale;
    let stated = Scale { um_per_px: Some(0.25), source: ScaleSource::File };
    let guess = Scale { um_per_px: Some(0.071), source: ScaleSource::Profile };
    let before = bench.store.case("Patient_1").expect("the case").scale;
    assert_eq!((before.source, import(guess)), (ScaleSource::Profile, before), "a guess replaces no other");
    assert_eq!(import(stated), stated);
    assert_eq!(import(guess), stated);
    assert_eq!(bench.store.case("Patient_1").expect("the case").scale, stated, "written down, not only answered");
    assert_eq!(import(Scale::given(0.2)), Scale::given(0.2));
    assert_eq!(import(stated), Scale::given(0.2));
}

#[test]
fn a_plan_changes_nothing_and_an_empty_folder_makes_no_case() {
    let bench = Bench::new(1);
    let outcome = bench.store.plan_import(&found("new", 3, 0..4)).expect("a plan");
    assert_eq!((outcome.created, outcome.added), (true, 4));
    assert_eq!(bench.store.cases().expect("cases").len(), 1);
    assert!(matches!(bench.store.import(&found("empty", 3, 0..0)), Err(StoreError::NothingToImport { .. })));
    let gone = bench.store.import(&found("Patient_1", 1, 0..0)).expect("an emptied folder");
    assert_eq!(gone.removed_from_folder.len(), 1);
}

#[cfg(unix)]
#[test]
fn paths_that_are_no_text_come_back() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::new(1);
    let mut odd = found("odd", 6, 0..1);
    odd.cells[0].path = PathBuf::from(std::ffi::OsStr::from_bytes(b"caf\xe9.png"));
    odd.root = PathBuf::from(std::ffi::OsStr::from_bytes(b"/smears/\xff"));
    let case = bench.store.import(&odd).expect("imported").case;
    assert_eq!(case.root, odd.root);
    assert_eq!(bench.store.cells(case.id).expect("cells")[0].path, odd.cells[0].path);
    assert_eq!(bench.store.import(&odd).expect("again").unchanged, 1);
}

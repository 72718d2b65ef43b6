//! Imports: again, moved, grown, shrunk, and in conflict.

use std::path::{Path, PathBuf};

use leukoscope::{
    domain::{CaseEvent, CaseId, FoundCase, Layout, Scale, ScaleSource, What},
    store::{ImportIntent, ImportOutcome, ImportRefusal, StoreError},
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
fn a_slash_at_the_end_makes_no_other_folder() {
    let bench = Bench::new(3);
    let with = FoundCase { root: "/smears/Patient_1/".into(), ..found("Patient_1", 1, 0..3) };
    assert_eq!(bench.store.import(&with).expect("read again").case.id, bench.case);
    let other = FoundCase { root: "/smears/other/".into(), ..found("other", 2, 0..2) };
    bench.store.import(&other).expect("imported");
    assert_eq!(bench.store.import(&found("other", 2, 0..2)).expect("read again").unchanged, 2);
    assert_eq!(bench.store.events(bench.case).expect("events").len(), 1);
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

trait With {
    /// With these images as well.
    fn with(self, more: FoundCase) -> FoundCase;
}

impl With for FoundCase {
    fn with(mut self, more: FoundCase) -> FoundCase {
        self.cells.extend(more.cells.into_iter().map(|mut c| {
            c.path = Path::new("more").with_file_name(format!("more_{}", c.path.display()));
            c
        }));
        self
    }
}

#[test]
fn a_scanner_goes_on_writing() {
    let bench = Bench::new(4);
    let outcome = bench.store.import(&found("Patient_1", 1, 2..40)).expect("imported");
    assert_eq!((outcome.added, outcome.unchanged, outcome.removed_from_folder.len()), (36, 2, 2));
    let cells = bench.store.cells(bench.case).expect("cells");
    assert_eq!(cells[..4], bench.cells[..], "the order of those that were there stays");
}

/// The images of `found` in a folder of their own, on the disk.
fn laid(bench: &Bench, folder: &str, mut found: FoundCase) -> FoundCase {
    found.root = bench.dir.path().join(folder);
    std::fs::create_dir_all(&found.root).expect("made");
    found.cells.iter().for_each(|c| std::fs::write(found.root.join(&c.path), "x").expect("written"));
    found
}

fn refusal(result: Result<ImportOutcome, StoreError>) -> ImportRefusal {
    match result {
        Err(StoreError::Import(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn events(bench: &Bench, case: CaseId) -> Vec<(Option<String>, CaseEvent)> {
    let events = bench.store.events(case).expect("events").into_iter();
    let event = |what| if let What::Event(event) = what { event } else { panic!("{what:?}") };
    events.map(|h| (h.who, event(h.what))).collect()
}

#[test]
fn the_same_name_with_other_images_is_another_patient() {
    let bench = Bench::new(4);
    let mut other = found("Patient_1", 2, 0..4);
    other.root = "/elsewhere/Patient_1".into();
    let named = |name: &str| FoundCase { name: name.into(), name_given: true, ..other.clone() };
    for other in [&other, &named("Patient_1"), &named(" Patient_1\u{200b}")] {
        let refused = refusal(bench.store.import(other));
        assert!(matches!(refused, ImportRefusal::NameTaken { same: 0, of: 4, .. }), "{refused:?}");
        let said = refused.to_string();
        for part in ["/smears/Patient_1", "/elsewhere/Patient_1", "--case NAME", "--add"] {
            assert!(said.contains(part), "{said}");
        }
    }
    assert_eq!(bench.store.cells(bench.case).expect("cells"), bench.cells);
    assert!(bench.store.import(&named("Patient_1b")).expect("a case of its own").created);
    assert_eq!(bench.store.import(&named("Patient_1b")).expect("again").unchanged, 4);
}

#[test]
fn names_that_look_the_same_are_one_name() {
    let bench = Bench::new(1);
    bench.store.import(&found("M\u{fc}ller", 2, 0..2)).expect("imported");
    let refused = refusal(bench.store.import(&found("Mu\u{308}ller", 3, 0..2))).to_string();
    assert!(refused.contains("look the same") && refused.contains(r"Mu\u{308}ller"), "{refused}");
    // Intake composes the name; what differs then is the folder's.
    let decomposed = FoundCase { name: "M\u{fc}ller".into(), ..found("Mu\u{308}ller", 3, 0..2) };
    let refused = refusal(bench.store.import(&decomposed)).to_string();
    assert!(refused.contains("folders look the same") && refused.contains(r"/smears/Mu\u{308}ller"), "{refused}");
    assert_eq!(bench.store.case("Mu\u{308}ller").expect("found as well").name, "M\u{fc}ller");
}

#[test]
fn a_second_slide_is_added_when_it_is_said_to_be_one() {
    let bench = Bench::new(4);
    let add = ImportIntent { add: true, reviewer: Some("ada".into()) };
    let slide = FoundCase { name: "Patient_1".into(), ..found("slide 2", 2, 0..3) };
    let outcome = bench.store.import_as(&slide, &add).expect("added");
    assert_eq!((outcome.case.id, outcome.added, outcome.folder_added), (bench.case, 3, true));
    assert_eq!(outcome.case.root, Path::new("/smears/Patient_1"));
    let cells = bench.store.cells(bench.case).expect("cells");
    assert_eq!(cells[..4], bench.cells[..], "what was there stays as it was");
    assert_eq!(cells[6].path, PathBuf::from("/smears/slide 2/cell_2.png"));
    let added = CaseEvent::FolderAdded { folder: "/smears/slide 2".into(), new: 3, known: 0 };
    assert_eq!(events(&bench, bench.case)[1..], [(Some("ada".into()), added)]);
    // From now on the folder is known to be the case's, with or without a name.
    let mut grown = found("slide 2", 2, 0..4);
    assert_eq!(bench.store.import(&grown).expect("again").added, 1);
    let folders = bench.store.case_folders(&outcome.case).expect("folders");
    assert_eq!(folders, [("/smears/Patient_1".into(), 4), ("/smears/slide 2".into(), 4)]);
    // And is followed like the first one.
    grown.root = "/moved/slide 2".into();
    let outcome = bench.store.import(&grown).expect("moved");
    assert_eq!((outcome.moved, outcome.moved_from), (4, Some("/smears/slide 2".into())));
    assert_eq!(bench.store.cells(bench.case).expect("cells")[7].path, PathBuf::from("/moved/slide 2/cell_3.png"));
    assert_eq!(outcome.case.root, Path::new("/smears/Patient_1"));
}

#[test]
fn what_is_no_second_slide_is_not_added() {
    let bench = Bench::new(2);
    let add = ImportIntent { add: true, reviewer: None };
    let slide = |case: &str, n| FoundCase { name: case.into(), name_given: true, ..found("slide", n, 0..3) };
    let refused = refusal(bench.store.import_as(&slide("Patient_7", 2), &add));
    assert!(matches!(refused, ImportRefusal::NothingToAddTo { .. }), "{refused}");
    let scale = Scale { um_per_px: Some(0.07), source: ScaleSource::Profile };
    let refused = refusal(bench.store.import_as(&FoundCase { scale, ..slide("Patient_1", 2) }, &add));
    assert!(
        refused.to_string().contains("0.07 um per px") && refused.to_string().contains("0.1 um per px"),
        "{refused}"
    );
    let refused = refusal(bench.store.import_as(&FoundCase { drawn: 3, ..slide("Patient_1", 2) }, &add));
    assert!(matches!(refused, ImportRefusal::DrawnForPatient { .. }), "{refused}");
    bench.store.import(&found("other", 3, 0..2)).expect("imported");
    let other = FoundCase { name: "Patient_1".into(), name_given: true, ..found("other", 3, 0..2) };
    assert!(matches!(refusal(bench.store.import_as(&other, &add)), ImportRefusal::FolderOfAnother { .. }));
    bench.decide("ada", 0, "NGS");
    bench.decide("ada", 1, "NGS");
    bench.store.sign(&bench.request()).expect("signed");
    assert!(matches!(bench.store.import_as(&slide("Patient_1", 2), &add), Err(StoreError::Signed { .. })));
    assert_eq!(bench.store.cells(bench.case).expect("cells"), bench.cells);
    assert_eq!(events(&bench, bench.case).len(), 1, "nothing but the import");
}

#[test]
fn images_in_common_make_no_case_of_two() {
    let bench = Bench::new(1);
    let p1 = bench.store.import(&laid(&bench, "P1", found("P1", 7, 0..10))).expect("imported").case;
    let before = bench.store.cells(p1.id).expect("cells");
    let mut sharing = found("P2", 7, 3..10);
    sharing.cells.extend(found("", 8, 50..51).cells);
    for (name, found, added) in [("P2", sharing, 8), ("P3", found("P3", 7, 3..5), 2), ("P4", found("P4", 7, 0..12), 12)]
    {
        let outcome = bench.store.import(&laid(&bench, name, found)).expect("imported");
        assert!(outcome.created && outcome.added == added && outcome.case.name == name, "{outcome:?}");
        assert_eq!(outcome.shared[0].case, "P1");
    }
    assert_eq!(bench.store.case_by_id(p1.id).expect("there"), p1, "untouched");
    assert_eq!(bench.store.cells(p1.id).expect("cells"), before);
    let sharing = bench.store.shared_images().expect("read");
    let pairs: Vec<_> = sharing.iter().map(|s| (s.cases.0.as_str(), s.cases.1.as_str(), s.count)).collect();
    assert_eq!(
        pairs,
        [("P1", "P2", 7), ("P1", "P3", 2), ("P1", "P4", 10), ("P2", "P3", 2), ("P2", "P4", 7), ("P3", "P4", 2)]
    );
}

#[test]
fn a_copy_leaves_the_case_with_its_folder() {
    let bench = Bench::new(1);
    let case = bench.store.import(&laid(&bench, "P7", found("P7", 7, 0..10))).expect("imported").case;
    let copy = laid(&bench, "P7 copy", found("P7 copy", 7, 0..10));
    let outcome = bench.store.import(&copy).expect("nothing to do");
    assert_eq!((outcome.copy_of.as_deref(), outcome.unchanged), (Some(case.root.as_path()), 10));
    assert_eq!((&outcome.case, bench.store.cases().expect("cases").len()), (&case, 2));
    std::fs::remove_dir_all(&copy.root).expect("removed");
    assert!(bench.store.cells(case.id).expect("cells").iter().all(|c| case.root.join(&c.path).is_file()));
    // Half of the original is gone: what is left of it stays the case's, and the rest is found in the copy.
    let copy = laid(&bench, "P7 copy", copy);
    (0..5).for_each(|n| std::fs::remove_file(case.root.join(format!("cell_{n}.png"))).expect("removed"));
    let outcome = bench.store.import(&copy).expect("added");
    assert_eq!((outcome.folder_added, outcome.moved, outcome.unchanged), (true, 5, 5));
    assert!(bench.store.cells(case.id).expect("cells").iter().all(|c| case.root.join(&c.path).is_file()));
}

#[test]
fn a_folder_that_is_gone_is_followed_only_by_what_is_surely_it() {
    let bench = Bench::new(1);
    let case = bench.store.import(&found("P1", 7, 0..10)).expect("imported").case;
    // A few of its images: another patient's. Half of them: nobody can tell.
    assert!(
        bench.store.import(&laid(&bench, "few", found("few", 7, 0..4).with(found("", 8, 0..6)))).expect("new").created
    );
    let half = laid(&bench, "half", found("half", 7, 4..10).with(found("", 9, 0..4)));
    let refused = refusal(bench.store.import(&half));
    assert!(matches!(refused, ImportRefusal::PerhapsMoved { same: 6, of: 10, new: 4, .. }), "{refused:?}");
    assert!(refused.to_string().contains("--case NAME") && refused.to_string().contains("--add"), "{refused}");
    assert_eq!(bench.store.case_by_id(case.id).expect("there"), case);
    let outcome =
        bench.store.import(&laid(&bench, "new", found("new", 7, 0..9).with(found("", 10, 0..1)))).expect("moved");
    assert_eq!((outcome.case.id, outcome.moved, outcome.added), (case.id, 9, 1));
    let moved = CaseEvent::Moved {
        from: "/smears/P1".into(),
        to: bench.dir.path().join("new").to_string_lossy().into_owned(),
        new: 1,
        missing: 1,
    };
    assert_eq!(events(&bench, case.id)[1..], [(None, moved)]);
}

#[test]
fn of_two_cases_that_fit_the_one_is_taken_that_is_called_so() {
    let bench = Bench::new(1);
    let named = |name: &str| FoundCase { name_given: true, ..found(name, 7, 0..4) };
    let first = bench.store.import(&named("P1")).expect("imported").case;
    bench.store.import(&named("P2")).expect("imported, since it was named");
    let moved = FoundCase { root: "/elsewhere/X".into(), ..found("X", 7, 0..4) };
    let refused = refusal(bench.store.import(&moved));
    assert!(matches!(refused, ImportRefusal::SeveralCases { .. }), "{refused}");
    let moved = FoundCase { name: "P1".into(), ..moved };
    assert_eq!(bench.store.import(&moved).expect("moved").case.id, first.id);
}

#[test]
fn a_folder_that_a_scanner_uses_again_is_refused() {
    let bench = Bench::new(6);
    // The same names with other images, but for one that is the same byte for byte.
    let mut again = found("Patient_1", 2, 0..6);
    again.cells[2] = found("", 1, 2..3).cells.remove(0);
    let refused = refusal(bench.store.import(&again));
    assert!(refused.to_string().contains("5 of its 6 files hold other images"), "{refused}");
    // Other names: most of what was there is gone, and others have come.
    let refused = refusal(bench.store.import(&found("Patient_1", 1, 4..9)));
    assert!(
        refused.to_string().contains("only 2 of the case's 6 images") && refused.to_string().contains("3 new"),
        "{refused}"
    );
    assert_eq!(bench.store.cells(bench.case).expect("cells"), bench.cells);
    // Renumbered files are the same images.
    let mut turned = found("Patient_1", 1, 0..6);
    for (n, cell) in turned.cells.iter_mut().enumerate() {
        cell.path = format!("cell_{}.png", (n + 1) % 6).into();
    }
    assert_eq!(bench.store.import(&turned).expect("read again").moved, 6);
    // What lies there now can be taken as a case of its own.
    let named = FoundCase { name: "Patient_2".into(), name_given: true, ..again.clone() };
    assert!(bench.store.import(&named).expect("a case of its own").created);
    assert_eq!(bench.store.import(&again).expect("the one that fits").case.name, "Patient_2");
}

#[test]
fn the_history_tells_what_became_of_the_folder_once() {
    let bench = Bench::new(4);
    let rescan = |range| bench.store.import(&found("Patient_1", 1, range)).expect("read again");
    rescan(1..4);
    rescan(1..4);
    rescan(1..6);
    rescan(0..6);
    let folder = || "/smears/Patient_1".to_owned();
    let whats: Vec<_> = events(&bench, bench.case).into_iter().map(|(_, e)| e).collect();
    assert_eq!(
        whats,
        [
            CaseEvent::Imported { folder: folder(), cells: 4 },
            CaseEvent::Rescanned { folder: folder(), new: 0, missing: 1 },
            CaseEvent::Rescanned { folder: folder(), new: 2, missing: 1 },
            CaseEvent::Rescanned { folder: folder(), new: 0, missing: 0 },
        ]
    );
}

#[test]
fn the_demo_gives_way_to_a_folder_of_its_name() {
    let bench = Bench::new(1);
    let demo = FoundCase {
        root: PathBuf::new(),
        layout: Layout::Phantom,
        drawn: 3,
        name_given: true,
        ..found("demo", 9, 0..3)
    };
    let demo = bench.store.import(&demo).expect("imported").case;
    let outcome = bench.store.import(&found("demo", 8, 0..2)).expect("imported");
    assert_eq!((outcome.case.name.as_str(), outcome.demo_renamed.as_deref()), ("demo", Some("demo-drawn")));
    assert_eq!(bench.store.case_by_id(demo.id).expect("there").name, "demo-drawn");
    let renamed = CaseEvent::Renamed { from: "demo".into(), to: "demo-drawn".into() };
    assert_eq!(events(&bench, demo.id)[1..], [(None, renamed)]);
}

#[test]
fn a_case_is_renamed_archived_and_deleted_only_while_nothing_is_lost_by_it() {
    let bench = Bench::new(2);
    bench.store.import(&found("other", 2, 0..1)).expect("imported");
    let store = &bench.store;
    for name in [" ", "other", "oth\u{200b}er", "a\x1bb", "Patient_1"] {
        assert!(store.rename_case(bench.case, name, Some("ada")).is_err(), "{name:?}");
    }
    let renamed = store.rename_case(bench.case, " Mu\u{308}ller ", Some("ada")).expect("renamed");
    assert_eq!((renamed.name.as_str(), renamed.id), ("M\u{fc}ller", bench.case));
    assert!(store.archive_case(bench.case, true, Some("ada")).expect("archived"));
    assert!(!store.archive_case(bench.case, true, Some("ada")).expect("archived already"));
    assert!(store.archived().expect("read").contains(&bench.case));
    assert!(store.archive_case(bench.case, false, Some("ada")).expect("taken out"));
    bench.decide("ada", 0, "NGS");
    let error = store.delete_case(bench.case, Some("ada")).expect_err("decided").to_string();
    assert!(error.contains("decisions") && error.contains("archive"), "{error}");
    let other = store.case("other").expect("there").id;
    store.delete_case(other, Some("ada")).expect("deleted");
    assert!(matches!(store.case("other"), Err(StoreError::NoSuchCase { .. })));
    let told: Vec<_> = store.deletions("other").expect("read").into_iter().map(|h| h.what).collect();
    let deleted = What::Event(CaseEvent::Deleted { folder: "/smears/other".into(), cells: 1 });
    assert_eq!((told.len(), told.last()), (2, Some(&deleted)));
    let whats: Vec<_> = events(&bench, bench.case).into_iter().map(|(_, e)| e.kind()).collect();
    assert_eq!(whats, ["import", "renamed", "archived", "unarchived"]);
    assert_eq!(store.verify().expect("verified"), Vec::<String>::new());
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
    let drawn = FoundCase { name_given: true, drawn: 2, ..found("demo", 8, 0..2) };
    let demo = bench.store.import(&drawn).expect("imported").case;
    assert!(demo.is_phantom());
    assert_eq!(bench.store.import(&drawn).expect("again").unchanged, 2);
    let mut real = FoundCase { name: "demo".into(), name_given: true, ..found("demo", 9, 0..2) };
    assert!(matches!(bench.store.import(&real), Err(StoreError::Phantom { .. })));
    (real.cells, real.name_given) = (drawn.cells.clone(), false);
    assert!(matches!(bench.store.import(&real), Err(StoreError::Phantom { .. })));
    let mixed = FoundCase { drawn: 1, ..found("mixed", 10, 0..2) };
    assert!(matches!(refusal(bench.store.import(&mixed)), ImportRefusal::Mixed { drawn: 1, of: 2, .. }));
    // However alike, drawn cells are no patient's folder in another place.
    let drawn = FoundCase { drawn: 2, ..found("copy", 1, 0..2) };
    assert!(bench.store.import(&drawn).expect("a case of its own").created);
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
    let all = [
        found("new", 3, 0..4),
        found("Patient_1", 1, 0..3),
        FoundCase { root: "/x/new".into(), ..found("new", 4, 0..4) },
    ];
    let plans = bench.store.plan_imports(&all, &ImportIntent::default()).expect("plans");
    let plan = |n: usize| plans[n].as_ref().map(|o| (o.created, o.added)).map_err(ToString::to_string);
    assert_eq!((plan(0), plan(1)), (Ok((true, 4)), Ok((false, 2))));
    assert!(plan(2).is_err_and(|e| e.contains("is taken")), "by the first of the plan");
    assert_eq!(bench.store.events(bench.case).expect("events").len(), 1);
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
